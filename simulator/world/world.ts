/**
 * The world of a run in memory: network, clock and choices together, and what moves them.
 *
 * Nothing happens in it but inside `settle` and `advance`. It must never know who lives in it: it hands out ports, and
 * delivers.
 */
import { type Choices, PLAIN } from '../../proxy/ports.ts';
import { MemoryNetwork } from './memory-network.ts';
import { START, VirtualClock } from './virtual-clock.ts';

/** Deliveries and timers in one `settle` past which it is a livelock: two ends that answer each other for ever. */
export const SETTLE_LIMIT = 5_000_000;

export interface WorldOptions {
  readonly choices?: Choices;
  /** Milliseconds since 1970 at which the world begins. */
  readonly start?: number;
  /** What is sent takes at most so many whole milliseconds; 0 unless said. */
  readonly latency?: number;
  /** In place of `SETTLE_LIMIT`. */
  readonly limit?: number;
}

export class World {
  readonly choices: Choices;
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly #limit: number;
  #settling = false;

  constructor(options: WorldOptions = {}) {
    this.choices = options.choices ?? PLAIN;
    this.clock = new VirtualClock(options.start ?? START);
    const { latency = 0 } = options;
    this.network = new MemoryNetwork(this.choices, latency === 0 ? null : { clock: this.clock, most: latency });
    this.#limit = options.limit ?? SETTLE_LIMIT;
  }

  /**
   * Delivers until nothing is left to deliver now; timers that are due now count. The clock stands. What lies before a
   * paused reader is not "to deliver".
   */
  settle(): void {
    // A machine that called this would be entered again before it returns.
    if (this.#settling) throw new Error('settle was called from inside an event');
    this.#settling = true;
    try {
      let steps = 0;
      do {
        while (this.network.step()) {
          if (++steps > this.#limit) throw this.#livelock();
        }
        if (++steps > this.#limit) throw this.#livelock();
      } while (this.clock.runDue());
    } finally {
      this.#settling = false;
    }
  }

  /** Moves the clock on, stopping at every timer on the way: all timers of an instant fire in order, then the world settles. */
  advance(milliseconds: number): void {
    const until = this.clock.now() + milliseconds;
    this.settle();
    for (;;) {
      const next = this.clock.next();
      if (next === undefined || next > until) break;
      this.clock.advanceTo(next);
      this.settle();
    }
    this.clock.advanceTo(until);
  }

  /** Ends of connections (two to a connection) that have not been told `closed`. */
  get openConnections(): number {
    return this.network.openConnections;
  }

  get armedTimers(): number {
    return this.clock.armed;
  }

  /** Nothing is left: no connection is open, no timer is armed. Listeners may stand. */
  get idle(): boolean {
    return this.openConnections === 0 && this.armedTimers === 0;
  }

  #livelock(): Error {
    return new Error(
      `the world does not settle: ${this.#limit} deliveries and timers at ${this.clock.now()} ms, ` +
        `${this.openConnections} connection ends open, ${this.armedTimers} timers armed`,
    );
  }
}
