/** What sql_mode and its like make of statements; the same beside MariaDB is in `test/conformance/sql/groups/modes.ts`. */
import { describe, expect, it } from 'vitest';
import { STATUS } from '../../proxy/wire/constants.ts';
import { Lab, type TestClient } from './pair.ts';

function clientWith(...statements: readonly string[]): TestClient {
  const client = new Lab().login({ user: 'root@shop', database: 'test' });
  client.query(
    'CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n TINYINT NOT NULL DEFAULT 0, d DATE, s VARCHAR(3))',
  );
  for (const sql of statements) client.query(sql);
  return client;
}

describe('values that do not fit', () => {
  it('are refused where it is strict, else bent, with a warning', () => {
    const client = clientWith();
    expect(client.query('INSERT INTO t (n) VALUES (300)').kind).toMatch(/^ERR 1264 22003/);
    expect(client.query("SET sql_mode = ''").kind).toBe('ok');
    expect(client.query("INSERT INTO t (n, s) VALUES (300, 'abcdef')").kind).toBe('ok');
    expect(client.query('SHOW WARNINGS').rows).toEqual([
      ['Warning', '1264', "Out of range value for column 'n' at row 1"],
      ['Warning', '1265', "Data truncated for column 's' at row 1"],
    ]);
    client.query("UPDATE t SET n = 'x'");
    expect(client.query('SHOW WARNINGS').rows[0]![1]).toBe('1366');
    expect(client.query('SELECT n, s FROM t').rows).toEqual([['0', 'abc']]);
    client.query("SET sql_mode = 'STRICT_TRANS_TABLES'");
    expect(client.query("UPDATE t SET n = 'x'").kind).toMatch(/^ERR 1366/);
  });

  it('dates of zeroes go by their own modes', () => {
    const client = clientWith("SET sql_mode = 'STRICT_ALL_TABLES'");
    expect(client.query("INSERT INTO t (d) VALUES ('0000-00-00'), ('2024-00-10')").kind).toBe('ok');
    expect(client.query('SELECT d FROM t').rows).toEqual([['0000-00-00'], ['2024-00-10']]);
    client.query("SET sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'");
    expect(client.query("INSERT INTO t (d) VALUES ('0000-00-00')").kind).toMatch(/^ERR 1292/);
    expect(client.query("INSERT INTO t (d) VALUES ('2024-00-10')").kind).toMatch(/^ERR 1292/);
  });

  it('a division by zero is stored as NULL only where it may', () => {
    const client = clientWith("SET sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO'");
    expect(client.query('INSERT INTO t (s) VALUES (1/0)').kind).toBe('ERR 1365 22012 Division by 0');
    expect(client.query('SELECT 1/0').rows).toEqual([[null]]);
    expect(client.query('SHOW WARNINGS').rows).toEqual([['Warning', '1365', 'Division by 0']]);
  });
});

describe('the text of statements', () => {
  it('ANSI_QUOTES, PIPES_AS_CONCAT and NO_BACKSLASH_ESCAPES change how it is read, prepared or not', () => {
    const client = clientWith('INSERT INTO t (s) VALUES (7)', "SET sql_mode = 'ANSI'");
    expect(client.query(`SELECT "s" || 'x' FROM "t"`).rows).toEqual([['7x']]);
    client.query(`PREPARE p FROM 'SELECT "s" FROM "t"'`);
    expect(client.query('EXECUTE p').rows).toEqual([['7']]);
    const plain = client.query("SET sql_mode = ''");
    expect(plain.status & STATUS.NO_BACKSLASH_ESCAPES).toBe(0);
    expect(client.query(`SELECT "s" || 'x'`).rows).toEqual([['0']]);
    const { status } = client.query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
    expect(status & STATUS.NO_BACKSLASH_ESCAPES).toBe(STATUS.NO_BACKSLASH_ESCAPES);
    expect(client.query(String.raw`SELECT 'a\n'`).rows).toEqual([[String.raw`a\n`]]);
  });
});

