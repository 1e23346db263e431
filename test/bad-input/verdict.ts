/**
 * What the sheets say becomes of a client's first bytes (odp-relay.md §1 and §2.2, observer.md §1.4): a second reading of
 * them, written from the sheets and not from the proxy, for bytes that were drawn at random.
 *
 * It knows the default topology: tenants `sys` and `shop` of cluster `obdemo`, and its users.
 */
import { CONSTANT_SCRAMBLE, nativePassword } from '../../proxy/wire/scramble.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { sha1 } from '../observer/pair.ts';

export type Verdict =
  /** Not a whole packet: the proxy waits for the rest, ten seconds long. */
  | { readonly kind: 'waits' }
  /** FIN without a word. */
  | { readonly kind: 'closed' }
  /** This ERR, then FIN. */
  | { readonly kind: 'refused'; readonly error: string }
  /** OK; so many bytes come behind the login. */
  | { readonly kind: 'accepted'; readonly behind: number };

const WAITS: Verdict = { kind: 'waits' };
const CLOSED: Verdict = { kind: 'closed' };

const HEADER = 4;
/** A longer packet is no login (odp-relay.md §3.1). */
const WHOLE = 8 * 1024;
const CLUSTER = TOPOLOGIES.default.clusters[0];

const PROTOCOL_41 = 0x200;
const CONNECT_WITH_DB = 0x8;
const SECURE_CONNECTION = 0x8000;
const PLUGIN_AUTH_LENENC = 0x20_0000;
const SSL = 0x800;
const SSL_REQUEST = 32;
/** Capabilities, packet size, charset, filler. */
const USER_AT = 32;

/** `host`: where the client comes from. */
export function verdictOn(bytes: Buffer, host: string): Verdict {
  if (bytes.length < HEADER) return WAITS;
  const length = bytes.readUIntLE(0, 3);
  // Nothing is waited for behind a header that is no login's.
  if (length > WHOLE || bytes[3] !== 1) return CLOSED;
  if (bytes.length < HEADER + length) return WAITS;
  const fields = fieldsOf(bytes.subarray(HEADER, HEADER + length));
  return fields === null ? CLOSED : loginVerdict(fields, host, bytes.length - HEADER - length);
}

interface Fields {
  readonly user: string;
  readonly response: Buffer;
  readonly database: string;
}

/** Null: it cannot be read. What stands behind the database (plugin, attributes) is never a reason to turn a login away. */
function fieldsOf(payload: Buffer): Fields | null {
  if (payload.length <= USER_AT) return null;
  const flags = payload.readUInt32LE(0);
  if ((flags & PROTOCOL_41) === 0 || (payload.length === SSL_REQUEST && (flags & SSL) !== 0)) return null;
  const userEnd = payload.indexOf(0, USER_AT);
  if (userEnd < 0) return null;
  const user = payload.toString('utf8', USER_AT, userEnd);
  const responseAt = userEnd + 1;
  const span = responseSpan(payload, responseAt, flags);
  if (span === null || span.to > payload.length) return null;
  const response = payload.subarray(span.from, span.to);
  const databaseAt = Math.max(span.next, span.to);
  if ((flags & CONNECT_WITH_DB) === 0) return { user, response, database: '' };
  const databaseEnd = payload.indexOf(0, databaseAt);
  return {
    user,
    response,
    database: payload.toString('utf8', databaseAt, databaseEnd < 0 ? payload.length : databaseEnd),
  };
}

/** Where the auth response stands, and where the next field does. */
function responseSpan(payload: Buffer, at: number, flags: number): { from: number; to: number; next: number } | null {
  if ((flags & (PLUGIN_AUTH_LENENC | SECURE_CONNECTION)) === 0) {
    const end = payload.indexOf(0, at);
    return end < 0 ? null : { from: at, to: end, next: end + 1 };
  }
  const first = payload[at];
  if (first === undefined) return null;
  let size = first;
  let from = at + 1;
  if ((flags & PLUGIN_AUTH_LENENC) !== 0 && first >= 0xfb) {
    const more = { 252: 2, 253: 3, 254: 8 }[first];
    if (more === undefined || from + more > payload.length) return null;
    size = more === 8 ? Number(payload.readBigUInt64LE(from)) : payload.readUIntLE(from, more);
    from += more;
  }
  return { from, to: from + size, next: from + size };
}

