/** Statements and their answers. Given SQL, then rows. */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { readOk } from '../../proxy/wire/ok.ts';
import { Lab } from './pair.ts';

function rowsOf(sql: string): readonly (readonly (string | null)[])[] {
  const answer = new Lab().login({ user: 'root@shop', database: 'bank' }).query(sql);
  expect(answer.kind).toBe('rows');
  return answer.rows;
}

describe('expressions', () => {
  const cases: readonly (readonly [sql: string, values: readonly (string | null)[]])[] = [
    ['1, -1, +1, 1.50, .5, 1e3, 0x10', ['1', '-1', '1', '1.50', '0.5', '1000', '\x10']],
    ['1 + 2 * 3, (1 + 2) * 3, 7 / 2, 7 DIV 2, 7 % 4, 7 MOD 4', ['7', '9', '3.5000', '3', '3', '3']],
    ['1 / 0, 1 % 0, NULL + 1', [null, null, null]],
    ['1.5 * 2, 0.1 + 0.2, 1 - 0.25', ['3.0', '0.3', '0.75']],
    ['1 | 2, 3 & 2, 1 << 4, 6 ^ 3, ~0', ['3', '2', '16', '5', '18446744073709551615']],
    ["1 = 1, 1 <> 1, 2 >= 1, NULL = NULL, NULL <=> NULL, 'a' = 'A', 1 = '1'", ['1', '0', '1', null, '1', '1', '1']],
    ['1 AND 0, 1 OR NULL, NULL AND 1, NOT 1, 1 XOR 1, ! 0', ['0', '1', null, '0', '0', '1']],
    ['2 IN (1, 2), 3 NOT IN (1, NULL), 2 BETWEEN 1 AND 3, 2 NOT BETWEEN 1 AND 3', ['1', null, '1', '0']],
    ["'abc' LIKE 'A%', 'abc' LIKE '_b_', 'a%c' LIKE 'a\\%c', 'abc' NOT LIKE 'x'", ['1', '1', '1', '1']],
    ['NULL IS NULL, 1 IS NOT NULL, 1 IS TRUE, 0 IS NOT FALSE', ['1', '1', '1', '0']],
    ["CASE WHEN 0 THEN 'a' ELSE 'b' END, CASE 2 WHEN 2 THEN 'two' END", ['b', 'two']],
    [`'it''s', "a\\nb", 'a' 'b', N'x'`.replace(", N'x'", ''), ["it's", 'a\nb', 'ab']],
    ["CONCAT('a', 1, 2.5), CONCAT('a', NULL), REPEAT('ab', 3), LENGTH('äb')", ['a12.5', null, 'ababab', '3']],
    [
      "UPPER('ab'), LOWER('AB'), IF(1, 'y', 'n'), IFNULL(NULL, 2), COALESCE(NULL, NULL, 3)",
      ['AB', 'ab', 'y', '2', '3'],
    ],
    ['VERSION(), OB_VERSION(), DATABASE(), SCHEMA()', ['5.7.25-OceanBase_CE-v4.2.1.0', '4.2.1.0', 'bank', 'bank']],
    ['NOW(), CURRENT_USER(), CURRENT_USER', ['2023-11-15 06:13:20', 'root@%', 'root@%']],
    // What a type hangs on may ask for the session, which a type has none of: it is answered all the same.
    ['NOW(@u), NOW(-1), ROUND(1.25, @@autocommit)', [null, '2023-11-15 06:13:20', '1.3']],
    ["UNIX_TIMESTAMP(@u), STR_TO_DATE('x', @@autocommit)", [null, null]],
    // No date is before the year 1 or after 9999.
    [
      'FROM_DAYS(366), FROM_DAYS(365), FROM_DAYS(3652424), FROM_DAYS(1e300), FROM_DAYS(-1)',
      ['0001-01-01', '0000-00-00', '9999-12-31', '0000-00-00', '0000-00-00'],
    ],
    ['MAKEDATE(9999, 365), MAKEDATE(9999, 366), MAKEDATE(1e300, 1), MAKEDATE(-1, 1)', ['9999-12-31', null, null, null]],
    // No text is longer than max_allowed_packet, 16 MiB, however it would come about.
    ["SPACE(1e300), REPEAT('ab', 1e9), LPAD('a', 1e9, 'b'), SPACE(2)", [null, null, null, '  ']],
    [
      "LENGTH(CONCAT(SPACE(1e7), SPACE(1e7))), CONCAT_WS(SPACE(1e7), 1, 2, 3), REPLACE(SPACE(1e7), ' ', SPACE(1e7))",
      [null, null, null],
    ],
    ['HEX(SPACE(16000000)), LENGTH(FORMAT(1, 1e300))', [null, '32']],
    ['@u, @u := 5, @u + 1', [null, '5', '6']],
    [
      '@@autocommit, @@session.autocommit, @@global.autocommit, @@version',
      ['1', '1', '1', '5.7.25-OceanBase_CE-v4.2.1.0'],
    ],
    [
      '@@tx_isolation, @@license, @@ob_query_timeout, @@character_set_client',
      ['READ-COMMITTED', '', '10000000', 'utf8mb4'],
    ],
    ['/*!40101 1 */ /* no */ + 1 -- end', ['2']],
    ["CAST('12abc' AS SIGNED), CAST(-1 AS UNSIGNED), CAST(5 AS CHAR)", ['12', '18446744073709551615', '5']],
  ];
  for (const [sql, values] of cases) {
    it(sql, () => {
      expect(rowsOf(`SELECT ${sql}`)).toEqual([values]);
    });
  }
});

