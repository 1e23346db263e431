/**
 * SELECT.
 *
 * From a table all rows are read when the statement begins: that is its view (read committed). From TABLE(GENERATOR(n))
 * each row is made when there is room to send it.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import { aggregateRow } from './aggregates.ts';
import { aggregatesIn, checkNames, columnOf, NO_SOURCE, type Source, sourceOf, tableColumn } from './columns.ts';
import type { SessionContext } from './context.ts';
import { evaluate, type Scope } from './evaluate.ts';
import type { House } from './house.ts';
import { matchingRows } from './matching.ts';
import { type Outcome, ReadyRows, type Rows } from './outcome.ts';
import { processTable } from './process-list.ts';
import { refuse } from './refusal.ts';
import type { Expression, Limit, OrderItem, Select, TableName } from './sql/syntax.ts';
import { isTrue, order, textOf, toInteger, type Value } from './sql/value.ts';
import type { Row, Table } from './store.ts';
import { systemView } from './system-views.ts';

/** Milliseconds of a second: FOR UPDATE WAIT says how many. */
const SECOND = 1000;

type AggregateExpression = Expression & { readonly kind: 'aggregate' };

/** A SELECT with its stars spread out and its names checked. */
interface Plan {
  readonly select: Select;
  readonly source: Source;
  readonly values: readonly Expression[];
  readonly columns: readonly Column[];
  readonly aggregates: readonly AggregateExpression[];
}

/** The columns that a SELECT will have: for PREPARE. */
export function describeSelect(select: Select, context: SessionContext, house: House): readonly Column[] {
  return planOf(select, sourceFor(select, context, house), context).columns;
}

function sourceFor({ from }: Select, context: SessionContext, house: House): Source {
  return from.kind === 'table' ? sourceOf(tableFor(from.table, context, house), from.table) : NO_SOURCE;
}

/** A view of the sessions or of the cluster, or a table of the tenant. */
function tableFor(name: TableName, context: SessionContext, house: House): Table {
  return processTable(name, context, house) ?? systemView(name, context, house) ?? context.table(name);
}

export function runSelect(select: Select, context: SessionContext, house: House): Outcome {
  const source = sourceFor(select, context, house);
  const plan = planOf(select, source, context);
  const scope: Scope = { around: context, table: source.table, row: null, aggregates: null };
  const limit = limitOf(select.limit, scope);
  if (select.from.kind === 'generator' && plan.aggregates.length === 0) {
    if (select.orderBy.length > 0 || select.distinct) throw refuse('NOT_SUPPORTED');
    const count = countOf(select.from.count, scope);
    return { kind: 'rows', columns: plan.columns, rows: new GeneratedRows(plan, scope, count, limit) };
  }
  const rows = plan.aggregates.length > 0 ? aggregated(plan, scope, context) : plainRows(plan, scope, context);
  return { kind: 'rows', columns: plan.columns, rows: new ReadyRows(cut(rows, limit)) };
}

function planOf(select: Select, source: Source, context: SessionContext): Plan {
  const values: Expression[] = [];
  const columns: Column[] = [];
  const aggregates: AggregateExpression[] = [];
  for (const item of select.items) {
    if (item.kind === 'all') {
      spreadStar(item.table, source, values, columns);
    } else {
      checkNames(item.value, source, 'field list', context);
      aggregatesIn(item.value, aggregates);
      values.push(item.value);
      columns.push(columnOf(item.value, item.name, source, context));
    }
  }
  if (select.where !== null) checkNames(select.where, source, 'where clause', context);
  const orderBy = select.orderBy.map((item) => ({ ...item, value: ordered(item, select, values) }));
  for (const item of orderBy) checkNames(item.value, source, 'order clause', context);
  return { select: { ...select, orderBy }, source, values, columns, aggregates };
}

function spreadStar(called: string | null, source: Source, values: Expression[], columns: Column[]): void {
  const { table } = source;
  if (table === null) throw refuse('NO_TABLES_USED');
  if (called !== null && called.toLowerCase() !== source.called?.toLowerCase()) {
    throw refuse('DROP_UNKNOWN_TABLE', called);
  }
  for (const [index, spec] of table.columns.entries()) {
    values.push({ kind: 'column', table: null, name: spec.name });
    columns.push(tableColumn(source, index, spec.name));
  }
}

/** ORDER BY 2 is the second column, ORDER BY an alias the column that has it. */
function ordered(item: OrderItem, select: Select, values: readonly Expression[]): Expression {
  const { value } = item;
  if (value.kind === 'literal' && typeof value.value === 'bigint') {
    const meant = values[Number(value.value) - 1];
    if (meant === undefined) throw refuse('UNKNOWN_COLUMN', String(value.value), 'order clause');
    return meant;
  }
  if (value.kind !== 'column' || value.table !== null) return value;
  for (const it of select.items) {
    if (it.kind === 'value' && it.name.toLowerCase() === value.name.toLowerCase()) return it.value;
  }
  return value;
}

