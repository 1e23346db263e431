/**
 * The grammar of statements: a table from the first word to the rule that reads the rest.
 *
 * Must never know how anything is executed. A first word that is in neither table is no SQL: ERROR 1064.
 */
import { refuse } from '../refusal.ts';
import { parseDelete, parseInsert, parseUpdate } from './changes.ts';
import { Cursor } from './cursor.ts';
import { parseAlter, parseCreate, parseDrop, parseRename, parseTruncate } from './definitions.ts';
import { expressionList, expressionsGrammar, parseExpression } from './expressions.ts';
import { queryTimeoutHint } from './hints.ts';
import { parseDeallocate, parseExecute, parsePrepare } from './prepare.ts';
import { parseRelease, parseRollbackTo, parseSavepoint } from './savepoints.ts';
import { PLAIN_SPELLING } from './scanner.ts';
import { isQuery, parseQuery } from './select.ts';
import { parseSet } from './settings.ts';
import { parseShow } from './show.ts';
import { parseTableName } from './sources.ts';
import type { Expression, Statement, TableName } from './syntax.ts';
import { parseAlterSystem } from './system.ts';
import { parseUnbuilt } from './unbuilt.ts';

const RULES: Readonly<Record<string, (from: Cursor) => Statement>> = {
  SELECT: parseQuery,
  SET: parseSet,
  BEGIN: parseBegin,
  START: parseStart,
  COMMIT: parseCommit,
  ROLLBACK: parseRollback,
  USE: parseUse,
  SHOW: parseShow,
  DESC: parseDescribe,
  DESCRIBE: parseDescribe,
  KILL: parseKill,
  DO: parseDo,
  INSERT: parseInsert,
  REPLACE: parseInsert,
  UPDATE: parseUpdate,
  DELETE: parseDelete,
  CREATE: parseCreate,
  DROP: (from) => (from.isWord('PREPARE', 1) ? parseDeallocate(from) : parseDrop(from)),
  TRUNCATE: parseTruncate,
  SAVEPOINT: parseSavepoint,
  RELEASE: parseRelease,
  PREPARE: parsePrepare,
  EXECUTE: parseExecute,
  DEALLOCATE: parseDeallocate,
  ALTER: parseAlter,
  RENAME: parseRename,
  LOCK: parseLock,
  UNLOCK: parseUnlock,
};

expressionsGrammar.isQuery = isQuery;
expressionsGrammar.parseQuery = parseQuery;

/** One statement of a text, and where the next one starts. */
export interface Parsed {
  /** Null for nothing but blanks and comments. */
  readonly statement: Statement | null;
  /** Its text, without blanks and comments before and behind it. */
  readonly text: string;
  /** Where the next statement starts; −1 if there is none. */
  readonly next: number;
  /** How many `?` are in it. */
  readonly parameters: number;
  /** How long its hint says it may take, in microseconds; null if it does not say. */
  readonly queryTimeout: number | null;
}

/**
 * Reads the statement that starts at `at`. `prepared`: it may have `?` in it. A `Refusal` if it is none, or one that is
 * not built.
 */
export function parseStatement(text: string, at = 0, prepared = false, spelling = PLAIN_SPELLING): Parsed {
  const from = new Cursor(text, at, prepared, spelling);
  const start = from.peek().start;
  if (from.atEnd) return { statement: null, text: '', next: nextStart(from), parameters: 0, queryTimeout: null };
  const statement = parseOne(from);
  if (!from.atEnd) throw from.refusal();
  const whole = text.slice(start, from.lastEnd);
  const queryTimeout = queryTimeoutHint(text, start);
  return { statement, text: whole, next: nextStart(from), parameters: from.parameters, queryTimeout };
}

/** Behind the `;`, if anything but blanks and comments comes there. */
function nextStart(from: Cursor): number {
  const end = from.peek().end;
  if (!from.acceptMark(';')) return -1;
  const next = from.peek();
  return next.kind === 'end' && next.text === '' ? -1 : end;
}

