/** Collations of columns and tables; the same beside MariaDB is in `test/conformance/sql/groups/collations.ts`. */
import { describe, expect, it } from 'vitest';
import { Lab, type TestClient } from './pair.ts';

function clientWith(...statements: readonly string[]): TestClient {
  const client = new Lab().login({ user: 'root@shop', database: 'test' });
  for (const sql of statements) expect(client.query(sql).kind).toBe('ok');
  return client;
}

describe('a column of utf8mb4_bin', () => {
  const client = clientWith(
    'CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(9) COLLATE utf8mb4_bin UNIQUE, i VARCHAR(9))',
    "INSERT INTO t VALUES (1, 'a', 'a'), (2, 'A', 'A'), (3, 'B', 'B')",
  );
  const ids = (sql: string): string =>
    client
      .query(sql)
      .rows.map((row) => row[0])
      .join(' ');

  it.each([
    ['WHERE, by the key', "SELECT id FROM t WHERE s = 'A'", '2'],
    ['WHERE of the other', "SELECT id FROM t WHERE i = 'A'", '1 2'],
    ['LIKE', "SELECT id FROM t WHERE s LIKE 'a%'", '1'],
    ['ORDER BY', 'SELECT id FROM t ORDER BY s', '2 3 1'],
    ['GROUP BY', 'SELECT COUNT(*) FROM t GROUP BY s', '1 1 1'],
    ['GROUP BY of the other', 'SELECT COUNT(*) FROM t GROUP BY i', '2 1'],
    ['DISTINCT', 'SELECT COUNT(DISTINCT s) FROM t', '3'],
    ['a join', 'SELECT b.id FROM t a JOIN t b ON a.i = b.s ORDER BY 1', '1 2 3'],
    ['COLLATE, which counts', "SELECT id FROM t WHERE s COLLATE utf8mb4_general_ci = 'A'", '1 2'],
  ])('%s', (_what, sql, expected) => {
    expect(ids(sql)).toBe(expected);
  });

  it('tells keys apart, and is shown', () => {
    expect(client.query("INSERT INTO t VALUES (4, 'a', 'x')").kind).toMatch(/^ERR 1062/);
    expect(client.query('SHOW CREATE TABLE t').rows[0]![1]).toContain(
      '`s` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL',
    );
    expect(client.query("SHOW FULL COLUMNS FROM t LIKE 's'").rows[0]![2]).toBe('utf8mb4_bin');
  });
});

it('a table has the collation of its database, a column that of its table', () => {
  const client = clientWith(
    'CREATE DATABASE exact COLLATE utf8mb4_bin',
    'CREATE TABLE exact.t (s VARCHAR(3))',
    "INSERT INTO exact.t VALUES ('a'), ('A')",
  );
  expect(client.query("SELECT COUNT(*) FROM exact.t WHERE s = 'a'").rows).toEqual([['1']]);
  expect(client.query('SHOW CREATE TABLE exact.t').rows[0]![1]).toContain(
    'DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin',
  );
  expect(client.query('SHOW CREATE DATABASE exact').rows[0]![1]).toContain('COLLATE = utf8mb4_bin');
  expect(client.query('ALTER TABLE exact.t CONVERT TO CHARACTER SET utf8mb4').kind).toBe('ok');
  expect(client.query("SELECT COUNT(*) FROM exact.t WHERE s = 'a'").rows).toEqual([['2']]);
});

it('what is not known is refused, and so are texts of other character sets', () => {
  const client = clientWith();
  expect(client.query('CREATE TABLE t (s TEXT COLLATE klingon)').kind).toBe(
    "ERR 1273 HY000 Unknown collation: 'klingon'",
  );
  expect(client.query('CREATE TABLE t (s TEXT CHARSET klingon)').kind).toMatch(/^ERR 1115/);
  expect(client.query('CREATE TABLE t (s TEXT CHARSET gbk)').kind).toMatch(/^ERR 1115/);
  expect(client.query('CREATE TABLE t (s TEXT CHARSET utf8mb4 COLLATE binary)').kind).toMatch(/^ERR 1253/);
});

it('CREATE TEMPORARY TABLE is refused, and drops nothing that is there', () => {
  const client = clientWith('CREATE TABLE t (id INT)');
  expect(client.query('CREATE TEMPORARY TABLE u (id INT)').kind).toBe(
    'ERR 1235 0A000 CREATE TEMPORARY TABLE not supported',
  );
  expect(client.query('DROP TEMPORARY TABLE t').kind).toMatch(/^ERR 1051/);
  expect(client.query('DROP TEMPORARY TABLE IF EXISTS t').kind).toBe('ok');
  expect(client.query('SELECT * FROM t').kind).toBe('rows');
});
