/**
 * Watches a thread that plays runs: what loops inside one event never comes back, so nothing in that thread can tell.
 *
 * Another thread sees that a run does not end, asks the first by its debugger where it is, tells, and ends the process. Runs are
 * short and wait for nothing real; who waits for something real must not be watched then (`rest`). Knows nothing of runs.
 */
import { Worker } from 'node:worker_threads';

/** What the two threads share, two whole numbers: a count of runs, 0 while nothing is to be watched; the run's own number. */
export const COUNT_AT = 0;
export const RUN_AT = 1;
const SHARED_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT;

/** In words, `{run}` for a run's number. */
export interface Words {
  /** What does not end: `run {run} of seed 7`. */
  readonly what: string;
  /** The command that plays it again. */
  readonly again: string;
  readonly exitCode: number;
}

/** What the watcher is told at its start. */
export interface Watched extends Words {
  readonly shared: SharedArrayBuffer;
  /** So long a run may take at most, in milliseconds. */
  readonly patience: number;
}

/**
 * Longer than what a run may take: the most that it plays without an end are the deliveries of a livelock (`SETTLE_LIMIT` in
 * `simulator/world/world.ts`); a run that is well takes a few milliseconds.
 */
const PATIENCE = 30_000;

/** Node 20 does not bring to a thread what makes it read TypeScript. */
const START = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL('./hang-watcher.ts', import.meta.url).href)});
})`;

/** The exit code of a process that was ended so: an invariant, that everything comes to an end, was violated. */
export const HUNG = 1;
/** The same of a worker: 1 is also what ends with an error that nobody has caught. */
export const HUNG_WORKER = 4;

/** What an Int32 holds. */
const MOST_COUNTED = 2 ** 31 - 1;

export class HangWatch {
  readonly #shared: Int32Array;
  readonly #worker: Worker;
  #count = 0;

  constructor(words: Words, patience = PATIENCE) {
    const shared = new SharedArrayBuffer(SHARED_BYTES);
    this.#shared = new Int32Array(shared);
    const workerData: Watched = { ...words, shared, patience };
    this.#worker = new Worker(START, { eval: true, workerData });
    this.#worker.unref();
  }

  /** A run begins; it may be the same once more. */
  begins(run: number): void {
    this.#count = this.#count === MOST_COUNTED ? 1 : this.#count + 1;
    Atomics.store(this.#shared, RUN_AT, run);
    Atomics.store(this.#shared, COUNT_AT, this.#count);
  }

  /** From now on nothing is watched, until the next run begins. */
  rest(): void {
    Atomics.store(this.#shared, COUNT_AT, 0);
  }

  /** Watches while `act` plays, and then no more. */
  async until<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } finally {
      this.rest();
      await this.#worker.terminate();
    }
  }
}
