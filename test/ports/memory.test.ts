/** The contract of the ports, in memory: in the plain world, and in worlds that choose otherwise. */
import { describe, expect, test } from 'vitest';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { World } from '../../simulator/world/world.ts';
import type { Arm } from './arm.ts';
import { TIME } from './contract/time.ts';
import { CONNECTIONS, CONTRACT, holds } from './contract.ts';

class MemoryArm implements Arm {
  readonly host = '192.0.2.1';
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get network() {
    return this.#world.network;
  }

  get clock() {
    return this.#world.clock;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    this.#world.settle();
    expect(condition(), what).toBe(true);
  }

  async quiet(): Promise<void> {
    this.#world.settle();
  }

  async advance(milliseconds: number): Promise<void> {
    this.#world.advance(milliseconds);
  }

  happened(): void {}
}

/** What is sent arrives within so many milliseconds, and nothing in the contract takes more than a few of such steps. */
const LATENCY = 3;
const QUIET = 40 * LATENCY;
/** How long an expectation may take that sends much. */
const PATIENCE = 10_000;
/** Such worlds are slower to run. */
const SLOW_SEEDS = 10;

/** Links take time, so time passes while somebody waits. */
class SlowArm extends MemoryArm {
  override async until(what: string, condition: () => boolean): Promise<void> {
    for (let waited = 0; waited < PATIENCE && !condition(); waited += 1) await this.advance(1);
    expect(condition(), what).toBe(true);
  }

  override async quiet(): Promise<void> {
    await this.advance(QUIET);
  }
}

/** How many other worlds each expectation is tried in. */
const SEEDS = 40;

describe('the ports in memory', () => {
  for (const expectation of CONTRACT) {
    test(expectation.sentence, async () => {
      const world = new World();
      await holds(new MemoryArm(world), expectation);
      expect(world.idle).toBe(true);
    });
  }
});

describe('the ports in memory, whatever is chosen', () => {
  for (const expectation of CONTRACT) {
    test(expectation.sentence, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        // Splits far more often than a hunt would, and so fewer seeds are enough.
        const rates = { 'net.next': 500, 'net.split': 300, 'net.merge': 300, 'net.rst': 500 };
        const world = new World({ choices: new SeededChoices(seed, rates) });
        await holds(new MemoryArm(world), expectation);
        expect(world.idle).toBe(true);
      }
    });
  }
});

describe('the ports in memory, on links that take time', () => {
  // The expectations of the clock count its timers, among which are those of the links.
  for (const expectation of CONTRACT.filter((it) => !TIME.includes(it))) {
    test(expectation.sentence, async () => {
      for (let seed = 1; seed <= SLOW_SEEDS; seed++) {
        const world = new World({ choices: new SeededChoices(seed), latency: LATENCY });
        await holds(new SlowArm(world), expectation);
        world.advance(QUIET);
        expect(world.idle).toBe(true);
      }
    });
  }
});

describe('the ports in memory, over TLS', () => {
  for (const expectation of CONNECTIONS) {
    test(expectation.sentence, async () => {
      for (let seed = 0; seed <= SLOW_SEEDS; seed++) {
        const world = seed === 0 ? new World() : new World({ choices: new SeededChoices(seed) });
        await holds(new MemoryArm(world), expectation, true);
        expect(world.idle).toBe(true);
      }
    });
  }
});
