/**
 * A scenario as pieces that can be put in another order, or why it cannot: only the labels of its steps say what moves.
 *
 * What stands above the first labelled step is set-up, and stays. Each labelled step begins a piece; unlabelled steps below
 * it belong to it and move along. Pieces keep their order where both have steps of one client, or verbs that name no
 * client (`! hold`, `! crash` …; not `! advance`, which may stand anywhere). Completions are no steps: an answer comes when
 * it comes. Knows no worlds.
 */
import { listed, type Mistake } from '../../scenario/mistakes.ts';
import { namesIn, readTemplate, type Template } from '../../scenario/names.ts';
import { type Action, hasResult, type Scenario, type Step } from '../../scenario/scenario.ts';
import { templatesOf } from '../../scenario/typed.ts';

/** Orders are of the steps of so many clients; administrators come on top. */
export const MOST_CLIENTS = 3;

/** Runs of one scenario, unless `--max` says otherwise: they take from half a minute to a minute. */
export const MOST_RUNS = 5000;

export interface Piece {
  readonly label: string;
  /** Indexes of the scenario's steps. */
  readonly steps: readonly number[];
  /** Indexes of the pieces that come before it in every order. */
  readonly after: readonly number[];
  /** Its labelled step is a client's, and has a result. */
  readonly hasResult: boolean;
}

export interface Pieces {
  readonly setUp: readonly number[];
  readonly pieces: readonly Piece[];
}

export type PiecesOrMistakes = Pieces | { readonly mistakes: readonly Mistake[] };

/** True if the scenario has steps to put in order. */
export function isLabelled({ steps }: Scenario): boolean {
  return steps.some(({ label }) => label !== null);
}

export function piecesOf(scenario: Scenario): PiecesOrMistakes {
  const { steps, file } = scenario;
  const mistakes: Mistake[] = [];
  const first = steps.findIndex(({ label }) => label !== null);
  const drafts: { label: string; steps: number[]; actors: Set<string>; hasResult: boolean }[] = [];
  const moved = new Set<string>();
  steps.forEach((step, index) => {
    const what = impossible(step, scenario);
    if (what !== null) mistakes.push({ file, line: step.line, what });
    if (index < first || step.action.kind === 'completed') return;
    if (step.label !== null) {
      drafts.push({ label: step.label, steps: [], actors: new Set(), hasResult: hasResult(step.action) });
    }
    const draft = drafts.at(-1)!;
    draft.steps.push(index);
    const actor = actorOf(step);
    if (actor !== null) draft.actors.add(actor);
    if ('client' in step.action) moved.add(step.action.client);
  });
  mistakes.push(...crowded(scenario, moved), ...unbound(scenario, first));
  if (mistakes.length > 0) return { mistakes };
  const pieces = drafts.map(({ actors, ...piece }, index) => {
    const before = drafts.slice(0, index).map((other, at) => [at, other.actors] as const);
    return { ...piece, after: before.filter(([, other]) => meet(actors, other)).map(([at]) => at) };
  });
  return { setUp: steps.slice(0, first).map((_step, index) => index), pieces };
}

/** Why this step can be put nowhere else; null if it can. */
function impossible({ action, label }: Step, { front }: Scenario): string | null {
  if (action.kind === 'input' && action.command.kind === 'interrupt') {
    return '`^C` is only typed while a statement waits, which in another order it may not: with --permute use KILL QUERY';
  }
  if (action.kind !== 'completed' || label === null) return null;
  const owner = front.clients.find(({ name }) => name === action.client)?.name ?? action.client;
  return `an answer has no place among the orders: the label [${label}] belongs to the step that ${owner} waits for`;
}

/** Whose order this step keeps; null: nobody's. */
function actorOf({ action, label }: Step): string | null {
  if ('client' in action) return action.client;
  if (action.kind === 'needs' || (action.kind === 'advance' && label === null)) return null;
  return THE_WORLD;
}

/** No name of a client. */
const THE_WORLD = '!';

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((it) => other.has(it));
}

/** An administrator is somebody of the tenant `sys`. */
function crowded({ front, file, line }: Scenario, moved: ReadonlySet<string>): Mistake[] {
  const clients = front.clients.filter(({ name, user }) => moved.has(name) && !/@sys(?:#|$)/.test(user));
  if (clients.length <= MOST_CLIENTS) return [];
  const who = listed(clients.map(({ name }) => name));
  const what = `--permute orders the steps of ${MOST_CLIENTS} clients besides the administrator at most, and here from the first label on act ${who}; let the others act above it`;
  return [{ file, line, what }];
}

/** In another order the answer that binds a name may come too late. */
function unbound({ steps, front, file }: Scenario, first: number): Mistake[] {
  if (front.invariants.length > 0) return [];
  const bound = new Set<string>();
  for (const { answer, byDialect } of steps.slice(0, first)) {
    for (const { text } of [...answer, ...[...byDialect.values()].flat()]) {
      for (const name of namesIn(readTemplate(text))) bound.add(name);
    }
  }
  return steps.slice(first).flatMap(({ line, action }) =>
    typed(action)
      .flatMap(namesIn)
      .filter((name) => !bound.has(name))
      .map((name) => {
        const what = `{${name}} is bound below the first label: in another order it may stand for nothing yet; let an answer above that label show it`;
        return { file, line, what };
      }),
  );
}

function typed(action: Action): readonly Template[] {
  return action.kind === 'input' ? templatesOf(action.command) : [];
}

/** Which pieces have been done, as bits. */
export type Done = bigint;

export function isDone(done: Done, piece: number): boolean {
  return ((done >> BigInt(piece)) & 1n) === 1n;
}

export function andThen(done: Done, piece: number): Done {
  return done | (1n << BigInt(piece));
}

/** The pieces that may come next, in the order of the page. */
export function nextPieces({ pieces }: Pieces, done: Done): number[] {
  return pieces.flatMap(({ after }, index) =>
    !isDone(done, index) && after.every((it) => isDone(done, it)) ? [index] : [],
  );
}

/** In how many orders the rest can be done, wherever sweeps and FINs fall. */
export function countOrders(pieces: Pieces, done: Done, known = new Map<Done, bigint>()): bigint {
  const before = known.get(done);
  if (before !== undefined) return before;
  const next = nextPieces(pieces, done);
  const count =
    next.length === 0 ? 1n : next.reduce((sum, it) => sum + countOrders(pieces, andThen(done, it), known), 0n);
  known.set(done, count);
  return count;
}
