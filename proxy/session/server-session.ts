/**
 * A server session (ss): one connection to an observer, owned by one client session from its first byte to its last.
 *
 * It logs in with the client's login, brings the observer up to the client's state before it serves, relays a response
 * as views, and tells its owner when it is ready, done or lost. It decides nothing about the client: that is its owner's.
 * It moves through the states of `server-state.ts`.
 */
import type { Address, Connection, ConnectionEvents } from '../ports.ts';
import { WireError } from '../wire/bytes.ts';
import { CAP, COM } from '../wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../wire/framing.ts';
import { CLIENT_KILLED, ResponseReader } from '../wire/response.ts';
import { CONSTANT_SCRAMBLE } from '../wire/scramble.ts';
import { CatchUp } from './catch-up.ts';
import { ConnectionEnd } from './connection-end.ts';
import type { Deadline, Perishable } from './deadlines.ts';
import { learnAnswer } from './learning.ts';
import { CAPABILITY, loginPacket, tlsRequest } from './observer-login.ts';
import { type LoginWord, ServerLogin } from './server-login.ts';
import type { Forwarded, ServerSessionOwner, ServerSessionServices } from './server-owner.ts';
import { nextServerState, type ServerEvent, type ServerState } from './server-state.ts';
import type { Detectable } from './services.ts';
import { noVersions, type ServerTraits, type Versions } from './state.ts';
import { packetFor, type StatementAnswer } from './statements.ts';
import type { Killable } from './sweep.ts';

export class ServerSession implements ConnectionEvents, Killable, Perishable, Detectable {
  readonly owner: ServerSessionOwner<ServerSession>;
  readonly ssId: number;
  /** Index into the cluster's servers. */
  readonly server: number;
  readonly address: Address;
  readonly versions: Versions = noVersions();
  readonly traits: ServerTraits = { capabilities: 0n, checksumSwitch: -1 };
  /** How many client requests it has served, its login included if that was the client's (decisions.md 29). */
  transactCount = 0;

  /** When it began to connect. */
  readonly since: number;

  readonly #services: ServerSessionServices;
  readonly #saved: boolean;
  readonly #connection: Connection;
  readonly #end: ConnectionEnd;
  readonly #login = new ServerLogin();
  #state: ServerState = 'connecting';
  #serverSessid = 0;
  #scramble = CONSTANT_SCRAMBLE;
  #proofSequence = 0;
  #reader: ResponseReader;
  readonly #catchUp: CatchUp;
  /** The command being served, and whether its last byte is out. */
  #asked = 0;
  #ended = false;
  /** The observer cannot take more for now. */
  #full = false;
  #isPaused = false;
  /** Views for one write; the array is used again for each chunk. */
  readonly #out: Buffer[] = [];
  /** For what the observer is to do next, and how long that may take. */
  readonly #deadline: Deadline;
  #limit = 0;
  /** Of the answer under way nothing has gone to the client. */
  #isFresh = false;

  constructor(
    owner: ServerSessionOwner<ServerSession>,
    services: ServerSessionServices,
    ssId: number,
    server: number,
    address: Address,
    saved: boolean,
  ) {
    this.owner = owner;
    this.#services = services;
    this.ssId = ssId;
    this.server = server;
    this.address = address;
    this.#saved = saved;
    this.#catchUp = new CatchUp(this, this.versions);
    this.#reader = this.#newReader();
    this.since = services.clock.now();
    this.#deadline = services.sweep.deadline(this);
    this.#deadline.set(services.items.short_async_task_timeout);
    this.#connection = services.network.connect(address, this);
    this.#end = new ConnectionEnd(this.#connection, services.clock);
    services.detector?.opened(this);
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The thread id of the observer's greeting, which is what CONNECTION_ID() answers there; 0 before it. */
  get serverSessid(): number {
    return this.#serverSessid;
  }

  /** The one of the observer's greeting. */
  get scramble(): Buffer {
    return this.#scramble;
  }

  hasCapability(bit: bigint): boolean {
    return ((this.traits.capabilities >> bit) & 1n) === 1n;
  }

  #newReader(): ResponseReader {
    return new ResponseReader({
      extraOk: true,
      statisticsOk: this.hasCapability(CAPABILITY.STATISTICS_OK),
      clientTracks: this.owner.tracksState,
    });
  }

