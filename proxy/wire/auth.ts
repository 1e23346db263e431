/**
 * The packets of a login's exchange after its first: switches of plugin, the plugin's own data, OK or ERR.
 *
 * Knows no plugin but by name; what a password proves is elsewhere.
 */
import { ByteReader } from './bytes.ts';
import { EOF_MARK, ERR_MARK, OK_MARK } from './constants.ts';
import type { PacketWriter } from './framing.ts';

export const CACHING_SHA2 = 'caching_sha2_password';

/** With these the password itself is sent where there is TLS; `caching_sha2_password` asks for it by a packet of its own. */
export const PASSWORD_ITSELF: ReadonlySet<string> = new Set(['sha256_password', 'mysql_clear_password', 'dialog']);

/** Ahead of a plugin's data where they could be taken for another packet. */
const DATA_MARK = 0x01;
/** caching_sha2_password: the hash was known, an OK follows; or it was not, and the password itself is asked for. */
const FAST_AUTH_DONE = 0x03;
const FULL_AUTH = 0x04;

export type AuthPacket =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused' }
  /** Another plugin is to be used: the client's turn. */
  | { readonly kind: 'switch'; readonly plugin: string; readonly data: Buffer }
  /** caching_sha2_password is content, and the server goes on by itself. */
  | { readonly kind: 'content' }
  /** caching_sha2_password wants the password itself, for it has no hash of it yet. */
  | { readonly kind: 'full' }
  /** The plugin's own: the client's turn. */
  | { readonly kind: 'data' };

/** A server's packet in a login whose plugin is `plugin`. */
export function readAuthPacket(payload: Buffer, plugin: string): AuthPacket {
  const mark = payload[0];
  if (mark === OK_MARK) return { kind: 'ok' };
  if (mark === ERR_MARK) return { kind: 'refused' };
  if (mark === EOF_MARK) {
    const from = new ByteReader(payload, 1);
    // Alone it means the plugin before all plugins.
    const name = from.left === 0 ? 'mysql_old_password' : from.nulText('plugin', true);
    return { kind: 'switch', plugin: name, data: from.rest() };
  }
  if (mark === DATA_MARK && payload.length === 2 && plugin === CACHING_SHA2) {
    if (payload[1] === FAST_AUTH_DONE) return { kind: 'content' };
    if (payload[1] === FULL_AUTH) return { kind: 'full' };
  }
  return { kind: 'data' };
}

/** Asks a client to answer with another plugin. */
export function writeAuthSwitch(out: PacketWriter, plugin: string, scramble: Buffer): void {
  out.begin();
  out.u8(EOF_MARK);
  out.nulText(plugin);
  out.bytes(scramble);
  out.u8(0);
  out.end();
}
