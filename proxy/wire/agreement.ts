/**
 * What a client and a MySQL or MariaDB server may agree on through the proxy: greeting and login with the flags cut to
 * what both sides and our own framing can do, changed in place, and every other byte as it came.
 *
 * A flag is taken out where it changes the bytes of what follows in a way that `follower.ts` does not know: compression,
 * column definitions left out on MySQL's terms; and TLS, which ends at the proxy, on each side by itself.
 */
import { ByteReader } from './bytes.ts';
import { CAP, MARIADB_CAP } from './constants.ts';
import type { FollowerTerms } from './follower.ts';
import { FILLER_SIZE, type Login } from './login.ts';

const TAKEN_OUT = CAP.SSL | CAP.COMPRESS | CAP.ZSTD_COMPRESSION | CAP.OPTIONAL_RESULTSET_METADATA;
/** A client may set what was not offered, and servers differ in what they make of it: these must be clear to all three. */
const BY_OFFER_ONLY = CAP.DEPRECATE_EOF | CAP.SESSION_TRACK | CAP.QUERY_ATTRIBUTES;
const MARIADB_KNOWN =
  MARIADB_CAP.PROGRESS |
  MARIADB_CAP.STMT_BULK_OPERATIONS |
  MARIADB_CAP.EXTENDED_METADATA |
  MARIADB_CAP.CACHE_METADATA |
  MARIADB_CAP.BULK_UNIT_RESULTS;

/** Flags of both kinds; MariaDB's are 0 where the other side is none. */
export interface Flags {
  readonly capabilities: number;
  readonly mariadb: number;
}

export const NO_FLAGS: Flags = { capabilities: 0, mariadb: 0 };

/** Behind the version: thread id, scramble, filler; then what is read here. */
const SCRAMBLE_END = 4 + 8 + 1;
/** From the lower capabilities: charset and status lie between, then the length of the scramble and six zeros. */
const UPPER_AT = 2 + 1 + 2;
const MARIADB_AT = UPPER_AT + 2 + 1 + 6;
/** In a login: capabilities, packet size, charset, then the filler, whose last four bytes are MariaDB's. */
const LOGIN_MARIADB_AT = 4 + 4 + 1 + FILLER_SIZE - 4;

/** What a greeting offers, as it is read here. */
export interface Offer extends Flags {
  /** The server has TLS for us, whatever our client has. */
  readonly tls: boolean;
}

/**
 * Takes out of a greeting (its payload) what cannot be had through the proxy; answers what is still offered. `tls`: the
 * proxy has TLS for the client, whatever the server has.
 */
export function cutGreeting(payload: Buffer, tls: boolean): Offer {
  const from = new ByteReader(payload, 1);
  from.nulBytes('server version');
  from.skip(SCRAMBLE_END, 'scramble');
  const at = from.at;
  from.skip(MARIADB_AT + 4, 'capabilities');
  const offered = payload.readUInt16LE(at) | (payload.readUInt16LE(at + UPPER_AT) << 16);
  const capabilities = ((offered & ~TAKEN_OUT) | (tls ? CAP.SSL : 0)) >>> 0;
  const serverTls = (offered & CAP.SSL) !== 0;
  payload.writeUInt16LE(capabilities & 0xffff, at);
  payload.writeUInt16LE(capabilities >>> 16, at + UPPER_AT);
  // MariaDB says that it is one by not offering what every MySQL does.
  if ((capabilities & CAP.LONG_PASSWORD) !== 0) return { capabilities, mariadb: 0, tls: serverTls };
  const mariadb = (payload.readUInt32LE(at + MARIADB_AT) & MARIADB_KNOWN) >>> 0;
  payload.writeUInt32LE(mariadb, at + MARIADB_AT);
  return { capabilities, mariadb, tls: serverTls };
}

/** What a greeting (its payload) offers that can be had through the proxy; it stays as it is. */
export function offerOf(payload: Buffer): Offer {
  return cutGreeting(Buffer.from(payload), false);
}

/** Takes out of a login (its payload) what was not offered; answers what is agreed. `tls`: it goes to the server over TLS. */
export function cutLogin(payload: Buffer, login: Login, offered: Flags, tls: boolean): Flags {
  const notOffered = BY_OFFER_ONLY & ~offered.capabilities;
  const capabilities = ((login.capabilities & ~(TAKEN_OUT | notOffered)) | (tls ? CAP.SSL : 0)) >>> 0;
  payload.writeUInt32LE(capabilities, 0);
  // A client that sets the flag of every MySQL has nothing of MariaDB's in its filler.
  if ((capabilities & CAP.LONG_PASSWORD) !== 0) return { capabilities, mariadb: 0 };
  const mariadb = (payload.readUInt32LE(LOGIN_MARIADB_AT) & offered.mariadb) >>> 0;
  payload.writeUInt32LE(mariadb, LOGIN_MARIADB_AT);
  return { capabilities, mariadb };
}

export function followerTerms({ capabilities, mariadb }: Flags): FollowerTerms {
  return {
    deprecateEof: (capabilities & CAP.DEPRECATE_EOF) !== 0,
    cacheMetadata: (mariadb & MARIADB_CAP.CACHE_METADATA) !== 0,
  };
}
