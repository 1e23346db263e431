/**
 * The clock port on real time.
 *
 * One timer of Node's serves all that are armed, so that they fire in the order of their deadlines; with none armed
 * there is none, and nothing keeps the process alive. It must never know who uses it.
 */
import type { Clock, Timer } from '../ports.ts';

/** Node arms nothing longer than this; a longer wait is made of several. */
const LONGEST = 2 ** 31 - 1;

export class NodeClock implements Clock {
  /** What is armed, by deadline, then by order. Most come later than all others: putting them at the end is cheap. */
  readonly #armed: NodeTimer[] = [];
  #orders = 0;
  #handle: NodeJS.Timeout | undefined;
  /** What `#handle` is armed for. */
  #wakeAt = Number.POSITIVE_INFINITY;
  readonly #onWake = () => this.#wake();

  /** Wall-clock milliseconds with a fraction, which do not jump when the wall clock is set. */
  now(): number {
    return performance.timeOrigin + performance.now();
  }

  after(delay: number, task: () => void): Timer {
    const timer = new NodeTimer(this, this.now() + Math.max(delay, 0), this.#orders++, task);
    this.#armed.splice(this.#placeOf(timer), 0, timer);
    this.#arm();
    return timer;
  }

  /** How many timers are armed: neither fired nor cancelled. */
  get armed(): number {
    return this.#armed.length;
  }

  /** For `NodeTimer.cancel` only. */
  cancel(timer: NodeTimer): void {
    const place = this.#placeOf(timer);
    if (this.#armed[place] === timer) this.#armed.splice(place, 1);
    if (this.#armed.length === 0) this.#disarm();
  }

  /** Where it stands, or would. */
  #placeOf(timer: NodeTimer): number {
    const armed = this.#armed;
    let low = 0;
    let high = armed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (earlier(armed[middle]!, timer)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #arm(): void {
    const first = this.#armed[0];
    if (first === undefined || first.deadline >= this.#wakeAt) return;
    this.#disarm();
    this.#wakeAt = first.deadline;
    const wait = Math.ceil(first.deadline - this.now());
    this.#handle = setTimeout(this.#onWake, Math.min(Math.max(wait, 0), LONGEST));
  }

  #disarm(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Node counts whole milliseconds from the start of the turn and so may wake up early; a machine that then compared
   * `now` with its deadline would find it was not due yet. So only what is due fires. What is armed meanwhile waits for
   * the next time, or a timer of delay 0 that arms itself again would keep everything else from running.
   */
  #wake(): void {
    this.#disarm();
    const now = this.now();
    const before = this.#orders;
    try {
      for (;;) {
        const first = this.#armed[0];
        if (first === undefined || first.deadline > now || first.order >= before) break;
        this.#armed.shift();
        first.task();
      }
    } finally {
      // Also when a task has thrown: the others must not be lost with it.
      this.#arm();
    }
  }
}

class NodeTimer implements Timer {
  readonly deadline: number;
  readonly order: number;
  readonly task: () => void;
  readonly #clock: NodeClock;

  constructor(clock: NodeClock, deadline: number, order: number, task: () => void) {
    this.#clock = clock;
    this.deadline = deadline;
    this.order = order;
    this.task = task;
  }

  cancel(): void {
    this.#clock.cancel(this);
  }
}

function earlier(a: NodeTimer, b: NodeTimer): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}
