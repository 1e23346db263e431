/**
 * What a statement itself says about the time that its answer may take (odp-relay.md §6.3): the hint `query_timeout`,
 * and kinds of statements that have a limit of their own, or none.
 *
 * Asked with every COM_QUERY, so it looks at the first word and what stands behind it, and at nothing else: hints stand
 * there.
 */
import { Scanner } from './tokens.ts';

export type StatementTime =
  | { readonly kind: 'ordinary' }
  | { readonly kind: 'hint'; readonly microseconds: number }
  | { readonly kind: 'definition' }
  | { readonly kind: 'call' };

const ORDINARY: StatementTime = { kind: 'ordinary' };
const DEFINITION: StatementTime = { kind: 'definition' };
const CALL: StatementTime = { kind: 'call' };

/** Statements that are not of the data: CREATE, ALTER, DROP, TRUNCATE, RENAME; and CALL. */
const OWN_LIMIT: ReadonlyMap<string, StatementTime> = new Map<string, StatementTime>([
  ['CREATE', DEFINITION],
  ['ALTER', DEFINITION],
  ['DROP', DEFINITION],
  ['TRUNCATE', DEFINITION],
  ['RENAME', DEFINITION],
  ['CALL', CALL],
]);
/** Their first letters, small. */
const FIRST_LETTERS: ReadonlySet<number> = new Set([...'cadtr'].map((letter) => letter.charCodeAt(0)));
/** What stands before a statement that does not begin with its first word: comments, parentheses. */
const BEFORE: ReadonlySet<number> = new Set([...'/-#('].map((sign) => sign.charCodeAt(0)));
const QUERY_TIMEOUT = /\bquery_timeout\s*\(\s*(\d{1,18})\s*\)/i;

const SPACE = 0x20;
const LOWER = 0x20;
const A = 0x61;
const Z = 0x7a;
const SLASH = 0x2f;
const STAR = 0x2a;
const PLUS = 0x2b;

/** `bytes`: a request, or its first part; the text begins at `from`. */
export function timeOf(bytes: Buffer, from: number): StatementTime {
  let at = from;
  while (at < bytes.length && bytes[at]! <= SPACE) at += 1;
  if (BEFORE.has(bytes[at] ?? 0)) {
    const scanner = new Scanner(bytes.toString('latin1', at));
    if (!scanner.toWord()) return ORDINARY;
    at += scanner.at;
  }
  const start = at;
  while (at < bytes.length && isLetter(bytes[at]!)) at += 1;
  if (FIRST_LETTERS.has((bytes[start] ?? 0) | LOWER)) {
    const own = OWN_LIMIT.get(bytes.toString('latin1', start, at).toUpperCase());
    if (own !== undefined) return own;
  }
  while (at < bytes.length && bytes[at]! <= SPACE) at += 1;
  return bytes[at] === SLASH && bytes[at + 1] === STAR && bytes[at + 2] === PLUS ? hintOf(bytes, at) : ORDINARY;
}

function isLetter(byte: number): boolean {
  const small = byte | LOWER;
  return small >= A && small <= Z;
}

function hintOf(bytes: Buffer, at: number): StatementTime {
  const end = bytes.indexOf('*/', at);
  const match = QUERY_TIMEOUT.exec(bytes.toString('latin1', at, end < 0 ? bytes.length : end));
  return match === null ? ORDINARY : { kind: 'hint', microseconds: Number(match[1]) };
}