function valuesOf(values: readonly Expression[], scope: Scope): Value[] {
  const row: Value[] = [];
  for (const value of values) row.push(evaluate(value, scope));
  return row;
}

function plainRows(plan: Plan, scope: Scope, context: SessionContext): readonly (readonly Value[])[] {
  const { select } = plan;
  const rows: (readonly Value[])[] = [];
  for (const row of sourceRows(plan, scope, context)) {
    scope.row = row;
    rows.push(valuesOf(plan.values, scope));
  }
  return select.distinct ? distinct(rows) : rows;
}

function distinct(rows: readonly (readonly Value[])[]): (readonly Value[])[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = JSON.stringify(row.map((value) => textOf(value)?.toUpperCase() ?? null));
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The rows of the source that fulfil WHERE, in order; without a source one row of nothing. */
function sourceRows(plan: Plan, scope: Scope, context: SessionContext): readonly Row[] {
  const { select, source } = plan;
  if (source.table === null) {
    return select.where === null || isTrue(evaluate(select.where, scope)) ? [[]] : [];
  }
  if (select.wait !== null) context.waitAtMost(select.wait * SECOND);
  const transaction = select.forUpdate ? context.writing() : context.reading();
  const found = matchingRows(source.table, transaction, select.where, scope);
  if (select.forUpdate && transaction !== null) for (const { key } of found) transaction.hold(source.table, key);
  return sortRows(
    found.map((it) => it.row),
    select.orderBy,
    scope,
  );
}

/** Rows in the order that is asked for; equal ones stay as they were. */
export function sortRows(rows: readonly Row[], by: readonly OrderItem[], scope: Scope): readonly Row[] {
  if (by.length === 0) return rows;
  const keyed = rows.map((row) => {
    scope.row = row;
    return { row, keys: by.map((item) => evaluate(item.value, scope)) };
  });
  keyed.sort((a, b) => {
    for (let i = 0; i < by.length; i += 1) {
      const sign = order(a.keys[i]!, b.keys[i]!);
      if (sign !== 0) return by[i]!.descending ? -sign : sign;
    }
    return 0;
  });
  return keyed.map((it) => it.row);
}

function aggregated(plan: Plan, scope: Scope, context: SessionContext): readonly (readonly Value[])[] {
  const rows: Iterable<Row> =
    plan.select.from.kind === 'generator'
      ? generatedSource(countOf(plan.select.from.count, scope))
      : sourceRows(plan, scope, context);
  const { aggregates, first } = aggregateRow(plan.aggregates, rows, scope);
  scope.row = first;
  scope.aggregates = aggregates;
  return [valuesOf(plan.values, scope)];
}

function* generatedSource(count: number): Iterable<Row> {
  for (let i = 0; i < count; i += 1) yield [];
}

interface Bounds {
  readonly offset: number;
  readonly count: number;
}

export function limitOf(limit: Limit | null, scope: Scope): Bounds {
  if (limit === null) return { offset: 0, count: Number.POSITIVE_INFINITY };
  const offset = limit.offset === null ? 0 : countOf(limit.offset, scope);
  return { offset, count: countOf(limit.count, scope) };
}

function countOf(it: Expression, scope: Scope): number {
  const value = evaluate(it, scope);
  return value === null ? 0 : Math.max(0, Number(toInteger(value)));
}

function cut<T>(rows: readonly T[], { offset, count }: Bounds): readonly T[] {
  return offset === 0 && count >= rows.length ? rows : rows.slice(offset, offset + count);
}

/** Rows of TABLE(GENERATOR(n)), made one by one. */
class GeneratedRows implements Rows {
  readonly #plan: Plan;
  readonly #scope: Scope;
  #left: number;
  #skip: number;
  #wanted: number;

  constructor(plan: Plan, scope: Scope, count: number, limit: Bounds) {
    this.#plan = plan;
    this.#scope = scope;
    this.#left = count;
    this.#skip = limit.offset;
    this.#wanted = limit.count;
  }

  next(): readonly Value[] | null {
    const { where } = this.#plan.select;
    while (this.#left > 0 && this.#wanted > 0) {
      this.#left -= 1;
      if (where !== null && !isTrue(evaluate(where, this.#scope))) continue;
      if (this.#skip > 0) {
        this.#skip -= 1;
        continue;
      }
      this.#wanted -= 1;
      return valuesOf(this.#plan.values, this.#scope);
    }
    return null;
  }
}
