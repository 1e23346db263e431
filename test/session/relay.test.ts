/**
 * Requests through the proxy: what goes to the observer, what the proxy answers itself, what of an answer the client
 * gets, and where a response that is none ends everything.
 */
import { describe, expect, test } from 'vitest';
import { COM, STATUS } from '../../proxy/wire/constants.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { writeErr } from '../../proxy/wire/ok.ts';
import { SELCT_ERR, SELCT_EXTRA_OK, SELCT_QUERY } from '../wire/fixtures.ts';
import { loginBytes, queryBytes, requestBytes } from './raw-client.ts';
import { errBytes, IN_TRANS, okBytes, rowsBytes } from './scripted-observer.ts';
import { inEveryWorld, Stage } from './stage.ts';

describe('answers of an observer', () => {
  inEveryWorld('decisions.md §9.5: the ERR byte for byte, and nothing of the OK behind it', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY selct 1'] = Buffer.concat([SELCT_ERR, SELCT_EXTRA_OK]);
    client.send(SELCT_QUERY);
    stage.settle();
    expect(client.take()).toEqual(SELCT_ERR);
    expect(stage.observer.last.payloads[0]).toEqual(SELCT_QUERY.subarray(4));
    stage.leave();
  });

  inEveryWorld('a result: rows at once, its last EOF when the extra OK is whole', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY select a'] = null;
    client.send(queryBytes('select a'));
    stage.settle();
    const answer = rowsBytes('a', ['1', '2']);
    const extraOk = 12;
    stage.observer.last.write(answer.subarray(0, -1));
    stage.settle();
    expect(client.size).toBe(answer.length - extraOk - 9);
    stage.observer.last.write(answer.subarray(-1));
    stage.settle();
    expect(client.take()).toEqual(answer.subarray(0, -extraOk));
    stage.leave();
  });

  inEveryWorld('an OK that reports state is rewritten, one without stays as it is', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY set a'] = okBytes({}, { system: [['time_zone', '+09:00']] });
    stage.observer.answers['QUERY update t'] = okBytes({ affectedRows: 3, message: 'Rows matched: 3' });
    client.send(queryBytes('set a'));
    stage.settle();
    expect(client.take().toString('hex')).toBe('0700000100000022000000');
    client.send(queryBytes('update t'));
    stage.settle();
    // The blank in front of the message is gone; its length is what client libraries look for, also without SESSION_TRACK.
    expect(client.take().toString('latin1').slice(-17)).toBe('\0\x0fRows matched: 3');
    client.send(queryBytes('delete t'));
    stage.settle();
    expect(client.take()).toEqual(okBytes());
    stage.leave();
  });

  inEveryWorld('commands that are forwarded, each with its answer', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers.STATISTICS = Buffer.concat([Buffer.of(2, 0, 0, 1, 0x61, 0x62), okBytes().fill(2, 3, 4)]);
    for (const [command, argument] of [
      [COM.INIT_DB, 'bank'],
      [COM.STATISTICS, ''],
      [COM.CREATE_DB, 'x'],
      [COM.SET_OPTION, '\0\0'],
      [COM.DEBUG, ''],
    ] as const) {
      client.send(requestBytes(command, argument));
      stage.settle();
      expect(client.size).toBeGreaterThan(4);
      client.take();
    }
    expect(stage.observer.last.requests).toEqual([
      'INIT_DB bank',
      'STATISTICS',
      'CREATE_DB x',
      'SET_OPTION \0\0',
      'DEBUG',
    ]);
    stage.leave();
  });

  inEveryWorld('1153, packet too large: it is relayed, then FIN', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY big'] = errBytes(1153, 'too large');
    expect(stage.ask(client, 'big')).toEqual(['1 ERR 1153/HY000 too large']);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.last.ended).toBe('FIN');
    stage.expectNothingLeft();
  });
});

