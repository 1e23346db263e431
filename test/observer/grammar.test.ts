/** Where a statement is refused, and what parameters it has. Given SQL, then the place or the count. */
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../simulator/observer/refusal.ts';
import { parseStatement } from '../../simulator/observer/sql/statements.ts';
import { Lab } from './pair.ts';

function near(sql: string): string {
  try {
    parseStatement(sql);
  } catch (error) {
    if (error instanceof Refusal && error.err.code === 1064)
      return /near '(.*)' at line (\d+)$/s.exec(error.err.message)!.slice(1).join('@');
  }
  return 'no 1064';
}

describe('ERROR 1064 names the place', () => {
  const cases: readonly (readonly [sql: string, place: string])[] = [
    ['SELECT 1 +', '@1'],
    ['SELECT 1 FROM', '@1'],
    ['SELECT (1', '@1'],
    ['SELECT a FROM t WHERE', '@1'],
    ['SELECT a FROM t\nWHERE b = = 2', '= 2@2'],
    ['SELECT a FROM t LEFT JOIN u', '@1'],
    ['SELECT a FROM t GROUP a', 'a@1'],
    ['SELECT a FROM t ORDER a', 'a@1'],
    ['SELECT a FROM t LIMIT x', 'x@1'],
    ['INSERT INTO t VALUES (1,)', ')@1'],
    ['INSERT INTO t (a b) VALUES (1)', 'b) VALUES (1)@1'],
    ['UPDATE t SET', '@1'],
    ['DELETE t', '@1'],
    ['CREATE TABLE t', '@1'],
    ['CREATE TABLE t (a NOTYPE)', 'NOTYPE)@1'],
    ['CREATE TABLE t (a INT,)', ')@1'],
    ['ALTER TABLE t FROB x', 'FROB x@1'],
    ["SELECT 'open", "'open@1"],
    ['SELECT ?', '?@1'],
    ['SELECT 1 /* no end', '/* no end@1'],
    ["SELECT 'a' /* no end", '/* no end@1'],
    ['SELECT 1 /*! + 1', '@1'],
    ['CREATE TABL x(a INT)', 'TABL x(a INT)@1'],
    ['CREATE FOO', 'FOO@1'],
    ['DROP t', 't@1'],
    ['ALTER FOO x', 'FOO x@1'],
    ['SHOW CREATE FOO', 'FOO@1'],
    ['XA', '@1'],
    ['XA NONSENSE', 'NONSENSE@1'],
    ['GRANT', '@1'],
    ['CREATE VIEW', '@1'],
    ['DELETE FROM t id=1', 'id=1@1'],
    ['LOCK TABLES t', '@1'],
    ['UNLOCK', '@1'],
  ];
  for (const [sql, place] of cases) {
    it(JSON.stringify(sql), () => {
      expect(near(sql)).toBe(place);
    });
  }
});

describe('parameters', () => {
  const cases: readonly (readonly [sql: string, count: number])[] = [
    ['SELECT 1', 0],
    ['SELECT ? + ?', 2],
    ["SELECT '?', ? FROM t WHERE a IN (?, ?) LIMIT ? OFFSET ?", 5],
    ['INSERT INTO t VALUES (?, ?), (?, DEFAULT) ON DUPLICATE KEY UPDATE a = ?', 4],
    ['UPDATE t SET a = ?, b = b + ? WHERE id = ? LIMIT ?', 4],
    ['SELECT * FROM (SELECT ? AS x) d WHERE x = ? UNION SELECT ?', 3],
  ];
  for (const [sql, count] of cases) {
    it(sql, () => {
      expect(parseStatement(sql, 0, true).parameters).toBe(count);
    });
  }
});

describe('what stays refused, clearly', () => {
  const texts: readonly string[] = [
    'UPDATE account a JOIN account b ON a.id = b.id SET a.balance = 1',
    'DELETE a FROM account a JOIN account b ON a.id = b.id',
    'SELECT owner, COUNT(*) FROM account GROUP BY owner WITH ROLLUP',
    'SELECT ROW_NUMBER() OVER (ORDER BY id) FROM account',
    'SELECT COUNT(*) OVER (PARTITION BY owner) FROM account',
    'SELECT 1 INTO @x',
    'CREATE TABLE t (a JSON)',
    'CREATE TABLE t AS SELECT 1',
    'CREATE VIEW v AS SELECT 1',
    'SELECT POW(2, 0.3)',
  ];
  for (const text of texts) {
    it(text, () => {
      const { kind } = new Lab().login({ user: 'root@shop', database: 'bank' }).query(text);
      expect(kind).toMatch(/^ERR (?:1235|1305|1064) /);
    });
  }
});

describe('a comment that is executed', () => {
  for (const sql of ["/*!40101 SET SQL_MODE='' */", "/*!40103 SET TIME_ZONE='+00:00' */", "SELECT /*! 'a' */"]) {
    it(`may end behind a string: ${sql}`, () => {
      expect(near(sql)).toBe('no 1064');
      expect(parseStatement(sql).next).toBe(-1);
    });
  }

  it('may end between two strings that are one', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'bank' });
    expect(client.query("SELECT /*! 'a' */ 'b'").rows).toEqual([['ab']]);
  });
});

describe('what is known and not done is ERROR 1235', () => {
  for (const sql of ['GRANT ALL ON *.* TO x', "XA START 'a'", 'EXPLAIN SELECT 1', 'CREATE TRIGGER t', 'DROP USER x']) {
    it(sql, () => {
      const client = new Lab().login({ user: 'app@shop', database: 'bank' });
      expect(client.query(sql).kind).toMatch(/^ERR 1235 /);
    });
  }
});
