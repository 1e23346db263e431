/**
 * What the relay must know of a statement before it sends it on (odp-relay.md §3.2–3.4): is it ours to answer, is it a
 * BEGIN to be held, does it depend on the statement before it.
 *
 * Runs once for every COM_QUERY, so most statements are told by their first letter and one search for a few words.
 */
import { type InternalCommand, isMultiStatement, parseInternal } from './command.ts';
import { type OwnSelect, parseOwnSelect, parseSetRoute, type SetRoute } from './own-variables.ts';
import { parseTextPrepared } from './text-prepared.ts';
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
  | OwnSelect
  | SetRoute
  /** PREPARE … FROM; `variable`: the text is in it; `last`: what it runs depends on the statement before. */
  | {
      readonly kind: 'text prepare';
      readonly name: string;
      readonly variable: string | null;
      readonly last: boolean;
    }
  | { readonly kind: 'text execute'; readonly name: string }
  | { readonly kind: 'deallocate'; readonly name: string };

const ORDINARY: Statement = { kind: 'ordinary' };
const DEPENDENT: Statement = { kind: 'dependent' };
const BEGIN: Statement = { kind: 'begin' };
const CONTRADICTORY: Statement = { kind: 'contradictory' };

/** Whether one of these may stand in the text at all; quotes and comments are only looked at if so. */
const MAYBE_DEPENDENT = /found_rows|row_count|connection_id|sys_context|warnings|errors|trace|obproxy_route_addr/i;
const DEPENDENT_FUNCTIONS: ReadonlySet<string> = new Set(['FOUND_ROWS', 'ROW_COUNT', 'CONNECTION_ID', 'SYS_CONTEXT']);
const DEPENDENT_SHOWS: ReadonlySet<string> = new Set(['WARNINGS', 'ERRORS', 'TRACE']);

/**
 * What none of ours starts with. Those may start with BEGIN, BINLOG, DEALLOCATE, DESC(RIBE), DROP, EXECUTE, EXPLAIN, KILL,
 * PING, PREPARE, SHOW, START, or with no word.
 */
const PLAIN_START = /^[ \t\r\n]*(?:insert|update|delete|replace|set|commit|rollback|call|create|use|with|alter)\b/i;
const PREPARE_START = /^[ \t\r\n]*prepare\b/i;
const SELECT_START = /^[ \t\r\n]*select\b/i;

/** `text`: the statement, latin1. */
export function classify(text: string): Statement {
  if (SELECT_START.test(text)) return parseOwnSelect(text) ?? dependence(text);
  if (PLAIN_START.test(text)) return MAYBE_DEPENDENT.test(text) ? (parseSetRoute(text) ?? dependence(text)) : ORDINARY;
  const command = parseInternal(text);
  if (command !== null) return { kind: 'internal', command };
  if (isBegin(text)) return BEGIN;
  return textPrepared(text) ?? behindComments(text) ?? dependence(text);
}

/** `text` is the beginning of a statement too long to be understood whole: only whether it prepares something is told. */
export function classifyBeginning(text: string): Statement {
  const found = PREPARE_START.test(text) ? textPrepared(text) : null;
  return found ?? ORDINARY;
}

function textPrepared(text: string): Statement | null {
  const found = parseTextPrepared(text);
  if (found === null || found.kind !== 'text prepare') return found;
  const { kind, name, variable } = found;
  return { kind, name, variable, last: found.text !== null && dependence(found.text).kind === 'dependent' };
}

/** Drivers put comments in front of what they ask. */
function behindComments(text: string): Statement | null {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  return scanner.at === 0 ? null : parseOwnSelect(text.slice(scanner.at));
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
  if (!MAYBE_DEPENDENT.test(text)) return ORDINARY;
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
    // SHOW COUNT(*) WARNINGS.
    if (before !== 'SHOW' || word !== 'COUNT') before = word;
  }
  if (!dependent) return ORDINARY;
  return insertId ? CONTRADICTORY : DEPENDENT;
}
