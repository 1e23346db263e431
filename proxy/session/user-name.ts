/**
 * User names as ODP takes them (odp-relay.md §1): `user@tenant#cluster[:id]`, or `cluster:tenant:user` with one of the
 * configured separators.
 */

export interface UserName {
  readonly user: string;
  readonly tenant: string;
  /** Null: none was typed. */
  readonly cluster: string | null;
  /** Null: none was typed. */
  readonly clusterId: number | null;
}

/** ODP's `username_separator`, in the order in which they are tried. */
export const SEPARATORS = ':;-;.';
/** Whose tenant is used if none is typed. */
export const DEFAULT_TENANT = 'sys';

/**
 * Null for a name that cannot be read: an empty user, a cluster id that is no number. `tenant`: if none is typed; one that is
 * empty says so. `separators`: as in `username_separator`.
 */
export function parseUserName(typed: string, tenant = DEFAULT_TENANT, separators = SEPARATORS): UserName | null {
  const name = /[@#]/.test(typed) ? standard(typed) : separated(typed, separators.split(';'));
  if (name === null || name.user === '') return null;
  return name.tenant === '' ? { ...name, tenant } : name;
}

function standard(typed: string): UserName | null {
  const hash = typed.indexOf('#');
  const front = hash < 0 ? typed : typed.slice(0, hash);
  const at = front.indexOf('@');
  const user = at < 0 ? front : front.slice(0, at);
  const tenant = at < 0 ? '' : front.slice(at + 1);
  return build(user, tenant, hash < 0 ? null : typed.slice(hash + 1));
}

/** The first separator that occurs at least twice makes this form; with none of them it is a plain user name. */
function separated(typed: string, separators: readonly string[]): UserName | null {
  for (const separator of separators) {
    if (separator === '') continue;
    const parts = typed.split(separator);
    if (parts.length < 3) continue;
    const [cluster, tenant, last, ...rest] = parts as [string, string, string, ...string[]];
    // The cluster id may follow with a colon too, whatever the separator is.
    const [user, ...id] = [...last.split(':'), ...rest] as [string, ...string[]];
    return build(user, tenant, id.length > 0 ? `${cluster}:${id.join(':')}` : cluster);
  }
  return build(typed, '', null);
}

function build(user: string, tenant: string, cluster: string | null): UserName | null {
  const colon = cluster === null ? -1 : cluster.indexOf(':');
  let clusterId: number | null = null;
  if (cluster !== null && colon >= 0) {
    const digits = cluster.slice(colon + 1);
    if (!/^\d{1,10}$/.test(digits)) return null;
    clusterId = Number(digits);
  }
  const name = cluster === null || colon < 0 ? cluster : cluster.slice(0, colon);
  return { user, tenant, cluster: name === '' ? null : name, clusterId };
}

/** The name in ODP's own access-denied text: with the cluster only if the client gave one. */
export function canonicalName(name: UserName): string {
  const id = name.clusterId === null ? '' : `:${name.clusterId}`;
  return `${name.user}@${name.tenant}${name.cluster === null ? '' : `#${name.cluster}${id}`}`;
}
