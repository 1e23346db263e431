/**
 * How a client gets in before a MySQL server: a server that answers, its greeting, TLS on either side, the login and what
 * its plugin exchanges, each packet to the other side. Also the exchange of a COM_CHANGE_USER.
 *
 * It is the server's owner for as long; then the session is again.
 */
import type { Connection } from '../ports.ts';
import { followerTerms } from '../wire/agreement.ts';
import { errorOf } from '../wire/errors.ts';
import { HEADER_SIZE, type Packet, PacketWriter } from '../wire/framing.ts';
import { type Err, PLAIN_OK } from '../wire/ok.ts';
import type { Request } from '../wire/request.ts';
import { type ClientPlace, isLoginHeader, noLogin } from './admission.ts';
import { errorAnswer, okAnswer } from './answers.ts';
import type { Cause } from './cause.ts';
import type { Deadline, Perishable } from './deadlines.ts';
import type { Identity } from './identity.ts';
import { MysqlLogin } from './mysql-login.ts';
import { MysqlServer, type MysqlServerOwner, type OneServer } from './mysql-server.ts';
import type { MysqlEvent, MysqlState } from './mysql-state.ts';
import { LOGIN_TIMEOUT } from './patience.ts';
import type { SeenSession } from './seen.ts';
import type { Services } from './services.ts';

/** Of the proxy's services all but the way to observers. */
export type MysqlServices = Omit<Services<SeenSession>, 'router'>;

/** The client session, as it is seen from here. */
export interface EnteringClient extends MysqlServerOwner, Perishable, ClientPlace {
  readonly connection: Connection;
  readonly servers: OneServer;
  readonly phase: MysqlState;
  move(event: MysqlEvent): void;
  /** Bytes for the client. */
  write(bytes: Buffer): void;
  /** What the client has sent that was not taken as a request. */
  unread(): Buffer;
  /** The next request may be taken. */
  advance(): void;
  /** The server's FIN will end it, for this reason. */
  leaveFor(cause: Cause): void;
  /** It is in, as this one; `identity` null: as whom it was. `database`: the one asked for. */
  entered(identity: Identity | null, database: string | null): void;
  stop(cause: Cause): void;
}

export class MysqlEntrance implements MysqlServerOwner {
  readonly login: MysqlLogin;
  readonly #client: EnteringClient;
  readonly #services: MysqlServices;
  /** For each server's greeting, then for the client's packet; while plugins talk the server's own time-out counts. */
  readonly #deadline: Deadline;
  /** Servers still to be tried. */
  #candidates: readonly number[];

  constructor(client: EnteringClient, services: MysqlServices) {
    this.#client = client;
    this.#services = services;
    this.login = new MysqlLogin(services, client);
    this.#deadline = services.sweep.deadline(client);
    const servers = this.#cluster.servers.map((_, index) => index);
    const first = services.choices.choose('route.login', servers.length);
    this.#candidates = [...servers.slice(first), ...servers.slice(0, first)];
  }

  get csId(): number {
    return this.#client.csId;
  }

