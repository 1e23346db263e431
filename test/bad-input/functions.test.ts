/**
 * Every function, CAST and operator with arguments beyond all measure: nothing is thrown out of an event, nothing takes
 * long, the answer is rows or an ERR.
 */
import { expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../simulator/observer/functions.ts';
import { Lab, type TestClient } from '../observer/pair.ts';

const VALUES: readonly string[] = [
  ...['0', '-1', '1.5', '2147483648', '-2147483649', '9223372036854775807', '-9223372036854775808'],
  ...['18446744073709551615', '1e10', '-1e10', '1e308', '-1e-308', 'NULL', "''", "'1e400'", "'-9999999999999'"],
  ...[
    "'2024-02-30'",
    "'9999-12-31 23:59:59.999999'",
    '99999999999999999999999999999999999999999999999999999999999999999',
  ],
  ...["REPEAT('ab%Y', 20000)", "x'ff00'"],
];
/** Of two and of three arguments fewer, so that it does not take all day. */
const OF_TWO: readonly string[] = [
  ...['0', '-1', '1.5', '9223372036854775807', '-9999999999', '1e308', 'NULL', "''", "'1e400'"],
  ...["'2024-02-29'", "REPEAT('ab%Y', 20000)"],
];
const OF_THREE: readonly string[] = ["'2024-02-29'", '-9999999999', '2147483648', "REPEAT('9', 5000)"];

const UNITS: readonly string[] = 'MICROSECOND SECOND DAY WEEK MONTH YEAR DAY_SECOND YEAR_MONTH'.split(' ');
const CASTS: readonly string[] = [
  ...[
    'SIGNED',
    'UNSIGNED',
    'CHAR',
    'CHAR(0)',
    'CHAR(4294967295)',
    'BINARY(4294967295)',
    'DATE',
    'DATETIME(6)',
    'TIME(6)',
  ],
  ...['DECIMAL(65,30)', 'DECIMAL(1,0)', 'DECIMAL', 'DOUBLE', 'JSON'],
];
const OPERATORS: readonly string[] = [
  ...['+', '-', '*', '/', '%', 'DIV', '&', '|', '^', '<<', '>>', '=', '<', '<=>', 'LIKE', 'REGEXP', 'AND', 'XOR'],
];
const AGGREGATES: readonly string[] = 'COUNT SUM AVG MIN MAX GROUP_CONCAT BIT_AND BIT_OR BIT_XOR'.split(' ');
/** It waits, as it is told. */
const WAITS: ReadonlySet<string> = new Set(['SLEEP']);

/** No single one may take so long, also on a machine that has more to do. */
const MOST_MILLISECONDS = 8000;

function client(): TestClient {
  return new Lab().login({ user: 'boss@shop', database: 'bank' });
}

function* expressions(): Generator<string> {
  for (const name of [...FUNCTION_NAMES, ...AGGREGATES]) {
    if (WAITS.has(name)) continue;
    yield `${name}()`;
    for (const a of VALUES) yield `${name}(${a})`;
    for (const a of OF_TWO) for (const b of OF_TWO) yield `${name}(${a}, ${b})`;
    for (const a of OF_THREE) for (const b of OF_THREE) for (const c of OF_THREE) yield `${name}(${a}, ${b}, ${c})`;
  }
  for (const a of VALUES) {
    for (const cast of CASTS) yield `CAST(${a} AS ${cast})`;
    for (const sign of ['-', '~', 'NOT ', 'BINARY ']) yield `${sign}${a}`;
    for (const unit of UNITS) {
      yield `DATE_ADD('2024-02-29', INTERVAL ${a} ${unit})`;
      yield `CAST('10:11:12' AS TIME) - INTERVAL ${a} ${unit}`;
      yield `TIMESTAMPADD(${unit.replace(/^(DAY|YEAR)_.*/, '$1')}, ${a}, ${a})`;
    }
    for (const operator of OPERATORS) for (const b of VALUES) yield `${a} ${operator} ${b}`;
  }
}

test('extreme arguments of every function', { timeout: 180_000 }, () => {
  const made = client();
  for (const it of expressions()) {
    const began = performance.now();
    try {
      const { kind } = made.query(`SELECT ${it}`);
      expect(kind, it).toMatch(/^rows|^ERR \d+ \w{5} /);
    } catch (error) {
      throw new Error(it, { cause: error });
    }
    expect(performance.now() - began, it).toBeLessThan(MOST_MILLISECONDS);
  }
});

/** Each was once thrown out of the observer's `data`, or took minutes. */
const FOUND: readonly string[] = [
  'SELECT ROUND(1.5, -9999999999)',
  'SELECT ROUND(1.5, -10000000)',
  'SELECT TRUNCATE(15, -9223372036854775808)',
  "SELECT CAST('a' AS BINARY(4294967295))",
];

test.each(FOUND)('%s', (text) => {
  const made = client();
  expect(made.query(text).kind).toMatch(/^rows|^ERR/);
  expect(made.query('SELECT 1').kind).toBe('rows');
});
