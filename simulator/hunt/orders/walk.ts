/**
 * One run of a scenario in an order that is decided on the way: what may come next, and what has come of it all.
 *
 * Beside the pieces of the page two things may fall between them: the sweep's next tick, while something is marked for it
 * (the clock goes on to it), and the FINs of observers, which wait before the proxy until they are let go. At the end both
 * come by themselves. Judges look on from the beginning to the end.
 */
import type { Sha1 } from '../../../proxy/wire/scramble.ts';
import { matchAnswer } from '../../scenario/compare.ts';
import { deployLab } from '../../scenario/deployment.ts';
import { difference } from '../../scenario/difference.ts';
import { MEMORY } from '../../scenario/memory-arm.ts';
import type { Names } from '../../scenario/names.ts';
import type { Failure } from '../../scenario/runner.ts';
import { type AnswerLine, answerFor, hasResult, isWaiting, type Scenario } from '../../scenario/scenario.ts';
import { ReplayChoices } from '../../world/choices.ts';
import { LateEnds } from '../../world/late-ends.ts';
import type { Invariant, Verdict } from '../judge.ts';
import { openScene, type Scene } from '../scene.ts';
import { andThen, type Done, nextPieces, type Pieces } from './pieces.ts';
import { Results } from './results.ts';
import { CountedChoices, LinkDigests, stateOf } from './state.ts';

/** The index of a piece, or what happens between pieces. */
export type Move = number | 'sweep' | 'fin';

export interface WalkOptions {
  readonly scenario: Scenario;
  readonly pieces: Pieces;
  readonly invariants: readonly Invariant[];
  readonly sha1: Sha1;
}

/** The world as it is behind the set-up, or why it is not what the page says. */
export async function begin(options: WalkOptions): Promise<Walk | Failure> {
  const { scenario, pieces, sha1 } = options;
  const { front, steps } = scenario;
  const choices = new CountedChoices(new ReplayChoices(front.choices));
  const links = new LinkDigests(sha1);
  const ends = new LateEnds();
  const answers = new Answers(scenario, pieces.setUp.length);
  const results = new Results((step, client, lines) => answers.printed(step, client, lines));
  const scene = await openScene(
    { front, steps: steps.map(({ action }) => action) },
    {
      kind: MEMORY,
      deploy: deployLab,
      sha1,
      invariants: [results.invariant, ...options.invariants],
      choices,
      tap: links,
      ends,
      names: answers.names,
      follower: results,
    },
  );
  const { clock } = scene.lab.arm;
  links.now = () => clock.now();
  const walk = new Walk(options, scene, { links, ends, choices, results, names: answers.names });
  for (const step of pieces.setUp) {
    if (!(await scene.perform(step))) break;
  }
  ends.on = true;
  return answers.failure ?? answers.missing(results) ?? walk;
}

interface Onlookers {
  readonly links: LinkDigests;
  readonly ends: LateEnds;
  readonly choices: CountedChoices;
  readonly results: Results;
  readonly names: Names;
}

export class Walk {
  readonly #options: WalkOptions;
  readonly #scene: Scene;
  readonly #seen: Onlookers;
  #done: Done = 0n;

  constructor(options: WalkOptions, scene: Scene, seen: Onlookers) {
    this.#options = options;
    this.#scene = scene;
    this.#seen = seen;
  }

  get done(): Done {
    return this.#done;
  }

  get verdict(): Verdict | null {
    return this.#scene.witness.verdict;
  }

