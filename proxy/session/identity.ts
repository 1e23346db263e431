/**
 * Who a client has logged in as, and which rights at the proxy come with it (odp-sessions.md §1.3).
 */
import type { ClusterConfig } from '../config.ts';
import type { UserName } from './user-name.ts';

export interface Identity {
  readonly name: UserName;
  /** Null for root@proxysys, who belongs to none. */
  readonly cluster: ClusterConfig | null;
}

/** root@proxysys: may do everything to every session, and never touches an observer. */
export function isAdministrator(identity: Identity | null): boolean {
  return identity !== null && identity.cluster === null;
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
  return identity.cluster === null || (identity.name.user === 'root' && isOfSys(identity));
}
