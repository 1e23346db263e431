/**
 * Clients that come through a load balancer: the header of the PROXY protocol before the login, on both kinds of session, in
 * plain and before TLS, cut at every byte; whom it is believed, and what a bad one does.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConfigItems } from '../../proxy/config.ts';
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import { PROXY_HEADER_LIMIT, SIGNATURE, writeProxyHeader } from '../../proxy/wire/proxy-header.ts';
import { CLIENT_HELLO } from '../../simulator/world/memory-tls.ts';
import { cut, waysToCut } from '../wire/cuts.ts';
import { loginBytes, PROXY, queryBytes, RawClient, sslRequestBytes, TLS_FLAGS } from './raw-client.ts';
import { MysqlStage } from './scripted-mysql.ts';
import { inEveryWorld, Stage } from './stage.ts';

/** Where the load balancer stands. */
const BALANCER = { host: '10.9.9.9', port: 40_000 };
const CLIENT = { host: '203.0.113.9', port: 51_234 };
const HEADER = writeProxyHeader(CLIENT, PROXY, Buffer.from('ea0003010203', 'hex'));
const TRUSTED: Partial<ConfigItems> = { proxy_protocol_networks: '10.9.0.0/16' };
const USER = 'root@sys#obdemo';

/** What ATTRIBUTE has of the client's address, then `Host` of the list. */
function shown(stage: Stage, client: RawClient): string[] {
  const attributes = stage.ask(client, "show proxysession attribute like 'host%'").filter((it) => it.includes('|'));
  const row = stage.ask(client, 'show proxysession').find((it) => it.split('|')[1] === String(client.csId))!;
  return [...attributes.map((it) => it.split('|')[1]!), row.split('|')[5]!];
}

function told(stage: Stage): (string | undefined)[] {
  const { attributes } = readLogin(stage.observer.last.login!.subarray(HEADER_SIZE));
  return ['__client_ip', '__client_addr_port'].map((name) =>
    attributes!.find((it) => it.name === name)?.value.toString(),
  );
}

/** Somebody who sends this, and what became of it. */
function stranger(
  stage: Stage,
  ...bytes: Buffer[]
): [said: number, events: readonly string[], cause: string | undefined] {
  const client = stage.connect(BALANCER);
  client.send(...bytes);
  stage.settle();
  return [client.size, client.events, stage.causes.at(-1)];
}

describe('the client behind it', () => {
  inEveryWorld(
    'is in ATTRIBUTE and told to the observer; the list has the load balancer',
    { items: TRUSTED },
    (stage) => {
      const client = stage.connect(BALANCER);
      client.send(HEADER, loginBytes(USER));
      stage.settle();
      expect(client.read()).toEqual(['2 OK 0 0x22']);
      expect(told(stage)).toEqual([CLIENT.host, String(CLIENT.port)]);
      expect(shown(stage, client)).toEqual([CLIENT.host, String(CLIENT.port), `${BALANCER.host}:${BALANCER.port}`]);
      // And who comes from there without a header is who he is.
      const plain = stage.login(USER, {}, { ...BALANCER, port: 40_001 });
      expect(shown(stage, plain)).toEqual([BALANCER.host, '40001', `${BALANCER.host}:40001`]);
      stage.leave();
    },
  );

  test('in every cut', () => {
    const bytes = Buffer.concat([HEADER, loginBytes(USER)]);
    for (const cuts of waysToCut(bytes)) {
      const stage = new Stage({ items: TRUSTED });
      const client = stage.connect(BALANCER);
      for (const piece of cut(bytes, cuts)) {
        client.send(piece);
        stage.settle();
      }
      expect([cuts, client.read(), told(stage)]).toEqual([cuts, ['2 OK 0 0x22'], [CLIENT.host, String(CLIENT.port)]]);
      stage.leave();
    }
  });

  test('over TLS, in every cut of header, request and hello', () => {
    const bytes = Buffer.concat([HEADER, sslRequestBytes(), CLIENT_HELLO]);
    for (const cuts of waysToCut(bytes)) {
      const stage = new Stage({ items: { ...TRUSTED, enable_client_ssl: true } });
      const client = stage.connect(BALANCER);
      for (const piece of cut(bytes, cuts)) {
        client.send(piece);
        stage.settle();
      }
      client.take();
      client.send(loginBytes(USER, TLS_FLAGS, 2));
      stage.settle();
      expect([cuts, client.read(), told(stage)]).toEqual([cuts, ['3 OK 0 0x22'], [CLIENT.host, String(CLIENT.port)]]);
      stage.leave();
    }
  });

  inEveryWorld(
    'is the one in the proxy’s refusals and on the white list',
    {
      items: { ...TRUSTED, white_list: 'shop#obdemo=203.0.113.9' },
    },
    (stage) => {
      const client = stage.connect(BALANCER);
      client.send(HEADER, loginBytes('app@nobody'));
      stage.settle();
      expect(client.read()).toEqual([
        "2 ERR 1045/42000 Access denied for user 'app@nobody'@'203.0.113.9' (using password: NO)",
      ]);
      const allowed = stage.connect(BALANCER);
      allowed.send(HEADER, loginBytes('app@shop'));
      stage.settle();
      expect(allowed.read()).toEqual(['2 OK 0 0x22']);
      // Neither the load balancer itself nor somebody else behind it.
      const [size, events, cause] = stranger(stage, loginBytes('app@shop'));
      expect([size, events, cause]).toEqual([
        0,
        ['FIN', 'closed'],
        '3: 10.9.9.9 is not on the white list of shop#obdemo',
      ]);
      stranger(stage, writeProxyHeader({ ...CLIENT, host: '2001:db8::9' }, PROXY), loginBytes('app@shop'));
      expect(stage.causes.at(-1)).toBe('4: 2001:db8::9 is not on the white list of shop#obdemo');
      stage.leave();
    },
  );

  inEveryWorld('LOCAL, UNIX and UNSPEC leave it where the connection comes from', { items: TRUSTED }, (stage) => {
    const unix = Buffer.concat([SIGNATURE, Buffer.of(0x21, 0x31, 0, 216), Buffer.alloc(216, '/')]);
    const unspecified = Buffer.concat([SIGNATURE, Buffer.of(0x21, 0x00, 0, 2, 7, 7)]);
    for (const header of [writeProxyHeader(null, PROXY), unix, unspecified]) {
      const client = stage.connect(BALANCER);
      client.send(header, loginBytes(USER));
      stage.settle();
      expect(client.read()).toEqual(['2 OK 0 0x22']);
      expect(shown(stage, client)[0]).toBe(BALANCER.host);
    }
    // A load balancer that only looks whether somebody is there.
    const check = stage.connect(BALANCER);
    check.send(writeProxyHeader(null, PROXY));
    check.connection.end();
    stage.settle();
    expect(stage.causes).toEqual(['4: the client has gone (FIN)']);
    stage.leave();
  });

  inEveryWorld(
    'has ten seconds for header and login together',
    { items: TRUSTED },
    (stage) => {
      const client = stage.connect(BALANCER);
      stage.advance(6_000);
      client.send(HEADER.subarray(0, 20));
      stage.advance(3_000);
      expect(client.events).toEqual([]);
      stage.advance(1_000);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.causes).toEqual(['1: no login within the time for it']);
      stage.expectNothingLeft();
    },
    5,
  );
});

