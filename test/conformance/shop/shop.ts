/**
 * The shop, an ordinary OLTP application, as its tests see it: whichever client it is written with.
 *
 * Each client has a shop of its own (`sql-shop.ts`, `knex-shop.ts`); what must come of it is one list (`tables.ts`,
 * `schema.test.ts`).
 */
import type { TableData } from './tables.ts';

/** Rows as text, whatever types a client makes of them. */
export type Rows = (string | null)[][];

/** What a client asks for at the start of a transaction. */
export interface Wish {
  readonly isolation?: 'read committed';
  readonly readOnly?: boolean;
}

/** How many of which product. */
export type Item = readonly [product: number, quantity: number];

export interface Shop {
  /** Makes the tables, and then changes them into what `SCHEMA` says. */
  createSchema(): Promise<void>;
  /** Drops all that `createSchema` has made. */
  dropSchema(): Promise<void>;
  hasTable(table: string): Promise<boolean>;
  hasColumn(table: string, column: string): Promise<boolean>;
  load(tables: readonly TableData[]): Promise<void>;
  /** Begins a transaction, on a session that no other transaction has. */
  begin(wish?: Wish): Promise<Work>;
  /** What a connection finds that has never been used before. */
  ask(sql: string): Promise<Rows>;
  close(): Promise<void>;
}

/** An open transaction, or a part of one. What fails rejects with an error that has an `errno`. */
export interface Work {
  stock(product: number): Promise<number>;
  /** The same with FOR UPDATE; `'nowait'` gives up at once. */
  lockStock(product: number, patience?: 'nowait'): Promise<number>;
  /** How many rows have changed. */
  takeStock(product: number, quantity: number): Promise<number>;
  /** Its id. */
  order(customer: number, items: readonly Item[]): Promise<number>;
  addProduct(sku: string): Promise<void>;
  /** From now on a statement of this session waits so long for a row; null: as it did at first. */
  waitAtMost(milliseconds: number | null): Promise<void>;
  /** A part that can be taken back alone. */
  nested(): Promise<Work>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** The number of the error that this ends with; 0 if it does not fail. */
export function errnoOf(promise: Promise<unknown>): Promise<number> {
  return promise.then(
    () => 0,
    (error: { readonly errno?: number }) => {
      if (typeof error.errno !== 'number') throw error;
      return error.errno;
    },
  );
}
