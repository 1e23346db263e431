/**
 * The grammar of SELECT.
 *
 * Knows nothing of other statements. What an observer can and the simulated one cannot yet (joins, GROUP BY, UNION,
 * queries inside queries) is refused as not supported, not as a syntax error.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import type { Expression, From, Limit, OrderItem, Select, SelectItem, TableName } from './syntax.ts';

/** Words that may stand between SELECT and its list, and change nothing here. */
const MODIFIERS: ReadonlySet<string> = new Set([
  'ALL',
  'HIGH_PRIORITY',
  'STRAIGHT_JOIN',
  'SQL_NO_CACHE',
  'SQL_CACHE',
  'SQL_CALC_FOUND_ROWS',
]);

/** Words behind which the rest of a SELECT is known but not built. */
const UNBUILT: ReadonlySet<string> = new Set([
  'JOIN',
  'INNER',
  'LEFT',
  'RIGHT',
  'CROSS',
  'NATURAL',
  'GROUP',
  'HAVING',
  'UNION',
  'INTO',
]);

export function parseSelect(from: Cursor): Select {
  from.expect('SELECT');
  while (from.peek().kind === 'word' && MODIFIERS.has(from.peek().upper)) from.take();
  const distinct = from.accept('DISTINCT');
  const items = [selectItem(from)];
  while (from.acceptMark(',')) items.push(selectItem(from));
  const source = from.accept('FROM') ? parseFrom(from) : ({ kind: 'nothing' } as const);
  refuseUnbuilt(from);
  const where = parseWhere(from);
  refuseUnbuilt(from);
  const orderBy = parseOrderBy(from);
  const limit = parseLimit(from);
  const forUpdate = lockClause(from);
  const wait = forUpdate ? waitClause(from) : null;
  refuseUnbuilt(from);
  return { kind: 'select', distinct, items, from: source, where, orderBy, limit, forUpdate, wait };
}

function refuseUnbuilt(from: Cursor): void {
  const token = from.peek();
  if (token.kind === 'word' && UNBUILT.has(token.upper)) throw refuse('NOT_SUPPORTED');
}

function lockClause(from: Cursor): boolean {
  if (from.accept('LOCK', 'IN', 'SHARE', 'MODE')) return false;
  if (!from.accept('FOR')) return false;
  if (from.accept('SHARE')) return false;
  from.expect('UPDATE');
  return true;
}

/** How long FOR UPDATE waits, in seconds; null if it does not say. */
function waitClause(from: Cursor): number | null {
  if (from.accept('NOWAIT') || from.accept('NO_WAIT')) return 0;
  if (from.isWord('SKIP')) throw refuse('NOT_SUPPORTED');
  if (!from.accept('WAIT')) return null;
  if (from.peek().kind !== 'integer') throw from.refusal();
  return Number(from.take().text);
}

function selectItem(from: Cursor): SelectItem {
  if (from.acceptMark('*')) return { kind: 'all', table: null };
  if (from.isName() && from.isMark('.', 1) && from.isMark('*', 2)) {
    const table = from.name();
    from.take();
    from.take();
    return { kind: 'all', table };
  }
  const start = from.peek().start;
  const value = parseExpression(from);
  const typed = from.text.slice(start, from.lastEnd);
  return { kind: 'value', value, name: alias(from) ?? nameOf(value, typed) };
}

/** A column is named as typed; but a name alone without its quotes and table, and a text as its value. */
function nameOf(value: Expression, typed: string): string {
  if (value.kind === 'column') return value.name;
  return value.kind === 'literal' && typeof value.value === 'string' ? value.value : typed;
}

function alias(from: Cursor): string | null {
  const named = from.accept('AS');
  const token = from.peek();
  if (token.kind === 'string') return from.take().text;
  if (named) return from.name();
  return from.isName() ? from.name() : null;
}

function parseFrom(from: Cursor): From {
  if (from.accept('DUAL')) return { kind: 'nothing' };
  if (from.accept('TABLE')) {
    from.expectMark('(');
    from.expect('GENERATOR');
    from.expectMark('(');
    const count = parseExpression(from);
    from.expectMark(')');
    from.expectMark(')');
    alias(from);
    return { kind: 'generator', count };
  }
  if (from.isMark('(')) throw refuse('NOT_SUPPORTED');
  const table = parseTableName(from, true);
  if (from.isMark(',')) throw refuse('NOT_SUPPORTED');
  return { kind: 'table', table };
}

export function parseTableName(from: Cursor, aliased: boolean): TableName {
  const first = from.name();
  const second = from.acceptMark('.') ? from.anyName() : null;
  const called = aliased ? alias(from) : null;
  return { database: second === null ? null : first, name: second ?? first, alias: called };
}

export function parseWhere(from: Cursor): Expression | null {
  return from.accept('WHERE') ? parseExpression(from) : null;
}

export function parseOrderBy(from: Cursor): OrderItem[] {
  const items: OrderItem[] = [];
  if (!from.accept('ORDER', 'BY')) return items;
  do {
    const value = parseExpression(from);
    const descending = from.accept('DESC');
    if (!descending) from.accept('ASC');
    items.push({ value, descending });
  } while (from.acceptMark(','));
  return items;
}

export function parseLimit(from: Cursor): Limit | null {
  if (!from.accept('LIMIT')) return null;
  const first = parseExpression(from);
  if (from.acceptMark(',')) return { offset: first, count: parseExpression(from) };
  if (from.accept('OFFSET')) return { offset: parseExpression(from), count: first };
  return { offset: null, count: first };
}
