/**
 * COM_CHANGE_USER and COM_RESET_CONNECTION (odp-relay.md §2.8): what the observer gets, what the client gets, and what is left
 * of the session afterwards.
 */
import { describe, expect, test } from 'vitest';
import { changeUserPayload, readChangeUser } from '../../proxy/wire/change-user.ts';
import { CAP, COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { attribute, type Login, readLogin } from '../../proxy/wire/login.ts';
import { NATIVE_PASSWORD, xor } from '../../proxy/wire/scramble.ts';
import { LOGIN_FLAGS, queryBytes, type RawClient, requestBytes } from './raw-client.ts';
import { errBytes, IN_TRANS, type ObserverConnection, okBytes, SCRAMBLE } from './scripted-observer.ts';
import { inEveryWorld, Stage, type StageOptions } from './stage.ts';

const FLAGS = LOGIN_FLAGS | CAP.CONNECT_ATTRS;
const NEW_LOGIN: Login = {
  capabilities: FLAGS,
  maxPacket: 0x100_0000,
  charset: 33,
  filler: Buffer.alloc(23),
  user: 'boss',
  authResponse: Buffer.alloc(20, 7),
  database: 'bank',
  plugin: NATIVE_PASSWORD,
  attributes: [attribute('__ob_client_name', 'me'), attribute('_pid', '1')],
};

function changeBytes(more: Partial<Login> = {}): Buffer {
  const out = new PacketWriter(0);
  out.packet(changeUserPayload({ ...NEW_LOGIN, ...more }));
  return out.view();
}

/** The last request of this connection as a change of user. */
function changeAt(connection: ObserverConnection): Login {
  const payload = connection.payloads.at(-1)!;
  expect(payload[0]).toBe(COM.CHANGE_USER);
  return readChangeUser(payload, readLogin(connection.login!.subarray(HEADER_SIZE)));
}

/** Requests are answered as `answers` says, a change of user with `change`, and a transaction is known. */
function scripted(stage: Stage, change: Buffer): void {
  for (const observer of stage.observers) {
    observer.answer = (asked, { payloads }) => {
      const told = observer.answers[asked];
      if (told !== undefined) return told;
      return payloads.at(-1)![0] === COM.CHANGE_USER ? change : okBytes();
    };
  }
}

/** What an observer reports when a session begins anew: a variable that differs from the yardstick, and the database. */
const ANEW = okBytes(
  {},
  {
    system: [
      ['ob_query_timeout', '5000000'],
      ['autocommit', '1'],
    ],
    database: 'bank',
  },
);

function login(stage: Stage): RawClient {
  return stage.login('app@shop#obdemo', { capabilities: FLAGS, attributes: [] });
}

function ask(stage: Stage, client: RawClient, bytes: Buffer): string[] {
  client.send(bytes);
  stage.settle();
  return client.read();
}

/** A second server session in the pool: the first server is left for the second, which stays where the client is. */
const SPREAD: StageOptions = { observers: 2, tenants: [{ name: 'shop', servers: [0, 1], leader: null }] };

function userShown(stage: Stage, csId: number): string {
  const [admin] = stage.clients.filter(({ csId: id }) => id !== csId);
  const row = stage.ask(admin!, 'show proxysession').find((it) => it.split('|')[1] === String(csId));
  return row!.split('|')[4]!;
}

describe('a change of user', () => {
  inEveryWorld('reaches the observer as a login would, and the client gets the OK', {}, (stage) => {
    scripted(stage, ANEW);
    stage.login('root@sys');
    const client = login(stage);
    const { last } = stage.observer;
    expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
    const got = changeAt(last);
    expect([got.user, got.database, got.charset, got.plugin]).toEqual(['boss@shop', 'bank', 33, NATIVE_PASSWORD]);
    expect(got.authResponse).toEqual(NEW_LOGIN.authResponse);
    const first = readLogin(last.login!.subarray(HEADER_SIZE)).attributes!;
    const expected = first.map(({ name, value }) => `${name}=${value}`);
    expected[expected.indexOf('__global_vars_version=0')] = '__global_vars_version=1700000000000000';
    expect(got.attributes!.map(({ name, value }) => `${name}=${value}`)).toEqual(['__ob_client_name=me', ...expected]);
    expect(userShown(stage, client.csId)).toBe('boss');
    stage.leave();
  });

  inEveryWorld(
    'afterwards a new server session is logged in as the new user, and no old variable is restored',
    {},
    (stage) => {
      scripted(stage, ANEW);
      stage.observer.answers['QUERY set'] = okBytes({}, { system: [['sql_mode', 'ANSI']], user: [['a', '1']] });
      const client = login(stage);
      stage.ask(client, 'set');
      expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
      stage.observer.last.connection.end();
      stage.settle();
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      const saved = readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
      expect([saved.user, saved.charset, saved.authResponse]).toEqual(['boss@shop', 33, NEW_LOGIN.authResponse]);
      expect(saved.attributes![0]!.value.toString()).toBe('me');
      expect(stage.observer.last.requests).toEqual([
        'INIT_DB bank',
        'QUERY SET @@ob_query_timeout = 5000000',
        'QUERY select 1',
      ]);
      stage.leave();
    },
  );

  inEveryWorld('prepared statements are forgotten, of both kinds', {}, (stage) => {
    scripted(stage, ANEW);
    stage.observer.answers['STMT_PREPARE select ?'] = Buffer.concat([
      Buffer.of(12, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      okBytes(),
    ]);
    const client = login(stage);
    client.send(requestBytes(COM.STMT_PREPARE, 'select ?'));
    stage.settle();
    client.take();
    stage.ask(client, "prepare p from 'select 1'");
    expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
    const execute = requestBytes(COM.STMT_EXECUTE, Buffer.of(1, 0, 0, 0, 0, 1, 0, 0, 0));
    expect(ask(stage, client, execute)).toEqual(['1 ERR 1243/HY007 Unknown prepared statement handle']);
    stage.observer.last.connection.end();
    stage.settle();
    stage.ask(client, 'execute p');
    expect(stage.observer.last.requests.filter((it) => it.startsWith('QUERY prepare'))).toEqual([]);
    stage.leave();
  });

  inEveryWorld('the pooled server sessions are closed, the one that served it stays', SPREAD, (stage) => {
    scripted(stage, ANEW);
    const client = login(stage);
    const [first, second] = stage.observers;
    // Where the second server is asked for by its address, the first one goes to the pool.
    stage.ask(client, `set @obproxy_route_addr = ${routeOf(second!.address.host)}`);
    stage.ask(client, 'select 1');
    expect(second!.last.requests.at(-1)).toBe('QUERY select 1');
    expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
    changeAt(second!.last);
    expect([first!.last.ended, second!.last.ended]).toEqual(['FIN', '']);
    stage.leave();
  });

  inEveryWorld(
    'in a transaction it goes to the server session of the transaction, which is over then',
    SPREAD,
    (stage) => {
      scripted(stage, ANEW);
      stage.observer.answers['QUERY update'] = okBytes(IN_TRANS);
      const client = login(stage);
      stage.ask(client, 'update');
      expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
      changeAt(stage.observer.last);
      stage.observer.last.connection.end();
      stage.settle();
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      stage.leave();
    },
  );

  inEveryWorld('with the tenant and cluster that it has', {}, (stage) => {
    scripted(stage, ANEW);
    const client = login(stage);
    for (const user of ['boss@shop', 'boss@shop#obdemo', 'boss#obdemo', 'obdemo:shop:boss']) {
      expect(ask(stage, client, changeBytes({ user }))).toEqual(['1 OK 0 0x22']);
      expect(changeAt(stage.observer.last).user).toBe('boss@shop');
    }
    stage.leave();
  });

  inEveryWorld('to another tenant or cluster: 1235, and the connection is kept', {}, (stage) => {
    scripted(stage, ANEW);
    stage.login('root@sys');
    const client = login(stage);
    for (const user of ['boss@sys', 'boss@shop#obother', 'boss#nowhere', 'root@proxysys']) {
      expect(ask(stage, client, changeBytes({ user }))).toEqual(['1 ERR 1235/0A000 Not supported feature or function']);
    }
    expect(stage.observer.last.requests).toEqual([]);
    expect(userShown(stage, client.csId)).toBe('app');
    stage.leave();
  });

  inEveryWorld("to ODP's own account: 1045, and the connection is kept", {}, (stage) => {
    const client = stage.login('root@sys', { capabilities: FLAGS, attributes: [] });
    const [said] = ask(stage, client, changeBytes({ user: 'proxyro' }));
    expect(said).toContain("1 ERR 1045/42000 Access denied for user 'proxyro@sys'");
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    stage.leave();
  });

  inEveryWorld('refused: the ERR, and everything is as before', {}, (stage) => {
    scripted(stage, errBytes(1045, 'denied'));
    stage.observer.answers['QUERY set'] = okBytes({}, { user: [['a', '1']] });
    stage.login('root@sys');
    const client = login(stage);
    stage.ask(client, 'set');
    expect(ask(stage, client, changeBytes())).toEqual(['1 ERR 1045/HY000 denied']);
    expect(userShown(stage, client.csId)).toBe('app');
    // Observers close then, which nobody notices.
    stage.observer.last.connection.end();
    stage.settle();
    stage.ask(client, 'select 1');
    expect(readLogin(stage.observer.last.login!.subarray(HEADER_SIZE)).user).toBe('app@shop');
    expect(stage.observer.last.requests.at(-2)).toContain('@a = 1');
    stage.leave();
  });

  inEveryWorld('refused, and then a reset: still who it was', {}, (stage) => {
    scripted(stage, errBytes(1045, 'denied'));
    stage.login('root@sys');
    const client = login(stage);
    expect(ask(stage, client, changeBytes())).toEqual(['1 ERR 1045/HY000 denied']);
    expect(ask(stage, client, requestBytes(COM.RESET_CONNECTION))).toEqual(['1 OK 0 0x22']);
    expect(userShown(stage, client.csId)).toBe('app');
    stage.leave();
  });

  inEveryWorld('without a server session: a new one for the old user, then the change', {}, (stage) => {
    scripted(stage, ANEW);
    const client = login(stage);
    stage.observer.last.connection.end();
    stage.settle();
    expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
    expect(readLogin(stage.observer.last.login!.subarray(HEADER_SIZE)).user).toBe('app@shop');
    const got = changeAt(stage.observer.last);
    const id = got.attributes!.find(({ name }) => name === '__connection_id')!;
    expect([got.user, id.value.toString()]).toEqual(['boss@shop', String(stage.observer.last.threadId)]);
    stage.leave();
  });

  test.each([
    ['no name', requestBytes(COM.CHANGE_USER, '')],
    ['an empty name', changeBytes({ user: '' })],
    ['a cluster id that is no number', changeBytes({ user: 'boss#obdemo:x' })],
    ['cut in the middle', requestBytes(COM.CHANGE_USER, 'boss\0\x14abc')],
    ['longer than any', requestBytes(COM.CHANGE_USER, 'x'.repeat(10_000))],
  ])('malformed: %s: FIN', (_, bytes) => {
    const stage = new Stage();
    const client = login(stage);
    expect(ask(stage, client, bytes)).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });
});

describe('an auth switch', () => {
  const ASKED = Buffer.from('tsrqponmlkjihgfedcba');
  const SWITCH = Buffer.concat([Buffer.from('\xfemysql_native_password\0', 'latin1'), ASKED, Buffer.of(0)]);
  const PROOF = Buffer.alloc(20, 9);

  function packet(sequence: number, payload: Buffer): Buffer {
    const out = new PacketWriter(sequence);
    out.packet(payload);
    return out.view();
  }

  /** The observer asks, the client's proof is answered with `answer`. */
  function questioned(stage: Stage, answer: Buffer, question = SWITCH): RawClient {
    stage.observer.answer = (_, { payloads }) => {
      const payload = payloads.at(-1)!;
      if (payload[0] === COM.CHANGE_USER) return packet(1, question);
      return payload.equals(PROOF) ? answer : okBytes();
    };
    const client = login(stage);
    client.send(changeBytes());
    stage.settle();
    expect(client.take()).toEqual(packet(1, question));
    return client;
  }

  inEveryWorld('and the proof pass on the same server session; the proof is repeated later', {}, (stage) => {
    const client = questioned(stage, ANEW);
    const asked = stage.observer.last;
    expect(ask(stage, client, packet(2, PROOF))).toEqual(['1 OK 0 0x22']);
    expect(asked.payloads.at(-1)).toEqual(PROOF);
    asked.connection.end();
    stage.settle();
    stage.ask(client, 'select 1');
    const saved = readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
    expect(saved.authResponse).toEqual(PROOF);
    // It answers the scramble of the question: the next observer can find that by its own.
    const hidden = saved.attributes!.find(({ name }) => name === '__proxy_scramble');
    expect(xor(hidden!.value, SCRAMBLE)).toEqual(ASKED);
    stage.leave();
  });

  inEveryWorld('the next change of user answers the greeting again', {}, (stage) => {
    const client = questioned(stage, ANEW);
    expect(ask(stage, client, packet(2, PROOF))).toEqual(['1 OK 0 0x22']);
    scripted(stage, ANEW);
    expect(ask(stage, client, changeBytes())).toEqual(['1 OK 0 0x22']);
    stage.observer.last.connection.end();
    stage.settle();
    stage.ask(client, 'select 1');
    const saved = readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
    expect(saved.authResponse).toEqual(NEW_LOGIN.authResponse);
    expect(saved.attributes!.map(({ name }) => name)).not.toContain('__proxy_scramble');
    stage.leave();
  });

  inEveryWorld('to another plugin: that one is repeated, too', {}, (stage) => {
    const other = Buffer.concat([Buffer.from('\xfeother\0', 'latin1'), ASKED, Buffer.of(0)]);
    const client = questioned(stage, ANEW, other);
    expect(ask(stage, client, packet(2, PROOF))).toEqual(['1 OK 0 0x22']);
    stage.observer.last.connection.end();
    stage.settle();
    stage.ask(client, 'select 1');
    expect(readLogin(stage.observer.last.login!.subarray(HEADER_SIZE)).plugin).toBe('other');
    stage.leave();
  });

  inEveryWorld('the proof is not right: ERR, and the old user stays', {}, (stage) => {
    const client = questioned(stage, errBytes(1045, 'denied', 3));
    expect(ask(stage, client, packet(2, PROOF))).toEqual(['3 ERR 1045/HY000 denied']);
    stage.observer.last.connection.end();
    stage.settle();
    stage.ask(client, 'select 1');
    expect(readLogin(stage.observer.last.login!.subarray(HEADER_SIZE)).user).toBe('app@shop');
    stage.leave();
  });

  inEveryWorld('and a pipelined request behind the proof', {}, (stage) => {
    const client = questioned(stage, ANEW);
    client.send(Buffer.concat([packet(2, PROOF), queryBytes('select 1')]));
    stage.settle();
    expect(client.read()).toEqual(['1 OK 0 0x22', '1 OK 0 0x22']);
    expect(stage.observer.last.requests.at(-1)).toBe('QUERY select 1');
    stage.leave();
  });

  inEveryWorld('the client goes, or its observer does: both are closed', {}, (stage) => {
    const client = questioned(stage, ANEW);
    const other = questioned(stage, ANEW);
    const [first, second] = stage.observer.connections;
    client.connection.end();
    second!.connection.end();
    stage.settle();
    expect([first!.ended, second!.ended]).toEqual(['FIN', 'FIN']);
    expect(other.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('a proof that is too long: FIN', {}, (stage) => {
    const client = questioned(stage, ANEW);
    expect(ask(stage, client, packet(2, Buffer.alloc(10_000)))).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });
});

describe('RESET_CONNECTION', () => {
  inEveryWorld(
    'goes to the server session used last and clears the session; user and database stay',
    SPREAD,
    (stage) => {
      for (const observer of stage.observers) {
        observer.answers['QUERY set'] = okBytes(
          {},
          { user: [['a', '1']], system: [['sql_mode', 'ANSI']], database: 'bank' },
        );
        observer.answers.RESET_CONNECTION = okBytes({}, { system: [['autocommit', '1']], database: 'bank' });
      }
      const client = login(stage);
      const [first, second] = stage.observers;
      stage.ask(client, 'set');
      stage.ask(client, `set @obproxy_route_addr = ${routeOf(second!.address.host)}`);
      stage.ask(client, 'select 1');
      expect(ask(stage, client, requestBytes(COM.RESET_CONNECTION))).toEqual(['1 OK 0 0x22']);
      expect(second!.last.requests.at(-1)).toBe('RESET_CONNECTION');
      expect([first!.last.ended, second!.last.ended]).toEqual(['FIN', '']);
      second!.last.connection.end();
      stage.settle();
      stage.ask(client, 'select 2');
      const again = [...first!.connections, ...second!.connections].find(({ requests }) =>
        requests.includes('QUERY select 2'),
      )!;
      expect(readLogin(again.login!.subarray(HEADER_SIZE)).user).toBe('app@shop');
      expect(again.requests).toEqual(['INIT_DB bank', 'QUERY select 2']);
      stage.leave();
    },
  );

  inEveryWorld('forgets where the next statement was to go', SPREAD, (stage) => {
    const client = login(stage);
    const [first, second] = stage.observers;
    stage.ask(client, `set @obproxy_route_addr = ${routeOf(second!.address.host)}`);
    expect(ask(stage, client, requestBytes(COM.RESET_CONNECTION))).toEqual(['1 OK 0 0x22']);
    stage.ask(client, 'select 1');
    expect(second!.connections).toEqual([]);
    expect(first!.last.requests.at(-1)).toBe('QUERY select 1');
    stage.leave();
  });

  inEveryWorld('refused: nothing is cleared', {}, (stage) => {
    stage.observer.answers['QUERY set'] = okBytes({}, { user: [['a', '1']] });
    stage.observer.answers.RESET_CONNECTION = errBytes(1235, 'no');
    const client = login(stage);
    stage.ask(client, 'set');
    expect(ask(stage, client, requestBytes(COM.RESET_CONNECTION))).toEqual(['1 ERR 1235/HY000 no']);
    expect(stage.ask(client, "show proxysession variables like 'a'")[5]).toMatch(/^a\|1\|/);
    stage.leave();
  });
});

function routeOf(host: string): bigint {
  return (2881n << 32n) | BigInt(host.split('.').reduce((sum, it) => sum * 256 + Number(it), 0));
}
