/**
 * The clock of one host: it goes as the world's does, and can be set ahead of it.
 *
 * What its host measures has then lasted longer: a time-out that is due by the new time fires at once, as after a
 * correction by NTP or when a suspended machine wakes up. Nobody else's time changes. It must never know what is measured.
 */
import type { Clock, Timer } from '../../proxy/ports.ts';

export class OwnClock implements Clock {
  readonly #world: Clock;
  readonly #armed = new Set<OwnTimer>();
  /** Milliseconds before the world's clock. */
  #ahead = 0;

  constructor(world: Clock) {
    this.#world = world;
  }

  now(): number {
    return this.#world.now() + this.#ahead;
  }

  after(delay: number, task: () => void): Timer {
    const timer = new OwnTimer(this.#armed, this.now() + delay, task);
    timer.arm(this.#world, delay);
    return timer;
  }

  /** Whether a timer is due in so many milliseconds from now. */
  isDueWithin(milliseconds: number): boolean {
    const then = this.now() + milliseconds;
    for (const { due } of this.#armed) if (due <= then) return true;
    return false;
  }

  /** So many milliseconds have passed at once. What is due fires in the order in which it was to, not from inside this call. */
  jump(milliseconds: number): void {
    this.#ahead += milliseconds;
    const now = this.now();
    const armed = [...this.#armed].sort((a, b) => a.due - b.due);
    for (const timer of armed) timer.arm(this.#world, Math.max(0, timer.due - now));
  }
}

class OwnTimer implements Timer {
  readonly due: number;
  readonly #armed: Set<OwnTimer>;
  readonly #task: () => void;
  #timer: Timer | null = null;

  constructor(armed: Set<OwnTimer>, due: number, task: () => void) {
    this.#armed = armed;
    this.due = due;
    this.#task = task;
  }

  /** `delay`: by the world's clock; in place of what was armed before. */
  arm(world: Clock, delay: number): void {
    this.#timer?.cancel();
    this.#armed.add(this);
    this.#timer = world.after(delay, () => {
      this.#armed.delete(this);
      this.#task();
    });
  }

  cancel(): void {
    this.#armed.delete(this);
    this.#timer?.cancel();
  }
}
