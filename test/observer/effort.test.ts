/** What a statement may cost: one that would keep everybody waiting ends as ob_query_timeout ends it, and soon. */
import { describe, expect, it } from 'vitest';
import { Lab, type TestClient } from './pair.ts';

/** As many rows as an ordinary statement of an application may be about. */
const MANY = 100_000;
const TIMEOUT = /^ERR 4012 HY000 Timeout, query has reached the maximum query timeout: 10000000\(us\), /;

function client(): TestClient {
  const made = new Lab().login({ user: 'boss@shop', database: 'bank' });
  made.query('CREATE TABLE s (n INT)');
  made.query('INSERT INTO s VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)');
  made.query('CREATE TABLE rows5 (id INT PRIMARY KEY, k INT)');
  made.query(
    'INSERT INTO rows5 SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n, a.n FROM s a, s b, s c, s d WHERE d.n < 5',
  );
  return made;
}

describe('a statement without an end', () => {
  const made = client();
  const statements: readonly string[] = [
    'SELECT COUNT(*) FROM s a, s b, s c, s d, s e, s f, s g, s h, s i, s j, s k, s l',
    'SELECT * FROM rows5 a RIGHT JOIN rows5 b ON a.k < b.id + 1',
    'SELECT COUNT(*) FROM rows5 a WHERE EXISTS (SELECT 1 FROM rows5 b WHERE b.k = a.id + 100)',
    'SELECT COUNT(*) FROM TABLE(GENERATOR(100000000))',
    'SELECT 1 FROM TABLE(GENERATOR(100000000)) WHERE 1 = 0',
    'INSERT INTO s SELECT a.id FROM rows5 a, rows5 b',
    "SELECT REPEAT('a', 1000000) LIKE CONCAT('%', REPEAT('a', 1000), 'b')",
    "SELECT REPEAT('a', 100000) REGEXP '(a{0,255}){20}b'",
    `SELECT COUNT(*) FROM rows5 WHERE ${'id + '.repeat(2500)} 1 > 0`,
  ];
  for (const sql of statements) {
    it(`ends with 4012: ${sql.slice(0, 90)}`, { timeout: 20_000 }, () => {
      expect(made.query(sql).kind).toMatch(/^rows, then ERR 4012$|^ERR 4012/);
      expect(made.query('SELECT COUNT(*) FROM s').rows).toEqual([['10']]);
    });
  }

  it('ends with the words of ob_query_timeout, and its transaction goes on', () => {
    made.query('BEGIN');
    made.query('DELETE FROM s WHERE n = 0');
    expect(made.query('SELECT COUNT(*) FROM rows5 a, rows5 b').kind).toMatch(TIMEOUT);
    expect(made.query('SELECT COUNT(*) FROM s').rows).toEqual([['9']]);
    made.query('ROLLBACK');
    expect(made.query('SELECT COUNT(*) FROM s').rows).toEqual([['10']]);
  });

  it('is no fault of the one behind it', () => {
    for (let i = 0; i < 5; i += 1) {
      expect(made.query('SELECT COUNT(*) FROM rows5 a JOIN rows5 b ON a.id = b.id').rows).toEqual([['5000']]);
    }
  });
});

it(`statements about ${MANY} rows end well`, { timeout: 60_000 }, () => {
  const made = client();
  made.query('CREATE TABLE big (id INT PRIMARY KEY, v INT, t VARCHAR(50), KEY v_k (v))');
  const ten = 'a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n';
  const from = 'FROM s a, s b, s c, s d, s e';
  for (const sql of [
    `INSERT INTO big SELECT ${ten}, a.n * b.n, CONCAT('text ', c.n) ${from}`,
    "SELECT id, v, t FROM big WHERE t LIKE 'text%5' AND v > 3 AND id BETWEEN 10 AND 90000 ORDER BY t, v DESC",
    'SELECT v, COUNT(*), SUM(id), MAX(t) FROM big GROUP BY v ORDER BY 2',
    "UPDATE big SET t = CONCAT(t, 'y'), v = v + 1",
    'DELETE FROM big',
  ]) {
    expect(made.query(sql).kind, sql).toMatch(/^ok$|^rows$|^unfinished rows$/);
    made.query('DO 1');
  }
});

it('keys that come and go in any order stay in order', () => {
  const made = client();
  made.query('CREATE TABLE mixed (id INT PRIMARY KEY)');
  for (const id of [5, 1, 9, 3, 7]) made.query(`INSERT INTO mixed VALUES (${id})`);
  made.query('DELETE FROM mixed WHERE id IN (1, 9)');
  made.query('INSERT INTO mixed VALUES (9), (2), (1)');
  made.query('DELETE FROM mixed WHERE id = 2');
  expect(made.query('SELECT id FROM mixed').rows.flat()).toEqual(['1', '3', '5', '7', '9']);
});
