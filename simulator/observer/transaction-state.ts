/**
 * Where a session stands with its transaction.
 *
 * | state      | a statement writes          | statement ends | COMMIT, ROLLBACK | shown as IN_TRANS |
 * |------------|-----------------------------|----------------|------------------|-------------------|
 * | none       | autocommit, or open (if off) | –             | –                | no                |
 * | autocommit | –                           | commits        | –                | no                |
 * | open       | –                           | stays          | ends             | yes               |
 * | aborted    | the ERR that aborted it     | stays          | ends; COMMIT with ERR 6002 | yes     |
 *
 * A statement that fails takes back its own changes only; if it had opened the transaction, this is none again
 * (observer.md §3.7). Knows no SQL.
 */
import type { Err } from '../../proxy/wire/ok.ts';
import { Refusal, refuse } from './refusal.ts';
import { type Row, type RowKey, type Table, Transaction } from './store.ts';

type State =
  | { readonly kind: 'none' }
  | { readonly kind: 'autocommit'; readonly transaction: Transaction }
  | { readonly kind: 'open'; readonly transaction: Transaction }
  | { readonly kind: 'aborted'; readonly cause: Err };

const NONE: State = { kind: 'none' };

export class TransactionState {
  #state: State = NONE;
  /** Where the running statement began; null if there was no transaction then. */
  #mark: number | null = null;
  #readOnly = false;

  /** To the client's eyes there is a transaction; it may be aborted. */
  get isOpen(): boolean {
    return this.#state.kind === 'open' || this.#state.kind === 'aborted';
  }

  get isReadOnly(): boolean {
    return this.isOpen && this.#readOnly;
  }

  /** The transaction that a SELECT reads through; null: only what is committed. */
  forReading(autocommit: boolean): Transaction | null {
    if (this.#state.kind === 'none' && autocommit) return null;
    return this.forWriting(autocommit);
  }

  forWriting(autocommit: boolean): Transaction {
    if (this.#state.kind === 'aborted') throw new Refusal(this.#state.cause);
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

  /** A `Refusal` 6002 if it was aborted: then it is none afterwards, too. */
  commit(): void {
    const state = this.#state;
    this.#state = NONE;
    if (state.kind === 'aborted') throw refuse('TRANSACTION_ROLLED_BACK');
    if (state.kind !== 'none') state.transaction.commit();
  }

  rollback(): void {
    const state = this.#state;
    this.#state = NONE;
    if (state.kind === 'autocommit' || state.kind === 'open') state.transaction.rollback();
  }

  /** All it did is gone and its locks are free, but only ROLLBACK or COMMIT ends it. */
  abort(cause: Err): void {
    const { kind } = this.#state;
    if (kind === 'aborted') return;
    this.rollback();
    if (kind === 'open') this.#state = { kind: 'aborted', cause };
  }

  startStatement(): void {
    const state = this.#state;
    this.#mark = state.kind === 'open' || state.kind === 'autocommit' ? state.transaction.savepoint : null;
  }

  /** The statement has succeeded. */
  endStatement(): void {
    if (this.#state.kind === 'autocommit') this.commit();
  }

  /** The statement has failed. */
  undoStatement(): void {
    if (this.#state.kind === 'none' || this.#state.kind === 'aborted') return;
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
