/**
 * Nonsense statements at a simulated observer: whatever is asked, nothing is thrown out of an event, the answer is an OK,
 * rows or an ERR, and the next statement is answered as ever.
 */
import { expect, test } from 'vitest';
import { Lab } from '../observer/pair.ts';
import { Dice, replayLine, SEED } from './dice.ts';

const STATEMENTS = 4000;
/** A new observer after so many: what they have made of its tables is then forgotten. */
const AGAIN = 100;
/** Longer than `ob_query_timeout`, 10 s, after which any statement has ended. */
const PATIENCE = 20_000;

const VALUES: readonly string[] = [
  ...['0', '1', '-1', '2', '1.5', '.5', '1e300', '1e-300', '-0.0', '99999999999999999999999', '0x1F', 'NULL', 'TRUE'],
  ...[
    "'a'",
    "'1e5'",
    "''",
    "'%'",
    '@a',
    '@@autocommit',
    '@@ob_query_timeout',
    '@@nothing',
    'id',
    'owner',
    'balance',
    '*',
  ],
  ...['account', 'bank', '`id`', 'constructor', '__proto__', '@__proto__'],
];

const OPERATORS: readonly string[] = [
  ...['+', '-', '*', '/', '%', 'MOD', '&', '|', '^', '<<', '>>', '=', '<=>', '<>', '<', '>=', 'AND', 'OR', 'XOR', ':='],
  ...['IS NULL', 'IN (1,2) =', 'BETWEEN 1 AND', 'LIKE', 'COLLATE', 'AS', ',', ';', '.'],
];

const FUNCTIONS: readonly string[] = [
  ...['NOT', '!', '~', '-', 'IF', 'CONCAT', 'REPEAT', 'SLEEP', 'SUBSTRING', 'LENGTH', 'UPPER', 'ROUND', 'ABS', 'FLOOR'],
  ...[
    'NOW',
    'CONNECTION_ID',
    'LAST_INSERT_ID',
    'FOUND_ROWS',
    'DATABASE',
    'IFNULL',
    'COUNT',
    'SUM',
    'MIN',
    'MAX',
    'AVG',
  ],
  ...['SPACE', 'LPAD', 'FORMAT', 'REPLACE', 'CONCAT_WS', 'STR_TO_DATE', 'UNIX_TIMESTAMP', 'DATE_FORMAT', 'TRUNCATE'],
  ...['COALESCE', 'GREATEST', 'CAST', 'HEX', 'NOTHING', 'constructor'],
];

/** Good ones, of which words are taken out, put in and exchanged. */
const GOOD: readonly string[] = [
  'SELECT * FROM account WHERE id = 1 ORDER BY owner DESC LIMIT 1, 2',
  'SELECT COUNT(*), SUM(balance), AVG(balance) FROM account FOR UPDATE',
  "INSERT INTO account (id, owner) VALUES (10, 'x'), (11, 'y')",
  "REPLACE INTO account VALUES (1, 'z', 2)",
  'UPDATE account SET balance = balance + 1 WHERE id < 3 ORDER BY id LIMIT 2',
  'DELETE FROM account WHERE id IN (2, 3)',
  'SET @a = 1, @@autocommit = 0, NAMES utf8mb4 COLLATE utf8mb4_bin',
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY',
  'SET GLOBAL wait_timeout = 100',
  "SHOW VARIABLES LIKE 'a%'",
  "SHOW FULL COLUMNS FROM account WHERE Field = 'id'",
  'SHOW CREATE TABLE account',
  'SHOW PROCESSLIST',
  'KILL QUERY 5',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'USE bank',
  'CREATE TABLE q (id INT AUTO_INCREMENT PRIMARY KEY, e DOUBLE, v VARCHAR(10) NOT NULL, w DATETIME)',
  'DROP TABLE IF EXISTS q, account',
  'CREATE DATABASE IF NOT EXISTS z',
  "SELECT CASE WHEN 1 THEN 2 ELSE 3 END, CAST('5' AS SIGNED)",
  'SELECT 1 FROM TABLE(GENERATOR(3))',
  'DO SLEEP(0)',
];

function expression(dice: Dice, depth: number): string {
  switch (depth > 3 ? 0 : dice.below(4)) {
    case 0:
      return dice.pick(VALUES);
    case 1:
      return `${expression(dice, depth + 1)} ${dice.pick(OPERATORS)} ${expression(dice, depth + 1)}`;
    case 2:
      return `(${expression(dice, depth + 1)})`;
    default: {
      const list = Array.from({ length: dice.below(4) }, () => expression(dice, depth + 1));
      return `${dice.pick(FUNCTIONS)}(${list.join(', ')})`;
    }
  }
}

function statement(dice: Dice): string {
  if (dice.below(3) === 0) return `SELECT ${expression(dice, 0)}${dice.pick(['', ' FROM account'])}`;
  const words = dice.pick(GOOD).split(/\b/);
  for (let left = dice.between(1, 4); left > 0; left -= 1) {
    const word = dice.pick([VALUES, OPERATORS, FUNCTIONS, GOOD[dice.below(GOOD.length)]!.split(/\b/)]);
    words.splice(dice.below(words.length), dice.below(2), ` ${dice.pick(word)} `);
  }
  // Rows by the million are no nonsense, and take their time.
  return words.join('').replaceAll(/GENERATOR/gi, dice.below(2) === 0 ? 'GENERATOR(2) -- ' : 'GENERATED');
}

function observer() {
  const lab = new Lab();
  return { lab, client: lab.login({ user: 'boss@shop', database: 'bank' }) };
}

test(`${STATEMENTS} nonsense statements`, { timeout: 60_000 }, () => {
  const dice = new Dice(SEED);
  let { lab, client } = observer();
  for (let number = 0; number < STATEMENTS; number += 1) {
    if (number % AGAIN === 0 || client.ended) ({ lab, client } = observer());
    const text = statement(dice);
    const what = `${number}: ${text}\n${replayLine('statements.test.ts')}`;
    try {
      let { kind } = client.query(text);
      if (kind === 'nothing' || kind === 'unfinished rows') {
        lab.world.advance(PATIENCE);
        kind = client.take().kind;
      }
      // Its own session is the only one that it can have killed.
      if (!client.ended) expect(kind, what).toMatch(/^ok$|^rows|^ERR \d+ \w{5} /);
    } catch (error) {
      throw new Error(what, { cause: error });
    }
  }
});

/** Found by such nonsense: once they were thrown out of the observer's `data`. */
const FOUND: readonly (readonly [name: string, text: string])[] = [
  ['DIV of doubles beyond all numbers', 'SELECT 1e300 DIV 1e-300'],
  ['a double as DECIMAL', 'INSERT INTO d VALUES (1e30)'],
  ['a text with an exponent as DECIMAL', "INSERT INTO d VALUES ('1e5')"],
  ['brackets in brackets', `SELECT ${'('.repeat(5000)}1${')'.repeat(5000)}`],
  ['queries in queries', `SELECT ${'(SELECT '.repeat(3000)}1${')'.repeat(3000)}`],
  ['NOT NOT NOT', `SELECT ${'NOT '.repeat(20_000)}1`],
  ['a long sum', `SELECT ${'1 + '.repeat(20_000)}1`],
];

test.each(FOUND)('%s', (_name, text) => {
  const { client } = observer();
  client.query('CREATE TABLE d (d DECIMAL)');
  expect(client.query(text).kind).toMatch(/^ok$|^rows|^ERR/);
  expect(client.query('SELECT 1').kind).toBe('rows');
});
