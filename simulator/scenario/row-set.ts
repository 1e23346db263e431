/**
 * Compares rows whose order does not count (`! any order`): every expected row has a printed one of its own.
 *
 * A matching of two sides, found by augmenting paths – with every name that is not bound taken for anything. Then the rows
 * that bind names choose their printed row for good, from above and the first that leaves a matching; only names that
 * stand in several rows may make that wrong and be taken back, which is remembered and bounded (`effort.ts`).
 */
import type { Effort } from './effort.ts';
import { LINE_EFFORT, lineNames, matchLine, relaxLine } from './line-match.ts';
import type { Expected, Printed } from './lines.ts';
import type { Names } from './names.ts';

/** For each expected row the printed rows that it could be. */
type Edges = readonly (readonly number[])[];

/** The names afterwards, or null. Printed rows may be left over only where a `…` stands among the expected. */
export function matchRows(
  expected: readonly Expected[],
  printed: readonly Printed[],
  names: Names,
  effort: Effort,
): Names | null {
  const rows = expected.filter(({ kind }) => kind !== 'etc');
  if (rows.length > printed.length || (rows.length === expected.length && rows.length < printed.length)) return null;
  return new RowSet(rows, printed, names, effort).match();
}

/** The printed rows in the order of the expected ones that they could be; those that could be none come last. */
export function arrangeRows(
  expected: readonly Expected[],
  printed: readonly Printed[],
  names: Names,
  effort: Effort,
): Printed[] {
  const edges = expected.map((row) => (row.kind === 'etc' ? [] : candidates(row, printed, names, effort)));
  const pairs = new Pairs(edges.length, printed.length);
  edges.forEach((_, row) => {
    pairs.add(row, edges, null);
  });
  const taken = [...pairs.printed].filter((at) => at >= 0);
  const rest = printed.filter((_, at) => !taken.includes(at));
  return [...taken.map((at) => printed[at]!), ...rest];
}

/** The printed rows that this one could be. */
function candidates(row: Expected, printed: readonly Printed[], names: Names, effort: Effort): number[] {
  const relaxed = relaxLine(row, names);
  return printed.flatMap((it, at) => (matchLine(relaxed, it, names, effort) === null ? [] : [at]));
}

class RowSet {
  readonly #rows: readonly Expected[];
  readonly #printed: readonly Printed[];
  readonly #names: Names;
  readonly #effort: Effort;
  /** The names that each row mentions and that were not bound before. */
  readonly #open: readonly (readonly string[])[];
  readonly #failed = new Set<string>();

  constructor(rows: readonly Expected[], printed: readonly Printed[], names: Names, effort: Effort) {
    this.#rows = rows;
    this.#printed = printed;
    this.#names = names;
    this.#effort = effort;
    this.#open = rows.map((row) => [...new Set(lineNames(row))].filter((name) => !names.has(name)));
  }

  match(): Names | null {
    const edges: (readonly number[])[] = [];
    for (const row of this.#rows) {
      const found = candidates(row, this.#printed, this.#names, this.#effort);
      if (found.length === 0) return null;
      edges.push(found);
    }
    const pairs = new Pairs(this.#rows.length, this.#printed.length);
    return pairs.addAll(edges, null) ? this.#bind(0, edges, pairs, this.#names) : null;
  }

  /** Lets the rows from this one on bind their names. `pairs` is a matching of all rows along `edges`. */
  #bind(from: number, edges: Edges, pairs: Pairs, names: Names): Names | null {
    let row = from;
    while (row < this.#rows.length && this.#open[row]!.every((name) => names.has(name))) row += 1;
    if (row === this.#rows.length) return names;
    if (this.#failed.size > 0 && this.#failed.has(this.#state(row, edges, names))) return null;
    for (const at of edges[row]!) {
      if (!this.#effort.spend(LINE_EFFORT)) return null;
      const bound = matchLine(this.#rows[row]!, this.#printed[at]!, names, this.#effort);
      if (bound === null) continue;
      const narrowed = this.#narrow(row, at, edges, names, bound);
      const rest = pairs.along(edges, narrowed);
      if (!rest.addAll(narrowed, this.#effort)) continue;
      const found = this.#bind(row + 1, narrowed, rest, bound);
      if (found !== null) return found;
    }
    this.#failed.add(this.#state(row, edges, names));
    return null;
  }

  /** The edges when this row has taken that printed one, and what it has bound is known to the others. */
  #narrow(row: number, at: number, edges: Edges, before: Names, bound: Names): Edges {
    return edges.map((old, index) => {
      if (index === row) return [at];
      if (!this.#open[index]!.some((name) => bound.has(name) && !before.has(name))) return old;
      this.#effort.spend(LINE_EFFORT * old.length);
      const relaxed = relaxLine(this.#rows[index]!, bound);
      return old.filter((it) => matchLine(relaxed, this.#printed[it]!, bound, this.#effort) !== null);
    });
  }

  /** All that decides what can become of the rows from here on. */
  #state(from: number, edges: Edges, names: Names): string {
    const counting = new Set(this.#open.slice(from).flat());
    const values = [...counting].map((name) => names.get(name) ?? null);
    const above = edges.slice(0, from).map((row) => row.join());
    return `${from} ${above.sort().join(' ')} ${JSON.stringify(values)}`;
  }
}

/** Which printed row each expected one has. */
class Pairs {
  /** By expected row; −1 for none. */
  readonly printed: Int32Array;
  /** By printed row. */
  readonly #expected: Int32Array;

  constructor(expected: number, printed: number) {
    this.printed = new Int32Array(expected).fill(-1);
    this.#expected = new Int32Array(printed).fill(-1);
  }

  /** A copy with the pairs that are still allowed when the edges become others. */
  along(before: Edges, after: Edges): Pairs {
    const copy = new Pairs(this.printed.length, this.#expected.length);
    after.forEach((row, index) => {
      const at = this.printed[index]!;
      if (row === before[index] || row.includes(at)) copy.#pair(index, at);
    });
    return copy;
  }

  /** False if some row finds none, or if it takes too long. */
  addAll(edges: Edges, effort: Effort | null): boolean {
    return edges.every((_, row) => this.printed[row]! >= 0 || this.add(row, edges, effort));
  }

  /** Finds a printed row for this one, and others for those that have to make way; breadth first. */
  add(row: number, edges: Edges, effort: Effort | null): boolean {
    const cameFrom = new Int32Array(this.#expected.length).fill(-1);
    const queue = [row];
    for (const here of queue) {
      if (effort !== null && !effort.spend(1 + edges[here]!.length)) return false;
      for (const at of edges[here]!) {
        if (cameFrom[at] !== -1) continue;
        cameFrom[at] = here;
        const owner = this.#expected[at]!;
        if (owner >= 0) {
          queue.push(owner);
          continue;
        }
        this.#shift(at, cameFrom, row);
        return true;
      }
    }
    return false;
  }

  #shift(free: number, cameFrom: Int32Array, first: number): void {
    for (let at = free; ; ) {
      const row = cameFrom[at]!;
      const left = this.printed[row]!;
      this.#pair(row, at);
      if (row === first) return;
      at = left;
    }
  }

  #pair(row: number, at: number): void {
    this.printed[row] = at;
    this.#expected[at] = row;
  }
}
