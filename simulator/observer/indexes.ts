/**
 * Keys of rows: what a row is found by, in O(1).
 *
 * A key of one column is the value itself in the form in which equal values are the same (texts folded, decimals and
 * bytes encoded); one of several columns is a text that orders as they do. NULL is in no unique key. Knows neither
 * transactions nor SQL.
 */
import type { ColumnSpec, IndexSpec } from '../world/topology.ts';
import { exactly, folded } from './sql/collation.ts';
import { Decimal, type Value } from './sql/value.ts';
import { familyOf, isExact } from './types.ts';

/** A row as it is kept: a value a column. */
export type Row = readonly Value[];

/** What tells a row from the others of its table: its primary key, or a number nobody sees. */
export type RowKey = bigint | number | string;

export const PRIMARY = 'PRIMARY';

/** Order of keys of one table, which are all of one kind. */
export function orderOfKeys(a: RowKey, b: RowKey): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The place where a key stands, or would stand, among sorted ones. */
export function placeOf(keys: readonly RowKey[], key: RowKey): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

const BIAS = 10n ** 65n;

/** The form of a value in which equal ones are the same, and which orders as they do. */
export function keyOfValue(value: Exclude<Value, null>, exact = false): RowKey {
  if (typeof value === 'string') return exact ? exactly(value) : folded(value);
  if (value instanceof Decimal) return String(value.units + BIAS).padStart(66, '0');
  if (typeof value === 'number') return value === 0 ? 0 : value;
  return Buffer.isBuffer(value) ? value.toString('latin1') : value;
}

const WHOLE_BIAS = 1n << 63n;

/** Part of a key of several columns. */
function partOf(value: Value, exact: boolean): string {
  if (value === null) return '\x01';
  const key = keyOfValue(value, exact);
  if (typeof key === 'bigint') return `\x02${String(key + WHOLE_BIAS).padStart(20, '0')}\0`;
  if (typeof key === 'number') return `\x02${sortableDouble(key)}\0`;
  return `\x02${key}\0`;
}

/** The bits of a double, turned so that their hexadecimal text orders as the numbers do. */
function sortableDouble(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  const bits = bytes.readBigUInt64BE();
  const turned = value < 0 ? BigInt.asUintN(64, ~bits) : bits | WHOLE_BIAS;
  return turned.toString(16).padStart(16, '0');
}

/** One key of a table, with its columns found. */
export class Key {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly number[];
  /** Which of its columns tell all characters apart. */
  readonly #exact: readonly boolean[];

  constructor(spec: IndexSpec, specs: readonly ColumnSpec[]) {
    this.name = spec.name;
    this.unique = spec.unique;
    this.columns = spec.columns.map((name) => specs.findIndex((it) => it.name.toLowerCase() === name.toLowerCase()));
    this.#exact = this.columns.map((index) => index >= 0 && isExact(specs[index]!));
  }

  /** Null if the row has a NULL in it: then it equals no other. */
  of(row: Row): RowKey | null {
    if (this.columns.length === 1) {
      const value = row[this.columns[0]!]!;
      return value === null ? null : keyOfValue(value, this.#exact[0]);
    }
    let whole = '';
    for (let i = 0; i < this.columns.length; i += 1) {
      const value = row[this.columns[i]!]!;
      if (value === null) return null;
      whole += partOf(value, this.#exact[i]!);
    }
    return whole;
  }

  /** The key that these values, in the order of its columns, make. */
  ofValues(values: readonly Exclude<Value, null>[]): RowKey {
    if (values.length === 1) return keyOfValue(values[0]!, this.#exact[0]);
    let whole = '';
    for (let i = 0; i < values.length; i += 1) whole += partOf(values[i]!, this.#exact[i]!);
    return whole;
  }
}

/** The rows of a table (or of one transaction's layer) by each of its keys. */
export class IndexSet {
  readonly keys: readonly Key[];
  readonly #maps: readonly Map<RowKey, RowKey | RowKey[]>[];

  constructor(keys: readonly Key[]) {
    this.keys = keys;
    this.#maps = keys.map(() => new Map());
  }

  /** The row of a key has become another, has come, or has gone. */
  change(rowKey: RowKey, before: Row | null, after: Row | null): void {
    for (let i = 0; i < this.keys.length; i += 1) {
      const key = this.keys[i]!;
      const old = before === null ? null : key.of(before);
      const now = after === null ? null : key.of(after);
      if (old === now) continue;
      if (old !== null) this.#remove(this.#maps[i]!, old, rowKey);
      if (now !== null) this.#add(this.#maps[i]!, now, rowKey);
    }
  }

  /** The rows with this value of a key, in the order of their own. */
  find(index: number, wanted: RowKey): readonly RowKey[] {
    const found = this.#maps[index]!.get(wanted);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  #add(map: Map<RowKey, RowKey | RowKey[]>, at: RowKey, rowKey: RowKey): void {
    const there = map.get(at);
    if (there === undefined) map.set(at, rowKey);
    else if (Array.isArray(there)) there.splice(placeOf(there, rowKey), 0, rowKey);
    else map.set(at, there < rowKey ? [there, rowKey] : [rowKey, there]);
  }

  #remove(map: Map<RowKey, RowKey | RowKey[]>, at: RowKey, rowKey: RowKey): void {
    const there = map.get(at);
    if (!Array.isArray(there)) {
      if (there === rowKey) map.delete(at);
      return;
    }
    const place = placeOf(there, rowKey);
    if (there[place] === rowKey) there.splice(place, 1);
    if (there.length === 0) map.delete(at);
  }
}

/** The primary key among the keys of a table, or the one that its columns are marked with; null if there is none. */
export function primaryOf(indexes: readonly IndexSpec[], specs: readonly ColumnSpec[]): IndexSpec | null {
  const said = indexes.find((it) => it.name === PRIMARY);
  if (said !== undefined) return said;
  const marked = specs.filter((it) => it.primaryKey === true).map((it) => it.name);
  return marked.length === 0 ? null : { name: PRIMARY, columns: marked, unique: true };
}

/** Keys of this family can be looked up by a value of the same family. */
export function isLookedUp(spec: ColumnSpec): boolean {
  return spec.type !== 'TIMESTAMP' && spec.type !== 'ENUM' && familyOf(spec.type) !== 'double';
}
