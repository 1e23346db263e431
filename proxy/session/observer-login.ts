/**
 * The login packet that an observer gets: the client's own, re-encoded (odp-relay.md §2.3–2.5, decisions.md 7 and 8).
 *
 * The auth response goes on as it came; the proxy never learns the password.
 */
import type { Address } from '../ports.ts';
import { changeUserPayload } from '../wire/change-user.ts';
import { CAP } from '../wire/constants.ts';
import { PacketWriter } from '../wire/framing.ts';
import { type Attribute, attribute, type Login, writeLogin, writeSslRequest } from '../wire/login.ts';
import { CONSTANT_SCRAMBLE, xor } from '../wire/scramble.ts';
import type { UserName } from './user-name.ts';

/** What we are to an observer: 4.3.1 branches on it (decisions.md 8). */
const PROXY_VERSION = '4.3.1.0';
/** Bits 0, 1, 2, 4, 6, 9, 11, 17, 19, 20: plain MySQL protocol, version 1 ids (odp-relay.md §2.5). */
const PROXY_CAPABILITIES = 1706583;
/** Bits of an observer's capability answer (odp-relay.md §2.5). */
export const CAPABILITY = {
  CHECKSUM: 3n,
  SAFE_WEAK_READ: 4n,
  CHECKSUM_SWITCH: 6n,
  STATISTICS_OK: 9n,
} as const;

/** An attribute of the client whose name starts so is passed on. */
const PASSED_ON = '__ob_client';
const CLIENT_IP = '__client_ip';

/** What an observer has said in its greeting. */
export interface Greeted {
  readonly serverSessid: number;
  readonly scramble: Buffer;
}

export interface ObserverLoginFacts {
  /** The client's login, as it was read. */
  readonly login: Login;
  /** What its auth response answers: the greeting's scramble, or one that an observer has asked with later. */
  readonly scramble: Buffer;
  readonly name: UserName;
  /** The cluster's name, as configured. */
  readonly cluster: string;
  readonly client: Address;
  readonly csId: number;
  readonly proxySessid: bigint;
  /** When the client connected, microseconds since 1970. */
  readonly connectTime: number;
  readonly greeted: Greeted;
  /** `0` at the client's own login, later the version learned there. */
  readonly globalVarsVersion: string;
}

/**
 * `saved`: a login that repeats the client's on another server; its database comes later, by COM_INIT_DB. `secure`: it goes
 * over TLS, whether the client's own did or not.
 */
function observerLogin(facts: ObserverLoginFacts, saved: boolean, secure: boolean): Login {
  const { login, name } = facts;
  const dropped = CAP.SSL | CAP.COMPRESS | CAP.DEPRECATE_EOF;
  const added = CAP.CONNECT_ATTRS | CAP.SESSION_TRACK | (secure ? CAP.SSL : 0);
  const capabilities = ((login.capabilities & ~dropped) | added) >>> 0;
  return {
    ...login,
    capabilities,
    user: `${name.user}@${name.tenant}`,
    database: saved ? '' : login.database,
    attributes: attributes(facts),
  };
}

/** `sequence`: behind a request for TLS it is one more. */
export function loginPacket(facts: ObserverLoginFacts, saved: boolean, secure: boolean, sequence: number): Buffer {
  const out = new PacketWriter(sequence, 512);
  writeLogin(out, observerLogin(facts, saved, secure));
  return out.view();
}

/** What comes before a login over TLS. */
export function tlsRequest(facts: ObserverLoginFacts, saved: boolean): Buffer {
  const out = new PacketWriter(1);
  writeSslRequest(out, observerLogin(facts, saved, true));
  return out.view();
}

/** The same as COM_CHANGE_USER: the new user's login, on a connection that has one already. */
export function observerChangeUser(facts: ObserverLoginFacts): Buffer {
  const out = new PacketWriter(0, 512);
  out.packet(changeUserPayload(observerLogin(facts, false, false)));
  return out.view();
}

function attributes(facts: ObserverLoginFacts): Attribute[] {
  const own = facts.login.attributes ?? [];
  const ip = own.find((it) => it.name === CLIENT_IP);
  const all = own.filter((it) => it.name.startsWith(PASSED_ON));
  all.push(
    attribute('__mysql_client_type', '__ob_proxy'),
    attribute('__connection_id', String(facts.greeted.serverSessid)),
    attribute('__proxy_connection_id', String(facts.proxySessid)),
    attribute('__cluster_name', facts.cluster),
  );
  if (facts.name.clusterId !== null) all.push(attribute('__cluster_id', String(facts.name.clusterId)));
  all.push(
    attribute('__global_vars_version', facts.globalVarsVersion),
    attribute('__proxy_capability_flag', String(PROXY_CAPABILITIES)),
    ...hiddenScramble(facts),
    ip ?? attribute(CLIENT_IP, facts.client.host),
    attribute('__proxy_version', PROXY_VERSION),
    attribute('__client_addr_port', String(facts.client.port)),
    attribute('__client_session_id', String(facts.csId)),
    attribute('__client_connect_time', String(facts.connectTime)),
  );
  return all;
}

/**
 * An observer takes the constant scramble for what the client has answered, unless it can find another one by its own (odp-relay.md
 * §2.3, observer.md §1.6). So an answer to one observer's question is an answer to all of them.
 */
function hiddenScramble({ login, scramble, greeted }: ObserverLoginFacts): Attribute[] {
  if (login.authResponse.length === 0 || scramble.equals(CONSTANT_SCRAMBLE)) return [];
  return [{ name: '__proxy_scramble', value: xor(scramble, greeted.scramble) }];
}
