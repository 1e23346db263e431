/**
 * Login through the proxy: the greeting, the login as the observer gets it, the OK as the client gets it – in the bytes
 * of decisions.md §9.1–9.4 – and who is turned away, by whom, with what.
 */
import { describe, expect, test } from 'vitest';
import { OwnCommands } from '../../proxy/command/commands.ts';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { PLAIN } from '../../proxy/ports.ts';
import { TenantRouter } from '../../proxy/route/router.ts';
import { ClientSession } from '../../proxy/session/client-session.ts';
import { CsIds, ProxySessids } from '../../proxy/session/ids.ts';
import { Registry } from '../../proxy/session/registry.ts';
import { Sweep } from '../../proxy/session/sweep.ts';
import { CAP } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import { attribute, readLogin } from '../../proxy/wire/login.ts';
import { nativePassword } from '../../proxy/wire/scramble.ts';
import { World } from '../../simulator/world/world.ts';
import { cut, waysToCut } from '../wire/cuts.ts';
import {
  CLIENT_LOGIN,
  GREETING,
  MEASURED_LOGINS,
  OBSERVER_LOGIN,
  OBSERVER_LOGIN_OK,
  PLAIN_LOGIN_OK,
  TRACKING_LOGIN_OK,
} from '../wire/fixtures.ts';
import { LOGIN_FLAGS, loginBytes, PROXY, queryBytes, RawClient } from './raw-client.ts';
import { errBytes, ScriptedObserver } from './scripted-observer.ts';
import { inEveryWorld, Stage, sha1 } from './stage.ts';

/** The scene of decisions.md §9: cs_id 56932, proxy_sessid counter 9, the observer's thread id 3221562906. */
function scene() {
  const world = new World();
  const observer = new ScriptedObserver(world, 'ob', { host: '172.30.140.71', port: 2881 }, 3221562906, []);
  const { network, clock } = world;
  const sweep = new Sweep(clock, 1000);
  const registry = new Registry<ClientSession>();
  const proxySessids = new ProxySessids('172.30.140.64', 2883);
  for (let i = 0; i < 8; i++) proxySessids.next();
  network.listen(PROXY, {
    listening() {},
    failed() {},
    closed() {},
    accept(connection) {
      return new ClientSession(connection, 56932, {
        network,
        clock,
        choices: PLAIN,
        sha1,
        items: DEFAULT_ITEMS,
        clusters: [{ name: 'obdemo', servers: [{ address: observer.address }], tenants: null }],
        registry,
        sweep,
        proxySessids,
        router: new TenantRouter(PLAIN, { network, clock, sha1, passwordStage1: '', tls: false }),
        commands: new OwnCommands(registry, sweep, new CsIds(0), { pid: 1, tid: 1 }),
        journal: { disconnected() {} },
        nextSsId: () => 1,
      });
    },
  });
  const client = new RawClient(world);
  world.settle();
  return { world, observer, client };
}

describe('the bytes of decisions.md §9', () => {
  test('greeting, login at the observer, OK to a client with SESSION_TRACK', () => {
    const { world, observer, client } = scene();
    expect(client.take()).toEqual(GREETING);
    expect(observer.connections).toHaveLength(0);
    client.send(CLIENT_LOGIN);
    world.settle();
    expect(observer.last.login).toEqual(OBSERVER_LOGIN);
    expect(client.take()).toEqual(TRACKING_LOGIN_OK);
  });

  test('the same login in every cut', () => {
    for (const cuts of waysToCut(CLIENT_LOGIN).slice(0, 40)) {
      const { world, observer, client } = scene();
      client.take();
      for (const piece of cut(CLIENT_LOGIN, cuts)) {
        client.send(piece);
        world.settle();
      }
      expect(observer.last.login).toEqual(OBSERVER_LOGIN);
      expect(client.take()).toEqual(TRACKING_LOGIN_OK);
    }
  });

  test('the OK to a client without SESSION_TRACK', () => {
    const { world, observer, client } = scene();
    client.take();
    const flags = CLIENT_LOGIN.readUInt32LE(HEADER_SIZE) & ~CAP.SESSION_TRACK;
    const login = Buffer.from(CLIENT_LOGIN);
    login.writeUInt32LE(flags >>> 0, HEADER_SIZE);
    client.send(login);
    world.settle();
    // Towards the observer the flag is there all the same.
    expect(observer.last.login).toEqual(OBSERVER_LOGIN);
    expect(client.take()).toEqual(PLAIN_LOGIN_OK);
  });
});

