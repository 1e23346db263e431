/**
 * Plays a script before judges: clients ask one thing after the other, verbs act, time goes on; then faults are mended,
 * everybody gets time for an answer, and goes home.
 *
 * A script is the front matter and the steps of a page, so what a hunt plays and what a page says is one thing. Its rule: a
 * client that still waits does its next step when it has its answer. In steps `{ada.cs}` is the id of ada's greeting,
 * `{ada.id}` what CONNECTION_ID() would tell her, `{ada.ss}` the ss_id of that server session.
 */

import type { Choices } from '../../proxy/ports.ts';
import type { SeenSession } from '../../proxy/session/seen.ts';
import type { Journal } from '../../proxy/session/services.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { Answered } from '../client/scripted-client.ts';
import type { ArmKind } from '../scenario/arm.ts';
import type { FrontMatter } from '../scenario/front-matter.ts';
import { type Deploy, Lab, type LabOptions } from '../scenario/lab.ts';
import { type Names, NO_NAMES, namesIn } from '../scenario/names.ts';
import { type Action, placeName } from '../scenario/scenario.ts';
import { filledCommand, type TypedCommand, templatesOf } from '../scenario/typed.ts';
import type { Link, Tap } from '../world/gates.ts';
import type { LateEnds } from '../world/late-ends.ts';
import { bites } from './bite.ts';
import type { Invariant, Verdict } from './judge.ts';
import type { Tally } from './tally.ts';
import { Witness } from './witness.ts';

export interface Script {
  readonly front: FrontMatter;
  readonly steps: readonly Action[];
}

export interface PlayOptions {
  readonly kind: ArmKind;
  readonly deploy: Deploy;
  readonly sha1: Sha1;
  readonly invariants: readonly Invariant[];
  /** In place of the world that the script's front matter has recorded. */
  readonly choices?: Choices;
  /** What is sent takes at most so many milliseconds; in place of what the front matter's world needs. */
  readonly latency?: number;
  /** Told before each step that is done. */
  before?(step: number): void;
  /** Looks on, too. */
  readonly tap?: Tap;
  /** Told what becomes of the proxy's sessions. */
  readonly journal?: Journal<SeenSession>;
  /** Whose ends come late. */
  readonly ends?: LateEnds;
  /** What names in steps stand for, beside the ids of clients; asked when a step is done. */
  readonly names?: Names;
  readonly follower?: Follower;
}

/** Hears of the steps of clients, as they are done and not as they stand in the script. */
export interface Follower {
  begins(step: number, client: string): void;
  /** With what the client has printed. */
  ended(step: number, client: string, lines: readonly string[]): void;
}

export interface Played {
  /** Null: nothing was wrong. */
  readonly verdict: Verdict | null;
  readonly tally: Tally;
}

/** Time for those who wait, once nothing is in the way: longer than a chain of lock waits (observer.md: 10 s each) takes. */
const PATIENCE_STEP = 1000;
const PATIENCE_STEPS = 60;
/** After the last answer: what was killed is swept, and closed even if it does not read (decisions.md 34). */
const AFTERMATH = 3000;
/** An observer that comes back serves after this (observer.md §9.1). */
const RETURN = 6000;

/** Where the project stands on this machine, in front of the paths of a stack: reports and pages go to other machines. */
const CHECKOUT = /(?:file:\/\/)?\/[^\s()]*?\/(?=(?:proxy|simulator|test|node_modules)\/)/g;

/** An id that no session has: what `{ada.ss}` stands for when she has none. */
const NOBODY = '4000000000';

/** Plays the script from its beginning to its end. */
export async function play(script: Script, options: PlayOptions): Promise<Played> {
  const scene = await openScene(script, options);
  let well = true;
  for (let index = 0; well && index < script.steps.length; index += 1) well = await scene.perform(index);
  if (well) well = await scene.end();
  if (!well) await leave(scene.lab);
  return scene.played;
}

/** A world in which the script can be played, step by step. */
export async function openScene(script: Script, options: PlayOptions): Promise<Scene> {
  const witness = new Witness(options.invariants);
  const { kind, deploy, sha1, choices, latency, ends } = options;
  let opened: Lab | null = null;
  const labOptions: LabOptions = {
    kind,
    deploy,
    sha1,
    world: 1,
    tap: options.tap === undefined ? witness : new BothTaps(witness, options.tap),
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    ...(choices === undefined ? {} : { choices }),
    ...(latency === undefined ? {} : { latency }),
    ...(ends === undefined ? {} : { ends }),
    ...(options.follower === undefined ? {} : { prints: true }),
    watch: (client) => witness.watch(client, () => opened?.client(client).database ?? null),
  };
  opened = await Lab.open(script.front, labOptions);
  witness.begin(opened);
  return new Scene(script, opened, witness, options);
}

