/**
 * Whether a login packet is let through to an observer, taken in by the proxy itself (root@proxysys), or turned away
 * (odp-relay.md §1 and §6.4, decisions.md 13).
 */
import type { ClusterConfig, ConfigItems } from '../config.ts';
import type { Address } from '../ports.ts';
import { WireError } from '../wire/bytes.ts';
import { errorOf } from '../wire/errors.ts';
import { isSslRequest, type Login, readLogin } from '../wire/login.ts';
import type { Err } from '../wire/ok.ts';
import { type Request, WHOLE_LIMIT } from '../wire/request.ts';
import { CONSTANT_SCRAMBLE, type Sha1, xor } from '../wire/scramble.ts';
import { canonicalName, parseUserName, type UserName } from './user-name.ts';

/** The proxy's own tenant: its root administers the proxy and never touches an observer. */
export const PROXY_TENANT = 'proxysys';

/** Of who claims to be root@proxysys. */
export type AdministratorAdmission =
  | { readonly kind: 'administrator'; readonly name: UserName }
  | { readonly kind: 'refuse'; readonly error: Err };

export type Admission =
  | { readonly kind: 'to observer'; readonly name: UserName; readonly cluster: ClusterConfig }
  | AdministratorAdmission
  /** TCP close, no ERR. */
  | { readonly kind: 'close'; readonly why: string };

export interface AdmissionFacts {
  readonly items: ConfigItems;
  readonly clusters: readonly ClusterConfig[];
  readonly sha1: Sha1;
  /** Client sessions there are, this one included. */
  readonly sessions: number;
  readonly client: Address;
  /** It came over TLS. */
  readonly secure: boolean;
}

export const TLS_IS_FORCED = 'a login without TLS, which is forced';
export const NO_LOGIN = 'a login packet that is out of sequence or too long';

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
  // odp-relay.md §2.2
  if (!facts.secure && forcesTls(facts.items)) return { kind: 'close', why: TLS_IS_FORCED };
  const name = parseUserName(login.user);
  if (name === null) return { kind: 'close', why: 'a user name that cannot be read' };
  if (name.tenant === PROXY_TENANT) return admitAdministrator(login, name, facts);
  if (isOwnAccount(name)) return { kind: 'refuse', error: denied(login, name, facts.client) };
  const most = facts.items.client_max_connections;
  if (most > 0 && facts.sessions > most) return { kind: 'refuse', error: errorOf('TOO_MANY_SESSIONS') };
  const cluster = name.cluster === null ? facts.clusters[0] : facts.clusters.find((it) => it.name === name.cluster);
  if (cluster === undefined) return { kind: 'refuse', error: errorOf('CLUSTER_NOT_EXIST') };
  return { kind: 'to observer', name, cluster };
}

/** ODP's own account in the cluster is not for people from outside. */
export function isOwnAccount({ user, tenant }: UserName): boolean {
  return user === 'proxyro' && tenant === 'sys';
}

/** `ssl_attributes` has been read and found right (config-items.ts). */
export function forcesTls(items: ConfigItems): boolean {
  return /"ENABLE_FORCE"/i.test(items.ssl_attributes);
}

/** `scramble`: what the client's answer was made with. */
export function admitAdministrator(
  login: Login,
  name: UserName,
  facts: Omit<AdmissionFacts, 'clusters'>,
  scramble: Buffer = CONSTANT_SCRAMBLE,
): AdministratorAdmission {
  const local = facts.items.skip_proxy_sys_private_check || isPrivate(facts.client.host);
  const right =
    name.user === 'root' && local && proves(login.authResponse, facts.items.obproxy_sys_password, scramble, facts.sha1);
  return right ? { kind: 'administrator', name } : { kind: 'refuse', error: denied(login, name, facts.client) };
}

/** `stage1` is the SHA-1 of the password in hex, as ODP keeps it; empty: only an empty password is right. */
function proves(response: Buffer, stage1: string, scramble: Buffer, sha1: Sha1): boolean {
  if (stage1 === '') return response.length === 0;
  const first = Buffer.from(stage1, 'hex');
  return xor(first, sha1(Buffer.concat([scramble, sha1(first)]))).equals(response);
}

/** The proxy's own text has the name in full and the client's address; the SQLSTATE is 42000, not MySQL's 28000. */
export function denied(login: Login, name: UserName, client: Address): Err {
  return errorOf('ACCESS_DENIED', canonicalName(name), client.host, login.authResponse.length > 0 ? 'YES' : 'NO');
}

/** Loopback and the private ranges: from elsewhere root@proxysys is refused. */
function isPrivate(host: string): boolean {
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|::ffff:127\.)/.test(host);
}
