/** Names and lines: tables of what agrees with what. */
import { describe, expect, it } from 'vitest';
import { TYPE } from '../../proxy/wire/constants.ts';
import { column } from '../../proxy/wire/result-set.ts';
import { drawTable } from '../../simulator/client/table.ts';
import { matchAnswer } from '../../simulator/scenario/compare.ts';
import { difference } from '../../simulator/scenario/difference.ts';
import { escapeNames, fill, NameError, type Names, readTemplate } from '../../simulator/scenario/names.ts';
import { escapeLine } from '../../simulator/scenario/steps.ts';
import { matchTemplate } from '../../simulator/scenario/text-match.ts';

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
    matchAnswer(expected, printed, KNOWN, anyOrder).kind === 'agrees';

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

describe('what could be tried for ever', () => {
  /** It takes well under a second, and a busy machine is no reason to fail; what hangs takes minutes. */
  function quickly(expected: readonly string[], printed: readonly string[], anyOrder = false, names = KNOWN) {
    const began = performance.now();
    const { kind } = matchAnswer(expected, printed, names, anyOrder);
    const lines = difference(
      expected.map((text, index) => ({ line: index + 1, text })),
      printed,
      names,
      anyOrder,
    );
    expect(performance.now() - began).toBeLessThan(3000);
    return { kind, lines };
  }

  const table = (rows: readonly string[]) => {
    const cells = rows[0]!.split('|').length - 2;
    const border = `+${'---+'.repeat(cells)}`;
    return [border, `|${' h |'.repeat(cells)}`, border, ...rows, border, `${rows.length} rows in set`];
  };
  const rows = (count: number, row: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => row(index));
  const VARIABLES = table(rows(600, (index) => `| name_${index} | ${index % 7} | a | b | c |`));

  it('many … in a row', () => {
    const { kind, lines } = quickly([...rows(8, () => '…'), 'nope'], VARIABLES);
    expect(kind).toBe('differs');
    expect(lines.some((line) => line.endsWith('- nope'))).toBe(true);
  });

  it('many … with rows between that fit anywhere', () => {
    const row = '| {_} | {_} | {_} | {_} | {_} |';
    const expected = rows(12, (index) => (index % 2 === 0 ? '…' : row));
    expect(quickly([...expected, 'nope'], VARIABLES).kind).toBe('differs');
    expect(quickly(expected, VARIABLES).kind).toBe('differs');
    expect(quickly([...expected, '…'], VARIABLES).kind).toBe('agrees');
  });

  it('many … with names that count later', () => {
    const expected = rows(12, (index) => (index % 2 === 0 ? '…' : `| {n${index}} | {m${index}} | a | b | c |`));
    const last = '| {n1}{m1}{n3}{m3} | {n5}{m5}{n7}{m7}{n9}{m9} | {n11} | b | c |';
    expect(quickly([...expected, '…', last, '…'], VARIABLES)).not.toMatchObject({ kind: 'agrees' });
    const hard = '| {n1}{n3}{n5}{n7}{n9} | {m11} | a | b | c |';
    const long = table(rows(200, (index) => `| ${'1'.repeat((index % 9) + 1)} | ${index} | a | b | c |`));
    const { kind, lines } = quickly([...expected, '…', hard, '…'], long);
    expect(kind).not.toBe('agrees');
    expect(lines.length).toBeGreaterThan(0);
  });

  it('any order: rows that all fit anywhere, and one that fits nowhere', () => {
    const printed = table(rows(91, (index) => `| v${index} | 0 |`));
    for (const row of ['| {_} | 0 |', '| {same != id} | 0 |']) {
      const { kind, lines } = quickly(table([...rows(90, () => row), '| x | 1 |']), printed, true);
      expect(kind).toBe('differs');
      expect(lines.some((line) => line.endsWith('- | x | 1 |'))).toBe(true);
    }
    expect(quickly(table(rows(91, () => '| {_} | 0 |')), printed, true).kind).toBe('agrees');
  });

  it.each([14, 91])('any order: %s rows, each with a name, and one that fits nowhere', (count) => {
    const printed = table(rows(count, (index) => `| v${index} | 0 |`));
    const named = rows(count - 1, (index) => `| {n${index}} | 0 |`);
    expect(quickly(table([...named, '| x | 1 |']), printed, true).kind).toBe('differs');
    expect(quickly(table([...named, '| v0 | 0 |']), printed, true).kind).toBe('agrees');
  });

  it('any order: names that stand in several rows, in a circle that is not there', () => {
    const printed = table(rows(24, (index) => `| ${index} | ${(index + 1) % 24} |`));
    const path = (count: number) => rows(count, (index) => `| {n${index}} | {n${index + 1}} |`);
    const circle = [...path(23), '| {n23} | {n0} |'];
    expect(quickly(table(circle.toReversed()), printed, true).kind).toBe('agrees');
    // Whoever finds a clique quickly may come back.
    const graph = table(rows(120, (index) => `| ${index % 16} | ${(index * 7 + (index >> 4)) % 16} |`));
    const edges = rows(81, (index) => `| {k${index % 9}} | {k${Math.trunc(index / 9)}} |`);
    const clique = table(edges.filter((_, index) => index % 9 < Math.trunc(index / 9)));
    const { kind, lines } = quickly([...clique.slice(0, -2), '…', ...graph.slice(-2)], graph, true);
    expect(kind).not.toBe('agrees');
    expect(lines.length).toBeGreaterThan(0);
  });

  it('a cell of many names', () => {
    const template = `${rows(10, (index) => `a{n${index}}`).join('')}b`;
    expect(quickly([`| ${template} |`], [`| ${'a'.repeat(60)} |`]).kind).toBe('differs');
    expect(quickly([`| ${template} |`], [`| ${'a'.repeat(60)}b |`]).kind).toBe('agrees');
    const twice = `${rows(10, (index) => `a{n${index}}`).join('')}${rows(10, (index) => `b{n${index}}`).join('')}`;
    expect(quickly([twice], [`${'a'.repeat(60)}${'b'.repeat(60)}`]).kind).not.toBe('agrees');
  });

  it('names in a text are found wherever they fit', () => {
    const bound = (template: string, text: string): Names | null =>
      matchTemplate(readTemplate(template), text, KNOWN, false);
    expect(bound('{x}-{x}', '1-1-1-1')?.get('x')).toBe('1-1');
    expect(bound('{x}{y != x}', 'abab')).not.toBeNull();
    expect(bound('{x}5{y != id}', '15556')?.get('x')).toBe('155');
  });

  it('what is given up says so', () => {
    const names = rows(40, (index) => `a{n${index}}`).join('');
    const again = rows(40, (index) => `a{n${39 - index}}`).join('');
    const { kind } = quickly([`${names}${again}b`], [`${'a'.repeat(600)}b`]);
    expect(kind).toBe('too many ways');
  });
});

