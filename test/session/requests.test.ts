/**
 * What is to be done with a request: each command, for root@proxysys and for everybody else, in and out of a transaction.
 */
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../proxy/session/identity.ts';
import { type Action, decide, heldBeginOk } from '../../proxy/session/requests.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { RequestReader } from '../../proxy/wire/request.ts';
import { requestBytes } from './raw-client.ts';

function requestOf(command: number, argument: string | Buffer, sequence = 0) {
  const bytes = requestBytes(command, argument);
  bytes[3] = sequence;
  const reader = new RequestReader();
  reader.push(bytes);
  return reader.next()!;
}

function inWords(action: Action): string {
  switch (action.kind) {
    case 'forward':
      return action.last ? 'to the last' : 'forward';
    case 'internal':
      return `internal ${action.command.kind}`;
    case 'error':
      return String(action.error.code);
    case 'prepare':
      return action.last ? 'prepare for the last' : 'prepare';
    case 'close':
    case 'ok':
    case 'about statement':
    case 'hold begin':
    case 'own select':
    case 'set route':
    case 'text prepare':
    case 'text execute':
    case 'deallocate':
    case 'change user':
    case 'reset connection':
    case 'quit':
    case 'ignore':
      return action.kind;
  }
}

function decided(command: number, argument: string | Buffer, caller: Caller, inTransaction = false): string {
  return inWords(decide(requestOf(command, argument), { caller, inTransaction }));
}

describe('statements (odp-sessions.md §1.3)', () => {
  test.each([
    ['show proxysession', 'internal show proxysession', 'internal show proxysession'],
    ["show proxysession stat like 'a'", 'internal show detail', 'internal show detail'],
    ['show processlist', 'internal show processlist', 'internal show processlist'],
    ['kill 5', 'internal kill session', 'internal kill session'],
    ['kill query 5', 'internal kill query', '5010'],
    ['kill proxysession 5', 'internal kill proxysession', 'internal kill proxysession'],
    ['kill proxysession x', 'internal bad', 'internal bad'],
    ['kill globalsession a', 'forward', '5010'],
    ['show full processlist', 'forward', '5010'],
    ['show proxyconfig', 'forward', '5010'],
    ['kill 5;;', 'forward', '5010'],
    ['select 1', 'forward', '5010'],
    ['select connection_id()', 'to the last', '5010'],
    ['select row_count(), last_insert_id()', '1235', '5010'],
    ['select proxy_version()', 'own select', 'own select'],
    ['select @@tx_read_only', 'own select', 'own select'],
    ['set @obproxy_route_addr = 5', 'set route', 'ok'],
    ['ping proxy', 'internal ping proxy', 'internal ping proxy'],
    ["binlog 'x'", 'internal accepted', 'internal accepted'],
    ['show slave hosts', 'internal show nothing', 'internal show nothing'],
    ["prepare p from 'select 1'", 'text prepare', '5010'],
    ['execute p', 'text execute', '5010'],
    ['deallocate prepare p', 'deallocate', '5010'],
    ['set a = 1', 'forward', 'ok'],
    ['begin', 'hold begin', 'ok'],
    ['start transaction', 'hold begin', 'ok'],
    ['commit', 'forward', 'ok'],
    ['rollback', 'forward', 'ok'],
  ])('%s', (text, everybody, administrator) => {
    expect(decided(COM.QUERY, text, 'client')).toBe(everybody);
    expect(decided(COM.QUERY, text, 'administrator')).toBe(administrator);
  });

  test.each([
    ['ping proxy', 'internal ping proxy'],
    ['PING PROXY;', 'internal ping proxy'],
    ['set autocommit = 0', 'ok'],
    ['begin', 'ok'],
    ["binlog 'x'", '5010'],
    ['show proxysession', '5010'],
    ["show proxysession attribute like 'a'", '5010'],
    ['show processlist', '5010'],
    ['kill 5', '5010'],
    ['kill query 5', '5010'],
    ['kill proxysession 5', '5010'],
    ['kill proxysession x', '5010'],
    ['show slave hosts', '5010'],
    ['select proxy_version()', '5010'],
    ['select 1', '5010'],
    ['ping proxy; select 1', '5010'],
  ])('inspector@proxysys: %s', (text, action) => {
    expect(decided(COM.QUERY, text, 'inspector')).toBe(action);
  });

  test('inside a transaction BEGIN is a statement like any other', () => {
    expect(decided(COM.QUERY, 'begin', 'client', true)).toBe('forward');
  });

  test('a statement too long to be read whole is ordinary, whatever it starts with', () => {
    expect(decided(COM.QUERY, `kill ${' '.repeat(9000)}5`, 'client')).toBe('forward');
    expect(decided(COM.QUERY, `begin ${' '.repeat(9000)}`, 'client')).toBe('forward');
  });
});

