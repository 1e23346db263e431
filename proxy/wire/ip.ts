/**
 * IP addresses and networks: read, written, compared.
 *
 * An address is its 4 or 16 bytes. IPv4 that is written as IPv6 (`::ffff:10.0.0.7`) is IPv4: it is the same host. Knows
 * nothing of who may do what.
 */

const IPV4_SIZE = 4;
const IPV6_SIZE = 16;
const GROUPS = 8;
/** In front of the four bytes of an IPv4 address that is written as IPv6 (RFC 4291 §2.5.5.2). */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

export interface IpNetwork {
  readonly address: Buffer;
  /** So many of its first bits are the network's. */
  readonly bits: number;
}

/** Null for what is no address. A zone (`fe80::1%eth0`) is left out. */
export function parseIp(text: string): Buffer | null {
  const zone = text.indexOf('%');
  const address = zone < 0 ? text : text.slice(0, zone);
  const bytes = address.includes(':') ? parseIpv6(address) : parseIpv4(address);
  return bytes === null ? null : plain(bytes);
}

function plain(bytes: Buffer): Buffer {
  return bytes.length === IPV6_SIZE && bytes.subarray(0, MAPPED.length).equals(MAPPED)
    ? bytes.subarray(MAPPED.length)
    : bytes;
}

function parseIpv4(text: string): Buffer | null {
  // A leading zero means octal to some readers: nobody shall be let in by a misunderstanding.
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  return parts.every((it) => it <= 255) ? Buffer.from(parts) : null;
}

function parseIpv6(text: string): Buffer | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [front, back] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (front === undefined || front === null || back === null) return null;
  if (back === undefined) return front.length === GROUPS ? bytesOf(front) : null;
  const zeros = GROUPS - front.length - back.length;
  return zeros < 1 ? null : bytesOf([...front, ...new Array<number>(zeros).fill(0), ...back]);
}

/** `last`: it may end with an IPv4 address, which stands for two groups. */
function groupsOf(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = last && index === parts.length - 1 ? parseIpv4(part) : null;
    if (ipv4 !== null) groups.push(ipv4.readUInt16BE(0), ipv4.readUInt16BE(2));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups.length > GROUPS ? null : groups;
}

function bytesOf(groups: readonly number[]): Buffer {
  const bytes = Buffer.alloc(IPV6_SIZE);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, 2 * index);
  return bytes;
}

/** As RFC 5952 writes it: small letters, no leading zeros, the longest row of zeros as `::`. `address`: 4 or 16 bytes. */
export function showIp(address: Buffer): string {
  const bytes = plain(address);
  if (bytes.length === IPV4_SIZE) return [...bytes].join('.');
  const groups = Array.from({ length: GROUPS }, (_, index) => bytes.readUInt16BE(2 * index));
  const { at, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, at).join(':')}::${hex.slice(at + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  let at = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) at = index + 1;
    else if (index + 1 - at > best.length) best = { at, length: index + 1 - at };
  }
  return best;
}

/** IPv4 as IPv6 writes it, if so many bytes are wanted. */
export function widened(address: Buffer, size: number): Buffer {
  return address.length < size ? Buffer.concat([MAPPED, address]) : address;
}

/** `10.0.0.0/8`, `fd00::/8`; an address alone is a network of one. Null for what is neither. */
export function parseNetwork(text: string): IpNetwork | null {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const most = address.length * 8;
  if (slash < 0) return { address, bits: most };
  const bits = text.slice(slash + 1);
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? { address, bits: Number(bits) } : null;
}

/** An address of the other kind is in none. */
export function isInNetwork(ip: Buffer, { address, bits }: IpNetwork): boolean {
  if (ip.length !== address.length) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at += 1) if (ip[at] !== address[at]) return false;
  const rest = 8 - (bits & 7);
  return rest === 8 || ip[whole]! >> rest === address[whole]! >> rest;
}
