/**
 * The data of a tenant: databases, tables, committed rows, and transactions as private layers above them.
 *
 * Read committed: a transaction sees what is committed and, above it, its own changes; nobody else sees these before
 * COMMIT. A row that a transaction has changed is locked until it ends; whoever meets it locked is told by a
 * `LockConflict`, and who gets it next is the `LockKeeper`'s matter. Knows neither SQL nor sessions. Names of databases
 * and tables do not tell case apart (`lower_case_table_names` 1).
 */

import type { ColumnSpec, IndexSpec } from '../world/topology.ts';
import { STANDARD_COLLATION } from './charsets.ts';
import { IndexSet, Key, orderOfKeys, primaryOf, type Row, type RowKey } from './indexes.ts';
import { KeyOrder } from './key-order.ts';
import { Signal } from './signal.ts';

export type { Row, RowKey } from './indexes.ts';

export class Table {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** Its primary key; null if there is none. */
  readonly primary: Key | null;
  /** Its keys as they were said, the primary one first. */
  readonly indexes: readonly IndexSpec[];
  readonly comment: string;
  /** Of columns that do not say theirs. */
  readonly collation: string;
  readonly rows = new Map<RowKey, Row>();
  readonly locks = new Map<RowKey, Transaction>();
  /** Committed rows by the other keys. */
  readonly secondary: IndexSet;
  /** The next value of an AUTO_INCREMENT column. */
  nextNumber = 1n;
  readonly #places = new Map<string, number>();
  #nextHidden = 0n;
  /** The keys of `rows` in order. */
  readonly #sorted = new KeyOrder();

  constructor(
    database: string,
    name: string,
    columns: readonly ColumnSpec[],
    indexes: readonly IndexSpec[] = [],
    comment = '',
    collation = STANDARD_COLLATION,
  ) {
    this.collation = collation;
    this.database = database;
    this.name = name;
    this.columns = columns;
    this.comment = comment;
    const primary = primaryOf(indexes, columns);
    this.primary = primary === null ? null : new Key(primary, columns);
    const others = indexes.filter((it) => it !== primary);
    this.indexes = primary === null ? others : [primary, ...others];
    this.secondary = new IndexSet(others.map((it) => new Key(it, columns)));
    for (const [index, column] of columns.entries()) this.#places.set(column.name.toLowerCase(), index);
  }

  /** The index of a column; −1 if there is none of this name. */
  indexOf(column: string): number {
    return this.#places.get(column) ?? this.#places.get(column.toLowerCase()) ?? -1;
  }

  /** The key of a row that is to be inserted. */
  keyOf(row: Row): RowKey {
    if (this.primary !== null) return this.primary.of(row) ?? '';
    this.#nextHidden += 1n;
    return this.#nextHidden;
  }

  sortedKeys(): readonly RowKey[] {
    return this.#sorted.all();
  }

  /**
   * Before the table is changed as a whole: a `LockConflict` while any transaction holds a row of it. What that has done
   * would be lost with the table as it is.
   */
  expectUnlocked(): this {
    for (const key of this.locks.keys()) throw new LockConflict(this, key);
    return this;
  }

  /** Makes a row of this key committed; null takes it away. */
  put(key: RowKey, row: Row | null): void {
    const before = this.rows.get(key) ?? null;
    if (this.secondary.keys.length > 0) this.secondary.change(key, before, row);
    if (row !== null) this.rows.set(key, row);
    else this.rows.delete(key);
    if ((before === null) === (row === null)) return;
    if (row === null) this.#sorted.remove(key);
    else this.#sorted.add(key);
  }
}

export class Database {
  readonly name: string;
  /** Of tables that do not say theirs. */
  readonly collation: string;
  readonly #tables = new Map<string, Table>();

  constructor(name: string, collation: string) {
    this.name = name;
    this.collation = collation;
  }

  find(name: string): Table | null {
    return this.#tables.get(name.toLowerCase()) ?? null;
  }

  add(table: Table): void {
    this.#tables.set(table.name.toLowerCase(), table);
  }

  drop(name: string): void {
    this.#tables.delete(name.toLowerCase());
  }

