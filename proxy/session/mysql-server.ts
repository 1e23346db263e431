/**
 * The connection to a MySQL or MariaDB server that serves one client session from its greeting on.
 *
 * It tells greeting, login and answers apart, and where an answer ends; what they mean for the client is its owner's.
 *
 * | state          | next                                                             |
 * |----------------|------------------------------------------------------------------|
 * | connecting     | opened → greeting                                                |
 * | greeting       | greeted → authenticating                                         |
 * | authenticating | admitted → idle; asked for tls → securing                         |
 * | securing       | secured → authenticating                                         |
 * | idle           | asked → serving; authenticates again (CHANGE_USER) → authenticating |
 * | serving        | answered → idle                                                  |
 * | (any)          | lost → gone                                                      |
 */
import type { Address, Clock, Connection, ConnectionEvents, Network } from '../ports.ts';
import { type FollowerTerms, ResponseFollower } from '../wire/follower.ts';
import { type Packet, PacketReader } from '../wire/framing.ts';
import { ConnectionEnd } from './connection-end.ts';
import type { HeldServer } from './registry.ts';
import type { SeenServer, SeenServers } from './seen.ts';
import { noVersions, type ServerTraits } from './state.ts';
import type { Sweep } from './sweep.ts';

/** A greeting or a packet of a login's exchange is read whole; plugins say little, Kerberos tickets are the longest. */
const LOGIN_LIMIT = 1024 * 1024;
const NOTHING = { deprecateEof: false, cacheMetadata: false };

export type MysqlServerState = 'connecting' | 'greeting' | 'securing' | 'authenticating' | 'idle' | 'serving' | 'gone';

type ServerEvent =
  | 'opened'
  | 'greeted'
  | 'asked for tls'
  | 'secured'
  | 'admitted'
  | 'asked'
  | 'authenticates again'
  | 'answered'
  | 'lost';

const NEXT: Record<MysqlServerState, Partial<Record<ServerEvent, MysqlServerState>>> = {
  connecting: { opened: 'greeting', lost: 'gone' },
  greeting: { greeted: 'authenticating', lost: 'gone' },
  securing: { secured: 'authenticating', lost: 'gone' },
  authenticating: { admitted: 'idle', 'asked for tls': 'securing', lost: 'gone' },
  idle: { asked: 'serving', 'authenticates again': 'authenticating', lost: 'gone' },
  serving: { answered: 'idle', lost: 'gone' },
  gone: {},
};

/** The client session that it serves, as it sees it. */
export interface MysqlServerOwner {
  readonly csId: number;
  /** Its first packet: a greeting, or an ERR in its place. */
  serverGreeted(server: MysqlServer, packet: Packet): void;
  /** A packet of a login's exchange. */
  serverAuthenticates(server: MysqlServer, packet: Packet): void;
  /** Bytes of an answer, or of what nobody asked for. */
  serverSaid(chunk: Buffer): void;
  /** The answer is over. */
  serverAnswered(server: MysqlServer): void;
  /** It cannot take more for now, or can again. */
  serverDrained(): void;
  /** No connection came about. */
  serverRefused(server: MysqlServer): void;
  /** TLS was asked for, and has not come about. */
  serverInsecure(server: MysqlServer, why: string): void;
  /** It has said FIN or RST. */
  serverGone(server: MysqlServer, how: 'FIN' | 'RST'): void;
  /** It was killed by the session `by`. */
  serverKilled(server: MysqlServer, by: number): void;
}

export interface MysqlServerServices {
  readonly network: Network;
  readonly clock: Clock;
  readonly sweep: Sweep;
  readonly registry: { addServer(session: HeldServer): void; removeServer(session: HeldServer): void };
}

export class MysqlServer implements ConnectionEvents, SeenServer {
  /** Changes hands: whoever sees to a login has it for as long. */
  owner: MysqlServerOwner;
  readonly ssId: number;
  readonly server: number;
  readonly address: Address;
  readonly versions = noVersions();
  readonly traits: ServerTraits = { capabilities: 0n, checksumSwitch: -1 };
  serverSessid = 0;
  transactCount = 0;

  readonly #services: MysqlServerServices;
  readonly #connection: Connection;
  readonly #end: ConnectionEnd;
  readonly #packets = new PacketReader(LOGIN_LIMIT);
  #follower = new ResponseFollower(NOTHING);
  #state: MysqlServerState = 'connecting';
  /** Waits for TLS. */
  #login: Buffer | null = null;

  constructor(owner: MysqlServerOwner, services: MysqlServerServices, ssId: number, server: number, address: Address) {
    this.owner = owner;
    this.#services = services;
    this.ssId = ssId;
    this.server = server;
    this.address = address;
    this.#connection = services.network.connect(address, this);
    this.#end = new ConnectionEnd(this.#connection, services.clock);
  }

  get state(): MysqlServerState {
    return this.#state;
  }

  /** TLS protects what is said to it. */
  get secure(): boolean {
    return this.#connection.secure;
  }

  /** Status flags of its last answer. */
  get status(): number {
    return this.#follower.status;
  }

  /** The number of the ERR of its last answer, or 0. */
  get errorCode(): number {
    return this.#follower.errorCode;
  }