describe('cells that hold a |', () => {
  const printed = drawTable(
    [column('Id', TYPE.LONG), column('Info', TYPE.VAR_STRING), column('值', TYPE.VAR_STRING)],
    [
      ['7', "SELECT 'a | b'", '|'],
      ['8', '|| 长 |', 'x|y|z'],
      ['9', 'plain', null],
    ],
  );
  const agrees = (...rows: string[]) =>
    matchAnswer(['+-+-+-+', '| Id | Info | 值 |', '+-+-+-+', ...rows, '…'], printed, KNOWN, false);

  it.each([
    ['a name takes the whole cell', ['| {a} | {b} | {c} |', '| {d} | {e} | {f} |', '| 9 | plain | NULL |']],
    ['as they were printed', printed.slice(3, 5)],
    ['in any width', ["| 7 | SELECT 'a | b' | | |", '|8||| 长 ||x|y|z|']],
    ['a name inside', ["| 7 | SELECT '{x} | b' | {_} |", '| {_} | {_} | x|{y}|z |']],
  ])('%s', (_name, rows) => {
    expect(agrees(...rows).kind).toBe('agrees');
  });

  it('and none more', () => {
    expect(agrees("| 7 | SELECT 'a' | b |").kind).toBe('differs');
    expect(agrees('| 7 | {_} | {_} | {_} | {_} |').kind).toBe('differs');
    expect(agrees('| {a} | {b} | {c} |', '| 8 | {x} | {y} |', '| 9 | {p} | {q} | {r} |').kind).toBe('differs');
    const names = agrees('| {a} | {b} | {c} |');
    expect(names.kind === 'agrees' && [names.names.get('b'), names.names.get('c')]).toEqual(["SELECT 'a | b'", '|']);
  });
});
