/**
 * Steps of several sessions, one after the other: who says what, and what then is written down.
 *
 * A transcript is what two servers are compared by. A statement that is not answered `waits`; whom a later step frees is
 * told below that step, with the answer. How waiting is found is the stage's: knows neither server.
 */
import { linesOf } from './compare.ts';
import type { Outcome } from './outcome.ts';

export type Actor = 'a' | 'b' | 'c';

/** Who is meant: a session, or what it has become in the deadlock before. */
export type Who = Actor | 'victim' | 'survivor';

export type Step =
  /** `sql`: what is said, or how each server wants to be told the same. */
  | { readonly kind: 'say'; readonly who: Who; readonly sql: string | Said }
  /** The same; it closes a circle, and one of those in it is told so. Which one is each server's choice. */
  | { readonly kind: 'deadlock'; readonly who: Actor; readonly sql: string }
  /** Its connection ends. */
  | { readonly kind: 'leave'; readonly who: Actor }
  /** It has waited as long as it may. */
  | { readonly kind: 'time'; readonly who: Actor };

export interface Said {
  readonly observer: string;
  readonly mariadb: string;
}

export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
}

export function say(who: Who, sql: string | Said): Step {
  return { kind: 'say', who, sql };
}

export function a(sql: string | Said): Step {
  return say('a', sql);
}

export function b(sql: string | Said): Step {
  return say('b', sql);
}

export function c(sql: string | Said): Step {
  return say('c', sql);
}

/** A lock is waited for one second. */
export const WAITS_A_SECOND: Said = {
  observer: 'SET ob_trx_lock_timeout = 1000000',
  mariadb: 'SET innodb_lock_wait_timeout = 1',
};

/** What is said in a script, as an observer wants it. */
export function statementsOf({ steps }: Script): readonly string[] {
  return steps.flatMap((it) => {
    if (it.kind !== 'say' && it.kind !== 'deadlock') return [];
    return [typeof it.sql === 'string' ? it.sql : it.sql.observer];
  });
}

/** Where a script is played: sessions on one server. */
export interface Stage {
  readonly server: keyof Said;
  /** The outcome; null if it waits. */
  say(who: Actor, sql: string): Promise<Outcome | null>;
  /** What a statement that waits is answered by now; null if it waits on. */
  look(who: Actor): Promise<Outcome | null>;
  /** What is answered to whichever of those that wait is answered first, without anything else being done. */
  first(waiting: readonly Actor[]): Promise<readonly [Actor, Outcome]>;
  /** Its time runs out. */
  timeOut(who: Actor): Promise<Outcome>;
  leave(who: Actor): Promise<void>;
}

const DEADLOCK = 1213;

/** Plays a script; `heard` makes of an outcome what is compared. */
export class Playing {
  readonly #stage: Stage;
  readonly #heard: (who: Actor, sql: string, outcome: Outcome) => Outcome;
  readonly #lines: string[] = [];
  /** What they wait with. */
  readonly #waiting = new Map<Actor, string>();
  #victim: Actor = 'a';
  #survivor: Actor = 'b';

  constructor(stage: Stage, heard: (who: Actor, sql: string, outcome: Outcome) => Outcome) {
    this.#stage = stage;
    this.#heard = heard;
  }

  async play(steps: readonly Step[]): Promise<readonly string[]> {
    for (const step of steps) {
      await this.#step(step);
      await this.#freed();
    }
    if (this.#waiting.size > 0) this.#lines.push(`${[...this.#waiting.keys()].join(' and ')} wait in the end`);
    return this.#lines;
  }

  async #step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'say': {
        const said = typeof step.sql === 'string' ? step.sql : step.sql[this.#stage.server];
        this.#lines.push(`${step.who}> ${typeof step.sql === 'string' ? step.sql : step.sql.observer}`);
        await this.#say(this.#actor(step.who), step.who, said);
        return;
      }
      case 'deadlock':
        this.#lines.push(`${step.who}> ${step.sql}`);
        await this.#close(step.who, step.sql);
        return;
      case 'leave':
        this.#lines.push(`${step.who} leaves`);
        await this.#stage.leave(step.who);
        return;
      case 'time':
        this.#lines.push(`${step.who}'s time runs out`);
        this.#write(step.who, step.who, await this.#stage.timeOut(step.who));
        return;
    }
  }

  #actor(who: Who): Actor {
    if (who === 'victim') return this.#victim;
    return who === 'survivor' ? this.#survivor : who;
  }

  async #say(actor: Actor, called: Who, sql: string): Promise<void> {
    if (this.#waiting.has(actor)) throw new Error(`${called} waits with ${this.#waiting.get(actor)}`);
    this.#waiting.set(actor, sql);
    const outcome = await this.#stage.say(actor, sql);
    if (outcome === null) this.#lines.push(`  ${called} waits`);
    else this.#write(actor, called, outcome);
  }

  #write(actor: Actor, called: Who, outcome: Outcome): void {
    const sql = this.#waiting.get(actor)!;
    this.#waiting.delete(actor);
    for (const line of linesOf(this.#heard(actor, sql, outcome), sql)) this.#lines.push(`  ${called}: ${line}`);
  }

  /** A wait may end with every step. */
  async #freed(): Promise<void> {
    for (const actor of [...this.#waiting.keys()]) {
      const outcome = await this.#stage.look(actor);
      if (outcome !== null) this.#write(actor, actor, outcome);
    }
  }

  /** One is the victim, the other one goes on. */
  async #close(who: Actor, sql: string): Promise<void> {
    const other = [...this.#waiting.keys()].find((it) => it !== who)!;
    this.#waiting.set(who, sql);
    const said = await this.#stage.say(who, sql);
    const [first, outcome] = said === null ? await this.#stage.first([who, other]) : ([who, said] as const);
    const isVictim = outcome.kind === 'error' && outcome.code === DEADLOCK;
    const second = first === who ? other : who;
    [this.#victim, this.#survivor] = isVictim ? [first, second] : [second, first];
    this.#write(first, isVictim ? 'victim' : 'survivor', outcome);
    const [, rest] = await this.#stage.first([second]);
    this.#write(second, isVictim ? 'survivor' : 'victim', rest);
    // Which of the two came first is told by nobody.
    this.#lines.splice(-2, 2, ...this.#lines.slice(-2).sort());
  }
}
