/**
 * Compares an answer that has `…` in it: the stretches between them must be found in the printed lines, in order.
 *
 * The first stretch stands at the start and the last at the end; those between may stand anywhere, each is put at the first
 * place that lets the others follow. A stretch put wrongly only matters if it binds a name that counts later: such
 * failures are remembered, and what is tried is bounded (`effort.ts`).
 */
import type { Effort } from './effort.ts';
import { LINE_EFFORT, lineNames, matchLine, relaxLine } from './line-match.ts';
import type { Expected, Printed } from './lines.ts';
import type { Names } from './names.ts';
import { matchRows } from './row-set.ts';

/** What is compared as one: a line, or – where order does not count – all the rows of a box. */
export interface Item<Line> {
  readonly lines: readonly Line[];
  readonly rows: boolean;
}

type Stretch = readonly Item<Expected>[];

/** The names afterwards, or null. */
export function matchItems(wanted: Stretch, printed: readonly Item<Printed>[], names: Names, effort: Effort) {
  const stretches: Item<Expected>[][] = [[]];
  for (const item of wanted) {
    if (!item.rows && item.lines[0]!.kind === 'etc') stretches.push([]);
    else stretches.at(-1)!.push(item);
  }
  const first = stretches.shift()!;
  const last = stretches.pop();
  if (last === undefined) {
    return first.length === printed.length ? matchStretch(first, printed, 0, names, effort) : null;
  }
  const middle = stretches.filter(({ length }) => length > 0);
  const length = [first, ...middle, last].reduce((sum, stretch) => sum + stretch.length, 0);
  if (length > printed.length) return null;
  const bound = matchStretch(first, printed, 0, names, effort);
  return bound === null ? null : new Placing(middle, last, printed, bound, effort).match(first.length);
}

/** All items of the stretch, at this place. */
function matchStretch(
  stretch: Stretch,
  printed: readonly Item<Printed>[],
  at: number,
  names: Names,
  effort: Effort,
): Names | null {
  let bound: Names | null = names;
  for (let i = 0; i < stretch.length && bound !== null; i += 1) {
    const wanted = stretch[i]!;
    const other = printed[at + i]!;
    if (wanted.rows !== other.rows) return null;
    bound = wanted.rows
      ? matchRows(wanted.lines, other.lines, bound, effort)
      : matchLine(wanted.lines[0]!, other.lines[0]!, bound, effort);
  }
  return bound;
}

class Placing {
  readonly #middle: readonly Stretch[];
  readonly #last: Stretch;
  readonly #lastAt: number;
  readonly #printed: readonly Item<Printed>[];
  readonly #names: Names;
  readonly #effort: Effort;
  /** For each stretch between: the places where it could stand, whatever the names are, so that the others can follow. */
  readonly #places: number[][] = [];
  /** For each stretch between: the names that are bound here and count from it on. */
  readonly #counting: readonly (readonly string[])[];
  /** From which place on a stretch has been tried in vain, with which names. */
  readonly #failed = new Map<string, number>();

  constructor(
    middle: readonly Stretch[],
    last: Stretch,
    printed: readonly Item<Printed>[],
    names: Names,
    effort: Effort,
  ) {
    this.#middle = middle;
    this.#last = last;
    this.#lastAt = printed.length - last.length;
    this.#printed = printed;
    this.#names = names;
    this.#effort = effort;
    this.#counting = middle.map((_, index) => {
      const mentioned = [...middle.slice(index), last].flat().flatMap(({ lines }) => lines.flatMap(lineNames));
      return [...new Set(mentioned)].filter((name) => !names.has(name));
    });
  }

  match(from: number): Names | null {
    if (!this.#look(from)) return null;
    return this.#place(0, from, this.#names);
  }

  /** False: some stretch can stand nowhere. */
  #look(from: number): boolean {
    if (!this.#could(relaxed(this.#last, this.#names), this.#lastAt)) return false;
    let end = this.#lastAt;
    for (let i = this.#middle.length - 1; i >= 0; i -= 1) {
      const stretch = relaxed(this.#middle[i]!, this.#names);
      const places: number[] = [];
      for (let at = from; at <= end - stretch.length; at += 1) if (this.#could(stretch, at)) places.push(at);
      const latest = places.at(-1);
      if (latest === undefined) return false;
      this.#places[i] = places;
      end = latest;
    }
    return true;
  }

  #could(stretch: Stretch, at: number): boolean {
    return matchStretch(stretch, this.#printed, at, this.#names, this.#effort) !== null;
  }

  #place(index: number, from: number, names: Names): Names | null {
    const stretch = this.#middle[index];
    if (stretch === undefined) return matchStretch(this.#last, this.#printed, this.#lastAt, names, this.#effort);
    const key = `${index} ${JSON.stringify(this.#counting[index]!.map((name) => names.get(name) ?? null))}`;
    const inVain = this.#failed.get(key) ?? Number.POSITIVE_INFINITY;
    for (const at of this.#places[index]!) {
      if (at < from) continue;
      if (at >= inVain || !this.#effort.spend(LINE_EFFORT * stretch.length)) break;
      const bound = matchStretch(stretch, this.#printed, at, names, this.#effort);
      const found = bound === null ? null : this.#place(index + 1, at + stretch.length, bound);
      if (found !== null) return found;
    }
    this.#failed.set(key, Math.min(from, inVain));
    return null;
  }
}

function relaxed(stretch: Stretch, names: Names): Stretch {
  return stretch.map(({ lines, rows }) => ({ lines: lines.map((line) => relaxLine(line, names)), rows }));
}
