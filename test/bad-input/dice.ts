/**
 * The dice of the bad-input tests: everything drawn comes from one seed, so that one number replays it.
 *
 * A fresh seed a run, printed when something fails; `ODPLAB_SEED` gives it again.
 */
import { faker } from '@faker-js/faker/locale/en';
import { SeededChoices } from '../../simulator/world/choices.ts';

/** Seeds are whole numbers below this, so that faker and fast-check take them too. */
const SEEDS = 2 ** 31;

export const SEED: number = seedOf(process.env.ODPLAB_SEED);

function seedOf(wanted: string | undefined): number {
  if (wanted === undefined || wanted === '') return Math.floor(Math.random() * SEEDS);
  const seed = Number(wanted);
  if (!Number.isInteger(seed) || seed < 0 || seed >= SEEDS) {
    throw new RangeError(`ODPLAB_SEED=${wanted}: a whole number from 0 to ${SEEDS - 1} was expected`);
  }
  return seed;
}

/** The line that replays a run: `ODPLAB_SEED=… npx vitest run test/bad-input/…`. */
export function replayLine(file: string, more: Readonly<Record<string, string | number>> = {}): string {
  const settings = Object.entries({ ODPLAB_SEED: SEED, ...more }).map(([name, value]) => `${name}=${value}`);
  return `${settings.join(' ')} npx vitest run test/bad-input/${file}`;
}

export class Dice {
  readonly #choices: SeededChoices;

  /** Names come from faker, of which there is one in a process: one `Dice` at a time. */
  constructor(seed: number) {
    this.#choices = new SeededChoices(seed, {});
    faker.seed(seed);
  }

  /** 0 to `n` − 1. */
  below(n: number): number {
    return this.#choices.choose('dice', n);
  }

  /** `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let at = 0; at < count; at += 1) bytes[at] = this.below(256);
    return bytes;
  }

  /** A person's login name: letters, digits, and now and then a point, a dash or a quote. */
  userName(): string {
    return this.below(2) === 0 ? faker.internet.username() : faker.person.fullName();
  }

  /** A company, as the name of a tenant, a cluster or a database. */
  companyName(): string {
    return faker.company.name();
  }

  password(): string {
    return faker.internet.password();
  }

  /** A word that is none of SQL's. */
  word(): string {
    return `x${faker.word.noun()}`;
  }

  sentence(): string {
    return faker.hacker.phrase();
  }
}
