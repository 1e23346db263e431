/** What is there before a session of mixed commands, at a MariaDB server and at simulated observers. */
import type { Account } from './client.ts';
import type { Ground } from './mixed-commands.ts';

const ROWS = 40;

/** `types`: columns that only one of the two has. */
function tables(database: string, types: readonly string[], values: (n: number) => readonly string[]): string[] {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const n = i + 1;
    // Every fifth row has nothing but its key.
    const cells = n % 5 === 0 ? Array.from({ length: 14 + types.length }, () => 'NULL') : [...common(n), ...values(n)];
    return `(${[n, ...cells].join(', ')})`;
  });
  return [
    `CREATE TABLE ${database}.mixed (id INT PRIMARY KEY, v VARCHAR(40), i INT, n DECIMAL(12,3), dt DATETIME(3), t TINYINT,
      su SMALLINT UNSIGNED, m MEDIUMINT, bu BIGINT UNSIGNED, f FLOAT, d DOUBLE, da DATE, ti TIME, b BLOB, e ENUM('a', 'b', 'ж'),
      ${[...types, 'KEY v (v)'].join(', ')})`,
    `INSERT INTO ${database}.mixed VALUES ${rows.join(', ')}`,
    `CREATE TABLE ${database}.scratch (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL, t VARCHAR(200), KEY n (n))`,
    `CREATE DATABASE ${database}_other`,
  ];
}

function common(n: number): readonly string[] {
  return [
    `'row ${n} ä😀'`,
    String(n * n * (n % 2 === 0 ? -1000 : 1000)),
    `${n}.${n}`,
    `'2024-02-${String((n % 28) + 1).padStart(2, '0')} 12:34:56.789'`,
    String(n - 20),
    String(n * 1000),
    String(-n * 1000),
    String(18_446_744_073_709_551_615n - BigInt(n)),
    String(n / 4),
    String(n / 8),
    `'19${String(n + 10)}-12-31'`,
    `'${n % 2 === 0 ? '-' : ''}${n}:00:0${n % 10}'`,
    `x'00ff${String(n % 10)}7'`,
    `'${['a', 'b', 'ж'][n % 3]}'`,
  ];
}

export const MARIADB: Ground = {
  database: 'shop',
  setup: [
    "INSTALL SONAME 'auth_ed25519'",
    'CREATE DATABASE shop',
    "CREATE USER native IDENTIFIED VIA mysql_native_password USING PASSWORD('secret')",
    'GRANT ALL ON *.* TO native',
    ...tables('shop', ['y YEAR', 'bi BIT(12)', "s SET('x', 'y')", 'ts TIMESTAMP NULL'], (n) => [
      String(2000 + n),
      `b'${n.toString(2)}'`,
      "'x,y'",
      `'2024-01-01 00:00:${n + 10}'`,
    ]),
    'CREATE PROCEDURE shop.several(IN n INT, OUT m INT) BEGIN SELECT n AS first; SELECT * FROM shop.mixed WHERE id < n; SET m = n; END',
  ],
  more: [
    'CALL shop.several(7, @m)',
    'SELECT seq, REPEAT(CHAR(64 + seq % 26), seq) AS t FROM seq_1_to_300',
    'SHOW ENGINES',
    'SELECT POINT(1, 2) AS p',
    'EXPLAIN SELECT * FROM shop.mixed',
    'CALL shop.missing()',
    "EXECUTE IMMEDIATE 'SELECT 1 AS one'",
    'KILL QUERY 4000000',
    "BEGIN NOT ATOMIC SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'made up'; END",
  ],
};

/** Accounts at a MariaDB server. */
export const REAL: readonly Account[] = [
  { user: 'root', password: '', database: 'shop' },
  { user: 'native', password: 'secret', database: 'shop' },
];

export const SIMULATOR: Ground = {
  database: 'test',
  setup: tables('test', ['ts TIMESTAMP NULL'], (n) => [`'2024-01-01 00:00:${n + 10}'`]),
  more: ['SHOW PROCESSLIST', 'SELECT CONNECTION_ID() AS id', 'KILL QUERY 4000000', 'SELECT SLEEP(0) AS slept'],
};

/** Accounts of a simulated tenant. */
export const SIMULATED: readonly Account[] = [
  { user: 'app@shop#obdemo', password: '', database: 'test' },
  { user: 'secret@shop#obdemo', password: 's3cret', database: 'test' },
];