it('a result longer than max_allowed_packet leaves a warning', () => {
  const client = new Lab().login({ user: 'root@shop', database: 'bank' });
  client.query('SELECT SPACE(1e9)');
  expect(client.query('SHOW WARNINGS').rows).toEqual([
    ['Warning', '1301', 'Result of space() was larger than max_allowed_packet (16777216) - truncated'],
  ]);
});

describe('names of columns', () => {
  it('are as typed, or the alias, or a text itself', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'bank' });
    expect(client.query("SELECT 1+1, 2 AS two, 3 three, 'x', @@version_comment limit 1").names).toEqual([
      '1+1',
      'two',
      'three',
      'x',
      '@@version_comment',
    ]);
    expect(client.query('SELECT account.id, owner o, `balance` FROM account LIMIT 0').names).toEqual([
      'id',
      'o',
      'balance',
    ]);
  });
});

describe('tables', () => {
  const cases: readonly (readonly [sql: string, rows: readonly (readonly (string | null)[])[]])[] = [
    ['SELECT * FROM account WHERE id = 2', [['2', 'bob', '100']]],
    ['SELECT a.owner FROM account a WHERE a.id IN (1, 3)', [['alice'], ['carol']]],
    ['SELECT id FROM bank.account ORDER BY owner DESC LIMIT 2', [['4'], ['3']]],
    ['SELECT id FROM account ORDER BY 1 DESC LIMIT 1, 2', [['3'], ['2']]],
    ['SELECT id FROM account LIMIT 1 OFFSET 3', [['4']]],
    [
      'SELECT COUNT(*), SUM(balance), MIN(owner), MAX(id), AVG(balance) FROM account',
      [['4', '400', 'alice', '4', '100.0000']],
    ],
    ['SELECT SUM(balance), COUNT(*) FROM account WHERE id > 9', [[null, '0']]],
    ['SELECT DISTINCT balance FROM account', [['100']]],
    ['SELECT COUNT(DISTINCT balance) FROM account', [['1']]],
    ["SELECT id FROM account WHERE owner = 'BOB' AND balance > 50", [['2']]],
    ['SELECT 1 FROM DUAL WHERE 0', []],
    ['SELECT COUNT(*) FROM TABLE(GENERATOR(1000))', [['1000']]],
    ['SELECT @n := IFNULL(@n, 0) + 1 AS n FROM TABLE(GENERATOR(9)) LIMIT 3', [['1'], ['2'], ['3']]],
    ['SHOW DATABASES', [['bank'], ['information_schema'], ['test']]],
    ['SHOW TABLES FROM bank', [['account']]],
    ["SHOW DATABASES LIKE 'b%'", [['bank']]],
    [
      "SHOW VARIABLES LIKE 'tx\\_%'",
      [
        ['tx_isolation', 'READ-COMMITTED'],
        ['tx_read_only', 'OFF'],
      ],
    ],
    [
      "SHOW VARIABLES WHERE Variable_name IN ('autocommit', 'wait_timeout')",
      [
        ['autocommit', 'ON'],
        ['wait_timeout', '28800'],
      ],
    ],
    ['SHOW WARNINGS', []],
    ['SHOW STATUS', []],
  ];
  for (const [sql, rows] of cases) {
    it(sql, () => {
      expect(rowsOf(sql)).toEqual(rows);
    });
  }

  it('whose row an INSERT … ON DUPLICATE KEY UPDATE leaves as it is tell of no id', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'test' });
    client.query('CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, k INT UNIQUE, v INT)');
    const ids = [1, 1, 2].map((v) => {
      client.send(COM.QUERY, `INSERT INTO t (k, v) VALUES (7, 1) ON DUPLICATE KEY UPDATE v = ${v}`);
      return readOk(client.takeBytes()[0]!.subarray(4), false).lastInsertId;
    });
    expect(ids).toEqual([1, 0, 1]);
  });

  it('are made, filled, changed and dropped', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'test', proxy: true });
    expect(client.query('CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9) NOT NULL)').kind).toBe('ok');
    const insert = client.query("INSERT INTO t (v) VALUES ('a'), ('b')");
    expect(insert).toMatchObject({ affectedRows: 2, message: 'Records: 2  Duplicates: 0  Warnings: 0' });
    expect(insert.state?.system).toEqual([['last_insert_id', '1']]);
    expect(client.query('SELECT LAST_INSERT_ID(), ROW_COUNT()').rows).toEqual([['1', '2']]);
    expect(client.query("UPDATE t SET v = 'c' WHERE id < 3")).toMatchObject({
      affectedRows: 2,
      message: 'Rows matched: 2  Changed: 2  Warnings: 0',
    });
    expect(client.query("UPDATE t SET v = 'c'")).toMatchObject({
      affectedRows: 0,
      message: 'Rows matched: 2  Changed: 0  Warnings: 0',
    });
    expect(client.query('DELETE FROM t WHERE id = 1').affectedRows).toBe(1);
    expect(client.query('SELECT * FROM t').rows).toEqual([['2', 'c']]);
    expect(client.query('INSERT INTO t VALUES (3, NULL)').kind).toBe("ERR 1048 23000 Column 'v' cannot be null");
    expect(client.query('DROP TABLE t').kind).toBe('ok');
    expect(client.query('SELECT * FROM t').kind).toBe("ERR 1146 42S02 Table 'test.t' doesn't exist");
    expect(client.query('CREATE DATABASE d').kind).toBe('ok');
    expect(client.query('USE d').state?.database).toBe('d');
    expect(client.query('DROP DATABASE d').state?.database).toBe('');
  });
});