  get #cluster() {
    return this.#services.clusters[0]!;
  }

  /** The session is over. */
  end(): void {
    this.#deadline.end();
  }

  // --- A server that answers -----------------------------------------------------------------------------------------

  open(): void {
    this.#connect();
  }

  #connect(): void {
    // A server behind which nobody is must not use up its client's patience (odp-relay.md §6.3).
    this.#deadline.set(this.#services.items.short_async_task_timeout);
    const server = this.#candidates[0]!;
    this.#candidates = this.#candidates.slice(1);
    const { address } = this.#cluster.servers[server]!;
    this.#client.servers.only = new MysqlServer(this, this.#services, this.#services.nextSsId(), server, address);
  }

  serverRefused(server: MysqlServer): void {
    this.#client.servers.only = null;
    if (this.#candidates.length > 0) this.#connect();
    else this.#unreachable(server, 'the connection was refused');
  }

  #unreachable({ address: { host, port } }: MysqlServer, why: string): void {
    const where = `${host}:${port}`;
    this.#client.write(errorAnswer(-1, errorOf('SERVER_UNREACHABLE', where)));
    this.#client.stop({ kind: 'no server', why: `${where}: ${why}; is the server up, and is -r right?` });
  }

  expired(): void {
    const server = this.#client.servers.only;
    if (this.#client.phase !== 'connected' || server === null) {
      this.#client.stop({ kind: 'client too slow', awaited: 'login' });
    } else if (this.#candidates.length === 0) {
      this.#unreachable(server, 'no greeting came');
    } else {
      server.close();
      this.#connect();
    }
  }

  serverGreeted(server: MysqlServer, packet: Packet): void {
    this.#deadline.set(LOGIN_TIMEOUT);
    const threadId = this.login.greeting(packet.payload);
    this.#relay(packet);
    if (threadId === null) {
      this.#client.stop(this.login.refusal(packet.payload));
      return;
    }
    server.greeted(threadId);
    this.#client.move('greeted');
    this.#client.advance();
  }

  // --- What the client says ------------------------------------------------------------------------------------------

  /** By its header alone a packet is no login, and is not waited for. */
  turnsAway(header: { readonly length: number; readonly sequence: number } | null): boolean {
    if (this.#client.phase !== 'greeted' || header === null) return false;
    if (isLoginHeader(header, this.login.sequence)) return false;
    this.#client.stop(noLogin(header));
    return true;
  }

  /** A packet of the client's, when it is its turn. */
  take(request: Request): void {
    if (this.#client.phase === 'greeted') this.#readLogin(request);
    else if (this.#client.phase === 'proving') this.#proved(request);
    else {
      this.login.clientSpeaks = false;
      this.#client.servers.only!.write(this.login.toServer(request.packet));
    }
  }

  #readLogin(request: Request): void {
    const reading = this.login.read(request);
    switch (reading.kind) {
      case 'close':
        this.#client.stop(reading.cause);
        break;
      case 'refuse':
        this.#refuse(request, reading.error);
        break;
      case 'client wants tls':
        this.#client.connection.startTls(this.#client.unread());
        break;
      case 'to server':
        this.#deadline.lift();
        this.#client.move('asked in');
        this.#client.servers.only!.logIn(reading.packet, reading.tls);
        break;
      case 'ask':
        // The server has nothing to do with it.
        this.#client.servers.only!.close();
        this.#client.servers.only = null;
        this.#deadline.set(LOGIN_TIMEOUT);
        this.#client.move('ours');
        this.#client.write(reading.packet);
    }
  }

  #proved(request: Request): void {
    this.#deadline.lift();
    const admission = this.login.prove(request);
    if (admission.kind !== 'of the proxy') {
      this.#refuse(request, admission.error);
      return;
    }
    this.#client.write(okAnswer(request.sequence, PLAIN_OK, false));
    this.#client.entered({ name: admission.name, cluster: null }, null);
  }

  #refuse(request: Request, error: Err): void {
    this.#client.write(errorAnswer(request.sequence, error));
    this.#client.stop({ kind: 'login refused', why: error.message });
  }

  // --- What the server says ------------------------------------------------------------------------------------------

  serverAuthenticates(server: MysqlServer, packet: Packet): void {
    switch (this.login.heard(packet.payload)) {
      case 'admitted':
        this.#relay(packet);
        this.#admitted(server, { name: this.login.name!, cluster: this.#cluster });
        break;
      case 'refused':
        this.#relay(packet);
        // After a CHANGE_USER the session may live on as whom it was; after a login the server's FIN follows.
        if (this.login.isChange) this.#admitted(server, null);
        else this.#client.leaveFor(this.login.refusal(packet.payload));
        break;
      case 'insecure': {
        const error = errorOf('INSECURE_TRANSPORT');
        this.#client.write(errorAnswer(this.login.toClient(packet.sequence) - 1, error));
        this.#client.stop({ kind: 'login refused', why: error.message });
        break;
      }
      case 'on':
        this.#relay(packet);
        this.#client.advance();
    }
  }

  #admitted(server: MysqlServer, identity: Identity | null): void {
    server.owner = this.#client;
    server.admitted(followerTerms(this.login.flags));
    this.#client.entered(identity, this.login.database);
  }

  #relay({ payload, sequence }: Packet): void {
    const out = new PacketWriter(this.login.toClient(sequence), payload.length + HEADER_SIZE);
    out.packet(payload);
    this.#client.write(out.view());
  }

  serverInsecure({ address: { host, port } }: MysqlServer, why: string): void {
    this.#client.servers.only = null;
    const error = errorOf('SERVER_UNREACHABLE', `${host}:${port} over TLS`);
    this.#client.write(errorAnswer(this.login.sequence, error));
    this.#client.stop({ kind: 'no TLS', why: `${host}:${port}: ${why}` });
  }

  /** Not while it is the owner: what a server says then is an exchange. */
  serverSaid(): void {}
  serverAnswered(): void {}

  serverDrained(): void {
    this.#client.serverDrained();
  }

  serverGone(server: MysqlServer, how: 'FIN' | 'RST'): void {
    this.#client.serverGone(server, how);
  }

  serverKilled(server: MysqlServer, by: number): void {
    this.#client.serverKilled(server, by);
  }
}
