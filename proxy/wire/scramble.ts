/**
 * mysql_native_password: SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))).
 *
 * SHA-1 itself is handed in: the core imports no `node:crypto` (design, "Rooms").
 */

export type Sha1 = (data: Buffer) => Buffer;

export const NATIVE_PASSWORD = 'mysql_native_password';

/** ODP shows every client this one, 8 × `a` and 12 × `b`, and observers check proxy logins with it (odp-relay.md §2.1). */
export const CONSTANT_SCRAMBLE: Buffer = Buffer.from('aaaaaaaabbbbbbbbbbbb');

/** What a client answers; empty for an empty password. */
export function nativePassword(sha1: Sha1, password: string, scramble: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const stage1 = sha1(Buffer.from(password));
  return xor(stage1, sha1(Buffer.concat([scramble, sha1(stage1)])));
}

/** True if `response` proves the password: empty for empty, else the 20 bytes above. */
export function checkNativePassword(sha1: Sha1, password: string, scramble: Buffer, response: Buffer): boolean {
  return nativePassword(sha1, password, scramble).equals(response);
}

export function xor(a: Buffer, b: Buffer): Buffer {
  const out = Buffer.alloc(a.length);
  for (let i = 0; i < a.length; i += 1) out[i] = a[i]! ^ (b[i] ?? 0);
  return out;
}
