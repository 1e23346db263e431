/**
 * A client session before a MySQL or MariaDB server (decisions.md 18): one client connection, one server connection made
 * for it at once, and between them what was said, as it was said – bytes, FIN and RST.
 *
 * The server's own greeting goes to the client, so its scramble, its plugins and its thread id are the server's, and no
 * password is known here. What the proxy answers itself is in `mysql-requests.ts`; root@proxysys is asked for the
 * password by the proxy, over a connection of which the server has seen no login. Knows no observer.
 */
import type { Connection, ConnectionEvents } from '../ports.ts';
import { type Flags, followerTerms, NO_FLAGS } from '../wire/agreement.ts';
import { COM, STATUS } from '../wire/constants.ts';
import { errorOf } from '../wire/errors.ts';
import { HEADER_SIZE, type Packet, PacketWriter } from '../wire/framing.ts';
import { type Err, PLAIN_OK } from '../wire/ok.ts';
import { inAgreedForm } from '../wire/own-result.ts';
import { type Request, RequestReader } from '../wire/request.ts';
import { isLoginHeader, NO_LOGIN } from './admission.ts';
import { errorAnswer, okAnswer } from './answers.ts';
import type { Cause } from './cause.ts';
import { ClientEnd } from './client-end.ts';
import { type Identity, isAdministrator } from './identity.ts';
import { administratorAnswer } from './mysql-administrator.ts';
import { MysqlLogin } from './mysql-login.ts';
import { ownCommand, usedDatabase } from './mysql-requests.ts';
import { MysqlServer, type MysqlServerOwner, OneServer } from './mysql-server.ts';
import { isOver, type MysqlEvent, type MysqlState, nextMysqlState } from './mysql-state.ts';
import type { SeenSession } from './seen.ts';
import type { Outcome, Services } from './services.ts';
import { SessionState } from './state.ts';
import type { Perishable } from './sweep.ts';

/** Until the server has greeted, and for root@proxysys' answer; in between the server's own time-out counts. */
const LOGIN_TIMEOUT = 10_000;
/** What a client may send ahead of its answers before it is not read any more. */
const INPUT_LIMIT = 1024 * 1024;
/** No statement of an observer's has changed anything here. */
const NO_SERVER_SIDE = { lastInsertServer: null };

/** Of the proxy's services all but the way to observers. */
export type MysqlServices = Omit<Services<SeenSession>, 'router'>;

export class MysqlSession implements ConnectionEvents, Perishable, SeenSession, MysqlServerOwner {
  readonly csId: number;
  readonly connection: Connection;
  readonly state = new SessionState();
  readonly servers = new OneServer();
  readonly serverSide = NO_SERVER_SIDE;
  identity: Identity | null = null;
  proxySessid = 0n;
  active = false;

  readonly #services: MysqlServices;
  readonly #requests = new RequestReader();
  readonly #login: MysqlLogin;
  readonly #end: ClientEnd;
  #phase: MysqlState = 'connected';
  #flags: Flags = NO_FLAGS;
  /** Servers still to be tried. */
  #candidates: readonly number[];
  /** The database that the request under way chooses if it is answered OK. */
  #database: string | null = null;
  /** The client has said FIN: nothing more comes from it, what is asked is still answered. */
  #clientEnded = false;
  /** Why it ends when the server's FIN comes, if it ends for more than that. */
  #leaving: Cause | null = null;
  /** The client cannot take more for now; the server cannot. */
  #full = false;
  #serverFull = false;
  #advancing = false;

  constructor(connection: Connection, csId: number, services: MysqlServices) {
    this.connection = connection;
    this.csId = csId;
    this.#services = services;
    this.#end = new ClientEnd(connection, services.clock);
    this.#login = new MysqlLogin(services, connection.remote);
    const servers = this.#cluster.servers.map((_, index) => index);
    const first = services.choices.choose('route.login', servers.length);
    this.#candidates = [...servers.slice(first), ...servers.slice(0, first)];
    services.registry.add(this);
    services.sweep.watch(this, LOGIN_TIMEOUT);
    this.#connect();
  }

