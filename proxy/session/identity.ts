/**
 * Who a client has logged in as, and which rights at the proxy come with it (odp-sessions.md §1.3).
 */
import type { ClusterConfig } from '../config.ts';
import type { UserName } from './user-name.ts';

export interface Identity {
  readonly name: UserName;
  /** Null for the people of the proxy itself, who belong to none. */
  readonly cluster: ClusterConfig | null;
}

/** The proxy's own tenant: its users are taken in by the proxy, and never touch an observer. */
export const PROXY_TENANT = 'proxysys';

/**
 * Whose requests are decided upon: `administrator` is root@proxysys, who may do everything to every session; `inspector` is
 * inspector@proxysys, who may ask whether the proxy is there and no more; `client` is everybody else.
 */
export type Caller = 'administrator' | 'inspector' | 'client';

/** Who of the proxy's own tenant is who: the names are exact. */
export const PROXY_USERS: ReadonlyMap<string, Exclude<Caller, 'client'>> = new Map([
  ['root', 'administrator'],
  ['inspector', 'inspector'],
]);

export function callerOf(identity: Identity | null): Caller {
  if (identity === null || identity.cluster !== null) return 'client';
  return PROXY_USERS.get(identity.name.user)!;
}

export function isAdministrator(identity: Identity | null): boolean {
  return callerOf(identity) === 'administrator';
}

/** Of the tenant `sys`. A MySQL server has no tenants: before one, its root is who root@sys is elsewhere (≠ODP). */
export function isOfSys(identity: Identity | null): boolean {
  if (identity === null) return false;
  const { name, cluster } = identity;
  return cluster?.type === 'mysql' ? name.user === 'root' : name.tenant === 'sys';
}

/** May use the proxy's own commands beyond what everybody may: root@proxysys and root@sys. */
export function hasInternalRights(identity: Identity | null): boolean {
  if (identity === null) return false;
  return isAdministrator(identity) || (identity.name.user === 'root' && isOfSys(identity));
}
