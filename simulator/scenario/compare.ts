/**
 * Compares what a client printed with what a page expects, line by line.
 *
 * Dropped on both sides: blank lines, outer blanks, a final ` (0.01 sec)`, and inside table lines the blanks around `|`.
 * A border equals any border with as many columns. `…` alone is any number of lines. With `any order` the rows of a box
 * are compared as a set. Knows nothing of steps, dialects or files.
 */
import { matchTemplate, type Names, readTemplate, type Template } from './names.ts';

/** A printed line, cut into what is compared. */
type Actual =
  | { readonly kind: 'border'; readonly columns: number }
  | { readonly kind: 'row'; readonly cells: readonly string[] }
  | { readonly kind: 'text'; readonly text: string };

type Expected =
  | { readonly kind: 'border'; readonly columns: number }
  | { readonly kind: 'row'; readonly cells: readonly Template[] }
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'etc' };

/** ` (0.01 sec)`, ` (1 min 2.03 sec)` at the end of a line. */
const TIME = / \((?:\d+ (?:day|hour|min)s? )*\d+(?:\.\d+)? sec\)$/;

/** True for a line that stands for any number of lines. */
export function isEtc(line: string): boolean {
  return /^\s*(?:…|\.\.\.)\s*$/.test(line);
}

/** True for `+----+----+`. */
export function isBorder(line: string): boolean {
  return /^\s*\+(?:-+\+)+\s*$/.test(line);
}

/** True for `| a | b |`. */
export function isRow(line: string): boolean {
  return /^\s*\|.*\|\s*$/.test(line) && line.trim().length > 1;
}

/** The cells of a row, without the blanks around them. */
export function cellsOf(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

function readActual(line: string): Actual {
  if (isBorder(line)) return { kind: 'border', columns: columnsOf(line) };
  if (isRow(line)) return { kind: 'row', cells: cellsOf(line) };
  return { kind: 'text', text: withoutTime(line) };
}

function readExpected(line: string): Expected {
  if (isEtc(line)) return { kind: 'etc' };
  if (isBorder(line)) return { kind: 'border', columns: columnsOf(line) };
  if (isRow(line)) return { kind: 'row', cells: cellsOf(line).map(readTemplate) };
  return { kind: 'text', template: readTemplate(withoutTime(line)) };
}

function columnsOf(border: string): number {
  return border.split('+').length - 2;
}

function withoutTime(line: string): string {
  return line.trim().replace(TIME, '');
}

/** What is compared at all: lines that are not blank. */
export function significant(lines: readonly string[]): string[] {
  return lines.filter((line) => line.trim() !== '');
}

function matchLine(expected: Expected, actual: Actual, names: Names): Names | null {
  switch (expected.kind) {
    case 'border':
      return actual.kind === 'border' && actual.columns === expected.columns ? names : null;
    case 'text':
      return actual.kind === 'text' ? matchTemplate(expected.template, actual.text, names, false) : null;
    case 'row': {
      if (actual.kind !== 'row' || actual.cells.length !== expected.cells.length) return null;
      let bound: Names | null = names;
      for (let i = 0; i < expected.cells.length && bound !== null; i += 1) {
        bound = matchTemplate(expected.cells[i]!, actual.cells[i]!, bound, true);
      }
      return bound;
    }
    case 'etc':
      return names;
  }
}

/** True if the one line is what the other expects, with these names. */
export function matchOne(expected: string, actual: string, names: Names): Names | null {
  return matchLine(readExpected(expected), readActual(actual), names);
}

/** The names after a whole answer that is as expected; null if it is not. */
export function matchAnswer(
  expected: readonly string[],
  actual: readonly string[],
  names: Names,
  anyOrder: boolean,
): Names | null {
  const wanted = significant(expected).map(readExpected);
  const printed = significant(actual).map(readActual);
  if (anyOrder) return matchItems(gather(wanted), gather(printed), 0, 0, names);
  return matchItems(wanted.map(single), printed.map(single), 0, 0, names);
}

/** What is compared as one: a line, or – where order does not count – all the rows of a box. */
interface Item<Line> {
  readonly lines: readonly Line[];
  readonly rows: boolean;
}

function single<Line>(line: Line): Item<Line> {
  return { lines: [line], rows: false };
}

/** Joins the rows between the second and the third border of each box to one item. */
function gather<Line extends Expected | Actual>(lines: readonly Line[]): Item<Line>[] {
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

function matchItems(
  wanted: readonly Item<Expected>[],
  printed: readonly Item<Actual>[],
  from: number,
  at: number,
  names: Names,
): Names | null {
  let bound: Names | null = names;
  let i = from;
  let j = at;
  for (; i < wanted.length; i += 1, j += 1) {
    const item = wanted[i]!;
    if (!item.rows && item.lines[0]!.kind === 'etc') {
      // The shortest way first: what stands behind the `…` decides.
      for (let next = j; next <= printed.length; next += 1) {
        const found = matchItems(wanted, printed, i + 1, next, bound);
        if (found !== null) return found;
      }
      return null;
    }
    const other = printed[j];
    if (other === undefined || other.rows !== item.rows) return null;
    bound = item.rows
      ? matchSet(item.lines, other.lines, 0, new Set(), bound)
      : matchLine(item.lines[0]!, other.lines[0]!, bound);
    if (bound === null) return null;
  }
  return j === printed.length ? bound : null;
}

/** Every expected row has a printed row of its own; others may be left only where a `…` says so. */
function matchSet(
  wanted: readonly Expected[],
  printed: readonly Actual[],
  from: number,
  used: ReadonlySet<number>,
  names: Names,
): Names | null {
  const row = wanted[from];
  if (row === undefined) {
    return used.size === printed.length || wanted.some((line) => line.kind === 'etc') ? names : null;
  }
  if (row.kind === 'etc') return matchSet(wanted, printed, from + 1, used, names);
  for (let i = 0; i < printed.length; i += 1) {
    if (used.has(i)) continue;
    const bound = matchLine(row, printed[i]!, names);
    if (bound === null) continue;
    const found = matchSet(wanted, printed, from + 1, new Set(used).add(i), bound);
    if (found !== null) return found;
  }
  return null;
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
  const wanted = expected.map(readExpected);
  const printed = actual.map(readActual);
  const lines: Aligned[] = [];
  let bound = names;
  // The common beginning first: it binds what later lines use.
  let start = 0;
  while (start < wanted.length && start < printed.length && wanted[start]!.kind !== 'etc') {
    const next = matchLine(wanted[start]!, printed[start]!, bound);
    if (next === null) break;
    bound = next;
    lines.push({ kind: 'same', expected: start, actual: start });
    start += 1;
  }
  const best = longestCommon(wanted, printed, start, bound);
  let i = start;
  let j = start;
  while (i < wanted.length || j < printed.length) {
    const next = i < wanted.length && j < printed.length ? agree(wanted[i]!, printed[j]!, bound) : null;
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
function agree(expected: Expected, actual: Actual, names: Names): Names | null {
  return expected.kind === 'etc' ? null : matchLine(expected, actual, names);
}

/** How many lines can agree from each pair of places on. */
function longestCommon(
  wanted: readonly Expected[],
  printed: readonly Actual[],
  start: number,
  names: Names,
): number[][] {
  const best: number[][] = Array.from({ length: wanted.length + 1 }, () => new Array(printed.length + 1).fill(0));
  for (let i = wanted.length - 1; i >= start; i -= 1) {
    for (let j = printed.length - 1; j >= start; j -= 1) {
      const same = agree(wanted[i]!, printed[j]!, names) !== null;
      best[i]![j] = same ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  return best;
}
