/**
 * Lists of addresses and networks, as items of the configuration have them, and who is in one.
 *
 * They are divided by `|`, `,` or blanks: a comma ends an item behind `-o`.
 */
import { type IpNetwork, isInNetwork, parseIp, parseNetwork } from '../wire/ip.ts';

/** `everybody`: so it was written. */
export type Networks = 'everybody' | readonly IpNetwork[];

/** Written so, an address stands for everybody, whatever kind of address they have: in ODP's white lists, too. */
const EVERYBODY: ReadonlySet<string> = new Set(['0.0.0.0', '::', '*']);

/** Null: something in it is no address and no network, or nothing is in it. */
export function parseNetworks(text: string): Networks | null {
  const words = text.split(/[|,\s]+/).filter((it) => it !== '');
  if (words.length === 0) return null;
  const networks: IpNetwork[] = [];
  let everybody = false;
  for (const word of words) {
    const network = parseNetwork(word);
    if (EVERYBODY.has(word)) everybody = true;
    else if (network === null) return null;
    else networks.push(network);
  }
  return everybody ? 'everybody' : networks;
}

/** `host`: an IP address; anything else is in no network. */
export function isAmong(host: string, networks: Networks): boolean {
  if (networks === 'everybody') return true;
  const ip = parseIp(host);
  return ip !== null && networks.some((it) => isInNetwork(ip, it));
}

/** Loopback and private networks (RFC 1918, RFC 4193). */
const PRIVATE = parseNetworks('127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1 fc00::/7')!;

export function isPrivate(host: string): boolean {
  return isAmong(host, PRIVATE);
}
