/**
 * A server session (ss): one connection to an observer, owned by one client session from its first byte to its last.
 *
 * It logs in with the client's login, brings the observer up to the client's state before it serves, relays a response
 * as views, and tells its owner when it is ready, done or lost. It decides nothing about the client: that is its owner's.
 * It moves through the states of `server-state.ts`.
 */
import type { ConfigItems } from '../config.ts';
import type { Address, Clock, Connection, ConnectionEvents, Network, Timer } from '../ports.ts';
import { WireError } from '../wire/bytes.ts';
import { CAP, COM, ERR_MARK, OK_MARK } from '../wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';
import { type Login, writeLogin, writeSslRequest } from '../wire/login.ts';
import { readErr, readObserverOk } from '../wire/ok.ts';
import { CLIENT_KILLED, ResponseReader } from '../wire/response.ts';
import { readSessionState } from '../wire/session-state.ts';
import { catchUpSteps, type Preparable, type Step } from './catch-up.ts';
import { CAPABILITY, observerLogin } from './observer-login.ts';
import type { HeldServer } from './registry.ts';
import type { Forwarded, ServerSessionOwner } from './server-owner.ts';
import { nextServerState, type ServerEvent, type ServerState } from './server-state.ts';
import { beginsAnew, noVersions, type ServerTraits, type Versions } from './state.ts';
import type { StatementAnswer } from './statements.ts';
import type { Killable, Sweep } from './sweep.ts';

/** After our FIN the observer's is awaited this long, then the socket is closed (decisions.md 34). */
export const LINGER = 1000;
/** A login answer is read whole; this is far above the 6 KiB of all variables. */
const LOGIN_ANSWER_LIMIT = 1024 * 1024;

/** Of the proxy's services those that a server session uses. */
export interface ServerSessionServices {
  readonly network: Network;
  readonly clock: Clock;
  readonly sweep: Sweep;
  readonly items: ConfigItems;
  readonly registry: { addServer(session: HeldServer): void; removeServer(session: HeldServer): void };
}

export class ServerSession implements ConnectionEvents, Killable {
  readonly owner: ServerSessionOwner<ServerSession>;
  readonly ssId: number;
  /** Index into the cluster's servers. */
  readonly server: number;
  readonly address: Address;
  readonly versions: Versions = noVersions();
  readonly traits: ServerTraits = { capabilities: 0n, checksumSwitch: -1 };
  /** How many client requests it has served, its login included if that was the client's (decisions.md 29). */
  transactCount = 0;

  readonly #services: ServerSessionServices;
  readonly #saved: boolean;
  readonly #connection: Connection;
  readonly #logins = new PacketReader(LOGIN_ANSWER_LIMIT);
  #state: ServerState = 'connecting';
  #serverSessid = 0;
  #reader: ResponseReader;
  /** What comes before the client's request, and of it what is under way. */
  #catchUp: Step[] = [];
  #step: Step | null = null;
  /** What the observer must hear before the next request. */
  #owed: Buffer[] = [];
  #next: Forwarded | null = null;
  /** The command being served, and whether its last byte is out. */
  #asked = 0;
  #ended = false;
  /** The observer cannot take more for now. */
  #full = false;
  /** Views for one write; the array is used again for each chunk. */
  readonly #out: Buffer[] = [];
  #linger: Timer | null = null;

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
    this.#reader = this.#newReader();
    this.#connection = services.network.connect(address, this);
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The thread id of the observer's greeting, which is what CONNECTION_ID() answers there; 0 before it. */
  get serverSessid(): number {
    return this.#serverSessid;
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
    this.#state = next;
  }

  // --- What its owner asks of it -------------------------------------------------------------------------------------

  /** Serves a request. Only while idle. What comes back goes to the client; `owner.served` ends it. */
  serve(request: Forwarded): void {
    const state = this.owner.state;
    const { begin } = request;
    const unprepared = this.#unprepared(request);
    if (begin === null && unprepared === null && this.#owed.length === 0 && !state.isBehind(this.versions)) {
      this.#move('asked');
      this.#send(request);
      return;
    }
    const steps = catchUpSteps(state, this.versions, this.#owed, begin, unprepared);
    this.#owed = [];
    state.synchronised(this.versions);
    if (steps.length === 0) {
      this.#move('asked');
      this.#send(request);
      return;
    }
    this.#move('fell behind');
    this.#catchUp = steps;
    this.#next = request;
    this.#sendCatchUp();
  }

  /** What the request runs and this observer has not seen. */
  #unprepared({ command, statement, named }: Forwarded): Preparable | null {
    if (statement !== null) return command === COM.STMT_PREPARE || statement.isOn(this) ? null : statement;
    return named === null || named.isOn(this) ? null : named;
  }

