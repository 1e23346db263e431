/** The ledger of sockets: after `settled` no event comes, whatever was going on, and it does not take long. */
import { expect, test } from 'vitest';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { Quiet, STILL } from '../../proxy/node/quiet.ts';
import type { Address, Connection, ConnectionEvents } from '../../proxy/ports.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';

/** Counts every event of its end. */
class Counting implements ConnectionEvents {
  static events = 0;
  connection!: Connection;
  over = false;
  readonly #seed: SeededChoices;

  constructor(seed: SeededChoices) {
    this.#seed = seed;
  }

  opened(): void {
    Counting.events++;
  }

  refused(): void {
    Counting.events++;
  }

  data(chunk: Buffer): void {
    Counting.events++;
    if (this.#seed.choose('answer', 3) === 1) this.connection.write(Buffer.alloc(chunk.length >> 1));
    else if (this.#seed.choose('stop', 30) === 1) act(this.connection, this.#seed);
  }

  drain(): void {
    Counting.events++;
  }

  flushed(): void {
    Counting.events++;
  }

  end(): void {
    Counting.events++;
    const what = this.#seed.choose('on end', 4);
    if (what === 1) this.connection.end();
    else if (what === 2) this.connection.write(Buffer.from('late'));
    else if (what === 3) this.connection.close();
  }

  reset(): void {
    Counting.events++;
  }

  closed(): void {
    Counting.events++;
    this.over = true;
  }
}

const SIZES = [1, 5, 100, 5000, 70_000, 400_000];

function act(connection: Connection, seed: SeededChoices): void {
  switch (seed.choose('act', 12)) {
    case 0:
      connection.end();
      return;
    case 1:
      connection.close();
      return;
    case 2:
      connection.reset();
      return;
    case 3:
      connection.end();
      connection.reset();
      return;
    case 4:
      connection.write(Buffer.from('x'));
      connection.close();
      return;
    case 5:
      connection.write(Buffer.from('x'));
      connection.reset();
      return;
    default:
      for (let i = 0; i <= seed.choose('times', 4); i++) {
        connection.write(Buffer.alloc(SIZES[seed.choose('size', SIZES.length)]!));
      }
  }
}

/** Time enough for an event that was on its way, now and then. */
async function linger(round: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  if (round % 20 !== 0) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 5);
  });
}

test('1,000 random exchanges with FIN, RST and close: no event comes after quiet', { timeout: 60_000 }, async () => {
  const seed = new SeededChoices(20_260_101, {});
  const quiet = new Quiet();
  const network = new NodeNetwork({ quiet });
  const ends: Counting[] = [];
  let address: Address = { host: '127.0.0.1', port: 0 };
  const listener = network.listen(address, {
    listening(bound) {
      address = bound;
    },
    failed() {},
    closed() {
      Counting.events++;
    },
    accept(connection) {
      Counting.events++;
      const end = new Counting(seed);
      end.connection = connection;
      ends.push(end);
      if (seed.choose('greet', 8) === 1) act(connection, seed);
      return end;
    },
  });
  await quiet.settled();
  let waited = 0;
  for (let round = 0; round < 1000; round++) {
    for (let i = 0; i < 1 + seed.choose('ends', 3); i++) {
      const alive = ends.filter(({ over }) => !over);
      if (alive.length < 2 || (alive.length < 40 && seed.choose('connect', 4) === 1)) {
        const end = new Counting(seed);
        end.connection = network.connect(address, end);
        ends.push(end);
        if (seed.choose('at once', 4) === 1) act(end.connection, seed);
      } else {
        act(alive[seed.choose('who', alive.length)]!.connection, seed);
      }
    }
    const begin = performance.now();
    await quiet.settled();
    waited += performance.now() - begin;
    const before = Counting.events;
    await linger(round);
    expect(Counting.events - before, `events after quiet in round ${round}`).toBe(0);
  }
  expect(Counting.events).toBeGreaterThan(3000);
  // Typically 1 ms; the bound is for a machine that is busy with other things.
  expect(waited / 1000).toBeLessThan(20);
  for (const end of ends) end.connection.reset();
  listener.close();
  await quiet.settled();
  expect(ends.every(({ over }) => over)).toBe(true);
  expect(quiet.openConnections).toBe(0);
});

test('towards a paused reader, quiet is a while without any event', async () => {
  const quiet = new Quiet();
  const network = new NodeNetwork({ quiet });
  const seed = new SeededChoices(1, { answer: 0, stop: 0 });
  let address: Address = { host: '127.0.0.1', port: 0 };
  let accepted: Connection | undefined;
  const listener = network.listen(address, {
    listening(bound) {
      address = bound;
    },
    failed() {},
    closed() {},
    accept(connection) {
      accepted = connection;
      return new Counting(seed);
    },
  });
  await quiet.settled();
  const client = new Counting(seed);
  client.connection = network.connect(address, client);
  await quiet.settled();
  accepted!.pause();
  // Nothing lies unread: that is counted, and at once.
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const before = performance.now();
    await quiet.settled();
    least = Math.min(least, performance.now() - before);
  }
  expect(least).toBeLessThan(10);
  client.connection.write(Buffer.from('unread'));
  const begin = performance.now();
  await quiet.settled();
  expect(performance.now() - begin).toBeGreaterThanOrEqual(STILL - 1);
  accepted!.resume();
  await quiet.settled();
  client.connection.reset();
  listener.close();
  await quiet.settled();
  expect(quiet.openConnections).toBe(0);
});
