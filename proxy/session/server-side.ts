/**
 * The server side of a client session: its server sessions, the state they must have, and which of them serves the request
 * under way (odp-relay.md §3.9, §5.5 and §6.2).
 *
 * It opens, parks and closes server sessions, tries the next server where nothing of a request has been written, and tells
 * the client what came of it. It knows the client's connection only as someone who takes views and can be stopped.
 */
import type { ConfigItems } from '../config.ts';
import type { Address } from '../ports.ts';
import { timeOf } from '../sql/time.ts';
import { COM, STATUS } from '../wire/constants.ts';
import { HEADER_SIZE } from '../wire/framing.ts';
import type { Ok } from '../wire/ok.ts';
import { answerLimit } from './answer-limit.ts';
import type { Cause } from './cause.ts';
import { type NamedStatement, NamedStatements } from './named-statements.ts';
import type { Greeted, ObserverLoginFacts } from './observer-login.ts';
import {
  Attempts,
  isKept,
  isRetried,
  isRetriedAtLogin,
  mostAttempts,
  NO_ATTEMPTS,
  speaksAgainstServer,
} from './retries.ts';
import type { ServerSessionOwner, ServerSessionServices } from './server-owner.ts';
import { ServerSession } from './server-session.ts';
import { ServerSessions } from './server-sessions.ts';
import type { ServerState } from './server-state.ts';
import type { Health, Routed } from './services.ts';
import { beginsAnew, SessionState } from './state.ts';
import type { Destination } from './statement-requests.ts';
import { type Statement, Statements } from './statements.ts';

/** The client, as its server side sees it. */
export interface ServedClient {
  readonly csId: number;
  /** The client gets OKs in the form of SESSION_TRACK. */
  readonly tracksState: boolean;
  loginFacts(greeted: Greeted): ObserverLoginFacts;
  addressOf(server: number): Address;
  /** Servers that a request may go to, in the order in which they are tried. Null: `routed` is called when they are known. */
  candidates(request: Routed): readonly number[] | null;

  /** Its own login was accepted, with this OK; `payload` as it came. */
  welcomed(ok: Ok, payload: Buffer): void;
  /** The CHANGE_USER under way, as the server session that was greeted so must get it. */
  changeUserPacket(greeted: Greeted): Buffer;
  /** A CHANGE_USER or RESET_CONNECTION has succeeded: nothing of the session is as it was. */
  begunAnew(): void;
  /** The observer asks this before it answers the client's own login. */
  loginQuestioned(question: Buffer): void;
  /** Its own login was refused, with this ERR. */
  turnedAway(code: number, payload: Buffer): void;
  /** The request (or its first part) is on its way. */
  requestSent(): void;
  /** More of the request is still to come from the client. */
  readonly moreToCome: boolean;
  /** The observer waits for a file, or, having asked `question`, for one packet. */
  asksClient(question: Buffer | null): void;
  /** Views of a response; the array is used again. False: it cannot take more for now. */
  take(views: readonly Buffer[]): boolean;
  /** The response has ended; with an ERR, its number. `sent`: some of the request had gone to the observer. */
  answered(errorCode: number, sent: boolean): void;
  /** The observer cannot take more of a long request for now, or can again. */
  serverFull(): void;
  serverDrained(): void;
  stop(cause: Cause): void;
}

/** A request of the client that an observer is to serve. */
export interface Asked {
  readonly command: number;
  /** Its bytes, headers included, or its first part. */
  readonly packet: Buffer;
  readonly destination: Destination;
  /** The prepared statement that it makes or is about. */
  readonly statement: Statement | null;
  /** The one that it makes, and the one that it runs, in the text protocol. */
  readonly prepares: NamedStatement | null;
  readonly runs: NamedStatement | null;
}

export interface ServerSideServices extends ServerSessionServices {
  readonly items: ConfigItems;
  readonly health: Health;
  nextSsId(): number;
}

/**
 * A request waits for a server session, until one has its first part. One that is offered to an idle server session is no
 * attempt yet: that connection may be lost already.
 */
type Stage = 'waits' | 'offered' | 'taken';

/** Where the text of a COM_QUERY begins. */
const TEXT_AT = HEADER_SIZE + 1;