describe('what reaches the observer', () => {
  function observerLogin(login: Buffer) {
    const stage = new Stage();
    const client = stage.connect();
    client.send(login);
    stage.settle();
    return readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
  }

  function attributes(login: Buffer): string[] {
    return observerLogin(login).attributes!.map(({ name, value }) => `${name}=${value.toString()}`);
  }

  test('the user without its cluster; flags but SSL, COMPRESS and DEPRECATE_EOF; the auth response as it came', () => {
    const authResponse = nativePassword(sha1, 'x', Buffer.from('aaaaaaaabbbbbbbbbbbb'));
    const dropped = CAP.SSL | CAP.COMPRESS | CAP.DEPRECATE_EOF;
    const login = observerLogin(
      loginBytes('app@shop#obdemo:7', { capabilities: LOGIN_FLAGS | dropped, authResponse, charset: 33 }),
    );
    expect(login.user).toBe('app@shop');
    expect(login.capabilities).toBe(LOGIN_FLAGS | CAP.CONNECT_ATTRS | CAP.SESSION_TRACK);
    expect([login.charset, login.maxPacket, login.database]).toEqual([33, 0x100_0000, null]);
    expect(login.authResponse).toEqual(authResponse);
  });

  test('a typed cluster id, and the ip that the client says', () => {
    const own = [attribute('__client_ip', '203.0.113.9'), attribute('_pid', '5'), attribute('__ob_client_x', 'y')];
    const login = loginBytes('app@shop#obdemo:7', { capabilities: LOGIN_FLAGS | CAP.CONNECT_ATTRS, attributes: own });
    expect(attributes(login).map((it) => it.replace(/(time|ion_id)=.*/, '$1=…'))).toEqual([
      '__ob_client_x=y',
      '__mysql_client_type=__ob_proxy',
      '__connection_id=…',
      '__proxy_connection_id=…',
      '__cluster_name=obdemo',
      '__cluster_id=7',
      '__global_vars_version=0',
      '__proxy_capability_flag=1706583',
      '__client_ip=203.0.113.9',
      '__proxy_version=4.3.1.0',
      '__client_addr_port=63882',
      '__client_session_id=…',
      '__client_connect_time=…',
    ]);
  });

  test('a database, and an empty one with its flag', () => {
    const capabilities = LOGIN_FLAGS | CAP.CONNECT_WITH_DB;
    expect(observerLogin(loginBytes('app@shop', { capabilities, database: 'bank' })).database).toBe('bank');
    expect(observerLogin(loginBytes('app@shop', { capabilities, database: '' })).database).toBe('');
  });

  test('a malformed attribute block counts as none', () => {
    const login = loginBytes('app@shop', { capabilities: LOGIN_FLAGS | CAP.CONNECT_ATTRS, attributes: [] });
    login[login.length - 1] = 200;
    expect(attributes(login)[0]).toBe('__mysql_client_type=__ob_proxy');
  });

  test.each(MEASURED_LOGINS)('the login of $client', ({ packet }) => {
    const login = observerLogin(packet);
    expect(login.user).toBe('root@sys');
    expect(login.attributes!.some(({ name }) => name === '__proxy_connection_id')).toBe(true);
  });
});

