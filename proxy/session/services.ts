/**
 * What a session is given by the proxy around it. The session room knows these shapes, not who is behind them: routing
 * and the proxy's own commands are rooms above it. (`Session` is the client session, which itself is made of these.)
 */
import type { ClusterConfig, ConfigItems } from '../config.ts';
import type { Address, Choices, Clock, Network } from '../ports.ts';
import type { InternalCommand } from '../sql/command.ts';
import type { Sha1 } from '../wire/scramble.ts';
import type { Accounts } from './accounts.ts';
import type { Cause } from './cause.ts';
import type { ProxySessids } from './ids.ts';
import type { HeldClient, HeldServer, Registry } from './registry.ts';
import type { Sweep } from './sweep.ts';

export interface Services<Session extends HeldClient> {
  readonly network: Network;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly sha1: Sha1;
  readonly items: ConfigItems;
  readonly clusters: readonly ClusterConfig[];
  readonly registry: Pick<Registry<Session>, 'size' | 'tenants' | 'add' | 'remove' | 'addServer' | 'removeServer'>;
  readonly sweep: Sweep;
  readonly proxySessids: ProxySessids;
  readonly router: Router<Session>;
  readonly health: Health;
  /** Left out where nobody probes servers. */
  readonly detector?: Detector;
  readonly commands: Commands<Session>;
  readonly journal: Journal<Session>;
  /** Null: no password of a MySQL server's user was configured. */
  readonly accounts?: Accounts | null;
  /** The next ss_id: one counter for the whole process, from 1 (odp-sessions.md §3.3). */
  nextSsId(): number;
}

/** Which server a request goes to; see `route/`. Servers are indexes into the cluster's list. */
export interface Router<Session> {
  /** For the first login: in the order in which they are tried. Empty: the tenant is not known. */
  forLogin(session: Session): readonly number[];
  /**
   * For a request that may go anywhere: in the order in which they are tried. Null: the cluster has to be asked first where
   * the request's table is led; `session.routed` is called with the answer, later.
   */
  forStatement(session: Session, request: Routed): readonly number[] | null;
  /** An observer has said that it does not lead the table by which the session's last request was routed, if it was. */
  misrouted(session: Session): void;
}

/** A request that is to be routed: what its statement is can be found in it. */
export interface Routed {
  readonly command: number;
  /** Its bytes, headers included, or its first part. */
  readonly packet: Buffer;
  /** The prepared statement that it makes or is about; `packet` is its PREPARE. */
  readonly statement: { readonly packet: Buffer } | null;
}

/** Who is told how servers do; see `route/`. Servers by their addresses in the configuration. */
export interface Health {
  /** No connection, no answer in time, an end before the answer, or an ERR that speaks against it. */
  failed(server: Address): void;
  /** It has answered. */
  answered(server: Address): void;
}

/** What stands on a server, and is told when probes have found that dead. */
export interface Detectable {
  readonly address: Address;
  serverDead(): void;
}

/** Who probes servers as long as somebody uses them; see `route/`. */
export interface Detector {
  clientEntered(cluster: ClusterConfig): void;
  clientLeft(cluster: ClusterConfig): void;
  /** From its connect on. */
  opened(session: Detectable): void;
  gone(session: Detectable): void;
}

/** The proxy's own commands; see `command/`. */
export interface Commands<Session> {
  run(session: Session, command: InternalCommand, request: CommandRequest): Outcome;
}

export interface CommandRequest {
  /** Of the request; the answer starts at the next one. */
  readonly sequence: number;
  /** The whole request as it came, headers included. */
  readonly packet: Buffer;
}

export type Outcome =
  /** Answer the client with these packets. */
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  /** The session has killed itself: answer, and when that has left us, end it. */
  | { readonly kind: 'answer and die'; readonly bytes: Buffer }
  /** Send this request to this server of the session's cluster, and nowhere else. */
  | { readonly kind: 'send'; readonly server: number; readonly packet: Buffer };

/** Who is told what happens to sessions; for logs, never for decisions. */
export interface Journal<Session> {
  disconnected(session: Session, cause: Cause): void;
  /** A machine goes from a state, by an event, to its next state. */
  moved?(machine: Machine, session: HeldClient | HeldServer, from: string, event: string): void;
}

export type Machine = 'client session' | 'server session';
