/**
 * A client session as the proxy and its own commands see it, whatever kind of server is behind it: an observer cluster
 * (`client-session.ts`) or a MySQL server (`mysql-session.ts`).
 */
import type { Address } from '../ports.ts';
import type { Cause } from './cause.ts';
import type { Identity } from './identity.ts';
import type { HeldClient } from './registry.ts';
import type { ServerTraits, SessionState, Versions } from './state.ts';
import type { Killable } from './sweep.ts';

export interface SeenServer extends Killable {
  readonly ssId: number;
  /** Index into the cluster's servers. */
  readonly server: number;
  readonly address: Address;
  readonly serverSessid: number;
  readonly transactCount: number;
  readonly versions: Versions;
  readonly traits: ServerTraits;
  hasCapability(bit: bigint): boolean;
}

export interface SeenServers {
  readonly bound: SeenServer | null;
  readonly current: SeenServer | null;
  readonly pool: readonly SeenServer[];
  readonly count: number;
  bySsId(ssId: bigint): SeenServer | undefined;
}

export interface SeenSession extends HeldClient, Killable {
  /** To the client; `unsent`: bytes that it has not taken. */
  readonly connection: { readonly remote: Address; readonly secure: boolean; readonly unsent: number };
  /** From where the client comes: as its load balancer says, or as the connection does. */
  readonly client: Address;
  readonly identity: Identity | null;
  readonly proxySessid: bigint;
  readonly active: boolean;
  readonly inTransaction: boolean;
  readonly state: SessionState;
  readonly servers: SeenServers;
  /** Who last changed LAST_INSERT_ID. */
  readonly serverSide: { readonly lastInsertServer: SeenServer | null };
  stop(cause: Cause): void;
}
