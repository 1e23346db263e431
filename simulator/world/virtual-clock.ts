/**
 * The clock of the simulator: time stands until somebody moves it.
 *
 * Timers fire in the order of their time, those of one instant in the order in which they were armed. It must never
 * know real time, nor who moves it: the world does in memory, the scenario runner does on sockets.
 */
import type { Clock, Timer } from '../../proxy/ports.ts';

/** Where virtual time begins unless said otherwise: 2023-11-14 22:13:20 UTC. */
export const START = 1_700_000_000_000;

/** Below this many entries the heap is not worth clearing of cancelled timers. */
const CLEAR_FROM = 64;

/** One armed timer; the heap holds it until it fires or, after `cancel`, until it comes to the top. */
class VirtualTimer implements Timer {
  readonly time: number;
  readonly order: number;
  /** Undefined once it has fired or been cancelled. */
  task: (() => void) | undefined;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, time: number, order: number, task: () => void) {
    this.#clock = clock;
    this.time = time;
    this.order = order;
    this.task = task;
  }

  cancel(): void {
    if (this.task === undefined) return;
    this.task = undefined;
    this.#clock.cancelled();
  }
}

export class VirtualClock implements Clock {
  #now: number;
  #orders = 0;
  #armed = 0;
  /** A binary heap, the earliest first. */
  #heap: VirtualTimer[] = [];

  constructor(start: number = START) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(delay: number, task: () => void): Timer {
    // A delay below 0 means "as soon as may be", as everywhere in JavaScript.
    const timer = new VirtualTimer(this, this.#now + Math.max(delay, 0), this.#orders++, task);
    this.#armed++;
    this.#push(timer);
    return timer;
  }

  /** How many timers are armed: neither fired nor cancelled. */
  get armed(): number {
    return this.#armed;
  }

  /** When each armed timer is due, the earliest first. */
  get dues(): number[] {
    const armed = this.#heap.filter((timer) => timer.task !== undefined);
    return armed.map(({ time }) => time).sort((a, b) => a - b);
  }

  /** When the next timer is due; undefined when none is armed. It may be now, never before now. */
  next(): number | undefined {
    return this.#top()?.time;
  }

  /** Moves time, and fires nothing. It stops neither before nor at a deadline: who calls it asks `next` first. */
  advanceTo(time: number): void {
    if (time < this.#now) throw new RangeError(`virtual time never goes back: ${this.#now} to ${time}`);
    this.#now = time;
  }

  /**
   * Fires what is due by now, in order; what those tasks arm for now waits for the next call. True if anything fired.
   */
  runDue(): boolean {
    const before = this.#orders;
    let fired = false;
    for (;;) {
      const timer = this.#top();
      if (timer === undefined || timer.time > this.#now || timer.order >= before) return fired;
      this.#pop();
      const task = timer.task;
      timer.task = undefined;
      this.#armed--;
      fired = true;
      task?.();
    }
  }

  /** For `VirtualTimer.cancel` only. */
  cancelled(): void {
    this.#armed--;
    // Mostly deadlines are cancelled long before they come to the top; without this they would pile up until then.
    if (this.#heap.length > CLEAR_FROM && this.#heap.length > 2 * this.#armed) {
      const armed = this.#heap.filter((timer) => timer.task !== undefined);
      armed.sort(earlier);
      this.#heap = armed;
    }
  }

  #top(): VirtualTimer | undefined {
    for (;;) {
      const timer = this.#heap[0];
      if (timer === undefined || timer.task !== undefined) return timer;
      this.#pop();
    }
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up]!;
      if (earlier(parent, timer) <= 0) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= length) break;
      if (down + 1 < length && earlier(heap[down + 1]!, heap[down]!) < 0) down++;
      const child = heap[down]!;
      if (earlier(last, child) <= 0) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}

function earlier(a: VirtualTimer, b: VirtualTimer): number {
  return a.time - b.time || a.order - b.order;
}
