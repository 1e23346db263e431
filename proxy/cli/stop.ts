/**
 * Whether a long job is to stop before its end: Ctrl-C, a signal, or a leader that is gone. What was done so far is told then.
 *
 * Knows nothing of the job, which asks now and then; jobs that wait for nothing real let the event loop turn (`breathe`), or the
 * answer would never change.
 */

/** How often signals and input are heard, in milliseconds. */
const BREATH = 100;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Stop {
  #isAsked = false;
  #told: (() => void) | null = null;
  #breath = performance.now();
  readonly #ask = (): void => {
    this.#isAsked = true;
    this.#told?.();
    // Who asks once more does not want to wait.
    this.forget();
  };

  /** Asked for by a signal. */
  static bySignal(): Stop {
    const stop = new Stop();
    for (const signal of SIGNALS) process.on(signal, stop.#ask);
    return stop;
  }

  /** Asked for by the end of standard input, which is the leader's; Ctrl-C at the terminal is the leader's business, too. */
  static byLeader(): Stop {
    const stop = new Stop();
    process.on('SIGINT', () => {});
    process.stdin.on('close', stop.#ask);
    process.stdin.resume();
    process.stdin.unref?.();
    return stop;
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  whenAsked(told: () => void): void {
    this.#told = told;
  }

  /** Lets signals and input be heard; undefined if that is only a moment ago. */
  breathe(): Promise<void> | undefined {
    const now = performance.now();
    if (now - this.#breath < BREATH) return undefined;
    this.#breath = now;
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** From now on a signal ends the process. */
  forget(): void {
    for (const signal of SIGNALS) process.off(signal, this.#ask);
  }
}
