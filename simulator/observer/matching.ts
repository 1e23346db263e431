/**
 * Which rows of a table a statement is about.
 *
 * A condition that gives all columns of a key their values is looked up in that key; else all rows are read. The
 * condition is asked again of what was found, so a key may find too many rows, never too few.
 */
import type { ColumnSpec } from '../world/topology.ts';
import { And, Between, type Bound, ColumnValue, Compared, type Frame, In } from './bound.ts';
import { isFixed } from './bound-queries.ts';
import { ROW_STEPS } from './effort.ts';
import { isLookedUp, type Key } from './indexes.ts';
import { Decimal, exactOf, isTrue, rounded, type Value } from './sql/value.ts';
import type { Row, RowKey, Table, Transaction } from './store.ts';
import { keysThrough, readThrough } from './transaction-state.ts';
import { familyOf } from './types.ts';

export interface Match {
  readonly key: RowKey;
  readonly row: Row;
}

/** The rows that fulfil `where` as the transaction sees them, in the order of their keys. The table is the only source. */
export function matchingRows(
  table: Table,
  transaction: Transaction | null,
  where: Bound | null,
  frame: Frame,
): Match[] {
  const matches: Match[] = [];
  const { effort } = frame.around;
  for (const key of accessOf(table, where, 0).keys(transaction, frame)) {
    effort.spend(ROW_STEPS);
    const row = readThrough(transaction, table, key);
    if (row === null) continue;
    frame.row = row;
    if (where === null || isTrue(where.value(frame))) matches.push({ key, row });
  }
  return matches;
}

/** What a condition gives a column: one value, or one of several. */
type Given = Map<number, readonly Bound[]>;

/** The way to the rows of a table whose columns start at `start` of a row, for what stands before it there. */
export function accessOf(table: Table, where: Bound | null, start: number): Access {
  if (where === null) return new Access(table, null, -1, []);
  const given: Given = new Map();
  collect(where, table, start, given);
  if (given.size === 0) return new Access(table, null, -1, []);
  if (table.primary !== null && isGiven(table.primary, given)) return accessBy(table, table.primary, -1, given);
  const { keys } = table.secondary;
  for (const unique of [true, false]) {
    for (let i = 0; i < keys.length; i += 1) {
      if (keys[i]!.unique === unique && isGiven(keys[i]!, given)) return accessBy(table, keys[i]!, i, given);
    }
  }
  return new Access(table, null, -1, []);
}

/** The condition says something of a column that a key begins with (sql_safe_updates). */
export function usesKey(table: Table, where: Bound | null): boolean {
  if (where instanceof And) return usesKey(table, where.left) || usesKey(table, where.right);
  if (where instanceof Compared) {
    return where.operator !== '<>' && (beginsKey(table, where.left) || beginsKey(table, where.right));
  }
  if (where instanceof In) return !where.negated && beginsKey(table, where.subject);
  return where instanceof Between && beginsKey(table, where.subject);
}

function beginsKey(table: Table, it: Bound): boolean {
  if (!(it instanceof ColumnValue)) return false;
  return table.primary?.columns[0] === it.index || table.secondary.keys.some((key) => key.columns[0] === it.index);
}

function accessBy(table: Table, key: Key, index: number, given: Given): Access {
  return new Access(
    table,
    key,
    index,
    key.columns.map((column) => given.get(column)!),
  );
}

/** All its columns have a value; several values only where it is the one column. */
function isGiven(key: Key, given: Given): boolean {
  for (const column of key.columns) {
    const values = given.get(column);
    if (values === undefined || (values.length !== 1 && key.columns.length > 1)) return false;
  }
  return true;
}

function collect(where: Bound, table: Table, start: number, into: Given): void {
  if (where instanceof And) {
    collect(where.left, table, start, into);
    collect(where.right, table, start, into);
  } else if (where instanceof Compared && where.operator === '=') {
    give(where.left, [where.right], table, start, into);
    give(where.right, [where.left], table, start, into);
  } else if (where instanceof In && !where.negated) {
    give(where.subject, where.list, table, start, into);
  }
}

