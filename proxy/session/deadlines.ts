/**
 * Deadlines by the thousand, on the ticks of the sweep: what a session may still take, for each of its waits.
 *
 * Setting one is what happens twice with every statement, so it costs a look at the clock and no more: a deadline that is
 * put off stays in the bucket where it stands, and is put into its own when that one's tick has come. Nobody scans them.
 * Knows neither clock nor timers: those are the sweep's.
 */

/** Who has deadlines; what is meant is for him to know. */
export interface Perishable {
  expired(): void;
}

/** Whose ticks they are. Ticks are numbered from 0. */
export interface Grid {
  /** The number of the first tick at least so many milliseconds from now, and after now. */
  tickIn(delay: number): number;
  /** A deadline stands before this tick now. */
  stands(tick: number): void;
  /** None stands anywhere. */
  empty(): void;
}

const NEVER = Number.POSITIVE_INFINITY;

/** One wait of somebody, one after the other. */
export class Deadline {
  readonly target: Perishable;
  /** The tick at which it expires. */
  due = NEVER;
  /** Where it stands, at the latest when it is due; null: nowhere. */
  bucket: Bucket | null = null;
  readonly #deadlines: Deadlines;
  #isOver = false;

  constructor(target: Perishable, deadlines: Deadlines) {
    this.target = target;
    this.#deadlines = deadlines;
  }

  /** It expires so many milliseconds from now, at the next tick then; 0 is never. */
  set(delay: number): void {
    if (this.#isOver) return;
    if (delay <= 0) this.lift();
    else this.#deadlines.set(this, delay);
  }

  /** It does not expire, until it is set again. */
  lift(): void {
    this.due = NEVER;
  }

  /** Its owner is gone. */
  end(): void {
    this.#isOver = true;
    this.lift();
    this.#deadlines.remove(this);
  }
}

class Bucket {
  readonly tick: number;
  readonly deadlines = new Set<Deadline>();

  constructor(tick: number) {
    this.tick = tick;
  }
}

export class Deadlines {
  readonly #grid: Grid;
  readonly #buckets = new Map<number, Bucket>();
  /** The ticks of the buckets: a binary heap, the earliest first. */
  readonly #ticks: number[] = [];
  #standing = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  /** The first tick at which there is something to look at; infinite if there is none. */
  get first(): number {
    return this.#ticks[0] ?? NEVER;
  }

  set(deadline: Deadline, delay: number): void {
    const due = this.#grid.tickIn(delay);
    deadline.due = due;
    if (deadline.bucket === null) this.#standing += 1;
    else if (deadline.bucket.tick <= due) return;
    else deadline.bucket.deadlines.delete(deadline);
    this.#place(deadline);
  }

  remove(deadline: Deadline): void {
    if (deadline.bucket === null) return;
    deadline.bucket.deadlines.delete(deadline);
    deadline.bucket = null;
    this.#gone();
  }

  /** This tick has come. Those of one tick in the order in which they were put there. */
  reached(tick: number): void {
    while (this.first <= tick) {
      const bucket = this.#buckets.get(this.#pop())!;
      this.#buckets.delete(bucket.tick);
      for (const deadline of bucket.deadlines) this.#reach(deadline, tick);
    }
  }

  #reach(deadline: Deadline, tick: number): void {
    if (deadline.due !== NEVER && deadline.due > tick) {
      this.#place(deadline);
      return;
    }
    const isDue = deadline.due !== NEVER;
    deadline.lift();
    deadline.bucket = null;
    this.#gone();
    if (isDue) deadline.target.expired();
  }

  #gone(): void {
    this.#standing -= 1;
    if (this.#standing > 0) return;
    this.#buckets.clear();
    this.#ticks.length = 0;
    this.#grid.empty();
  }

  #place(deadline: Deadline): void {
    const tick = deadline.due;
    let bucket = this.#buckets.get(tick);
    if (bucket === undefined) {
      bucket = new Bucket(tick);
      this.#buckets.set(tick, bucket);
      this.#push(tick);
      this.#grid.stands(tick);
    }
    bucket.deadlines.add(deadline);
    deadline.bucket = bucket;
  }

  #push(tick: number): void {
    const heap = this.#ticks;
    let at = heap.length;
    heap.push(tick);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (heap[up]! <= tick) break;
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = tick;
  }

  #pop(): number {
    const heap = this.#ticks;
    const first = heap[0]!;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= length) break;
      if (down + 1 < length && heap[down + 1]! < heap[down]!) down += 1;
      if (last <= heap[down]!) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}
