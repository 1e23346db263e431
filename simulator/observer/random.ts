/**
 * RAND(): a sequence for each session, the same in every run, by the rule of MySQL's own generator (two linear sums over
 * whole numbers below 2^30).
 */
const MOST = 0x3fff_ffff;

export class Random {
  #first: number;
  #second: number;

  /** A whole number; sessions give their ids. */
  constructor(seed: number) {
    this.#first = (Math.imul(seed, 0x10001) + 55_555_555) >>> 2;
    this.#second = Math.imul(seed, 0x1000_0001) >>> 2;
    // Neighbouring seeds begin with neighbouring numbers.
    for (let i = 0; i < 8; i += 1) this.next();
  }

  /** From 0 up to 1, without 1. */
  next(): number {
    this.#first = (this.#first * 3 + this.#second) % MOST;
    this.#second = (this.#first + this.#second + 33) % MOST;
    return this.#first / MOST;
  }
}