  /** More bytes of the request being served (one that is longer than what was understood of it). */
  more(views: readonly Buffer[]): boolean {
    this.#full = !this.#connection.writeAll(views);
    return !this.#full;
  }

  /** Writes a request that has no answer and needs no state, if the connection can take one: QUIT, STMT_CLOSE. */
  farewell(packet: Buffer): void {
    if (this.#state === 'idle') this.#connection.write(packet);
  }

  /** Sends this before the next request; what the observer answers does not matter. */
  owe(packet: Buffer): void {
    this.#owed.push(packet);
  }

  /** The client cannot take more for now, or can again. */
  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** Ends it: FIN, and whatever still comes is dropped. No QUIT, no KILL, no ROLLBACK (odp-sessions.md §4.3). */
  close(): void {
    if (this.#state === 'gone') return;
    this.#leave();
    this.#connection.resume();
    this.#connection.end();
    this.#linger = this.#services.clock.after(LINGER, () => this.#connection.close());
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
    if (command !== COM.STMT_SEND_LONG_DATA) this.#reader.expect(command, statement?.id);
    const whole = !this.owner.moreToCome;
    this.#full = !this.#connection.write(this.#addressed(request));
    if (this.#full) this.owner.serverFull();
    this.owner.requestSent();
    if (whole) this.requestEnded();
  }

  #addressed({ command, packet, statement }: Forwarded): Buffer {
    if (statement === null || command === COM.STMT_PREPARE) return packet;
    return command === COM.STMT_EXECUTE ? statement.executed(packet, this) : statement.addressed(packet, this);
  }

  /** The last byte of the request is out. */
  requestEnded(): void {
    this.#ended = true;
    this.#endUnanswered();
  }

  /** Pieces of long data are not answered; the next one waits until the observer can take more. */
  #endUnanswered(): void {
    if (this.#state !== 'serving' || this.#asked !== COM.STMT_SEND_LONG_DATA || !this.#ended || this.#full) return;
    this.#move('answered');
    this.owner.unanswered(this);
  }

  /** What the last answer said of the prepared statement that it was about. */
  get answer(): StatementAnswer {
    return this.#reader;
  }

  #sendCatchUp(): void {
    const step = this.#catchUp.shift()!;
    this.#step = step;
    this.#reader.expect(step.packet[HEADER_SIZE]!);
    this.#connection.write(step.packet);
  }

  // --- What the network tells it -------------------------------------------------------------------------------------

  opened(): void {
    if (this.#state === 'connecting') this.#move('connected');
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
          this.#logins.push(chunk);
          this.#logIn();
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
    this.#linger?.cancel();
    this.#lost('closed');
  }

  /** The observer does what it must not, or has closed: we close too. */
  #fail(why: string): void {
    if (this.#state === 'gone') return;
    const state = this.#state;
    this.close();
    this.owner.serverLost(this, state, why);
  }

  /** Greeting, then the answer to our login. */
  #logIn(): void {
    for (let packet = this.#logins.next(); packet !== null; packet = this.#logins.next()) {
      if (this.#state === 'greeting') {
        this.#greeted(packet.payload);
      } else if (this.#state === 'authenticating') {
        this.#answered(packet.payload);
      } else {
        return;
      }
    }
  }

  #greeted(payload: Buffer): void {
    if (payload[0] === ERR_MARK) {
      this.#fail(`the observer refused: ${readErr(payload).message}`);
      return;
    }
    const greeting = readGreeting(payload);
    this.#serverSessid = greeting.threadId;
    this.#services.registry.addServer(this);
    if (!this.#services.items.enable_server_ssl || (greeting.capabilities & CAP.SSL) === 0) {
      this.#sendLogin(1);
      return;
    }
    const out = new PacketWriter(1);
    writeSslRequest(out, this.#loginPacket(true));
    this.#connection.write(out.view());
    this.#move('TLS begun');
    // Behind the greeting nobody has asked for anything: what lies here is the handshake's, or makes it fail.
    this.#connection.startTls(this.#logins.drain());
  }

  secured(): void {
    if (this.#state === 'securing') this.#sendLogin(2);
  }

  tlsFailed(why: string): void {
    this.#lost(`TLS has failed: ${why}`);
  }

  /** `sequence`: behind a request for TLS it is one more. */
  #sendLogin(sequence: number): void {
    this.#move('greeted');
    const out = new PacketWriter(sequence, 512);
    writeLogin(out, this.#loginPacket(this.#connection.secure));
    this.#connection.write(out.view());
  }

  #loginPacket(secure: boolean): Login {
    return observerLogin(this.owner.loginFacts(this.#serverSessid), this.#saved, secure);
  }

  #answered(payload: Buffer): void {
    if (payload[0] === ERR_MARK) {
      // The bare OK behind it, and the FIN, are swallowed: this connection is over.
      const copy = Buffer.from(payload);
      const code = readErr(copy).code;
      this.close();
      this.owner.loginRefused(this, code, copy);
      return;
    }
    if (payload[0] !== OK_MARK) throw new WireError(`a login answered with 0x${(payload[0] ?? 0).toString(16)}`);
    if (this.#logins.pending > 0) throw new WireError('bytes that nobody asked for');
    const ok = readObserverOk(payload);
    const reported = ok.state === null ? null : readSessionState(ok.state);
    if (reported !== null) {
      if (this.#saved) this.owner.state.learnSavedLogin(reported, this.traits);
      else this.owner.state.learnFirstLogin(reported, this.traits);
    }
    if (!this.#saved) {
      this.owner.state.synchronised(this.versions);
      this.transactCount = 1;
    }
    this.#reader = this.#newReader();
    this.#move('welcomed');
    this.owner.loggedIn(this, ok, payload);
  }

  #relay(chunk: Buffer): void {
    const out = this.#out;
    const reader = this.#reader;
    const used = reader.read(chunk, out);
    if (out.length > 0) {
      this.owner.relay(out);
      out.length = 0;
    }
    if (reader.asks !== null) {
      const what = reader.asks;
      reader.asks = null;
      this.owner.asksClient(what);
      if (this.#state !== 'serving') return;
    }
    if (!reader.done) return;
    if (reader.errorCode === CLIENT_KILLED) {
      this.#fail("the observer has ended the client's session");
      return;
    }
    this.#learnAll();
    this.#move('answered');
    // More than the answer: that counts, but this connection does not serve again (odp-relay.md §6.2, unasked bytes).
    if (used < chunk.length) this.close();
    this.owner.served(this, reader.status, reader.errorCode);
  }

  #learnAll(): void {
    const { reported, errorCode } = this.#reader;
    if (errorCode !== 0 || !beginsAnew(this.#asked)) {
      for (const block of reported) this.#learn(block);
      return;
    }
    const { state } = this.owner;
    state.learnNewBeginning(this.#asked, reported.map(readSessionState), this.traits);
    state.synchronised(this.versions);
  }

  /** What a statement has changed: the client's state, and this observer has it. */
  #learn(block: Buffer): void {
    const state = this.owner.state;
    const before = state.versions.lastInsertId;
    state.learn(readSessionState(block), this.traits);
    state.synchronised(this.versions);
    if (state.versions.lastInsertId > before) this.owner.lastInsertServer = this;
  }

  #swallow(chunk: Buffer): void {
    const out: Buffer[] = [];
    const used = this.#reader.read(chunk, out);
    const { prepared, errorCode, asks } = this.#reader;
    if (asks !== null) throw new WireError('a question to the client, who has asked nothing');
    if (!this.#reader.done) return;
    const { refusal } = this.#step!;
    const isKilled = errorCode === CLIENT_KILLED;
    if (used < chunk.length && !isKilled) throw new WireError('bytes that nobody asked for');
    if (isKilled || (errorCode !== 0 && refusal !== 'nothing')) {
      this.#stepRefused(out);
      return;
    }
    if (prepared !== null) this.#next!.statement!.preparedOn(this, prepared);
    else if (refusal === 'answer') this.#next!.named!.preparedOn(this);
    if (this.#catchUp.length > 0) {
      this.#sendCatchUp();
      return;
    }
    this.#move('caught up');
    const request = this.#next!;
    this.#next = null;
    this.#send(request);
  }

  #stepRefused(out: readonly Buffer[]): void {
    const { status, errorCode } = this.#reader;
    if (this.#step!.refusal === 'answer' && errorCode !== CLIENT_KILLED) {
      this.#next = null;
      this.#move('unprepared');
      this.owner.unprepared(this, out, status, errorCode);
      return;
    }
    this.close();
    this.owner.restoreRefused(this, errorCode);
  }
}
