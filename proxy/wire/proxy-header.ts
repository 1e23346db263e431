/**
 * The header of the PROXY protocol, version 2: what a load balancer sends first on a connection, to say for whom it made it.
 *
 *     signature 12 · version and command 1 · family and transport 1 · length 2 · addresses, then TLVs: length bytes
 *
 * The numbers are those of the protocol's specification (haproxy.org, proxy-protocol.txt, §2.2), integers big-endian. Knows
 * neither connections nor whom to believe.
 */
import type { Address } from '../ports.ts';
import { parseIp, showIp, widened } from './ip.ts';

/** Begins like a MySQL packet of 854,541 bytes with sequence id 10, which is no login: the two cannot be taken for each other. */
export const SIGNATURE: Buffer = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** How version 1 begins, which is text. ODP does not know it (odp-relay.md §2.2). */
const VERSION_1 = Buffer.from('PROXY ');
const FIXED_SIZE = 16;
/**
 * A longer header is refused, though its length could say 65,535: nginx stops at as many bytes. The addresses take at most
 * 216 of them, the TLVs of known balancers some hundred.
 */
export const PROXY_HEADER_LIMIT = 4096;

const VERSION = 2;
const COMMANDS = ['LOCAL', 'PROXY'] as const;

/** What follows the fixed part, by the byte that says family and transport: bytes of one address, without its port. */
const FAMILIES: ReadonlyMap<number, { readonly name: string; readonly size: number; readonly port: number }> = new Map([
  [0x11, { name: 'IPv4', size: 4, port: 2 }],
  [0x21, { name: 'IPv6', size: 16, port: 2 }],
  [0x31, { name: 'UNIX', size: 108, port: 0 }],
]);
/** The sender does not say: what follows means nothing. */
const UNSPECIFIED = 0x00;

export type ProxyHeaderReading =
  /** These bytes are no header. */
  | { readonly kind: 'none' }
  /** They may become one. */
  | { readonly kind: 'more' }
  /** `client` null: the connection is the sender's own, or the client has no IP address. */
  | { readonly kind: 'header'; readonly size: number; readonly client: Address | null }
  | { readonly kind: 'bad'; readonly why: string };

const NONE: ProxyHeaderReading = { kind: 'none' };
const MORE: ProxyHeaderReading = { kind: 'more' };

/** `bytes`: what has come so far of a connection, at least one. */
export function readProxyHeader(bytes: Buffer): ProxyHeaderReading {
  if (beginsLike(bytes, VERSION_1)) {
    return bytes.length < VERSION_1.length ? MORE : bad('it is of version 1, and only version 2 is spoken');
  }
  if (!beginsLike(bytes, SIGNATURE)) return NONE;
  if (bytes.length < FIXED_SIZE) return MORE;
  const version = bytes[12]! >> 4;
  if (version !== VERSION) return bad(`its version is ${version}, and only version 2 is spoken`);
  const command = COMMANDS[bytes[12]! & 0x0f];
  if (command === undefined) return bad(`there is no command ${bytes[12]! & 0x0f}`);
  const length = bytes.readUInt16BE(14);
  const size = FIXED_SIZE + length;
  if (size > PROXY_HEADER_LIMIT) return bad(`it has ${size} bytes, more than ${PROXY_HEADER_LIMIT}`);
  const byte = bytes[13]!;
  const family = FAMILIES.get(byte);
  if (command === 'PROXY' && family === undefined && byte !== UNSPECIFIED) {
    return bad(`its family and transport 0x${byte.toString(16).padStart(2, '0')} are no stream of IPv4, IPv6 or UNIX`);
  }
  if (command === 'LOCAL' || family === undefined)
    return bytes.length < size ? MORE : { kind: 'header', size, client: null };
  const least = 2 * (family.size + family.port);
  if (length < least) return bad(`the addresses of ${family.name} take ${least} bytes, and it has ${length} for them`);
  if (bytes.length < size) return MORE;
  if (family.port === 0) return { kind: 'header', size, client: null };
  const host = showIp(bytes.subarray(FIXED_SIZE, FIXED_SIZE + family.size));
  const port = bytes.readUInt16BE(FIXED_SIZE + 2 * family.size);
  return { kind: 'header', size, client: { host, port } };
}

/**
 * The header of who connects for `client`, who wanted to go to `target`; both must be IP addresses. Null for `client`: the
 * sender connects for itself. `tlvs`: what it says besides.
 */
export function writeProxyHeader(client: Address | null, target: Address, tlvs: Buffer = Buffer.alloc(0)): Buffer {
  const addresses = client === null ? Buffer.alloc(0) : addressBlock(client, target);
  const family = client === null ? UNSPECIFIED : addresses.length === 2 * (4 + 2) ? 0x11 : 0x21;
  const out = Buffer.alloc(FIXED_SIZE);
  SIGNATURE.copy(out);
  out[12] = (VERSION << 4) | (client === null ? 0 : 1);
  out[13] = family;
  out.writeUInt16BE(addresses.length + tlvs.length, 14);
  return Buffer.concat([out, addresses, tlvs]);
}

function addressBlock(client: Address, target: Address): Buffer {
  const [from, to] = [client, target].map(({ host }) => parseIp(host)) as [Buffer | null, Buffer | null];
  if (from === null || to === null) throw new Error(`${client.host} or ${target.host} is no IP address`);
  const size = Math.max(from.length, to.length);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(client.port, 0);
  ports.writeUInt16BE(target.port, 2);
  return Buffer.concat([widened(from, size), widened(to, size), ports]);
}

/** As much as is here of both is the same. */
function beginsLike(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length);
  return bytes.compare(mark, 0, length, 0, length) === 0;
}

function bad(why: string): ProxyHeaderReading {
  return { kind: 'bad', why };
}
