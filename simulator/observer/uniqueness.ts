/**
 * Rows that must not be there twice: the primary key and the unique ones, of what a transaction sees.
 *
 * The value of a unique key is locked like a row, because in OceanBase a unique key is a table of its own: so two
 * transactions cannot both insert the same one.
 */
import type { Key } from './indexes.ts';
import { refuse } from './refusal.ts';
import { textOf } from './sql/value.ts';
import type { Row, RowKey, Table, Transaction } from './store.ts';

/** A row that stands in the way of another. */
export interface Clash {
  readonly key: RowKey;
  readonly row: Row;
  readonly of: Key;
}

/** The lock of a value of a unique key; no row has such a key. */
function lockOf(index: number, value: RowKey): RowKey {
  return `\0unique ${index} ${typeof value} ${value}`;
}

/** The first row that has the same primary or unique key as `row`, but for the one of `self`; null if there is none. */
export function clashOf(table: Table, transaction: Transaction, row: Row, self: RowKey | null): Clash | null {
  const { primary, secondary } = table;
  if (primary !== null) {
    const key = primary.of(row);
    if (key !== null && key !== self) {
      const there = transaction.read(table, key);
      if (there !== null) return { key, row: there, of: primary };
    }
  }
  for (let i = 0; i < secondary.keys.length; i += 1) {
    const unique = secondary.keys[i]!;
    if (!unique.unique) continue;
    const value = unique.of(row);
    if (value === null) continue;
    for (const key of transaction.find(table, i, value)) {
      if (key === self) continue;
      const there = transaction.read(table, key);
      if (there !== null && unique.of(there) === value) return { key, row: there, of: unique };
    }
  }
  return null;
}

/** Locks the unique values that a row gains or loses. */
export function holdUnique(table: Table, transaction: Transaction, before: Row | null, after: Row | null): void {
  const { keys } = table.secondary;
  for (let i = 0; i < keys.length; i += 1) {
    const unique = keys[i]!;
    if (!unique.unique) continue;
    const old = before === null ? null : unique.of(before);
    const now = after === null ? null : unique.of(after);
    if (old === now) continue;
    if (old !== null) transaction.hold(table, lockOf(i, old));
    if (now !== null) transaction.hold(table, lockOf(i, now));
  }
}

/** ERROR 1062, its values joined by dashes. */
export function duplicate({ of }: Clash, row: Row): Error {
  return refuse('DUPLICATE_ENTRY', duplicateText(of, row), of.name);
}

export function duplicateText(of: Key, row: Row): string {
  return of.columns.map((column) => textOf(row[column]!) ?? 'NULL').join('-');
}
