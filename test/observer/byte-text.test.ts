/** Bytes in a statement's text that are no UTF-8: a BLOB as drivers write it (`_binary'…'`), and what is done with it. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { bytesOfText, textOfBytes } from '../../simulator/observer/sql/byte-text.ts';
import { execute, prepare } from './binary.ts';
import { Lab } from './pair.ts';

describe('a text and its bytes', () => {
  test('any bytes come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64, size: 'max' }), (array) => {
        const bytes = Buffer.from(array);
        expect(bytesOfText(textOfBytes(bytes))).toEqual(bytes);
      }),
    );
  });

  test('a text is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOfBytes(Buffer.from(text))).toBe(Buffer.from(text).toString());
        expect(bytesOfText(text)).toEqual(Buffer.from(text));
      }),
    );
  });

  /** Beside each other: U+FFFD as it was sent, a character cut short, one too long, half a pair, beyond Unicode. */
  test.each([
    ['efbfbd', 'ef bf bd', '\ufffd'],
    ['a cut character', '61 e2 82', 'a\udce2\udc82'],
    ['an overlong character', 'c0 80', '\udcc0\udc80'],
    ['half a pair', 'ed a0 80', '\udced\udca0\udc80'],
    ['beyond Unicode', 'f4 90 80 80 7a', '\udcf4\udc90\udc80\udc80z'],
    ['a pair whose second half looks like a byte', 'f0 9f 92 80 ff', '\u{1f480}\udcff'],
  ])('%s', (_, hex, text) => {
    expect(textOfBytes(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBe(text);
  });
});

/** All bytes, as mysql_real_escape_string and the mariadb connector write them. */
const ALL = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const ESCAPED = Buffer.from(
  [...ALL].flatMap((byte) => ([0, 0x22, 0x27, 0x5c].includes(byte) ? [0x5c, byte || 0x30] : [byte])),
);

function statement(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((it) => Buffer.from(it as string)));
}

describe.each(["_binary '", "_BINARY'", "'"])("a BLOB written as %s…'", (open) => {
  it('is kept byte for byte', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'test' });
    client.query('CREATE TABLE t (id INT PRIMARY KEY, b BLOB, n INT)');
    client.send(COM.QUERY, statement(`INSERT INTO t VALUES (1, ${open}`, ESCAPED, "', 7)"));
    expect(client.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(client.query('SELECT HEX(b), n FROM t').rows).toEqual([[ALL.toString('hex').toUpperCase(), '7']]);
    client.send(COM.QUERY, statement(`SELECT id FROM t WHERE b = ${open}`, ESCAPED, "'"));
    expect(client.take().rows).toEqual([['1']]);
  });

  it('is kept in a prepared statement', () => {
    const client = new Lab().login({ user: 'app@shop' });
    const { id } = prepare(client, statement(`SELECT HEX(${open}`, ESCAPED, "')"));
    expect(execute(client, id).rows).toEqual([[ALL.toString('hex').toUpperCase()]]);
  });
});

it('_binary makes bytes of any text', () => {
  const client = new Lab().login({ user: 'app@shop' });
  expect(client.query("SELECT _binary'a' = 'A', _binary 'a' = 'a', HEX(_binary'ä'), _utf8mb4'a' = 'A'").rows).toEqual([
    ['0', '1', 'C3A4', '1'],
  ]);
});
