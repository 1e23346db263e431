/**
 * A client session (cs): one client connection, from accept to its last byte, and the server sessions that serve it.
 *
 * One request at a time; what a pipelining client sends ahead waits, nothing is thrown away (decisions.md 19). What a
 * request means is decided in `requests.ts`, where it goes in `route/`, what the proxy answers itself in `command/`:
 * this file is about the connection, its states and its end.
 *
 * | state      | means                                    | next                                                     |
 * |------------|------------------------------------------|----------------------------------------------------------|
 * | greeted    | waits for the login packet               | login → logging in; admitted (root@proxysys) → idle      |
 * | logging in | an observer is asked                     | admitted → idle                                          |
 * | idle       | waits for a request                      | asked → serving; condemned → dying                       |
 * | serving    | a server session is at it, or being made | answered → idle                                          |
 * | dying      | the ERR of a self-kill is on its way out | (stopped)                                                |
 * | closing    | our FIN is out                           | –                                                        |
 * | (any)      |                                          | stopped → closing, gone → closed                         |
 */
import type { ClusterConfig } from '../config.ts';
import type { Connection, ConnectionEvents, Timer } from '../ports.ts';
import { COM, STATUS } from '../wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../wire/framing.ts';
import { writeGreeting } from '../wire/greeting.ts';
import type { Login } from '../wire/login.ts';
import { type Err, type Ok, PLAIN_OK } from '../wire/ok.ts';
import { type Request, RequestReader } from '../wire/request.ts';
import { admit, denied, loginOf } from './admission.ts';
import { errorAnswer, okAnswer, textAnswer } from './answers.ts';
import type { Cause } from './cause.ts';
import { proxyGreeting } from './greeting.ts';
import type { ObserverLoginFacts } from './observer-login.ts';
import { type Action, decide, heldBeginOk } from './requests.ts';
import { LINGER, ServerSession, type ServerSessionOwner, type ServerState, tracksState } from './server-session.ts';
import { ServerSessions } from './server-sessions.ts';
import type { Outcome, Services } from './services.ts';
import { SessionState } from './state.ts';
import type { Killable, Perishable } from './sweep.ts';
import type { UserName } from './user-name.ts';

export type ClientState = 'greeted' | 'logging in' | 'idle' | 'serving' | 'dying' | 'closing' | 'closed';
type ClientEvent = 'login' | 'admitted' | 'asked' | 'answered' | 'condemned' | 'stopped' | 'gone';

const NEXT: Record<ClientState, Partial<Record<ClientEvent, ClientState>>> = {
  greeted: { login: 'logging in', admitted: 'idle', stopped: 'closing', gone: 'closed' },
  'logging in': { admitted: 'idle', stopped: 'closing', gone: 'closed' },
  idle: { asked: 'serving', condemned: 'dying', stopped: 'closing', gone: 'closed' },
  serving: { answered: 'idle', stopped: 'closing', gone: 'closed' },
  dying: { stopped: 'closing', gone: 'closed' },
  closing: { gone: 'closed' },
  closed: {},
};

/** After the greeting the client has this long for its login packet; ODP: fixed (odp-relay.md §2.1). */
export const LOGIN_TIMEOUT = 10_000;
/** What a client may send ahead of its answers before it is not read any more: as much as one large write of a driver. */
const INPUT_LIMIT = 1024 * 1024;
/** Login errors that mean "try another observer" (odp-relay.md §2.6). */
const RETRIED: ReadonlySet<number> = new Set([8001, 8002, 5150, 4124, 4666, 4661]);
/** After this ERR of an observer (packet too large) the client connection is closed (odp-relay.md §3.1). */
const FATAL_ERROR = 1153;
/** What `SELECT proxy_version()` answers. */
const PROXY_VERSION = '4.3.1.0';

/** Who a client has logged in as. */
export interface Identity {
  readonly name: UserName;
  /** Null for root@proxysys, who belongs to none. */
  readonly cluster: ClusterConfig | null;
}