  /** In the order of their names. */
  get tables(): Table[] {
    return [...this.#tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

export class Store {
  readonly #databases = new Map<string, Database>();

  find(name: string): Database | null {
    return this.#databases.get(name.toLowerCase()) ?? null;
  }

  add(name: string, collation = STANDARD_COLLATION): Database {
    const made = new Database(name.toLowerCase(), collation);
    this.#databases.set(made.name, made);
    return made;
  }

  drop(name: string): void {
    this.#databases.delete(name.toLowerCase());
  }

  /** In the order of their names. */
  get databases(): Database[] {
    return [...this.#databases.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Who hears of every row that is released, and keeps it for those that wait for it (`locks.ts`). */
export interface LockKeeper {
  /** The number of a new transaction: a younger one has a higher one. */
  enlist(): number;
  /** The row is not locked, but somebody who waited for it is about to get it. */
  isKept(table: Table, key: RowKey): boolean;
  released(table: Table, key: RowKey): void;
}

/** A row that somebody else has locked: the statement is taken back, and tried again when the row is free. */
export class LockConflict extends Signal {
  override name = 'LockConflict';
  readonly table: Table;
  readonly key: RowKey;

  constructor(table: Table, key: RowKey) {
    super(`a row of ${table.name} is locked`);
    this.table = table;
    this.key = key;
  }
}

/** What one change replaced, so that it can be taken back. */
interface Undo {
  readonly table: Table;
  readonly key: RowKey;
  /** What the layer held before; undefined if nothing. */
  readonly before: Row | null | undefined;
  readonly locked: boolean;
}

/** A private layer of changes. */
export class Transaction {
  /** The order in which transactions began. */
  readonly number: number;
  readonly #keeper: LockKeeper;
  readonly #layer = new Map<Table, Map<RowKey, Row | null>>();
  /** The layer's rows by their tables' secondary keys. */
  readonly #indexes = new Map<Table, IndexSet>();
  readonly #undo: Undo[] = [];

  constructor(keeper: LockKeeper) {
    this.number = keeper.enlist();
    this.#keeper = keeper;
  }

  /** The row as this transaction sees it; null if there is none. */
  read(table: Table, key: RowKey): Row | null {
    const own = this.#layer.get(table)?.get(key);
    return own === undefined ? (table.rows.get(key) ?? null) : own;
  }

  /** The keys of all rows this transaction sees, in order. */
  keys(table: Table): readonly RowKey[] {
    const own = this.#layer.get(table);
    if (own === undefined || own.size === 0) return table.sortedKeys();
    const keys = table.sortedKeys().filter((key) => own.get(key) !== null);
    const added: RowKey[] = [];
    for (const [key, row] of own) if (row !== null && !table.rows.has(key)) added.push(key);
    return added.length === 0 ? keys : [...keys, ...added].sort(orderOfKeys);
  }

  /** True if the lock is new. A `LockConflict` if another transaction holds the row, or is about to. */
  lock(table: Table, key: RowKey): boolean {
    const holder = table.locks.get(key);
    if (holder === this) return false;
    if (holder !== undefined || this.#keeper.isKept(table, key)) throw new LockConflict(table, key);
    table.locks.set(key, this);
    return true;
  }

  /** True if a lock of this row would not have to wait. */
  mayHold(table: Table, key: RowKey): boolean {
    const holder = table.locks.get(key);
    return holder === this || (holder === undefined && !this.#keeper.isKept(table, key));
  }

  /** Locks a row without changing it (SELECT … FOR UPDATE). */
  hold(table: Table, key: RowKey): void {
    if (this.lock(table, key)) {
      this.#undo.push({ table, key, before: this.#layer.get(table)?.get(key), locked: true });
    }
  }

  /** Puts a row into the layer; null takes it away. */
  write(table: Table, key: RowKey, row: Row | null): void {
    const locked = this.lock(table, key);
    let own = this.#layer.get(table);
    if (own === undefined) {
      own = new Map();
      this.#layer.set(table, own);
    }
    const before = own.get(key);
    this.#undo.push({ table, key, before, locked });
    own.set(key, row);
    this.#index(table, key, before, row);
  }

  #index(table: Table, key: RowKey, before: Row | null | undefined, after: Row | null | undefined): void {
    if (table.secondary.keys.length === 0) return;
    let own = this.#indexes.get(table);
    if (own === undefined) {
      own = new IndexSet(table.secondary.keys);
      this.#indexes.set(table, own);
    }
    own.change(key, before ?? null, after ?? null);
  }

  /** The keys of all rows this transaction may see that have this value of a secondary key; some may have another by now. */
  find(table: Table, index: number, wanted: RowKey): readonly RowKey[] {
    const committed = table.secondary.find(index, wanted);
    const own = this.#indexes.get(table)?.find(index, wanted);
    if (own === undefined || own.length === 0) return committed;
    return committed.length === 0 ? own : [...new Set([...committed, ...own])].sort(orderOfKeys);
  }

  /** A mark to come back to; also tells whether anything was written since. */
  get savepoint(): number {
    return this.#undo.length;
  }

  /** Takes back all since the mark, the locks taken since included. */
  rollbackTo(savepoint: number): void {
    while (this.#undo.length > savepoint) {
      const { table, key, before, locked } = this.#undo.pop()!;
      const own = this.#layer.get(table);
      this.#index(table, key, own?.get(key), before);
      if (before === undefined) own?.delete(key);
      else own?.set(key, before);
      if (locked) this.#free(table, key);
    }
  }

  commit(): void {
    for (const [table, changes] of this.#layer) for (const [key, row] of changes) table.put(key, row);
    this.#release();
  }

  rollback(): void {
    this.#release();
  }

  #release(): void {
    for (const { table, key, locked } of this.#undo) if (locked) this.#free(table, key);
    this.#undo.length = 0;
    this.#layer.clear();
    this.#indexes.clear();
  }

  #free(table: Table, key: RowKey): void {
    table.locks.delete(key);
    this.#keeper.released(table, key);
  }
}
