/**
 * A client session (cs): one client connection, from accept to its last byte, and the server sessions that serve it.
 *
 * One request at a time; what a pipelining client sends ahead waits, nothing is thrown away (decisions.md 19). What a
 * request means is decided in `requests.ts` and done in `dispatcher.ts`, where it goes in `route/`: this file is about the
 * connection and its end, and moves through the states of `client-state.ts`.
 */
import type { Address, Connection, ConnectionEvents } from '../ports.ts';
import { STATUS } from '../wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../wire/framing.ts';
import type { Login } from '../wire/login.ts';
import { type Err, type Ok, okForClient, PLAIN_OK } from '../wire/ok.ts';
import { type Request, RequestReader } from '../wire/request.ts';
import { denied, noLogin } from './admission.ts';
import { errorAnswer, okAnswer } from './answers.ts';
import type { Cause } from './cause.ts';
import { askedWith, type NewUser, provedBy } from './change-user.ts';
import { ClientLogin, offersTls } from './client-login.ts';
import { type ClientEvent, type ClientState, nextState } from './client-state.ts';
import { ConnectionEnd } from './connection-end.ts';
import { type Dispatched, Dispatcher } from './dispatcher.ts';
import { proxyGreeting, tracksState } from './greeting.ts';
import type { Identity } from './identity.ts';
import { type Greeted, type ObserverLoginFacts, observerChangeUser } from './observer-login.ts';
import { routeAddress } from './own-values.ts';
import { type Awaited, type Impatient, Patience } from './patience.ts';
import type { ServerSessions } from './server-sessions.ts';
import { type Asked, type ServedClient, ServerSide } from './server-side.ts';
import type { Routed, Services } from './services.ts';
import type { SessionState } from './state.ts';
import type { Killable } from './sweep.ts';

/** What a client may send ahead of its answers before it is not read any more: as much as one large write of a driver. */
const INPUT_LIMIT = 1024 * 1024;
/** After this ERR of an observer (packet too large) the client connection is closed (odp-relay.md §3.1). */
const FATAL_ERROR = 1153;
/** This one goes on to the client, and where the table is led is asked for anew (odp-relay.md §5.3). */
const NOT_MASTER = 4038;

export class ClientSession implements ConnectionEvents, Killable, Impatient, ServedClient, Dispatched {
  readonly csId: number;
  readonly connection: Connection;
  client: Address;
  /** The other side: which observers serve it, and in which state. */
  readonly serverSide: ServerSide;
  /** Null until the login packet has been read and its cluster found: before the observer has accepted it. */
  identity: Identity | null = null;
  /** 0 until the first observer's greeting has been read. */
  proxySessid = 0n;
  /** True from a whole request until a server session comes back; so it stays true after an internal command (§2.2). */
  active = false;
  tracksState = false;
  /** By which table, or because one server leads them all, the last request was routed; null: by none. The router's to say. */
  location: { readonly tenant: string; readonly database: string; readonly table: string } | 'single leader' | null =
    null;
  newUser: NewUser | null = null;
  routeTo: bigint | null = null;

  readonly #services: Services<ClientSession>;
  readonly #requests = new RequestReader();
  readonly #dispatcher: Dispatcher<ClientSession>;
  readonly #login: ClientLogin;
  readonly #patience: Patience;
  readonly #end: ConnectionEnd;
  #phase: ClientState = 'greeted';
  /** The observer waits for a packet more from the client. */
  #isQuestioned = false;
  /** The client cannot take more for now. */
  #full = false;
  #advancing = false;

  constructor(connection: Connection, csId: number, services: Services<ClientSession>) {
    this.connection = connection;
    this.client = connection.remote;
    this.csId = csId;
    this.#services = services;
    this.serverSide = new ServerSide(this, services);
    this.#dispatcher = new Dispatcher(this, services);
    this.#end = new ConnectionEnd(connection, services.clock);
    this.#login = new ClientLogin(services.clock.now());
    services.registry.add(this);
    this.#patience = new Patience(this, services.sweep);
    connection.write(proxyGreeting(csId, services.items.mysql_version, offersTls(services)));
  }

  get state(): SessionState {
    return this.serverSide.state;
  }

  get servers(): ServerSessions {
    return this.serverSide.servers;
  }

  /** A transaction is open at an observer. */
  get inTransaction(): boolean {
    return this.serverSide.inTransaction;
  }

  get autocommit(): boolean {
    return this.state.system.get('autocommit') !== '0';
  }

  get status(): number {
    return (this.autocommit ? STATUS.AUTOCOMMIT : 0) | (this.inTransaction ? STATUS.IN_TRANS : 0);
  }

  get login(): Login {
    return this.#login.login;
  }