/** After a verdict nobody looks on any more, but sockets must not stay open. What goes wrong now is the verdict's doing. */
async function leave(lab: Lab): Promise<void> {
  if (lab.arm.name === 'memory') return;
  try {
    await lab.close([]);
  } catch {
    // The machines are in whatever state the failure has left them.
  }
}

/** What a client has still to do. */
interface Due {
  readonly step: number;
  readonly command: TypedCommand;
}

export class Scene {
  readonly lab: Lab;
  readonly witness: Witness;
  readonly #script: Script;
  readonly #options: PlayOptions;
  readonly #due = new Map<string, Due[]>();
  readonly #busy = new Set<string>();
  /** How often somebody has got what was waited for. */
  #answers = 0;
  readonly #held = new Map<string, readonly [string, string]>();
  readonly #cut = new Map<string, readonly [string, string]>();
  readonly #down = new Set<number>();

  constructor(script: Script, lab: Lab, witness: Witness, options: PlayOptions) {
    this.#script = script;
    this.lab = lab;
    this.witness = witness;
    this.#options = options;
    for (const { name } of script.front.clients) this.#due.set(name, []);
  }

  get played(): Played {
    return { verdict: this.witness.verdict, tally: this.witness.tally };
  }

  /** Does a step of the script, and lets the world run until it is quiet. False: something is wrong, it ends here. */
  async perform(index: number): Promise<boolean> {
    const action = this.#script.steps[index]!;
    this.#options.before?.(index);
    // What is done at once is not waited for: a promise costs more than most steps.
    try {
      const disturbance = this.witness.will(action);
      const strikes = disturbance !== null && bites(action, this.lab);
      const done = this.#do(action, index);
      if (done !== undefined) await done;
      if (disturbance !== null) this.witness.did(disturbance, strikes);
      const quiet = this.lab.arm.settle();
      if (quiet !== undefined) await quiet;
      this.witness.step();
    } catch (error) {
      this.#thrown(error);
    }
    return this.witness.verdict === null;
  }

