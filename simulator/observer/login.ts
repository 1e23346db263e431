/**
 * The login check: who is it, is the password right, is the tenant here (observer.md §1.3–1.6, decisions.md 9–13).
 *
 * A function of the login packet and of what the observer knows; sends nothing.
 */
import { CAP } from '../../proxy/wire/constants.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Login } from '../../proxy/wire/login.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import { CONSTANT_SCRAMBLE, checkNativePassword, type Sha1, xor } from '../../proxy/wire/scramble.ts';
import { SYS_TENANT, type UserSpec } from '../world/topology.ts';
import type { Peer } from './peer.ts';
import { refusalIn, type ServerState } from './server-state.ts';
import { mayUseDatabase, type Tenant } from './tenant.ts';

/** What the check must know of the place. */
export interface LoginPlace {
  readonly serverId: number;
  readonly clusterName: string;
  readonly scramble: Buffer;
  readonly sha1: Sha1;
  readonly claimChecksum: boolean;
  /** Do not report the user's privileges at login (odp-sessions.md §10, 15). */
  readonly withholdPrivilege: boolean;
  readonly acceptClusterSuffix: boolean;
  /** Its state is asked for at each login: it may have changed. */
  readonly server: { readonly state: ServerState };
  findTenant(name: string): Tenant | null;
}

export type LoginResult =
  | { readonly kind: 'refused'; readonly err: Err; readonly fromProxy: boolean }
  | {
      readonly kind: 'accepted';
      readonly user: UserSpec;
      readonly tenant: Tenant;
      readonly database: string | null;
      readonly peer: Peer;
      /** `__client_ip`; null if not given. */
      readonly clientIp: string | null;
    };

/** What an observer can of the capability bits: 0 partition table, 3 checksum, 6 checksum switch, 9 extra OK for STATISTICS (decisions.md 30). */
const OWN_CAPABILITY = (1 << 0) | (1 << 3) | (1 << 6) | (1 << 9);
const CHECKSUM_BIT = 1 << 3;
const STATISTICS_BIT = 1 << 9;

/** The host in ERROR 1045 is literally this: the session has no address yet (observer.md §1.4). */
const HIDDEN_HOST = 'xxx.xxx.xxx.xxx';

/** Every user tenant has one, which nobody logs in to (observer.md §1.3, §9.1). */
const META_TENANT = /^meta\$\d+$/i;

const PROXY_TYPE = '__ob_proxy';

export function isProxyLogin(login: Login): boolean {
  return textAttribute(login, '__mysql_client_type') === PROXY_TYPE;
}

/** What an earlier login has told: who sits at the other end, and whose session it is (COM_CHANGE_USER). */
export interface Known {
  readonly peer: Peer;
  readonly tenant: Tenant;
}

export function checkLogin(login: Login, place: LoginPlace, known: Known | null = null): LoginResult {
  const fromProxy = known === null ? isProxyLogin(login) : known.peer.kind === 'proxy';
  const [userName, tenantName] = splitUser(login.user, place.acceptClusterSuffix);
  const denied: LoginResult = {
    kind: 'refused',
    fromProxy,
    err: errorOf('ACCESS_DENIED', userName, HIDDEN_HOST, login.authResponse.length > 0 ? 'YES' : 'NO'),
  };
  // Before anybody asks whether there is such a tenant (observer.md §1.3). Who is there already is served, in any state.
  const unready = known === null ? refusalIn(place.server.state, tenantName === SYS_TENANT) : null;
  if (unready !== null) return { kind: 'refused', fromProxy, err: errorOf(unready) };
  if (META_TENANT.test(tenantName)) {
    return { kind: 'refused', fromProxy, err: errorOf('NOT_SUPPORTED_DETAIL', 'login meta tenant') };
  }
  const tenant = place.findTenant(tenantName);
  // A session belongs to a tenant as long as it lives.
  if (tenant === null || (known !== null && known.tenant !== tenant)) return denied;
  const claimed = textAttribute(login, '__cluster_name');
  if (claimed !== null && claimed !== place.clusterName) {
    return { kind: 'refused', fromProxy, err: errorOf('CLUSTER_NO_MATCH', place.clusterName) };
  }
  if (!tenant.spec.servers.includes(place.serverId)) {
    return { kind: 'refused', fromProxy, err: errorOf('TENANT_NOT_IN_SERVER') };
  }
  const user = tenant.findUser(userName);
  if (user === null || !provesPassword(login, place, user, fromProxy)) return denied;
  const wanted = login.database === '' ? null : login.database;
  const database = wanted === null ? null : tenant.databaseName(wanted);
  if (wanted !== null && database === null) {
    return { kind: 'refused', fromProxy, err: errorOf('UNKNOWN_DATABASE', wanted) };
  }
  if (database !== null && !mayUseDatabase(user, database)) {
    const err = errorOf('DATABASE_ACCESS_DENIED', userName, '%', database);
    return { kind: 'refused', fromProxy, err };
  }
  return {
    kind: 'accepted',
    user,
    tenant,
    database,
    peer: known?.peer ?? peerOf(login, place, fromProxy),
    clientIp: textAttribute(login, '__client_ip'),
  };
}

/** `user@tenant` at the first `@`; no tenant is sys; single quotes around the user go (observer.md §1.3). */
function splitUser(typed: string, acceptClusterSuffix: boolean): readonly [user: string, tenant: string] {
  const hash = acceptClusterSuffix ? typed.indexOf('#') : -1;
  const name = hash < 0 ? typed : typed.slice(0, hash);
  const at = name.indexOf('@');
  const user = at < 0 ? name : name.slice(0, at);
  const bare = user.length >= 2 && user.startsWith("'") && user.endsWith("'") ? user.slice(1, -1) : user;
  return [bare, at < 0 ? SYS_TENANT : name.slice(at + 1)];
}

/** A proxy's client answered the constant scramble, or the one that `__proxy_scramble` hides (observer.md §1.6). */
function provesPassword(login: Login, place: LoginPlace, user: UserSpec, fromProxy: boolean): boolean {
  let scramble = place.scramble;
  if (fromProxy) {
    const hidden = attributeOf(login, '__proxy_scramble');
    scramble = hidden !== null && hidden.length === 20 ? xor(hidden, place.scramble) : CONSTANT_SCRAMBLE;
  }
  return checkNativePassword(place.sha1, user.password, scramble, login.authResponse);
}

function peerOf(login: Login, place: LoginPlace, fromProxy: boolean): Peer {
  if (!fromProxy) return { kind: 'direct', tracks: (login.capabilities & CAP.SESSION_TRACK) !== 0 };
  const offered = BigInt(digits(textAttribute(login, '__proxy_capability_flag')) ?? '0');
  const agreed = Number(offered & BigInt(OWN_CAPABILITY));
  const capability = place.claimChecksum ? agreed | CHECKSUM_BIT : agreed;
  const proxySessid = digits(textAttribute(login, '__proxy_connection_id'));
  return {
    kind: 'proxy',
    capability,
    statisticsOk: (capability & STATISTICS_BIT) !== 0,
    proxySessid: proxySessid === null ? null : BigInt(proxySessid),
  };
}

function digits(text: string | null): string | null {
  return text !== null && /^\d{1,20}$/.test(text) ? text : null;
}

function attributeOf(login: Login, name: string): Buffer | null {
  for (const it of login.attributes ?? []) if (it.name === name) return it.value;
  return null;
}

function textAttribute(login: Login, name: string): string | null {
  return attributeOf(login, name)?.toString('utf8') ?? null;
}
