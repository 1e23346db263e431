/**
 * What executing a statement gives: the facts of its answer, before any byte of it is written.
 *
 * Types only.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { Value } from './sql/value.ts';

/** Rows, one by one: a long result is never in memory as a whole. */
export interface Rows {
  /** Null after the last one. */
  next(): readonly Value[] | null;
}

/** What a cursor has left to be fetched. */
export interface OpenCursor {
  readonly columns: readonly Column[];
  readonly rows: Rows;
}

/** A session that another one has killed and now waits for (observer.md §3.8). */
export interface Victim {
  /** Calls `stopped` once the victim runs no more; at once if it does not run. Answers whether there is anything to wait for. */
  join(waiter: VictimWaiter): boolean;
  forget(waiter: VictimWaiter): void;
}

export interface VictimWaiter {
  victimStopped(): void;
}

export type Outcome =
  | { readonly kind: 'done'; readonly affectedRows: number; readonly message: string }
  | { readonly kind: 'rows'; readonly columns: readonly Column[]; readonly rows: Rows }
  /** KILL CONNECTION of a running session: answered when that one has stopped. */
  | { readonly kind: 'join'; readonly victim: Victim }
  /** The session has killed itself: no answer, FIN. */
  | { readonly kind: 'leave' };

export const DONE: Outcome = { kind: 'done', affectedRows: 0, message: '' };

/** Rows that are there already. */
export class ReadyRows implements Rows {
  readonly #rows: readonly (readonly Value[])[];
  #next = 0;

  constructor(rows: readonly (readonly Value[])[]) {
    this.#rows = rows;
  }

  next(): readonly Value[] | null {
    const row = this.#rows[this.#next];
    if (row === undefined) return null;
    this.#next += 1;
    return row;
  }
}
