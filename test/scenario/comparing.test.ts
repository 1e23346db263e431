/** Names and lines: tables of what agrees with what. */
import { describe, expect, it } from 'vitest';
import { matchAnswer } from '../../simulator/scenario/compare.ts';
import {
  escapeNames,
  fill,
  matchTemplate,
  NameError,
  type Names,
  readTemplate,
} from '../../simulator/scenario/names.ts';
import { escapeLine } from '../../simulator/scenario/steps.ts';

const KNOWN: Names = new Map([
  ['id', '5'],
  ['p', '12402504630519660553'],
  ['word', 'abc'],
]);

describe('names', () => {
  it.each([
    ['KILL {id};', 'KILL 5;'],
    ['{id}{id}', '55'],
    ['{p as int64}', '-6044239443189891063'],
    ['{id as int64}', '5'],
    ['{"a": 1} {} { id }', '{"a": 1} {} { id }'],
    ['\\{id}', '{id}'],
    ['\\\\{id}', '\\{id}'],
  ])('%s is filled to %s', (template, text) => {
    expect(fill(readTemplate(template), KNOWN)).toBe(text);
  });

  it.each(['{none}', '{word as int64}', '{_}'])('%s cannot be filled', (template) => {
    expect(() => fill(readTemplate(template), KNOWN)).toThrow(NameError);
  });

  it.each([
    ['id {x}', 'id 7', { x: '7' }],
    ['id {x}', 'id 7 8', null],
    ['id {id}', 'id 5', {}],
    ['id {id}', 'id 6', null],
    ['{x}:{y}', '10.0.0.1:2881', { x: '10.0.0.1', y: '2881' }],
    ['{x}-{x}', '1-1', { x: '1' }],
    ['{x}-{x}', '1-2', null],
    ['{x != id}', '6', { x: '6' }],
    ['{x != id}', '5', null],
    ['{p as int64}', '-6044239443189891063', {}],
    ['{p as int64}', '12402504630519660553', null],
    ['a {_} b', 'a 1 2 3 b', {}],
    ['(115) {_}', '(115) ', {}],
    ['a.c', 'abc', null],
    ['\\{x}', '{x}', {}],
  ])('%s against %s', (template, text, bound) => {
    const names = matchTemplate(readTemplate(template), text, KNOWN, false);
    expect(names === null ? null : Object.fromEntries([...names].filter(([name]) => !KNOWN.has(name)))).toEqual(bound);
  });

  it('a name that is a whole cell takes blanks, and nothing', () => {
    expect(matchTemplate(readTemplate('{x}'), 'a b', KNOWN, true)?.get('x')).toBe('a b');
    expect(matchTemplate(readTemplate('{x}'), '', KNOWN, true)?.get('x')).toBe('');
  });

  it.each(['{id}', '\\{id}', 'a {_} {"b": 1}', '{a != b} {c as int64}', '\\', '{'])('escaped, %s is itself', (text) => {
    expect(matchTemplate(readTemplate(escapeNames(text)), text, new Map(), false)).not.toBeNull();
  });

  it.each([
    ['alice> x', '\\alice> x'],
    ['! x', '\\! x'],
    ['@mariadb x', '\\@mariadb x'],
    ['\\x', '\\\\x'],
    ['\\{x', '\\{x'],
    ['| x |', '| x |'],
  ])('the line %s is written %s', (text, written) => {
    expect(escapeLine(text)).toBe(written);
  });
});

describe('answers', () => {
  const BOX = ['+----+', '| id |', '+----+', '|  1 |', '|  2 |', '+----+', '2 rows in set'];
  const agrees = (expected: string[], printed: string[], anyOrder = false) =>
    matchAnswer(expected, printed, KNOWN, anyOrder) !== null;

  it.each([
    ['blank lines and outer blanks', ['', '  Empty set '], ['Empty set', ''], true],
    ['a time', ['Empty set (0.01 sec)'], ['Empty set'], true],
    ['a long time', ['Empty set (1 min 2.03 sec)'], ['Empty set (0.00 sec)'], true],
    ['no time', ['Empty set (soon)'], ['Empty set'], false],
    ['blanks around |', ['+-+', '|id|', '+-+', '|1|', '|   2 |', '+---+', '2 rows in set'], BOX, true],
    ['blanks inside a cell', ['| a b |'], ['| a  b |'], false],
    ['a border of as many columns', ['+---+-+'], ['+-+-----+'], true],
    ['a border of more columns', ['+---+'], ['+-+-+'], false],
    ['a missing line', BOX.slice(1), BOX, false],
    ['a line too many', [...BOX, 'x'], BOX, false],
    ['… at the end', ['+-+', '…'], BOX, true],
    ['... in the middle', ['+-+', '...', '| 2 |', '+-+', '2 rows in set'], BOX, true],
    ['… for nothing', ['…', 'Empty set', '…'], ['Empty set'], true],
    ['… and no more', ['…', '| 3 |', '…'], BOX, false],
    ['nothing for something', [], ['Empty set'], false],
    ['nothing for nothing', [], [], true],
    ['a row is no text', ['{_}'], ['| 1 |'], false],
    ['another number of cells', ['| {_} |'], ['| 1 | 2 |'], false],
    ['a name in two rows', ['| {x} |', '| {x} |'], ['| 1 |', '| 2 |'], false],
    ['a name bound in an earlier line', ['| {x} |', 'id {x}'], ['| 1 |', 'id 1'], true],
    ['a name behind … goes on looking', ['…', '| {x} | a |', '…', 'id {x}'], ['| 1 | a |', '| 2 | a |', 'id 2'], true],
  ])('%s', (_name, expected, printed, same) => {
    expect(agrees(expected, printed)).toBe(same);
  });

  const box = (...rows: string[]) => ['+-+', '| h |', '+-+', ...rows.map((row) => `| ${row} |`), '+-+', 'end'];

  it.each([
    ['turned round', box('1', '2'), box('2', '1'), true],
    ['as often', box('1', '1', '2'), box('1', '2', '2'), false],
    ['a name takes what is left', box('{x}', '1'), box('1', '7'), true],
    ['one too few', box('1'), box('1', '2'), false],
    ['… for the others', ['+-+', '| h |', '+-+', '| 2 |', '…', '+-+', 'end'], box('1', '2', '3'), true],
    ['the head keeps its place', box('h2'), ['+-+', '| h2 |', '+-+', '| h |', '+-+', 'end'], false],
    ['without a box as ever', ['a', 'b'], ['b', 'a'], false],
  ])('any order: %s', (_name, expected, printed, same) => {
    expect(agrees(expected, printed, true)).toBe(same);
  });
});
