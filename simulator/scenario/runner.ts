/**
 * Runs the steps of one scenario in a lab, and compares what is printed with what the page says.
 *
 * After each input and verb the world runs until it is quiet. A client without a whole answer then prints
 * `<waiting …>`; its answer must be announced by a `<… completed>` as soon as a later line lets it come.
 *
 * Stops at the first step that fails. With `goOn` it does not, for blessing: then every step is recorded with what it
 * printed, and answers that nobody announced stand with the step that let them come.
 */

import type { ClientCommand } from '../client/input.ts';
import type { Answered, ScriptedClient } from '../client/scripted-client.ts';
import { matchAnswer } from './compare.ts';
import { difference } from './difference.ts';
import type { Lab } from './lab.ts';
import { significant } from './lines.ts';
import { NameError, type Names, NO_NAMES } from './names.ts';
import { pairLines } from './pairing.ts';
import {
  type Action,
  type AnswerLine,
  answerFor,
  isWaiting,
  placeName,
  type Scenario,
  type Step,
  WAITING,
} from './scenario.ts';
import { filledCommand } from './typed.ts';

export interface Failure {
  readonly line: number;
  readonly title: string;
  /** The readable difference, or what else there is to say. */
  readonly detail: readonly string[];
  /** An answer that differs, or one that was not announced: writing it into the page mends it. */
  readonly blessable: boolean;
}

/** What became of a step. */
export interface StepRecord {
  readonly step: Step;
  readonly expected: readonly AnswerLine[];
  readonly printed: readonly string[];
  /** Names before the step's answer. */
  readonly names: Names;
  /** `agrees` · `differs` · `void`: a completion of which there was none. */
  readonly outcome: 'agrees' | 'differs' | 'void';
  /** Answers that came with this step and that the page does not announce. */
  readonly unannounced: { readonly client: string; readonly printed: readonly string[] }[];
}

export interface Run {
  readonly failures: readonly Failure[];
  readonly records: readonly StepRecord[];
  /** Held links at the end. */
  readonly held: readonly (readonly [from: string, to: string])[];
}

export interface RunOptions {
  readonly goOn: boolean;
  /** Told before each step. */
  before(step: Step): void;
}

export async function runScenario(scenario: Scenario, lab: Lab, options: RunOptions): Promise<Run> {
  const runner = new Runner(scenario, lab, options.goOn);
  for (const step of scenario.steps) {
    options.before(step);
    if (!(await runner.step(step))) break;
  }
  return runner.finish();
}

class Runner {
  readonly #scenario: Scenario;
  readonly #lab: Lab;
  readonly #goOn: boolean;
  readonly #failures: Failure[] = [];
  readonly #records: StepRecord[] = [];
  readonly #held = new Map<string, readonly [string, string]>();
  /** Clients that print an answer later, in the order of declaration; the answer once it is there. */
  readonly #waiting = new Map<string, readonly string[] | null>();
  #names: Names = NO_NAMES;

  constructor(scenario: Scenario, lab: Lab, goOn: boolean) {
    this.#scenario = scenario;
    this.#lab = lab;
    this.#goOn = goOn;
  }

