/**
 * Which line of a page stands for which printed line, when the two answers differ: for blessing.
 *
 * Lines that agree belong together; between them the first that is missing stands for the first that is new, and so on.
 * In two such rows single cells may still agree, and bind their names. Knows nothing of pages or worlds.
 */
import { align, matchOne } from './compare.ts';
import { cellsOf, isRow, type Printed, readPrinted } from './lines.ts';
import type { Names } from './names.ts';

export interface Pairing {
  /** For each printed line the expected one, or null if it is new. */
  readonly expected: readonly (string | null)[];
  /** With those that agreeing lines and cells bind. */
  readonly names: Names;
}

/** Both lists hold significant lines only. */
export function pairLines(expected: readonly string[], printed: readonly string[], names: Names): Pairing {
  const aligned = align(expected, printed, names);
  const lines = readPrinted(printed);
  const pairs: (string | null)[] = printed.map(() => null);
  let bound = aligned.names;
  let missing: number[] = [];
  let extra: number[] = [];
  const flush = () => {
    for (const [index, line] of missing.entries()) {
      const at = extra[index];
      if (at === undefined) break;
      pairs[at] = expected[line]!;
      bound = bindCells(expected[line]!, lines[at]!, bound);
    }
    missing = [];
    extra = [];
  };
  for (const it of aligned.lines) {
    if (it.kind === 'missing') missing.push(it.expected);
    else if (it.kind === 'extra') extra.push(it.actual);
    else {
      flush();
      pairs[it.actual] = expected[it.expected]!;
    }
  }
  flush();
  return { expected: pairs, names: bound };
}

/** The cell compared by itself, as the whole cell of a row. */
export function matchCell(expected: string, printed: string, names: Names): Names | null {
  return matchOne(`|${expected}|`, { kind: 'row', text: printed, raw: [printed], cells: [printed] }, names);
}

function bindCells(expected: string, printed: Printed, names: Names): Names {
  if (!isRow(expected) || printed.kind !== 'row') return names;
  const wanted = cellsOf(expected);
  const { cells } = printed;
  if (wanted.length !== cells.length) return names;
  let bound = names;
  wanted.forEach((cell, index) => {
    bound = matchCell(cell, cells[index]!, bound) ?? bound;
  });
  return bound;
}