describe('refusals', () => {
  const cases: readonly (readonly [sql: string, err: string])[] = [
    ['SELECT nope', "ERR 1054 42S22 Unknown column 'nope' in 'field list'"],
    ['SELECT 1 FROM account WHERE nope = 1', "ERR 1054 42S22 Unknown column 'nope' in 'where clause'"],
    ['SELECT b.id FROM account', "ERR 1054 42S22 Unknown column 'b.id' in 'field list'"],
    ['SELECT 1 FROM account ORDER BY nope', "ERR 1054 42S22 Unknown column 'nope' in 'order clause'"],
    ['UPDATE account SET nope = 1', "ERR 1054 42S22 Unknown column 'nope' in 'field list'"],
    ['SELECT * FROM nope', "ERR 1146 42S02 Table 'bank.nope' doesn't exist"],
    ['USE nope', "ERR 1049 42000 Unknown database 'nope'"],
    ['SHOW TABLES FROM nope', "ERR 1049 42000 Unknown database 'nope'"],
    ['SELECT @@nope', "ERR 1193 HY000 Unknown system variable 'nope'"],
    ['SET nope = 1', "ERR 1193 HY000 Unknown system variable 'nope'"],
    ['SET @@version = 1', "ERR 1238 HY000 Variable 'version' is a read only variable"],
    ['SELECT nope(1)', 'ERR 1305 42000 FUNCTION bank.nope does not exist'],
    ['SELECT CONCAT()', "ERR 1582 42000 Incorrect parameter count in the call to native function 'CONCAT'"],
    ["INSERT INTO account VALUES (1, 'x', 0)", "ERR 1062 23000 Duplicate entry '1' for key 'PRIMARY'"],
    ['INSERT INTO account VALUES (1)', "ERR 1136 21S01 Column count doesn't match value count at row 1"],
    [
      "INSERT INTO account VALUES ('x', 'x', 0)",
      "ERR 1366 HY000 Incorrect integer value: 'x' for column 'id' at row 1",
    ],
    ['SELECT 1 UNION SELECT 2, 3', 'ERR 1222 21000 The used SELECT statements have a different number of columns'],
    ['SELECT * FROM account JOIN account', "ERR 1066 42000 Not unique table/alias: 'account'"],
    ['WITH x AS (SELECT 1) SELECT * FROM x', 'ERR 1235 0A000 Not supported feature or function'],
    ['ALTER TABLE account DROP COLUMN x', "ERR 1091 42000 Can't DROP 'x'; check that column/key exists"],
    ['CALL p()', 'ERR 1235 0A000 Not supported feature or function'],
    ["LOAD DATA LOCAL INFILE 'x' INTO TABLE account", 'ERR 1235 0A000 LOAD DATA not supported'],
    ['', 'ERR 1065 42000 Query was empty'],
  ];
  for (const [sql, err] of cases) {
    it(sql === '' ? 'nothing' : sql, () => {
      expect(new Lab().login({ user: 'root@shop', database: 'bank' }).query(sql).kind).toBe(err);
    });
  }

  it('of a table where no database is chosen', () => {
    expect(new Lab().login({ user: 'app@shop' }).query('SELECT * FROM account').kind).toBe(
      'ERR 1046 3D000 No database selected',
    );
  });
});

