/**
 * A machine that throws harms nobody but itself: its connection is reset, the others go on.
 */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { NodeNetwork } from '../../proxy/node/net.ts';
import type { Address, Connection, ConnectionEvents, ListenerEvents } from '../../proxy/ports.ts';

/** Answers everything with itself, and breaks on an exclamation mark. */
class Echo implements ConnectionEvents {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  data(chunk: Buffer): void {
    if (chunk.includes('!')) throw new Error('broken');
    this.#connection.write(Buffer.from(chunk));
  }
  drain(): void {}
  flushed(): void {}
  end(): void {
    this.#connection.end();
  }
  reset(): void {}
  closed(): void {}
}

test('its connection is reset, what it threw is told, and the others are served', async () => {
  const told: unknown[] = [];
  const network = new NodeNetwork({ failed: (error) => told.push(error) });
  const address = await new Promise<Address>((resolve, reject) => {
    const events: ListenerEvents = {
      listening: resolve,
      failed: reject,
      accept: (connection) => new Echo(connection),
      closed() {},
    };
    const listener = network.listen({ host: '127.0.0.1', port: 0 }, events);
    closers.push(() => listener.close());
  });
  const other = connect(address.port, address.host);
  const broken = connect(address.port, address.host);
  closers.push(() => other.destroy());
  const code = new Promise((resolve) => broken.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)));
  broken.write('!');
  expect(await code).toBe('ECONNRESET');
  expect(told).toEqual([new Error('broken')]);
  const echoed = new Promise((resolve) => other.once('data', (chunk) => resolve(String(chunk))));
  other.write('still here');
  expect(await echoed).toBe('still here');
  for (const close of closers) close();
});

const closers: (() => void)[] = [];
