/**
 * An observer and a client in one world: bytes or statements in, answers out.
 *
 * The client is as dumb as can be: it sends what it is told and reads what comes, packet by packet.
 */
import { createHash } from 'node:crypto';
import { type Choices, type Connection, type ConnectionEvents, PLAIN } from '../../proxy/ports.ts';
import { CAP, COM, STATUS } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { type Greeting, readGreeting } from '../../proxy/wire/greeting.ts';
import { type Attribute, attribute, writeLogin } from '../../proxy/wire/login.ts';
import { readErr, readObserverOk, readOk } from '../../proxy/wire/ok.ts';
import { readColumn, readRow } from '../../proxy/wire/result-set.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD, nativePassword } from '../../proxy/wire/scramble.ts';
import { readSessionState, type SessionState } from '../../proxy/wire/session-state.ts';
import { Cluster, type ClusterOptions } from '../../simulator/observer/cluster.ts';
import { TOPOLOGIES, type Topology } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';

export function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

/** obclient's flags, without CONNECT_WITH_DB. */
const FLAGS = 0x08bf_a285;
export const NO_TRACK = FLAGS & ~CAP.SESSION_TRACK;
/** decisions.md 8. */
export const PROXY_CAPABILITY = '1706583';

export interface LoginOptions {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string | null;
  readonly flags?: number;
  readonly charset?: number;
  readonly proxy?: boolean;
  readonly attributes?: readonly Attribute[];
  readonly authResponse?: Buffer;
}

/** A world with the observers of a topology's first cluster, on 10.0.0.<id>:2881. */
export class Lab {
  readonly world: World;
  readonly cluster: Cluster;

  constructor(options: ClusterOptions = {}, topology: Topology = TOPOLOGIES.default, decide: Choices = PLAIN) {
    this.world = new World({ choices: decide });
    const { clock, choices, network } = this.world;
    this.cluster = new Cluster(topology.clusters[0]!, { clock, choices, sha1 }, options);
    for (const observer of this.cluster.observers) {
      observer.start(network, { host: `10.0.0.${observer.id}`, port: 2881 }, () => {});
    }
    this.world.settle();
  }

  /** Armed timers, but for the session checker that an observer with sessions has. */
  get timers(): number {
    const checkers = this.cluster.observers.filter((it) => it.sessions.length > 0).length;
    return this.world.armedTimers - checkers;
  }

  /** A connected client that has read the greeting. */
  connect(server = 1): TestClient {
    const client = new TestClient(this.world);
    client.attach(this.world.network.connect({ host: `10.0.0.${server}`, port: 2881 }, client));
    this.world.settle();
    return client;
  }

  /** A client that has logged in; what the login was answered is in `loginAnswer`. */
  login(options: LoginOptions = {}, server = 1): TestClient {
    const client = this.connect(server);
    client.login(options);
    return client;
  }
}

export class TestClient implements ConnectionEvents {
  readonly #world: World;
  #connection!: Connection;
  readonly #reader = new PacketReader();
  greeting!: Greeting;
  /** Whole packets that have come and were not asked for, header included. */
  #packets: Buffer[] = [];
  #proxy = false;
  #tracks = false;
  loginPackets: Buffer[] = [];
  loginAnswer: Answer = NOTHING;
  /** Bytes of each `data` event since the last look. */
  chunks: number[] = [];
  ended = false;
  isReset = false;
  isClosed = false;

