/** A fleet before the proxy before a simulated cluster, in memory: for the tests of this folder. */
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import type { Address } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { DriverClient, type Outcome } from '../../simulator/client/driver/driver-client.ts';
import { driverNamed } from '../../simulator/client/driver/drivers.ts';
import { type Fleet, type FleetOptions, fleet } from '../../simulator/client/fleet/fleet.ts';
import { fleetDatabase } from '../../simulator/client/fleet/people.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { type ClusterSpec, clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';
import { sha1 } from './fake-server.ts';

const PROXY: Address = { host: '172.30.140.64', port: 2883 };
/** Locks, idle transactions and half-closed sessions are all gone after this. */
const FAREWELL = 60_000;

export class Town {
  readonly world: World;
  readonly fleet: Fleet;
  readonly #cluster: Cluster;
  readonly #proxy: OdpProxy;

  constructor(options: FleetOptions) {
    const choices = new SeededChoices(options.seed);
    this.world = new World({ choices });
    const { network, clock } = this.world;
    const [spec] = TOPOLOGIES.default.clusters;
    const database = fleetDatabase(choices, clock.now(), 'bank', options.sizes);
    const tenants = spec.tenants.map((it) => (it.name === 'shop' ? { ...it, databases: [database] } : it));
    const town: ClusterSpec = { ...spec, tenants };
    this.#cluster = new Cluster(town, { clock, choices, sha1 });
    const addresses = new Map<number, Address>();
    for (const observer of this.#cluster.observers) {
      observer.start(network, { host: `10.0.0.${observer.id}`, port: 2881 }, (address) => {
        addresses.set(observer.id, address);
      });
    }
    this.world.settle();
    this.#proxy = new OdpProxy(
      {
        listen: PROXY,
        clusters: [clusterConfig(town, addresses)],
        items: DEFAULT_ITEMS,
        localIp: PROXY.host,
        pid: 76_286,
      },
      { network, clock, choices, sha1 },
    );
    this.#proxy.start({
      listening() {},
      failed(code) {
        throw new Error(code);
      },
    });
    this.world.settle();
    this.fleet = fleet({ network, clock, sha1, target: PROXY }, options);
  }

  run(milliseconds: number): this {
    this.fleet.start();
    this.world.advance(milliseconds);
    this.fleet.stop();
    this.world.advance(FAREWELL);
    return this;
  }

  /** Asked by somebody who was never in the fleet. */
  ask(sql: string): Outcome | null {
    const { network, clock } = this.world;
    const account = { target: PROXY, user: 'root@shop#obdemo', password: '', database: 'bank' };
    const ports = { network, clock, choices: new SeededChoices(0), sha1 };
    const client = new DriverClient(driverNamed('mysqli'), account, ports);
    let told: Outcome | null = null;
    client.query(sql, (outcome) => {
      told = outcome;
    });
    this.world.advance(1000);
    client.close();
    this.world.advance(1000);
    return told;
  }

  /** Sessions, connections and timers that are still there. */
  left(): Record<string, number> {
    const { clientSessions, serverSessions } = this.#proxy.facts();
    const observers = this.#cluster.observers.reduce((sum, it) => sum + it.sessions.length, 0);
    const { openConnections, armedTimers } = this.world;
    return { clientSessions, serverSessions, observers, openConnections, armedTimers };
  }
}
