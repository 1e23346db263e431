/**
 * What a client answers to a server that wants a password proved, by plugin. For whoever knows the password: the proxy
 * does only where it is configured (`mysql-replacement.ts`), and else passes on what a client has answered.
 *
 * Hashes are handed in, as SHA-1 is everywhere in the core.
 */
import { CACHING_SHA2 } from './auth.ts';
import { signEd25519 } from './ed25519.ts';
import { SCRAMBLE_SIZE } from './greeting.ts';
import { NATIVE_PASSWORD, nativePassword, type Sha1, xor } from './scramble.ts';

export interface Hashes {
  readonly sha1: Sha1;
  readonly sha256: (data: Buffer) => Buffer;
  readonly sha512: (data: Buffer) => Buffer;
}

/** What MariaDB's client calls it, whose server calls it `ed25519`. */
const CLIENT_ED25519 = 'client_ed25519';
const ED25519_SCRAMBLE_SIZE = 32;

/** Null: a plugin that is not known here. `data`: what the server sent for it, a scramble with a NUL behind. */
export function proofOf(plugin: string, password: string, data: Buffer, hashes: Hashes): Buffer | null {
  const scramble = data.subarray(0, SCRAMBLE_SIZE);
  if (plugin === NATIVE_PASSWORD) return nativePassword(hashes.sha1, password, scramble);
  if (plugin === CACHING_SHA2) return cachingSha2(hashes.sha256, password, scramble);
  if (plugin === CLIENT_ED25519) {
    const message = data.subarray(0, ED25519_SCRAMBLE_SIZE);
    return password === '' ? Buffer.alloc(0) : signEd25519(hashes.sha512, password, message);
  }
  return null;
}

/** SHA256(password) XOR SHA256(SHA256(SHA256(password)), scramble): the scramble comes last, unlike in the older plugin. */
function cachingSha2(sha256: Hashes['sha256'], password: string, scramble: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha256(Buffer.from(password));
  return xor(once, sha256(Buffer.concat([sha256(once), scramble])));
}
