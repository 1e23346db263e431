/**
 * Being told to stop: SIGINT (Ctrl-C) and SIGTERM.
 *
 * Under npm a Ctrl-C arrives twice, from the terminal and from npm ("Traps on node:net" 12): a second signal within
 * `ECHO` is the same one. A later one means that somebody is tired of waiting.
 */

/** Milliseconds. */
const ECHO = 200;
/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130;

/** Kept with the first signal. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first = 0;
    const told = (): void => {
      const now = performance.now();
      if (first === 0) {
        first = now;
        resolve();
      } else if (now - first > ECHO) {
        process.exit(INTERRUPTED);
      }
    };
    process.on('SIGINT', told);
    process.on('SIGTERM', told);
  });
}
