/**
 * Where a session stands with its transaction.
 *
 * | state      | a statement reads or writes  | statement ends | COMMIT              | ROLLBACK | shown as IN_TRANS |
 * |------------|------------------------------|----------------|---------------------|----------|-------------------|
 * | none       | autocommit, or open (if off) | –              | –                   | –        | no                |
 * | autocommit | –                            | commits        | –                   | –        | no                |
 * | open       | –                            | stays          | ends                | ends     | yes               |
 * | aborted    | the ERR that aborted it      | stays          | ends, with ERR 6002 | ends     | yes               |
 *
 * A statement that fails takes back its own changes only; if it had opened the transaction, this is none again
 * (observer.md §3.7). A deadlock, the time limits of transactions and the loss of a leader abort: what was done is gone
 * and its locks are free at once, but the client has to say ROLLBACK (§5, §6.2, §9.4). Knows no SQL.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import { Refusal, refuse } from './refusal.ts';
import { type LockKeeper, type Row, type RowKey, type Table, Transaction } from './store.ts';

interface Live {
  readonly transaction: Transaction;
  /** When it has lasted too long (ob_trx_timeout), in milliseconds since 1970. */
  readonly deadline: number;
}

type State =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'autocommit' } & Live)
  | ({ readonly kind: 'open' } & Live)
  | { readonly kind: 'aborted'; readonly cause: Err };

const NONE: State = { kind: 'none' };

interface Savepoint {
  /** In capitals: case does not count. */
  readonly name: string;
  readonly mark: number;
}

export class TransactionState {
  readonly #keeper: LockKeeper;
  #state: State = NONE;
  /** Where the running statement began; null if there was no transaction then. */
  #mark: number | null = null;
  #readOnly = false;
  /** The oldest first. */
  #savepoints: Savepoint[] = [];

  constructor(keeper: LockKeeper) {
    this.#keeper = keeper;
  }

  /** To the client's eyes there is a transaction; it may be aborted. */
  get isOpen(): boolean {
    return this.#state.kind === 'open' || this.#state.kind === 'aborted';
  }

  /** There is one that goes on after the statement, and that something is to happen to if it does not end. */
  get isIdling(): boolean {
    return this.#state.kind === 'open';
  }

  get isReadOnly(): boolean {
    return this.isOpen && this.#readOnly;
  }

  /** What holds locks of earlier statements; null if nothing does. */
  get holder(): Transaction | null {
    return this.#state.kind === 'open' ? this.#state.transaction : null;
  }

  get deadline(): number {
    return this.#state.kind === 'open' || this.#state.kind === 'autocommit'
      ? this.#state.deadline
      : Number.POSITIVE_INFINITY;
  }

  /** The transaction that a SELECT reads through; null: only what is committed. */
  forReading(autocommit: boolean, deadline: number, readOnly: boolean): Transaction | null {
    if (this.#state.kind === 'none' && autocommit) return null;
    return this.forWriting(autocommit, deadline, readOnly);
  }

  /** `deadline`, `readOnly`: of the transaction, should there be none yet. */
  forWriting(autocommit: boolean, deadline: number, readOnly: boolean): Transaction {
    if (this.#state.kind === 'aborted') throw new Refusal(this.#state.cause);
    if (this.#state.kind !== 'none') return this.#state.transaction;
    const transaction = new Transaction(this.#keeper);
    this.#state = { kind: autocommit ? 'autocommit' : 'open', transaction, deadline };
    this.#readOnly = readOnly;
    return transaction;
  }

  /** BEGIN: what was open is committed. */
  begin(readOnly: boolean, deadline: number): void {
    this.commit();
    this.#state = { kind: 'open', transaction: new Transaction(this.#keeper), deadline };
    this.#readOnly = readOnly;
    this.#mark = 0;
  }

  /** A `Refusal` 6002 if it was aborted: then it is none afterwards, too. */
  commit(): void {
    const state = this.#state;
    this.#end();
    if (state.kind === 'aborted') throw refuse('TRANSACTION_ROLLED_BACK');
    if (state.kind !== 'none') state.transaction.commit();
  }

  rollback(): void {
    const state = this.#state;
    this.#end();
    if (state.kind === 'autocommit' || state.kind === 'open') state.transaction.rollback();
  }

  #end(): void {
    this.#state = NONE;
    this.#savepoints = [];
  }

  /** All it did is gone and its locks are free, but only ROLLBACK or COMMIT ends it. */
  abort(cause: Err): void {
    const { kind } = this.#state;
    if (kind === 'aborted') return;
    this.rollback();
    if (kind === 'open') this.#state = { kind: 'aborted', cause };
  }

  /** It has lasted too long: aborted (observer.md §6.2). */
  expire(): Err {
    const cause = errorOf('TRANSACTION_TIMEOUT');
    this.abort(cause);
    return cause;
  }

  startStatement(): void {
    const state = this.#state;
    this.#mark = state.kind === 'open' || state.kind === 'autocommit' ? state.transaction.savepoint : null;
  }

  /** The statement has succeeded. */
  endStatement(): void {
    if (this.#state.kind === 'autocommit') this.commit();
  }

  /** The statement has failed, or is to be tried again. */
  undoStatement(): void {
    if (this.#state.kind === 'none' || this.#state.kind === 'aborted') return;
    if (this.#mark === null || this.#state.kind === 'autocommit') this.rollback();
    else this.#state.transaction.rollbackTo(this.#mark);
  }

  // Savepoints.

  /** One of the same name is replaced. */
  save(name: string, transaction: Transaction): void {
    const capitals = name.toUpperCase();
    this.#savepoints = this.#savepoints.filter((it) => it.name !== capitals);
    this.#savepoints.push({ name: capitals, mark: transaction.savepoint });
  }

  /** Takes back what came after it, with the locks taken since; it stays, those after it go. */
  rollbackTo(name: string): void {
    const index = this.#find(name);
    if (this.#state.kind !== 'open') return;
    this.#state.transaction.rollbackTo(this.#savepoints[index]!.mark);
    this.#savepoints.length = index + 1;
  }

  /** It goes, and those after it. */
  release(name: string): void {
    this.#savepoints.length = this.#find(name);
  }

  /** A `Refusal` 1305 if there is none of this name, or the ERR that aborted the transaction. */
  #find(name: string): number {
    if (this.#state.kind === 'aborted') throw new Refusal(this.#state.cause);
    const capitals = name.toUpperCase();
    const index = this.#savepoints.findIndex((it) => it.name === capitals);
    if (index < 0) throw refuse('UNKNOWN_SAVEPOINT', name);
    return index;
  }
}

/** The keys of a table's rows, through a transaction or without one. */
export function keysThrough(transaction: Transaction | null, table: Table): readonly RowKey[] {
  return transaction === null ? table.sortedKeys() : transaction.keys(table);
}

export function readThrough(transaction: Transaction | null, table: Table, key: RowKey): Row | null {
  return transaction === null ? (table.rows.get(key) ?? null) : transaction.read(table, key);
}