  constructor(world: World) {
    this.#world = world;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  get connection(): Connection {
    return this.#connection;
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk.length);
    this.#reader.push(chunk);
    for (let packet = this.#reader.next(); packet !== null; packet = this.#reader.next()) {
      if (this.greeting === undefined) {
        this.greeting = readGreeting(Buffer.from(packet.payload));
        continue;
      }
      const header = Buffer.alloc(4);
      header.writeUIntLE(packet.payload.length & 0xffffff, 0, 3);
      header[3] = packet.sequence;
      this.#packets.push(Buffer.concat([header, packet.payload]));
    }
  }
  drain(): void {}
  flushed(): void {}
  end(): void {
    this.ended = true;
  }
  reset(): void {
    this.isReset = true;
  }
  closed(): void {
    this.isClosed = true;
  }

  login(options: LoginOptions = {}): void {
    const { user = 'root@sys', password = '', database = null, proxy = false, charset = 45 } = options;
    this.#proxy = proxy;
    const flags = (options.flags ?? FLAGS) | (database === null ? 0 : CAP.CONNECT_WITH_DB);
    this.#tracks = (flags & CAP.SESSION_TRACK) !== 0;
    const attributes = proxy
      ? [
          attribute('__mysql_client_type', '__ob_proxy'),
          attribute('__proxy_capability_flag', PROXY_CAPABILITY),
          attribute('__proxy_connection_id', '12402504630519660553'),
          ...(options.attributes ?? []),
        ]
      : (options.attributes ?? []);
    const scramble = proxy ? CONSTANT_SCRAMBLE : this.greeting.scramble;
    const out = new PacketWriter(1);
    writeLogin(out, {
      capabilities: flags >>> 0,
      maxPacket: 2 ** 24,
      charset,
      filler: Buffer.alloc(23),
      user,
      authResponse: options.authResponse ?? nativePassword(sha1, password, scramble),
      database,
      plugin: NATIVE_PASSWORD,
      attributes,
    });
    this.write(out.view());
    this.loginPackets = this.takeBytes();
    this.loginAnswer = readAnswer(this.loginPackets, this.#proxy, this.#tracks);
  }

  /** Sends bytes and lets the world settle. */
  write(bytes: Buffer): void {
    this.#connection.write(bytes);
    this.#world.settle();
  }

  /** Sends a command; what comes back is asked for with `take…`. */
  send(command: number, text: string | Buffer = ''): void {
    const out = new PacketWriter(0);
    out.packet(Buffer.concat([Buffer.of(command), Buffer.from(text)]));
    this.write(out.view());
  }

  query(sql: string): Answer {
    this.send(COM.QUERY, sql);
    return this.take();
  }

  /** What has come since the last look, as bytes with headers. */
  takeBytes(): Buffer[] {
    const packets = this.#packets;
    this.#packets = [];
    return packets;
  }

  /** What has come since the last look, read as one answer. */
  take(): Answer {
    return readAnswer(this.takeBytes(), this.#proxy, this.#tracks);
  }
}

export interface Answer {
  /** `ok`, `rows`, `ERR 1064 42000 text`, or `nothing`. */
  readonly kind: string;
  readonly status: number;
  readonly affectedRows: number;
  readonly message: string;
  readonly names: readonly string[];
  readonly types: readonly number[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Of the OK, or of the extra OK. */
  readonly state: SessionState | null;
  /** The extra OK was there. */
  readonly extraOk: boolean;
  /** Packets behind the answer. */
  readonly rest: readonly Buffer[];
}

export const NOTHING: Answer = {
  kind: 'nothing',
  status: 0,
  affectedRows: 0,
  message: '',
  names: [],
  types: [],
  rows: [],
  state: null,
  extraOk: false,
  rest: [],
};

/** Reads one answer: OK, ERR, or a result set; with the extra OK behind it if it is a proxy's. */
export function readAnswer(packets: readonly Buffer[], proxy: boolean, tracks: boolean): Answer {
  const first = packets[0]?.subarray(4);
  if (first === undefined) return NOTHING;
  if (first[0] === 0) {
    const ok = proxy ? readObserverOk(first) : readOk(first, tracks);
    const state = proxy && ok.state !== null ? readSessionState(ok.state) : null;
    const { status, affectedRows, message } = ok;
    return { ...NOTHING, kind: 'ok', status, affectedRows, message, state, rest: packets.slice(1) };
  }
  if (first[0] === 0xff) {
    const err = readErr(first);
    return withExtra({ ...NOTHING, kind: `ERR ${err.code} ${err.sqlState} ${err.message}` }, packets.slice(1), proxy);
  }
  const count = first[0]!;
  const columns = packets.slice(1, 1 + count).map((it) => readColumn(it.subarray(4)));
  const rows: (string | null)[][] = [];
  let at = count + 2;
  while (at < packets.length && !isEnd(packets[at]!)) {
    rows.push(readRow(packets[at]!.subarray(4), count));
    at += 1;
  }
  const last = packets[at]?.subarray(4);
  const answer: Answer = {
    ...NOTHING,
    kind: last === undefined ? 'unfinished rows' : last[0] === 0xff ? `rows, then ERR ${readErr(last).code}` : 'rows',
    status: last === undefined || last[0] === 0xff ? 0 : last.readUInt16LE(3),
    names: columns.map((it) => it.name),
    types: columns.map((it) => it.type),
    rows,
  };
  return withExtra(answer, packets.slice(at + 1), proxy);
}

function isEnd(packet: Buffer): boolean {
  return packet[4] === 0xff || (packet[4] === 0xfe && packet.length < 4 + 9);
}

function withExtra(answer: Answer, rest: readonly Buffer[], proxy: boolean): Answer {
  const extra = rest[0]?.subarray(4);
  if (!proxy || extra === undefined || (answer.status & STATUS.MORE_RESULTS) !== 0) return { ...answer, rest };
  const ok = readObserverOk(extra);
  const state = ok.state === null ? null : readSessionState(ok.state);
  return { ...answer, extraOk: true, state, rest: rest.slice(1) };
}