  #move(event: ServerEvent): void {
    const next = nextServerState(this.#state, event);
    if (next === undefined) throw new Error(`server session ${this.ssId}: ${event} while ${this.#state}`);
    this.#services.journal?.moved?.('server session', this, this.#state, event);
    this.#state = next;
  }

  // --- What its owner asks of it -------------------------------------------------------------------------------------

  /** Serves a request. Only while idle. What comes back goes to the client; `owner.served` ends it. */
  serve(request: Forwarded): void {
    this.#limit = request.limit;
    if (this.#catchUp.begin(request, this.owner.state)) {
      this.#move('fell behind');
      this.#sendCatchUp();
    } else {
      this.#move('asked');
      this.#send(request);
    }
  }

  /** More bytes of the request being served (one that is longer than what was understood of it). */
  more(views: readonly Buffer[]): boolean {
    this.#full = !this.#connection.writeAll(views);
    this.#awaitAnswer();
    return !this.#full;
  }

  /**
   * It waits beside the one that served last. (For that one no deadline is set with each statement: when its time is over the
   * client's is, too, and the client's end is its own.)
   */
  parked(): void {
    this.#deadline.set(this.owner.state.limits.idle);
  }

  /** Writes a request that has no answer and needs no state, if the connection can take one: QUIT, STMT_CLOSE. */
  farewell(packet: Buffer): void {
    if (this.#state === 'idle') this.#connection.write(packet);
  }

  /** Sends this before the next request; what the observer answers does not matter. */
  owe(packet: Buffer): void {
    this.#catchUp.owe(packet);
  }

  /** The client cannot take more for now, or can again. */
  pause(): void {
    this.#isPaused = true;
    this.#deadline.lift();
    this.#connection.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#state === 'serving') this.#awaitAnswer();
    this.#connection.resume();
  }

  /** Ends it: FIN, and whatever still comes is dropped. No QUIT, no KILL, no ROLLBACK (odp-sessions.md §4.3). */
  close(): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.#end.fin();
  }

  /** The tick after a KILL PROXYSESSION cs ss. In flight: what has arrived has gone to the client, which is ended too. */
  killed(by: number): void {
    if (this.#state === 'gone') return;
    this.close();
    this.owner.serverKilled(this, by);
  }

  #leave(): void {
    this.#move('lost');
    this.#services.registry.removeServer(this);
    this.#services.sweep.forget(this);
    this.#services.detector?.gone(this);
    this.#deadline.end();
  }

  /** The same as if the observer had closed it, in whichever state (odp-relay.md §6.2). */
  serverDead(): void {
    this.#fail('probes have found its server dead');
  }

