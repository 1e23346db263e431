/** The login: who gets in, and what is said to whom (observer.md §1, decisions.md 9–13, §9.4). */
import { describe, expect, it } from 'vitest';
import { errorOf } from '../../proxy/wire/errors.ts';
import { attribute } from '../../proxy/wire/login.ts';
import { nativePassword, xor } from '../../proxy/wire/scramble.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type LoginOptions, NO_TRACK, sha1 } from './pair.ts';

const DENIED = (user: string, password: 'YES' | 'NO') =>
  `ERR 1045 42000 Access denied for user '${user}'@'xxx.xxx.xxx.xxx' (using password: ${password})`;

describe('the greeting', () => {
  it('says what observers say', () => {
    const { greeting } = new Lab().connect();
    expect(greeting).toMatchObject({
      version: '5.7.25',
      threadId: 0xc0040001,
      capabilities: 0x309cf7df,
      charset: 46,
      status: 0,
      plugin: 'mysql_native_password',
    });
    expect(greeting.scramble).toHaveLength(20);
    expect([...greeting.scramble].every((byte) => byte > 32 && byte < 127)).toBe(true);
  });

  it('counts ids per server', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    expect(lab.connect(1).greeting.threadId).toBe(0xc0040001);
    expect(lab.connect(1).greeting.threadId).toBe(0xc0040002);
    expect(lab.connect(3).greeting.threadId).toBe(0xc00c0001);
  });
});

describe('who gets in', () => {
  const cases: readonly (readonly [what: string, options: LoginOptions, answer: string])[] = [
    ['root of sys', { user: 'root@sys' }, 'ok'],
    ['no tenant is sys', { user: 'dba' }, 'ok'],
    ['quotes around the user', { user: "'root'@sys" }, 'ok'],
    ['a right password', { user: 'secret@shop', password: 's3cret' }, 'ok'],
    ['a database', { user: 'app@shop', database: 'bank' }, 'ok'],
    ['information_schema', { user: 'app@shop', database: 'INFORMATION_SCHEMA' }, 'ok'],
    ['an empty database', { user: 'app@shop', database: '' }, 'ok'],
    ['a wrong password', { user: 'secret@shop', password: 'x' }, DENIED('secret', 'YES')],
    ['no password', { user: 'secret@shop' }, DENIED('secret', 'NO')],
    ['a password where there is none', { user: 'app@shop', password: 'x' }, DENIED('app', 'YES')],
    ['an unknown user', { user: 'nobody@shop' }, DENIED('nobody', 'NO')],
    ['an unknown tenant', { user: 'root@nowhere' }, DENIED('root', 'NO')],
    ['a meta tenant', { user: 'root@meta$1002' }, 'ERR 1235 0A000 login meta tenant not supported'],
    ['the second @ belongs to the tenant', { user: 'root@sys@x' }, DENIED('root', 'NO')],
    ['a cluster is not understood', { user: 'root@sys#obdemo' }, DENIED('root', 'NO')],
    ['an unknown database', { user: 'app@shop', database: 'nope' }, "ERR 1049 42000 Unknown database 'nope'"],
    [
      'another cluster',
      { attributes: [attribute('__cluster_name', 'other')] },
      "ERR 4666 HY000 cluster name does not match to 'obdemo'",
    ],
    ['this cluster', { attributes: [attribute('__cluster_name', 'obdemo')] }, 'ok'],
  ];
  for (const proxy of [false, true]) {
    for (const [what, options, answer] of cases) {
      it(`${what}, ${proxy ? 'through a proxy' : 'directly'}`, () => {
        const lab = new Lab();
        const client = lab.login({ ...options, proxy });
        expect(client.loginAnswer.kind).toBe(answer);
        expect(client.loginAnswer.rest).toEqual([]);
        expect(client.ended).toBe(answer !== 'ok');
        if (answer !== 'ok') {
          expect(client.loginPackets[1]?.toString('hex') ?? '').toBe(proxy ? '080000030000002200000000' : '');
          expect(lab.cluster.observer(1).sessions).toEqual([]);
        }
      });
    }
  }

  it('information_schema is the current database then', () => {
    for (const proxy of [false, true]) {
      const client = new Lab().login({ user: 'app@shop', database: 'Information_Schema', proxy });
      expect(client.query('SELECT DATABASE()').rows).toEqual([['information_schema']]);
      expect(client.query('SELECT COUNT(*) FROM SCHEMATA').rows).toEqual([['3']]);
    }
  });

  it('a tenant that has no unit here is refused', () => {
    const [cluster] = TOPOLOGIES.three.clusters;
    const tenants = cluster.tenants.map((it) => (it.name === 'shop' ? { ...it, servers: [2, 3] } : it));
    const lab = new Lab({}, { clusters: [{ ...cluster, tenants }] });
    expect(lab.login({ user: 'app@shop' }, 1).loginAnswer.kind).toBe('ERR 5150 HY000 Tenant not in this server');
    expect(lab.login({ user: 'app@shop' }, 2).loginAnswer.kind).toBe('ok');
  });

  it('a cluster suffix can be allowed', () => {
    const lab = new Lab({ acceptClusterSuffix: true });
    expect(lab.login({ user: 'app@shop#obdemo' }).loginAnswer.kind).toBe('ok');
  });
});

