/**
 * Compares what a client printed with what a page expects, line by line.
 *
 * Dropped on both sides: blank lines, outer blanks, a final ` (0.01 sec)`, and inside table lines the blanks around `|`.
 * A border equals any border with as many columns. `…` alone is any number of lines. With `any order` the rows of a box
 * are compared as a set. Knows nothing of steps, dialects or files.
 */
import { Effort } from './effort.ts';
import { matchLine } from './line-match.ts';
import { type Expected, type Printed, readExpected, readPrinted, significant } from './lines.ts';
import type { Names } from './names.ts';
import { arrangeRows } from './row-set.ts';
import { type Item, matchItems } from './stretches.ts';

export type Comparison =
  /** With the names that the answer binds. */
  | { readonly kind: 'agrees'; readonly names: Names }
  | { readonly kind: 'differs' }
  /** There are more ways to read the names than are tried; nothing is known. */
  | { readonly kind: 'too many ways' };

/** Compares a whole answer. */
export function matchAnswer(
  expected: readonly string[],
  actual: readonly string[],
  names: Names,
  anyOrder: boolean,
): Comparison {
  const wanted = significant(expected).map(readExpected);
  const printed = readPrinted(significant(actual));
  const effort = new Effort();
  const bound = anyOrder
    ? matchItems(gather(wanted), gather(printed), names, effort)
    : matchItems(wanted.map(single), printed.map(single), names, effort);
  if (bound !== null) return { kind: 'agrees', names: bound };
  return effort.exhausted ? { kind: 'too many ways' } : { kind: 'differs' };
}

/** The names afterwards if the one line is what the page expects; else null. */
export function matchOne(expected: string, printed: Printed, names: Names): Names | null {
  return matchLine(readExpected(expected), printed, names, new Effort());
}

function single<Line>(line: Line): Item<Line> {
  return { lines: [line], rows: false };
}

/** Joins the rows between the second and the third border of each box to one item. */
function gather<Line extends Expected | Printed>(lines: readonly Line[]): Item<Line>[] {
  const items: Item<Line>[] = [];
  let borders = 0;
  let rows: Line[] = [];
  for (const line of lines) {
    if (borders === 2 && line.kind !== 'border') {
      rows.push(line);
      continue;
    }
    if (line.kind === 'border') borders += 1;
    if (borders === 3) {
      items.push({ lines: rows, rows: true });
      rows = [];
      borders = 0;
    }
    items.push(single(line));
  }
  // A box that is never closed: what it holds is compared as lines.
  for (const row of rows) items.push(single(row));
  return items;
}

/** One line of a comparison laid side by side; the numbers count significant lines from 0. */
export type Aligned =
  | { readonly kind: 'same'; readonly expected: number; readonly actual: number }
  | { readonly kind: 'missing'; readonly expected: number }
  | { readonly kind: 'extra'; readonly actual: number };

/**
 * Lays two answers side by side, so that as many lines as possible agree: for a readable difference, and for blessing.
 * The names are those bound by the lines that agree. Both lists must hold significant lines only.
 */
export function align(
  expected: readonly string[],
  actual: readonly string[],
  names: Names,
): { readonly lines: readonly Aligned[]; readonly names: Names } {
  const effort = new Effort();
  const wanted = expected.map(readExpected);
  const printed = readPrinted(actual);
  const lines: Aligned[] = [];
  let bound = names;
  // The common beginning first: it binds what later lines use.
  let start = 0;
  while (start < wanted.length && start < printed.length && wanted[start]!.kind !== 'etc') {
    const next = matchLine(wanted[start]!, printed[start]!, bound, effort);
    if (next === null) break;
    bound = next;
    lines.push({ kind: 'same', expected: start, actual: start });
    start += 1;
  }
  const best = longestCommon(wanted, printed, start, bound, effort);
  let i = start;
  let j = start;
  while (i < wanted.length || j < printed.length) {
    const next = i < wanted.length && j < printed.length ? agree(wanted[i]!, printed[j]!, bound, effort) : null;
    if (next !== null && best[i]![j] === best[i + 1]![j + 1]! + 1) {
      bound = next;
      lines.push({ kind: 'same', expected: i, actual: j });
      i += 1;
      j += 1;
    } else if (i < wanted.length && (j === printed.length || best[i + 1]![j]! >= best[i]![j + 1]!)) {
      lines.push({ kind: 'missing', expected: i });
      i += 1;
    } else {
      lines.push({ kind: 'extra', actual: j });
      j += 1;
    }
  }
  return { lines, names: bound };
}

/** `…` agrees with no single line. */
function agree(expected: Expected, printed: Printed, names: Names, effort: Effort): Names | null {
  return expected.kind === 'etc' ? null : matchLine(expected, printed, names, effort);
}

/** How many lines can agree from each pair of places on. */
function longestCommon(
  wanted: readonly Expected[],
  printed: readonly Printed[],
  start: number,
  names: Names,
  effort: Effort,
): number[][] {
  const best: number[][] = Array.from({ length: wanted.length + 1 }, () => new Array(printed.length + 1).fill(0));
  for (let i = wanted.length - 1; i >= start; i -= 1) {
    for (let j = printed.length - 1; j >= start; j -= 1) {
      const same = agree(wanted[i]!, printed[j]!, names, effort) !== null;
      best[i]![j] = same ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  return best;
}

/** The printed lines with the rows of each box in the order of those they could be, where order does not count. */
export function arrange(expected: readonly string[], actual: readonly string[], names: Names): string[] {
  const effort = new Effort();
  const wanted = gather(significant(expected).map(readExpected)).filter(({ rows }) => rows);
  let boxes = 0;
  return gather(readPrinted(significant(actual))).flatMap(({ lines, rows }) => {
    const box = rows ? wanted[boxes] : undefined;
    if (rows) boxes += 1;
    const arranged = box === undefined ? lines : arrangeRows(box.lines, lines, names, effort);
    return arranged.map(({ text }) => text);
  });
}
