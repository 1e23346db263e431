/**
 * How much a request may do before it waits or is over: while it works nobody else is heard, no KILL and no timer.
 *
 * Evaluation takes no time on the clock, so `ob_query_timeout` never sees it. In its place work is counted, the same on
 * every machine: whoever looks at rows, compares or makes text says so, before it does it. Who has spent all ends with the
 * error of `ob_query_timeout`, its transaction kept (observer.md §6.1). Knows nothing of what the work is.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import { Refusal } from './refusal.ts';

/**
 * A step is about what comparing two numbers takes. Reading and sorting 100,000 rows takes two and a half million; this is
 * about a second on the machine it was measured on, and the rows that can be kept for it fit into 200 MB.
 */
export const MOST_STEPS = 8_000_000;

/** A row read from a table: its key is found, its version, its place in the frame. */
export const ROW_STEPS = 4;
/** A row written: it is locked, its keys are looked up, a version of it is kept. */
export const WRITE_STEPS = 40;
/** A pair of rows that a join tries: they are put behind one another. */
export const PAIR_STEPS = 6;
/** A call of a function. */
export const CALL_STEPS = 6;
/** Cells of a made row that count as a step: they take memory until the result is sent. */
export const CELLS_OF_STEP = 4;
/** Bytes of a made text that count as a step. */
export const BYTES_OF_STEP = 32;

/** It has cost too much. */
export class Exhausted extends Refusal {
  override name = 'Exhausted';
}

export class Effort {
  readonly #most: number;
  readonly #said: { readonly queryTimeout: number };
  #left: number;

  /** `said` is what the error names. */
  constructor(said: { readonly queryTimeout: number }, most = MOST_STEPS) {
    this.#said = said;
    this.#most = most;
    this.#left = most;
  }

  /** A request begins, or goes on after a wait. */
  begin(): void {
    this.#left = this.#most;
  }

  /** An `Exhausted` if nothing is left for it. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new Exhausted(errorOf('QUERY_TIMEOUT', this.#said.queryTimeout));
  }

  /** For a text or bytes of this length. */
  spendBytes(length: number): void {
    if (length > BYTES_OF_STEP) this.spend(Math.ceil(length / BYTES_OF_STEP));
  }

  /** For putting so many rows in order. */
  spendSort(rows: number): void {
    if (rows > 1) this.spend(rows * (32 - Math.clz32(rows - 1)));
  }
}