  finish(): Run {
    const due = this.#due();
    const last = this.#scenario.steps.at(-1);
    if ((this.#failures.length === 0 || this.#goOn) && last !== undefined) this.#unannounced(due, last.line);
    return { failures: this.#failures, records: this.#records, held: [...this.#held.values()] };
  }

  /** False: the scenario goes no further. */
  async step(step: Step): Promise<boolean> {
    try {
      return step.action.kind === 'completed'
        ? await this.#complete(step, step.action.client)
        : await this.#act(step, step.action);
    } catch (error) {
      // A name is the page's business; anything else is a bug of ours and keeps its stack.
      if (error instanceof NameError || error instanceof Impossible) this.#fail(step.line, error.message, [], false);
      else this.#fail(step.line, 'an error was thrown', stackOf(error), false);
      return false;
    }
  }

  async #act(step: Step, action: Exclude<Action, { kind: 'completed' }>): Promise<boolean> {
    // Who could tell whether it came just before the sleep: it may be announced behind it.
    const early = action.kind === 'advance' && !this.#lab.arm.standsStill;
    if (!early && !this.#unannounced(this.#due(), step.line)) return false;
    const printed = await this.#perform(action, this.#expected(step));
    return printed === null ? this.#blocked(step) : this.#compare(step, printed);
  }

  /** Does it, lets the world run, and answers with what was printed; null if the client cannot take it. */
  async #perform(
    action: Exclude<Action, { kind: 'completed' }>,
    expected: readonly AnswerLine[],
  ): Promise<readonly string[] | null> {
    const waits = expected.some(({ text }) => isWaiting(text));
    const { arm } = this.#lab;
    switch (action.kind) {
      case 'input':
        return this.#input(action.client, filledCommand(action.command, this.#names), waits);
      case 'open':
        this.#expect(action.client, UNCONNECTED, 'is connected already; above belongs `! close`');
        return this.#task(action.client, waits, (answered) => this.#lab.client(action.client).open(answered));
      case 'login':
        this.#expect(action.client, NOT_LOGGED_IN, 'has logged in already; above belongs `! close`');
        return this.#task(action.client, waits, (answered) => this.#lab.client(action.client).login(answered));
      case 'advance':
        await arm.advance(action.milliseconds);
        break;
      case 'close':
      case 'reset':
        this.#expect(action.client, CONNECTED, 'is not connected: there is nothing to close');
        this.#waiting.delete(action.client);
        this.#lab.client(action.client)[action.kind]();
        break;
      case 'half-close':
        this.#expect(action.client, CONNECTED, 'is not connected: it has no side to end');
        this.#lab.client(action.client).halfClose();
        break;
      case 'jump':
        this.#lab.jump(action.client, action.milliseconds);
        break;
      case 'stall':
      case 'read':
        arm.gates[action.kind](action.client);
        break;
      case 'hold':
      case 'release':
        this.#link(action);
        break;
      case 'partition':
      case 'repair':
        this.#lab[action.kind](placeName(action.from), placeName(action.to));
        break;
      case 'sever':
        arm.gates.sever(placeName(action.from), placeName(action.to));
        break;
      case 'crash':
      case 'stop':
      case 'restart':
        this.#lab.control[action.kind](action.observer);
        break;
      case 'restart proxy':
        await this.#lab.control.restartProxy();
        break;
      case 'fail':
        this.#lab.control.fail(action.observer, action.place, action.fault, action.times);
        break;
      case 'leader':
        this.#lab.control.lead(action.table, action.observer);
        break;
      case 'needs':
        return [];
    }
    await arm.settle();
    return [];
  }

  /** Throws if the client is in no such state. */
  #expect(name: string, states: readonly ClientState[], otherwise: string): void {
    const { state, busy } = this.#lab.client(name);
    if (!busy && !states.includes(state)) throw new Impossible(`${name} ${otherwise}`);
  }

  #link(action: Action & { kind: 'hold' | 'release' }): void {
    const from = placeName(action.from);
    const to = placeName(action.to);
    const link = `${from} -> ${to}`;
    if (action.kind === 'hold') {
      this.#held.set(link, [from, to]);
      this.#lab.arm.gates.hold(from, to, action.after, action.unit);
    } else {
      this.#held.delete(link);
      this.#lab.arm.gates.release(from, to);
    }
  }

