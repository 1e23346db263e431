/** Links that take time: when what is sent arrives, and that it arrives in order. */
import { expect, test } from 'vitest';
import type { ConnectionEvents } from '../../proxy/ports.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { World } from '../../simulator/world/world.ts';

const SERVER = { host: '192.0.2.1', port: 1 };

/** Notes what it hears and when. */
class Ear implements ConnectionEvents {
  readonly heard: [at: number, what: string][] = [];
  readonly #world: World;
  readonly #start: number;

  constructor(world: World) {
    this.#world = world;
    this.#start = world.clock.now();
  }

  #note(what: string): void {
    this.heard.push([this.#world.clock.now() - this.#start, what]);
  }

  opened(): void {
    this.#note('opened');
  }
  data(chunk: Buffer): void {
    this.#note(chunk.toString());
  }
  drain(): void {}
  flushed(): void {}
  end(): void {
    this.#note('end');
  }
  reset(): void {
    this.#note('reset');
  }
  closed(): void {}
}

/** `count` letters, each written a millisecond after the one before, then FIN. */
function heard(seed: number, latency: number, count: number): [number, string][] {
  const world = new World({ choices: new SeededChoices(seed, { 'net.merge': 0 }), latency });
  const ear = new Ear(world);
  world.network.listen(SERVER, {
    listening() {},
    failed() {},
    accept: () => ear,
    closed() {},
  });
  world.settle();
  const client = world.network.connect(SERVER, new Ear(world));
  for (let i = 0; i < count; i += 1) {
    client.write(Buffer.from(String.fromCharCode(97 + i)));
    world.advance(1);
  }
  client.end();
  world.advance(1000);
  return ear.heard;
}

test('each takes its time, at most what is said, and none passes another', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const letters = heard(seed, 7, 20);
    expect(letters.map(([, what]) => what).join('')).toBe('abcdefghijklmnopqrstend');
    for (const [i, [at]] of letters.entries()) {
      // The connection itself must have come first: to the server, and back.
      expect(at).toBeLessThanOrEqual(Math.max(i, 2 * 7) + 7);
      expect(at).toBeGreaterThanOrEqual(i);
    }
  }
});

test('the same seed takes the same time, another one another', () => {
  expect(heard(1, 7, 20)).toEqual(heard(1, 7, 20));
  expect(heard(1, 7, 20)).not.toEqual(heard(2, 7, 20));
});

test('without latency everything arrives at once, and nobody is asked', () => {
  expect(heard(1, 0, 3)).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
    [3, 'end'],
  ]);
});