  expired(): void {
    switch (this.#state) {
      case 'connecting':
        this.#fail('no connection in time');
        break;
      case 'idle':
        this.#fail('not used for too long');
        break;
      default:
        if (this.#state === 'gone') return;
        this.close();
        this.owner.serverSilent(this, 'no answer in time');
    }
  }

  #lost(why: string): void {
    if (this.#state === 'gone') return;
    const state = this.#state;
    this.#leave();
    this.owner.serverLost(this, state, why);
  }

  #send(request: Forwarded): void {
    const { command, statement } = request;
    this.transactCount += 1;
    this.#asked = command;
    this.#ended = false;
    this.#isFresh = true;
    if (command !== COM.STMT_SEND_LONG_DATA) this.#reader.expect(command, statement?.id);
    const whole = !this.owner.moreToCome;
    this.#full = !this.#connection.write(packetFor(request, this));
    if (!whole) this.#awaitAnswer();
    if (this.#full) this.owner.serverFull();
    this.owner.requestSent();
    if (whole) this.requestEnded();
  }

  /** The last byte of the request is out. */
  requestEnded(): void {
    this.#ended = true;
    this.#awaitAnswer();
    this.#endUnanswered();
  }

  /** Waits for the observer: to answer, to go on, to take more. Not while it is the client's turn to send or to take. */
  #awaitAnswer(): void {
    if (this.#isPaused || (this.owner.moreToCome && !this.#full)) this.#deadline.lift();
    else this.#deadline.set(this.#limit);
  }

  /** Pieces of long data are not answered; the next one waits until the observer can take more. */
  #endUnanswered(): void {
    if (this.#state !== 'serving' || this.#asked !== COM.STMT_SEND_LONG_DATA || !this.#ended || this.#full) return;
    this.#move('answered');
    this.#deadline.lift();
    this.owner.unanswered(this);
  }

  /** The number of the ERR that the last answer was, or 0. */
  get errorCode(): number {
    return this.#reader.errorCode;
  }

  /** What the last answer said of the prepared statement that it was about. */
  get answer(): StatementAnswer {
    return this.#reader;
  }

  #sendCatchUp(): void {
    const packet = this.#catchUp.next();
    this.#reader.expect(packet[HEADER_SIZE]!);
    this.#deadline.set(this.#limit);
    this.#connection.write(packet);
  }

  // --- What the network tells it -------------------------------------------------------------------------------------

