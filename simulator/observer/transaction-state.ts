/**
 * Where a session stands with its transaction.
 *
 * | state      | a statement writes          | statement ends | COMMIT, ROLLBACK | shown as IN_TRANS |
 * |------------|-----------------------------|----------------|------------------|-------------------|
 * | none       | autocommit, or open (if off) | –             | –                | no                |
 * | autocommit | –                           | commits        | –                | no                |
 * | open       | –                           | stays          | ends             | yes               |
 *
 * A statement that fails takes back its own changes only; if it had opened the transaction, this is none again
 * (observer.md §3.7). Knows no SQL.
 */
import { type Row, type RowKey, type Table, Transaction } from './store.ts';

type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'autocommit'; readonly transaction: Transaction }
  | { readonly kind: 'open'; readonly transaction: Transaction };

const NONE: State = { kind: 'none' };

export class TransactionState {
  #state: State = NONE;
  /** Where the running statement began; null if there was no transaction then. */
  #mark: number | null = null;
  #readOnly = false;

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  get isReadOnly(): boolean {
    return this.#state.kind === 'open' && this.#readOnly;
  }

  /** The transaction that a SELECT reads through; null: only what is committed. */
  forReading(autocommit: boolean): Transaction | null {
    if (this.#state.kind !== 'none') return this.#state.transaction;
    return autocommit ? null : this.forWriting(false);
  }

  forWriting(autocommit: boolean): Transaction {
    if (this.#state.kind !== 'none') return this.#state.transaction;
    const transaction = new Transaction();
    this.#state = { kind: autocommit ? 'autocommit' : 'open', transaction };
    this.#readOnly = false;
    return transaction;
  }

  /** BEGIN: what was open is committed. */
  begin(readOnly: boolean): void {
    this.commit();
    this.#state = { kind: 'open', transaction: new Transaction() };
    this.#readOnly = readOnly;
    this.#mark = 0;
  }

  commit(): void {
    if (this.#state.kind !== 'none') this.#state.transaction.commit();
    this.#state = NONE;
  }

  rollback(): void {
    if (this.#state.kind !== 'none') this.#state.transaction.rollback();
    this.#state = NONE;
  }

  startStatement(): void {
    this.#mark = this.#state.kind === 'none' ? null : this.#state.transaction.savepoint;
  }

  /** The statement has succeeded. */
  endStatement(): void {
    if (this.#state.kind === 'autocommit') this.commit();
  }

  /** The statement has failed. */
  undoStatement(): void {
    if (this.#state.kind === 'none') return;
    if (this.#mark === null || this.#state.kind === 'autocommit') this.rollback();
    else this.#state.transaction.rollbackTo(this.#mark);
  }
}

/** The keys of a table's rows, through a transaction or without one. */
export function keysThrough(transaction: Transaction | null, table: Table): readonly RowKey[] {
  return transaction === null ? table.sortedKeys() : transaction.keys(table);
}

export function readThrough(transaction: Transaction | null, table: Table, key: RowKey): Row | null {
  return transaction === null ? (table.rows.get(key) ?? null) : transaction.read(table, key);
}
