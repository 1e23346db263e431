/**
 * The sweep: ends what has been marked by a KILL, and what has outlived a deadline, at the ticks of a grid of one second
 * that starts with the proxy (odp-sessions.md §4.3, decisions.md 27).
 *
 * No periodic timer: the next tick is armed only while something is marked or a deadline runs, so a proxy without clients
 * has no timer at all. No scan over sessions: marks are a list of their own, deadlines stand in `deadlines.ts`.
 */
import type { Clock, Timer } from '../ports.ts';
import { Deadline, Deadlines, type Grid, type Perishable } from './deadlines.ts';

/** What can be marked. Whoever has gone by itself in the meantime ignores the call. */
export interface Killable {
  /** The tick after the KILL has come; `by` is the cs_id of the killer. */
  killed(by: number): void;
}

export class Sweep implements Grid {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #interval: number;
  /** In order of marking; a second mark changes nothing. */
  readonly #marks = new Map<Killable, number>();
  readonly #deadlines = new Deadlines(this);
  #timer: Timer | null = null;
  #armedFor = 0;

  /** `interval`: milliseconds between two ticks. */
  constructor(clock: Clock, interval: number) {
    this.#clock = clock;
    this.#start = clock.now();
    this.#interval = interval;
  }

  /** Marks for the first tick after now. */
  mark(target: Killable, by: number): void {
    if (!this.#marks.has(target)) this.#marks.set(target, by);
    this.#arm(this.tickIn(0));
  }

  /** It is gone: its mark is void. */
  forget(target: Killable): void {
    if (this.#marks.delete(target) && this.#marks.size === 0) this.#disarm();
  }

  /** When what is marked will be ended, by the clock; null if nothing is. For who judges a run. */
  get due(): number | null {
    return this.#marks.size === 0 ? null : this.#start + this.#armedFor * this.#interval;
  }

  /** A deadline that is not set; it calls `target.expired()` at the first tick at or after it. */
  deadline(target: Perishable): Deadline {
    return new Deadline(target, this.#deadlines);
  }

  tickIn(delay: number): number {
    const now = this.#clock.now() - this.#start;
    return Math.max(Math.ceil((now + delay) / this.#interval), Math.floor(now / this.#interval) + 1);
  }

  stands(tick: number): void {
    this.#arm(tick);
  }

  empty(): void {
    if (this.#marks.size === 0) this.#disarm();
  }

  #arm(tick: number): void {
    if (this.#timer !== null) {
      if (this.#armedFor <= tick) return;
      this.#timer.cancel();
    }
    this.#armedFor = tick;
    const at = this.#start + tick * this.#interval;
    this.#timer = this.#clock.after(at - this.#clock.now(), () => this.#tick());
  }

  /** No mark is left: only a deadline may need the timer. */
  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#armForDeadlines();
  }

  #armForDeadlines(): void {
    const { first } = this.#deadlines;
    if (first !== Number.POSITIVE_INFINITY) this.#arm(first);
  }

  #tick(): void {
    this.#timer = null;
    // Which tick this is and what is marked for it, both first: what a killed session sets off – a wait of its own, that
    // arms the next tick – is not for this one.
    const tick = this.#armedFor;
    const marks = [...this.#marks];
    this.#marks.clear();
    for (const [target, by] of marks) target.killed(by);
    this.#deadlines.reached(tick);
    if (this.#marks.size > 0) this.#arm(this.tickIn(0));
    this.#armForDeadlines();
  }
}
