/**
 * The block ```odplab outcomes of a page: what comes of a scenario's steps in every order, a row for each different list of
 * results.
 *
 *   | orders | pay | kill | commit | first                  |
 *   |     12 | OK  | OK   | OK     | pay kill commit        |
 *   |      4 | OK  | OK   | 2013   | pay kill (sweep) commit |
 *
 * A column for each labelled step of a client, in the order of the page; how many orders gave this, and the first of them.
 * Read, compared and printed here; who finds out what comes of the orders is `simulator/hunt/orders`.
 */
import { cellsOf, isBorder, isRow } from './lines.ts';
import type { Block } from './markdown.ts';
import { listed, type Mistakes } from './mistakes.ts';

export interface OutcomeRow {
  /** A whole number. */
  readonly orders: string;
  /** As many as there are labels. */
  readonly results: readonly string[];
  readonly first: string;
}

/** As it stands in a page. */
export interface OutcomesBlock {
  /** The number of its first content line, from 1, and how many it has. */
  readonly first: number;
  readonly lines: number;
  readonly rows: readonly OutcomeRow[];
}

const ORDERS = 'orders';
const FIRST = 'first';

/** `labels`: of the steps that have results. An empty block is one that `--bless` fills. */
export function readOutcomes(block: Block, labels: readonly string[], mistakes: Mistakes): OutcomesBlock {
  const rows: OutcomeRow[] = [];
  const header = [ORDERS, ...labels, FIRST];
  let headed = false;
  block.lines.forEach((text, index) => {
    const line = block.first + index;
    if (text.trim() === '' || isBorder(text)) return;
    const cells = isRow(text) ? cellsOf(text) : [];
    if (!headed) {
      headed = true;
      if (cells.join('|') !== header.join('|')) {
        mistakes.add(line, `the columns of these outcomes are ${listed(header)}; --bless --permute writes them`);
      }
      return;
    }
    const [orders, ...results] = cells;
    const first = results.pop();
    if (orders === undefined || first === undefined || cells.length !== header.length) {
      mistakes.add(line, `a row has ${header.length} cells, as the one above: \`${rowText(header)}\``);
    } else if (!/^\d+$/.test(orders)) {
      mistakes.add(line, `\`${orders}\` orders: how many gave this is a whole number`);
    } else {
      const twin = rows.find((row) => row.results.join('|') === results.join('|'));
      if (twin !== undefined) mistakes.add(line, 'these results stand twice; orders with the same results are one row');
      rows.push({ orders, results, first });
    }
  });
  return { first: block.first, lines: block.lines.length, rows };
}

/** The lines of a block. */
export function outcomeLines(labels: readonly string[], rows: readonly OutcomeRow[]): string[] {
  const cells = [[ORDERS, ...labels, FIRST], ...rows.map(cellsOfRow)];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    rowText(row.map((cell, column) => (column === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[column]!)))),
  );
}

function cellsOfRow({ orders, results, first }: OutcomeRow): string[] {
  return [orders, ...results, first];
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/**
 * What differs, for people: `-` stands in the page and did not come, `+` came and does not stand there. Empty if they agree;
 * the order of rows does not count.
 */
export function outcomeDifference(
  labels: readonly string[],
  expected: readonly OutcomeRow[],
  found: readonly OutcomeRow[],
): string[] {
  const wanted = new Set(expected.map((row) => cellsOfRow(row).join('|')));
  const came = new Set(found.map((row) => cellsOfRow(row).join('|')));
  const missing = expected.filter((row) => !came.has(cellsOfRow(row).join('|')));
  const extra = found.filter((row) => !wanted.has(cellsOfRow(row).join('|')));
  if (missing.length + extra.length === 0) return [];
  const same = found.filter((row) => !extra.includes(row));
  const marks = [' ', ...same.map(() => ' '), ...missing.map(() => '-'), ...extra.map(() => '+')];
  return outcomeLines(labels, [...same, ...missing, ...extra]).map((line, index) => `${marks[index]} ${line}`);
}
