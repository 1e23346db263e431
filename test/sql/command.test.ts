/**
 * The proxy's own commands as they are typed: every statement of odp-sessions.md §1.1 and §1.2, and what it is.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InternalCommand, isMultiStatement, parseInternal } from '../../proxy/sql/command.ts';

/** A command in a few words; `-` is none of ours, `bad` is answered 5010. */
function said(text: string): string {
  const command = parseInternal(Buffer.from(text).toString('latin1'));
  return command === null ? '-' : describeCommand(command);
}

function describeCommand(command: InternalCommand): string {
  switch (command.kind) {
    case 'bad':
      return `bad ${command.family}`;
    case 'kill session':
    case 'kill query':
      return `${command.kind} ${command.id}`;
    case 'kill proxysession':
      return `kill proxysession ${command.id}${command.ssId === null ? '' : ` ${command.ssId}`}`;
    case 'show detail':
      return `${command.detail} ${command.id ?? 'own'}${command.like === null ? '' : ` like <${command.like}>`}`;
    case 'unbuilt':
      return `unbuilt ${command.what}`;
    default:
      return command.kind;
  }
}

const KILL = 'kill session 5';
const TABLES: Record<string, readonly (readonly [typed: string, is: string])[]> = {
  'the accepted statements (§1.1)': [
    ['SHOW PROCESSLIST', 'show processlist'],
    ["SHOW PROCESSLIST LIKE 'a'", 'bad show'],
    ['SHOW PROCESSLIST WHERE Id = 1', 'bad show'],
    ['SHOW FULL PROCESSLIST', '-'],
    ['SHOW PROXYSESSION', 'show proxysession'],
    ['SHOW PROXYSESSION 5', 'bad show'],
    ["SHOW PROXYSESSION LIKE 'a'", 'bad show'],
    ['SHOW PROXYSESSION ATTRIBUTE', 'ATTRIBUTE own'],
    ['SHOW PROXYSESSION ATTRIBUTE 5', 'ATTRIBUTE 5'],
    ['SHOW PROXYSESSION ATTRIBUTE -1', 'ATTRIBUTE -1'],
    ["SHOW PROXYSESSION ATTRIBUTE LIKE '%id'", 'ATTRIBUTE own like <%id>'],
    ["SHOW PROXYSESSION ATTRIBUTE 5 LIKE '%id'", 'ATTRIBUTE 5 like <%id>'],
    ["SHOW PROXYSESSION ATTRIBUTE LIKE '%id' 5", 'bad show'],
    ['SHOW PROXYSESSION STAT 5', 'STAT 5'],
    ['SHOW PROXYSESSION VARIABLES', 'VARIABLES own'],
    ['SHOW PROXYSESSION VARIABLES 5', 'VARIABLES 5'],
    ['SHOW PROXYSESSION VARIABLES ALL', 'VARIABLES ALL own'],
    ["SHOW PROXYSESSION VARIABLES ALL 5 LIKE 'a'", 'VARIABLES ALL 5 like <a>'],
    ['SHOW PROXYSESSION VARIABLES 5 ALL', 'bad show'],
    ['SHOW PROXYSESSION READ_STALE', 'unbuilt SHOW PROXYSESSION READ_STALE'],
    ["SHOW PROXYSESSION READ_STALE LIKE 'a'", 'unbuilt SHOW PROXYSESSION READ_STALE'],
    ['SHOW PROXYSESSION READ_STALE 5', 'bad show'],
    ['SHOW PROXYSESSION NONSENSE', 'bad show'],
    ['KILL 5', KILL],
    ['KILL CONNECTION 5', KILL],
    ['KILL QUERY 5', 'kill query 5'],
    ['KILL PROXYSESSION 5', 'kill proxysession 5'],
    ['KILL PROXYSESSION 5 6', 'kill proxysession 5 6'],
    ['KILL PROXYSESSION 5, 6', 'bad kill'],
    ['KILL PROXYSESSION', 'bad kill'],
    ['KILL PROXYSESSION 5 6 7', 'bad kill'],
    // Of a pool that this proxy does not have: an observer's to reject.
    ['KILL GLOBALSESSION a', '-'],
    ['SHOW GLOBALSESSION', '-'],
    ['SHOW PROXYCONFIG', '-'],
  ],
  'case and blanks': [
    ['kIlL ProxySession 5', 'kill proxysession 5'],
    ['\t\r\n\f KILL\f5\n', KILL],
    ['show　proxysession', 'show proxysession'],
    ['　KILL　5　', KILL],
    ['KILL CONNECTION　5', KILL],
    ['SHOW \n PROXYSESSION\tATTRIBUTE', 'ATTRIBUTE own'],
    ['SHOWPROXYSESSION', '-'],
    ['KILLPROXYSESSION 5', '-'],
  ],
  'two words are one token': [
    ['KILL /*x*/ PROXYSESSION 5', 'bad kill'],
    ['SHOW /*x*/ PROXYSESSION', '-'],
    ['SHOW/**/PROCESSLIST', '-'],
    ['KILL /*x*/ GLOBALSESSION a', 'bad kill'],
    ['KILL /*x*/ CONNECTION /*y*/ 5', KILL],
  ],
  comments: [
    ['/*a*/ /* b\n; KILL 6 */KILL/*c*/5/*d*/', KILL],
    ['-- text\nKILL 5', KILL],
    ['# text\nKILL 5', KILL],
    ['KILL 5 -- text', KILL],
    ['KILL 5 # tail', KILL],
    ['KILL 5 #tail', 'bad kill'],
    ['KILL 5 #tail x', KILL],
    ['KILL 5 --tail', 'bad kill'],
    ['#KILL\n5', '-'],
    ['/*!40000 KILL 5 */', '-'],
    ['KILL 5 /* never closed', KILL],
  ],
  'semicolons and several statements': [
    ['KILL 5;', KILL],
    ['KILL 5 ; -- text', KILL],
    ['KILL 5;;', '-'],
    [';KILL 5', '-'],
    ['KILL 5; SELECT 1', '-'],
    ['KILL x; SELECT 1', '-'],
    ['SHOW PROXYSESSION; KILL 5', '-'],
    ["SHOW PROXYSESSION STAT LIKE ';'", 'STAT own like <;>'],
  ],
  integers: [
    ['KILL -5', 'kill session -5'],
    ['KILL +5', KILL],
    ['KILL 0005', KILL],
    ['KILL 12345678901234567', 'kill session 12345678901234567'],
    ['KILL 123456789012345678', 'bad kill'],
    ['KILL 12402504630519660553', 'bad kill'],
    ['KILL 5.0', 'bad kill'],
    ['KILL 0x10', 'bad kill'],
    ["KILL '5'", 'bad kill'],
    ['KILL `5`', 'bad kill'],
    ['KILL 1e3', 'bad kill'],
    ['KILL 5a', 'bad kill'],
    ['KILL @x', 'bad kill'],
    ['KILL CONNECTION_ID()', 'bad kill'],
    ['KILL PROXYSESSION 5-6', 'kill proxysession 5 -6'],
    ['KILL PROXYSESSION5', 'kill proxysession 5'],
    ['KILL PROXYSESSION-5', 'kill proxysession -5'],
    ['KILL5', '-'],
  ],
  'what is passed over, and what is not': [
    ['KILL (5)', KILL],
    ['KILL [5]', KILL],
    ['KILL 5)', KILL],
    ['KILL - 5', KILL],
    ['KILL INTO 5', KILL],
    ['(KILL 5)', KILL],
    ['KILL ignore low_priority HIGH_PRIORITY delayed Commit rollback 5', KILL],
    ['KILL 5 6', 'bad kill'],
    ['KILL 5,6', 'bad kill'],
    ['KILL 5+1', 'bad kill'],
    ['KILL HARD 5', 'bad kill'],
    ['KILL', 'bad kill'],
    ['KILL QUERY', 'bad kill'],
    ['EXPLAIN KILL 5', 'bad kill'],
    ['DESC KILL 5', 'bad kill'],
    ['EXPLAIN ROUTE KILL 5', KILL],
    ['EXPLAIN SELECT 1', '-'],
    ['DESC t', '-'],
    // A token of another kind comes first: not ours.
    ["'KILL' 5", '-'],
    ['@KILL 5', '-'],
    ['`KILL` 5', '-'],
    [', KILL 5', '-'],
    ['', '-'],
    ['()', '-'],
  ],
  'the operand of LIKE': [
    ['SHOW PROXYSESSION STAT LIKE "a"', 'STAT own like <a>'],
    ['SHOW PROXYSESSION STAT LIKE `a b`', 'STAT own like <a b>'],
    ['SHOW PROXYSESSION STAT LIKE total', 'STAT own like <total>'],
    ["SHOW PROXYSESSION STAT LIKE ''", 'STAT own like <>'],
    ["SHOW PROXYSESSION STAT LIKE 'it''s'", 'bad show'],
    ["SHOW PROXYSESSION STAT LIKE 'open", 'bad show'],
    ['SHOW PROXYSESSION STAT LIKE 5', 'bad show'],
    ['SHOW PROXYSESSION STAT LIKE', 'bad show'],
    ["SHOW PROXYSESSION STAT LIKE 'ü%'", 'STAT own like <ü%>'],
    [`SHOW PROXYSESSION STAT LIKE '${'a'.repeat(511)}'`, `STAT own like <${'a'.repeat(128)}>`],
    [`SHOW PROXYSESSION STAT LIKE '${'a'.repeat(512)}'`, 'too long'],
  ],
};