export class ClientSession implements ConnectionEvents, Killable, Perishable, ServerSessionOwner {
  readonly csId: number;
  readonly connection: Connection;
  readonly state = new SessionState();
  readonly servers = new ServerSessions();
  /** Null until the login packet has been read and its cluster found: before the observer has accepted it. */
  identity: Identity | null = null;
  /** 0 until the first observer's greeting has been read. */
  proxySessid = 0n;
  /** True from a whole request until a server session comes back; so it stays true after an internal command (§2.2). */
  active = false;
  /** The OK or EOF of the last response said so. */
  inTransaction = false;
  /** The server session that last changed LAST_INSERT_ID. */
  lastInsertServer: ServerSession | null = null;
  tracksState = false;

  readonly #services: Services<ClientSession>;
  readonly #requests = new RequestReader();
  readonly #connectTime: number;
  #phase: ClientState = 'greeted';
  #login: Login | null = null;
  #loginSequence = 1;
  /** A BEGIN that was answered and waits for the next statement. */
  #begin: Buffer | null = null;
  /** Of the request under way: its command and bytes, until a server session has taken it. */
  #request: { readonly command: number; readonly packet: Buffer } | null = null;
  /** Servers still to be tried for it. */
  #candidates: readonly number[] = [];
  /** SET TRANSACTION had pinned the session when the request under way was given to a server session. */
  #wasPinned = false;
  /** The client cannot take more for now. */
  #full = false;
  #linger: Timer | null = null;

  constructor(connection: Connection, csId: number, services: Services<ClientSession>) {
    this.connection = connection;
    this.csId = csId;
    this.#services = services;
    this.#connectTime = Math.floor(services.clock.now() * 1000);
    services.registry.add(this);
    services.sweep.watch(this, LOGIN_TIMEOUT);
    const out = new PacketWriter(0, 128);
    writeGreeting(out, proxyGreeting(csId, services.items.mysql_version));
    connection.write(out.view());
  }

  get phase(): ClientState {
    return this.#phase;
  }

  /** root@proxysys: may do everything to every session, and never touches an observer. */
  get isAdministrator(): boolean {
    return this.identity !== null && this.identity.cluster === null;
  }

  /** May use the proxy's own commands beyond what everybody may: root@proxysys and root@sys (odp-sessions.md §1.3). */
  get hasInternalRights(): boolean {
    const identity = this.identity;
    if (identity === null) return false;
    return identity.cluster === null || (identity.name.user === 'root' && identity.name.tenant === 'sys');
  }

  get autocommit(): boolean {
    return this.state.system.get('autocommit') !== '0';
  }

  #move(event: ClientEvent): void {
    const next = NEXT[this.#phase][event];
    if (next === undefined) throw new Error(`client session ${this.csId}: ${event} while ${this.#phase}`);
    this.#phase = next;
  }

  // --- What the network tells it -------------------------------------------------------------------------------------

  data(chunk: Buffer): void {
    switch (this.#phase) {
      case 'greeted':
      case 'idle':
        this.#requests.push(chunk);
        this.#advance();
        this.#bound();
        break;
      case 'logging in':
      case 'serving':
        this.#requests.push(chunk);
        this.#stream();
        this.#bound();
        break;
      case 'dying':
      case 'closing':
      case 'closed':
        break;
    }
  }

  /** Read on while a statement runs or an answer waits, or the client's FIN would go unseen; but not without bound. */
  #bound(): void {
    if (this.#requests.pending > INPUT_LIMIT) this.connection.pause();
  }

