/**
 * One command of a caller on its way: how often it was sent, and what has been told of it.
 *
 * Knows nothing of connections. A caller hears of it once, whatever comes later.
 */
import type { Timer } from '../../../proxy/ports.ts';
import type { Done, DriverError, Outcome } from './dialect.ts';
import { failed } from './wording.ts';

export class Request {
  readonly payload: Buffer;
  /** Times it has been sent, or would have been. */
  sends = 0;
  /** What the caller is told if the attempt under way fails before it is sent again. */
  first: DriverError | null = null;
  /** Its time was up, and a kill is on its way: the ERR that this brings is told as this error. */
  killed: DriverError | null = null;
  timer: Timer | null = null;
  readonly #done: Done;
  #told = false;

  constructor(payload: Buffer, done: Done) {
    this.payload = payload;
    this.#done = done;
  }

  /** The caller has been told, before the answer came. */
  get told(): boolean {
    return this.#told;
  }

  fail(error: DriverError): void {
    this.finish(failed(error));
  }

  finish(outcome: Outcome): void {
    this.timer?.cancel();
    if (this.#told) return;
    this.#told = true;
    this.#done(outcome.kind === 'error' && this.killed !== null ? failed(this.killed) : outcome);
  }
}
