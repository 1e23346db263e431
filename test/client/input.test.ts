/** Where a statement ends, and what is a command of the client. */
import { describe, expect, it } from 'vitest';
import { readInput } from '../../simulator/client/input.ts';

describe('statements', () => {
  it.each([
    ['SELECT 1;', 'SELECT 1'],
    ['SELECT 1 ; ', 'SELECT 1  '],
    ['SELECT 1; SELECT 2;', 'SELECT 1; SELECT 2'],
    ['KILL 5;;', 'KILL 5;'],
    ['SELECT 1\\g', 'SELECT 1'],
    ["SELECT ';';", "SELECT ';'"],
    ["SELECT 'a\\';';", "SELECT 'a\\';'"],
    ["SELECT 'it''s';", "SELECT 'it''s'"],
    ['SELECT `a;\\`;', 'SELECT `a;\\`'],
    ['SELECT 1; -- done', 'SELECT 1 -- done'],
    ['SELECT 1; # done', 'SELECT 1 # done'],
    ['SELECT 1; /* a; b */', 'SELECT 1 /* a; b */'],
    ['-- a;\nSELECT 1;', '-- a;\nSELECT 1'],
    ['SELECT 1--1;', 'SELECT 1--1'],
    ['SELECT\n1;', 'SELECT\n1'],
    [';', ''],
  ])('%j sends %j', (typed, sql) => {
    expect(readInput(typed)).toEqual({ kind: 'command', command: { kind: 'statement', sql, form: 'table' } });
  });

  it('\\G is the vertical form', () => {
    expect(readInput('SELECT 1\\G')).toEqual({
      kind: 'command',
      command: { kind: 'statement', sql: 'SELECT 1', form: 'vertical' },
    });
  });

  it.each([
    ['SELECT 1', '->'],
    ['SELECT 1; SELECT', '->'],
    ["SELECT 'a;", "'>"],
    ['SELECT "a;', '">'],
    ['SELECT `a;', '`>'],
    ['SELECT /* a;', '/*>'],
    ['-- a;', '->'],
  ] as const)('%j goes on at %s', (typed, prompt) => {
    expect(readInput(typed)).toEqual({ kind: 'unfinished', prompt });
  });
});

it.each([
  ['use bank', { kind: 'use', database: 'bank' }],
  ['USE `my bank`;', { kind: 'use', database: 'my bank' }],
  ['quit', { kind: 'quit' }],
  ['exit;', { kind: 'quit' }],
  ['connect', { kind: 'connect' }],
  ['^C', { kind: 'interrupt' }],
  ['\\ping', { kind: 'ping' }],
  ['\\raw 0e', { kind: 'raw', payload: Buffer.of(0x0e) }],
  ['\\prepare SELECT  ? ;', { kind: 'prepare', sql: 'SELECT  ?' }],
  ['\\execute', { kind: 'execute', values: [] }],
  ["\\execute 1, NULL,'a, ''b',", { kind: 'execute', values: ['1', 'NULL', "'a, ''b'", ''] }],
  ['\\close_statement', { kind: 'close statement' }],
  ['\\change_user boss', { kind: 'change user', user: 'boss', database: null }],
  ['\\change_user boss bank', { kind: 'change user', user: 'boss', database: 'bank' }],
  ['\\reset_connection', { kind: 'reset connection' }],
])('%s', (typed, command) => {
  expect(readInput(typed)).toEqual({ kind: 'command', command });
});

it.each(['use', 'quit now', '\\pong', '\\raw 0', '\\raw xy', '\\ping twice'])('%s is a mistake', (typed) => {
  expect(readInput(typed).kind).toBe('mistake');
});

it('nothing typed', () => {
  expect(readInput('  ')).toEqual({ kind: 'nothing' });
});
