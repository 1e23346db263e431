/** Boxes, vertical forms, counts, info lines: as the command line prints them. */
import { describe, expect, it } from 'vitest';
import { COLUMN, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { column } from '../../proxy/wire/result-set.ts';
import { drawTable, drawVertically } from '../../simulator/client/table.ts';
import { displayWidth, printable } from '../../simulator/client/width.ts';
import { Bench } from './lab-bench.ts';

const ID = column('id', TYPE.LONG, { flags: COLUMN.NOT_NULL });
const NAME = column('name', TYPE.VAR_STRING);

describe('drawTable', () => {
  it('puts numbers on the right, and keeps room for NULL', () => {
    expect(
      drawTable(
        [ID, NAME, column('x', TYPE.NEWDECIMAL)],
        [
          ['1', 'alice', '1.50'],
          ['20', null, null],
        ],
      ),
    ).toEqual([
      '+----+-------+------+',
      '| id | name  | x    |',
      '+----+-------+------+',
      '|  1 | alice | 1.50 |',
      '| 20 | NULL  | NULL |',
      '+----+-------+------+',
    ]);
  });

  it('measures in cells', () => {
    expect(drawTable([NAME], [['日本'], ['e\u0301'], ['🙂x']])).toEqual([
      '+------+',
      '| name |',
      '+------+',
      '| 日本 |',
      '| e\u0301    |',
      '| 🙂x  |',
      '+------+',
    ]);
  });

  it('shows control characters, so that a cell never makes a line', () => {
    expect(drawTable([NAME], [['a\nalice> b\t\0\x1b']])[3]).toBe('| a\\nalice> b\\t\\0\\x1b |');
  });

  it.each([
    [TYPE.DATE, false],
    [TYPE.TIMESTAMP, false],
    [TYPE.DATETIME, false],
    [TYPE.STRING, false],
    [TYPE.BLOB, false],
    [TYPE.TINY, true],
    [TYPE.LONGLONG, true],
    [TYPE.DOUBLE, true],
    [TYPE.NEWDECIMAL, true],
    [TYPE.YEAR, true],
    [TYPE.NULL, true],
  ])('column type 0x%s', (type, right) => {
    expect(drawTable([column('title', type)], [['1']])[3]).toBe(right ? '|     1 |' : '| 1     |');
  });
});

it('drawVertically', () => {
  expect(
    drawVertically(
      [ID, NAME],
      [
        ['1', 'a\nb'],
        ['2', null],
      ],
    ),
  ).toEqual([
    '*************************** 1. row ***************************',
    '  id: 1',
    'name: a\\nb',
    '*************************** 2. row ***************************',
    '  id: 2',
    'name: NULL',
  ]);
});

it.each([
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['中文', 4],
  ['ｱ', 1],
  ['Ａ', 2],
  ['\u200b', 0],
  ['한', 2],
])('displayWidth(%j) = %i', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

it('printable leaves plain text alone', () => {
  expect(printable('a\\b “c”')).toBe('a\\b “c”');
});

describe('what stands below a statement', () => {
  const MORE = STATUS.MORE_RESULTS;
  const of = (answer: Parameters<typeof script>[0]) => new Bench(script(answer)).run('SELECT 1;');
  const script = (answer: (session: import('./fake-server.ts').FakeSession) => unknown) => ({
    command(session: import('./fake-server.ts').FakeSession) {
      answer(session);
    },
  });

  it.each([
    ['no rows', (s) => s.rows([ID], []), ['Empty set']],
    ['no rows, a warning', (s) => s.rows([ID], [], 0, 1), ['Empty set, 1 warning']],
    ['OK', (s) => s.ok(), ['Query OK, 0 rows affected']],
    ['one row', (s) => s.ok({ affectedRows: 1 }), ['Query OK, 1 row affected']],
    ['warnings', (s) => s.ok({ affectedRows: 2, warnings: 2 }), ['Query OK, 2 rows affected, 2 warnings']],
    [
      'an info line',
      (s) =>
        s.ok({
          affectedRows: 1,
          message: 'Rows matched: 1  Changed: 1  Warnings: 0',
          status: 0x4002,
          state: Buffer.alloc(0),
        }),
      ['Query OK, 1 row affected', 'Rows matched: 1  Changed: 1  Warnings: 0'],
    ],
    ['a text that is two lines', (s) => s.err(1064, '42000', "near 'a\nb'"), ["ERROR 1064 (42000): near 'a\\nb'"]],
    [
      'several results',
      (s) =>
        s
          .rows([ID], [], MORE)
          .ok({ status: MORE | 2 })
          .ok({ affectedRows: 3 }),
      ['Empty set', 'Query OK, 0 rows affected', 'Query OK, 3 rows affected'],
    ],
    [
      'several results, the last an error',
      (s) => s.ok({ status: MORE | 2 }).err(1046, '3D000', 'No database selected'),
      ['Query OK, 0 rows affected', 'ERROR 1046 (3D000): No database selected'],
    ],
    ['a malformed answer', (s) => s.raw(Buffer.of(1, 0, 0, 1, 0)), ['ERROR 2027 (HY000): Malformed packet']],
  ] as readonly (readonly [string, (session: import('./fake-server.ts').FakeSession) => unknown, readonly string[]])[])(
    '%s',
    (_name, answer, lines) => {
      expect(of(answer)).toEqual(lines);
    },
  );

  it('rows, and \\G', () => {
    const bench = new Bench({ command: (session) => session.rows([ID], [['1'], ['2']], 0, 2) });
    expect(bench.run('SELECT 1;')!.at(-1)).toBe('2 rows in set, 2 warnings');
    expect(bench.run('SELECT 1\\G')![1]).toBe('id: 1');
  });

  it('an interrupted statement that is answered all the same: the frame without rows', () => {
    let late: import('./fake-server.ts').FakeSession | null = null;
    const bench = new Bench({
      command(session, text) {
        if (text.startsWith('KILL')) session.ok();
        else late = session;
      },
    });
    let printed: readonly string[] = [];
    bench.client.run({ kind: 'statement', sql: 'SELECT 1', form: 'table' }, (lines) => {
      printed = lines;
    });
    bench.world.settle();
    bench.run('^C');
    late!.rows([ID], [['1']]);
    bench.world.settle();
    expect(printed).toEqual(['+----+', '| id |', '+----+', '+----+', '1 row in set']);
  });
});
