/**
 * Which observer a request goes to (decisions.md 33): at the login, with a leader, without one, in a bare server list.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_ITEMS, type TenantConfig } from '../../proxy/config.ts';
import type { Choices } from '../../proxy/ports.ts';
import { BlackList } from '../../proxy/route/black-list.ts';
import { TenantRouter } from '../../proxy/route/router.ts';
import type { ClientSession } from '../../proxy/session/client-session.ts';
import type { Routed } from '../../proxy/session/services.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { VirtualClock } from '../../simulator/world/virtual-clock.ts';
import { World } from '../../simulator/world/world.ts';
import { inEveryWorld, type Stage } from '../session/stage.ts';

/** Takes this case of every decision, and notes what was to be decided. */
class Stubborn implements Choices {
  readonly asked: string[] = [];
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  choose(site: string, n: number): number {
    this.asked.push(`${site} of ${n}`);
    return Math.min(this.#value, n - 1);
  }
}

/** As much of a client session as a router looks at. */
function session(tenants: readonly TenantConfig[] | null, tenant: string, bound: number | null = null): ClientSession {
  const address = { host: '192.0.2.1', port: 2881 };
  return {
    identity: {
      name: { user: 'u', tenant, cluster: null, clusterId: null },
      cluster: { name: 'c', servers: [{ address }, { address }, { address }], tenants },
    },
    servers: { bound: bound === null ? null : { server: bound } },
  } as unknown as ClientSession;
}

const NOBODY_BLACK = new BlackList(DEFAULT_ITEMS, new VirtualClock());

const LED: TenantConfig = { name: 'shop', servers: [0, 1, 2], leader: 1 };
const SPREAD: TenantConfig = { name: 'sys', servers: [2, 0], leader: null };
const TENANTS = [LED, SPREAD];

/** The cluster cannot be asked: nobody listens. */
const WORLD = new World();
const PORTS = {
  network: WORLD.network,
  clock: WORLD.clock,
  sha1: (data: Buffer) => data,
  passwordStage1: '',
  tls: false,
};

function router(choice: number): TenantRouter {
  return new TenantRouter(new Stubborn(choice), NOBODY_BLACK, PORTS);
}

function query(sql: string): Routed {
  return {
    command: COM.QUERY,
    packet: Buffer.concat([Buffer.alloc(4), Buffer.of(COM.QUERY), Buffer.from(sql)]),
    statement: null,
  };
}

describe('at the login', () => {
  test.each([
    [TENANTS, 'shop', 0, [0, 1, 2]],
    [TENANTS, 'shop', 2, [2, 0, 1]],
    [TENANTS, 'sys', 0, [2, 0]],
    [TENANTS, 'sys', 1, [0, 2]],
    [TENANTS, 'nobody', 0, []],
    [null, 'whoever', 0, [0, 1, 2]],
    [null, 'whoever', 1, [1, 2, 0]],
  ] as const)('%# %s choice %d', (tenants, tenant, choice, servers) => {
    const choices = new Stubborn(choice);
    expect(new TenantRouter(choices, NOBODY_BLACK, PORTS).forLogin(session(tenants, tenant))).toEqual(servers);
    if (servers.length > 0) expect(choices.asked).toEqual([`route.login of ${servers.length}`]);
  });
});

describe('a statement', () => {
  test.each([
    ['the leader, wherever one is', TENANTS, 'shop', 0, [1, 0, 2]],
    ['the leader, then the others', TENANTS, 'shop', 1, [1, 0, 2]],
    ['the leader, if there is none yet', TENANTS, 'shop', null, [1, 0, 2]],
    ['no leader: the last one, then the others', TENANTS, 'sys', 0, [0, 2]],
    ['no leader, no last one: as at the login', TENANTS, 'sys', null, [2, 0]],
    ['a bare list: the last one, then the others', null, 'whoever', 2, [2, 0, 1]],
  ] as const)('%s', (_name, tenants, tenant, bound, servers) => {
    expect(router(0).forStatement(session(tenants, tenant, bound), query('SELECT 1'))).toEqual(servers);
  });
});

test('of a table whose leader cannot be found out it goes where one without a table goes', () => {
  const told: (readonly number[])[] = [];
  const asking = Object.assign(session(TENANTS, 'sys', 0), {
    state: { database: 'bank' },
    routed: (servers: readonly number[]) => told.push(servers),
  });
  expect(router(0).forStatement(asking, query('SELECT * FROM account'))).toBe(null);
  expect(asking.location).toEqual({ tenant: 'sys', database: 'bank', table: 'account' });
  WORLD.settle();
  expect(told).toEqual([[0, 2]]);
});

test('so do tables of a tenant in a bare list, whose name the login tells', () => {
  const asking = Object.assign(session(null, 'shop', 1), { state: { database: 'bank' }, routed() {} });
  expect(router(0).forStatement(asking, query('SELECT * FROM account'))).toBe(null);
  expect(asking.location).toEqual({ tenant: 'shop', database: 'bank', table: 'account' });
});

describe('the single leader of a tenant', () => {
  function missing(served: number) {
    const it = router(0);
    const asking = Object.assign(session(TENANTS, 'shop', served), { state: { database: 'bank' }, routed() {} });
    expect(it.forStatement(asking, query('SELECT * FROM account'))).toEqual([1, 0, 2]);
    it.misrouted(asking);
    return it.forStatement(asking, query('SELECT * FROM account'));
  }

  test('says that it is none: from then on tables are asked for', () => {
    expect(missing(1)).toBe(null);
  });

  test('is not doubted for what another says that has served in its place', () => {
    expect(missing(2)).toEqual([1, 0, 2]);
  });
});

test.each([
  ['a command that is no statement', { ...query('SELECT * FROM account'), command: COM.INIT_DB }],
  ['no table', query('SELECT 1')],
  ['no database', query('SELECT * FROM account')],
])('without %s nobody is asked', (_name, request) => {
  const asking = Object.assign(session(TENANTS, 'sys', 0), { state: { database: null } });
  expect(router(0).forStatement(asking, request)).toEqual([0, 2]);
  expect(asking.location).toBe(null);
});

inEveryWorld(
  'sys stays where it has logged in; a user tenant goes to its leader',
  { observers: 2 },
  (stage: Stage) => {
    stage.observers[0]!.loginAnswer = () => {
      stage.observers[0]!.last.connection.end();
      return null;
    };
    const client = stage.login('root@sys');
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.observers[1]!.last.requests).toEqual(['QUERY select 1']);
    stage.leave();
  },
  10,
);
