/**
 * INSERT, REPLACE, UPDATE, DELETE.
 *
 * Knows nothing of answers. What fails half way is taken back by whoever runs the statement.
 */
import type { ColumnSpec, ColumnType } from '../world/topology.ts';
import { checkNames, NO_SOURCE, sourceOf } from './columns.ts';
import type { SessionContext } from './context.ts';
import { evaluate, type Scope } from './evaluate.ts';
import { type Match, matchingRows } from './matching.ts';
import type { Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import { limitOf, sortRows } from './run-select.ts';
import type { Limit, OrderItem, Statement } from './sql/syntax.ts';
import { decimalOf, numeric, parseDecimal, textOf, toDouble, toInteger, type Value } from './sql/value.ts';
import type { Row, Table, Transaction } from './store.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

const INTEGER_TEXT = /^\s*[+-]?\d+\s*$/;
const NUMBER_TEXT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** How a value becomes one of a column's type; a `Refusal` 1366 if a text is no number. */
const CONVERT: Readonly<Record<ColumnType, (value: Exclude<Value, null>, column: string, row: number) => Value>> = {
  INT: toWhole,
  BIGINT: toWhole,
  DECIMAL: toExact,
  DOUBLE: (value, column, row) => {
    if (typeof value === 'string' && !NUMBER_TEXT.test(value)) {
      throw refuse('WRONG_VALUE_FOR_COLUMN', 'double', value, column, row);
    }
    return toDouble(value);
  },
  VARCHAR: (value) => textOf(value),
  TEXT: (value) => textOf(value),
  DATETIME: (value) => textOf(value),
};

function toWhole(value: Exclude<Value, null>, column: string, row: number): Value {
  if (typeof value !== 'string') return toInteger(value);
  if (INTEGER_TEXT.test(value)) return toInteger(value);
  if (!NUMBER_TEXT.test(value)) throw refuse('WRONG_VALUE_FOR_COLUMN', 'integer', value, column, row);
  return toInteger(toDouble(value));
}

function toExact(value: Exclude<Value, null>, column: string, row: number): Value {
  if (typeof value === 'string') {
    if (!NUMBER_TEXT.test(value)) throw refuse('WRONG_VALUE_FOR_COLUMN', 'decimal', value, column, row);
    return parseDecimal(value.trim());
  }
  const number = numeric(value);
  return typeof number === 'number' ? parseDecimal(String(number)) : decimalOf(number);
}

function converted(value: Value, spec: ColumnSpec, row: number): Value {
  if (value === null) {
    if (spec.notNull === true) throw refuse('COLUMN_NOT_NULL', spec.name);
    return null;
  }
  return CONVERT[spec.type](value, spec.name, row);
}

function columnIndex(table: Table, name: string): number {
  const index = table.indexOf(name);
  if (index < 0) throw refuse('UNKNOWN_COLUMN', name, 'field list');
  return index;
}

function wantedColumns(it: Of<'insert'>, table: Table): readonly number[] {
  if (it.columns === null || it.columns.length === 0) {
    return it.rows[0]!.length === 0 ? [] : table.columns.map((_, index) => index);
  }
  const indexes = it.columns.map((name) => columnIndex(table, name));
  if (new Set(indexes).size < indexes.length) throw refuse('COLUMN_TWICE', it.columns.at(-1)!);
  return indexes;
}

export function runInsert(it: Of<'insert'>, context: SessionContext): Outcome {
  const table = context.table(it.table);
  const indexes = wantedColumns(it, table);
  for (const [at, cells] of it.rows.entries()) {
    if (cells.length !== indexes.length) throw refuse('COLUMN_COUNT', at + 1);
    for (const cell of cells) if (cell !== null) checkNames(cell, NO_SOURCE, 'field list', context);
  }
  const transaction = context.writing();
  const scope: Scope = { around: context, table: null, row: null, aggregates: null };
  let affected = 0;
  let duplicates = 0;
  for (const [at, cells] of it.rows.entries()) {
    const values: Value[] = table.columns.map(() => null);
    for (const [place, cell] of cells.entries()) if (cell !== null) values[indexes[place]!] = evaluate(cell, scope);
    const row = completed(values, table, at + 1, context);
    const key = table.keyOf(row);
    transaction.hold(table, key);
    if (transaction.read(table, key) !== null) {
      if (it.onDuplicate === 'error') {
        throw refuse('DUPLICATE_ENTRY', textOf(row[table.keyColumn]!) ?? 'NULL', 'PRIMARY');
      }
      duplicates += 1;
      if (it.onDuplicate === 'ignore') continue;
      affected += 1;
    }
    transaction.write(table, key, row);
    affected += 1;
  }
  const message = it.rows.length > 1 ? `Records: ${it.rows.length}  Duplicates: ${duplicates}  Warnings: 0` : '';
  return { kind: 'done', affectedRows: affected, message };
}

/** The row with its AUTO_INCREMENT value, every value of its column's type. */
function completed(values: Value[], table: Table, rowNumber: number, context: SessionContext): Row {
  for (const [index, spec] of table.columns.entries()) {
    const value = values[index]!;
    if (spec.autoIncrement === true && (value === null || value === 0n)) {
      values[index] = table.nextNumber;
      context.inserted(table.nextNumber);
      table.nextNumber += 1n;
      continue;
    }
    const kept = converted(value, spec, rowNumber);
    values[index] = kept;
    if (spec.autoIncrement === true && typeof kept === 'bigint' && kept >= table.nextNumber) {
      table.nextNumber = kept + 1n;
    }
  }
  return values;
}

function matchesInOrder(
  table: Table,
  transaction: Transaction,
  it: { readonly where: Of<'delete'>['where']; readonly orderBy: readonly OrderItem[]; readonly limit: Limit | null },
  scope: Scope,
): readonly Match[] {
  const found = matchingRows(table, transaction, it.where, scope);
  const { offset, count } = limitOf(it.limit, scope);
  if (it.orderBy.length === 0) return count >= found.length ? found : found.slice(offset, offset + count);
  const byRow = new Map(found.map((match) => [match.row, match]));
  const sorted = sortRows([...byRow.keys()], it.orderBy, scope).map((row) => byRow.get(row)!);
  return sorted.slice(offset, offset + count);
}

export function runUpdate(it: Of<'update'>, context: SessionContext): Outcome {
  const table = context.table(it.table);
  const source = sourceOf(table, it.table);
  const sets = it.assignments.map(([name, value]) => ({ index: columnIndex(table, name), value }));
  for (const { value } of sets) checkNames(value, source, 'field list', context);
  if (it.where !== null) checkNames(it.where, source, 'where clause', context);
  for (const item of it.orderBy) checkNames(item.value, source, 'order clause', context);
  const transaction = context.writing();
  const scope: Scope = { around: context, table, row: null, aggregates: null };
  const matches = matchesInOrder(table, transaction, it, scope);
  let changed = 0;
  for (const [at, { key, row }] of matches.entries()) {
    const next = row.slice();
    scope.row = next;
    // From left to right: a later assignment sees the earlier ones, as in MySQL.
    for (const { index, value } of sets) next[index] = converted(evaluate(value, scope), table.columns[index]!, at + 1);
    transaction.hold(table, key);
    if (same(row, next)) continue;
    changed += 1;
    replace(transaction, table, key, next);
  }
  const message = `Rows matched: ${matches.length}  Changed: ${changed}  Warnings: 0`;
  return { kind: 'done', affectedRows: context.countsFound ? matches.length : changed, message };
}

/** A row whose primary key has changed moves. */
function replace(transaction: Transaction, table: Table, key: Match['key'], row: Row): void {
  const moved = table.keyColumn < 0 ? key : table.keyOf(row);
  if (moved !== key) {
    if (transaction.read(table, moved) !== null) {
      throw refuse('DUPLICATE_ENTRY', textOf(row[table.keyColumn]!) ?? 'NULL', 'PRIMARY');
    }
    transaction.write(table, key, null);
  }
  transaction.write(table, moved, row);
}

function same(a: Row, b: Row): boolean {
  for (let i = 0; i < a.length; i += 1) if (textOf(a[i]!) !== textOf(b[i]!)) return false;
  return true;
}

export function runDelete(it: Of<'delete'>, context: SessionContext): Outcome {
  const table = context.table(it.table);
  const source = sourceOf(table, it.table);
  if (it.where !== null) checkNames(it.where, source, 'where clause', context);
  for (const item of it.orderBy) checkNames(item.value, source, 'order clause', context);
  const transaction = context.writing();
  const scope: Scope = { around: context, table, row: null, aggregates: null };
  const matches = matchesInOrder(table, transaction, it, scope);
  for (const { key } of matches) transaction.write(table, key, null);
  return { kind: 'done', affectedRows: matches.length, message: '' };
}
