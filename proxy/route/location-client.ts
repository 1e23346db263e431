/**
 * Asks a cluster where the replicas of a table are: as `proxyro@sys`, over one connection that lives as long as there is
 * something to ask (odp-relay.md §5.3). Never on a user's connection.
 *
 * | state      | event                         | then                                                        |
 * |------------|-------------------------------|-------------------------------------------------------------|
 * | away       | a question                    | connecting, to the first server of the cluster              |
 * | connecting | greeting                      | login, or first over to TLS                                 |
 * | login      | OK                            | asking                                                      |
 * | asking     | a whole answer                | asking the next question; none: QUIT, away                  |
 * | any        | refused, ERR, FIN, RST, time  | the next server; none is left: nobody knows, away           |
 *
 * Knows nothing of what the answers are used for. A question is answered once, never from inside `ask`.
 */
import type { Address, Clock, Connection, ConnectionEvents, Network, Timer } from '../ports.ts';
import { WireError } from '../wire/bytes.ts';
import { CAP, CHARSET, COM, EOF_LIMIT, EOF_MARK, ERR_MARK, OK_MARK } from '../wire/constants.ts';
import { PacketReader, PacketWriter } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';
import { FILLER_SIZE, type Login, writeLogin, writeSslRequest } from '../wire/login.ts';
import { readErr } from '../wire/ok.ts';
import { readRow } from '../wire/result-set.ts';
import { NATIVE_PASSWORD, type Sha1, xor } from '../wire/scramble.ts';

/** A table, or `__all_dummy` in `oceanbase` for "any server of the tenant". */
export interface LocationQuestion {
  readonly tenant: string;
  readonly database: string;
  readonly table: string;
}

export interface Replica {
  readonly address: Address;
  readonly isLeader: boolean;
}

/** No replica: the cluster knows no such table. `null`: nobody could be asked. */
export type Located = (replicas: readonly Replica[] | null) => void;

export interface LocationPorts {
  readonly network: Network;
  readonly clock: Clock;
  readonly sha1: Sha1;
  /** SHA-1 of the password of `proxyro`, in hex; empty: it has none (ODP's `observer_sys_password`). */
  readonly passwordStage1: string;
  /** Over TLS, where the server offers it (`enable_server_ssl`). */
  readonly tls: boolean;
}

/** ODP's `short_async_task_timeout`: connecting and each look-up may take so long, in milliseconds (odp-relay.md §9.1). */
export const LOOKUP_TIMEOUT = 5000;
/** An answer is read whole: a packet of it is far below this. */
const ANSWER_LIMIT = 1024 * 1024;
const USER = 'proxyro@sys';
const LEADER = '1';
const COLUMNS = 3;
const CAPABILITIES =
  CAP.LONG_PASSWORD | CAP.LONG_FLAG | CAP.PROTOCOL_41 | CAP.TRANSACTIONS | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH;
const MAX_PACKET = 2 ** 24;

type State = 'connecting' | 'login' | 'asking' | 'away';

interface Asked {
  readonly question: LocationQuestion;
  readonly located: Located;
}

export class LocationClient {
  readonly #servers: readonly Address[];
  readonly #ports: LocationPorts;
  readonly #queue: Asked[] = [];
  #link: Link | null = null;
  /** Servers still to be tried, for the questions that wait now. */
  #left: readonly Address[] = [];

  constructor(servers: readonly Address[], ports: LocationPorts) {
    this.#servers = servers;
    this.#ports = ports;
  }

