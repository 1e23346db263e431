/**
 * What ODP answers by itself beside its commands (odp-relay.md §3.2), `@obproxy_route_addr`, and what an observer's ERR 1153
 * and 4401 mean.
 */
import { describe, expect, test } from 'vitest';
import { classify } from '../../proxy/sql/statement.ts';
import { CAP, COLUMN, COM, TYPE } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader } from '../../proxy/wire/framing.ts';
import { readColumn } from '../../proxy/wire/result-set.ts';
import { LOGIN_FLAGS, loginBytes, queryBytes, type RawClient, requestBytes } from './raw-client.ts';
import { errBytes, IN_TRANS, okBytes, rowsBytes } from './scripted-observer.ts';
import { inEveryWorld, type Stage, type StageOptions } from './stage.ts';

const SPREAD: StageOptions = { observers: 2, tenants: [{ name: 'shop', servers: [0, 1], leader: null }] };

function cell(column: string, value: string, status = '0x2'): string[] {
  return [`column ${column}`, value, `5 EOF ${status}`];
}

describe('SELECT @@tx_read_only', () => {
  test.each([
    ['select @@tx_read_only', '@@tx_read_only'],
    ['SELECT @@session.tx_read_only', '@@session.tx_read_only'],
    ['select @@transaction_read_only;', '@@transaction_read_only'],
    [' select  @@Session.Transaction_Read_Only ', '@@Session.Transaction_Read_Only'],
    ['select @@local . tx_read_only as ro', 'ro'],
    ['select @@tx_read_only `read only`', 'read only'],
    ['/* driver */ select @@session.tx_read_only', '@@session.tx_read_only'],
    ['-- x\nselect @@session.tx_read_only', '@@session.tx_read_only'],
  ])('%s', (text, column) => {
    expect(classify(text)).toEqual({ kind: 'own select', value: 'read only', column });
  });

  test.each([
    'select @@global.tx_read_only',
    'select @@tx_read_only, 1',
    'select @@tx_read_only from dual',
    'select @@tx_read_only limit 1',
    'select @@tx_read_onlyx',
    'select @@tx_read_only; select 1',
    "select '@@tx_read_only'",
  ])('%s is for an observer', (text) => {
    expect(classify(text)).toEqual({ kind: 'ordinary' });
  });

  inEveryWorld('is what the observers have reported, and shows autocommit and the transaction', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY set'] = okBytes({}, { system: [['tx_read_only', '1']] });
    stage.observer.answers['QUERY off'] = okBytes({}, { system: [['autocommit', '0']] });
    stage.observer.answers['QUERY update'] = okBytes(IN_TRANS);
    expect(stage.ask(client, 'select @@tx_read_only')).toEqual(cell('@@tx_read_only', '0'));
    stage.ask(client, 'set');
    expect(stage.ask(client, 'select @@tx_read_only a')).toEqual(cell('a', '1'));
    stage.ask(client, 'update');
    expect(stage.ask(client, 'select @@tx_read_only a')).toEqual(cell('a', '1', '0x3'));
    stage.ask(client, 'commit');
    stage.ask(client, 'off');
    stage.ask(client, 'begin');
    expect(stage.ask(client, 'select @@tx_read_only a')).toEqual(cell('a', '1', '0x0'));
    expect(stage.observer.last.requests).toEqual(['QUERY set', 'QUERY update', 'QUERY commit', 'QUERY off']);
    stage.leave();
  });

  inEveryWorld('is a number to its client', {}, (stage) => {
    const client = stage.login('app@shop');
    client.send(queryBytes('select @@tx_read_only'));
    stage.settle();
    const reader = new PacketReader();
    reader.push(client.take());
    reader.next();
    const column = readColumn(reader.next()!.payload);
    expect([column.type, column.charset, column.flags]).toEqual([TYPE.LONGLONG, 63, COLUMN.BINARY]);
    stage.leave();
  });
});

