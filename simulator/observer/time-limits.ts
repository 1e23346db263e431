/**
 * How long a statement, a transaction and a silence of one session may last (observer.md §6.1), in milliseconds.
 *
 * OceanBase's limits are in microseconds, MySQL's in seconds; what is said with a statement counts for that one. Knows
 * neither clock nor statement.
 */
import type { SessionVariables } from './session-variables.ts';
import type { StatementKind } from './sql/syntax.ts';
import type { TransactionState } from './transaction-state.ts';
import { variable } from './variables.ts';

const QUERY_TIMEOUT = variable('ob_query_timeout');
const LOCK_TIMEOUT = variable('ob_trx_lock_timeout');
const TRX_TIMEOUT = variable('ob_trx_timeout');
const TRX_IDLE_TIMEOUT = variable('ob_trx_idle_timeout');
const WAIT_TIMEOUT = variable('wait_timeout');
const EXECUTION_TIME = variable('max_execution_time');

/** Microseconds of a millisecond. */
const MICROS = 1000;
/** Milliseconds of a second. */
const SECOND = 1000;

export class TimeLimits {
  readonly #variables: SessionVariables;
  readonly #transaction: TransactionState;
  /** When the running statement began. */
  startedAt = 0;
  /** How long it says itself that it waits for a row; null if it does not say. */
  #patience: number | null = null;
  /** How long it says itself that it may take, in microseconds; null if it does not say. */
  #hint: number | null = null;
  /** It is a SELECT, which max_execution_time is for. */
  #isSelect = false;

  constructor(variables: SessionVariables, transaction: TransactionState) {
    this.#variables = variables;
    this.#transaction = transaction;
  }

  start(now: number): void {
    this.startedAt = now;
    this.#patience = null;
    this.#hint = null;
    this.#isSelect = false;
  }

  /** What is known of the statement once it has been read. `hint`: QUERY_TIMEOUT(us). */
  read(kind: StatementKind, hint: number | null): void {
    this.#isSelect = kind === 'select' || kind === 'union';
    this.#hint = hint;
  }

  /** NOWAIT, WAIT n. */
  waitAtMost(milliseconds: number): void {
    this.#patience = milliseconds;
  }

  /** In microseconds. */
  get queryTimeout(): number {
    const limit = this.#hint ?? this.#variables.number(QUERY_TIMEOUT);
    const most = this.#isSelect ? this.#variables.number(EXECUTION_TIME) : 0;
    return most === 0 ? limit : Math.min(limit, most * MICROS);
  }

  /** When the running statement has taken too long. */
  get deadline(): number {
    return this.startedAt + this.queryTimeout / MICROS;
  }

  /** When the running statement, or the transaction it belongs to, has taken too long. */
  get limit(): number {
    return Math.min(this.deadline, this.#transaction.deadline);
  }

  /** When it has waited too long for a row: its own NOWAIT or WAIT, or ob_trx_lock_timeout (−1: no limit). */
  get lockLimit(): number {
    if (this.#patience !== null) return this.startedAt + this.#patience;
    const micros = this.#variables.number(LOCK_TIMEOUT);
    return micros < 0 ? Number.POSITIVE_INFINITY : this.startedAt + micros / MICROS;
  }

  /** When a transaction that begins now has lasted too long. */
  get transactionDeadline(): number {
    return this.startedAt + this.#variables.number(TRX_TIMEOUT) / MICROS;
  }

  /** How long the session may sleep; wait_timeout 0 is no limit. */
  get idleLimit(): number {
    const seconds = this.#variables.number(WAIT_TIMEOUT);
    return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * SECOND;
  }

  /** How long it may sleep in a transaction before that is aborted. */
  get transactionIdleLimit(): number {
    return this.#variables.number(TRX_IDLE_TIMEOUT) / MICROS;
  }
}
