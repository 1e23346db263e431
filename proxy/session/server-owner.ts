/**
 * What a server session and its owner say to each other: the request that it is to serve, and what becomes of it.
 *
 * Shapes only. (`Server` is the server session, which itself is made of these.)
 */
import type { ConfigItems } from '../config.ts';
import type { Clock, Network } from '../ports.ts';
import type { Ok } from '../wire/ok.ts';
import type { NamedStatement } from './named-statements.ts';
import type { Greeted, ObserverLoginFacts } from './observer-login.ts';
import type { HeldServer } from './registry.ts';
import type { ServerState } from './server-state.ts';
import type { Detector, Journal } from './services.ts';
import type { SessionState } from './state.ts';
import type { Statement } from './statements.ts';
import type { Sweep } from './sweep.ts';

/** A request on its way to an observer. */
export interface Forwarded {
  readonly command: number;
  /** Its bytes, headers included, or its first part. */
  readonly packet: Buffer;
  /** A held BEGIN that must go first, as the client sent it, or null. */
  readonly begin: Buffer | null;
  /** The prepared statement that it makes or is about. */
  readonly statement: Statement | null;
  /** How long its answer is awaited, and that of each step before it, in milliseconds. */
  readonly limit: number;
  /** The one that it runs by its name, in the text protocol. */
  readonly named: NamedStatement | null;
}

/** The client session that it belongs to, as it sees it. */
export interface ServerSessionOwner<Server> {
  readonly csId: number;
  readonly state: SessionState;
  /** The client gets OKs in the form of SESSION_TRACK. */
  readonly tracksState: boolean;
  lastInsertServer: Server | null;
  /** What the login packet is made of; asked for when the observer's greeting has been read. */
  loginFacts(greeted: Greeted): ObserverLoginFacts;
  /** `ok` as it was read, `payload` as it came. */
  loggedIn(server: Server, ok: Ok, payload: Buffer): void;
  /** `payload` is the observer's ERR. */
  loginRefused(server: Server, code: number, payload: Buffer): void;
  /** The observer asks for another proof before it answers the client's own login. */
  loginQuestioned(question: Buffer): void;
  /** How long an answer is awaited that is not the client's: to its login. */
  readonly answerLimit: number;
  /** The request (or its first part) is on its way. */
  requestSent(): void;
  /** Views of a response, for the client; the array is used again. */
  relay(views: readonly Buffer[]): void;
  /** The observer waits for a file of the client, or, having asked `question`, for one packet. */
  asksClient(question: Buffer | null): void;
  /** More of the request is still to come from the client. */
  readonly moreToCome: boolean;
  /** A request without an answer is out. */
  unanswered(server: Server): void;
  /** The statement could not be prepared here: the observer's ERR in place of an answer. Nothing of the request was sent. */
  unprepared(server: Server, views: readonly Buffer[], status: number, errorCode: number): void;
  /** A response has ended, with these status flags. */
  served(server: Server, status: number, errorCode: number): void;
  /** The answer is nothing but this ERR. True: it is not for the client, the request goes elsewhere. */
  rejects(code: number, status: number): boolean;
  /** It is idle after such an ERR. */
  rejected(server: Server): void;
  /** The observer has ended the client's session, in so many words (ERR 4401). */
  clientKilled(server: Server): void;
  /** It was to answer and has not, and is gone. */
  serverSilent(server: Server, why: string): void;
  /** It has gone by itself; `was` is the state it was in. */
  serverLost(server: Server, was: ServerState, why: string): void;
  /** The observer has answered a step that was to restore the client's state with this ERR. */
  restoreRefused(server: Server, code: number): void;
  /** It was killed by the session `by`. */
  serverKilled(server: Server, by: number): void;
  /** The observer cannot take more of a long request for now, or can again. */
  serverFull(): void;
  serverDrained(): void;
}

/** Of the proxy's services those that a server session uses. */
export interface ServerSessionServices {
  readonly network: Network;
  readonly clock: Clock;
  readonly sweep: Sweep;
  readonly items: ConfigItems;
  readonly registry: { addServer(session: HeldServer): void; removeServer(session: HeldServer): void };
  readonly detector?: Pick<Detector, 'opened' | 'gone'>;
  /** Left out where nobody looks on. */
  readonly journal?: Pick<Journal<never>, 'moved'>;
}
