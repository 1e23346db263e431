/**
 * A scripted MySQL server, and a stage with a proxy before it: what it is sent it keeps, and what it says the test says.
 */
import { createHash } from 'node:crypto';
import { type ConfigItems, DEFAULT_ITEMS } from '../../proxy/config.ts';
import type { Address, Choices, Connection, ConnectionEvents, Listener, ListenerEvents } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { type Cause, causeText } from '../../proxy/session/cause.ts';
import { CAP, COM, STATUS } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { writeGreeting } from '../../proxy/wire/greeting.ts';
import { isSslRequest } from '../../proxy/wire/login.ts';
import { type Ok, PLAIN_OK, writeErr, writeOk } from '../../proxy/wire/ok.ts';
import type { Hashes } from '../../proxy/wire/proof.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { World } from '../../simulator/world/world.ts';
import { LOGIN_FLAGS, PROXY, RawClient } from './raw-client.ts';
import { sha1 } from './stage.ts';

export const SERVER: Address = { host: '172.30.140.80', port: 3306 };
export const SCRAMBLE = Buffer.from('ABCDEFGHIJKLMNOPQRST');
export const OFFERED =
  LOGIN_FLAGS | CAP.COMPRESS | CAP.DEPRECATE_EOF | CAP.SESSION_TRACK | CAP.CONNECT_WITH_DB | CAP.CONNECT_ATTRS;

export function packet(sequence: number, ...payload: (number | string | Buffer)[]): Buffer {
  const out = new PacketWriter(sequence);
  out.packet(Buffer.concat(payload.map((it) => (typeof it === 'number' ? Buffer.of(it) : Buffer.from(it)))));
  return out.view();
}

export function ok(sequence: number, more: Partial<Ok> = {}): Buffer {
  const out = new PacketWriter(sequence);
  writeOk(out, { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, ...more }, false);
  return out.view();
}

export function err(sequence: number, code: number, message: string): Buffer {
  const out = new PacketWriter(sequence);
  writeErr(out, { code, sqlState: '28000', message });
  return out.view();
}

/** One connection of the proxy to the server: what it has sent, packet by packet. */
export class MysqlConnection implements ConnectionEvents {
  readonly connection: Connection;
  readonly packets: { readonly sequence: number; readonly payload: Buffer }[] = [];
  /** `FIN`, `RST`, `TLS`. */
  readonly events: string[] = [];
  readonly #server: ScriptedMysql;
  readonly #reader = new PacketReader();

  constructor(server: ScriptedMysql, connection: Connection) {
    this.#server = server;
    this.connection = connection;
  }

  say(...bytes: Buffer[]): void {
    for (const it of bytes) this.connection.write(it);
  }

  get last(): Buffer {
    return this.packets.at(-1)!.payload;
  }

  data(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let it = this.#reader.next(); it !== null; it = this.#reader.next()) {
      const payload = Buffer.from(it.payload);
      this.packets.push({ sequence: it.sequence, payload });
      if (it.sequence === 1 && isSslRequest(payload)) this.connection.startTls(this.#reader.drain());
      else this.#server.answer?.(payload, this, it.sequence);
    }
  }

  secured(): void {
    this.events.push('TLS');
  }

  drain(): void {}
  flushed(): void {}

  end(): void {
    this.events.push('FIN');
    this.connection.end();
  }

  reset(): void {
    this.events.push('RST');
  }

  closed(): void {}
}

export class ScriptedMysql implements ListenerEvents {
  readonly connections: MysqlConnection[] = [];
  readonly listener: Listener;
  capabilities = OFFERED;
  plugin: string = NATIVE_PASSWORD;
  /** What it says first, in place of a greeting. */
  first: Buffer | null = null;
  threadId = 7;
  /** What it makes of a packet; until a test says otherwise every login and every statement is OK. */
  answer: ((payload: Buffer, connection: MysqlConnection, sequence: number) => void) | null = (
    payload,
    connection,
    sequence,
  ) => {
    if (sequence > 0 || payload[0] !== COM.QUIT) connection.say(ok(sequence + 1));
  };