describe('commands', () => {
  test.each([
    ['QUIT', '', 'quit', 'quit'],
    ['PING', '', 'ok', 'ok'],
    ['INIT_DB', 'a', 'forward', '5010'],
    ['FIELD_LIST', 't\0', 'forward', '5010'],
    ['STATISTICS', '', 'forward', '5010'],
    ['SET_OPTION', '\0\0', 'forward', '5010'],
    ['PROCESS_INFO', '', 'internal show processlist', '5010'],
    ['PROCESS_KILL', '\x05\0\0\0', 'internal kill session', '5010'],
    ['PROCESS_KILL', '\x05\0\0', '5010', '5010'],
    ['PROCESS_KILL', '\x05\0\0\0\0', '5010', '5010'],
    ['STMT_PREPARE', 'select ?', 'prepare', '5010'],
    ['STMT_PREPARE', 'select connection_id()', 'prepare for the last', '5010'],
    ['STMT_PREPARE', 'select row_count(), last_insert_id()', '1235', '5010'],
    ['STMT_PREPARE', 'select proxy_version()', '1295', '5010'],
    ['STMT_PREPARE', 'kill ?', '1295', '5010'],
    ['STMT_PREPARE', 'begin', '1295', '5010'],
    ['STMT_EXECUTE', 'abcd', 'about statement', '5010'],
    ['STMT_FETCH', 'abcd', 'about statement', '5010'],
    ['STMT_RESET', 'abcd', 'about statement', '5010'],
    ['STMT_CLOSE', 'abcd', 'about statement', 'ignore'],
    ['STMT_SEND_LONG_DATA', 'abcdef', 'about statement', 'ignore'],
    ['STMT_EXECUTE', 'abc', 'close', 'close'],
    ['STMT_CLOSE', 'abc', 'ignore', 'ignore'],
    ['STMT_SEND_LONG_DATA', 'abc', 'ignore', 'ignore'],
    ['STMT_PREPARE', 'select @@tx_read_only', 'prepare', '5010'],
    ['STMT_PREPARE', 'set @obproxy_route_addr = 5', '1295', '5010'],
    ['CHANGE_USER', 'root\0', 'change user', '5010'],
    ['RESET_CONNECTION', '', 'reset connection', '5010'],
    ['REGISTER_SLAVE', '', '1235', '5010'],
    ['BINLOG_DUMP', '', '1235', '5010'],
    ['BINLOG_DUMP_GTID', '', '1235', '5010'],
    ['CONNECT_OUT', '', '1235', '5010'],
    ['TABLE_DUMP', 'x'.repeat(10_000), '1235', '5010'],
    ['TABLE_DUMP', '', '1235', '5010'],
  ] as const)('%s %j', (name, argument, everybody, administrator) => {
    expect(decided(COM[name], argument, 'client')).toBe(everybody);
    expect(decided(COM[name], argument, 'administrator')).toBe(administrator);
  });

  test('every byte is decided, whole or long', () => {
    for (let command = 0; command < 256; command++) {
      for (const argument of ['', 'abcd', 'x'.repeat(10_000)]) {
        for (const caller of ['client', 'administrator', 'inspector'] as const) {
          const action = decided(command, argument, caller);
          if (caller !== 'client') expect(action).not.toMatch(/forward|last/);
        }
      }
    }
  });

  test('a BEGIN cannot be prepared in a transaction either; what is too long to be read whole can', () => {
    expect(decided(COM.STMT_PREPARE, 'begin', 'client', true)).toBe('1295');
    expect(decided(COM.STMT_PREPARE, `begin ${' '.repeat(9000)}`, 'client')).toBe('prepare');
  });

  test('a sequence id other than 0, and nothing at all, close the connection', () => {
    const situation = { caller: 'client', inTransaction: false } as const;
    expect(inWords(decide(requestOf(COM.PING, '', 1), situation))).toBe('close');
    const reader = new RequestReader();
    reader.push(Buffer.alloc(4));
    expect(inWords(decide(reader.next()!, situation))).toBe('close');
  });
});

test('the OK of a held BEGIN', () => {
  expect([heldBeginOk(true).status, heldBeginOk(false).status]).toEqual([0x23, 0x21]);
});