describe('a header that is not believed', () => {
  const WHY =
    'malformed: a header of the PROXY protocol; if it comes from your load balancer, name its address in proxy_protocol_networks';

  for (const items of [{}, { proxy_protocol_networks: '10.8.0.0/16' }]) {
    inEveryWorld(`with ${JSON.stringify(items)}: closed, and the log says what is missing`, { items }, (stage) => {
      expect(stranger(stage, HEADER, loginBytes(USER))).toEqual([0, ['FIN', 'closed'], `1: ${WHY}`]);
      expect(stage.observer.connections).toHaveLength(0);
      stage.expectNothingLeft();
    });
  }

  test('nobody becomes a neighbour of root@proxysys by it', () => {
    const far = { host: '203.0.113.66', port: 40_000 };
    const near = { host: '127.0.0.1', port: 1 };
    const said: string[] = [];
    for (const [from, networks, claimed] of [
      // Off: the claim is no login.
      [far, '', near],
      // Believed, but it comes from afar all the same.
      [far, '*', near],
      // A load balancer nearby, its client afar; both nearby.
      [BALANCER, '*', far],
      [BALANCER, '*', near],
    ] as const) {
      const stage = new Stage({ items: { proxy_protocol_networks: networks } });
      const client = stage.connect(from);
      client.send(writeProxyHeader(claimed, PROXY), loginBytes('root@proxysys'));
      stage.settle();
      said.push(client.read().map((it) => it.slice(0, 10))[0] ?? 'closed');
      stage.leave();
    }
    expect(said).toEqual(['closed', '2 ERR 1045', '2 ERR 1045', '2 OK 0 0x0']);
  });
});

