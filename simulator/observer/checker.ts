/**
 * The session checker of an observer: ends what has been idle for too long (observer.md §6.1).
 *
 * It looks every 5 s, counted from the observer's start, so that limits on idleness fire up to 5 s late; a transaction
 * that has lasted too long is ended on time. No periodic timer: the next look is armed for the earliest that is due, and
 * only while there are sessions. Knows no session beyond `Checked`.
 */
import type { Clock, Timer } from '../../proxy/ports.ts';

/** SCHEDULE_PERIOD, in milliseconds. */
const PERIOD = 5000;

export interface Checked {
  /** When it is to be looked at next, in milliseconds since 1970; infinite if there is no need. */
  readonly due: number;
  /** Its time has come. */
  check(): void;
}

/** The first tick after `now` of a grid of `step` that begins at `origin`. */
export function tickAfter(origin: number, step: number, now: number): number {
  return origin + (Math.floor((now - origin) / step) + 1) * step;
}

export class SessionChecker {
  readonly #clock: Clock;
  readonly #sessions: ReadonlyMap<number, Checked>;
  /** When the observer has started: where its grids begin. */
  readonly origin: number;
  #timer: Timer | null = null;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, sessions: ReadonlyMap<number, Checked>) {
    this.#clock = clock;
    this.#sessions = sessions;
    this.origin = clock.now();
  }

  /** The first look that is not before `at`. */
  tickFrom(at: number): number {
    return at === Number.POSITIVE_INFINITY ? at : this.origin + Math.ceil((at - this.origin) / PERIOD) * PERIOD;
  }

  /** A session has become idle: it is due at `at`. Mostly a look is armed already that comes earlier. */
  expect(at: number): void {
    if (at >= this.#armedFor) return;
    this.#timer?.cancel();
    this.#armedFor = at;
    this.#timer = this.#clock.after(at - this.#clock.now(), () => this.#look());
  }

  /** A session is gone. */
  left(): void {
    if (this.#sessions.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #look(): void {
    this.#timer = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const session of [...this.#sessions.values()]) {
      if (session.due <= now) session.check();
      next = Math.min(next, session.due);
    }
    this.expect(next);
  }
}