  /** Moves the clock, beside the steps of the script. */
  async pass(milliseconds: number): Promise<boolean> {
    return this.#guarded(async () => {
      await this.lab.arm.advance(milliseconds);
      this.witness.step();
    });
  }

  /** Faults are mended, everybody gets answers and goes home. */
  async end(): Promise<boolean> {
    return this.#guarded(async () => {
      await this.#mend();
      await this.#wait();
      if (this.witness.verdict !== null) return;
      await this.lab.arm.advance(AFTERMATH);
      this.witness.quiet();
      if (this.witness.verdict !== null) return;
      this.witness.gone(await this.lab.close([]));
    });
  }

  /** Who has what still to do, who waits and since when beside the others, what is held: all that is ours and not a machine's. */
  get situation(): string {
    const due = [...this.#due].map(([name, all]) => `${name} ${all.map(({ step }) => step).join(',')}`);
    const rest = [[...this.#busy], [...this.#held.keys()], [...this.#cut.keys()], [...this.#down]];
    return [...due, ...rest.map((it) => it.join(','))].join(';');
  }

  async #guarded(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
    } catch (error) {
      this.#thrown(error);
    }
    return this.witness.verdict === null;
  }

  #thrown(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.witness.fail('nothing-throws', text.replaceAll(CHECKOUT, ''));
  }

  #do(action: Action, index: number): void | Promise<void> {
    const { arm } = this.lab;
    switch (action.kind) {
      case 'input':
        this.#due.get(action.client)!.push({ step: index, command: action.command });
        this.#next(action.client);
        break;
      case 'advance':
        return arm.advance(action.milliseconds);
      case 'open':
      case 'login': {
        const client = this.lab.client(action.client);
        const { kind } = action;
        if (!this.#busy.has(action.client) && MAY[kind].has(client.state)) {
          this.#begin(action.client, index, (done) => client[kind](done));
        }
        break;
      }
      case 'close':
      case 'reset':
        this.lab.client(action.client)[action.kind]();
        this.#busy.delete(action.client);
        this.#next(action.client);
        break;
      case 'half-close':
        this.lab.client(action.client).halfClose();
        break;
      case 'jump':
        this.lab.jump(action.client, action.milliseconds);
        break;
      case 'stall':
      case 'read':
        arm.gates[action.kind](action.client);
        break;
      case 'hold': {
        const [from, to] = [placeName(action.from), placeName(action.to)];
        this.#held.set(`${from} -> ${to}`, [from, to]);
        arm.gates.hold(from, to, action.after, action.unit);
        break;
      }
      case 'release': {
        const [from, to] = [placeName(action.from), placeName(action.to)];
        this.#held.delete(`${from} -> ${to}`);
        arm.gates.release(from, to);
        break;
      }
      case 'partition':
      case 'repair': {
        const [a, b] = [placeName(action.from), placeName(action.to)];
        if (action.kind === 'partition') this.#cut.set(`${a} ${b}`, [a, b]);
        else this.#cut.delete(`${a} ${b}`);
        this.lab[action.kind](a, b);
        break;
      }
      case 'sever':
        arm.gates.sever(placeName(action.from), placeName(action.to));
        break;
      case 'crash':
      case 'stop':
        this.#down.add(action.observer);
        this.lab.control[action.kind](action.observer);
        break;
      case 'restart':
        this.#down.delete(action.observer);
        this.lab.control.restart(action.observer);
        break;
      case 'restart proxy':
        return this.lab.control.restartProxy();
      case 'fail':
        this.lab.control.fail(action.observer, action.place, action.fault, action.times);
        break;
      case 'leader':
        this.lab.control.lead(action.table, action.observer);
        break;
      case 'completed':
      case 'needs':
        break;
    }
  }

  /** The client's next step, if it waits for nothing. */
  #next(name: string): void {
    if (this.#busy.has(name)) return;
    const due = this.#due.get(name)!.shift();
    if (due === undefined) return;
    const client = this.lab.client(name);
    this.witness.at(name, due.step);
    const wanted = templatesOf(due.command).flatMap(namesIn);
    const command = filledCommand(due.command, wanted.length === 0 ? NO_NAMES : this.#names(wanted));
    // Nothing is under way that could be stopped.
    if (command.kind === 'interrupt') this.#next(name);
    else this.#begin(name, due.step, (done) => client.run(command, done));
  }

  #begin(name: string, step: number, start: (done: Answered) => void): void {
    const { follower } = this.#options;
    this.#busy.add(name);
    follower?.begins(step, name);
    start((lines) => {
      this.#answers += 1;
      this.#busy.delete(name);
      follower?.ended(step, name, lines);
      this.#next(name);
    });
  }

  #names(wanted: readonly string[]): Names {
    const names = new Map<string, string>();
    for (const name of wanted) {
      const [client = '', what] = name.split('.');
      const bound = this.#options.names?.get(name);
      if (bound !== undefined) names.set(name, bound);
      else if (this.#due.has(client)) names.set(name, String(this.#idOf(client, what ?? '')));
    }
    return names;
  }

  #idOf(name: string, what: string): number | string {
    const csId = this.lab.client(name).connectionId;
    if (what === 'cs') return csId === 0 ? NOBODY : csId;
    const session = this.lab.inside.proxy.sessions().find((it) => it.csId === csId);
    const server = session?.servers.bound ?? session?.servers.current ?? session?.servers.pool[0];
    if (server === undefined || server === null) return NOBODY;
    return what === 'id' ? server.serverSessid : server.ssId;
  }

  /** Faults end: what was held flows, what is down comes back. */
  async #mend(): Promise<void> {
    const { arm } = this.lab;
    for (const [from, to] of this.#held.values()) arm.gates.release(from, to);
    for (const [a, b] of this.#cut.values()) this.lab.repair(a, b);
    for (const { name } of this.#script.front.clients) arm.gates.read(name);
    await arm.settle();
    if (this.#down.size === 0) return;
    await arm.advance(RETURN);
    for (const observer of this.#down) this.lab.control.restart(observer);
    await arm.advance(RETURN);
  }

  /** Until everybody has all answers. */
  async #wait(): Promise<void> {
    for (let left = PATIENCE_STEPS; left > 0 && this.#busy.size > 0; left -= 1) {
      const before = this.#answers;
      await this.lab.arm.advance(PATIENCE_STEP);
      if (this.witness.verdict !== null) return;
      // Who has a lot to ask may wait for a row with each of it.
      if (this.#answers !== before) left = PATIENCE_STEPS;
    }
    if (this.#busy.size === 0) return;
    const who = this.#script.front.clients.map(({ name }) => name).filter((name) => this.#busy.has(name));
    this.witness.starving(who, (PATIENCE_STEPS * PATIENCE_STEP) / 1000);
  }
}

/** In which states of a client it can be told to connect, or to log in. */
const MAY: Readonly<Record<'open' | 'login', ReadonlySet<string>>> = {
  open: new Set(['fresh', 'unconnected']),
  login: new Set(['fresh', 'unconnected', 'greeted']),
};

/** Two who look on at the same links. */
class BothTaps implements Tap {
  readonly #first: Tap;
  readonly #second: Tap;

  constructor(first: Tap, second: Tap) {
    this.#first = first;
    this.#second = second;
  }

  connected(link: Link): void {
    this.#first.connected?.(link);
    this.#second.connected?.(link);
  }

  refused(link: Link): void {
    this.#first.refused?.(link);
    this.#second.refused?.(link);
  }

  data(link: Link, chunk: Buffer): void {
    this.#first.data?.(link, chunk);
    this.#second.data?.(link, chunk);
  }

  fin(link: Link): void {
    this.#first.fin?.(link);
    this.#second.fin?.(link);
  }

  rst(link: Link): void {
    this.#first.rst?.(link);
    this.#second.rst?.(link);
  }

  secured(link: Link): void {
    this.#first.secured?.(link);
    this.#second.secured?.(link);
  }
}