export class ServerSide implements ServerSessionOwner<ServerSession> {
  readonly state = new SessionState();
  readonly servers = new ServerSessions();
  readonly statements = new Statements();
  readonly named = new NamedStatements();
  /** The OK or EOF of the last response said so. */
  inTransaction = false;
  /** The server session that last changed LAST_INSERT_ID. */
  lastInsertServer: ServerSession | null = null;

  readonly #client: ServedClient;
  readonly #services: ServerSideServices;
  /** The client's own login has not been answered: the next server session carries it. */
  #login: 'due' | 'done' = 'due';
  /** A BEGIN that was answered and goes out in front of the next statement. */
  #begin: Buffer | null = null;
  /** The request under way. Kept no longer: it is a view of its chunk. */
  #asked: Asked | null = null;
  /** How far it is, as the client's own login before it. */
  #stage: Stage = 'waits';
  /** It can be sent once more. */
  #isKept = false;
  /** Servers still to be tried for it. */
  #attempts = NO_ATTEMPTS;
  /** SET TRANSACTION had pinned the session when the request under way was given to a server session. */
  #wasPinned = false;
  /** The client cannot take more: the server session that serves is not read. */
  #full = false;

  constructor(client: ServedClient, services: ServerSideServices) {
    this.#client = client;
    this.#services = services;
  }

  // --- What the client asks of it ------------------------------------------------------------------------------------

  /** The client's own login, tried on these servers. */
  logIn(candidates: readonly number[]): void {
    this.#attempts = this.#attemptsOn(candidates);
    this.#choose('the tenant has no server');
  }

  /** The next request takes this BEGIN along; a second one takes the first one's place. */
  hold(begin: Buffer): void {
    this.#begin = begin;
  }

  /** All requests go to the server session used last: a transaction is open there, or one that SET TRANSACTION is about will be. */
  get stays(): boolean {
    return this.inTransaction || this.state.pinned;
  }

  ask(asked: Asked): void {
    const { destination } = asked;
    this.#asked = asked;
    this.#stage = 'waits';
    if (destination === 'lost') {
      this.#client.stop({ kind: 'last server session gone' });
    } else if (typeof destination === 'object') {
      this.#attempts = new Attempts([destination.server], 1);
      this.#choose('');
      // Nowhere else, whatever becomes of it.
      this.#attempts = NO_ATTEMPTS;
    } else if (destination === 'last' || this.stays) {
      this.#attempts = NO_ATTEMPTS;
      const bound = this.servers.bound;
      if (bound === null) {
        this.#client.stop({ kind: 'last server session gone' });
        return;
      }
      this.servers.take(bound.server);
      this.#give(bound);
    } else {
      const candidates = this.#client.candidates(asked);
      if (candidates !== null) this.routed(candidates);
    }
  }

  /** The request under way may go to these servers, in this order. */
  routed(candidates: readonly number[]): void {
    this.#attempts = this.#attemptsOn(candidates);
    this.#choose('no server of the tenant is known');
  }

  /** A server session has the request's first part and takes the rest. */
  get takesMore(): boolean {
    return this.#stage === 'taken' && this.servers.current !== null;
  }

  /** More of the request under way. False: the observer cannot take more for now. */
  more(views: readonly Buffer[]): boolean {
    const { command, statement, prepares } = this.#asked!;
    if (command === COM.STMT_PREPARE) statement!.extend(views);
    prepares?.extend(views);
    return this.servers.current!.more(views);
  }

  /** The last byte of the request under way is out. */
  requestEnded(): void {
    this.servers.current?.requestEnded();
  }