describe('a bad header', () => {
  const REFUSED = 'its header of the PROXY protocol is refused';

  test.each([
    [
      'version 1',
      Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n'),
      'it is of version 1, and only version 2 is spoken',
    ],
    ['an unknown command', Buffer.concat([SIGNATURE, Buffer.of(0x2f, 0x11, 0, 12)]), 'there is no command 15'],
    ['a family without addresses', Buffer.concat([SIGNATURE, Buffer.of(0x21, 0x21, 0, 12)]), 'IPv6 take 36 bytes'],
    [
      'too long a one',
      Buffer.concat([SIGNATURE, Buffer.of(0x21, 0x11, 0xff, 0xff)]),
      `more than ${PROXY_HEADER_LIMIT}`,
    ],
  ])('%s: closed without a word, and harms nobody else', (_, bytes, why) => {
    for (const cuts of waysToCut(bytes)) {
      const stage = new Stage({ items: TRUSTED });
      const other = stage.login(USER, {}, BALANCER);
      const client = stage.connect(BALANCER);
      for (const piece of cut(Buffer.concat([bytes, loginBytes(USER)]), cuts)) {
        client.send(piece);
        stage.settle();
      }
      expect([client.size, client.events]).toEqual([0, ['FIN', 'closed']]);
      expect(stage.causes).toEqual([`2: ${REFUSED}: ${stage.causes[0]!.slice(4 + REFUSED.length + 1)}`]);
      expect(stage.causes[0]).toContain(why);
      expect(stage.ask(other, 'ping proxy')).toEqual(['1 OK 0 0x0']);
      stage.leave();
    }
  });

  test('whatever is changed in one, nobody else notices, and nothing is left', () => {
    const change = fc.record({ at: fc.nat(HEADER.length - 1), byte: fc.nat(255) });
    const changes = fc.array(change, { minLength: 1, maxLength: 4, size: 'max' });
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: HEADER.length }), { maxLength: 3 });
    fc.assert(
      fc.property(changes, cuts, (changed, at) => {
        const header = Buffer.from(HEADER);
        for (const { at: place, byte } of changed) header[place] = byte;
        const stage = new Stage({ items: TRUSTED });
        const other = stage.login(USER, {}, BALANCER);
        const client = stage.connect(BALANCER);
        for (const piece of cut(
          Buffer.concat([header, loginBytes(USER)]),
          [...at].sort((a, b) => a - b),
        )) {
          client.send(piece);
          stage.settle();
        }
        const said = client.read();
        // In, or out without a word, or awaited still.
        if (said.length > 0) expect(said).toEqual(['2 OK 0 0x22']);
        else expect([[], ['FIN', 'closed']]).toContainEqual(client.events);
        expect(stage.ask(other, 'ping proxy')).toEqual(['1 OK 0 0x0']);
        stage.leave();
      }),
      { numRuns: 300 },
    );
  });

  inEveryWorld('a second one is a login that is none', { items: TRUSTED }, (stage) => {
    const [, events, cause] = stranger(stage, HEADER, HEADER, loginBytes(USER));
    expect([events, cause]).toEqual([['FIN', 'closed'], expect.stringContaining('a header of the PROXY protocol')]);
    stage.expectNothingLeft();
  });
});

describe('before a MySQL server', () => {
  function stageWith(items: Partial<ConfigItems>): MysqlStage {
    return new MysqlStage({ items });
  }

  test('that has not greeted yet', () => {
    const stage = stageWith({ proxy_protocol_networks: '*' });
    const client = new RawClient(stage.world);
    client.send(HEADER);
    stage.settle();
    client.take();
    client.send(loginBytes('app'));
    stage.settle();
    expect(client.read()).toEqual(['2 OK 0 0x2']);
    client.connection.end();
    stage.world.advance(2000);
    stage.expectNothingLeft();
  });

  test('in every cut', () => {
    const bytes = Buffer.concat([HEADER, loginBytes('app')]);
    for (const cuts of waysToCut(bytes)) {
      const stage = stageWith({ proxy_protocol_networks: '*' });
      const client = stage.connect();
      client.take();
      for (const piece of cut(bytes, cuts)) {
        client.send(piece);
        stage.settle();
      }
      expect([cuts, client.read()]).toEqual([cuts, ['2 OK 0 0x2']]);
      client.send(queryBytes("show proxysession attribute like 'host_ip'"));
      stage.settle();
      expect(client.read()).toContain(`host_ip|${CLIENT.host}|cs common`);
      client.connection.end();
      stage.world.advance(2000);
      stage.expectNothingLeft();
    }
  });

  test('the white list of its one "tenant"', () => {
    const stage = stageWith({ proxy_protocol_networks: '*', white_list: 'mysql#mysql=10.0.0.0/8' });
    for (const [from, said] of [
      [{ host: '10.0.0.5', port: 1 }, ['2 OK 0 0x2']],
      [CLIENT, []],
    ] as const) {
      const client = stage.connect();
      client.take();
      client.send(writeProxyHeader(from, PROXY), loginBytes('app'));
      stage.settle();
      expect(client.read()).toEqual(said);
      client.connection.end();
    }
    expect(stage.causes).toContain('2: 203.0.113.9 is not on the white list of mysql#mysql');
    stage.world.advance(2000);
    stage.expectNothingLeft();
  });

  test('a header that is not believed', () => {
    const stage = stageWith({});
    const client = stage.connect();
    client.take();
    client.send(HEADER, loginBytes('app'));
    stage.settle();
    expect([client.size, client.events]).toEqual([0, ['FIN', 'closed']]);
    expect(stage.causes[0]).toContain('name its address in proxy_protocol_networks');
    stage.world.advance(2000);
    stage.expectNothingLeft();
  });
});
