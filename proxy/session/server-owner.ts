/**
 * What a server session and its owner say to each other: the request that it is to serve, and what becomes of it.
 *
 * Shapes only. (`Server` is the server session, which itself is made of these.)
 */

import type { Ok } from '../wire/ok.ts';
import type { NamedStatement } from './named-statements.ts';
import type { ObserverLoginFacts } from './observer-login.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './state.ts';
import type { Statement } from './statements.ts';

/** A request on its way to an observer. */
export interface Forwarded {
  readonly command: number;
  /** Its bytes, headers included, or its first part. */
  readonly packet: Buffer;
  /** A held BEGIN that must go first, as the client sent it, or null. */
  readonly begin: Buffer | null;
  /** The prepared statement that it makes or is about. */
  readonly statement: Statement | null;
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
  loginFacts(serverSessid: number): ObserverLoginFacts;
  /** `ok` as it was read, `payload` as it came. */
  loggedIn(server: Server, ok: Ok, payload: Buffer): void;
  /** `payload` is the observer's ERR. */
  loginRefused(server: Server, code: number, payload: Buffer): void;
  /** The request (or its first part) is on its way. */
  requestSent(): void;
  /** Views of a response, for the client; the array is used again. */
  relay(views: readonly Buffer[]): void;
  /** The observer waits for a file of the client, or for one packet. */
  asksClient(what: 'file' | 'packet'): void;
  /** More of the request is still to come from the client. */
  readonly moreToCome: boolean;
  /** A request without an answer is out. */
  unanswered(server: Server): void;
  /** The statement could not be prepared here: the observer's ERR in place of an answer. Nothing of the request was sent. */
  unprepared(server: Server, views: readonly Buffer[], status: number, errorCode: number): void;
  /** A response has ended, with these status flags. */
  served(server: Server, status: number, errorCode: number): void;
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
