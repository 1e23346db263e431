/**
 * The grammar of INSERT, REPLACE, UPDATE, DELETE.
 *
 * Knows nothing of how they are executed.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import { parseLimit, parseOrderBy, parseTableName, parseWhere } from './select.ts';
import type { Expression, Statement } from './syntax.ts';

export function parseInsert(from: Cursor): Statement {
  const replace = from.accept('REPLACE');
  if (!replace) from.expect('INSERT');
  const ignore = from.accept('IGNORE');
  from.accept('INTO');
  const table = parseTableName(from, false);
  const onDuplicate = replace ? 'replace' : ignore ? 'ignore' : 'error';
  if (from.accept('SET')) {
    const pairs = parseAssignments(from);
    return {
      kind: 'insert',
      table,
      columns: pairs.map(([column]) => column),
      rows: [pairs.map(([, value]) => value)],
      onDuplicate,
    };
  }
  const columns = from.isMark('(') ? columnList(from) : null;
  if (from.isWord('SELECT')) throw refuse('NOT_SUPPORTED');
  if (!from.accept('VALUES')) from.expect('VALUE');
  const rows = [row(from)];
  while (from.acceptMark(',')) rows.push(row(from));
  if (from.isWord('ON')) throw refuse('NOT_SUPPORTED');
  return { kind: 'insert', table, columns, rows, onDuplicate };
}

function columnList(from: Cursor): string[] {
  from.expectMark('(');
  const columns: string[] = [];
  if (from.acceptMark(')')) return columns;
  do columns.push(from.name());
  while (from.acceptMark(','));
  from.expectMark(')');
  return columns;
}

function row(from: Cursor): (Expression | null)[] {
  from.expectMark('(');
  const values: (Expression | null)[] = [];
  if (from.acceptMark(')')) return values;
  do values.push(from.accept('DEFAULT') ? null : parseExpression(from));
  while (from.acceptMark(','));
  from.expectMark(')');
  return values;
}

function parseAssignments(from: Cursor): [string, Expression][] {
  const pairs: [string, Expression][] = [];
  do {
    let column = from.name();
    while (from.acceptMark('.')) column = from.anyName();
    from.expectMark('=');
    pairs.push([column, parseExpression(from)]);
  } while (from.acceptMark(','));
  return pairs;
}

export function parseUpdate(from: Cursor): Statement {
  from.expect('UPDATE');
  from.accept('IGNORE');
  const table = parseTableName(from, true);
  if (from.isMark(',') || from.isWord('JOIN')) throw refuse('NOT_SUPPORTED');
  from.expect('SET');
  const assignments = parseAssignments(from);
  const where = parseWhere(from);
  return { kind: 'update', table, assignments, where, orderBy: parseOrderBy(from), limit: parseLimit(from) };
}

export function parseDelete(from: Cursor): Statement {
  from.expect('DELETE', 'FROM');
  const table = parseTableName(from, true);
  const where = parseWhere(from);
  return { kind: 'delete', table, where, orderBy: parseOrderBy(from), limit: parseLimit(from) };
}
