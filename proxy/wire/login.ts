/**
 * The login packet (HandshakeResponse41): what a client answers to a greeting. Bytes: decisions.md §9.2 and §9.3.
 *
 * It is read by the flags the client itself set, whatever the greeting offered (clients.md §8.1).
 */
import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import { CAP } from './constants.ts';
import type { PacketWriter } from './framing.ts';

export interface Attribute {
  readonly name: string;
  /** Raw: `__proxy_scramble` is not text. */
  readonly value: Buffer;
}

export interface Login {
  readonly capabilities: number;
  readonly maxPacket: number;
  readonly charset: number;
  /** The 23 filler bytes; towards MariaDB the last four hold its extended capabilities. */
  readonly filler: Buffer;
  readonly user: string;
  readonly authResponse: Buffer;
  /** Null if the client did not set CONNECT_WITH_DB; it may set it and give an empty name. */
  readonly database: string | null;
  readonly plugin: string | null;
  /** Null if the client did not set CONNECT_ATTRS. */
  readonly attributes: readonly Attribute[] | null;
}

export const FILLER_SIZE = 23;
/** Payload of an SSLRequest: the first 32 bytes of a login with the SSL flag set. */
export const SSL_REQUEST_SIZE = 32;

/** The packet that asks for TLS: the beginning of the login that will come over it. */
export function writeSslRequest(out: PacketWriter, login: Login): void {
  out.begin();
  writeFlags(out, login);
  out.end();
}

function writeFlags(out: PacketWriter, { capabilities, maxPacket, charset, filler }: Login): void {
  out.u32(capabilities);
  out.u32(maxPacket);
  out.u8(charset);
  out.bytes(filler);
}

/** True for the short packet that asks for TLS before the login. */
export function isSslRequest(payload: Buffer): boolean {
  return payload.length === SSL_REQUEST_SIZE && (payload.readUInt32LE(0) & CAP.SSL) !== 0;
}

/** Reads a login's payload; views of it are kept in the answer. A `WireError` if it is malformed. */
export function readLogin(payload: Buffer): Login {
  const from = new ByteReader(payload);
  const capabilities = from.u32('capabilities');
  if ((capabilities & CAP.PROTOCOL_41) === 0) throw new WireError('a login of the protocol before 4.1');
  const maxPacket = from.u32('max packet size');
  const charset = from.u8('charset');
  const filler = from.bytes(FILLER_SIZE, 'filler');
  const user = from.nulText('user name');
  const authResponse =
    capabilities & CAP.PLUGIN_AUTH_LENENC
      ? from.lenencBytes('auth response')
      : capabilities & CAP.SECURE_CONNECTION
        ? from.bytes(from.u8('auth response'), 'auth response')
        : from.nulBytes('auth response');
  // An empty name may end with the packet: the flag is set, but nothing stands there (old clients).
  const database = capabilities & CAP.CONNECT_WITH_DB ? from.nulText('database', true) : null;
  const plugin = capabilities & CAP.PLUGIN_AUTH ? from.nulText('plugin', true) : null;
  const attributes = capabilities & CAP.CONNECT_ATTRS ? readAttributes(from) : null;
  return { capabilities, maxPacket, charset, filler, user, authResponse, database, plugin, attributes };
}

/** A malformed block counts as none (old Connector/J, decisions.md 7). */
export function readAttributes(from: ByteReader): Attribute[] {
  try {
    if (from.left === 0) return [];
    const block = new ByteReader(from.lenencBytes('attributes'));
    const attributes: Attribute[] = [];
    while (block.left > 0) {
      const name = block.lenencText('attribute name');
      attributes.push({ name, value: block.lenencBytes('attribute value') });
    }
    return attributes;
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

export function writeLogin(out: PacketWriter, login: Login): void {
  out.begin();
  writeFlags(out, login);
  out.nulText(login.user);
  if (login.capabilities & CAP.PLUGIN_AUTH_LENENC) {
    out.lenencBytes(login.authResponse);
  } else if (login.capabilities & CAP.SECURE_CONNECTION) {
    out.u8(login.authResponse.length);
    out.bytes(login.authResponse);
  } else {
    out.bytes(login.authResponse);
    out.u8(0);
  }
  if (login.capabilities & CAP.CONNECT_WITH_DB) out.nulText(login.database ?? '');
  if (login.capabilities & CAP.PLUGIN_AUTH) out.nulText(login.plugin ?? '');
  if (login.capabilities & CAP.CONNECT_ATTRS) writeAttributes(out, login.attributes ?? []);
  out.end();
}

export function writeAttributes(out: ByteWriter, attributes: readonly Attribute[]): void {
  const block = new ByteWriter(512);
  for (const attribute of attributes) {
    block.lenencText(attribute.name);
    block.lenencBytes(attribute.value);
  }
  out.lenencBytes(block.view());
}

/** An attribute whose value is text. */
export function attribute(name: string, value: string): Attribute {
  return { name, value: Buffer.from(value) };
}