  ask(question: LocationQuestion, located: Located): void {
    this.#queue.push({ question, located });
    if (this.#queue.length > 1) return;
    this.#left = this.#servers;
    if (this.#link === null) this.#connect();
    else this.#link.ask(question);
  }

  /** Nobody is asked any more, and nobody is answered. */
  stop(): void {
    this.#queue.length = 0;
    this.#link?.leave();
    this.#link = null;
  }

  #connect(): void {
    const [server, ...left] = this.#left;
    if (server === undefined) {
      for (const { located } of this.#queue.splice(0)) located(null);
      return;
    }
    this.#left = left;
    this.#link = new Link(server, this.#ports, this);
  }

  /** The first question, once it may be asked. */
  get next(): LocationQuestion | null {
    return this.#queue[0]?.question ?? null;
  }

  answered(replicas: readonly Replica[]): void {
    // Who is answered may ask again: the link goes on with that, and leaves only if nothing is asked.
    const { located } = this.#queue[0]!;
    located(replicas);
    this.#queue.shift();
    this.#left = this.#servers;
    const next = this.next;
    if (next !== null) {
      this.#link?.ask(next);
      return;
    }
    this.#link?.leave();
    this.#link = null;
  }

  failed(): void {
    this.#link = null;
    this.#connect();
  }
}

class Link implements ConnectionEvents {
  readonly #ports: LocationPorts;
  readonly #owner: LocationClient;
  readonly #connection: Connection;
  readonly #packets = new PacketReader(ANSWER_LIMIT);
  #state: State = 'connecting';
  #login: Login | null = null;
  #timer: Timer;
  #replicas: Replica[] = [];
  /** EOFs of the answer that have come; behind the first come rows. */
  #eofs = 0;

  constructor(server: Address, ports: LocationPorts, owner: LocationClient) {
    this.#ports = ports;
    this.#owner = owner;
    this.#connection = ports.network.connect(server, this);
    this.#timer = ports.clock.after(LOOKUP_TIMEOUT, () => this.#fail());
  }

  ask({ tenant, database, table }: LocationQuestion): void {
    const { clock } = this.#ports;
    this.#timer.cancel();
    this.#timer = clock.after(LOOKUP_TIMEOUT, () => this.#fail());
    this.#replicas = [];
    this.#eofs = 0;
    this.#send(
      COM.QUERY,
      'SELECT /*+ READ_CONSISTENCY(WEAK) */ svr_ip, sql_port, role FROM oceanbase.__all_virtual_proxy_schema ' +
        `WHERE tenant_name = ${quoted(tenant)} AND database_name = ${quoted(database)} AND table_name = ${quoted(table)} ` +
        'ORDER BY role',
    );
  }

  leave(): void {
    if (this.#state === 'asking') this.#send(COM.QUIT, '');
    this.#over();
  }

  #send(command: number, text: string): void {
    const out = new PacketWriter(0, text.length + 16);
    out.begin();
    out.u8(command);
    // Names are the client's bytes, one a character.
    out.bytes(Buffer.from(text, 'latin1'));
    out.end();
    this.#connection.write(out.view());
  }

  data(chunk: Buffer): void {
    if (this.#state === 'away') return;
    this.#packets.push(chunk);
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail();
    }
  }

  /** One packet further. */
  #step(): boolean {
    if (this.#state === 'away') return false;
    const packet = this.#packets.next();
    if (packet === null) return false;
    const { payload } = packet;
    if (payload[0] === ERR_MARK) throw new WireError(readErr(payload).message);
    switch (this.#state) {
      case 'connecting':
        this.#greeted(payload);
        break;
      case 'login':
        this.#welcomed(payload);
        break;
      case 'asking':
        this.#answer(payload);
        break;
    }
    return true;
  }

  #greeted(payload: Buffer): void {
    const { sha1, passwordStage1, tls } = this.#ports;
    const { scramble, capabilities } = readGreeting(payload);
    const stage1 = Buffer.from(passwordStage1, 'hex');
    const proof = xor(stage1, sha1(Buffer.concat([scramble, sha1(stage1)])));
    const secure = tls && (capabilities & CAP.SSL) !== 0;
    this.#login = {
      capabilities: secure ? CAPABILITIES | CAP.SSL : CAPABILITIES,
      maxPacket: MAX_PACKET,
      charset: CHARSET.UTF8MB4_GENERAL_CI,
      filler: Buffer.alloc(FILLER_SIZE),
      user: USER,
      authResponse: stage1.length === 0 ? stage1 : proof,
      database: null,
      plugin: NATIVE_PASSWORD,
      attributes: null,
    };
    this.#state = 'login';
    if (!secure) {
      this.#sendLogin(1);
      return;
    }
    const out = new PacketWriter(1);
    writeSslRequest(out, this.#login);
    this.#connection.write(out.view());
    this.#connection.startTls(this.#packets.drain());
  }

  secured(): void {
    if (this.#state === 'login') this.#sendLogin(2);
  }

  tlsFailed(): void {
    this.#fail();
  }

  #sendLogin(sequence: number): void {
    const out = new PacketWriter(sequence, 128);
    writeLogin(out, this.#login!);
    this.#connection.write(out.view());
  }

  #welcomed(payload: Buffer): void {
    if (payload[0] !== OK_MARK) throw new WireError('neither OK nor ERR behind the login');
    this.#state = 'asking';
    const next = this.#owner.next;
    if (next !== null) this.ask(next);
  }

  #answer(payload: Buffer): void {
    if (payload[0] === EOF_MARK && payload.length < EOF_LIMIT) {
      this.#eofs += 1;
      if (this.#eofs === 2) this.#owner.answered(this.#replicas);
      return;
    }
    if (this.#eofs === 0) return;
    const [host, port, role] = readRow(payload, COLUMNS);
    this.#replicas.push({ address: { host: host ?? '', port: Number(port) }, isLeader: role === LEADER });
  }

  drain(): void {}
  flushed(): void {}

  refused(): void {
    this.#fail();
  }

  end(): void {
    this.#fail();
  }

  reset(): void {
    this.#fail();
  }

  closed(): void {
    this.#fail();
  }

  #fail(): void {
    if (this.#state === 'away') return;
    this.#over();
    this.#owner.failed();
  }

  #over(): void {
    this.#state = 'away';
    this.#timer.cancel();
    this.#connection.end();
    // Whoever does not answer our FIN does not keep the connection.
    this.#timer = this.#ports.clock.after(LOOKUP_TIMEOUT, () => this.#connection.close());
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