inEveryWorld('version, status, PING PROXY and the stubs, without an observer', {}, (stage) => {
  for (const client of [stage.login('app@shop'), stage.administrator()]) {
    expect(stage.ask(client, 'select proxy_version()')).toEqual(cell('proxy_version()', '4.3.1.0'));
    expect(stage.ask(client, 'select proxy_status()')).toEqual(cell('proxy_status', 'ACTIVE'));
    expect(stage.ask(client, 'ping proxy')).toEqual(['1 OK 0 0x0']);
    expect(stage.ask(client, "binlog 'AAAA'")).toEqual(['1 OK 0 0x0']);
    expect(stage.ask(client, 'show slave hosts').at(-1)).toBe('8 EOF 0x0');
    expect(stage.ask(client, "show relaylog events in 'a' limit 5").at(-1)).toBe('9 EOF 0x0');
  }
  expect(stage.observer.last.requests).toEqual([]);
  stage.leave();
});

describe('@obproxy_route_addr', () => {
  const SECOND = ((2881n << 32n) | 0xac1e8c48n).toString();

  inEveryWorld(
    'is that of the last server session; set, the next statement goes there, and only that',
    SPREAD,
    (stage) => {
      const client = stage.login('app@shop');
      const asked = 'select @obproxy_route_addr';
      expect(stage.ask(client, asked)[1]).toBe(((2881n << 32n) | 0xac1e8c47n).toString());
      expect(stage.ask(client, `set @obproxy_route_addr = ${SECOND}`)).toEqual(['1 OK 0 0x2']);
      expect(stage.observers[1]!.connections).toEqual([]);
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      expect(stage.observers[1]!.last.requests.at(-1)).toBe('QUERY select 1');
      expect(stage.ask(client, asked)[1]).toBe(SECOND);
      stage.leave();
    },
  );

  inEveryWorld('does not move a transaction, and waits for its end', SPREAD, (stage) => {
    stage.observer.answers['QUERY update'] = okBytes(IN_TRANS);
    const client = stage.login('app@shop');
    stage.ask(client, 'update');
    stage.ask(client, `set @obproxy_route_addr = ${SECOND}`);
    stage.ask(client, 'commit');
    expect(stage.observers[1]!.connections).toEqual([]);
    stage.ask(client, 'select 1');
    expect(stage.observers[1]!.last.requests.at(-1)).toBe('QUERY select 1');
    stage.leave();
  });

  inEveryWorld('of nobody: FIN at the next statement; 0 is none', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, 'set @obproxy_route_addr = 5');
    stage.ask(client, 'set @obproxy_route_addr := 0;');
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    stage.ask(client, 'set @obproxy_route_addr = 5');
    expect(stage.ask(client, 'select 1')).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
  });

  inEveryWorld('of a server that is down: FIN, no other is tried', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.observers[1]!.down();
    stage.ask(client, `set @obproxy_route_addr = ${SECOND}`);
    expect(stage.ask(client, 'select 1')).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.last.requests).toEqual([]);
  });

  inEveryWorld('without a server session: 4637', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.last.connection.end();
    stage.settle();
    expect(stage.ask(client, 'select @obproxy_route_addr')).toEqual(['1 ERR 4637/HY000 last session is invalid']);
    stage.leave();
  });
});

describe('what depends on the statement before goes where that was', () => {
  test.each(['show warnings', 'show count(*) warnings', 'show errors limit 1', 'show trace', 'select found_rows()'])(
    '%s',
    (text) => {
      expect(classify(text)).toEqual({ kind: 'dependent' });
    },
  );

  inEveryWorld('after SET TRANSACTION too, until the next transaction has ended', SPREAD, (stage) => {
    stage.observer.answers['QUERY set transaction'] = okBytes({}, { system: [['ob_proxy_set_trx_executed', '1']] });
    stage.observer.answers['QUERY select 1'] = okBytes({}, { system: [['ob_proxy_set_trx_executed', '0']] });
    const client = stage.login('app@shop');
    stage.ask(client, 'set transaction');
    stage.ask(client, `set @obproxy_route_addr = ${(2881n << 32n) | 0xac1e8c48n}`);
    stage.ask(client, 'no transaction');
    stage.ask(client, 'select 1');
    expect(stage.observer.last.requests).toEqual(['QUERY set transaction', 'QUERY no transaction', 'QUERY select 1']);
    stage.ask(client, 'select 2');
    expect(stage.observers[1]!.last.requests.at(-1)).toBe('QUERY select 2');
    stage.leave();
  });
});

