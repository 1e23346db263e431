/** mysql_native_password against vectors that other programs made. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CONSTANT_SCRAMBLE, checkNativePassword, nativePassword, xor } from '../../proxy/wire/scramble.ts';
import { MEASURED_PASSWORD, MEASURED_SCRAMBLE } from './fixtures.ts';

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

test('what nine real clients answered to the scramble `abcdefghijklmnopqrst` for the password `x`', () => {
  expect(nativePassword(sha1, MEASURED_PASSWORD, MEASURED_SCRAMBLE).toString('hex')).toBe(
    '2d5b4c0a7972fd25272230dba385eb1d397e667a',
  );
});

test('an empty password is an empty answer', () => {
  expect(nativePassword(sha1, '', CONSTANT_SCRAMBLE).length).toBe(0);
  expect(checkNativePassword(sha1, '', CONSTANT_SCRAMBLE, Buffer.alloc(0))).toBe(true);
  expect(checkNativePassword(sha1, '', CONSTANT_SCRAMBLE, Buffer.alloc(20))).toBe(false);
});

test('a server that stores SHA1(SHA1(password)) can check it, as MySQL does', () => {
  const response = nativePassword(sha1, 'pässword', CONSTANT_SCRAMBLE);
  const stored = sha1(sha1(Buffer.from('pässword')));
  const stage1 = xor(response, sha1(Buffer.concat([CONSTANT_SCRAMBLE, stored])));
  expect(sha1(stage1)).toEqual(stored);
});

test('the wrong password, another scramble, or no answer prove nothing', () => {
  const response = nativePassword(sha1, 'right', CONSTANT_SCRAMBLE);
  expect(checkNativePassword(sha1, 'right', CONSTANT_SCRAMBLE, response)).toBe(true);
  expect(checkNativePassword(sha1, 'wrong', CONSTANT_SCRAMBLE, response)).toBe(false);
  expect(checkNativePassword(sha1, 'right', MEASURED_SCRAMBLE, response)).toBe(false);
  expect(checkNativePassword(sha1, 'right', CONSTANT_SCRAMBLE, Buffer.alloc(0))).toBe(false);
});

test('the constant scramble is 8 × a and 12 × b', () => {
  expect(CONSTANT_SCRAMBLE.toString()).toBe('aaaaaaaabbbbbbbbbbbb');
});

test('xor gives the scramble back, as `__proxy_scramble` needs it', () => {
  expect(xor(xor(CONSTANT_SCRAMBLE, MEASURED_SCRAMBLE), MEASURED_SCRAMBLE)).toEqual(CONSTANT_SCRAMBLE);
});