  drain(): void {
    if (!this.#full) return;
    this.#full = false;
    this.servers.current?.resume();
    this.#advance();
  }

  flushed(): void {
    if (this.#phase === 'dying' && this.connection.unsent === 0) this.stop({ kind: 'killed by itself' });
  }

  end(): void {
    this.stop({ kind: 'client gone', how: 'FIN' });
  }

  reset(): void {
    this.stop({ kind: 'client gone', how: 'RST' });
  }

  closed(): void {
    // Without FIN or RST before it: the ERR of a self-kill was not taken in time.
    this.stop({ kind: 'killed by itself' });
    this.#linger?.cancel();
    this.#move('gone');
  }

  // --- Login ---------------------------------------------------------------------------------------------------------

  #readLogin(request: Request): void {
    const services = this.#services;
    const login = loginOf(request);
    if (typeof login === 'string') {
      this.stop({ kind: 'malformed', what: login });
      return;
    }
    services.sweep.unwatch(this);
    this.#login = login;
    this.#loginSequence = request.sequence;
    this.tracksState = tracksState(login.capabilities);
    const admission = admit(login, {
      items: services.items,
      clusters: services.clusters,
      sha1: services.sha1,
      sessions: services.registry.size,
      client: this.connection.remote,
    });
    switch (admission.kind) {
      case 'close':
        this.stop({ kind: 'malformed', what: admission.why });
        break;
      case 'refuse':
        this.#refuse(admission.error);
        break;
      case 'administrator':
        this.identity = { name: admission.name, cluster: null };
        this.active = true;
        this.#write(okAnswer(request.sequence, PLAIN_OK, this.tracksState));
        this.#move('admitted');
        break;
      case 'to observer': {
        this.identity = { name: admission.name, cluster: admission.cluster };
        this.active = true;
        const candidates = services.router.forLogin(this);
        if (candidates.length === 0) {
          this.#refuse(denied(login, admission.name, this.connection.remote));
          return;
        }
        this.#candidates = candidates;
        this.#move('login');
        this.#choose('the tenant has no server');
      }
    }
  }

  #refuse(error: Err): void {
    this.#write(errorAnswer(this.#loginSequence, error));
    this.stop({ kind: 'login refused', why: error.message });
  }

  /** What an observer's login packet is made of; asked for when its greeting has been read. */
  loginFacts(serverSessid: number): ObserverLoginFacts & { readonly sequence: number } {
    if (this.proxySessid === 0n) this.proxySessid = this.#services.proxySessids.next();
    const identity = this.identity!;
    return {
      sequence: this.#loginSequence,
      login: this.#login!,
      name: identity.name,
      cluster: identity.cluster!.name,
      client: this.connection.remote,
      csId: this.csId,
      proxySessid: this.proxySessid,
      connectTime: this.#connectTime,
      serverSessid,
      globalVarsVersion: this.state.globalVersion,
    };
  }

  /** A server session has logged in: the client's own login is answered, or the request that waits is served. */
  loggedIn(server: ServerSession, ok: Ok, sequence: number): void {
    if (this.#phase === 'logging in') {
      this.#write(okAnswer(sequence - 1, ok, this.tracksState));
      this.servers.release();
      this.active = false;
      this.#move('admitted');
      this.#advance();
      return;
    }
    this.#give(server);
  }

  /** An observer has refused a login. `payload` is its ERR. */
  loginRefused(server: ServerSession, code: number, payload: Buffer, sequence: number): void {
    this.servers.remove(server);
    const first = this.#phase === 'logging in';
    if ((RETRIED.has(code) || !first) && this.#candidates.length > 0) {
      this.#choose('');
      return;
    }
    if (first) {
      const out = new PacketWriter(sequence, payload.length + HEADER_SIZE);
      out.packet(payload);
      this.connection.write(out.view());
      this.stop({ kind: 'login refused', why: `the observer said ${code}` });
      return;
    }
    this.stop({ kind: 'no server', why: `the login could not be repeated: ${code}` });
  }

  // --- Requests ------------------------------------------------------------------------------------------------------