  #move(event: ClientEvent): void {
    const next = nextState(this.#phase, event);
    if (next === undefined) throw new Error(`client session ${this.csId}: ${event} while ${this.#phase}`);
    this.#services.journal.moved?.('client session', this, this.#phase, event);
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
        if (this.#isQuestioned) this.#answerQuestion();
        else this.#stream();
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
    this.#patience.forNothing();
    this.serverSide.resume();
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

  tlsFailed(why: string): void {
    this.stop({ kind: 'no TLS', why });
  }

  closed(): void {
    // Without FIN or RST before it: the ERR of a self-kill was not taken in time.
    this.stop({ kind: 'killed by itself' });
    this.#end.closed();
    this.#move('gone');
  }

  // --- Login ---------------------------------------------------------------------------------------------------------

  #readLogin(request: Request): void {
    const services = this.#services;
    const reading = this.#login.read(request, services, this);
    switch (reading.kind) {
      case 'tls':
        // The time for the login runs on.
        this.connection.startTls(this.#requests.drain());
        break;
      case 'close':
        this.stop(reading.cause);
        break;
      case 'refuse':
        this.#refuse(reading.error);
        break;
      case 'of the proxy':
        this.identity = { name: reading.name, cluster: null };
        this.tracksState = tracksState(this.login.capabilities);
        this.active = true;
        this.say(okAnswer(request.sequence, PLAIN_OK, this.tracksState));
        this.#move('admitted');
        break;
      case 'to observer': {
        const { name, cluster } = reading;
        this.#patience.forNothing();
        this.identity = { name, cluster };
        services.registry.tenants.enter(name.tenant, cluster.name);
        services.detector?.clientEntered(cluster);
        this.tracksState = tracksState(this.login.capabilities);
        this.active = true;
        const candidates = services.router.forLogin(this);
        if (candidates.length === 0) {
          this.#refuse(denied(this.login, name, this.client));
          return;
        }
        this.#move('login');
        this.serverSide.logIn(candidates);
      }
    }
  }

  #refuse(error: Err): void {
    this.say(errorAnswer(this.#login.sequence, error));
    this.stop({ kind: 'login refused', why: error.message });
  }

  /** What an observer's login packet is made of; asked for when its greeting has been read. */
  loginFacts(greeted: Greeted): ObserverLoginFacts {
    if (this.proxySessid === 0n) this.proxySessid = this.#services.proxySessids.next();
    return this.#login.facts(this, greeted);
  }

  changeUserPacket(greeted: Greeted): Buffer {
    return observerChangeUser({ ...this.loginFacts(greeted), ...this.newUser! });
  }

  begunAnew(): void {
    this.routeTo = null;
    if (this.newUser === null) return;
    this.#login.keep(this.newUser.login, this.newUser.scramble);
    this.identity = { name: this.newUser.name, cluster: this.identity!.cluster };
  }

  addressOf(server: number): Address {
    return this.identity!.cluster!.servers[server]!.address;
  }

  welcomed(ok: Ok, payload: Buffer): void {
    const out = new PacketWriter(this.#login.sequence + 1, payload.length + HEADER_SIZE);
    out.packet(payload);
    this.say(okForClient(out.view(), ok, this.tracksState));
    this.active = false;
    this.#move('admitted');
    this.#advance();
  }

  /** It goes on as it came; the client's next packet is the answer. */
  loginQuestioned(question: Buffer): void {
    this.#login.questioned(question);
    const out = new PacketWriter(this.#login.sequence + 1, question.length + HEADER_SIZE);
    out.packet(question);
    this.say(out.view());
    this.#isQuestioned = true;
    this.#answerQuestion();
  }

  /** The observer's ERR goes on as it is. */
  turnedAway(code: number, payload: Buffer): void {
    const out = new PacketWriter(this.#login.sequence + 1, payload.length + HEADER_SIZE);
    out.packet(payload);
    this.connection.write(out.view());
    this.stop({ kind: 'login refused', why: `the observer said ${code}` });
  }

  // --- Requests ------------------------------------------------------------------------------------------------------

  /** Takes the next request if one is there and can be served. */
  #advance(): void {
    // A request without an answer has ended before it was handed over: the loop it came from goes on.
    if (this.#advancing) return;
    this.#advancing = true;
    while ((this.#phase === 'idle' || this.#phase === 'greeted') && !this.#full) {
      // What is left of a long request that was answered here.
      if (this.#requests.streaming) this.#requests.stream([]);
      if (this.#requests.streaming) break;
      // What is no login packet by its header alone is not waited for.
      const header = this.#phase === 'greeted' ? this.#requests.header() : null;
      if (header !== null && this.#login.isNot(header)) {
        this.stop(noLogin(header));
        break;
      }
      const request = this.#requests.next();
      if (request === null) break;
      if (this.#phase === 'greeted') this.#readLogin(request);
      else this.#dispatcher.handle(request);
    }
    this.#advancing = false;
    if (this.#phase !== 'idle' || this.#full) return;
    this.connection.resume();
    if (this.#requests.pending > 0 || this.#requests.streaming) this.#patience.forRest();
    else this.#patience.forCommand();
  }

  say(bytes: Buffer): void {
    if (!this.connection.write(bytes)) this.#isFull();
  }

  lastWords(bytes: Buffer): void {
    this.connection.write(bytes);
    this.#requests.clear();
    this.#move('condemned');
    this.#end.bounded(() => this.connection.close());
  }

  ask(asked: Asked): void {
    this.active = true;
    this.location = null;
    this.#move('asked');
    this.#patience.forNothing();
    this.serverSide.ask(asked);
  }

  // --- What its server side tells it ---------------------------------------------------------------------------------

  candidates(request: Routed): readonly number[] | null {
    const wanted = this.routeTo;
    if (wanted === null) return this.#services.router.forStatement(this, request);
    // For one statement only, and for no other server in its place (odp-relay.md §5.1).
    this.routeTo = null;
    const index = this.identity!.cluster!.servers.findIndex(({ address }) => routeAddress(address) === wanted);
    return index < 0 ? [] : [index];
  }

  /** The cluster has said where the request under way may go. Whoever has gone meanwhile does not ask any more. */
  routed(candidates: readonly number[]): void {
    if (this.#phase === 'serving') this.serverSide.routed(candidates);
  }

  requestSent(): void {
    this.#stream();
  }

  get moreToCome(): boolean {
    return this.#requests.streaming;
  }

  asksClient(question: Buffer | null): void {
    if (this.#requests.streaming) {
      this.stop({ kind: 'server lost', why: 'the observer asked back before it had the whole request' });
    } else if (question === null) {
      this.#requests.expectFile();
      this.#stream();
    } else {
      this.newUser = askedWith(this.newUser!, question);
      this.#isQuestioned = true;
      this.#answerQuestion();
    }
  }

  /** The packet with which the client proves who it wants to be goes to the observer that asks. */
  #answerQuestion(): void {
    const answer = this.#requests.next();
    if (answer === null) return;
    this.#isQuestioned = false;
    if (!answer.whole) {
      this.stop({ kind: 'malformed', what: 'a proof of identity that is too long' });
      return;
    }
    const proof = Buffer.from(answer.payload);
    if (this.newUser === null) {
      this.#login.proved(proof, answer.sequence);
      this.serverSide.prove(proof);
      return;
    }
    this.newUser = provedBy(this.newUser, proof);
    this.serverSide.more([answer.packet]);
  }

  /** Sends what is here of a request longer than its first part. */
  #stream(): void {
    if (!this.#requests.streaming || !this.serverSide.takesMore) return;
    const views: Buffer[] = [];
    this.#requests.stream(views);
    if (views.length === 0) {
      this.#patience.forRest();
      return;
    }
    const takesMore = this.serverSide.more(views);
    if (takesMore) this.connection.resume();
    else this.connection.pause();
    if (takesMore && this.#requests.streaming) this.#patience.forRest();
    else this.#patience.forNothing();
    if (!this.#requests.streaming) this.serverSide.requestEnded();
  }

  serverFull(): void {
    if (!this.#requests.streaming) return;
    this.#patience.forNothing();
    this.connection.pause();
  }

  serverDrained(): void {
    if (this.#phase !== 'serving') return;
    if (this.#requests.streaming) this.#patience.forRest();
    this.connection.resume();
  }

  take(views: readonly Buffer[]): boolean {
    const room = views.length === 1 ? this.connection.write(views[0]!) : this.connection.writeAll(views);
    if (!room) this.#isFull();
    return room;
  }

  answered(errorCode: number, sent: boolean): void {
    this.active = false;
    this.newUser = null;
    this.#isQuestioned = false;
    this.#move('answered');
    if (errorCode === NOT_MASTER || this.state.missed) this.#services.router.misrouted(this);
    if (errorCode === FATAL_ERROR) {
      this.stop({ kind: 'server lost', why: 'the packet was too large for the observer' });
    } else if (this.#requests.streaming && sent) {
      this.stop({ kind: 'server lost', why: 'the observer answered before it had the whole request' });
    } else {
      this.#advance();
    }
  }

  // --- Its end -------------------------------------------------------------------------------------------------------

  killed(by: number): void {
    this.stop({ kind: 'killed', by });
  }

  waitedTooLong(awaited: Awaited): void {
    this.stop({ kind: 'client too slow', awaited });
  }

  /**
   * Ends the session: server sessions first, then the client, in one event (decisions.md 28). What was written to the
   * client goes out first, then FIN; only bytes that a killed client or one too slow has not taken are dropped. What the client still
   * sends is discarded until its FIN, or until `LINGER` has passed (decisions.md 34).
   */
  stop(cause: Cause): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#move('stopped');
    this.serverSide.close(cause.kind === 'client gone');
    this.#requests.clear();
    this.#services.sweep.forget(this);
    this.#patience.end();
    this.#services.registry.remove(this);
    const cluster = this.identity?.cluster ?? null;
    if (cluster !== null) {
      this.#services.registry.tenants.leave(this.identity!.name.tenant, cluster.name);
      this.#services.detector?.clientLeft(cluster);
    }
    this.#end.fin(cause.kind === 'killed' || cause.kind === 'client too slow');
    this.#services.journal.disconnected(this, cause);
  }

  #isFull(): void {
    this.#full = true;
    this.#patience.forRoom();
  }
}