interface Name {
  readonly user: string;
  readonly tenant: string;
  readonly cluster: string;
  readonly id: string;
}

/** odp-relay.md §1, 1–3 and 6. */
function nameOf(typed: string): Name | null {
  let user = typed;
  let tenant = '';
  let cluster = '';
  if (/[@#]/.test(typed)) {
    const [front, ...behind] = typed.split('#') as [string, ...string[]];
    const [first, ...rest] = front.split('@') as [string, ...string[]];
    user = first;
    tenant = rest.join('@');
    cluster = behind.join('#');
  } else {
    const separator = [':', '-', '.'].find((it) => typed.split(it).length > 2);
    if (separator !== undefined) {
      const parts = typed.split(separator);
      const [name, ...id] = parts.slice(2).join(':').split(':') as [string, ...string[]];
      [cluster, tenant] = parts as [string, string];
      user = name;
      if (id.length > 0) cluster += `:${id.join(':')}`;
    }
  }
  const colon = cluster.indexOf(':');
  const id = colon < 0 ? '' : cluster.slice(colon + 1);
  if (user === '' || (colon >= 0 && !/^\d{1,10}$/.test(id))) return null;
  return {
    user,
    tenant: tenant === '' ? 'sys' : tenant,
    cluster: colon < 0 ? cluster : cluster.slice(0, colon),
    id: id === '' ? '' : `:${Number(id)}`,
  };
}

function loginVerdict({ user: typed, response, database }: Fields, host: string, behind: number): Verdict {
  const name = nameOf(typed);
  if (name === null) return CLOSED;
  const { user, tenant, cluster, id } = name;
  const password = response.length > 0 ? 'YES' : 'NO';
  // The proxy's own text has the name in full and the address, an observer's neither (odp-relay.md §1, observer.md §1.4).
  const full = `${user}@${tenant}${cluster === '' ? '' : `#${cluster}${id}`}`;
  const denied = refusal(`1045/42000 Access denied for user '${full}'@'${host}' (using password: ${password})`);
  if (tenant === 'proxysys') return user === 'root' && response.length === 0 ? { kind: 'accepted', behind } : denied;
  if (user === 'proxyro' && tenant === 'sys') return denied;
  if (cluster !== '' && cluster !== CLUSTER.name) return refusal('4669/HY000 cluster not exist');
  const home = CLUSTER.tenants.find((it) => it.name === tenant);
  if (home === undefined) return denied;
  const account = /^'.*'$/s.test(user) && user.length > 1 ? user.slice(1, -1) : user;
  const found = home.users.find((it) => it.name === account);
  if (found === undefined || !response.equals(nativePassword(sha1, found.password, CONSTANT_SCRAMBLE))) {
    return refusal(`1045/42000 Access denied for user '${account}'@'xxx.xxx.xxx.xxx' (using password: ${password})`);
  }
  if (database !== '' && !home.databases.some((it) => it.name === database.toLowerCase())) {
    return refusal(`1049/42000 Unknown database '${database}'`);
  }
  return { kind: 'accepted', behind };
}

const LONGEST_TEXT = 512;

/** `text`: number, SQLSTATE and text; the latter is cut at 512 bytes, between two characters (observer.md §5). */
function refusal(text: string): Verdict {
  const blank = text.indexOf(' ') + 1;
  let message = '';
  let size = 0;
  for (const character of text.slice(blank)) {
    size += Buffer.byteLength(character);
    if (size > LONGEST_TEXT) break;
    message += character;
  }
  return { kind: 'refused', error: `ERR ${text.slice(0, blank)}${message}` };
}