  opened(): void {
    if (this.#state !== 'connecting') return;
    this.#move('connected');
    this.#deadline.set(this.owner.answerLimit);
  }

  refused(): void {
    this.#lost('connection refused');
  }

  data(chunk: Buffer): void {
    try {
      switch (this.#state) {
        case 'serving':
          this.#relay(chunk);
          break;
        case 'catching up':
          this.#swallow(chunk);
          break;
        case 'greeting':
        case 'authenticating':
          this.#logIn(chunk);
          break;
        case 'idle':
          this.#fail('bytes that nobody asked for');
          break;
        case 'connecting':
        case 'securing':
        case 'gone':
          break;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(error.message);
    }
  }

  drain(): void {
    this.#full = false;
    if (this.#state === 'serving') this.#awaitAnswer();
    this.owner.serverDrained();
    this.#endUnanswered();
  }

  flushed(): void {}

  end(): void {
    if (this.#state === 'gone') this.#connection.close();
    else this.#fail('the observer has closed it');
  }

  reset(): void {
    this.#lost('the observer has reset it');
  }

  closed(): void {
    this.#end.closed();
    this.#lost('closed');
  }

  /** The observer does what it must not, or has closed: we close too. */
  #fail(why: string): void {
    if (this.#state === 'gone') return;
    const state = this.#state;
    this.close();
    this.owner.serverLost(this, state, why);
  }

  #logIn(chunk: Buffer): void {
    this.#login.push(chunk);
    while (this.#state === 'greeting' || this.#state === 'authenticating') {
      const word = this.#login.next();
      if (word === null) return;
      this.#heard(word);
    }
  }

  #heard(word: LoginWord): void {
    switch (word.kind) {
      case 'no greeting':
        this.#fail(word.why);
        break;
      case 'greeting':
        this.#serverSessid = word.threadId;
        this.#scramble = word.scramble;
        this.#services.registry.addServer(this);
        if (this.#services.items.enable_server_ssl && (word.capabilities & CAP.SSL) !== 0) this.#askForTls();
        else this.#sendLogin(1);
        break;
      case 'refused':
        this.close();
        this.owner.loginRefused(this, word.code, word.payload);
        break;
      case 'question':
        this.#questioned(word);
        break;
      case 'accepted':
        this.#welcomed(word);
    }
  }

  /** Only a client that is logging in can be asked: later nobody hears of a login. */
  #questioned({ payload, sequence }: Extract<LoginWord, { kind: 'question' }>): void {
    if (this.#saved) {
      this.#fail('a login that was repeated is asked for another proof');
      return;
    }
    this.#proofSequence = sequence + 1;
    this.owner.loginQuestioned(payload);
  }

  /** What the client has answered to that. */
  prove(answer: Buffer): void {
    if (this.#state !== 'authenticating') return;
    const out = new PacketWriter(this.#proofSequence, answer.length + HEADER_SIZE);
    out.packet(answer);
    this.#connection.write(out.view());
  }

  #askForTls(): void {
    this.#connection.write(tlsRequest(this.owner.loginFacts(this), this.#saved));
    this.#move('TLS begun');
    // Behind the greeting nobody has asked for anything: what lies here is the handshake's, or makes it fail.
    this.#connection.startTls(this.#login.drain());
  }

  secured(): void {
    if (this.#state === 'securing') this.#sendLogin(2);
  }

  tlsFailed(why: string): void {
    this.#lost(`TLS has failed: ${why}`);
  }

  #sendLogin(sequence: number): void {
    this.#move('greeted');
    const facts = this.owner.loginFacts(this);
    this.#connection.write(loginPacket(facts, this.#saved, this.#connection.secure, sequence));
  }

  #welcomed({ ok, payload, reported }: Extract<LoginWord, { kind: 'accepted' }>): void {
    const { state } = this.owner;
    if (reported !== null && this.#saved) state.learnSavedLogin(reported, this.traits);
    else if (reported !== null) state.learnFirstLogin(reported, this.traits);
    if (!this.#saved) {
      state.synchronised(this.versions);
      this.transactCount = 1;
    }
    this.#reader = this.#newReader();
    this.#move('welcomed');
    this.#deadline.lift();
    this.owner.loggedIn(this, ok, payload);
  }

  #relay(chunk: Buffer): void {
    const out = this.#out;
    const reader = this.#reader;
    const used = reader.read(chunk, out);
    if (this.#isFresh && reader.done && reader.errorCode !== 0 && used === chunk.length && this.#rejected()) return;
    if (out.length > 0) {
      this.#isFresh = false;
      this.owner.relay(out);
      out.length = 0;
    }
    if (reader.asks !== null) {
      const question = reader.asks === 'packet' ? reader.question : null;
      reader.asks = null;
      this.owner.asksClient(question);
      if (this.#state !== 'serving') return;
    }
    if (!reader.done) {
      this.#awaitAnswer();
      return;
    }
    this.#deadline.lift();
    if (reader.errorCode === CLIENT_KILLED) {
      this.close();
      this.owner.clientKilled(this);
      return;
    }
    if (learnAnswer(this, this.#asked, reader)) this.owner.lastInsertServer = this;
    this.#move('answered');
    // More than the answer: that counts, but this connection does not serve again (odp-relay.md §6.2, unasked bytes).
    if (used < chunk.length) this.close();
    this.owner.served(this, reader.status, reader.errorCode);
  }

  /** The answer is an ERR and nothing else: its owner may keep it to himself. */
  #rejected(): boolean {
    const { errorCode, status } = this.#reader;
    const [packet] = this.#out;
    const isAll = this.#out.length === 1 && packet!.length === HEADER_SIZE + packet!.readUIntLE(0, 3);
    if (!isAll || !this.owner.rejects(errorCode, status)) return false;
    this.#out.length = 0;
    this.#deadline.lift();
    this.#move('answered');
    this.owner.rejected(this);
    return true;
  }

  #swallow(chunk: Buffer): void {
    const out: Buffer[] = [];
    const used = this.#reader.read(chunk, out);
    const { prepared, status, errorCode, asks } = this.#reader;
    if (asks !== null) throw new WireError('a question to the client, who has asked nothing');
    if (!this.#reader.done) return;
    if (used < chunk.length && errorCode !== CLIENT_KILLED) throw new WireError('bytes that nobody asked for');
    switch (this.#catchUp.answered(errorCode, prepared)) {
      case 'next':
        this.#sendCatchUp();
        break;
      case 'caught up':
        this.#move('caught up');
        this.#send(this.#catchUp.take());
        break;
      case 'no answer':
        this.#move('unprepared');
        this.#deadline.lift();
        this.owner.unprepared(this, out, status, errorCode);
        break;
      case 'no state':
        this.close();
        this.owner.restoreRefused(this, errorCode);
    }
  }
}