describe('turned away by the proxy', () => {
  function refusal(user: string, more = {}) {
    const stage = new Stage();
    const client = stage.connect();
    client.send(loginBytes(user, more));
    stage.settle();
    const said = client.read();
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.connections).toHaveLength(0);
    stage.expectNothingLeft();
    return said;
  }

  const PASSWORD = { authResponse: Buffer.alloc(20, 1) };
  test.each([
    ['app@shop#nowhere', {}, '2 ERR 4669/HY000 cluster not exist'],
    ['app@nobody', {}, "2 ERR 1045/42000 Access denied for user 'app@nobody'@'192.0.2.10' (using password: NO)"],
    [
      'obdemo:nobody:app:3',
      PASSWORD,
      "2 ERR 1045/42000 Access denied for user 'app@nobody#obdemo:3'@'192.0.2.10' (using password: YES)",
    ],
    ['proxyro@sys', {}, "2 ERR 1045/42000 Access denied for user 'proxyro@sys'@'192.0.2.10' (using password: NO)"],
    // Not from a private address; not anybody but root.
    ['root@proxysys', {}, "2 ERR 1045/42000 Access denied for user 'root@proxysys'@'192.0.2.10' (using password: NO)"],
  ])('%s', (user, more, answer) => {
    expect(refusal(user, more)).toEqual([answer]);
  });

  test.each(['', '@shop', 'app@shop#obdemo:x'])('%j: close without a word', (user) => {
    expect(refusal(user)).toEqual([]);
  });

  test('root@proxysys: who, from where, with which password', () => {
    const stage1 = sha1(Buffer.from('secret'));
    const items = { obproxy_sys_password: stage1.toString('hex') };
    const right = nativePassword(sha1, 'secret', Buffer.from('aaaaaaaabbbbbbbbbbbb'));
    const answers: string[] = [];
    for (const [user, host, authResponse] of [
      ['root@proxysys', '10.1.2.3', right],
      ['root@proxysys', '127.0.0.1', right],
      ['root@proxysys', '172.32.0.1', right],
      ['root@proxysys', '192.168.0.1', Buffer.alloc(0)],
      ['app@proxysys', '10.1.2.3', right],
    ] as const) {
      const stage = new Stage({ items });
      const client = stage.connect({ host, port: 5000 });
      client.send(loginBytes(user, { authResponse }));
      stage.settle();
      answers.push(client.read()[0]!.slice(0, 10));
    }
    expect(answers).toEqual(['2 OK 0 0x0', '2 OK 0 0x0', '2 ERR 1045', '2 ERR 1045', '2 ERR 1045']);
  });

  inEveryWorld(
    '1203 past client_max_connections, but not for root@proxysys',
    { items: { client_max_connections: 2 } },
    (stage) => {
      stage.login('app@shop');
      stage.login('app@shop');
      const third = stage.connect();
      third.send(loginBytes('app@shop'));
      stage.settle();
      expect(third.read()).toEqual(['2 ERR 1203/42000 Too many sessions']);
      expect(third.events).toEqual(['FIN', 'closed']);
      stage.administrator();
      stage.leave();
    },
  );
});

describe('turned away by the observer', () => {
  inEveryWorld('its ERR comes verbatim, the bare OK behind it does not, then FIN', { tenants: null }, (stage) => {
    const err = errBytes(1045, "Access denied for user 'app'@'xxx.xxx.xxx.xxx' (using password: NO)", 2);
    stage.observer.loginAnswer = () => err;
    const client = stage.connect();
    client.send(loginBytes('app@whoever'));
    stage.settle();
    const size = err.readUIntLE(0, 3) + HEADER_SIZE;
    expect(client.take()).toEqual(err.subarray(0, size));
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.last.ended).toBe('FIN');
    stage.expectNothingLeft();
  });

  for (const code of [8001, 8002, 5150, 4124, 4666, 4661]) {
    inEveryWorld(
      `${code}: the next observer is asked, the client sees nothing`,
      { observers: 3 },
      (stage) => {
        stage.observers[0]!.loginAnswer = () => errBytes(code, 'not here', 2);
        stage.observers[1]!.loginAnswer = () => errBytes(code, 'nor here', 2);
        stage.login('app@shop');
        expect(stage.observers.map((it) => it.connections.map((c) => c.ended))).toEqual([['FIN'], ['FIN'], ['']]);
        stage.leave();
      },
      5,
    );
  }

  inEveryWorld('the last one to say so is heard', { observers: 2 }, (stage) => {
    stage.observers[0]!.loginAnswer = () => errBytes(8001, 'first', 2);
    stage.observers[1]!.loginAnswer = () => errBytes(8001, 'second', 2);
    const client = stage.connect();
    client.send(loginBytes('app@shop'));
    stage.settle();
    expect(client.read()).toEqual(['2 ERR 8001/HY000 second']);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('another error is not tried elsewhere', { observers: 2 }, (stage) => {
    stage.observers[0]!.loginAnswer = () => errBytes(1040, 'full', 2);
    const client = stage.connect();
    client.send(loginBytes('app@shop'));
    stage.settle();
    expect(client.read()).toEqual(['2 ERR 1040/HY000 full']);
    expect(stage.observers[1]!.connections).toHaveLength(0);
    stage.expectNothingLeft();
  });

  inEveryWorld(
    'connection refused, FIN before and after the greeting: the next observer',
    { observers: 3 },
    (stage) => {
      const [first, second] = stage.observers;
      first!.greeting = () => null;
      second!.loginAnswer = (connection) => {
        connection.connection.end();
        return null;
      };
      const client = stage.connect();
      client.send(loginBytes('app@shop'));
      stage.settle();
      expect(client.size).toBe(0);
      first!.last.connection.end();
      stage.settle();
      expect(client.read()).toEqual(['2 OK 0 0x22']);
      stage.leave();
    },
  );

  inEveryWorld('refused everywhere: FIN without a word', { observers: 2 }, (stage) => {
    for (const observer of stage.observers) observer.down();
    const client = stage.connect();
    client.send(loginBytes('app@shop'));
    stage.settle();
    expect(client.size).toBe(0);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.causes).toEqual(['1: no server could be reached: connection refused']);
    stage.expectNothingLeft();
  });

  inEveryWorld('a login answer that is none, or with more behind it: the next one', { observers: 3 }, (stage) => {
    stage.observers[0]!.loginAnswer = () => Buffer.of(1, 0, 0, 2, 0x7b);
    stage.observers[1]!.loginAnswer = () => Buffer.concat([OBSERVER_LOGIN_OK, OBSERVER_LOGIN_OK]);
    const client = stage.connect();
    client.send(loginBytes('app@shop'));
    stage.settle();
    expect(client.read()).toEqual(['2 OK 0 0x22']);
    expect(stage.observers.slice(0, 2).map((it) => it.last.ended)).toEqual(['FIN', 'FIN']);
    stage.leave();
  });
});