function give(column: Bound, values: readonly Bound[], table: Table, start: number, into: Given): void {
  if (!(column instanceof ColumnValue)) return;
  const index = column.index - start;
  const spec = table.columns[index];
  if (index < 0 || spec === undefined || !isLookedUp(spec) || into.get(index)?.length === 1) return;
  for (const value of values) {
    if (!isFixed(value) && !(value instanceof ColumnValue && value.index < start)) return;
  }
  into.set(index, values);
}

const NONE: readonly RowKey[] = [];

export class Access {
  readonly #table: Table;
  readonly #key: Key | null;
  /** Of the key among the secondary ones; −1 for the primary one. */
  readonly #index: number;
  readonly #given: readonly (readonly Bound[])[];

  constructor(table: Table, key: Key | null, index: number, given: readonly (readonly Bound[])[]) {
    this.#table = table;
    this.#key = key;
    this.#index = index;
    this.#given = given;
  }

  get isLookup(): boolean {
    return this.#key !== null;
  }

  /** The keys of rows that may fulfil the condition. */
  keys(transaction: Transaction | null, frame: Frame): readonly RowKey[] {
    const key = this.#key;
    if (key === null) return keysThrough(transaction, this.#table);
    if (this.#given.length === 1 && this.#given[0]!.length > 1) return this.#several(key, transaction, frame);
    const values: Exclude<Value, null>[] = [];
    for (let i = 0; i < this.#given.length; i += 1) {
      const spec = this.#table.columns[key.columns[i]!]!;
      const value = keptForm(this.#given[i]![0]!.value(frame), spec);
      if (value === null) return NONE;
      if (value === undefined) return keysThrough(transaction, this.#table);
      values.push(value);
    }
    return this.#find(key.ofValues(values), transaction);
  }

  #several(key: Key, transaction: Transaction | null, frame: Frame): readonly RowKey[] {
    const spec = this.#table.columns[key.columns[0]!]!;
    const found = new Set<RowKey>();
    for (const one of this.#given[0]!) {
      const value = keptForm(one.value(frame), spec);
      if (value === undefined) return keysThrough(transaction, this.#table);
      if (value !== null) for (const rowKey of this.#find(key.ofValues([value]), transaction)) found.add(rowKey);
    }
    return [...found].sort((a, b) => (a < b ? -1 : 1));
  }

  #find(wanted: RowKey, transaction: Transaction | null): readonly RowKey[] {
    if (this.#index < 0) return [wanted];
    if (transaction === null) return this.#table.secondary.find(this.#index, wanted);
    return transaction.find(this.#table, this.#index, wanted);
  }
}

const DATE_TEXT = /^\d{4}-\d\d-\d\d$/;
const MOMENT_TEXT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/**
 * A value in the form in which the column keeps those that equal it; null if none can; undefined if that cannot be said
 * without looking at each (`'5x'` equals 5).
 */
function keptForm(value: Value, spec: ColumnSpec): Exclude<Value, null> | null | undefined {
  if (value === null) return null;
  switch (familyOf(spec.type)) {
    case 'integer':
      if (typeof value === 'bigint') return value;
      if (typeof value === 'string') return /^-?\d{1,18}$/.test(value) ? BigInt(value) : undefined;
      return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'decimal':
      return typeof value === 'bigint' || value instanceof Decimal
        ? scaled(exactOf(value), spec.scale ?? 0)
        : undefined;
    case 'date':
      return typeof value === 'string' && DATE_TEXT.test(value) ? value : undefined;
    case 'datetime':
      return (spec.scale ?? 0) === 0 && typeof value === 'string' && MOMENT_TEXT.test(value) ? value : undefined;
    case 'binary':
      return spec.type === 'VARBINARY' && Buffer.isBuffer(value) ? value : undefined;
    default:
      return undefined;
  }
}

function scaled(value: Decimal, scale: number): Decimal | undefined {
  const kept = rounded(value, scale);
  return scale >= value.scale || rounded(kept, value.scale).units === value.units ? kept : undefined;
}
