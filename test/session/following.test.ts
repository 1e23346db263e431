/**
 * Server sessions that come later: the saved login, what restores the client's state and in which order, the held BEGIN,
 * and which server session a statement must have.
 */
import { describe, expect } from 'vitest';
import { CAP, COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';
import { LOGIN_FLAGS, queryBytes, type RawClient, requestBytes } from './raw-client.ts';
import { errBytes, IN_TRANS, okBytes, rowsBytes } from './scripted-observer.ts';
import { inEveryWorld, type Stage } from './stage.ts';

/** The one and only server session gets FIN from the observer. */
function lose(stage: Stage): void {
  stage.observer.last.connection.end();
  stage.settle();
  expect(stage.observer.last.ended).toBe('FIN');
}

function expectDropped(stage: Stage, client: RawClient): void {
  expect(client.size).toBe(0);
  expect(client.events).toEqual(['FIN', 'closed']);
  expect(stage.causes.at(-1)).toContain('the server session its next statement needs is gone');
}

/** The two variables that differ from ODP's yardstick in the login OK of decisions.md §9.4. */
const LOGIN_SET = 'QUERY SET @@ob_trx_timeout = 86400000000, @@ob_enable_transmission_checksum = 1';

describe('the saved login', () => {
  inEveryWorld('is the first one again, with other ids, the version learned, and no database', {}, (stage) => {
    const client = stage.login('app@shop#obdemo', {
      capabilities: LOGIN_FLAGS | CAP.CONNECT_WITH_DB,
      database: 'bank',
    });
    const first = readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
    lose(stage);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    const saved = readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
    expect([first.database, saved.database]).toEqual(['bank', '']);
    expect(saved.capabilities).toBe(first.capabilities);
    const changed = saved.attributes!.filter((it, i) => !it.value.equals(first.attributes![i]!.value));
    expect(changed.map(({ name, value }) => `${name}=${value}`)).toEqual([
      `__connection_id=${stage.observer.last.threadId}`,
      '__global_vars_version=1700000000000000',
    ]);
    stage.leave();
  });

  inEveryWorld('its OK changes nothing of the client', {}, (stage) => {
    const client = stage.login('app@shop');
    lose(stage);
    stage.ask(client, 'select 1');
    lose(stage);
    stage.ask(client, 'select 2');
    expect(stage.observer.last.requests).toEqual([LOGIN_SET, 'QUERY select 2']);
    stage.leave();
  });

  inEveryWorld('refused: the next server; refused everywhere: FIN without a word', { observers: 2 }, (stage) => {
    const client = stage.login('app@shop');
    const [first, second] = stage.observers;
    first!.last.connection.end();
    stage.settle();
    first!.loginAnswer = () => errBytes(1045, 'no', 2);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(second!.last.requests).toEqual([LOGIN_SET, 'QUERY select 1']);
    second!.last.connection.end();
    stage.settle();
    second!.loginAnswer = () => errBytes(1045, 'no', 2);
    expect(stage.ask(client, 'select 2')).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld(
    'another ob_proxy_global_variables_version: all variables from now on',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const other = Buffer.from(OBSERVER_LOGIN_OK);
      other.write('1700000000000001', other.indexOf('1700000000000000'));
      stage.observer.loginAnswer = () => other;
      lose(stage);
      stage.ask(client, 'select 1');
      const set = stage.observer.last.requests[0]!;
      expect(set).toMatch(/^<|^QUERY </);
      const text = stage.observer.last.payloads[0]!.toString('latin1', 1);
      expect(text).toContain('@@wait_timeout = 28800');
      expect(text).toContain("@@sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER'");
      expect(text).toContain('@@ob_trx_timeout = 86400000000');
      expect(text).not.toContain('@@ob_trx_timeout = 100000000');
      expect(text).not.toMatch(/@@(version|hostname|max_connections|ob_proxy_\w+|ob_capability_flag) /);
      stage.leave();
    },
    3,
  );
});

describe('the order of restoring', () => {
  inEveryWorld(
    'database, cold and hot variables, user variables, BEGIN, the request; and no answer but its own',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const { answers } = stage.observer;
      answers['QUERY set'] = okBytes(
        {},
        {
          system: [
            ['autocommit', '0'],
            ['time_zone', "+0'9:\\00"],
            ['character_set_results', ''],
          ],
          user: [
            ['v', "'it''s'"],
            ['n', 'NULL'],
          ],
        },
      );
      answers['INIT_DB bank'] = okBytes({}, { database: 'bank' });
      answers['QUERY insert'] = okBytes({ lastInsertId: 5 }, { system: [['last_insert_id', '5']] });
      stage.ask(client, 'set');
      client.send(requestBytes(COM.INIT_DB, 'bank'));
      stage.settle();
      client.take();
      stage.ask(client, 'insert');
      lose(stage);
      expect(stage.ask(client, 'Start Transaction read only')).toEqual(['1 OK 0 0x21']);
      answers['QUERY select a'] = rowsBytes('a', ['1'], IN_TRANS.status);
      expect(stage.ask(client, 'select a')).toEqual(['column a', '1', '5 EOF 0x3']);
      expect(stage.observer.last.requests).toEqual([
        'INIT_DB bank',
        // A literal has a backslash, which must be read as one.
        "QUERY SET @@sql_mode = ''",
        'QUERY <269 bytes>',
        'QUERY Start Transaction read only',
        'QUERY select a',
      ]);
      const { payloads } = stage.observer.last;
      expect(payloads[0]).toEqual(Buffer.from('\x02bank'));
      expect(payloads[2]!.toString('latin1', 1)).toBe(
        'SET @@ob_trx_timeout = 86400000000, @@ob_enable_transmission_checksum = 1, ' +
          "@@time_zone = '+0\\'9:\\\\00', @@character_set_results = NULL, @@autocommit = 0, @@last_insert_id = 5, " +
          "@v = 'it''s', @n = NULL, @@sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER'",
      );
      stage.leave();
    },
  );

  inEveryWorld(
    'only what is behind is sent again',
    { observers: 2, tenants: [{ name: 'shop', servers: [0, 1], leader: null }] },
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY set'] = okBytes({}, { user: [['v', '1']] });
      stage.ask(client, 'set');
      stage.ask(client, 'select 1');
      expect(stage.observer.last.requests).toEqual(['QUERY set', 'QUERY select 1']);
      stage.leave();
    },
  );

  for (const [name, refused] of [
    ['the database is gone', 'INIT_DB bank'],
    ['a variable is refused', LOGIN_SET],
    ['the BEGIN is refused', 'QUERY begin'],
  ] as const) {
    inEveryWorld(
      `${name}: FIN without a word, no other server is tried`,
      { observers: 2 },
      (stage) => {
        const client = stage.login('app@shop');
        stage.observer.answers['INIT_DB bank'] = okBytes({}, { database: 'bank' });
        client.send(requestBytes(COM.INIT_DB, 'bank'));
        stage.settle();
        stage.ask(client, 'begin');
        client.take();
        lose(stage);
        stage.observer.answers[refused] = errBytes(1049, 'no');
        expect(stage.ask(client, 'select 1')).toEqual([]);
        expect(client.events).toEqual(['FIN', 'closed']);
        expect(stage.observer.last.requests.at(-1)).toBe(refused);
        expect(stage.observers[1]!.connections).toHaveLength(0);
        stage.expectNothingLeft();
      },
      10,
    );
  }

  for (const lost of ['INIT_DB bank', LOGIN_SET, 'QUERY begin']) {
    inEveryWorld(
      `the connection is lost at "${lost.slice(0, 12)}": the next server gets all of it`,
      { observers: 2 },
      (stage) => {
        const client = stage.login('app@shop');
        const [first, second] = stage.observers;
        first!.answers['INIT_DB bank'] = okBytes({}, { database: 'bank' });
        client.send(requestBytes(COM.INIT_DB, 'bank'));
        stage.settle();
        stage.ask(client, 'begin');
        lose(stage);
        first!.answers[lost] = null;
        client.take();
        client.send(queryBytes('select 1'));
        stage.settle();
        first!.last.connection.end();
        stage.settle();
        expect(client.read()).toEqual(['1 OK 0 0x22']);
        expect(second!.last.requests).toEqual(['INIT_DB bank', LOGIN_SET, 'QUERY begin', 'QUERY select 1']);
        stage.leave();
      },
      10,
    );
  }
});

