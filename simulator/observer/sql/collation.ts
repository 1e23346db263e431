/**
 * Texts as utf8mb4_general_ci sees them: without case, without accents, without blanks at the end.
 *
 * `folded` gives the text whose code units compare as the collation does; equal texts have the same one. One character
 * weighs as one character (so `ß` is `S`, not `SS`), and all beyond the basic plane weigh the same (MySQL's
 * `my_unicase_default` and its U+FFFD for the rest). The table is written out: no Intl, no `normalize`, so the bytes are
 * the same on every Node.
 */

/** U+00C0–U+00FF. */
const LATIN_1 = 'AAAAAAÆCEEEEIIIIÐNOOOOO×ØUUUUYÞSAAAAAAÆCEEEEIIIIÐNOOOOO÷ØUUUUYÞY';
/** U+0100–U+017F. */
const LATIN_A =
  'AAAAAACCCCCCCCDDĐĐEEEEEEEEEEGGGGGGGGHHĦĦIIIIIIIIIIĲĲJJKKĸLLLLLLĿĿŁŁNNNNNNŉŊŊOOOOOOŒŒRRRRRRSSSSSSSSTTTTŦŦUUUUUUUUUUUUWWYYYZZZZZZS';

const FIRST = 0xc0;
const FIRST_A = 0x100;
const END_A = 0x180;
const BEYOND = '\ufffd';

const NOT_ASCII = /[^\0-\x7f]/;

function weightOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < FIRST) return code === 0xb5 ? '\u039c' : character.toUpperCase();
  if (code < FIRST_A) return LATIN_1[code - FIRST]!;
  if (code < END_A) return LATIN_A[code - FIRST_A]!;
  if (code > 0xffff) return BEYOND;
  const upper = character.toUpperCase();
  return upper.length === 1 ? upper : character;
}

function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/** Without case and accents, blanks kept: for LIKE. */
export function foldedWhole(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toUpperCase();
  let whole = '';
  for (const character of text) whole += weightOf(character);
  return whole;
}

/** The text by which equal texts are found and all are ordered. */
export function folded(text: string): string {
  return foldedWhole(trimmed(text));
}

/** The text by which a collation that tells all characters apart finds equal ones: blanks at the end do not count. */
export function exactly(text: string): string {
  return trimmed(text);
}

/** Below 0, 0, above 0, as utf8mb4_bin orders: by characters, the shorter filled with blanks. */
export function compareExactly(a: string, b: string): number {
  const x = trimmed(a);
  const y = trimmed(b);
  if (x === y) return 0;
  const length = Math.max(x.length, y.length);
  return compareBytes(x.padEnd(length), y.padEnd(length));
}

/** Below 0, 0, above 0, as utf8mb4_general_ci orders. A blank at the end counts as nothing, also against a tab. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const x = folded(a);
  const y = folded(b);
  if (x === y) return 0;
  // The shorter is filled with blanks (PAD SPACE): what matters when the longer goes on below a blank.
  const shared = Math.min(x.length, y.length);
  if (x.length > shared && y === x.slice(0, shared)) return x.charCodeAt(shared) < 32 ? -1 : 1;
  if (y.length > shared && x === y.slice(0, shared)) return y.charCodeAt(shared) < 32 ? 1 : -1;
  return x < y ? -1 : 1;
}

/** Below 0, 0, above 0, by the bytes of UTF-8 (utf8mb4_bin and binary strings). */
export function compareBytes(a: string | Buffer, b: string | Buffer): number {
  const x = typeof a === 'string' ? Buffer.from(a) : a;
  const y = typeof b === 'string' ? Buffer.from(b) : b;
  return x.compare(y);
}

type Part = string | typeof ANY_RUN | typeof ANY_ONE;
const ANY_RUN = 1;
const ANY_ONE = 2;

/** `%` is any run of characters, `_` any one, the escape takes both meanings away; case and accents do not count. */
export function isLike(
  value: string,
  pattern: string,
  escaping = '\\',
  exact = false,
  effort: Spender | null = null,
): boolean {
  const text = [...(exact ? value : foldedWhole(value))];
  const parts = partsOf(exact ? pattern : foldedWhole(pattern), exact ? escaping : foldedWhole(escaping));
  return matches(text, parts, effort);
}

/** Who is told how much work a match is, while it is done. */
export interface Spender {
  spend(steps: number): void;
}

/** A match tells of its work after so many characters. */
export const CHARACTERS_OF_TURN = 1024;

function partsOf(pattern: string, escaping: string): Part[] {
  const parts: Part[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i]!;
    if (character === escaping && escaping !== '' && i + 1 < characters.length) {
      i += 1;
      parts.push(characters[i]!);
    } else if (character === '%') {
      if (parts.at(-1) !== ANY_RUN) parts.push(ANY_RUN);
    } else {
      parts.push(character === '_' ? ANY_ONE : character);
    }
  }
  return parts;
}

/** Greedy with one way back: at a mismatch the last `%` takes one character more. */
function matches(text: readonly string[], parts: readonly Part[], effort: Spender | null): boolean {
  let at = 0;
  let part = 0;
  let turns = 0;
  let runPart = -1;
  let runAt = 0;
  while (at < text.length) {
    const wanted = parts[part];
    turns += 1;
    if (turns % CHARACTERS_OF_TURN === 0) effort?.spend(CHARACTERS_OF_TURN / 8);
    if (wanted === ANY_RUN) {
      runPart = part;
      runAt = at;
      part += 1;
    } else if (wanted === ANY_ONE || wanted === text[at]) {
      part += 1;
      at += 1;
    } else if (runPart >= 0) {
      runAt += 1;
      at = runAt;
      part = runPart + 1;
    } else {
      return false;
    }
  }
  while (parts[part] === ANY_RUN) part += 1;
  return part === parts.length;
}
