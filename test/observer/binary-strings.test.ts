/** Functions of binary strings count bytes; the same beside MariaDB is in `test/conformance/sql/groups/bytes.ts`. */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab } from './pair.ts';

const client = new Lab().login({ user: 'root@shop', database: 'test' });
client.query('CREATE TABLE b (v VARBINARY(9), t VARCHAR(9))');
client.query("INSERT INTO b VALUES (x'ff00fe41', 'é')");

describe('a binary string', () => {
  it.each([
    ['SUBSTRING', 'HEX(SUBSTRING(v, 1, 1))', 'FF'],
    ['LEFT', 'HEX(LEFT(v, 3))', 'FF00FE'],
    ['RIGHT', 'HEX(RIGHT(v, 2))', 'FE41'],
    ['REVERSE', 'HEX(REVERSE(v))', '41FE00FF'],
    ['CONCAT', 'HEX(CONCAT(v, t))', 'FF00FE41C3A9'],
    ['CONCAT_WS', "HEX(CONCAT_WS(',', v, t))", 'FF00FE412CC3A9'],
    ['REPLACE', "HEX(REPLACE(v, x'00', 'z'))", 'FF7AFE41'],
    ['LPAD', "HEX(LPAD(v, 5, x'ee'))", 'EEFF00FE41'],
    ['LENGTH', 'LENGTH(v)', '4'],
    ['LOCATE, which tells case apart', "LOCATE('a', v)", '0'],
    ['UPPER, which does nothing', 'HEX(UPPER(v))', 'FF00FE41'],
    ['ORD', 'ORD(v)', '255'],
    ['a text beside it', 'REVERSE(CONCAT(t, 1))', '1é'],
  ])('%s', (_what, expression, expected) => {
    expect(client.query(`SELECT ${expression} FROM b`).rows).toEqual([[expected]]);
  });

  it('is told apart byte by byte, also where a statement has the bytes as they are', () => {
    expect(client.query("SELECT x'ff' = x'fe'").rows).toEqual([['0']]);
    const statement = (...bytes: readonly number[]): Buffer =>
      Buffer.concat([
        Buffer.from("SELECT '"),
        Buffer.of(bytes[0]!),
        Buffer.from("' = '"),
        Buffer.of(bytes[1]!),
        Buffer.from("'"),
      ]);
    client.send(COM.QUERY, statement(0xff, 0xfe));
    expect(client.take().rows).toEqual([['0']]);
    client.send(COM.QUERY, statement(0xff, 0xff));
    expect(client.take().rows).toEqual([['1']]);
    client.send(COM.QUERY, Buffer.concat([Buffer.from("UPDATE b SET v = '"), Buffer.of(0x80, 0xff), Buffer.from("'")]));
    client.take();
    expect(client.query('SELECT HEX(v) FROM b').rows).toEqual([['80FF']]);
  });
});
