/**
 * The grammar of INSERT, REPLACE, UPDATE, DELETE.
 *
 * Knows nothing of how they are executed.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import { isQuery, parseLimit, parseOrderBy, parseQuery, parseWhere } from './select.ts';
import { parseTableName } from './sources.ts';
import type { Change, Expression, Query, Statement } from './syntax.ts';

export function parseInsert(from: Cursor): Statement {
  const replace = from.accept('REPLACE');
  if (!replace) from.expect('INSERT');
  while (from.accept('LOW_PRIORITY') || from.accept('DELAYED') || from.accept('HIGH_PRIORITY'));
  const ignore = from.accept('IGNORE');
  from.accept('INTO');
  const table = parseTableName(from, false);
  const onDuplicate = replace ? 'replace' : ignore ? 'ignore' : 'error';
  if (from.accept('SET')) {
    const pairs = parseAssignments(from);
    const columns = pairs.map(([column]) => column);
    const updates = replace ? null : duplicateUpdates(from);
    return { kind: 'insert', table, columns, source: [pairs.map(([, value]) => value)], onDuplicate, updates };
  }
  const columns = from.isMark('(') && !isQuery(from) ? columnList(from) : null;
  const source = isQuery(from) ? parseQuery(from) : valueRows(from);
  const updates = replace ? null : duplicateUpdates(from);
  return { kind: 'insert', table, columns, source, onDuplicate, updates };
}

function valueRows(from: Cursor): readonly (readonly Expression[])[] | Query {
  if (!from.accept('VALUES')) from.expect('VALUE');
  const rows = [row(from)];
  while (from.acceptMark(',')) rows.push(row(from));
  return rows;
}

function duplicateUpdates(from: Cursor): readonly Change[] | null {
  if (!from.accept('ON')) return null;
  from.expect('DUPLICATE', 'KEY', 'UPDATE');
  return parseAssignments(from);
}

function columnList(from: Cursor): string[] {
  from.expectMark('(');
  const columns: string[] = [];
  if (from.acceptMark(')')) return columns;
  do {
    let column = from.name();
    while (from.acceptMark('.')) column = from.anyName();
    columns.push(column);
  } while (from.acceptMark(','));
  from.expectMark(')');
  return columns;
}

function row(from: Cursor): Expression[] {
  from.expectMark('(');
  const values: Expression[] = [];
  if (from.acceptMark(')')) return values;
  do values.push(parseExpression(from));
  while (from.acceptMark(','));
  from.expectMark(')');
  return values;
}

function parseAssignments(from: Cursor): Change[] {
  const pairs: Change[] = [];
  do {
    let column = from.name();
    while (from.acceptMark('.')) column = from.anyName();
    if (!from.acceptMark('=')) from.expectMark(':=');
    pairs.push([column, parseExpression(from)]);
  } while (from.acceptMark(','));
  return pairs;
}

export function parseUpdate(from: Cursor): Statement {
  from.expect('UPDATE');
  from.accept('LOW_PRIORITY');
  const ignore = from.accept('IGNORE');
  const table = parseTableName(from, true);
  if (from.isMark(',') || /^(JOIN|INNER|LEFT|RIGHT|CROSS)$/.test(from.peek().upper)) {
    throw refuse('NOT_SUPPORTED_DETAIL', 'UPDATE of several tables');
  }
  from.expect('SET');
  const assignments = parseAssignments(from);
  const where = parseWhere(from);
  const orderBy = parseOrderBy(from);
  return { kind: 'update', table, assignments, ignore, where, orderBy, limit: countOnly(from) };
}

export function parseDelete(from: Cursor): Statement {
  from.expect('DELETE');
  while (from.accept('LOW_PRIORITY') || from.accept('QUICK') || from.accept('IGNORE'));
  if (!from.isWord('FROM')) {
    if (!from.isName()) throw from.refusal();
    parseTableName(from, false);
    if (from.isMark(',') || from.isWord('FROM')) throw refuse('NOT_SUPPORTED_DETAIL', 'DELETE from several tables');
    throw from.refusal();
  }
  from.expect('FROM');
  const table = parseTableName(from, false);
  const alias = aliasOfDelete(from);
  if (from.isMark(',') || /^(USING|JOIN|INNER|LEFT|RIGHT|CROSS)$/.test(from.peek().upper)) {
    throw refuse('NOT_SUPPORTED_DETAIL', 'DELETE from several tables');
  }
  const where = parseWhere(from);
  const orderBy = parseOrderBy(from);
  return { kind: 'delete', table: { ...table, alias }, where, orderBy, limit: countOnly(from) };
}

/** An observer takes one, MySQL 5.7 does not: what does not go on as a DELETE does is no alias (`DELETE FROM t id = 1`). */
function aliasOfDelete(from: Cursor): string | null {
  const named = from.isWord('AS') ? 1 : 0;
  if (!from.isName(named) || /^(USING|PARTITION)$/.test(from.peek(named).upper)) return null;
  const behind = from.peek(named + 1);
  const goesOn = behind.kind === 'end' || /^(WHERE|ORDER|LIMIT)$/.test(behind.upper) || /^[;,]$/.test(behind.text);
  if (!goesOn) throw from.refusal();
  if (named === 1) from.take();
  return from.name();
}

/** LIMIT without an offset. */
function countOnly(from: Cursor): ReturnType<typeof parseLimit> {
  if (from.isWord('LIMIT') && (from.isMark(',', 2) || from.isWord('OFFSET', 2))) {
    from.take();
    from.take();
    throw from.refusal();
  }
  return parseLimit(from);
}
