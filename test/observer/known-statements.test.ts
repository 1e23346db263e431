/**
 * What was read before is what would be read again: by its text, its modes, and nothing else.
 */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readStatement } from '../../simulator/observer/sql/known-statements.ts';
import { parseStatement } from '../../simulator/observer/sql/statements.ts';
import { modesOf } from '../../simulator/observer/sql-modes.ts';

const PLAIN = modesOf('');

test.each(['SELECT "a"', 'INSERT INTO t VALUES (1), (2)', 'SET @a = 1', 'CREATE TABLE t (a INT)', '/* nothing */'])(
  '%s, twice',
  (text) => {
    const first = readStatement(text, 0, PLAIN);
    expect(readStatement(text, 0, PLAIN)).toEqual(first);
    expect(first).toEqual(parseStatement(text, 0, false, PLAIN));
  },
);

test('a text means what the modes say', () => {
  const text = 'SELECT "a", 1 || 0';
  const modes = ['', 'ANSI_QUOTES', 'PIPES_AS_CONCAT', 'ANSI_QUOTES,PIPES_AS_CONCAT'].map(modesOf);
  for (const round of [1, 2]) {
    const read = modes.map((it) => readStatement(text, 0, it));
    expect(read, `round ${round}`).toEqual(modes.map((it) => parseStatement(text, 0, false, it)));
    expect(new Set(read.map((it) => inspect(it.statement, { depth: null }))).size).toBe(4);
  }
});

test('the second statement of a text is not the first', () => {
  const text = 'SELECT 1; SELECT 2';
  const { next } = readStatement(text, 0, PLAIN);
  expect(readStatement(text, next, PLAIN).text).toBe('SELECT 2');
  expect(readStatement(text, 0, PLAIN).text).toBe('SELECT 1');
});

test('what is wrong is wrong each time', () => {
  for (const round of [1, 2]) expect(() => readStatement('SELEC 1', 0, PLAIN), `round ${round}`).toThrow(/syntax/);
});

test('tables are never made of what was read before', () => {
  const text = 'CREATE TABLE t (a INT)';
  expect(readStatement(text, 0, PLAIN).statement).not.toBe(readStatement(text, 0, PLAIN).statement);
});

test('there is no end of texts', () => {
  for (let i = 0; i < 20_000; i += 1) readStatement(`SELECT ${i}`, 0, PLAIN);
  expect(readStatement('SELECT 7', 0, PLAIN)).toEqual(parseStatement('SELECT 7', 0, false, PLAIN));
});