describe.each(Object.entries(TABLES))('%s', (_name, rows) => {
  test.each(rows)('%j', (typed, is) => {
    expect(said(typed)).toBe(is);
  });
});

test.each([
  ['select 1', false],
  ['select 1;', false],
  ['select 1; # c', false],
  ['select 1;;', true],
  [';', true],
  ["select ';'", false],
  ["select 'it\\'s; '", false],
  ['/* ; */ select 1', false],
  ['begin; select 1', true],
])('%j is a multi-statement: %s', (text, several) => {
  expect(isMultiStatement(text)).toBe(several);
});

test('no text is too odd', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'KILL',
      'SHOW PROXYSESSION',
      'show',
      'LIKE',
      "'",
      '`',
      '"',
      ';',
      '/*',
      '*/',
      '--',
      '# ',
      '\\',
      '　',
      '5',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12, size: 'max' }), (pieces) => {
      const text = Buffer.from(pieces.join('')).toString('latin1');
      const command = parseInternal(text);
      if (isMultiStatement(text)) expect(command).toBeNull();
    }),
    { numRuns: 2000 },
  );
});

test('an id in range is read as it is, whatever stands around it', () => {
  const around = fc.constantFrom(' ', '/**/', '\n', '(', ' )', '　');
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 17n) + 1n, max: 10n ** 17n - 1n }), around, (id, blank) => {
      expect(said(`KILL${blank === ' )' ? ' ' : blank}${id}${blank}`)).toBe(`kill session ${id}`);
    }),
    { numRuns: 300 },
  );
});
