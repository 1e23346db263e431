/**
 * White lists and limits of tenants, beyond what their pages show: how they are written, whom they let in, and that a
 * changed one counts for whoever comes next.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { readItem } from '../../proxy/config-items.ts';
import { admit } from '../../proxy/session/admission.ts';
import { TenantCounts } from '../../proxy/session/by-tenant.ts';
import { isAmong, parseNetworks } from '../../proxy/session/networks.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import { nativePassword } from '../../proxy/wire/scramble.ts';
import { loginBytes } from './raw-client.ts';
import { ScriptedObserver } from './scripted-observer.ts';
import { inEveryWorld, Stage, sha1 } from './stage.ts';

const LIST = 'shop#obdemo=10.0.0.0/8|192.168.1.7';
const INSIDE = { host: '10.1.2.3', port: 40_001 };
const OUTSIDE = { host: '192.168.1.8', port: 40_002 };

describe('a list of networks', () => {
  test.each([
    ['10.0.0.0/8|192.168.1.7', ['10.1.1.1', '192.168.1.7'], ['192.168.1.8', '::1']],
    ['10.0.0.1,10.0.0.2  10.0.0.3', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], ['10.0.0.4']],
    ['fd00::/8|127.0.0.1', ['fd12::9', '127.0.0.1', '::ffff:127.0.0.1'], ['fe80::1', '127.0.0.2']],
    ['0.0.0.0', ['203.0.113.9', '2001:db8::9'], []],
    ['::', ['203.0.113.9', '2001:db8::9'], []],
    ['10.0.0.1|*', ['203.0.113.9'], []],
    ['10.0.0.1', ['10.0.0.1'], ['no address']],
  ])('%s', (text, inside, outside) => {
    const networks = parseNetworks(text)!;
    for (const host of inside) expect([host, isAmong(host, networks)]).toEqual([host, true]);
    for (const host of outside) expect([host, isAmong(host, networks)]).toEqual([host, false]);
  });

  test.each(['', ' | ', '10.0.0.0/8|here', '10.0.0.0/8;10.0.0.1', '10.0.0'])('%j is none', (text) => {
    expect(parseNetworks(text)).toBeNull();
  });
});

describe('the item', () => {
  test.each([
    ['', 'value'],
    [LIST, 'value'],
    [`${LIST}; sys#obdemo = 127.0.0.1;`, 'wrong'],
    [`${LIST}; sys#obdemo=127.0.0.1;`, 'value'],
    ['shop=10.0.0.0/8', 'wrong'],
    ['shop#obdemo', 'wrong'],
    ['shop#obdemo=', 'wrong'],
    ['#obdemo=10.0.0.1', 'wrong'],
    ['shop@obdemo=10.0.0.1', 'wrong'],
    ['shop#obdemo=10.0.0.1=10.0.0.2', 'wrong'],
  ])('white_list %j: %s', (text, kind) => {
    expect(readItem('white_list', text).kind).toBe(kind);
  });

  test.each([
    ['', 'value'],
    ['shop#obdemo=0', 'value'],
    ['shop#obdemo=200;sys#obdemo=5', 'value'],
    ['shop#obdemo=-1', 'wrong'],
    ['shop#obdemo=1k', 'wrong'],
    ['200', 'wrong'],
  ])('resource_max_connections %j: %s', (text, kind) => {
    expect(readItem('resource_max_connections', text).kind).toBe(kind);
  });
});

describe('who is not on it', () => {
  inEveryWorld(
    'is cut off when the login is there: no word, no observer, a line in the log',
    { items: { white_list: LIST } },
    (stage) => {
      const client = stage.connect(OUTSIDE);
      expect(client.events).toEqual([]);
      client.send(loginBytes('app@shop#obdemo'));
      stage.settle();
      expect([client.size, client.events]).toEqual([0, ['FIN', 'closed']]);
      expect(stage.causes).toEqual(['1: 192.168.1.8 is not on the white list of shop#obdemo']);
      expect(stage.observer.connections).toHaveLength(0);
      stage.login('app@shop', {}, INSIDE);
      // Of other tenants, and of a cluster of another name, it says nothing.
      stage.login('root@sys', {}, OUTSIDE);
      stage.login('app@shop#obother', {}, OUTSIDE);
      stage.leave();
    },
  );

  test('cannot get past it by another way to write the name', () => {
    const stage = new Stage({ items: { white_list: LIST } });
    for (const user of ['app@shop', 'app@SHOP#obdemo', 'obdemo:shop:app', 'obdemo-Shop-app:1', 'app@shop#obdemo:1']) {
      const client = stage.connect(OUTSIDE);
      client.send(loginBytes(user));
      stage.settle();
      expect([user, client.size, client.events]).toEqual([user, 0, ['FIN', 'closed']]);
    }
    stage.expectNothingLeft();
  });

  test('is judged after the name, and before the limits and the cluster', () => {
    const items = {
      white_list: 'shop#obdemo=10.0.0.1;shop#nowhere=10.0.0.1;proxysys#obdemo=10.0.0.1',
      client_max_connections: 1,
      enable_full_username: true,
    };
    const stage = new Stage({ items });
    const first = stage.connect(INSIDE);
    const said = ['app@shop', 'app@shop#obdemo', 'app@shop#nowhere', 'root@proxysys', 'root@sys#obdemo'].map((user) => {
      const client = stage.connect(INSIDE);
      client.send(loginBytes(user));
      stage.settle();
      return client.read().map((it) => it.slice(0, 10))[0] ?? 'closed';
    });
    expect(said).toEqual(['2 ERR 1045', 'closed', 'closed', 'closed', '2 ERR 1203']);
    first.connection.end();
    stage.settle();
    stage.expectNothingLeft();
  });
});

test('an item that has changed counts for the next login', () => {
  const facts = (white_list: string) => ({
    items: { ...DEFAULT_ITEMS, white_list },
    clusters: [{ name: 'obdemo', servers: [], tenants: null }],
    sha1,
    registry: { size: 1, tenants: new TenantCounts() },
    place: { client: OUTSIDE, connection: { remote: OUTSIDE, secure: false } },
  });
  const login = readLogin(loginBytes('app@shop').subarray(4));
  const kinds = ['', LIST, `${LIST}|192.168.1.8`, LIST, ''].map((text) => admit(login, facts(text)).kind);
  expect(kinds).toEqual(['to observer', 'close', 'to observer', 'close', 'to observer']);
});

describe('the limit of a tenant', () => {
  inEveryWorld(
    'counts who is in or on the way, and nobody else',
    { items: { resource_max_connections: 'shop#obdemo=2' }, observers: 1 },
    (stage) => {
      const refused = '2 ERR 1040/08004 Too many connections';
      stage.login('app@shop');
      const waiting = stage.connect();
      stage.observer.loginAnswer = () => null;
      waiting.send(loginBytes('app@shop'));
      stage.settle();
      const third = stage.connect();
      third.send(loginBytes('boss@SHOP'));
      stage.settle();
      expect([third.read(), third.events]).toEqual([[refused], ['FIN', 'closed']]);
      // Whoever is on the way has gone before he was in.
      waiting.connection.end();
      stage.settle();
      stage.observer.loginAnswer = ScriptedObserver.prototype.loginAnswer;
      stage.login('app@shop');
      stage.leave();
    },
    5,
  );

  test('counts down to nothing', () => {
    const counts = new TenantCounts();
    counts.enter('shop', 'a');
    counts.enter('SHOP', 'A');
    counts.enter('shop', 'b');
    counts.leave('shop', 'a');
    expect([counts.of('Shop', 'a'), counts.of('shop', 'b'), counts.of('sys', 'a')]).toEqual([1, 1, 0]);
    counts.leave('shop', 'a');
    expect(counts.of('shop', 'a')).toBe(0);
  });
});

describe('inspector@proxysys', () => {
  const items = { inspector_password: sha1(Buffer.from('see')).toString('hex') };
  const answer = nativePassword(sha1, 'see', Buffer.from('aaaaaaaabbbbbbbbbbbb'));

  test.each([
    ['10.0.0.7', items, answer, '2 OK 0 0x0'],
    ['203.0.113.9', items, answer, '2 ERR 1045'],
    ['203.0.113.9', { ...items, skip_proxy_sys_private_check: true }, answer, '2 OK 0 0x0'],
    ['10.0.0.7', items, Buffer.alloc(0), '2 ERR 1045'],
    ['10.0.0.7', { obproxy_sys_password: items.inspector_password }, answer, '2 ERR 1045'],
    ['10.0.0.7', {}, Buffer.alloc(0), '2 ERR 1045'],
  ])('from %s with %j', (host, given, authResponse, said) => {
    const stage = new Stage({ items: given });
    const client = stage.connect({ host, port: 40_000 });
    client.send(loginBytes('inspector@proxysys', { authResponse }));
    stage.settle();
    expect(client.read()[0]!.slice(0, said.length)).toBe(said);
    stage.leave();
  });

  test('has no rights of root@proxysys over others', () => {
    const stage = new Stage({ items });
    const alice = stage.login('app@shop');
    const inspector = stage.login('inspector@proxysys', { authResponse: answer }, { host: '10.0.0.7', port: 40_000 });
    expect(stage.ask(inspector, 'ping proxy')).toEqual(['1 OK 0 0x0']);
    for (const text of [`kill ${alice.csId}`, `kill proxysession ${alice.csId}`, 'show proxysession', 'select 1']) {
      expect(stage.ask(inspector, text)).toEqual(['1 ERR 5010/21000 Unknown operator, bad internal cmd']);
    }
    stage.advance(2_000);
    expect(alice.events).toEqual([]);
    // And it is of another tenant than anybody who is not the administrator.
    expect(stage.ask(alice, `kill ${inspector.csId}`)).toEqual([
      `1 ERR 1094/HY000 Unknown thread id: ${inspector.csId}`,
    ]);
    stage.leave();
  });
});

test('the account of the proxy itself is let through with skip_proxyro_check, and only then', () => {
  const stage = new Stage({ items: { skip_proxyro_check: true } });
  stage.login('proxyro@sys');
  stage.leave();
  const strict = new Stage();
  for (const user of ['proxyro@sys', 'proxyro', 'proxyro@SYS', 'obdemo:sys:proxyro']) {
    const client = strict.connect();
    client.send(loginBytes(user));
    strict.settle();
    expect(client.read()[0]).toMatch(/^2 ERR 1045/);
  }
  strict.expectNothingLeft();
});
