/**
 * Whether a login packet is let through to an observer, taken in by the proxy itself (root@proxysys, inspector@proxysys), or
 * turned away (odp-relay.md §1 and §6.4, decisions.md 13). In ODP's order: name, identity, white list, limits, cluster.
 */
import type { ClusterConfig, ConfigItems } from '../config.ts';
import type { Address } from '../ports.ts';
import { WireError } from '../wire/bytes.ts';
import { errorOf } from '../wire/errors.ts';
import { isSslRequest, type Login, readLogin } from '../wire/login.ts';
import type { Err } from '../wire/ok.ts';
import { SIGNATURE } from '../wire/proxy-header.ts';
import { type Request, WHOLE_LIMIT } from '../wire/request.ts';
import { CONSTANT_SCRAMBLE, type Sha1, xor } from '../wire/scramble.ts';
import { type TenantCounts, TenantItem } from './by-tenant.ts';
import type { Cause } from './cause.ts';
import { type Caller, PROXY_TENANT, PROXY_USERS } from './identity.ts';
import { isAmong, isPrivate, parseNetworks } from './networks.ts';
import { canonicalName, DEFAULT_TENANT, parseUserName, type UserName } from './user-name.ts';

/** Of who claims to be of the proxy's own tenant. */
export type OwnAdmission =
  | { readonly kind: 'of the proxy'; readonly name: UserName }
  | { readonly kind: 'refuse'; readonly error: Err };

export type Admission =
  | { readonly kind: 'to observer'; readonly name: UserName; readonly cluster: ClusterConfig }
  | OwnAdmission
  /** TCP close, no ERR. */
  | { readonly kind: 'close'; readonly cause: Cause };

/** Where a client comes from. */
export interface ClientPlace {
  /** As who speaks the PROXY protocol says, else as its connection does. */
  readonly client: Address;
  readonly connection: { readonly remote: Address; readonly secure: boolean };
}

export interface AdmissionFacts {
  readonly items: ConfigItems;
  readonly clusters: readonly ClusterConfig[];
  readonly sha1: Sha1;
  readonly registry: {
    /** Client sessions there are, this one included. */
    readonly size: number;
    /** Those of each tenant, without this one. */
    readonly tenants: TenantCounts;
  };
  readonly place: ClientPlace;
}

export const TLS_IS_FORCED: Cause = { kind: 'malformed', what: 'a login without TLS, which is forced' };

/** The first bytes of a header of the PROXY protocol, read as that of a packet. */
const PROXY_HEADER = { length: SIGNATURE.readUIntLE(0, 3), sequence: SIGNATURE[3] };

/** Why a packet with this header is no login. */
export function noLogin({ length, sequence }: { readonly length: number; readonly sequence: number }): Cause {
  const isProxyHeader = length === PROXY_HEADER.length && sequence === PROXY_HEADER.sequence;
  const what = isProxyHeader
    ? 'a header of the PROXY protocol; if it comes from your load balancer, name its address in proxy_protocol_networks'
    : 'a login packet that is out of sequence or too long';
  return { kind: 'malformed', what };
}

/** `due`: the sequence id that a login has now. One that is too long to be handed out whole is no login. */
export function isLoginHeader(
  { length, sequence }: { readonly length: number; readonly sequence: number },
  due: number,
): boolean {
  return sequence === due && length <= WHOLE_LIMIT;
}

/** The login in a client's first packet, or why there is none in it. */
export function loginOf(request: Request): Login | string {
  if (isSslRequest(request.payload)) return 'a request for TLS, which is not offered now';
  try {
    // What a saved login repeats must outlive the chunk it came in.
    return readLogin(Buffer.from(request.payload));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.message;
  }
}

export function admit(login: Login, facts: AdmissionFacts): Admission {
  const { items, place, registry } = facts;
  // odp-relay.md §2.2
  if (!place.connection.secure && forcesTls(items)) return { kind: 'close', cause: TLS_IS_FORCED };
  const typed = parseUserName(login.user, '', items.username_separator);
  if (typed === null) return { kind: 'close', cause: { kind: 'malformed', what: 'a user name that cannot be read' } };
  const { name, clusterName } = placed(typed, items, facts.clusters);
  const own = name.tenant === PROXY_TENANT;
  if (!own && (isForbidden(name, items) || (items.enable_full_username && !isFull(typed)))) {
    return { kind: 'refuse', error: denied(login, name, place.client) };
  }
  const admission = own ? admitOwn(login, name, facts) : null;
  if (admission?.kind === 'refuse') return admission;
  // The proxy's own tenant is in no cluster: its list stands under the first one, whatever was typed.
  const shut = shutOut(name.tenant, own ? (facts.clusters[0]?.name ?? '') : clusterName, facts);
  if (shut !== null) return { kind: 'close', cause: shut };
  if (admission !== null) return admission;
  const most = items.client_max_connections;
  if (most > 0 && registry.size > most) return { kind: 'refuse', error: errorOf('TOO_MANY_SESSIONS') };
  const mostOfTenant = TENANT_LIMITS.of(items.resource_max_connections, name.tenant, clusterName);
  if (mostOfTenant !== undefined && registry.tenants.of(name.tenant, clusterName) >= mostOfTenant) {
    return { kind: 'refuse', error: errorOf('TOO_MANY_CONNECTIONS') };
  }
  const cluster = facts.clusters.find((it) => it.name === clusterName);
  if (cluster === undefined) return { kind: 'refuse', error: errorOf('CLUSTER_NOT_EXIST') };
  return { kind: 'to observer', name, cluster };
}