  get #cluster() {
    return this.#services.clusters[0]!;
  }

  get inTransaction(): boolean {
    return ((this.servers.only?.status ?? 0) & STATUS.IN_TRANS) !== 0;
  }

  #move(event: MysqlEvent): void {
    const next = nextMysqlState(this.#phase, event);
    if (next === undefined) throw new Error(`client session ${this.csId}: ${event} while ${this.#phase}`);
    this.#phase = next;
  }

  // --- What the client's connection tells it -------------------------------------------------------------------------

  data(chunk: Buffer): void {
    if (this.#phase === 'dying' || isOver(this.#phase)) return;
    this.#requests.push(chunk);
    if (this.#requests.streaming) this.#stream();
    this.#advance();
    if (this.#requests.pending > INPUT_LIMIT) this.connection.pause();
  }

  drain(): void {
    if (!this.#full) return;
    this.#full = false;
    this.servers.only?.resume();
    this.#advance();
  }

  flushed(): void {
    if (this.#phase === 'dying' && this.connection.unsent === 0) this.stop({ kind: 'killed by itself' });
    else this.#end.flushed();
  }

  /** It goes on to the server as soon as all that came before it has. */
  end(): void {
    if (isOver(this.#phase)) return;
    this.#clientEnded = true;
    this.#leaving ??= { kind: 'client gone', how: 'FIN' };
    if (this.servers.only === null || this.#phase === 'connected' || this.#phase === 'dying') this.stop(this.#leaving);
    else this.#passFin();
  }

  #passFin(): void {
    if (!this.#clientEnded || this.#requests.pending > 0 || isOver(this.#phase)) return;
    this.servers.only!.passFin();
    // A statement that runs may take its time; else nothing is left to be said.
    if (this.#phase === 'serving') return;
    this.#end.bounded(() => this.stop(this.#leaving!));
  }

  reset(): void {
    this.servers.only?.passReset();
    this.stop({ kind: 'client gone', how: 'RST' });
  }

  closed(): void {
    this.stop({ kind: 'killed by itself' });
    this.#end.closed();
    this.#move('gone');
  }

  // --- What its server tells it --------------------------------------------------------------------------------------

  #connect(): void {
    const server = this.#candidates[0]!;
    this.#candidates = this.#candidates.slice(1);
    const { address } = this.#cluster.servers[server]!;
    this.servers.only = new MysqlServer(this, this.#services, this.#services.nextSsId(), server, address);
  }

  serverRefused(server: MysqlServer): void {
    this.servers.only = null;
    if (this.#candidates.length > 0) this.#connect();
    else this.#unreachable(server, 'the connection was refused');
  }

  #unreachable({ address: { host, port } }: MysqlServer, why: string): void {
    const where = `${host}:${port}`;
    this.#write(errorAnswer(-1, errorOf('SERVER_UNREACHABLE', where)));
    this.stop({ kind: 'no server', why: `${where}: ${why}; is the server up, and is -r right?` });
  }

  expired(): void {
    const server = this.servers.only;
    if (this.#phase === 'connected' && server !== null) this.#unreachable(server, 'no greeting came');
    else this.stop({ kind: 'login timed out' });
  }

  serverGreeted(server: MysqlServer, packet: Packet): void {
    this.#services.sweep.unwatch(this);
    const threadId = this.#login.greeting(packet.payload);
    this.#relay(packet);
    if (threadId === null) {
      this.stop(this.#login.refusal(packet.payload));
      return;
    }
    server.greeted(threadId);
    this.proxySessid = this.#services.proxySessids.next();
    this.#move('greeted');
    this.#advance();
  }

  serverAuthenticates(server: MysqlServer, packet: Packet): void {
    switch (this.#login.heard(packet.payload)) {
      case 'admitted':
        this.#relay(packet);
        this.#admitted(server);
        return;
      case 'refused':
        this.#relay(packet);
        // After a CHANGE_USER the session may live on as whom it was; after a login the server's FIN follows.
        if (this.#login.isChange) this.#unchanged(server);
        else this.#leaving = this.#login.refusal(packet.payload);
        break;
      case 'insecure':
        this.#write(errorAnswer(packet.sequence - 1, errorOf('INSECURE_TRANSPORT')));
        this.stop({ kind: 'login refused', why: errorOf('INSECURE_TRANSPORT').message });
        break;
      case 'on':
        this.#relay(packet);
        this.#advance();
    }
  }

  #admitted(server: MysqlServer): void {
    const { flags, name, database } = this.#login;
    this.#flags = flags;
    this.identity = { name: name!, cluster: this.#cluster };
    this.state.database = database;
    this.#unchanged(server);
  }

  #unchanged(server: MysqlServer): void {
    this.active = false;
    this.#move('admitted');
    server.admitted(followerTerms(this.#flags));
    this.#advance();
    this.#passFin();
  }

  serverSaid(chunk: Buffer): void {
    if (this.connection.write(chunk)) return;
    this.#full = true;
    this.servers.only!.pause();
  }

  serverAnswered(server: MysqlServer): void {
    if (server.takeFileWish()) {
      this.#requests.beginFile();
      this.#stream();
    }
    this.#answered();
  }

  /** Over when the request is out to its last byte, and the answer is here to its last. */
  #answered(): void {
    if (this.#phase !== 'serving' || this.#requests.streaming) return;
    const server = this.servers.only!;
    if (!server.endIfAnswered()) return;
    if (this.#database !== null && server.errorCode === 0) this.state.database = this.#database;
    this.#database = null;
    this.active = false;
    this.#move('answered');
    this.#advance();
    this.#passFin();
  }

  serverDrained(): void {
    this.#serverFull = false;
    this.#stream();
    if (!this.#serverFull) this.connection.resume();
  }

  serverGone(_server: MysqlServer, how: 'FIN' | 'RST'): void {
    this.servers.only = null;
    const cause = this.#leaving ?? {
      kind: 'server lost',
      why: `the server has ${how === 'FIN' ? 'closed' : 'reset'} it`,
    };
    if (how === 'FIN' || isOver(this.#phase)) this.stop(cause);
    else this.#break(cause);
  }

  serverKilled(_server: MysqlServer, by: number): void {
    this.servers.only = null;
    this.stop({ kind: 'server lost', why: `it was killed by session ${by}` });
  }

  // --- Requests ------------------------------------------------------------------------------------------------------

  #advance(): void {
    // An answer without waiting ends before it was handed over: the loop it came from goes on.
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#takesRequest()) {
      if (this.#phase === 'greeted' && this.#isNoLogin()) break;
      const request = this.#requests.next();
      if (request === null) break;
      this.#take(request);
    }
    this.#advancing = false;
    if (this.#phase === 'idle' && !this.#full && !this.#serverFull) this.connection.resume();
  }

  #takesRequest(): boolean {
    if (this.#full || this.#requests.streaming) return false;
    if (this.#phase === 'logging in') return this.#login.clientSpeaks;
    return this.#phase === 'greeted' || this.#phase === 'proving' || this.#phase === 'idle';
  }

  #isNoLogin(): boolean {
    const header = this.#requests.header();
    if (header === null || isLoginHeader(header)) return false;
    this.stop({ kind: 'malformed', what: NO_LOGIN });
    return true;
  }

  #take(request: Request): void {
    switch (this.#phase) {
      case 'greeted':
        this.#readLogin(request);
        break;
      case 'logging in':
        this.#login.clientSpeaks = false;
        this.#send(request.packet);
        break;
      case 'proving':
        this.#proved(request);
        break;
      default:
        if (isAdministrator(this.identity)) this.#handleHere(request);
        else this.#handle(request);
    }
  }

  #readLogin(request: Request): void {
    const reading = this.#login.read(request);
    switch (reading.kind) {
      case 'malformed':
        this.stop({ kind: 'malformed', what: reading.why });
        break;
      case 'refuse':
        this.#refuse(request, reading.error);
        break;
      case 'to server':
        this.active = true;
        this.#move('asked in');
        this.#send(reading.packet);
        break;
      case 'ask':
        // The server has nothing to do with it.
        this.servers.only?.close();
        this.servers.only = null;
        this.#services.sweep.watch(this, LOGIN_TIMEOUT);
        this.#move('ours');
        this.#write(reading.packet);
    }
  }

  #proved(request: Request): void {
    this.#services.sweep.unwatch(this);
    const admission = this.#login.prove(request, this.#services.registry.size);
    if (admission.kind !== 'administrator') {
      this.#refuse(request, admission.error);
      return;
    }
    this.identity = { name: admission.name, cluster: null };
    this.#flags = this.#login.flags;
    this.active = true;
    this.#write(okAnswer(request.sequence, PLAIN_OK, false));
    this.#move('admitted');
  }

  #refuse(request: Request, error: Err): void {
    this.#write(errorAnswer(request.sequence, error));
    this.stop({ kind: 'login refused', why: error.message });
  }

  #handle(request: Request): void {
    this.active = true;
    const command = ownCommand(request, this.#flags.capabilities);
    if (command !== null) {
      this.#conclude(this.#services.commands.run(this, command, request));
      return;
    }
    const byte = request.payload[0] ?? COM.SLEEP;
    if (byte === COM.QUIT) this.#leaving = { kind: 'quit' };
    if (byte === COM.CHANGE_USER && this.#login.change(request)) {
      this.#move('asked in');
      this.#serverFull = !this.servers.only!.authenticate(request.packet);
    } else {
      this.#database = usedDatabase(request);
      this.#move('asked');
      this.#serverFull = !this.servers.only!.ask(byte, request.packet);
    }
    if (this.#requests.streaming) this.#stream();
    else this.#answered();
  }

  /** Of root@proxysys: no server is asked. */
  #handleHere(request: Request): void {
    const answer = administratorAnswer(request);
    switch (answer.kind) {
      case 'internal':
        this.#conclude(this.#services.commands.run(this, answer.command, request));
        break;
      case 'bytes':
        this.#write(answer.bytes);
        break;
      case 'quit':
        this.stop({ kind: 'quit' });
        break;
      case 'close':
        this.stop({ kind: 'malformed', what: answer.why });
    }
  }

  #conclude(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'answer':
        this.#write(inAgreedForm(outcome.bytes, this.#flags));
        break;
      case 'answer and die':
        this.connection.write(outcome.bytes);
        this.#requests.clear();
        this.#move('condemned');
        this.#end.bounded(() => this.connection.close());
        break;
      case 'send':
        // KILL QUERY is never run here.
        throw new Error(`client session ${this.csId}: a command of ours for a MySQL server`);
    }
  }

  #send(packet: Buffer): void {
    this.#serverFull = !this.servers.only!.write(packet);
  }

  /** Sends what is here of a request longer than its first part, or of a file. */
  #stream(): void {
    if (!this.#requests.streaming || this.#serverFull) return;
    if (this.#phase !== 'serving' && this.#phase !== 'logging in') return;
    const views: Buffer[] = [];
    this.#requests.stream(views);
    if (views.length > 0) this.#serverFull = !this.servers.only!.writeAll(views);
    if (this.#serverFull) this.connection.pause();
    else this.connection.resume();
    this.#answered();
  }

  #write(bytes: Buffer): void {
    if (!this.connection.write(bytes)) this.#full = true;
  }

  #relay({ payload, sequence }: Packet): void {
    const out = new PacketWriter(sequence, payload.length + HEADER_SIZE);
    out.packet(payload);
    this.#write(out.view());
  }

  // --- Its end -------------------------------------------------------------------------------------------------------

  killed(by: number): void {
    this.stop({ kind: 'killed', by });
  }

  /** Ends it on both sides: what was written goes out, then FIN; only what a killed client has not taken is dropped. */
  stop(cause: Cause): void {
    if (isOver(this.#phase)) return;
    this.#move('stopped');
    this.servers.only?.close();
    this.#leave(cause);
    this.#end.fin(cause.kind === 'killed');
  }

  /** The server's RST goes on, behind what it has said before. */
  #break(cause: Cause): void {
    this.#move('broken');
    this.#leave(cause);
    this.#end.rst();
  }

  #leave(cause: Cause): void {
    this.servers.only = null;
    this.#requests.clear();
    this.#services.sweep.forget(this);
    this.#services.registry.remove(this);
    this.#services.journal.disconnected(this, cause);
  }
}
