/**
 * What the relay must know of a statement before it sends it on (odp-relay.md §3.2–3.4): is it ours to answer, is it a
 * BEGIN to be held, does it depend on the statement before it.
 *
 * Runs once for every COM_QUERY, so most statements are told by their first letter and one search for a few words.
 */
import { type InternalCommand, isMultiStatement, parseInternal } from './command.ts';
import { Scanner } from './tokens.ts';

export type Statement =
  /** Goes to an observer. */
  | { readonly kind: 'ordinary' }
  /** Goes to the server session that served the last statement, and to no other. */
  | { readonly kind: 'dependent' }
  /** A BEGIN or START TRANSACTION that is held back outside a transaction. */
  | { readonly kind: 'begin' }
  /** `last_insert_id()` together with a function of the statement before: refused with 1235. */
  | { readonly kind: 'contradictory' }
  | { readonly kind: 'internal'; readonly command: InternalCommand }
  /** `SELECT proxy_version()`, answered by the proxy; `column` is the expression as typed, or its alias. */
  | { readonly kind: 'proxy version'; readonly column: string };

const ORDINARY: Statement = { kind: 'ordinary' };
const DEPENDENT: Statement = { kind: 'dependent' };
const BEGIN: Statement = { kind: 'begin' };
const CONTRADICTORY: Statement = { kind: 'contradictory' };

/** Whether one of these may stand in the text at all; quotes and comments are only looked at if so. */
const MAYBE_DEPENDENT = /found_rows|row_count|connection_id|sys_context|warnings|errors|trace/i;
const DEPENDENT_FUNCTIONS: ReadonlySet<string> = new Set(['FOUND_ROWS', 'ROW_COUNT', 'CONNECTION_ID', 'SYS_CONTEXT']);
const DEPENDENT_SHOWS: ReadonlySet<string> = new Set(['WARNINGS', 'ERRORS', 'TRACE']);
const PROXY_VERSION = /^\s*select\s+(proxy_version\(\s*\))(?:\s+(?:as\s+)?([A-Za-z_]\w*))?\s*;?\s*$/i;

/** First letters of statements that may be ours: BEGIN, DESC(RIBE), EXPLAIN, KILL, SHOW and START, and the word-less starts. */
const PLAIN_START =
  /^[ \t\r\n]*(?:insert|update|delete|replace|set|commit|rollback|call|create|drop|use|with|alter)\b/i;
const SELECT_START = /^[ \t\r\n]*select\b/i;

/** `text`: the statement, latin1. */
export function classify(text: string): Statement {
  if (SELECT_START.test(text)) {
    if (!MAYBE_DEPENDENT.test(text)) {
      const version = PROXY_VERSION.exec(text);
      return version === null ? ORDINARY : { kind: 'proxy version', column: version[2] ?? version[1]! };
    }
    return dependence(text);
  }
  if (PLAIN_START.test(text)) return MAYBE_DEPENDENT.test(text) ? dependence(text) : ORDINARY;
  const command = parseInternal(text);
  if (command !== null) return { kind: 'internal', command };
  if (isBegin(text)) return BEGIN;
  return MAYBE_DEPENDENT.test(text) ? dependence(text) : ORDINARY;
}

function isBegin(text: string): boolean {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  if (scanner.eat('START')) {
    scanner.skipSpace();
    return scanner.eat('TRANSACTION') && !isMultiStatement(text);
  }
  return scanner.eat('BEGIN') && !isMultiStatement(text);
}

/** Looks at the words outside quotes and comments (odp-relay.md §3.4). */
function dependence(text: string): Statement {
  const scanner = new Scanner(text);
  let before = '';
  let dependent = false;
  let insertId = false;
  for (;;) {
    const token = scanner.next();
    if (token.kind === 'end') break;
    const word = token.kind === 'word' ? token.text.toUpperCase() : '';
    if (DEPENDENT_FUNCTIONS.has(word)) dependent ||= scanner.calls();
    else if (word === 'LAST_INSERT_ID') insertId ||= scanner.calls();
    else if (before === 'SHOW' && DEPENDENT_SHOWS.has(word)) dependent = true;
    before = word;
  }
  if (!dependent) return ORDINARY;
  return insertId ? CONTRADICTORY : DEPENDENT;
}
