/** Waiting for what is sure to come: looks again after every turn of the event loop, and says what it waited for. */

/** Far above what anything here takes, also on a busy machine; milliseconds. */
export const PATIENCE = 15_000;

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE} ms in vain: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The same for something that brings its own promise. */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${PATIENCE} ms in vain: ${what}`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
