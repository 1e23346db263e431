/**
 * The sweep: ends what has been marked by a KILL, and what has outlived a deadline, at the ticks of a grid of one second
 * that starts with the proxy (odp-sessions.md §4.3, decisions.md 27).
 *
 * No periodic timer: the next tick is armed only while something is marked or a deadline runs, so an idle proxy has no
 * timer at all. No scan over sessions: marks and deadlines are lists of their own.
 */
import type { Clock, Timer } from '../ports.ts';

/** What can be marked. Whoever has gone by itself in the meantime ignores the call. */
export interface Killable {
  /** The tick after the KILL has come; `by` is the cs_id of the killer. */
  killed(by: number): void;
}

export interface Perishable {
  expired(): void;
}

export class Sweep {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #interval: number;
  /** In order of marking; a second mark changes nothing. */
  readonly #marks = new Map<Killable, number>();
  /** In order of their end, as all deadlines of this list are equally long. */
  readonly #deadlines = new Map<Perishable, number>();
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
    this.#arm(this.#tickAfter(this.#clock.now()));
  }

  /** `target.expired()` at the first tick at least `delay` milliseconds from now; the same delay for every caller. */
  watch(target: Perishable, delay: number): void {
    this.#deadlines.set(target, this.#clock.now() + delay);
    this.#armForDeadlines();
  }

  unwatch(target: Perishable): void {
    this.#deadlines.delete(target);
    this.#disarmIfIdle();
  }

  /** It is gone: its mark and its deadline are void. */
  forget(target: Killable & Partial<Perishable>): void {
    this.#marks.delete(target);
    this.#deadlines.delete(target as Killable & Perishable);
    this.#disarmIfIdle();
  }

  #tickAfter(time: number): number {
    return this.#start + (Math.floor((time - this.#start) / this.#interval) + 1) * this.#interval;
  }

  #armForDeadlines(): void {
    const first = this.#deadlines.values().next();
    if (first.done) return;
    const at = first.value;
    const tick = this.#start + Math.ceil((at - this.#start) / this.#interval) * this.#interval;
    this.#arm(Math.max(tick, this.#tickAfter(this.#clock.now())));
  }

  #arm(tick: number): void {
    if (this.#timer !== null) {
      if (this.#armedFor <= tick) return;
      this.#timer.cancel();
    }
    this.#armedFor = tick;
    this.#timer = this.#clock.after(tick - this.#clock.now(), () => this.#tick());
  }

  #disarmIfIdle(): void {
    if (this.#marks.size > 0 || this.#deadlines.size > 0 || this.#timer === null) return;
    this.#timer.cancel();
    this.#timer = null;
  }

  #tick(): void {
    this.#timer = null;
    // The list is taken first: what a killed session sets off is not for this tick.
    const marks = [...this.#marks];
    this.#marks.clear();
    for (const [target, by] of marks) target.killed(by);
    const now = this.#clock.now();
    for (const [target, at] of this.#deadlines) {
      if (at > now) break;
      this.#deadlines.delete(target);
      target.expired();
    }
    if (this.#marks.size > 0) this.#arm(this.#tickAfter(now));
    this.#armForDeadlines();
  }
}
