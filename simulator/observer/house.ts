/**
 * What a statement may ask of the cluster it runs in: other sessions, and what the cluster is made of.
 *
 * Types only; `cluster.ts` and `session.ts` are behind them.
 */
import type { Address } from '../../proxy/ports.ts';
import type { Identity } from './context.ts';
import type { Victim } from './outcome.ts';
import type { ServerState } from './server-state.ts';
import type { StateWord } from './state.ts';
import type { Tenant } from './tenant.ts';

/** A row of the process list (observer.md §4.2). */
export interface ProcessRow {
  readonly id: number;
  readonly user: string;
  readonly tenant: string;
  /** `ip:port` of the other end of the connection. */
  readonly host: string;
  readonly database: string | null;
  readonly command: string;
  /** Whole seconds since the state changed last. */
  readonly seconds: number;
  readonly state: StateWord;
  /** The text of the running command; null if it has none. */
  readonly info: string | null;
  /** Address of the observer. */
  readonly ip: string;
  readonly port: number;
  readonly proxySessid: bigint | null;
  readonly inTransaction: boolean;
}

/** A session of the cluster, as KILL sees it. */
export interface OtherSession extends Victim {
  readonly identity: Identity;
  readonly processRow: ProcessRow;
  /** The proxy's client session that it serves; null if it does not come through a proxy. */
  readonly proxySessid: bigint | null;
  killQuery(): void;
  /** Answers at once; whether the victim still runs is `join`'s matter. */
  killConnection(): void;
}

/** An observer, as the cluster's views show it. Times are milliseconds since 1970. */
export interface ServerFacts {
  readonly id: number;
  readonly zone: string;
  readonly address: Address;
  readonly state: ServerState;
  /** When its state changed last. */
  readonly since: number;
  /** When it came to serve last. */
  readonly servesSince: number;
  /** A dead one is INACTIVE only once its lease has run out (observer.md §9.1). */
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** When ALTER SYSTEM STOP SERVER was said; null if it was not, or START SERVER has been said since. */
  readonly stoppedAt: number | null;
}

export interface House {
  readonly clusterName: string;
  readonly madeAt: number;
  readonly zones: readonly string[];
  /** By server id. */
  readonly servers: readonly ServerFacts[];
  readonly tenants: readonly Tenant[];
  /** ALTER SYSTEM STOP SERVER: it leads nothing any more, and goes on to serve. */
  stopServer(id: number): void;
  startServer(id: number): void;
  /** A logged-in session of any observer of the cluster; null if there is none with this id. */
  findSession(id: number): OtherSession | null;
  /** All of them, by server id, then by session id. */
  sessions(): readonly OtherSession[];
}