  constructor(world: World, address: Address = SERVER) {
    this.listener = world.network.listen(address, this);
  }

  get last(): MysqlConnection {
    return this.connections.at(-1)!;
  }

  accept(connection: Connection): ConnectionEvents {
    const made = new MysqlConnection(this, connection);
    this.connections.push(made);
    made.say(this.first ?? this.#greeting());
    return made;
  }

  #greeting(): Buffer {
    const out = new PacketWriter(0);
    writeGreeting(out, {
      version: '8.4.0',
      threadId: this.threadId++,
      scramble: SCRAMBLE,
      capabilities: this.capabilities,
      charset: 45,
      status: 2,
      plugin: this.plugin,
    });
    return out.view();
  }

  listening(): void {}
  failed(code: string): void {
    throw new Error(code);
  }
  closed(): void {}
}

export const HASHES: Hashes = {
  sha1,
  sha256: (data) => createHash('sha256').update(data).digest(),
  sha512: (data) => createHash('sha512').update(data).digest(),
};

/** The world's own decisions from a seed. */
class WorldChoices implements Choices {
  readonly #seeded: SeededChoices;

  constructor(seed: number) {
    this.#seeded = new SeededChoices(seed);
  }

  choose(site: string, n: number): number {
    return site.startsWith('net.') ? this.#seeded.choose(site, n) : 0;
  }
}

export interface MysqlStageOptions {
  readonly items?: Partial<ConfigItems>;
  readonly seed?: number;
  readonly servers?: readonly Address[];
  readonly passwords?: Readonly<Record<string, string>>;
}

export class MysqlStage {
  readonly world: World;
  readonly proxy: OdpProxy;
  readonly server: ScriptedMysql;
  readonly causes: string[] = [];
  readonly clients: RawClient[] = [];

  constructor({ items = {}, seed = 0, servers = [SERVER], passwords = {} }: MysqlStageOptions = {}) {
    this.world = seed === 0 ? new World() : new World({ choices: new WorldChoices(seed) });
    this.server = new ScriptedMysql(this.world);
    this.proxy = new OdpProxy(
      {
        listen: PROXY,
        clusters: [
          {
            name: 'mysql',
            type: 'mysql',
            servers: servers.map((address) => ({ address })),
            tenants: null,
          },
        ],
        items: { ...DEFAULT_ITEMS, ...items },
        localIp: PROXY.host,
        pid: 1,
        passwords: new Map(Object.entries(passwords)),
      },
      {
        network: this.world.network,
        clock: this.world.clock,
        choices: this.world.choices,
        sha1,
        hashes: HASHES,
        journal: {
          disconnected: (session: { csId: number }, cause: Cause) => {
            this.causes.push(`${session.csId}: ${causeText(cause, session.csId)}`);
          },
        },
      },
    );
    this.proxy.start({
      listening() {},
      failed(code) {
        throw new Error(code);
      },
    });
    this.settle();
  }

  settle(): void {
    this.world.settle();
  }

  connect(from: Address = { host: '10.0.0.7', port: 40_000 + this.clients.length }): RawClient {
    const client = new RawClient(this.world, from);
    this.clients.push(client);
    this.settle();
    return client;
  }

  expectNothingLeft(): void {
    this.settle();
    const left = { ...this.proxy.facts(), open: this.world.openConnections, timers: this.world.armedTimers };
    const none = { clientSessions: 0, serverSessions: 0, open: 0, timers: 0 };
    if (JSON.stringify(left) !== JSON.stringify(none)) throw new Error(`left: ${JSON.stringify(left)}`);
  }
}

/** The packets in what a client was sent: `2 01 03`. */
export function packetsOf(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + HEADER_SIZE <= bytes.length; ) {
    const length = bytes.readUIntLE(at, 3);
    found.push(`${bytes[at + 3]} ${bytes.subarray(at + HEADER_SIZE, at + HEADER_SIZE + length).toString('latin1')}`);
    at += HEADER_SIZE + length;
  }
  return found;
}
