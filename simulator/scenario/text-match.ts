/**
 * Compares a text with a template: where each name begins and ends.
 *
 * First, from the end, which parts can take the rest of the text from which place on, whatever the names are: that alone
 * rules out most, and is a table of parts × characters. Then, from the start, each name takes as much as it can. Only where
 * a name stands twice, or must differ from another, may that have to be taken back; states that failed are remembered.
 */
import { Effort } from './effort.ts';
import { bind, isFree, type Names, namesIn, type Part, signed, type Template } from './names.ts';

/** What it costs to try one end of a name, in elementary steps, but for the names that are copied. */
const TRY_EFFORT = 20;

/** A part with what it can be: a text, or a stretch without blanks (`name`), or any stretch. */
interface Piece {
  readonly part: Part;
  /** The one text that it can be; null for a stretch. */
  readonly text: string | null;
  readonly blanks: boolean;
}

/**
 * The names afterwards, or null if they differ. `whole`: a template that is one name may take blanks; otherwise a name
 * takes none and at least one character, and `{_}` takes anything.
 */
export function matchTemplate(
  template: Template,
  text: string,
  names: Names,
  whole: boolean,
  effort: Effort = new Effort(),
): Names | null {
  const [only] = template;
  if (only === undefined) return text === '' ? names : null;
  if (template.length === 1) {
    if (typeof only === 'string') return only === text ? names : null;
    if (whole || only.kind === 'any') return bind(only, text, names);
  }
  const pieces: Piece[] = [];
  for (const part of template) {
    const piece = pieceOf(part, names);
    if (piece === null) return null;
    pieces.push(piece);
  }
  return new Placing(pieces, template, text, names, effort).match();
}

/** Null for a name that can be nothing at all. */
function pieceOf(part: Part, names: Names): Piece | null {
  if (typeof part === 'string') return { part, text: part, blanks: true };
  if (part.kind === 'any' || isFree(part, names)) return { part, text: null, blanks: part.kind === 'any' };
  const value = names.get(part.name)!;
  const text = part.kind === 'int64' ? signed(value) : value;
  return text === null ? null : { part, text, blanks: true };
}

class Placing {
  readonly #pieces: readonly Piece[];
  readonly #text: string;
  readonly #names: Names;
  readonly #effort: Effort;
  /** For each piece: 1 at every place from which it and those behind it can take the rest of the text. */
  readonly #open: Uint8Array[] = [];
  /** For each piece the names that are bound in this very text and count from there on; empty if nothing is taken back. */
  readonly #counting: readonly (readonly string[])[];
  readonly #failed = new Set<string>();

  constructor(pieces: readonly Piece[], template: Template, text: string, names: Names, effort: Effort) {
    this.#pieces = pieces;
    this.#text = text;
    this.#names = names;
    this.#effort = effort;
    const free = template.flatMap((part) => namesIn([part]).filter((name) => !names.has(name)));
    const constrained = new Set(free).size < free.length || template.some(canBeRefused);
    this.#counting = constrained
      ? pieces.map((_, at) => [...new Set(namesIn(template.slice(at)))].filter((name) => !names.has(name)))
      : [];
  }

  match(): Names | null {
    this.#look();
    return this.#open[0]![0] === 1 ? this.#place(0, 0, this.#names) : null;
  }

  #look(): void {
    const text = this.#text;
    const end = new Uint8Array(text.length + 1);
    end[text.length] = 1;
    this.#open[this.#pieces.length] = end;
    for (let i = this.#pieces.length - 1; i >= 0; i -= 1) {
      const piece = this.#pieces[i]!;
      const next = this.#open[i + 1]!;
      const here = new Uint8Array(text.length + 1);
      this.#open[i] = here;
      if (piece.text !== null) {
        for (let at = text.indexOf(piece.text); at >= 0; at = text.indexOf(piece.text, at + 1)) {
          here[at] = next[at + piece.text.length]!;
          if (at >= text.length) break;
        }
        continue;
      }
      if (piece.blanks) here[text.length] = next[text.length]!;
      for (let at = text.length - 1; at >= 0; at -= 1) {
        if (piece.blanks) here[at] = next[at]! | here[at + 1]!;
        else if (/\S/.test(text[at]!)) here[at] = next[at + 1]! | here[at + 1]!;
      }
    }
  }

  #place(i: number, at: number, names: Names): Names | null {
    const piece = this.#pieces[i];
    if (piece === undefined) return names;
    const { part } = piece;
    if (piece.text !== null) {
      const bound = typeof part === 'string' ? names : bind(part, piece.text, names);
      return bound === null ? null : this.#place(i + 1, at + piece.text.length, bound);
    }
    const counting = this.#counting[i];
    const key = counting === undefined ? '' : `${i} ${at} ${JSON.stringify(counting.map((name) => names.get(name)))}`;
    if (counting !== undefined && this.#failed.has(key)) return null;
    const [shortest, longest] = this.#reach(piece, at, names);
    const next = this.#open[i + 1]!;
    for (let end = longest; end >= shortest; end -= 1) {
      if (next[end] === 0) continue;
      if (counting !== undefined && !this.#effort.spend(TRY_EFFORT + names.size + counting.length)) return null;
      const bound = bind(part as Exclude<Part, string>, this.#text.slice(at, end), names);
      const found = bound === null ? null : this.#place(i + 1, end, bound);
      if (found !== null) return found;
    }
    this.#failed.add(key);
    return null;
  }

  /** Where a stretch from here on may end. A name that an earlier stretch has bound is that long and no longer. */
  #reach({ part, blanks }: Piece, at: number, names: Names): readonly [shortest: number, longest: number] {
    if (blanks) return [at, this.#text.length];
    const bound = pieceOf(part, names);
    if (bound === null) return [1, 0];
    return bound.text === null ? [at + 1, this.#wordEnd(at)] : [at + bound.text.length, at + bound.text.length];
  }

  #wordEnd(at: number): number {
    let end = at;
    while (end < this.#text.length && /\S/.test(this.#text[end]!)) end += 1;
    return end;
  }
}

/** Names that may refuse a text that stands in the right place. */
function canBeRefused(part: Part): boolean {
  return typeof part !== 'string' && (part.kind === 'new' || part.kind === 'int64');
}