describe('answered by the proxy', () => {
  inEveryWorld('PING is OK with flags 0, in a transaction too', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
    const ping = requestBytes(COM.PING);
    client.send(ping);
    stage.settle();
    expect(client.take().toString('hex')).toBe('0700000100000000000000');
    stage.ask(client, 'update t');
    client.send(ping);
    stage.settle();
    expect(client.read()).toEqual(['1 OK 0 0x0']);
    expect(stage.observer.last.requests).toEqual(['QUERY update t']);
    stage.leave();
  });

  inEveryWorld('commands nobody knows are 1235, the connection stays', {}, (stage) => {
    const client = stage.login('app@shop');
    for (const command of [0x20, 0x7f, 0xff, COM.TABLE_DUMP, COM.CONNECT_OUT]) {
      client.send(requestBytes(command, 'abcd'));
      stage.settle();
      expect(client.read()).toEqual(['1 ERR 1235/0A000 Not supported feature or function']);
    }
    stage.leave();
  });

  inEveryWorld('proxy_version() carries the flags as they are', {}, (stage) => {
    const client = stage.login('app@shop');
    const version = (status: string) => ['column Proxy_Version()', '4.3.1.0', `5 EOF ${status}`];
    expect(stage.ask(client, 'SELECT Proxy_Version()')).toEqual(version('0x2'));
    stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
    stage.ask(client, 'update t');
    expect(stage.ask(client, 'SELECT Proxy_Version()')).toEqual(version('0x3'));
    expect(stage.ask(client, 'select proxy_version() AS v')[0]).toBe('column v');
    stage.leave();
  });

  inEveryWorld('root@proxysys: no observer is ever asked', {}, (stage) => {
    const admin = stage.administrator();
    const bad = ['1 ERR 5010/21000 Unknown operator, bad internal cmd'];
    for (const text of ['SET autocommit=1', 'begin', 'START TRANSACTION', 'commit', 'ROLLBACK']) {
      expect(stage.ask(admin, text)).toEqual(['1 OK 0 0x0']);
    }
    for (const text of ['select 1', 'KILL QUERY 1', 'show proxysession;;', 'kill', 'insert into t values (1)']) {
      expect(stage.ask(admin, text)).toEqual(bad);
    }
    for (const command of [COM.PROCESS_INFO, COM.INIT_DB, COM.STATISTICS, COM.STMT_PREPARE]) {
      admin.send(requestBytes(command, 'kill 5'));
      stage.settle();
      expect(admin.read()).toEqual(bad);
    }
    admin.send(requestBytes(COM.PROCESS_KILL, Buffer.of(1, 0, 0, 0)));
    stage.settle();
    expect(admin.read()).toEqual(bad);
    admin.send(requestBytes(COM.QUIT));
    stage.settle();
    expect(admin.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.connections).toHaveLength(0);
    stage.expectNothingLeft();
  });

  inEveryWorld('a long statement of root@proxysys is refused whole: what it holds is no request', {}, (stage) => {
    const admin = stage.administrator();
    const trap = Buffer.concat([Buffer.alloc(4091), queryBytes('kill 1'), Buffer.alloc(8000)]);
    admin.send(requestBytes(COM.QUERY, Buffer.concat([Buffer.from('x'), trap])), requestBytes(COM.PING));
    stage.settle();
    expect(admin.read()).toEqual(['1 ERR 5010/21000 Unknown operator, bad internal cmd', '1 OK 0 0x0']);
    stage.leave();
  });
});

describe('pipelining', () => {
  inEveryWorld('requests are served one by one, none is thrown away', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY select 2'] = null;
    client.send(
      Buffer.concat([
        queryBytes('select 1'),
        requestBytes(COM.PING),
        queryBytes('begin'),
        queryBytes('select 2'),
        queryBytes('show processlist; '),
        queryBytes('select 3'),
      ]),
    );
    stage.settle();
    expect(client.read()).toEqual(['1 OK 0 0x22', '1 OK 0 0x0', '1 OK 0 0x23']);
    expect(stage.observer.last.requests).toEqual(['QUERY select 1', 'QUERY begin', 'QUERY select 2']);
    stage.observer.last.write(okBytes());
    stage.settle();
    const said = client.read();
    expect([said[0], said.at(-1)]).toEqual(['1 OK 0 0x22', '1 OK 0 0x22']);
    expect(said).toHaveLength(1 + 10 + 1 + 1 + 1);
    expect(stage.observer.last.requests.at(-1)).toBe('QUERY select 3');
    stage.leave();
  });

  inEveryWorld('a login and requests behind it in one write', {}, (stage) => {
    const client = stage.connect();
    client.send(Buffer.concat([loginBytes('app@shop'), queryBytes('select 1'), requestBytes(COM.QUIT)]));
    stage.settle();
    expect(client.read()).toEqual(['2 OK 0 0x22', '1 OK 0 0x22']);
    expect(stage.observer.last.requests).toEqual(['QUERY select 1', 'QUIT']);
    stage.expectNothingLeft();
  });

  inEveryWorld(
    'a client that sends and never reads is read no further than a bound',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      client.connection.pause();
      // 3.5 MB of requests, each with an answer of 3 KB.
      const show = queryBytes(`/*${' '.repeat(7000)}*/ SHOW PROXYSESSION STAT`);
      client.send(Buffer.concat(Array.from({ length: 500 }, () => show)));
      stage.settle();
      // The proxy has room for one, and for its own answers up to the mark.
      expect(client.connection.unsent).toBeGreaterThan(2_000_000);
      client.connection.resume();
      stage.settle();
      expect(client.read().filter((it) => it.endsWith('EOF 0x0'))).toHaveLength(500);
      stage.leave();
    },
    1,
  );
});