describe('half a login', () => {
  inEveryWorld('is closed by the first tick at least 10 s after the greeting', {}, (stage) => {
    stage.advance(300);
    const client = stage.connect();
    client.send(loginBytes('app@shop').subarray(0, 20));
    stage.advance(10_600);
    expect(client.events).toEqual([]);
    stage.advance(99);
    expect(client.events).toEqual([]);
    stage.advance(1);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(client.size).toBe(0);
    expect(stage.causes).toEqual(['1: no login within the time for it']);
    stage.expectNothingLeft();
  });

  inEveryWorld('no deadline is left once the login is there', {}, (stage) => {
    const client = stage.connect();
    expect(stage.world.armedTimers).toBe(1);
    client.send(loginBytes('app@shop'));
    stage.settle();
    expect(stage.world.armedTimers).toBe(0);
    stage.advance(60_000);
    expect(client.events).toEqual([]);
    stage.leave();
  });

  test.each([
    ['too long', () => loginBytes('x'.repeat(9000))],
    [
      'out of sequence',
      () => Buffer.concat([loginBytes('app@shop').subarray(0, 3), Buffer.of(5), loginBytes('app@shop').subarray(4)]),
    ],
    ['empty', () => Buffer.of(0, 0, 0, 1)],
    ['cut short', () => Buffer.of(3, 0, 0, 1, 0, 2, 0)],
    ['of the old protocol', () => loginBytes('app', { capabilities: LOGIN_FLAGS & ~CAP.PROTOCOL_41 })],
    ['a request instead', () => queryBytes('select 1')],
    [
      'an SSLRequest, which was not offered',
      () => {
        const request = Buffer.alloc(36);
        request.writeUInt32LE(32 | (1 << 24), 0);
        request.writeUInt32LE(LOGIN_FLAGS | CAP.SSL, 4);
        return request;
      },
    ],
  ])('%s: FIN without a word', (_name, bytes) => {
    const stage = new Stage();
    const client = stage.connect();
    client.send(bytes());
    stage.settle();
    expect(client.size).toBe(0);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.connections).toHaveLength(0);
    stage.expectNothingLeft();
  });

  inEveryWorld('the client goes while the observer is asked', {}, (stage) => {
    stage.observer.loginAnswer = () => null;
    const client = stage.connect();
    client.send(loginBytes('app@shop'));
    stage.settle();
    expect(stage.proxy.facts()).toEqual({ clientSessions: 1, serverSessions: 1 });
    client.connection.end();
    stage.settle();
    expect(stage.observer.last.ended).toBe('FIN');
    stage.expectNothingLeft();
  });
});