  /** The client can take more again. */
  resume(): void {
    if (!this.#full) return;
    this.#full = false;
    this.servers.current?.resume();
  }

  /** All server sessions end: current, bound, pool. `givenUp`: by the client, who has waited for one perhaps. */
  close(givenUp: boolean): void {
    const { items, clock, health } = this.#services;
    for (const server of this.servers.all()) {
      const waits = givenUp && server.state === 'connecting';
      if (waits && clock.now() - server.since > items.min_congested_connect_timeout) health.failed(server.address);
      server.close();
    }
    this.servers.clear();
  }

  #attemptsOn(servers: readonly number[]): Attempts {
    return new Attempts(servers, mostAttempts(this.#services.items.connect_observer_max_retries, servers.length));
  }

  /** The first candidate it is: over an idle server session if there is one, else over a new one. `why`: said if there is none. */
  #choose(why: string): void {
    const { server } = this.#attempts;
    if (server === undefined) {
      this.#client.stop({ kind: 'no server', why });
      return;
    }
    const idle = this.servers.take(server);
    if (idle !== null) {
      this.#stage = 'offered';
      this.#give(idle);
      return;
    }
    this.#stage = 'waits';
    this.#attempts.take();
    const ssId = this.#services.nextSsId();
    const address = this.#client.addressOf(server);
    this.servers.current = new ServerSession(this, this.#services, ssId, server, address, this.#login === 'done');
  }

  #give(server: ServerSession): void {
    const { command, statement, runs } = this.#asked!;
    this.#wasPinned = this.state.pinned;
    const begin = this.#takesBegin ? this.#begin : null;
    const isChange = command === COM.CHANGE_USER;
    const packet = isChange ? this.#client.changeUserPacket(server) : this.#asked!.packet;
    const said = command === COM.QUERY ? timeOf(packet, TEXT_AT) : null;
    const limit = answerLimit(statement?.time ?? said, this.inTransaction, this.state.limits, this.#services.items);
    server.serve({ packet, command, begin, statement, limit, named: runs });
  }

  /** KILL QUERY belongs to no transaction, and long data are not answered: nobody would hear what became of the BEGIN. */
  get #takesBegin(): boolean {
    const { command, statement, destination } = this.#asked!;
    const apart = typeof destination === 'object' && statement === null;
    return !apart && command !== COM.STMT_SEND_LONG_DATA;
  }

  // --- What its server sessions tell it ------------------------------------------------------------------------------

  get csId(): number {
    return this.#client.csId;
  }

  get tracksState(): boolean {
    return this.#client.tracksState;
  }

  loginFacts(greeted: Greeted): ObserverLoginFacts {
    return this.#client.loginFacts(greeted);
  }

  get answerLimit(): number {
    return answerLimit(null, false, this.state.limits, this.#services.items);
  }

  loggedIn(server: ServerSession, ok: Ok, payload: Buffer): void {
    if (this.#login === 'done') {
      this.#give(server);
      return;
    }
    this.#login = 'done';
    this.servers.release();
    this.#client.welcomed(ok, payload);
  }

  loginRefused(server: ServerSession, code: number, payload: Buffer): void {
    this.#remove(server);
    const own = this.#login === 'due';
    if (speaksAgainstServer(code)) this.#services.health.failed(server.address);
    if ((isRetriedAtLogin(code) || !own) && this.#attempts.server !== undefined) this.#choose('');
    else if (own) this.#client.turnedAway(code, payload);
    else this.#client.stop({ kind: 'no server', why: `the login could not be repeated: ${code}` });
  }

  loginQuestioned(question: Buffer): void {
    // No other server would get its answer to this one.
    this.#attempts = NO_ATTEMPTS;
    this.#client.loginQuestioned(question);
  }

  /** The client's answer to that. */
  prove(answer: Buffer): void {
    this.servers.current?.prove(answer);
  }

  requestSent(): void {
    this.#taken();
    this.#client.requestSent();
  }

  /** The request is with a server session, and a held BEGIN before it if it takes one. */
  #taken(): void {
    const hasBegun = this.#takesBegin && this.#begin !== null;
    // A transaction that has begun there cannot begin elsewhere, unseen.
    this.#isKept = !hasBegun && isKept(this.#asked!.packet);
    if (hasBegun) this.#begin = null;
    if (this.#stage === 'offered') this.#attempts.take();
    this.#stage = 'taken';
  }

  asksClient(question: Buffer | null): void {
    this.#client.asksClient(question);
  }

  rejects(code: number, status: number): boolean {
    const mayGo = this.#isKept && this.#attempts.server !== undefined;
    return mayGo && isRetried(code) && !this.stays && (status & STATUS.IN_TRANS) === 0;
  }

  rejected(server: ServerSession): void {
    this.#heard(server, server.errorCode);
    this.servers.release();
    this.#choose(`the last one said ${server.errorCode}`);
  }

  /** An answer, with an ERR or without, and what it says of its server. */
  #heard(server: ServerSession, errorCode: number): void {
    const { health } = this.#services;
    if (speaksAgainstServer(errorCode)) health.failed(server.address);
    else health.answered(server.address);
  }

  get moreToCome(): boolean {
    return this.#client.moreToCome;
  }

  unanswered(server: ServerSession): void {
    this.#asked!.statement!.pieces = server;
    this.servers.release();
    this.#asked = null;
    this.#client.answered(0, true);
  }

  serverFull(): void {
    this.#client.serverFull();
  }

  serverDrained(): void {
    this.#client.serverDrained();
  }

  relay(views: readonly Buffer[]): void {
    if (this.#client.take(views)) return;
    this.#full = true;
    this.servers.current?.pause();
  }

  served(server: ServerSession, status: number, errorCode: number): void {
    const { command, statement, prepares } = this.#asked!;
    if (statement !== null) this.statements.answered(command, statement, server, server.answer);
    if (prepares !== null) this.named.answered(prepares, server, errorCode === 0);
    if (errorCode === 0 && beginsAnew(command)) this.#begunAnew();
    this.#heard(server, errorCode);
    this.#learn(server, status);
    this.#asked = null;
    this.#client.answered(errorCode, true);
  }

  /** The server session that has served it is as new; the others are of no use any more (odp-relay.md §2.8). */
  #begunAnew(): void {
    this.statements.clear();
    this.named.clear();
    this.lastInsertServer = null;
    for (const server of this.servers.takePool()) server.close();
    this.#client.begunAnew();
  }

  #learn(server: ServerSession, status: number): void {
    const wasInTransaction = this.inTransaction;
    this.inTransaction = (status & STATUS.IN_TRANS) !== 0;
    // The transaction for which SET TRANSACTION had pinned the session is over. Of one that was a single statement the observer
    // says so; what neither reads nor writes, or a PREPARE, is none.
    if (this.#wasPinned && wasInTransaction && !this.inTransaction) this.state.pinned = false;
    // An idle one must be read, or its FIN would go unseen.
    this.resume();
    if (server.state === 'gone') this.#remove(server);
    else this.servers.release();
  }

  unprepared(server: ServerSession, views: readonly Buffer[], status: number, errorCode: number): void {
    this.#taken();
    const { command, statement } = this.#asked!;
    // Pieces are not answered; their EXECUTE will be.
    if (command === COM.STMT_SEND_LONG_DATA) statement!.refusal = Buffer.concat(views);
    else this.relay(views);
    this.#learn(server, status);
    this.#asked = null;
    this.#client.answered(errorCode, false);
  }

  serverLost(server: ServerSession, was: ServerState, why: string): void {
    if (!this.#remove(server)) return;
    this.#services.health.failed(server.address);
    // Nothing of the request has been written: another server may do. Later nothing is tried again (odp-relay.md §5.5).
    if (was === 'serving') this.#client.stop({ kind: 'server lost', why });
    else this.#choose(why);
  }

  /** It has said so itself: 4401. */
  clientKilled(server: ServerSession): void {
    if (this.#remove(server))
      this.#client.stop({ kind: 'server lost', why: "the observer has ended the client's session" });
  }

  /** Not tried again, though it was waited for before the request was out: the client has waited long enough. */
  serverSilent(server: ServerSession, why: string): void {
    if (!this.#remove(server)) return;
    this.#services.health.failed(server.address);
    this.#client.stop({ kind: 'server lost', why });
  }

  /** Tried again if it is about the server, not if it is about the state (odp-relay.md §4.3 and §6.2). */
  restoreRefused(server: ServerSession, code: number): void {
    this.#remove(server);
    if (speaksAgainstServer(code)) this.#services.health.failed(server.address);
    if (isRetried(code) && this.#attempts.server !== undefined) this.#choose('');
    else this.#client.stop({ kind: 'server lost', why: `the client's state could not be restored: error ${code}` });
  }

  /** Never tried again (odp-sessions.md §5). */
  serverKilled(server: ServerSession, by: number): void {
    if (!this.#remove(server)) return;
    // That counts as a failure of its server, as in ODP (decisions.md 28).
    this.#services.health.failed(server.address);
    this.#client.stop({ kind: 'server lost', why: `it was killed by session ${by}` });
  }

  /** True if it was the current one. */
  #remove(server: ServerSession): boolean {
    const current = this.servers.current === server;
    this.servers.remove(server);
    this.statements.leave(server);
    this.named.leave(server);
    return current;
  }
}