describe('statements with which real clients begin', () => {
  const texts: readonly string[] = [
    'select @@version_comment limit 1',
    'select @@version_comment, @@version limit 1',
    'select @@version_comment, @@version, ob_version() limit 1',
    'select USER()',
    'select DATABASE(), USER() limit 1',
    'SELECT DATABASE()',
    'select @@character_set_client, @@character_set_connection, @@character_set_server, @@character_set_database limit 1',
    'select version() as version',
    'show databases',
    'SET autocommit=0',
    'SET AUTOCOMMIT = 0',
    "SET NAMES 'utf8mb4'",
    "SET character_set_server = 'utf8mb4'",
    "SET collation_connection = 'utf8mb4_unicode_ci'",
    "SET collation_server = 'utf8mb4_unicode_ci'",
    "set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')",
    'SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment',
    'SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment,@@tx_isolation AS tx_isolation,@@session.tx_read_only AS tx_read_only',
    '/* mysql-connector-j-8.0.33 (Revision: 7d6b0800528b6b25c68b52dc10d6c1c8429c100c) */SELECT  @@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS character_set_results, @@character_set_server AS character_set_server, @@collation_server AS collation_server, @@collation_connection AS collation_connection, @@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, @@query_cache_size AS query_cache_size, @@query_cache_type AS query_cache_type, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout',
    'SET character_set_results = NULL',
    'SELECT @@session.transaction_read_only',
    'SELECT @@session.transaction_isolation',
    "set autocommit=1,sql_mode=CONCAT(@@sql_mode,',STRICT_TRANS_TABLES'),session_track_system_variables = CONCAT(@@global.session_track_system_variables,',transaction_isolation'),NAMES utf8mb4",
    'SELECT @@system_time_zone stz, @@time_zone tz',
    'SELECT @@VERSION AS v',
    'SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci',
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE',
  ];
  for (const text of texts) {
    it(text.slice(0, 70), () => {
      const answer = new Lab().login({ user: 'app@shop', proxy: true }).query(text);
      expect(['ok', 'rows']).toContain(answer.kind);
      if (answer.kind === 'rows') expect(answer.rows.length).toBeGreaterThan(0);
    });
  }
});
