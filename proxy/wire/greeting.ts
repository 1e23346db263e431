/**
 * The greeting (protocol 10): the first packet of a server. Bytes: decisions.md §9.1.
 *
 * Knows no defaults: proxy and observer each say what theirs is.
 */
import { ByteReader, WireError } from './bytes.ts';
import { CAP } from './constants.ts';
import type { PacketWriter } from './framing.ts';

export interface Greeting {
  readonly version: string;
  /** u32; the proxy's cs_id, an observer's server sessid. */
  readonly threadId: number;
  /** 20 bytes, none of them zero. */
  readonly scramble: Buffer;
  readonly capabilities: number;
  readonly charset: number;
  readonly status: number;
  readonly plugin: string;
}

export const SCRAMBLE_SIZE = 20;

export function writeGreeting(out: PacketWriter, greeting: Greeting): void {
  out.begin();
  out.u8(10);
  out.nulText(greeting.version);
  out.u32(greeting.threadId);
  out.bytes(greeting.scramble.subarray(0, 8));
  out.u8(0);
  out.u16(greeting.capabilities & 0xffff);
  out.u8(greeting.charset);
  out.u16(greeting.status);
  out.u16(greeting.capabilities >>> 16);
  out.u8(SCRAMBLE_SIZE + 1);
  out.zeros(10);
  out.bytes(greeting.scramble.subarray(8));
  out.u8(0);
  out.nulText(greeting.plugin);
  out.end();
}

/** Reads a greeting's payload. A `WireError` if it is none (an ERR in its place is the caller's to tell apart). */
export function readGreeting(payload: Buffer): Greeting {
  const from = new ByteReader(payload);
  const protocol = from.u8('protocol');
  if (protocol !== 10) throw new WireError(`a greeting of protocol ${protocol}, where 10 was expected`);
  const version = from.nulText('server version');
  const threadId = from.u32('thread id');
  const first = from.bytes(8, 'scramble');
  from.skip(1, 'filler');
  const low = from.u16('capabilities');
  const charset = from.u8('charset');
  const status = from.u16('status');
  const capabilities = (low | (from.u16('capabilities') << 16)) >>> 0;
  const dataLength = from.u8('auth data length');
  from.skip(10, 'reserved');
  const rest = from.bytes(Math.max(13, dataLength - 8), 'scramble');
  const plugin = capabilities & CAP.PLUGIN_AUTH ? from.nulText('plugin', true) : '';
  const scramble = Buffer.concat([first, rest.subarray(0, SCRAMBLE_SIZE - 8)]);
  return { version, threadId, scramble, capabilities, charset, status, plugin };
}
