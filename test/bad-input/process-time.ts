/**
 * A clock that stands still while the machine lets other processes run: what it counts is ours, busy or idle.
 *
 * Tests that run beside each other on few cores lose the processor for a second at times; no proxy can help that. A
 * heartbeat that comes late by more than this process has computed meanwhile was late for want of a processor.
 */

/** Milliseconds between two heartbeats. */
const BEAT = 10;

export class ProcessTime {
  #lost = 0;
  #lastBeat = performance.now();
  #lastCpu = process.cpuUsage();
  readonly #heart = setInterval(() => this.#beat(), BEAT);

  /** Milliseconds from some beginning. */
  now(): number {
    return performance.now() - this.#lost;
  }

  stop(): void {
    clearInterval(this.#heart);
  }

  #beat(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#lastCpu);
    this.#lost += Math.max(0, now - this.#lastBeat - BEAT - (user + system) / 1000);
    this.#lastBeat = now;
    this.#lastCpu = process.cpuUsage();
  }
}
