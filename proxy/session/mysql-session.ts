/**
 * A client session before a MySQL or MariaDB server (decisions.md 18): one client connection, one server connection made
 * for it at once, and between them what was said, as it was said – bytes, FIN and RST.
 *
 * The server's own greeting goes to the client, so its scramble, its plugins and its thread id are the server's, and no
 * password is known here. What the proxy answers itself is in `mysql-requests.ts`; root@proxysys is asked for the
 * password by the proxy, over a connection of which the server has seen no login. Knows no observer.
 */
import type { Address, Connection, ConnectionEvents } from '../ports.ts';
import { type Flags, NO_FLAGS } from '../wire/agreement.ts';
import { COM, STATUS } from '../wire/constants.ts';
import { inAgreedForm } from '../wire/own-result.ts';
import { type Request, RequestReader } from '../wire/request.ts';
import type { Cause } from './cause.ts';
import { ConnectionEnd } from './connection-end.ts';
import type { Deadline } from './deadlines.ts';
import { callerOf, type Identity } from './identity.ts';
import { administratorAnswer } from './mysql-administrator.ts';
import { type EnteringClient, MysqlEntrance, type MysqlServices } from './mysql-entrance.ts';
import { Keepsakes, standsAlone } from './mysql-keepsakes.ts';
import { type BereavedClient, MysqlReplacement } from './mysql-replacement.ts';
import { ownCommand, usedDatabase } from './mysql-requests.ts';
import { type MysqlServer, OneServer } from './mysql-server.ts';
import { isOver, type MysqlEvent, type MysqlState, nextMysqlState } from './mysql-state.ts';
import type { SeenSession } from './seen.ts';
import type { Outcome } from './services.ts';
import { SessionState } from './state.ts';

/** What a client may send ahead of its answers before it is not read any more. */
const INPUT_LIMIT = 1024 * 1024;
/** No statement of an observer's has changed anything here. */
const NO_SERVER_SIDE = { lastInsertServer: null };

export class MysqlSession implements ConnectionEvents, SeenSession, EnteringClient, BereavedClient {
  readonly csId: number;
  readonly connection: Connection;
  client: Address;
  readonly state = new SessionState();
  readonly servers = new OneServer();
  readonly serverSide = NO_SERVER_SIDE;
  identity: Identity | null = null;
  readonly proxySessid: bigint;
  active = false;