/**
 * Tenant and cluster of who has typed neither, or not both (odp-relay.md §1, 4): with `proxy_tenant_name` that one in
 * `rootservice_cluster_name`, if both are missing; else `sys`, and the first cluster.
 */
function placed(
  typed: UserName,
  items: ConfigItems,
  clusters: readonly ClusterConfig[],
): { readonly name: UserName; readonly clusterName: string } {
  if (typed.tenant === '' && typed.cluster === null && items.proxy_tenant_name !== '') {
    return { name: { ...typed, tenant: items.proxy_tenant_name }, clusterName: items.rootservice_cluster_name };
  }
  const name = typed.tenant === '' ? { ...typed, tenant: DEFAULT_TENANT } : typed;
  return { name, clusterName: typed.cluster ?? clusters[0]?.name ?? '' };
}

function isFull(typed: UserName): boolean {
  return typed.tenant !== '' && typed.cluster !== null;
}

/** ODP's own account in the cluster is not for people from outside. */
export function isForbidden({ user, tenant }: UserName, items: ConfigItems): boolean {
  return user === 'proxyro' && tenant.toLowerCase() === DEFAULT_TENANT && !items.skip_proxyro_check;
}

const WHITE_LISTS = new TenantItem(parseNetworks);
const TENANT_LIMITS = new TenantItem(parseLimit);

/** Sessions that a tenant may have. */
export function parseLimit(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The tenant has a white list, and the client is not on it: then there is no ERR, only the end. Null: it may pass. */
export function shutOut(
  tenant: string,
  cluster: string,
  { items, place }: { readonly items: ConfigItems; readonly place: ClientPlace },
): Cause | null {
  const list = WHITE_LISTS.of(items.white_list, tenant, cluster);
  if (list === undefined || isAmong(place.client.host, list)) return null;
  return { kind: 'not on the white list', client: place.client.host, tenant: `${tenant}#${cluster}` };
}

/** `ssl_attributes` has been read and found right (config-items.ts). */
export function forcesTls(items: ConfigItems): boolean {
  return /"ENABLE_FORCE"/i.test(items.ssl_attributes);
}

/** `scramble`: what the client's answer was made with. */
export function admitOwn(
  login: Login,
  name: UserName,
  { items, sha1, place }: Omit<AdmissionFacts, 'clusters' | 'registry'>,
  scramble: Buffer = CONSTANT_SCRAMBLE,
): OwnAdmission {
  const who = PROXY_USERS.get(name.user);
  const right =
    who !== undefined &&
    (items.skip_proxy_sys_private_check || comesFromNearBy(place)) &&
    proves(who, login.authResponse, items, scramble, sha1);
  return right ? { kind: 'of the proxy', name } : { kind: 'refuse', error: denied(login, name, place.client) };
}

/**
 * Loopback and private networks. Of who comes through a load balancer both addresses must be such: its own proves nothing of
 * the client, and what it says of the client is only as good as `proxy_protocol_networks` (ODP looks at its own alone).
 */
function comesFromNearBy({ client, connection }: ClientPlace): boolean {
  return isPrivate(connection.remote.host) && isPrivate(client.host);
}

/**
 * The items are SHA-1 of the password in hex, as ODP keeps it. An empty one means of root that an empty password is right,
 * of the inspector that there is none (odp-relay.md §1).
 */
function proves(
  who: Exclude<Caller, 'client'>,
  response: Buffer,
  items: ConfigItems,
  scramble: Buffer,
  sha1: Sha1,
): boolean {
  const stage1 = who === 'administrator' ? items.obproxy_sys_password : items.inspector_password;
  if (stage1 === '') return who === 'administrator' && response.length === 0;
  const first = Buffer.from(stage1, 'hex');
  return xor(first, sha1(Buffer.concat([scramble, sha1(first)]))).equals(response);
}

/** The proxy's own text has the name in full and the client's address; the SQLSTATE is 42000, not MySQL's 28000. */
export function denied(login: Login, name: UserName, client: Address): Err {
  return errorOf('ACCESS_DENIED', canonicalName(name), client.host, login.authResponse.length > 0 ? 'YES' : 'NO');
}