describe('the end of a session', () => {
  inEveryWorld('QUIT is written to the bound server session, then everybody gets FIN', {}, (stage) => {
    const client = stage.login('app@shop');
    client.send(requestBytes(COM.QUIT));
    stage.settle();
    expect(stage.log).toEqual(['ob0/3221487617 QUIT', 'ob0/3221487617 FIN']);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.causes).toEqual(['1: the client said QUIT']);
    stage.expectNothingLeft();
  });

  inEveryWorld('QUIT opens no connection', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.last.connection.end();
    stage.settle();
    client.send(requestBytes(COM.QUIT));
    stage.settle();
    expect(stage.observer.connections).toHaveLength(1);
    expect(stage.observer.last.requests).toEqual([]);
    stage.expectNothingLeft();
  });

  for (const [how, leave] of [
    ['FIN', 'end'],
    ['RST', 'reset'],
  ] as const) {
    inEveryWorld(`${how} of the client while it is served closes the server session`, {}, (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY sleep'] = null;
      client.send(queryBytes('sleep'));
      stage.settle();
      client.connection[leave]();
      stage.settle();
      expect(stage.observer.last.ended).toBe('FIN');
      expect(stage.causes).toEqual([`1: the client has gone (${how})`]);
      stage.expectNothingLeft();
    });
  }

  inEveryWorld('a client that never answers our FIN is given up after a second', {}, (stage) => {
    const client = stage.connect(undefined, false);
    client.send(loginBytes('app@shop'));
    stage.settle();
    client.send(requestBytes(COM.QUIT));
    stage.advance(999);
    expect(client.events).toEqual(['FIN']);
    expect(stage.world.openConnections).toBeGreaterThan(0);
    stage.advance(1);
    client.connection.end();
    stage.settle();
    stage.expectNothingLeft();
  });
});

describe('malformed', () => {
  test.each([
    ['an empty packet', Buffer.of(0, 0, 0, 0)],
    ['a wrong sequence id', Buffer.of(1, 0, 0, 1, COM.PING)],
    ['a command of 10 KB that has no argument', requestBytes(COM.PROCESS_INFO, 'x'.repeat(10_000))],
  ])('%s from the client: FIN without a word', (_name, bytes) => {
    const stage = new Stage();
    const client = stage.login('app@shop');
    client.send(bytes);
    stage.settle();
    expect(client.size).toBe(0);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  const bareErr = new PacketWriter(1);
  writeErr(bareErr, { code: 1064, sqlState: '42000', message: 'no OK behind it' });
  const twoErrs = Buffer.concat([bareErr.view(), bareErr.view()]);
  for (const [name, answer, got] of [
    ['an empty packet', Buffer.of(0, 0, 0, 1), 0],
    ['an ERR with no OK behind it but another ERR', twoErrs, 0],
    ['an OK that is too short', Buffer.of(3, 0, 0, 1, 0, 0, 0), 0],
  ] as const) {
    inEveryWorld(
      `${name} from an observer: FIN to both, nobody else is harmed`,
      {},
      (stage) => {
        const other = stage.login('app@shop');
        const client = stage.login('app@shop');
        const mine = stage.observer.last;
        stage.observer.answers['QUERY bad'] = answer;
        expect(stage.ask(client, 'bad')).toHaveLength(got);
        expect(client.events).toEqual(['FIN', 'closed']);
        expect(mine.ended).toBe('FIN');
        expect(stage.ask(other, 'select 1')).toEqual(['1 OK 0 0x22']);
        stage.leave();
      },
      10,
    );
  }

  inEveryWorld('bytes on an idle server session: it is dropped, the next statement gets a new one', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.last.write(okBytes());
    stage.settle();
    expect(stage.observer.last.ended).toBe('FIN');
    expect(client.size).toBe(0);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.observer.connections).toHaveLength(2);
    stage.leave();
  });

  test('more than the answer: the answer counts, the server session goes, a request behind it is not answered wrongly', () => {
    const stage = new Stage();
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY twice'] = Buffer.concat([okBytes(), okBytes()]);
    stage.observer.answers['QUERY update t'] = okBytes({ affectedRows: 7 });
    client.send(Buffer.concat([queryBytes('twice'), queryBytes('update t')]));
    stage.settle();
    expect(client.read()).toEqual(['1 OK 0 0x22', '1 OK 7 0x22']);
    expect(stage.observer.connections.map((it) => it.ended)).toEqual(['FIN', '']);
    stage.leave();
  });
});

test('in-transaction flags come from the last OK of the answer', () => {
  const stage = new Stage();
  const client = stage.login('app@shop');
  stage.observer.answers['QUERY bad'] = errBytes(1205, 'lock', 1, 0x22 | STATUS.IN_TRANS);
  stage.ask(client, 'bad');
  // Still in the transaction: BEGIN is forwarded like any statement.
  expect(stage.ask(client, 'begin')).toEqual(['1 OK 0 0x22']);
  expect(stage.observer.last.requests).toEqual(['QUERY bad', 'QUERY begin']);
  stage.leave();
});