  /** It waits for the file of a LOAD DATA LOCAL; asked once for each. */
  takeFileWish(): boolean {
    const wanted = this.#follower.fileWanted;
    this.#follower.fileWanted = false;
    return wanted;
  }

  /** Nothing of an observer's. */
  hasCapability(): boolean {
    return false;
  }

  #move(event: ServerEvent): void {
    const next = NEXT[this.#state][event];
    if (next === undefined) throw new Error(`server session ${this.ssId}: ${event} while ${this.#state}`);
    this.#state = next;
  }

  // --- What its owner asks of it -------------------------------------------------------------------------------------

  /** Its greeting is known: it counts, under the id that it has given itself. */
  greeted(serverSessid: number): void {
    this.serverSessid = serverSessid;
    this.#services.registry.addServer(this);
    this.#move('greeted');
  }

  /** The login is over. */
  admitted(terms: FollowerTerms): void {
    this.#follower = new ResponseFollower(terms);
    this.#move('admitted');
    this.transactCount += 1;
    const more = this.#packets.drain();
    if (more.length > 0) this.data(more);
  }

  /** A request (or its first part). False: it cannot take more for now. */
  ask(command: number, packet: Buffer): boolean {
    this.#move('asked');
    this.transactCount += 1;
    this.#follower.expect(command);
    return this.#connection.write(packet);
  }

  /** CHANGE_USER: a login's exchange follows. */
  authenticate(packet: Buffer): boolean {
    this.#move('authenticates again');
    return this.#connection.write(packet);
  }

  /** The login; behind `tls`, a request for it, it goes over TLS. */
  logIn(login: Buffer, tls: Buffer | null): void {
    if (tls === null) {
      this.#connection.write(login);
      return;
    }
    this.#login = Buffer.from(login);
    this.#move('asked for tls');
    this.#connection.write(tls);
    this.#connection.startTls(this.#packets.drain());
  }

  write(packet: Buffer): boolean {
    return this.#connection.write(packet);
  }

  writeAll(views: readonly Buffer[]): boolean {
    return this.#connection.writeAll(views);
  }

  /** All of the request is out; true if it has been answered too, or has no answer. */
  endIfAnswered(): boolean {
    if (this.#state !== 'serving' || !this.#follower.done) return false;
    this.#move('answered');
    return true;
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** The client's FIN goes on; what the server still says is heard. */
  passFin(): void {
    this.#connection.end();
  }

  /** The client's RST goes on. */
  passReset(): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.#connection.reset();
  }

  /** Ends it: FIN, and whatever still comes is dropped. */
  close(): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.#end.fin();
  }

  killed(by: number): void {
    if (this.#state === 'gone') return;
    this.close();
    this.owner.serverKilled(this, by);
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#move('lost');
    this.#services.registry.removeServer(this);
    this.#services.sweep.forget(this);
  }

  // --- What the network tells it -------------------------------------------------------------------------------------

  opened(): void {
    if (this.#state === 'connecting') this.#move('opened');
  }

  refused(): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.owner.serverRefused(this);
  }

  secured(): void {
    if (this.#state !== 'securing') return;
    this.#move('secured');
    this.#connection.write(this.#login!);
    this.#login = null;
  }

  tlsFailed(why: string): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.owner.serverInsecure(this, why);
  }

  data(chunk: Buffer): void {
    switch (this.#state) {
      case 'serving':
        this.#follower.follow(chunk);
        this.owner.serverSaid(chunk);
        this.owner.serverAnswered(this);
        break;
      case 'idle':
        this.#follower.follow(chunk);
        this.owner.serverSaid(chunk);
        break;
      case 'greeting':
      case 'authenticating':
        this.#packets.push(chunk);
        this.#authenticate();
        break;
      case 'connecting':
      case 'securing':
      case 'gone':
        break;
    }
  }

  #authenticate(): void {
    while (this.#state === 'greeting' || this.#state === 'authenticating') {
      const packet = this.#packets.next();
      if (packet === null) return;
      if (this.#state === 'greeting') this.owner.serverGreeted(this, packet);
      else this.owner.serverAuthenticates(this, packet);
    }
  }

  drain(): void {
    this.owner.serverDrained();
  }

  flushed(): void {}

  end(): void {
    if (this.#state === 'gone') {
      this.#connection.close();
      return;
    }
    this.close();
    this.owner.serverGone(this, 'FIN');
  }

  reset(): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.owner.serverGone(this, 'RST');
  }

  closed(): void {
    this.#end.closed();
    if (this.#state === 'gone') return;
    // Both sides have said FIN, ours first.
    this.#leave();
    this.owner.serverGone(this, 'FIN');
  }
}

/** The server session of a client session as SHOW PROXYSESSION sees it: one, in use or not. */
export class OneServer implements SeenServers {
  readonly pool = [];
  only: MysqlServer | null = null;

  get bound(): MysqlServer | null {
    return this.only?.state === 'idle' ? this.only : null;
  }

  get current(): MysqlServer | null {
    return this.only?.state === 'idle' ? null : this.only;
  }

  get count(): number {
    return this.only === null ? 0 : 1;
  }

  bySsId(ssId: bigint): MysqlServer | undefined {
    return this.only !== null && BigInt(this.only.ssId) === ssId ? this.only : undefined;
  }
}