describe('the scramble of a proxy', () => {
  it('may be hidden in an attribute', () => {
    const client = new Lab().connect();
    const shown = Buffer.from('abcdefghijklmnopqrst');
    client.login({
      user: 'secret@shop',
      proxy: true,
      authResponse: nativePassword(sha1, 's3cret', shown),
      attributes: [{ name: '__proxy_scramble', value: xor(shown, client.greeting.scramble) }],
    });
    expect(client.loginAnswer.kind).toBe('ok');
  });

  it('is not the constant one for a direct client', () => {
    const client = new Lab().login({
      user: 'secret@shop',
      authResponse: nativePassword(sha1, 's3cret', Buffer.from('aaaaaaaabbbbbbbbbbbb')),
    });
    expect(client.loginAnswer.kind).toBe(DENIED('secret', 'YES'));
  });
});

describe('the login OK', () => {
  it('is plain for a direct client, tracking or not', () => {
    const lab = new Lab();
    expect(lab.login({ user: 'app@shop' }).loginPackets[0]?.toString('hex')).toBe('0700000200000022000000');
    expect(lab.login({ user: 'app@shop', flags: NO_TRACK }).loginPackets[0]?.toString('hex')).toBe(
      '0700000200000022000000',
    );
  });

  it('names every variable to a proxy', () => {
    const { loginAnswer } = new Lab().login({ user: 'app@shop', database: 'bank', proxy: true });
    expect(loginAnswer.status).toBe(0x4022);
    const state = loginAnswer.state!;
    expect(state.user).toEqual([]);
    expect(state.database).toBe('bank');
    expect(new Set(state.system.map(([name]) => name)).size).toBe(state.system.length);
    const values = Object.fromEntries(state.system);
    expect(values).toMatchObject({
      autocommit: '1',
      character_set_client: '45',
      character_set_filesystem: '63',
      collation_connection: '45',
      sql_mode: 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER',
      tx_isolation: 'READ-COMMITTED',
      query_cache_type: '0',
      binlog_format: '2',
      ob_read_consistency: '3',
      ob_route_policy: '1',
      wait_timeout: '28800',
      ob_query_timeout: '10000000',
      ob_trx_timeout: '86400000000',
      ob_enable_transmission_checksum: '1',
      ob_capability_flag: '577',
      ob_proxy_global_variables_version: '1700000000000000',
      ob_proxy_user_privilege: '1974',
    });
    expect(values._min_cluster_version).toBeUndefined();
  });

  it('claims the checksum only if told to', () => {
    const { loginAnswer } = new Lab({ claimChecksum: true }).login({ proxy: true });
    expect(Object.fromEntries(loginAnswer.state!.system)).toMatchObject({
      ob_capability_flag: '585',
      ob_proxy_user_privilege: '65534',
    });
  });

  it('follows the charset byte if it is known', () => {
    const lab = new Lab();
    for (const [charset, client, collation] of [
      [45, '45', '45'],
      [33, '45', '45'],
      [8, '45', '45'],
      [46, '45', '46'],
      [224, '45', '224'],
      [28, '45', '45'],
      [63, '63', '63'],
    ] as const) {
      const { system } = lab.login({ charset, proxy: true }).loginAnswer.state!;
      expect(Object.fromEntries(system)).toMatchObject({
        character_set_client: client,
        collation_connection: collation,
        collation_server: '45',
      });
    }
  });

  it('tells a new version after SET GLOBAL', () => {
    const lab = new Lab();
    lab.login({ user: 'root@shop' }).query('SET GLOBAL wait_timeout = 60');
    const { system } = lab.login({ user: 'app@shop', proxy: true }).loginAnswer.state!;
    expect(Object.fromEntries(system)).toMatchObject({
      wait_timeout: '60',
      ob_proxy_global_variables_version: '1700000000000008',
    });
  });
});

describe('what is no login', () => {
  it('ends the connection', () => {
    const lab = new Lab();
    const client = lab.connect();
    client.write(Buffer.from('03000001000000', 'hex'));
    expect(client.ended).toBe(true);
    expect(client.takeBytes()).toEqual([]);
    client.connection.end();
    lab.world.settle();
    expect(lab.world.idle).toBe(true);
  });

  it('has the errors of the table', () => {
    expect(errorOf('CLUSTER_NO_MATCH', 'x').code).toBe(4666);
  });
});
