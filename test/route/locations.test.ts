/** Where tables are led, as the cluster says: what is asked, how often, and what happens when nobody answers. */
import { describe, expect, test } from 'vitest';
import type { ClusterConfig } from '../../proxy/config.ts';
import type { ConnectionEvents } from '../../proxy/ports.ts';
import { LOOKUP_TIMEOUT } from '../../proxy/route/location-client.ts';
import { DEAF_INTERVAL, Locations, MOST_ENTRIES, REFRESH_INTERVAL } from '../../proxy/route/locations.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { sha1 } from '../client/fake-server.ts';
import { Lab } from '../observer/pair.ts';

const TABLE = { tenant: 'shop', database: 'bank', table: 'branch' } as const;

/** Four observers, and a cache of what they say. */
class Place {
  readonly lab: Lab;
  readonly locations: Locations;
  /** What was told later. */
  readonly told: (number | null)[] = [];

  constructor(passwordStage1 = '') {
    this.lab = new Lab({}, TOPOLOGIES.spread);
    const { network, clock } = this.lab.world;
    const config: ClusterConfig = {
      name: 'obdemo',
      servers: [1, 2, 3, 4].map((id) => ({ address: { host: `10.0.0.${id}`, port: 2881 } })),
      tenants: null,
    };
    this.locations = new Locations(config, { network, clock, sha1, passwordStage1, tls: false });
  }

  leaderOf(table: string = TABLE.table, database: string = TABLE.database): number | null | undefined {
    return this.locations.leaderOf({ ...TABLE, database, table }, (leader) => this.told.push(leader));
  }

  /** Sessions that observers have had so far. */
  get logins(): number {
    return this.lab.cluster.observers.reduce((sum, it) => sum + it.sessions.length, 0);
  }

  get left(): number[] {
    return [this.lab.world.openConnections, this.lab.world.armedTimers, this.logins];
  }
}

describe('a table', () => {
  test('is asked for once, by all who want it, and then known', () => {
    const place = new Place();
    expect([place.leaderOf(), place.leaderOf('BRANCH', 'Bank'), place.leaderOf('ledger')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(place.told).toEqual([]);
    place.lab.world.settle();
    expect(place.told).toEqual([1, 1, 2]);
    expect([place.leaderOf(), place.leaderOf('ledger')]).toEqual([1, 2]);
    expect(place.told).toHaveLength(3);
    place.lab.world.advance(LOOKUP_TIMEOUT);
    expect(place.left).toEqual([0, 0, 0]);
  });

  test('that nobody knows has no leader, and is not asked for again', () => {
    const place = new Place();
    for (const name of ['nothing', "o'neill \\", '\xff', '']) place.leaderOf(name);
    place.lab.world.settle();
    expect(place.told).toEqual([null, null, null, null]);
    expect(place.leaderOf('nothing')).toBe(null);
  });

  test('in doubt is asked for anew at once', () => {
    const place = new Place();
    place.leaderOf();
    place.lab.world.advance(REFRESH_INTERVAL);
    place.lab.cluster.tenant('shop').streams.of('bank', 'branch').leader = 3;
    place.locations.doubt(TABLE);
    expect(place.leaderOf()).toBe(1);
    place.lab.world.settle();
    expect(place.leaderOf()).toBe(2);
  });

  test('in doubt is used as it is known, and asked for anew, but not too often', () => {
    const place = new Place();
    place.leaderOf();
    place.lab.world.settle();
    place.lab.cluster.tenant('shop').streams.of('bank', 'branch').leader = 3;
    place.locations.doubt(TABLE);
    place.lab.world.advance(REFRESH_INTERVAL - 1);
    expect(place.leaderOf()).toBe(1);
    place.lab.world.settle();
    expect(place.leaderOf()).toBe(1);
    place.lab.world.advance(1);
    expect(place.leaderOf()).toBe(1);
    place.lab.world.settle();
    expect(place.leaderOf()).toBe(2);
    expect(place.told).toEqual([1]);
  });

  test('of a server in doubt is in doubt', () => {
    const place = new Place();
    place.leaderOf();
    place.lab.world.settle();
    place.lab.cluster.tenant('shop').streams.of('bank', 'branch').leader = 3;
    place.locations.doubtServer(1);
    place.lab.world.advance(REFRESH_INTERVAL);
    place.leaderOf();
    place.lab.world.settle();
    expect(place.leaderOf()).toBe(2);
  });
});

describe('who is asked', () => {
  test('the next server, where one refuses', () => {
    const place = new Place();
    place.lab.cluster.crash(1);
    place.leaderOf('ledger');
    place.lab.world.settle();
    expect(place.told).toEqual([2]);
  });

  test('the next server, where one does not answer in time', () => {
    const place = new Place();
    const silent: ConnectionEvents = { data() {}, drain() {}, flushed() {}, end() {}, reset() {}, closed() {} };
    place.lab.cluster.observer(1).stop();
    place.lab.world.settle();
    const events = { listening() {}, failed() {}, accept: () => silent, closed() {} };
    place.lab.world.network.listen({ host: '10.0.0.1', port: 2881 }, events);
    place.leaderOf('ledger');
    place.lab.world.advance(LOOKUP_TIMEOUT - 1);
    expect(place.told).toEqual([]);
    place.lab.world.advance(1);
    expect(place.told).toEqual([2]);
  });

  test('nobody: nothing is known, all who wait are told, and it is asked for again after a while', () => {
    const place = new Place();
    for (const id of [1, 2, 3, 4]) place.lab.cluster.observer(id).stop();
    place.lab.world.settle();
    place.leaderOf();
    place.leaderOf();
    place.leaderOf('ledger');
    place.lab.world.settle();
    expect(place.told).toEqual([null, null, null]);
    expect(place.leaderOf()).toBe(null);
    expect(place.leaderOf('another')).toBe(null);
    place.lab.world.advance(DEAF_INTERVAL - 1);
    expect(place.leaderOf()).toBe(null);
    place.lab.world.advance(1);
    expect(place.leaderOf()).toBe(undefined);
    place.lab.world.advance(LOOKUP_TIMEOUT);
    expect(place.left).toEqual([0, 0, 0]);
  });

  test('as proxyro, whose password may be none or another', () => {
    const wrong = new Place('a'.repeat(40));
    wrong.leaderOf();
    wrong.lab.world.settle();
    expect(wrong.told).toEqual([null]);
  });

  test('stopped in the middle, nobody is told and nothing is left', () => {
    const place = new Place();
    place.leaderOf();
    place.locations.stop();
    place.lab.world.advance(LOOKUP_TIMEOUT);
    expect(place.told).toEqual([]);
    expect(place.left).toEqual([0, 0, 0]);
  });
});

test('of more tables than are kept the oldest goes', () => {
  const place = new Place();
  place.leaderOf();
  place.lab.world.settle();
  for (let i = 0; i < MOST_ENTRIES; i += 1) place.leaderOf(`t${i}`);
  place.lab.world.settle();
  expect(place.leaderOf('t5')).toBe(null);
  expect(place.leaderOf()).toBe(undefined);
});
