/**
 * Lines of an answer, cut into what is compared: borders, rows with their cells, texts, and `…` in a page.
 *
 * A printed cell may hold a `|` of its own; where it ends is told by the border above. In a page columns may be narrower or
 * wider than what is printed, so there a row is kept in the pieces between its `|`. Knows nothing of names' values.
 */
import { displayWidth } from '../client/width.ts';
import { readTemplate, type Template } from './names.ts';

/** A printed line; `text` is the whole of it. */
export type Printed =
  | { readonly kind: 'border'; readonly text: string; readonly columns: number }
  /** `raw`: the cells with the blanks around them. */
  | { readonly kind: 'row'; readonly text: string; readonly raw: readonly string[]; readonly cells: readonly string[] }
  /** `bare`: without outer blanks and time. */
  | { readonly kind: 'text'; readonly text: string; readonly bare: string };

/** A line of a page. */
export type Expected =
  | { readonly kind: 'border'; readonly columns: number }
  /** `pieces`: what stands between its `|`, with the blanks around; `cells`: the same without. */
  | { readonly kind: 'row'; readonly pieces: readonly Template[]; readonly cells: readonly Template[] }
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

/** What stands between the `|` of a row, without the blanks around it. */
export function cellsOf(line: string): string[] {
  return piecesOf(line).map((piece) => piece.trim());
}

function piecesOf(line: string): string[] {
  return line.trim().slice(1, -1).split('|');
}

/** What is compared at all: lines that are not blank. */
export function significant(lines: readonly string[]): string[] {
  return lines.filter((line) => line.trim() !== '');
}

/** The lines of an answer in their order: the border above a row says how wide its cells are. */
export function readPrinted(lines: readonly string[]): Printed[] {
  let widths: readonly number[] = [];
  return lines.map((text): Printed => {
    if (isBorder(text)) {
      widths = text
        .trim()
        .slice(1, -1)
        .split('+')
        .map((dashes) => dashes.length);
      return { kind: 'border', text, columns: widths.length };
    }
    if (!isRow(text)) return { kind: 'text', text, bare: withoutTime(text) };
    const pieces = piecesOf(text);
    const raw = pieces.length > widths.length ? (cutByWidth(text.trim(), widths) ?? pieces) : pieces;
    return { kind: 'row', text, raw, cells: raw.map((cell) => cell.trim()) };
  });
}

/** The cells of a row that are as wide as the columns of its border; null if the row does not fit it. */
function cutByWidth(row: string, widths: readonly number[]): string[] | null {
  const characters = [...row];
  const cells: string[] = [];
  let at = 1;
  for (const width of widths) {
    let cell = '';
    for (let used = 0; at < characters.length; at += 1) {
      const wide = displayWidth(characters[at]!);
      if (used + wide > width) break;
      used += wide;
      cell += characters[at]!;
    }
    if (characters[at] !== '|') return null;
    cells.push(cell);
    at += 1;
  }
  return widths.length > 0 && at === characters.length ? cells : null;
}

export function readExpected(line: string): Expected {
  if (isEtc(line)) return { kind: 'etc' };
  if (isBorder(line)) return { kind: 'border', columns: line.split('+').length - 2 };
  if (!isRow(line)) return { kind: 'text', template: readTemplate(withoutTime(line)) };
  const pieces = piecesOf(line);
  return {
    kind: 'row',
    pieces: pieces.map(readTemplate),
    cells: pieces.map((piece) => readTemplate(piece.trim())),
  };
}

function withoutTime(line: string): string {
  return line.trim().replace(TIME, '');
}