  /** Takes the next request if one is there and can be served. */
  #advance(): void {
    while ((this.#phase === 'idle' || this.#phase === 'greeted') && !this.#full) {
      // What is left of a long request that was answered here.
      if (this.#requests.streaming) this.#requests.stream([]);
      if (this.#requests.streaming) break;
      const request = this.#requests.next();
      if (request === null) break;
      if (this.#phase === 'greeted') this.#readLogin(request);
      else this.#handle(request);
    }
    if (this.#phase === 'idle' && !this.#full) this.connection.resume();
  }

  #handle(request: Request): void {
    const action = decide(request, { administrator: this.isAdministrator, inTransaction: this.inTransaction });
    if (action.kind === 'forward') {
      this.#forward(request.packet, action.command, action.last);
      return;
    }
    this.active = true;
    this.#handleHere(request, action);
  }

  #handleHere(request: Request, action: Exclude<Action, { kind: 'forward' }>): void {
    switch (action.kind) {
      case 'internal':
        this.#conclude(this.#services.commands.run(this, action.command, request));
        break;
      case 'hold begin':
        this.#begin = Buffer.from(request.packet);
        this.#write(okAnswer(request.sequence, heldBeginOk(this.autocommit), this.tracksState));
        break;
      case 'ok':
        this.#write(okAnswer(request.sequence, action.ok, this.tracksState));
        break;
      case 'error':
        this.#write(errorAnswer(request.sequence, action.error));
        break;
      case 'version':
        this.#write(textAnswer(request.sequence, action.column, PROXY_VERSION, this.#status()));
        break;
      case 'ignore':
        break;
      case 'quit':
        // It goes to the bound server session if there is one; none is opened for it (decisions.md 20).
        this.servers.bound?.farewell(request.packet);
        this.stop({ kind: 'quit' });
        break;
      case 'close':
        this.stop({ kind: 'malformed', what: action.why });
    }
  }

  #conclude(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'answer':
        this.#write(outcome.bytes);
        break;
      case 'answer and die':
        // The ERR first, then the flush, then the end (odp-sessions.md §4.1): `flushed` goes on from here.
        this.connection.write(outcome.bytes);
        this.#requests.clear();
        this.#move('condemned');
        this.#linger = this.#services.clock.after(LINGER, () => this.connection.close());
        break;
      case 'send':
        this.#ask(outcome.packet, COM.QUERY);
        this.#candidates = [outcome.server];
        this.#choose('');
        this.#candidates = [];
    }
  }

