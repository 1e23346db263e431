/**
 * How a connection ends, to a client or to a server, and that it does: FIN behind what was written, RST behind what was
 * written, FIN without it; each within a bound, for a peer that does not read would keep it for ever.
 *
 * Knows no reasons.
 */
import type { Clock, Connection, Timer } from '../ports.ts';

/** After our FIN the peer's is awaited this long, then the socket is closed (decisions.md 34). */
export const LINGER = 1000;

export class ConnectionEnd {
  readonly #connection: Connection;
  readonly #clock: Clock;
  /** A RST waits for what was written to go out. */
  #resetting = false;
  #linger: Timer | null = null;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** FIN, behind what was written unless that is to be dropped; what the peer still sends is heard by nobody. */
  fin(dropUnsent = false): void {
    this.#connection.resume();
    if (dropUnsent && this.#connection.unsent > 0) {
      this.#connection.close();
    } else {
      this.#connection.end();
      this.bounded(() => this.#connection.close());
    }
  }

  /** RST, behind what was written: `reset` alone would drop it. */
  rst(): void {
    this.#connection.resume();
    this.#resetting = true;
    this.flushed();
    if (this.#connection.unsent > 0) this.bounded(() => this.#connection.reset());
  }

  /** What was written has gone out. */
  flushed(): void {
    if (this.#resetting && this.#connection.unsent === 0) this.#connection.reset();
  }

  /** Happens unless the connection has ended by then. */
  bounded(task: () => void): void {
    this.#linger?.cancel();
    this.#linger = this.#clock.after(LINGER, task);
  }

  closed(): void {
    this.#linger?.cancel();
  }
}
