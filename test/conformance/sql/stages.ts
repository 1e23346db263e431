/**
 * Where scripts are played: on a real server, where a wait is seen by asking, and on the simulated observer, where the
 * clock stands and who has no answer waits.
 */
import { COM } from '../../../proxy/wire/constants.ts';
import { Lab } from '../../observer/pair.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import type { Actor, Stage } from './script.ts';
import { isOutcome, query, type ServerSession } from './server-session.ts';
import { SimulatedSession } from './simulated.ts';
import { WireClient } from './wire-client.ts';

/** A lock that takes longer than this to be seen or answered is a fault of the test. */
const PATIENCE = 20_000;
const STEP = 5;

/** What every session begins with. */
type Opening = readonly string[];

export class RealStage implements Stage {
  readonly server = 'mariadb';
  readonly #sessions: ReadonlyMap<Actor, WireClient>;
  readonly #watcher: WireClient;

  private constructor(sessions: ReadonlyMap<Actor, WireClient>, watcher: WireClient) {
    this.#sessions = sessions;
    this.#watcher = watcher;
  }

  static async open(port: number, actors: readonly Actor[], opening: Opening): Promise<RealStage> {
    const sessions = new Map<Actor, WireClient>();
    for (const actor of actors) sessions.set(actor, await opened(await WireClient.connect(port), opening));
    return new RealStage(sessions, await WireClient.connect(port));
  }

  async say(who: Actor, sql: string): Promise<Outcome | null> {
    this.#session(who).tell(COM.QUERY, sql);
    return this.look(who);
  }

  /** Until it is answered, or seen waiting: the server has been asked after the step, so what it says is so now. */
  async look(who: Actor): Promise<Outcome | null> {
    const session = this.#session(who);
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      const outcome = taken(session);
      if (outcome !== null) return outcome;
      // A transaction that is granted its row, or undone, shows no wait any more, answered or not.
      if (await this.#isWaiting(session.threadId)) return null;
      await pause();
    }
    throw new Error(`${who} is neither answered nor seen waiting`);
  }

  async first(waiting: readonly Actor[]): Promise<readonly [Actor, Outcome]> {
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      for (const who of waiting) {
        const outcome = taken(this.#session(who));
        if (outcome !== null) return [who, outcome];
      }
      await pause();
    }
    throw new Error(`${waiting.join(' and ')}: no answer`);
  }

  async timeOut(who: Actor): Promise<Outcome> {
    const [, outcome] = await this.first([who]);
    return outcome;
  }

  /** Until the server has done with it. */
  async leave(who: Actor): Promise<void> {
    const session = this.#session(who);
    session.close();
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      const sql = `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ${session.threadId}`;
      const left = await query(this.#watcher, sql);
      if (left.kind === 'rows' && left.rows[0]!.cells[0] === '0') return;
      await pause();
    }
    throw new Error(`${who} does not leave`);
  }

  /** The monitor is not cached, as INNODB_TRX is: it says what is so when it is asked. */
  async #isWaiting(threadId: number): Promise<boolean> {
    const answer = await query(this.#watcher, 'SHOW ENGINE INNODB STATUS');
    if (answer.kind !== 'rows') throw new Error(`no monitor: ${JSON.stringify(answer)}`);
    // Above the list stands the last deadlock, with what waited then.
    const [, list = ''] = answer.rows[0]!.cells[2]!.split('LIST OF TRANSACTIONS FOR EACH SESSION');
    const transactions = list.split('---TRANSACTION ');
    return transactions.some((it) => it.includes('\nLOCK WAIT ') && it.includes(`thread id ${threadId},`));
  }

  #session(who: Actor): WireClient {
    return this.#sessions.get(who)!;
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#watcher.close();
  }
}

export class SimulatedStage implements Stage {
  readonly server = 'observer';
  readonly #lab: Lab;
  readonly #sessions: ReadonlyMap<Actor, SimulatedSession>;

  private constructor(lab: Lab, sessions: ReadonlyMap<Actor, SimulatedSession>) {
    this.#lab = lab;
    this.#sessions = sessions;
  }

  static async open(actors: readonly Actor[], opening: Opening): Promise<SimulatedStage> {
    const lab = new Lab();
    const sessions = new Map<Actor, SimulatedSession>();
    for (const actor of actors) sessions.set(actor, await opened(new SimulatedSession(lab), opening));
    return new SimulatedStage(lab, sessions);
  }

  async say(who: Actor, sql: string): Promise<Outcome | null> {
    this.#session(who).tell(COM.QUERY, sql);
    return this.look(who);
  }

  async look(who: Actor): Promise<Outcome | null> {
    return taken(this.#session(who));
  }

  async first(waiting: readonly Actor[]): Promise<readonly [Actor, Outcome]> {
    for (const who of waiting) {
      const outcome = taken(this.#session(who));
      if (outcome !== null) return [who, outcome];
    }
    throw new Error(`${waiting.join(' and ')}: no answer`);
  }

  async timeOut(who: Actor): Promise<Outcome> {
    this.#lab.world.advance(SECOND);
    const [, outcome] = await this.first([who]);
    return outcome;
  }

  async leave(who: Actor): Promise<void> {
    this.#session(who).close();
    this.#lab.world.settle();
  }

  #session(who: Actor): SimulatedSession {
    return this.#sessions.get(who)!;
  }
}

const SECOND = 1000;

async function opened<S extends ServerSession>(session: S, opening: Opening): Promise<S> {
  for (const sql of opening) {
    const outcome = await query(session, sql);
    if (outcome.kind === 'error') throw new Error(`${sql}: ${outcome.message}`);
  }
  return session;
}

function taken(session: WireClient | SimulatedSession): Outcome | null {
  const payloads = session.take(isOutcome);
  return payloads === null ? null : readOutcome(payloads);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP));
}