describe('ERRs of an observer that end the connection', () => {
  function refused(stage: Stage, answer: Buffer): RawClient {
    stage.observer.answers['QUERY bad'] = answer;
    const client = stage.login('app@shop');
    client.send(queryBytes('bad'));
    stage.settle();
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.last.ended).toBe('FIN');
    return client;
  }

  inEveryWorld('1153 is told, and then it is closed', {}, (stage) => {
    expect(refused(stage, errBytes(1153, 'too large')).read()).toEqual(['1 ERR 1153/HY000 too large']);
    stage.expectNothingLeft();
  });

  inEveryWorld('4401 is not told', {}, (stage) => {
    expect(refused(stage, errBytes(4401, 'killed')).read()).toEqual([]);
    stage.expectNothingLeft();
  });

  inEveryWorld('4401 behind rows: the rows, and no end of them', {}, (stage) => {
    const rows = rowsBytes('a', ['1']);
    // All but the last EOF and the OK behind it.
    const begun = rows.subarray(0, rows.length - 9 - 12);
    expect(refused(stage, Buffer.concat([begun, errBytes(4401, 'killed', 5)])).take()).toEqual(begun);
    stage.expectNothingLeft();
  });

  inEveryWorld('4401 to what restores the state of the client', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.observers[1]!.answer = () => errBytes(4401, 'killed');
    stage.ask(client, `set @obproxy_route_addr = ${(2881n << 32n) | 0xac1e8c48n}`);
    expect(stage.ask(client, 'select 1')).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });
});

describe('a login OK', () => {
  inEveryWorld('of at most 12 bytes goes to the client as it came', {}, (stage) => {
    const ok = okBytes();
    ok[3] = 2;
    stage.observer.loginAnswer = () => ok;
    for (const capabilities of [LOGIN_FLAGS, LOGIN_FLAGS | CAP.SESSION_TRACK]) {
      const client = stage.connect();
      client.send(loginBytes('app@shop', { capabilities }));
      stage.settle();
      expect(client.take()).toEqual(ok);
    }
    expect(ok.length).toBe(HEADER_SIZE + 8);
    stage.leave();
  });
});

describe('commands nobody knows', () => {
  inEveryWorld('1235, however long they are, and the connection is kept', {}, (stage) => {
    const client = stage.login('app@shop');
    const commands = [
      COM.REGISTER_SLAVE,
      COM.BINLOG_DUMP,
      COM.BINLOG_DUMP_GTID,
      COM.TABLE_DUMP,
      COM.CONNECT_OUT,
      0x7f,
      // OceanBase's PREPARE_EXECUTE and GET_PIECE_DATA, which drivers use in Oracle mode: not built.
      0xa1,
      0xa3,
      0xfe,
    ];
    for (const command of commands) {
      for (const size of [0, 100, 20_000]) {
        client.send(Buffer.concat([requestBytes(command, Buffer.alloc(size)), queryBytes('select 1')]));
        stage.settle();
        expect(client.read()).toEqual(['1 ERR 1235/0A000 Not supported feature or function', '1 OK 0 0x22']);
      }
    }
    stage.leave();
  });

  inEveryWorld('SET_OPTION may be answered with an EOF', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['SET_OPTION \0\0'] = Buffer.of(5, 0, 0, 1, 0xfe, 0, 0, 2, 0);
    client.send(Buffer.concat([requestBytes(COM.SET_OPTION, '\0\0'), queryBytes('select 1')]));
    stage.settle();
    expect(client.take().subarray(0, 9)).toEqual(stage.observer.answers['SET_OPTION \0\0']);
    expect(stage.observer.connections).toHaveLength(1);
    stage.leave();
  });
});
