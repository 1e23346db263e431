/**
 * What the relay makes of a statement: ours, held, bound to the last server session, or anybody's.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../proxy/sql/statement.ts';

test.each([
  ['select 1', 'ordinary'],
  ['', 'ordinary'],
  ['xyz', 'ordinary'],
  // Held.
  ['BEGIN', 'begin'],
  ['begin work;', 'begin'],
  ['/* a */ Begin', 'begin'],
  ['START TRANSACTION', 'begin'],
  ['start /* a */ transaction read only', 'begin'],
  ['beginning', 'ordinary'],
  ['start slave', 'ordinary'],
  ['begin; select 1', 'ordinary'],
  ['begin insert into t values (1); end', 'ordinary'],
  // The statement before (odp-relay.md §3.4).
  ['select connection_id()', 'dependent'],
  ['SELECT Connection_Id ( )', 'dependent'],
  ['/* a */ select row_count()', 'dependent'],
  ['insert into t values (found_rows())', 'dependent'],
  ["select sys_context('a', 'b')", 'dependent'],
  ['show warnings', 'dependent'],
  ['SHOW  /* a */ ERRORS', 'dependent'],
  ['show trace', 'dependent'],
  ['select connection_id from t', 'ordinary'],
  ["select 'connection_id()'", 'ordinary'],
  ["select 'it\\'s', connection_id()", 'dependent'],
  ["select 'it''s', connection_id()", 'dependent'],
  ['select `connection_id`()', 'ordinary'],
  ['select 1 -- connection_id()', 'ordinary'],
  ['select * from warnings', 'ordinary'],
  ['select @connection_id', 'ordinary'],
  ['select last_insert_id()', 'ordinary'],
  ['select last_insert_id(), found_rows()', 'contradictory'],
  // Ours.
  ['kill 5', 'internal'],
  ['show processlist', 'internal'],
  ['kill', 'internal'],
  ['kill 5;;', 'ordinary'],
  ['select proxy_version()', 'own select'],
  ['select proxy_version(), 1', 'ordinary'],
])('%j is %s', (text, kind) => {
  expect(classify(text).kind).toBe(kind);
});

test('proxy_version() keeps its name as typed, or its alias', () => {
  expect(classify('select Proxy_Version( ) ;')).toEqual({
    kind: 'own select',
    value: 'version',
    column: 'Proxy_Version( )',
  });
  expect(classify('SELECT proxy_version() as Abc')).toEqual({ kind: 'own select', value: 'version', column: 'Abc' });
  expect(classify('SELECT proxy_version() abc')).toEqual({ kind: 'own select', value: 'version', column: 'abc' });
});

test('no text is too odd', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'select ',
      'show ',
      'begin',
      'start ',
      'connection_id',
      '(',
      ')',
      "'",
      '"',
      '`',
      '\\',
      ';',
      '--',
      '#',
      '/*',
      '*/',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16, size: 'max' }), (pieces) => {
      expect(classify(Buffer.from(pieces.join('')).toString('latin1')).kind).toBeTypeOf('string');
    }),
    { numRuns: 2000 },
  );
});

test('a word in quotes or comments never makes a statement dependent', () => {
  const inside = fc.constantFrom('connection_id()', 'row_count()', ' show warnings ', 'found_rows ( )');
  const quotes = fc.constantFrom(["'", "'"], ['"', '"'], ['`', '`'], ['/*', '*/'], ['-- ', '\n'], ['# ', '\n']);
  fc.assert(
    fc.property(inside, quotes, (word, [open, close]) => {
      expect(classify(`select 1, ${open}${word}${close} from t`).kind).toBe('ordinary');
    }),
  );
});