  readonly #services: MysqlServices;
  readonly #requests = new RequestReader();
  readonly #entrance: MysqlEntrance;
  readonly #end: ConnectionEnd;
  /**
   * Idle, for whatever the client says: the longest wait of all, for `wait_timeout` is the server's (odp-relay.md §6.3). And
   * for a server session in the place of a lost one.
   */
  readonly #silence: Deadline;
  #phase: MysqlState = 'connected';
  #flags: Flags = NO_FLAGS;
  /** Kept if a lost server session of this user may be replaced. */
  #keepsakes: Keepsakes | null = null;
  /** Waits for the server session that is made in the place of a lost one. */
  #waiting: Request | null = null;
  /** The server whose session was lost while idle; the next request finds another one. */
  #lost: number | null = null;
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
    this.client = connection.remote;
    this.csId = csId;
    this.#services = services;
    this.#end = new ConnectionEnd(connection, services.clock);
    this.#silence = services.sweep.deadline(this);
    this.#entrance = new MysqlEntrance(this, services);
    this.proxySessid = services.proxySessids.next();
    services.registry.add(this);
    this.#entrance.open();
  }

  get phase(): MysqlState {
    return this.#phase;
  }

  get inTransaction(): boolean {
    return ((this.servers.only?.status ?? 0) & STATUS.IN_TRANS) !== 0;
  }

  move(event: MysqlEvent): void {
    const next = nextMysqlState(this.#phase, event);
    if (next === undefined) throw new Error(`client session ${this.csId}: ${event} while ${this.#phase}`);
    this.#phase = next;
  }

  // --- What the client's connection tells it -------------------------------------------------------------------------

  data(chunk: Buffer): void {
    if (this.#phase === 'dying' || isOver(this.#phase)) return;
    this.#requests.push(chunk);
    if (this.#requests.streaming) this.#stream();
    this.advance();
    if (this.#requests.pending > INPUT_LIMIT) this.connection.pause();
  }

  tlsFailed(why: string): void {
    this.stop({ kind: 'no TLS', why });
  }

  drain(): void {
    if (!this.#full) return;
    this.#full = false;
    this.servers.only?.resume();
    this.advance();
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
    this.move('gone');
  }

  // --- What its entrance tells it ------------------------------------------------------------------------------------

  expired(): void {
    if (this.#phase === 'idle') {
      this.stop({ kind: 'client too slow', awaited: 'anything' });
    } else if (this.#phase === 'replacing') {
      this.servers.only?.close();
      this.notReplaced('no answer came in time');
    } else {
      this.#entrance.expired();
    }
  }

  unread(): Buffer {
    return this.#requests.drain();
  }

  leaveFor(cause: Cause): void {
    this.#leaving = cause;
  }

  entered(identity: Identity | null, database: string | null): void {
    if (identity !== null) {
      this.identity = identity;
      this.#flags = this.#entrance.login.flags;
      this.state.database = database;
      const known = this.#services.accounts?.passwords.has(identity.name.user) === true && identity.cluster !== null;
      this.#keepsakes = known ? new Keepsakes() : null;
    }
    this.active = callerOf(this.identity) !== 'client';
    this.move('admitted');
    this.advance();
    this.#passFin();
  }

  // --- What its server tells it --------------------------------------------------------------------------------------

  serverGreeted(): void {}
  serverAuthenticates(): void {}
  serverRefused(): void {}
  serverInsecure(): void {}

  serverSaid(chunk: Buffer): void {
    if (this.connection.write(chunk)) return;
    this.#full = true;
    this.servers.only!.pause();
  }

  serverAnswered(server: MysqlServer): void {
    if (server.takeFileWish()) {
      this.#requests.expectFile();
      this.#stream();
    }
    this.#answered();
  }

  /** Over when the request is out to its last byte, and the answer is here to its last. */
  #answered(): void {
    if (this.#phase !== 'serving' || this.#requests.streaming) return;
    const server = this.servers.only!;
    if (!server.endIfAnswered()) return;
    if (server.errorCode !== 0) this.#keepsakes?.refused();
    if (this.#database !== null && server.errorCode === 0) this.state.database = this.#database;
    this.#database = null;
    this.active = false;
    this.move('answered');
    this.advance();
    this.#passFin();
  }

  serverDrained(): void {
    this.#serverFull = false;
    this.#stream();
    if (!this.#serverFull) this.connection.resume();
  }

  serverGone(lost: MysqlServer, how: 'FIN' | 'RST'): void {
    const open = this.inTransaction;
    this.servers.only = null;
    if (this.#phase === 'idle' && this.#leaving === null && !open && this.#keepsakes?.replaceable === true) {
      this.#lost = lost.server;
      return;
    }
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

  advance(): void {
    // An answer without waiting ends before it was handed over: the loop it came from goes on.
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#takesRequest()) {
      if (this.#entrance.turnsAway(this.#requests.header())) break;
      const request = this.#requests.next();
      if (request === null) break;
      this.#take(request);
    }
    this.#advancing = false;
    if (this.#phase !== 'idle') return;
    this.#silence.set(this.#services.items.default_inactivity_timeout);
    if (!this.#full && !this.#serverFull) this.connection.resume();
  }

  #takesRequest(): boolean {
    if (this.#full || this.#requests.streaming) return false;
    if (this.#phase === 'logging in') return this.#entrance.login.clientSpeaks;
    return this.#phase === 'greeted' || this.#phase === 'proving' || this.#phase === 'idle';
  }

  #take(request: Request): void {
    if (this.#phase !== 'idle') {
      this.#entrance.take(request);
      return;
    }
    this.#silence.lift();
    if (callerOf(this.identity) !== 'client') this.#handleHere(request);
    else this.#handle(request);
  }

  #handle(request: Request): void {
    this.active = true;
    const command = ownCommand(request, this.#flags.capabilities);
    if (command !== null) {
      this.#conclude(this.#services.commands.run(this, command, request));
      return;
    }
    if (this.servers.only === null) this.#replace(request);
    else this.#forward(request);
  }

  #forward(request: Request): void {
    this.#keepsakes?.note(request);
    const byte = request.payload[0] ?? COM.SLEEP;
    if (byte === COM.QUIT) this.#leaving = { kind: 'quit' };
    const server = this.servers.only!;
    if (byte === COM.CHANGE_USER && this.#entrance.login.change(request)) {
      this.move('asked in');
      server.owner = this.#entrance;
      this.#serverFull = !server.authenticate(request.packet);
    } else {
      this.#database = usedDatabase(request);
      this.move('asked');
      this.#serverFull = !server.ask(byte, request.packet);
    }
    if (this.#requests.streaming) this.#stream();
    else this.#answered();
  }

  /** The server session was lost while nobody looked: another one takes the request, if it is none that would notice. */
  #replace(request: Request): void {
    if (request.payload[0] === COM.QUIT) {
      this.stop({ kind: 'quit' });
    } else if (!standsAlone(request)) {
      this.notReplaced('the next statement asks for what the one before has left');
    } else {
      this.#waiting = { ...request, packet: Buffer.from(request.packet), payload: Buffer.from(request.payload) };
      this.move('bereaved');
      this.#silence.set(this.#services.items.short_async_task_timeout);
      const { login } = this.#entrance;
      const user = this.identity!.name.user;
      const accounts = this.#services.accounts!;
      new MysqlReplacement(this, this.#services, accounts, {
        login: login.first,
        flags: this.#flags,
        user,
        password: accounts.passwords.get(user)!,
        database: this.state.database,
        sets: this.#keepsakes!.sets,
        server: this.#lost!,
      });
    }
  }

  replaced(): void {
    const request = this.#waiting!;
    this.#waiting = null;
    this.#lost = null;
    this.#silence.lift();
    this.move('replaced');
    this.#forward(request);
  }

  notReplaced(why: string): void {
    this.servers.only = null;
    this.stop({ kind: 'server lost', why: `and not replaced: ${why}` });
  }

  /** Of the proxy's own users: no server is asked. */
  #handleHere(request: Request): void {
    const answer = administratorAnswer(request, callerOf(this.identity));
    switch (answer.kind) {
      case 'internal':
        this.#conclude(this.#services.commands.run(this, answer.command, request));
        break;
      case 'bytes':
        this.write(answer.bytes);
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
        this.write(inAgreedForm(outcome.bytes, this.#flags));
        break;
      case 'answer and die':
        this.connection.write(outcome.bytes);
        this.#requests.clear();
        this.move('condemned');
        this.#end.bounded(() => this.connection.close());
        break;
      case 'send':
        // KILL QUERY is never run here.
        throw new Error(`client session ${this.csId}: a command of ours for a MySQL server`);
    }
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

  write(bytes: Buffer): void {
    if (!this.connection.write(bytes)) this.#full = true;
  }

  // --- Its end -------------------------------------------------------------------------------------------------------

  killed(by: number): void {
    this.stop({ kind: 'killed', by });
  }

  /** Ends it on both sides: what was written goes out, then FIN; only what a killed client has not taken is dropped. */
  stop(cause: Cause): void {
    if (isOver(this.#phase)) return;
    this.move('stopped');
    this.servers.only?.close();
    this.#leave(cause);
    this.#end.fin(cause.kind === 'killed');
  }

  /** The server's RST goes on, behind what it has said before. */
  #break(cause: Cause): void {
    this.move('broken');
    this.#leave(cause);
    this.#end.rst();
  }

  #leave(cause: Cause): void {
    this.servers.only = null;
    this.#requests.clear();
    this.#services.sweep.forget(this);
    this.#entrance.end();
    this.#silence.end();
    this.#services.registry.remove(this);
    this.#services.journal.disconnected(this, cause);
  }
}
