/**
 * Signatures of `ed25519`: where a password is as long as a standard seed, Node's own Ed25519 must make the same.
 */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { ed25519Key, signEd25519 } from '../../proxy/wire/ed25519.ts';

/** A private key in PKCS #8, up to its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function sha512(data: Buffer): Buffer {
  return createHash('sha512').update(data).digest();
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('password and scramble %i', (seed) => {
  const password = sha512(Buffer.of(seed)).toString('hex').slice(0, 32);
  const scramble = sha512(Buffer.of(seed, seed)).subarray(0, 32);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.from(password)]), format: 'der', type: 'pkcs8' });
  expect(signEd25519(sha512, password, scramble)).toEqual(sign(null, scramble, key));
  const known = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  expect(ed25519Key(sha512, password)).toEqual(known);
});

test('a key as MariaDB keeps it', () => {
  // SELECT ed25519_password('secret')
  expect(ed25519Key(sha512, 'secret').toString('base64')).toBe('ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY=');
});
