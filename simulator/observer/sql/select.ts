/**
 * The grammar of SELECT and UNION.
 *
 * Knows nothing of other statements. What an observer can and the simulated one cannot (INTO, WITH) is refused as not
 * supported, not as a syntax error.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import { parseFrom } from './sources.ts';
import type { Expression, Limit, OrderItem, Query, RowLock, Select, SelectItem } from './syntax.ts';

/** Words that may stand between SELECT and its list, and change nothing here. */
const MODIFIERS: ReadonlySet<string> = new Set([
  'ALL',
  'HIGH_PRIORITY',
  'STRAIGHT_JOIN',
  'SQL_NO_CACHE',
  'SQL_CACHE',
  'SQL_CALC_FOUND_ROWS',
  'SQL_SMALL_RESULT',
  'SQL_BIG_RESULT',
  'SQL_BUFFER_RESULT',
]);

/** A SELECT, or several joined by UNION. */
export function parseQuery(from: Cursor): Query {
  const first = queryPart(from);
  if (!from.isWord('UNION')) return first;
  const rest: { query: Query; all: boolean }[] = [];
  while (from.accept('UNION')) {
    const all = from.accept('ALL');
    if (!all) from.accept('DISTINCT');
    rest.push({ query: queryPart(from), all });
  }
  return wholeUnion(from, first, rest);
}

/** ORDER BY and LIMIT behind the last SELECT belong to the whole; in brackets they are its own. */
function wholeUnion(from: Cursor, first: Query, rest: { query: Query; all: boolean }[]): Query {
  const last = rest.at(-1)!;
  const { query } = last;
  if (query.kind === 'select' && !BRACKETED.has(query) && (query.orderBy.length > 0 || query.limit !== null)) {
    rest[rest.length - 1] = { ...last, query: { ...query, orderBy: [], limit: null } };
    return { kind: 'union', first, rest, orderBy: query.orderBy, limit: query.limit };
  }
  return { kind: 'union', first, rest, orderBy: parseOrderBy(from), limit: parseLimit(from) };
}

/** The SELECTs that stood in brackets. */
const BRACKETED = new WeakSet<Query>();

function queryPart(from: Cursor): Query {
  if (!from.acceptMark('(')) return parseSelect(from);
  const inner = parseQuery(from);
  from.expectMark(')');
  BRACKETED.add(inner);
  if (from.isWord('ORDER') || from.isWord('LIMIT')) {
    const orderBy = parseOrderBy(from);
    const outer: Query = { kind: 'union', first: inner, rest: [], orderBy, limit: parseLimit(from) };
    BRACKETED.add(outer);
    return outer;
  }
  return inner;
}

/** True if a query stands here, perhaps in brackets. */
export function isQuery(from: Cursor): boolean {
  let ahead = 0;
  while (from.isMark('(', ahead)) ahead += 1;
  return from.isWord('SELECT', ahead);
}

export function parseSelect(from: Cursor): Select {
  from.deeper();
  const select = parseBody(from);
  from.shallower();
  return select;
}

function parseBody(from: Cursor): Select {
  from.expect('SELECT');
  let distinct = false;
  for (;;) {
    if (from.accept('DISTINCT') || from.accept('DISTINCTROW')) distinct = true;
    else if (from.peek().kind === 'word' && MODIFIERS.has(from.peek().upper)) from.take();
    else break;
  }
  const items = [selectItem(from)];
  while (from.acceptMark(',')) items.push(selectItem(from));
  const source = from.accept('FROM') ? parseFrom(from) : ({ kind: 'nothing' } as const);
  if (from.isWord('INTO')) throw refuse('NOT_SUPPORTED');
  const where = parseWhere(from);
  const groupBy = from.accept('GROUP') ? byList(from) : [];
  if (groupBy.length > 0 && from.isWord('WITH')) throw refuse('NOT_SUPPORTED_DETAIL', 'WITH ROLLUP');
  const having = from.accept('HAVING') ? parseExpression(from) : null;
  const orderBy = parseOrderBy(from);
  const limit = parseLimit(from);
  const lock = lockClause(from);
  if (from.isWord('INTO')) throw refuse('NOT_SUPPORTED');
  return { kind: 'select', distinct, items, from: source, where, groupBy, having, orderBy, limit, lock };
}

/** An observer makes LOCK IN SHARE MODE with the locks it has: those of FOR UPDATE (its manual, "LOCK IN SHARE MODE"). */
function lockClause(from: Cursor): RowLock | null {
  const plain = { seconds: null, skips: false };
  if (from.accept('LOCK', 'IN', 'SHARE', 'MODE')) return { shares: true, ...plain };
  if (!from.accept('FOR')) return null;
  const shares = from.accept('SHARE');
  if (!shares) from.expect('UPDATE');
  if (from.accept('NOWAIT') || from.accept('NO_WAIT')) return { shares, seconds: 0, skips: false };
  if (from.accept('SKIP', 'LOCKED')) return { shares, seconds: null, skips: true };
  if (!from.accept('WAIT')) return { shares, ...plain };
  if (from.peek().kind !== 'integer') throw from.refusal();
  return { shares, seconds: Number(from.take().text), skips: false };
}

function selectItem(from: Cursor): SelectItem {
  if (from.acceptMark('*')) return { kind: 'all', table: null };
  if (from.isName() && from.isMark('.', 1)) {
    const deep = from.isMark('.', 3) && from.isMark('*', 4);
    if (deep || from.isMark('*', 2)) {
      if (deep) {
        from.take();
        from.take();
      }
      const table = from.name();
      from.take();
      from.take();
      return { kind: 'all', table };
    }
  }
  const start = from.peek().start;
  const value = parseExpression(from);
  const typed = from.text.slice(start, from.lastEnd);
  return { kind: 'value', value, name: parseAlias(from) ?? nameOf(value, typed) };
}

/** A column is named as typed; but a name alone without its quotes and table, and a text as its value. */
function nameOf(value: Expression, typed: string): string {
  if (value.kind === 'column') return value.name;
  if (value.kind !== 'literal') return typed;
  if (Buffer.isBuffer(value.value)) return /^[_'"]/.test(typed) ? value.value.toString() : typed;
  return typeof value.value === 'string'
    ? value.value
    : typed.startsWith('(')
      ? typed.replace(/^\(+|\)+$/g, '')
      : typed;
}

export function parseAlias(from: Cursor): string | null {
  const named = from.accept('AS');
  const token = from.peek();
  if (token.kind === 'string') return from.take().text;
  if (named) return from.name();
  return from.isName() ? from.name() : null;
}

export function parseWhere(from: Cursor): Expression | null {
  return from.accept('WHERE') ? parseExpression(from) : null;
}

export function parseOrderBy(from: Cursor): OrderItem[] {
  return from.accept('ORDER') ? byList(from) : [];
}

function byList(from: Cursor): OrderItem[] {
  from.expect('BY');
  return orderList(from);
}

function orderList(from: Cursor): OrderItem[] {
  const items: OrderItem[] = [];
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
  const first = limitValue(from);
  if (from.acceptMark(',')) return { offset: first, count: limitValue(from) };
  if (from.accept('OFFSET')) return { offset: limitValue(from), count: first };
  return { offset: null, count: first };
}

/** A number or a parameter, nothing else. */
function limitValue(from: Cursor): Expression {
  const token = from.peek();
  if (token.kind === 'integer') return { kind: 'literal', value: BigInt(from.take().text) };
  if (!from.isMark('?')) throw from.refusal();
  return { kind: 'parameter', index: from.parameter() };
}