describe('ONLY_FULL_GROUP_BY', () => {
  const client = clientWith("SET sql_mode = 'ONLY_FULL_GROUP_BY'");
  const wrong: readonly (readonly [sql: string, err: RegExp])[] = [
    ['SELECT n, s FROM t GROUP BY n', /^ERR 1055 42000 'test\.t\.s' is not in GROUP BY$/],
    ['SELECT n FROM t GROUP BY n ORDER BY s', /^ERR 1055/],
    ['SELECT s, COUNT(*) FROM t', /^ERR 1140 42000 In aggregated query without GROUP BY, expression #1/],
  ];
  it.each(wrong)('%s', (sql, err) => {
    expect(client.query(sql).kind).toMatch(err);
  });

  it.each([
    'SELECT n + 1, COUNT(*) FROM t GROUP BY n + 1',
    // It depends on the primary key, or on a constant.
    'SELECT id, n, s FROM t GROUP BY id',
    "SELECT s, COUNT(*) FROM t WHERE s = 'x'",
    'SELECT a.n, b.s FROM t a JOIN t b ON a.n = b.id GROUP BY a.n',
    'SELECT ANY_VALUE(s) FROM t GROUP BY n',
    'SELECT (SELECT MAX(b.n) FROM t b WHERE b.id = t.id) AS m, COUNT(*) FROM t GROUP BY id',
  ])('%s is in order', (sql) => {
    expect(client.query(sql).kind).toBe('rows');
  });
});

describe('settings that are done', () => {
  it('NO_AUTO_VALUE_ON_ZERO, auto_increment_increment and auto_increment_offset', () => {
    const client = clientWith("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", 'INSERT INTO t (id) VALUES (0), (NULL)');
    expect(client.query('SELECT id FROM t').rows).toEqual([['0'], ['1']]);
    client.query('SET auto_increment_increment = 10, auto_increment_offset = 3');
    client.query('INSERT INTO t (n) VALUES (1), (2)');
    expect(client.query('SELECT id FROM t WHERE n > 0').rows).toEqual([['3'], ['13']]);
  });

  it('SQL_CALC_FOUND_ROWS and sql_select_limit', () => {
    const client = clientWith('INSERT INTO t (n) VALUES (1), (2), (3)');
    expect(client.query('SELECT SQL_CALC_FOUND_ROWS n FROM t LIMIT 1').rows).toHaveLength(1);
    expect(client.query('SELECT FOUND_ROWS()').rows).toEqual([['3']]);
    client.query('SET sql_select_limit = 2');
    expect(client.query('SELECT n FROM t').rows).toHaveLength(2);
    expect(client.query('SELECT COUNT(*) FROM (SELECT n FROM t) x').rows).toEqual([['3']]);
  });

  it('sql_safe_updates', () => {
    const client = clientWith('SET sql_safe_updates = 1');
    expect(client.query('UPDATE t SET n = 1').kind).toMatch(/^ERR 1175/);
    expect(client.query('DELETE FROM t WHERE n = 1').kind).toMatch(/^ERR 1175/);
    expect(client.query('UPDATE t SET n = 1 WHERE id = 1').kind).toBe('ok');
    expect(client.query('DELETE FROM t LIMIT 1').kind).toBe('ok');
  });

  it('max_execution_time, which is for queries, and the hint QUERY_TIMEOUT, which is for all', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'root@shop', database: 'bank' });
    const late = (sql: string): string => {
      client.connection.write(Buffer.concat([Buffer.of(sql.length + 1, 0, 0, 0, 3), Buffer.from(sql)]));
      lab.world.advance(2500);
      return client.take().kind;
    };
    expect(late('SELECT /*+ QUERY_TIMEOUT(1000000) */ SLEEP(2)')).toMatch(/^ERR 4012 HY000 .* 1000000\(us\)/);
    expect(late('DO SLEEP(2)')).toBe('ok');
    client.query('SET max_execution_time = 1500');
    expect(late('SELECT SLEEP(2)')).toMatch(/^ERR 4012 HY000 .* 1500000\(us\)/);
    expect(late('UPDATE account SET balance = SLEEP(2) WHERE id = 1')).toBe('ok');
    client.query("PREPARE p FROM 'UPDATE /*+ QUERY_TIMEOUT(1000000) */ account SET balance = SLEEP(2) WHERE id = 1'");
    expect(late('EXECUTE p')).toMatch(/^ERR 4012/);
  });
});