  /** What may come next, the plain case first: FINs travel at once, the sweep comes when the page lets time pass. */
  get moves(): Move[] {
    const next: Move[] = nextPieces(this.#options.pieces, this.#done);
    if (next.length === 0) return [];
    if (this.#seen.ends.waiting.length > 0) next.unshift('fin');
    if (this.#scene.lab.inside.proxy.sweepDue !== null) next.push('sweep');
    return next;
  }

  /** What the names of the set-up stand for. */
  get names(): Names {
    return new Map(this.#seen.names);
  }

  /** The same with `{ada.cs}`, `{ada.id}`, `{ada.ss}` for what is an id of a client now, as pages without answers say it. */
  get words(): Names {
    const ids = new Map<string, string>();
    const { lab } = this.#scene;
    for (const { name } of this.#options.scenario.front.clients) {
      const { connectionId } = lab.client(name);
      const session = lab.inside.proxy.sessions().find(({ csId }) => csId === connectionId);
      const server = session?.servers.bound ?? session?.servers.current ?? session?.servers.pool[0];
      if (server) ids.set(String(server.ssId), `{${name}.ss}`).set(String(server.serverSessid), `{${name}.id}`);
      if (connectionId !== 0) ids.set(String(connectionId), `{${name}.cs}`);
    }
    return new Map([...this.#seen.names].map(([name, value]) => [name, ids.get(value) ?? value]));
  }

  /** Until the proxy's sweep, in milliseconds. */
  get untilSweep(): number {
    const { arm, inside } = this.#scene.lab;
    return (inside.proxy.sweepDue ?? arm.clock.now()) - arm.clock.now();
  }

  /** The observers whose FIN or RST waits before the proxy, by their numbers. */
  get lateObservers(): readonly number[] {
    return [...new Set(this.#seen.ends.waiting.map(({ from }) => Number(from.replace('observer ', ''))))];
  }

  /** The same for two walks that have come to the same state. */
  get state(): string {
    const progress = `${this.#done} ${this.results.join('|')}`;
    return stateOf({ ...this.#seen, scene: this.#scene, progress }, this.#options.sha1);
  }

  /** What came of each piece that has a result, in the order of the page. */
  get results(): string[] {
    const { pieces } = this.#options.pieces;
    return pieces.filter(({ hasResult }) => hasResult).map(({ steps }) => this.#seen.results.of(steps[0]!));
  }

  /** False: an invariant does not hold. */
  async make(move: Move): Promise<boolean> {
    if (move === 'fin') {
      this.#seen.ends.release();
      return this.#scene.pass(0);
    }
    if (move === 'sweep') return this.#scene.pass(this.untilSweep);
    this.#done = andThen(this.#done, move);
    for (const step of this.#options.pieces.pieces[move]!.steps) {
      if (!(await this.#scene.perform(step))) return false;
    }
    return true;
  }

  async end(): Promise<boolean> {
    this.#seen.ends.on = false;
    this.#seen.ends.release();
    return this.#scene.end();
  }
}

/** The answers of the set-up, compared with the page: what its names stand for. */
class Answers {
  readonly names = new Map<string, string>();
  failure: Failure | null = null;
  readonly #scenario: Scenario;
  readonly #setUp: number;

  constructor(scenario: Scenario, setUp: number) {
    this.#scenario = scenario;
    this.#setUp = setUp;
  }

  printed(step: number, client: string, lines: readonly string[]): void {
    if (step >= this.#setUp || this.failure !== null || this.#scenario.front.invariants.length > 0) return;
    const expected = this.#expected(step, client);
    if (expected === null) return;
    const { line, anyOrder } = this.#scenario.steps[step]!;
    const texts = expected.map(({ text }) => text);
    const compared = matchAnswer(texts, lines, this.names, anyOrder);
    if (compared.kind === 'agrees') {
      for (const [name, value] of compared.names) this.names.set(name, value);
      return;
    }
    const detail = difference(expected, lines, this.names, anyOrder);
    this.failure = { line, title: 'above the first label the answer is another', detail, blessable: false };
  }

  /** The set-up has been done: a step that should have been answered, and was not. */
  missing(results: Results): Failure | null {
    const { steps, front } = this.#scenario;
    if (front.invariants.length > 0) return null;
    const late = steps
      .slice(0, this.#setUp)
      .find((step, index) => hasResult(step.action) && !results.isOver(index) && !step.answer.some(isWaitingLine));
    if (late === undefined) return null;
    return { line: late.line, title: 'above the first label the answer does not come', detail: [], blessable: false };
  }

  /** Whoever waits has its answer further down; null if that is among what is moved. */
  #expected(step: number, client: string): readonly AnswerLine[] | null {
    const { steps, front } = this.#scenario;
    const { dialect } = front.clients.find(({ name }) => name === client)!;
    const answer = answerFor(steps[step]!, dialect);
    if (!answer.some(isWaitingLine)) return answer;
    const rest = steps.slice(step + 1, this.#setUp);
    const completed = rest.find(({ action }) => action.kind === 'completed' && action.client === client);
    return completed === undefined ? null : answerFor(completed, dialect);
  }
}

function isWaitingLine({ text }: AnswerLine): boolean {
  return isWaiting(text);
}