  async #input(name: string, command: ClientCommand, waits: boolean): Promise<readonly string[] | null> {
    const client = this.#lab.client(name);
    if (command.kind !== 'interrupt') return this.#task(name, waits, (answered) => client.run(command, answered));
    let printed: readonly string[] | null = null;
    client.run(command, (lines) => {
      printed = lines;
    });
    await this.#lab.arm.settle({ arrived: () => printed !== null, expected: true });
    return printed ?? [];
  }

  /** Starts a task of a client that has none; what it printed once the world is quiet. */
  async #task(name: string, waits: boolean, start: (answered: Answered) => void): Promise<readonly string[] | null> {
    if (this.#waiting.has(name)) return null;
    this.#waiting.set(name, null);
    start((lines) => {
      // A client that has been closed since is not waited for.
      if (this.#waiting.has(name)) this.#waiting.set(name, lines);
    });
    await this.#lab.arm.settle({ arrived: () => this.#isDue(name), expected: !waits });
    const lines = this.#waiting.get(name) ?? null;
    if (lines === null) return [WAITING];
    this.#waiting.delete(name);
    return lines;
  }

  /** Clients whose answer has come and was not announced yet, in the order of declaration. */
  #due(): string[] {
    const order = this.#scenario.front.clients.map((client) => client.name);
    return order.filter((name) => this.#isDue(name));
  }

  #isDue(name: string): boolean {
    return (this.#waiting.get(name) ?? null) !== null;
  }

  /** What has come must be announced before anything else. False if it was not, and that ends the run. */
  #unannounced(due: readonly string[], line: number): boolean {
    for (const name of due) {
      const printed = this.#waiting.get(name)!;
      this.#waiting.delete(name);
      this.#records.at(-1)?.unannounced.push({ client: name, printed });
      const shown = significant(printed).map((text) => `      + ${text}`);
      this.#fail(
        line,
        `an answer that nobody announced: above this line belongs \`${name}> <… completed>\``,
        shown,
        true,
      );
    }
    return due.length === 0 || this.#goOn;
  }

  async #complete(step: Step, name: string): Promise<boolean> {
    // In a quiet world it is here or will not come; of somebody else's server only waiting tells.
    if (this.#waiting.has(name) && !this.#isDue(name)) {
      await this.#lab.arm.settle({ arrived: () => this.#isDue(name), expected: true });
    }
    const due = this.#due();
    const place = due.indexOf(name);
    // Those before it in the order of declaration come first.
    if (place > 0 && !this.#unannounced(due.slice(0, place), step.line)) return false;
    if (place < 0) {
      this.#record(step, [], 'void');
      this.#fail(step.line, `${name} still waits: nothing has completed here`, [], true);
      return this.#goOn;
    }
    const printed = this.#waiting.get(name)!;
    this.#waiting.delete(name);
    return this.#compare(step, printed);
  }

  /** The client waits although the page says otherwise (and it goes on only to be blessed). */
  #blocked(step: Step): boolean {
    this.#fail(step.line, 'the client still waits for its answer above and can be told nothing', [], false);
    return false;
  }

  #compare(step: Step, printed: readonly string[]): boolean {
    const expected = this.#expected(step);
    const texts = expected.map(({ text }) => text.replace('<waiting ...>', WAITING));
    const compared = matchAnswer(texts, printed, this.#names, step.anyOrder);
    this.#record(step, printed, compared.kind === 'agrees' ? 'agrees' : 'differs');
    if (compared.kind === 'agrees') {
      this.#names = compared.names;
      return true;
    }
    const title = compared.kind === 'differs' ? 'the answer is another' : TOO_MANY_WAYS;
    this.#fail(step.line, title, difference(expected, printed, this.#names, step.anyOrder), true);
    if (this.#goOn) this.#names = pairLines(significant(texts), significant(printed), this.#names).names;
    return this.#goOn;
  }

  #expected(step: Step): readonly AnswerLine[] {
    return 'client' in step.action ? answerFor(step, this.#lab.dialectOf(step.action.client)) : step.answer;
  }

  #record(step: Step, printed: readonly string[], outcome: StepRecord['outcome']): void {
    const expected = this.#expected(step);
    this.#records.push({ step, expected, printed, names: this.#names, outcome, unannounced: [] });
  }

  #fail(line: number, title: string, detail: readonly string[], blessable: boolean): void {
    this.#failures.push({ line, title, detail, blessable });
  }
}

/** A step that cannot be done as things stand. Its message is for the page's author. */
class Impossible extends Error {
  override name = 'Impossible';
}

type ClientState = ScriptedClient['state'];
const UNCONNECTED: readonly ClientState[] = ['fresh', 'unconnected'];
const NOT_LOGGED_IN: readonly ClientState[] = [...UNCONNECTED, 'greeted'];
/** A client that knows of its loss (`down`) has closed its end. */
const CONNECTED: readonly ClientState[] = ['greeted', 'up'];

const TOO_MANY_WAYS =
  'there are too many ways to read the names in this answer; write fewer of them, or more of the text around them';

/** For bugs of ours: all there is to know. */
export function stackOf(error: unknown): string[] {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n');
}
