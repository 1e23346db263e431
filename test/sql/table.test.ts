/** Which table a statement is about, as routing sees it. */
import { expect, test } from 'vitest';
import { tableOf } from '../../proxy/sql/table.ts';

test.each<[sql: string, table: string | null]>([
  ['SELECT * FROM t', 't'],
  ['select a.b from db.t where x = 1', 'db.t'],
  ['SELECT * FROM `my db` . `a``b` x', 'my db.a`b'],
  ['SELECT 1', null],
  ['SELECT 1 FROM dual', null],
  ['SELECT NOW(), @@autocommit', null],
  ["SELECT 'FROM x' FROM t", 't'],
  ['SELECT "a \\" FROM x" FROM t', 't'],
  ["SELECT 'it''s FROM x' FROM t", 't'],
  ['SELECT /* FROM x */ 1 -- FROM y\n FROM # z\n t', 't'],
  ['/* FROM x */ SELECT 1 FROM t', 't'],
  ['SELECT /*+ read_consistency(weak) */ 1 FROM t', 't'],
  ['SELECT EXTRACT(YEAR FROM made) FROM t', 't'],
  ["SELECT TRIM(LEADING 'x' FROM name), SUBSTRING(name FROM 2) FROM t", 't'],
  ['SELECT (SELECT MAX(n) FROM u) FROM t', 'u'],
  ['SELECT COUNT(*) FROM (SELECT id FROM t) x', 't'],
  ['SELECT * FROM (a JOIN b USING (id))', 'a'],
  ['SELECT * FROM a, b', 'a'],
  ['(SELECT id FROM t) UNION (SELECT id FROM u)', 't'],
  ['WITH x AS (SELECT id FROM t) SELECT * FROM x', 't'],
  ['INSERT INTO t VALUES (1)', 't'],
  ['INSERT t (a) VALUES (1)', 't'],
  ['insert ignore into db.t (a) select 1 from u', 'db.t'],
  ['INSERT HIGH_PRIORITY t SET a = 1', 't'],
  ['REPLACE INTO `t` VALUES (1)', 't'],
  ['UPDATE t SET a = 1', 't'],
  ['UPDATE LOW_PRIORITY IGNORE t SET a = (SELECT 1 FROM u)', 't'],
  ['DELETE FROM t WHERE a = 1', 't'],
  ['DELETE QUICK FROM db.t', 'db.t'],
  ['SELECT * FROM\n\tt;', 't'],
  ['SELECT 1; SELECT * FROM t', null],
  ['COMMIT', null],
  ['SET @a = (SELECT MAX(a) FROM t)', null],
  ['SHOW TABLES FROM bank', null],
  ['EXPLAIN SELECT * FROM t', null],
  ['CREATE TABLE t (a INT)', null],
  ['SELECT * FROM ?', null],
  ['SELECT * FROM 1', null],
  ['SELECT * FROM', null],
  ['SELECT * FROM db.', null],
  ["SELECT 'open FROM t", null],
  ['SELECT * FROM `open', null],
  ['SELECT 1 /* open FROM t', null],
  ['', null],
  ['   ', null],
  ['((((', null],
  ['\xe4\xf6 SELECT', null],
  ['SELECT * FROM tabl\xc3\xa4', 'tabl\xc3\xa4'],
])('%s → %s', (sql, table) => {
  const found = tableOf(sql);
  expect(found === null ? null : `${found.database === null ? '' : `${found.database}.`}${found.table}`).toBe(table);
});

test('a long statement of parentheses, quotes or comments takes no time to speak of', () => {
  for (const piece of ['(', "'", '`', '/*', '-- ', '((SELECT ', 'FROM (', 'a.b,']) {
    expect(() => tableOf(`SELECT ${piece.repeat(50_000)}`)).not.toThrow();
  }
});
