/**
 * An order in which an invariant does not hold, written out as a page that fails in the same way when it is simply run.
 *
 * The sweep is time that passes. The FIN of an observer that came late is a link that is held; where that holds too much, or
 * a page cannot say it otherwise, there is none: what is handed over has been played, and has failed.
 */
import type { Sha1 } from '../../../proxy/wire/scramble.ts';
import { deployLab } from '../../scenario/deployment.ts';
import { MEMORY } from '../../scenario/memory-arm.ts';
import { NameError, type Names } from '../../scenario/names.ts';
import { readPage } from '../../scenario/page.ts';
import type { Action, Place, Scenario } from '../../scenario/scenario.ts';
import { filledCommand, typedCommand } from '../../scenario/typed.ts';
import { sameWay, type Verdict } from '../judge.ts';
import { judge } from '../judged.ts';
import { sentence, stepText } from '../page-text.ts';
import { begin, type Move, type WalkOptions } from './walk.ts';

export interface Violation {
  readonly way: readonly Move[];
  readonly verdict: Verdict;
  /** As it is told: labels, `(sweep)`, `(fin)`. */
  readonly order: readonly string[];
}

/** A step of the page to be, as it is typed but for its names. */
interface Said {
  readonly label: string | null;
  readonly action: Action;
}

/** What was seen on the way: what the page must say, and what its names stand for. */
interface Way {
  readonly said: readonly Said[];
  /** The same with links held while an observer's FIN was late; null if none was. */
  readonly held: readonly Said[] | null;
  readonly names: Names;
  /** Names that are ids of clients, as `{ada.cs}`. */
  readonly words: Names;
}

/** The page; null if none fails as the order did. `front`: the lines between the fences of the scenario's front matter. */
export async function orderPage(
  violation: Violation,
  front: readonly string[],
  options: WalkOptions,
): Promise<string | null> {
  const way = await again(violation.way, options);
  if (way === null) return null;
  for (const said of way.held === null ? [way.said] : [way.said, way.held]) {
    for (const names of [way.words, way.names]) {
      const text = written(violation, said, names, front, options.scenario);
      if (text !== null && (await fails(text, violation.verdict, options.sha1))) return text;
    }
  }
  return null;
}

const PROXY: Place = { kind: 'proxy' };

/** Walks the way once more, and takes down what happens. */
async function again(moves: readonly Move[], options: WalkOptions): Promise<Way | null> {
  const walk = await begin(options);
  if (!('make' in walk)) return null;
  const { pieces, setUp } = options.pieces;
  const { steps } = options.scenario;
  const said: Said[] = setUp.map((index) => ({ label: null, action: steps[index]!.action }));
  const held: Said[] = [...said];
  const { names, words } = walk;
  let late: Place[] = [];
  let everLate = false;
  for (const move of moves) {
    const before = held.length;
    if (move === 'fin') {
      for (const from of late) held.push({ label: null, action: { kind: 'release', from, to: PROXY } });
      late = [];
    } else if (move === 'sweep') {
      const passes: Said = { label: null, action: { kind: 'advance', milliseconds: walk.untilSweep } };
      said.push(passes);
      held.push(passes);
    } else {
      const { label, steps: own } = pieces[move]!;
      const all = own.map((index, at) => ({ label: at === 0 ? label : null, action: steps[index]!.action }));
      said.push(...all);
      held.push(...all);
    }
    await walk.make(move);
    const waiting = walk.lateObservers.filter((number) => !late.some((it) => isObserver(it, number)));
    const more = waiting.map((number): Place => ({ kind: 'observer', number }));
    const holds = more.map((from): Said => ({ label: null, action: hold(from) }));
    held.splice(before, 0, ...holds);
    late.push(...more);
    everLate ||= more.length > 0;
  }
  return { said, held: everLate ? held : null, names, words };
}

function isObserver(place: Place, number: number): boolean {
  return place.kind === 'observer' && place.number === number;
}

function hold(from: Place): Action {
  return { kind: 'hold', from, to: PROXY, after: 0, unit: 'packets' };
}

/** Keys of the front matter that are about the page it comes from. */
const NOT_TAKEN: ReadonlySet<string> = new Set(['covers', 'invariants', 'needs', 'since', 'tags']);

/** Null if it cannot be written so. */
function written(
  { verdict, order }: Violation,
  said: readonly Said[],
  names: Names,
  front: readonly string[],
  { file, name }: Scenario,
): string | null {
  let taken = true;
  const head = front.filter((line) => {
    const key = /^([A-Za-z_]+):/.exec(line)?.[1];
    if (key !== undefined) taken = !NOT_TAKEN.has(key);
    return taken;
  });
  try {
    const lines = said.flatMap(({ label, action }) => {
      if (action.kind === 'completed' || action.kind === 'needs') return [];
      const text = stepText(filledAction(action, names));
      return [label === null ? text : `[${label}] ${text}`];
    });
    return [
      '---',
      ...head,
      `invariants: ${verdict.invariant}`,
      '---',
      `# ${name}: ${verdict.invariant}`,
      '',
      sentence(verdict.what),
      '',
      `Found by \`--permute\` of ${file}, in the order \`${order.join(' ')}\`.`,
      '',
      '```odplab',
      ...lines,
      '```',
      '',
    ].join('\n');
  } catch (error) {
    if (error instanceof NameError) return null;
    throw error;
  }
}

/** `{p as int64}` of an id that goes by a client's name is none: a `NameError`. */
function filledAction(action: Action, names: Names): Action {
  if (action.kind !== 'input') return action;
  return { ...action, command: typedCommand(filledCommand(action.command, names)) };
}

async function fails(text: string, verdict: Verdict, sha1: Sha1): Promise<boolean> {
  const read = readPage('order.md', text);
  const [scenario] = read.kind === 'page' ? read.page.scenarios : [];
  if (scenario === undefined) return false;
  const found = await judge(scenario, { kind: MEMORY, deploy: deployLab, sha1 });
  return found !== null && sameWay(found, verdict);
}
