/**
 * Before a scripted MySQL server on real sockets: a RST right behind an answer is a RST behind that answer for the client
 * as well, and no FIN ("Traps on node:net" 1); and a client that does not read has no more of a result kept for it than
 * the sockets hold.
 */
import { expect, test } from 'vitest';
import { NodeNetwork } from '../../proxy/node/net.ts';
import type { Address, Connection, ConnectionEvents } from '../../proxy/ports.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { writeGreeting } from '../../proxy/wire/greeting.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';
import { startMysqlProxy } from '../conformance/mysql-lab.ts';
import { until } from '../conformance/until.ts';
import { loginBytes, queryBytes } from './raw-client.ts';
import { OFFERED, ok, packet, SCRAMBLE } from './scripted-mysql.ts';

const ROUNDS = 30;
const COLUMN_COUNT = packet(1, 1);

/** One end of a connection: what has happened to it. */
class End implements ConnectionEvents {
  connection: Connection | null = null;
  received = 0;
  readonly events: string[] = [];
  readonly #heard: (end: End, payload: Buffer, sequence: number) => void;
  readonly #reader = new PacketReader();

  constructor(heard: (end: End, payload: Buffer, sequence: number) => void = () => {}) {
    this.#heard = heard;
  }

  data(chunk: Buffer): void {
    this.received += chunk.length;
    this.#reader.push(chunk);
    for (let it = this.#reader.next(); it !== null; it = this.#reader.next())
      this.#heard(this, it.payload, it.sequence);
  }

  drain(): void {
    this.events.push('drain');
  }
  flushed(): void {}
  end(): void {
    this.events.push('FIN');
    this.connection?.end();
  }
  reset(): void {
    this.events.push('RST');
  }
  closed(): void {
    this.events.push('closed');
  }
}

function greeting(): Buffer {
  const out = new PacketWriter(0);
  writeGreeting(out, {
    version: '8.4.0',
    threadId: 1,
    scramble: SCRAMBLE,
    capabilities: OFFERED,
    charset: 45,
    status: 2,
    plugin: NATIVE_PASSWORD,
  });
  return out.view();
}

/** A server that answers a login with OK, and a statement as told. */
async function startServer(network: NodeNetwork, asked: (end: End) => void): Promise<{ port: number; stop(): void }> {
  let stop = () => {};
  const address = await new Promise<Address>((resolve, reject) => {
    const listener = network.listen(
      { host: '127.0.0.1', port: 0 },
      {
        listening: resolve,
        failed: reject,
        closed() {},
        accept(connection) {
          const end = new End((it, _payload, sequence) => {
            if (sequence === 0) asked(it);
            else it.connection!.write(ok(sequence + 1));
          });
          end.connection = connection;
          connection.write(greeting());
          return end;
        },
      },
    );
    stop = () => listener.close();
  });
  return { port: address.port, stop };
}

async function logIn(network: NodeNetwork, port: number): Promise<End> {
  const client = new End();
  client.connection = network.connect({ host: '127.0.0.1', port }, client);
  await until(() => client.received > 0, 'the greeting');
  const before = client.received;
  client.connection.write(loginBytes('app'));
  await until(() => client.received > before, "the login's OK");
  client.received = 0;
  return client;
}

for (const size of [10, 40_000, 1_000_000]) {
  test(`a RST right behind ${size} bytes of an answer`, async () => {
    const network = new NodeNetwork();
    const row = packet(2, Buffer.alloc(size, 0x61));
    const server = await startServer(network, (end) => {
      end.connection!.write(Buffer.concat([COLUMN_COUNT, row]));
      end.connection!.reset();
    });
    const { proxy, address } = await startMysqlProxy(server.port);
    const straight = new Set<string>();
    const through = new Set<string>();
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const [port, seen] of [
        [server.port, straight],
        [address.port, through],
      ] as const) {
        const client = await logIn(network, port);
        client.connection!.write(queryBytes('SELECT 1'));
        await until(() => client.events.includes('closed'), 'the end');
        seen.add(client.events.filter((it) => it !== 'drain').join(' '));
        // What the system throws away of a long answer when it resets is its own; a short one is there.
        if (size === 10) expect(client.received).toBe(COLUMN_COUNT.length + row.length);
      }
    }
    expect([...straight]).toEqual(['RST closed']);
    expect([...through]).toEqual(['RST closed']);
    expect(proxy.facts()).toEqual({ clientSessions: 0, serverSessions: 0 });
    proxy.stop();
    server.stop();
  });
}

test('a client that does not read holds its server up, and nothing is lost', async () => {
  const network = new NodeNetwork();
  const chunk = Buffer.alloc(1024 * 1024, 0x61);
  const packets = 4;
  const total = packets * (HEADER_SIZE + MAX_PACKET_PAYLOAD);
  let sent = 0;
  const server = await startServer(network, (end) => {
    end.connection!.write(COLUMN_COUNT);
    let sequence = 2;
    const more = () => {
      // One row of several packets, a header wherever one is due.
      while (sent < total) {
        const inPacket = sent % (HEADER_SIZE + MAX_PACKET_PAYLOAD);
        const piece =
          inPacket === 0
            ? Buffer.of(0xff, 0xff, 0xff, sequence++)
            : chunk.subarray(0, Math.min(chunk.length, HEADER_SIZE + MAX_PACKET_PAYLOAD - inPacket));
        sent += piece.length;
        if (!end.connection!.write(piece)) return;
      }
    };
    end.drain = more;
    more();
  });
  const { proxy, address } = await startMysqlProxy(server.port);
  const client = await logIn(network, address.port);
  client.connection!.pause();
  client.connection!.write(queryBytes('SELECT 1'));
  let quiet = 0;
  let last = -1;
  // Until the server has not got rid of a byte for a while: all buffers on the way are full.
  await until(() => {
    quiet = sent === last ? quiet + 1 : 0;
    last = sent;
    return sent > 0 && quiet > 2000;
  }, 'the server to be held up');
  expect(sent).toBeLessThan(total / 2);
  client.connection!.resume();
  await until(() => client.received === total + COLUMN_COUNT.length, 'all of the result');
  client.connection!.close();
  await until(() => proxy.facts().clientSessions === 0, 'the end of the session');
  proxy.stop();
  server.stop();
});
