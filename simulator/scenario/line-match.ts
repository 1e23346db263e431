/**
 * Compares one printed line with one line of a page.
 *
 * A row of a page with more pieces than the printed one has cells is one in which a cell holds a `|`: then neighbouring
 * pieces are joined until they fit.
 */
import type { Effort } from './effort.ts';
import type { Expected, Printed } from './lines.ts';
import { type Names, namesIn, relax, type Template } from './names.ts';
import { matchTemplate } from './text-match.ts';

/** What a line of a page costs to be compared, in elementary steps. */
export const LINE_EFFORT = 20;

/** The names afterwards, or null if they differ. `…` agrees with anything. */
export function matchLine(expected: Expected, printed: Printed, names: Names, effort: Effort): Names | null {
  switch (expected.kind) {
    case 'border':
      return printed.kind === 'border' && printed.columns === expected.columns ? names : null;
    case 'text':
      return printed.kind === 'text' ? matchTemplate(expected.template, printed.bare, names, false, effort) : null;
    case 'row':
      if (printed.kind !== 'row' || expected.pieces.length < printed.cells.length) return null;
      return expected.pieces.length === printed.cells.length
        ? matchCells(expected.cells, printed.cells, names, effort)
        : new Joining(expected.pieces, printed.cells, names, effort).match();
    case 'etc':
      return names;
  }
}

function matchCells(
  expected: readonly Template[],
  printed: readonly string[],
  names: Names,
  effort: Effort,
): Names | null {
  let bound: Names | null = names;
  for (let i = 0; i < expected.length && bound !== null; i += 1) {
    bound = matchTemplate(expected[i]!, printed[i]!, bound, true, effort);
  }
  return bound;
}

/** The line with `{_}` for every name that is not bound: it agrees wherever the line could with some binding. */
export function relaxLine(expected: Expected, names: Names): Expected {
  switch (expected.kind) {
    case 'text':
      return { kind: 'text', template: relax(expected.template, names) };
    case 'row':
      return {
        kind: 'row',
        pieces: expected.pieces.map((piece) => relax(piece, names)),
        cells: expected.cells.map((cell) => relax(cell, names)),
      };
    default:
      return expected;
  }
}

/** Every name that the line mentions. */
export function lineNames(expected: Expected): string[] {
  if (expected.kind === 'text') return namesIn(expected.template);
  return expected.kind === 'row' ? expected.cells.flatMap(namesIn) : [];
}

/** The pieces of an expected row, joined to as many cells as were printed. */
class Joining {
  readonly #pieces: readonly Template[];
  readonly #printed: readonly string[];
  readonly #names: Names;
  readonly #effort: Effort;
  /** For each cell: from which pieces on it and those behind it can be made, whatever the names are. */
  readonly #open: boolean[][] = [];

  constructor(pieces: readonly Template[], printed: readonly string[], names: Names, effort: Effort) {
    this.#pieces = pieces;
    this.#printed = printed;
    this.#names = names;
    this.#effort = effort;
  }

  match(): Names | null {
    const bars = this.#printed.reduce((sum, cell) => sum + barsIn(cell), 0);
    if (this.#pieces.length - this.#printed.length > bars) return null;
    this.#look();
    return this.#place(0, 0, this.#names);
  }

  #look(): void {
    const { length } = this.#pieces;
    this.#open[this.#printed.length] = Array.from({ length: length + 1 }, (_, from) => from === length);
    for (let cell = this.#printed.length - 1; cell >= 0; cell -= 1) {
      this.#open[cell] = Array.from({ length: length + 1 }, (_, from) =>
        this.#ends(cell, from).some((end) => this.#cell(cell, from, end, this.#names, true) !== null),
      );
    }
  }

  /** Behind which pieces this cell can end: every piece more is a `|` more in the cell. */
  #ends(cell: number, from: number): number[] {
    const most = Math.min(this.#pieces.length, from + 1 + barsIn(this.#printed[cell]!));
    const ends: number[] = [];
    for (let end = from + 1; end <= most; end += 1) if (this.#open[cell + 1]![end]) ends.push(end);
    return ends;
  }

  #cell(cell: number, from: number, end: number, names: Names, relaxed: boolean): Names | null {
    const joined = joinPieces(this.#pieces.slice(from, end));
    return matchTemplate(relaxed ? relax(joined, names) : joined, this.#printed[cell]!, names, true, this.#effort);
  }

  #place(cell: number, from: number, names: Names): Names | null {
    if (!this.#open[cell]![from]) return null;
    if (cell === this.#printed.length) return names;
    for (const end of this.#ends(cell, from)) {
      if (!this.#effort.spend(LINE_EFFORT)) return null;
      const bound = this.#cell(cell, from, end, names, false);
      const found = bound === null ? null : this.#place(cell + 1, end, bound);
      if (found !== null) return found;
    }
    return null;
  }
}

function barsIn(cell: string): number {
  return cell.split('|').length - 1;
}

/** The template of a cell, without the blanks around it. */
function joinPieces(pieces: readonly Template[]): Template {
  const parts = pieces.flatMap((piece, index) => (index === 0 ? piece : ['|', ...piece]));
  const first = parts[0];
  if (typeof first === 'string') parts[0] = first.trimStart();
  const last = parts.at(-1);
  if (typeof last === 'string') parts[parts.length - 1] = last.trimEnd();
  return parts.filter((part) => part !== '');
}
