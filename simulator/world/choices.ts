/**
 * Where free decisions come from: a seed, a recorded list, or nobody (`PLAIN` in ports.ts).
 *
 * The same seed gives the same decisions on every Node: whole numbers only, no `Math` beyond `imul`. It must never know
 * what a decision is about; a site is only a word to it.
 *
 * A list is written `site:index:value`, one entry for each decision that was not 0, parted by blanks; `index` counts the
 * decisions of that site from 0. So a list shrinks by dropping entries, and each site keeps its own places.
 */
import type { Choices } from '../../proxy/ports.ts';

/** How often, out of 1,000, a site departs from the plain case at all. A site that is not named draws evenly from all cases. */
export type Rates = Readonly<Record<string, number>>;

/** Rates that leave a world lively and most of its traffic ordinary. */
export const WORLD_RATES: Rates = { 'net.next': 300, 'net.split': 60, 'net.merge': 150, 'net.rst': 300 };

/** Rounds that mix the seed into all of the state before the first number is used. */
const WARM_UP = 15;

const WORDS = 2 ** 32;

/** Draws every decision from a seed (sfc32). */
export class SeededChoices implements Choices {
  readonly #rates: Rates;
  #a: number;
  #b: number;
  #c = 0;
  #counter = 1;

  /** `seed` is a whole number from 0 to 2^53 − 1. */
  constructor(seed: number, rates: Rates = WORLD_RATES) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`a seed is a whole number from 0 on, not ${seed}`);
    this.#rates = rates;
    this.#a = seed | 0;
    this.#b = Math.floor(seed / WORDS) | 0;
    for (let i = 0; i < WARM_UP; i++) this.#word();
  }

  choose(site: string, n: number): number {
    if (n <= 1) return 0;
    const rate = this.#rates[site];
    if (rate === undefined) return this.#below(n);
    return this.#below(1000) < rate ? 1 + this.#below(n - 1) : 0;
  }

  /** A whole number below `n`, all equally likely: what lies past the last whole multiple of `n` is drawn again. */
  #below(n: number): number {
    const limit = WORDS - (WORDS % n);
    for (;;) {
      const word = this.#word();
      if (word < limit) return word % n;
    }
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** One decision that was not the plain case. */
export interface Choice {
  readonly site: string;
  readonly index: number;
  readonly value: number;
}

/** Passes every decision on and keeps those that were not 0. */
export class RecordedChoices implements Choices {
  readonly list: Choice[] = [];
  readonly #inner: Choices;
  readonly #counts = new Map<string, number>();

  constructor(inner: Choices) {
    this.#inner = inner;
  }

  choose(site: string, n: number): number {
    if (n <= 1) return 0;
    const index = this.#counts.get(site) ?? 0;
    this.#counts.set(site, index + 1);
    const value = this.#inner.choose(site, n);
    if (value !== 0) this.list.push({ site, index, value });
    return value;
  }
}

/** Decides as a list says, and 0 wherever it says nothing. */
export class ReplayChoices implements Choices {
  readonly #values = new Map<string, Map<number, number>>();
  readonly #counts = new Map<string, number>();

  constructor(list: readonly Choice[]) {
    for (const { site, index, value } of list) {
      let values = this.#values.get(site);
      if (values === undefined) {
        values = new Map();
        this.#values.set(site, values);
      }
      values.set(index, value);
    }
  }

  choose(site: string, n: number): number {
    if (n <= 1) return 0;
    const values = this.#values.get(site);
    if (values === undefined) return 0;
    const index = this.#counts.get(site) ?? 0;
    this.#counts.set(site, index + 1);
    // In a world that has been shrunk a decision may have fewer cases than when it was recorded.
    return Math.min(values.get(index) ?? 0, n - 1);
  }
}

/** The written form of a list; `''` is the plain world. */
export function printChoices(list: readonly Choice[]): string {
  return list.map(({ site, index, value }) => `${site}:${index}:${value}`).join(' ');
}

/** Reads what `printChoices` wrote; throws on an entry that is not `site:index:value`. */
export function parseChoices(text: string): Choice[] {
  const list: Choice[] = [];
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === '') continue;
    const match = /^(.+):(\d{1,15}):(\d{1,10})$/.exec(entry);
    if (match === null) throw new SyntaxError(`a choice is written site:index:value, not ${JSON.stringify(entry)}`);
    list.push({ site: match[1]!, index: Number(match[2]), value: Number(match[3]) });
  }
  return list;
}