describe('the held BEGIN', () => {
  inEveryWorld('0x23, or 0x21 with autocommit off; nothing reaches an observer', {}, (stage) => {
    const client = stage.login('app@shop');
    expect(stage.ask(client, 'BEGIN')).toEqual(['1 OK 0 0x23']);
    stage.observer.answers['QUERY set autocommit=0'] = okBytes({}, { system: [['autocommit', '0']] });
    stage.ask(client, 'set autocommit=0');
    expect(stage.ask(client, '/* a */ start  transaction')).toEqual(['1 OK 0 0x21']);
    expect(stage.observer.last.requests).toEqual(['QUERY BEGIN', 'QUERY set autocommit=0']);
    client.connection.end();
    stage.settle();
    expect(stage.observer.last.requests).toHaveLength(2);
    stage.expectNothingLeft();
  });

  inEveryWorld('a second one takes its place; COMMIT sends both', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, 'begin');
    expect(stage.ask(client, 'start transaction read only')).toEqual(['1 OK 0 0x23']);
    expect(stage.ask(client, 'commit')).toEqual(['1 OK 0 0x22']);
    expect(stage.observer.last.requests).toEqual(['QUERY start transaction read only', 'QUERY commit']);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.observer.last.requests).toHaveLength(3);
    stage.leave();
  });

  inEveryWorld('survives the loss of the server session', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, 'begin');
    lose(stage);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.observer.last.requests).toEqual([LOGIN_SET, 'QUERY begin', 'QUERY select 1']);
    stage.leave();
  });
});