  #ask(packet: Buffer, command: number): void {
    this.active = true;
    this.#request = { command, packet };
    this.#move('asked');
  }

  #forward(packet: Buffer, command: number, last: boolean): void {
    this.#ask(packet, command);
    if (last || this.inTransaction || this.state.pinned) {
      const bound = this.servers.bound;
      if (bound === null) {
        this.stop({ kind: 'last server session gone' });
        return;
      }
      this.#candidates = [];
      this.servers.take(bound.server);
      this.#give(bound);
      return;
    }
    this.#candidates = this.#services.router.forStatement(this);
    this.#choose('no server of the tenant is known');
  }

  /** The first candidate it is: over an idle server session if there is one, else over a new one. `why`: said if there is none. */
  #choose(why: string): void {
    const server = this.#candidates[0];
    if (server === undefined) {
      this.stop({ kind: 'no server', why });
      return;
    }
    const idle = this.servers.take(server);
    if (idle !== null) {
      // It stays a candidate: if the idle connection turns out to be lost, a new one may do.
      this.#give(idle);
      return;
    }
    this.#candidates = this.#candidates.slice(1);
    const services = this.#services;
    const address = this.identity!.cluster!.servers[server]!.address;
    const saved = this.#phase !== 'logging in';
    this.servers.current = new ServerSession(this, services, services.nextSsId(), server, address, saved);
  }

  #give(server: ServerSession): void {
    const { packet, command } = this.#request!;
    this.#wasPinned = this.state.pinned;
    server.serve({ packet, command, begin: this.#begin });
  }

  // --- What its server sessions tell it ------------------------------------------------------------------------------

  /** The request (or its first part) is on its way. */
  requestSent(): void {
    this.#request = null;
    this.#begin = null;
    this.#stream();
  }

  /** Sends what is here of a request longer than its first part. */
  #stream(): void {
    if (!this.#requests.streaming || this.#request !== null || this.servers.current === null) return;
    const views: Buffer[] = [];
    this.#requests.stream(views);
    if (views.length === 0) return;
    if (this.servers.current.more(views)) this.connection.resume();
    else this.connection.pause();
  }

  /** The observer cannot take more of a long request for now. */
  serverFull(): void {
    if (this.#requests.streaming) this.connection.pause();
  }

  serverDrained(): void {
    if (this.#phase === 'serving') this.connection.resume();
  }

  /** Views of a response, for the client. */
  relay(views: readonly Buffer[]): void {
    const first = views[0]!;
    const room = views.length === 1 ? this.connection.write(first) : this.connection.writeAll(views);
    if (room) return;
    this.#full = true;
    this.servers.current?.pause();
  }

  /** A response has ended, with these status flags. */
  served(server: ServerSession, status: number, errorCode: number): void {
    this.inTransaction = (status & STATUS.IN_TRANS) !== 0;
    // The transaction for which SET TRANSACTION had pinned the session is over.
    if (this.#wasPinned && !this.inTransaction) this.state.pinned = false;
    if (this.#full) server.resume();
    if (server.state === 'gone') this.servers.remove(server);
    else this.servers.release();
    this.active = false;
    this.#move('answered');
    if (errorCode === FATAL_ERROR) {
      this.stop({ kind: 'server lost', why: 'the packet was too large for the observer' });
    } else if (this.#requests.streaming) {
      this.stop({ kind: 'server lost', why: 'the observer answered before it had the whole request' });
    } else {
      this.#advance();
    }
  }

  /** A server session has gone by itself; `was` is the state it was in. */
  serverLost(server: ServerSession, was: ServerState, why: string): void {
    const current = this.servers.current === server;
    this.servers.remove(server);
    if (!current) return;
    // Nothing of the request has been written: another server may do. Later nothing is tried again (odp-relay.md §5.5).
    if (was === 'serving') this.stop({ kind: 'server lost', why });
    else this.#choose(why);
  }

  /** An observer refuses to follow the client's state: never tried again (odp-relay.md §4.3). */
  restoreRefused(server: ServerSession, code: number): void {
    this.servers.remove(server);
    this.stop({ kind: 'server lost', why: `the client's state could not be restored: error ${code}` });
  }

  /** A server session was killed by the session `by`: never tried again (odp-sessions.md §5). */
  serverKilled(server: ServerSession, by: number): void {
    const current = this.servers.current === server;
    this.servers.remove(server);
    if (current) this.stop({ kind: 'server lost', why: `it was killed by session ${by}` });
  }

  // --- Its end -------------------------------------------------------------------------------------------------------

  killed(by: number): void {
    this.stop({ kind: 'killed', by });
  }

  expired(): void {
    this.stop({ kind: 'login timed out' });
  }

  /**
   * Ends the session: server sessions first, then the client, in one event (decisions.md 28). What was written to the
   * client goes out first, then FIN; only bytes that a killed client has not taken are dropped. What the client still
   * sends is discarded until its FIN, or until `LINGER` has passed (decisions.md 34).
   */
  stop(cause: Cause): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#move('stopped');
    for (const server of this.servers.all()) server.close();
    this.servers.clear();
    this.#requests.clear();
    this.#services.sweep.forget(this);
    this.#services.registry.remove(this);
    this.#linger?.cancel();
    this.connection.resume();
    if (cause.kind === 'killed' && this.connection.unsent > 0) {
      this.connection.close();
    } else {
      this.connection.end();
      this.#linger = this.#services.clock.after(LINGER, () => this.connection.close());
    }
    this.#services.journal.disconnected(this, cause);
  }

  #write(bytes: Buffer): void {
    if (!this.connection.write(bytes)) this.#full = true;
  }

  /** The status flags as they are, for an answer that shows them (decisions.md 22). */
  #status(): number {
    return (this.autocommit ? STATUS.AUTOCOMMIT : 0) | (this.inTransaction ? STATUS.IN_TRANS : 0);
  }
}
