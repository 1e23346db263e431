/** Digests beside those of Node, and the codes of bytes that go back. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Lab } from './pair.ts';

const client = new Lab().login({ user: 'root@shop', database: 'bank' });

function asked(expression: string): string | null | undefined {
  const { kind, rows } = client.query(`SELECT ${expression}`);
  return rows[0] === undefined ? kind : rows[0][0];
}

const LENGTHS = [0, 1, 3, 55, 56, 57, 63, 64, 65, 111, 112, 113, 127, 128, 129, 1000];

describe.each([
  ['MD5(?)', 'md5'],
  ['SHA1(?)', 'sha1'],
  ['SHA(?)', 'sha1'],
  ['SHA2(?, 224)', 'sha224'],
  ['SHA2(?, 256)', 'sha256'],
  ['SHA2(?, 0)', 'sha256'],
  ['SHA2(?, 384)', 'sha384'],
  ['SHA2(?, 512)', 'sha512'],
])('%s', (call, name) => {
  it('is that of every other program, of every length about a block', () => {
    for (const length of LENGTHS) {
      const text = 'aäb'.repeat(length).slice(0, length);
      expect(asked(call.replace('?', `'${text}'`)), text).toBe(createHash(name).update(text).digest('hex'));
    }
    expect(asked(call.replace('?', "x'00ff80'"))).toBe(
      createHash(name)
        .update(Buffer.of(0, 0xff, 0x80))
        .digest('hex'),
    );
    expect(asked(call.replace('?', 'NULL'))).toBeNull();
  });
});

it.each([
  ["SHA2('a', 100)", null],
  ["TO_BASE64('')", ''],
  ["TO_BASE64('abc')", 'YWJj'],
  ["LENGTH(TO_BASE64(REPEAT('a', 57)))", '76'],
  ["LENGTH(TO_BASE64(REPEAT('a', 58)))", '81'],
  [
    "FROM_BASE64(TO_BASE64('äöü and more of it, so that it is broken into lines of seventy-six characters each'))",
    'äöü and more of it, so that it is broken into lines of seventy-six characters each',
  ],
  ["HEX(b'101')", '05'],
  ['HEX(0b1000000001)', '0201'],
  ["b'1000001'", 'A'],
  ["LENGTH(b'')", '0'],
  ["FROM_BASE64('YWJ')", null],
  ["FROM_BASE64('****')", null],
  ["INET_ATON('10.0.5.9')", '167773449'],
  ["INET_ATON('127.1')", '2130706433'],
  ["INET_ATON('256.0.0.1')", null],
  ["INET_ATON('')", null],
  ['INET_NTOA(167773449)', '10.0.5.9'],
  ['INET_NTOA(-1)', null],
  ['INET_NTOA(4294967296)', null],
])('%s', (expression, value) => {
  expect(asked(expression)).toBe(value);
});

describe('RAND()', () => {
  const numbers = (lab: Lab) => {
    const { rows } = lab
      .login({ user: 'root@shop', database: 'bank' })
      .query('SELECT RAND(), RAND() FROM account UNION ALL SELECT RAND(), RAND() FROM account');
    return rows.flat().map(Number);
  };

  it('is from 0 up to 1 and never twice the same, but the same in every run', () => {
    const first = numbers(new Lab());
    expect(new Set(first).size).toBe(16);
    for (const it of first) expect(it >= 0 && it < 1).toBe(true);
    expect(numbers(new Lab())).toEqual(first);
  });

  it('is another sequence in another session', () => {
    const lab = new Lab();
    expect(numbers(lab)).not.toEqual(numbers(lab));
  });

  it('orders rows', () => {
    const { rows } = client.query('SELECT id FROM account ORDER BY RAND()');
    expect(rows.map(([id]) => id).sort()).toEqual(['1', '2', '3', '4']);
  });
});