describe('which server session', () => {
  inEveryWorld(
    'a dependent statement goes to the last one, else FIN without a word',
    { observers: 2, tenants: [{ name: 'shop', servers: [1, 0], leader: 0 }] },
    (stage) => {
      const client = stage.login('app@shop');
      const [leader, other] = stage.observers;
      // The login was at 1; the leader is 0.
      expect(stage.ask(client, 'select connection_id()')).toEqual(['1 OK 0 0x22']);
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      expect(stage.ask(client, 'show warnings')).toEqual(['1 OK 0 0x22']);
      expect([other!.last.requests, leader!.last.requests]).toEqual([
        ['QUERY select connection_id()'],
        [LOGIN_SET, 'QUERY select 1', 'QUERY show warnings'],
      ]);
      leader!.last.connection.end();
      stage.settle();
      expect(stage.ask(client, 'SELECT FOUND_ROWS()')).toEqual([]);
      expectDropped(stage, client);
      stage.expectNothingLeft();
    },
  );

  inEveryWorld('the idle one is lost outside a transaction: nobody notices', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.last.connection.reset();
    stage.settle();
    expect(client.events).toEqual([]);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    stage.leave();
  });

  inEveryWorld('the idle one is lost inside a transaction: PING still, then COMMIT gets FIN', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
    stage.ask(client, 'update t');
    lose(stage);
    client.send(requestBytes(COM.PING));
    stage.settle();
    expect(client.read()).toEqual(['1 OK 0 0x0']);
    expect(stage.ask(client, 'commit')).toEqual([]);
    expectDropped(stage, client);
    stage.expectNothingLeft();
  });

  inEveryWorld(
    'after SET TRANSACTION the next transaction stays where it is',
    { observers: 2, tenants: [{ name: 'shop', servers: [1, 0], leader: 0 }] },
    (stage) => {
      const client = stage.login('app@shop');
      const [leader, other] = stage.observers;
      leader!.answers['QUERY set transaction read only'] = okBytes(
        {},
        { system: [['ob_proxy_set_trx_executed', '1']] },
      );
      leader!.answers['QUERY select 1'] = okBytes(IN_TRANS);
      stage.ask(client, 'set transaction read only');
      stage.ask(client, 'begin');
      stage.ask(client, 'select 1');
      stage.ask(client, 'commit');
      expect(leader!.last.requests.slice(1)).toEqual([
        'QUERY set transaction read only',
        'QUERY begin',
        'QUERY select 1',
        'QUERY commit',
      ]);
      // Pinned without its server session: FIN; that it is not pinned any more shows in a new one.
      leader!.last.connection.end();
      stage.settle();
      expect(stage.ask(client, 'select 2')).toEqual(['1 OK 0 0x22']);
      expect(other!.last.requests).toEqual([]);
      stage.ask(client, 'set transaction read only');
      leader!.last.connection.end();
      stage.settle();
      expect(stage.ask(client, 'select 3')).toEqual([]);
      expectDropped(stage, client);
      stage.expectNothingLeft();
    },
  );

  inEveryWorld(
    'a dependent statement is lost with its server session, at a held BEGIN too',
    { observers: 2 },
    (stage) => {
      const client = stage.login('app@shop');
      stage.ask(client, 'begin');
      stage.observer.answers['QUERY begin'] = null;
      client.send(queryBytes('select connection_id()'));
      stage.settle();
      lose(stage);
      expect(client.size).toBe(0);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.observers[1]!.connections).toHaveLength(0);
      stage.expectNothingLeft();
    },
  );

  inEveryWorld('last_insert_id() beside a function of the statement before is 1235', {}, (stage) => {
    const client = stage.login('app@shop');
    expect(stage.ask(client, 'select last_insert_id(), row_count()')).toEqual([
      '1 ERR 1235/0A000 Not supported feature or function',
    ]);
    stage.leave();
  });

  inEveryWorld(
    'in flight: FIN of the observer is FIN to the client, and nothing is tried again',
    { observers: 2 },
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY update t'] = null;
      client.send(queryBytes('update t'));
      stage.settle();
      lose(stage);
      expect(client.size).toBe(0);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.observers[1]!.connections).toHaveLength(0);
      stage.expectNothingLeft();
    },
  );

  inEveryWorld(
    'one idle server session to each server, used again',
    { observers: 2, tenants: [{ name: 'shop', servers: [1, 0], leader: 0 }] },
    (stage) => {
      const client = stage.login('app@shop');
      const [leader, other] = stage.observers;
      stage.ask(client, 'select 1');
      expect(stage.proxy.facts().serverSessions).toBe(2);
      // The leader cannot be reached any more: the idle one to the other server will do, no second one is opened.
      leader!.down();
      leader!.last.connection.end();
      stage.settle();
      expect(stage.ask(client, 'select 2')).toEqual(['1 OK 0 0x22']);
      expect(other!.connections).toHaveLength(1);
      expect(stage.proxy.facts().serverSessions).toBe(1);
      stage.leave();
    },
  );
});
