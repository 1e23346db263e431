/**
 * A result set as the command-line client draws it: the box, and the vertical form of `\G`.
 *
 * Widths are terminal cells. Numbers stand on the right, by the type of their column; room for `NULL` is kept where a
 * column may be NULL. Knows nothing of what comes below the box (`print.ts`).
 */
import { COLUMN, TYPE } from '../../proxy/wire/constants.ts';
import type { Column } from '../../proxy/wire/result-set.ts';
import { displayWidth, printable } from './width.ts';

export type Row = readonly (string | null)[];

const NULL_TEXT = 'NULL';
/** A wider column is no longer padded to its right. */
const MAX_COLUMN_WIDTH = 1024;

const NUMERIC: ReadonlySet<number> = new Set([
  TYPE.DECIMAL,
  TYPE.TINY,
  TYPE.SHORT,
  TYPE.LONG,
  TYPE.FLOAT,
  TYPE.DOUBLE,
  TYPE.NULL,
  TYPE.LONGLONG,
  TYPE.INT24,
  TYPE.YEAR,
  TYPE.NEWDECIMAL,
]);

/** The box: border, names, border, rows, border. */
export function drawTable(columns: readonly Column[], rows: readonly Row[]): string[] {
  const names = columns.map((column) => printable(column.name));
  const shown = rows.map((row) => row.map((cell) => (cell === null ? NULL_TEXT : printable(cell))));
  const widths = columns.map((column, index) => {
    let width = Math.max(displayWidth(names[index]!), column.flags & COLUMN.NOT_NULL ? 0 : NULL_TEXT.length);
    for (const row of shown) width = Math.max(width, displayWidth(row[index] ?? ''));
    return Math.min(width, MAX_COLUMN_WIDTH);
  });
  const border = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const lines = [border, drawRow(names, widths, null), border];
  const right = columns.map((column) => NUMERIC.has(column.type));
  for (const row of shown) lines.push(drawRow(row, widths, right));
  lines.push(border);
  return lines;
}

function drawRow(cells: readonly string[], widths: readonly number[], right: readonly boolean[] | null): string {
  let line = '|';
  for (let i = 0; i < cells.length; i += 1) {
    const cell = cells[i]!;
    const pad = ' '.repeat(Math.max(0, widths[i]! - displayWidth(cell)));
    line += right?.[i] ? ` ${pad}${cell} |` : ` ${cell}${pad} |`;
  }
  return line;
}

const STARS = '*'.repeat(27);

/** The form of `\G`: a line of stars for each row, then `name: value`, the names on the right. */
export function drawVertically(columns: readonly Column[], rows: readonly Row[]): string[] {
  const names = columns.map((column) => printable(column.name));
  const width = names.reduce((widest, name) => Math.max(widest, displayWidth(name)), 0);
  const lines: string[] = [];
  rows.forEach((row, index) => {
    lines.push(`${STARS} ${index + 1}. row ${STARS}`);
    names.forEach((name, at) => {
      const cell = row[at] ?? null;
      const pad = ' '.repeat(width - displayWidth(name));
      lines.push(`${pad}${name}: ${cell === null ? NULL_TEXT : printable(cell)}`);
    });
  });
  return lines;
}
