/**
 * Passwords of a MySQL server's users: from a file, from the environment, and what is wrong with one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backendPasswords } from '../../proxy/cli/backend-passwords.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-passwords-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('none', () => {
  expect(backendPasswords(null, undefined)).toBeUndefined();
  expect(backendPasswords(null, '')).toBeUndefined();
});

test('a file before the environment; a password may hold anything but a line end', () => {
  const file = join(folder, 'passwords');
  writeFileSync(file, '# users of the shop\napp=a=b #c \r\n\nempty=\n');
  const both = backendPasswords(file, 'app=other\nboss=x');
  expect(Object.fromEntries(both!)).toEqual({ app: 'a=b #c ', empty: '', boss: 'x' });
});

test('a line that is none is told by its number, for it may be a password', () => {
  expect(() => backendPasswords(null, 'app=x\ns3cret')).toThrow(
    /^ODPLAB_BACKEND_PASSWORDS, line 2: a line is user=password$/,
  );
  expect(() => backendPasswords(folder, undefined)).toThrow(/EISDIR; it has lines user=password/);
});