function parseOne(from: Cursor): Statement {
  const first = from.peek();
  if (first.kind === 'mark' && first.text === '(' && isQuery(from)) return parseQuery(from);
  if (first.kind !== 'word') throw from.refusal();
  if (first.upper === 'ALTER' && from.isWord('SYSTEM', 1)) return parseAlterSystem(from);
  const rule = RULES[first.upper];
  if (rule !== undefined) return rule(from);
  return parseUnbuilt(from);
}

/** Accepted without effect: rows are locked one by one, and what a dump says when it is loaded must not fail. */
function parseLock(from: Cursor): Statement {
  from.expect('LOCK');
  if (!from.accept('TABLES')) from.expect('TABLE');
  do {
    parseTableName(from, true);
    if (from.accept('READ')) from.accept('LOCAL');
    else {
      from.accept('LOW_PRIORITY');
      from.expect('WRITE');
    }
  } while (from.acceptMark(','));
  return { kind: 'nothing' };
}

function parseUnlock(from: Cursor): Statement {
  from.expect('UNLOCK');
  if (!from.accept('TABLES')) from.expect('TABLE');
  return { kind: 'nothing' };
}

function parseBegin(from: Cursor): Statement {
  from.expect('BEGIN');
  from.accept('WORK');
  return { kind: 'begin', readOnly: null };
}

function parseStart(from: Cursor): Statement {
  from.expect('START', 'TRANSACTION');
  let readOnly: boolean | null = null;
  if (from.atEnd) return { kind: 'begin', readOnly };
  do {
    if (from.accept('READ', 'ONLY')) readOnly = true;
    else if (from.accept('READ', 'WRITE')) readOnly = false;
    else from.expect('WITH', 'CONSISTENT', 'SNAPSHOT');
  } while (from.acceptMark(','));
  return { kind: 'begin', readOnly };
}

function parseCommit(from: Cursor): Statement {
  from.expect('COMMIT');
  from.accept('WORK');
  if (from.isWord('AND') || from.isWord('RELEASE')) throw refuse('NOT_SUPPORTED');
  return { kind: 'commit' };
}

function parseRollback(from: Cursor): Statement {
  from.expect('ROLLBACK');
  from.accept('WORK');
  if (from.isWord('AND') || from.isWord('RELEASE')) throw refuse('NOT_SUPPORTED');
  return from.isWord('TO') ? parseRollbackTo(from) : { kind: 'rollback' };
}

function parseUse(from: Cursor): Statement {
  from.expect('USE');
  return { kind: 'use', database: from.name() };
}

/** `KILL [CONNECTION | QUERY] expression` (observer.md §3.5). */
function parseKill(from: Cursor): Statement {
  from.expect('KILL');
  const query = from.accept('QUERY');
  if (!query) from.accept('CONNECTION');
  return { kind: 'kill', what: query ? 'query' : 'connection', id: parseExpression(from) };
}

function parseDo(from: Cursor): Statement {
  from.expect('DO');
  return { kind: 'do', values: expressionList(from) };
}

/** `DESC table` is SHOW COLUMNS; `DESC SELECT …` is EXPLAIN. */
function parseDescribe(from: Cursor): Statement {
  from.take();
  if (from.isWord('SELECT') || from.isWord('UPDATE') || from.isWord('INSERT') || from.isWord('DELETE')) {
    throw refuse('NOT_SUPPORTED');
  }
  const first = from.name();
  const second = from.acceptMark('.') ? from.anyName() : null;
  const table: TableName = { database: second === null ? null : first, name: second ?? first, alias: null };
  const like = from.isName() || from.peek().kind === 'string' ? from.take().text : null;
  return { kind: 'show', subject: { kind: 'columns', table, full: false }, filter: { like, where: null } };
}

/** SHOW WARNINGS and its like: the warnings of the statement before stay. So do those that `@@warning_count` counts. */
export function looksAtMessages(it: Statement): boolean {
  if (it.kind === 'show') return it.subject.kind === 'messages' || it.subject.kind === 'count messages';
  return it.kind === 'select' && it.items.some((item) => item.kind === 'value' && isMessageCount(item.value));
}

function isMessageCount(it: Expression): boolean {
  return it.kind === 'system' && (it.name === 'warning_count' || it.name === 'error_count');
}
