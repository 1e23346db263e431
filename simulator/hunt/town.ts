/**
 * A fleet before the proxy before a simulated cluster, in memory: everything of a run but what is asked of it.
 *
 * Same options, same bytes. The way: `start`, `advance` as often as you like, `goHome`; then `ask`, as somebody who was
 * never in the fleet. It must never judge what it sees (`audit.ts`), nor know real time.
 */
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import type { Address } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { DriverClient, type Outcome } from '../client/driver/driver-client.ts';
import { driverNamed } from '../client/driver/drivers.ts';
import { type Fleet, type FleetOptions, fleet } from '../client/fleet/fleet.ts';
import { fleetDatabase } from '../client/fleet/people.ts';
import { Cluster } from '../observer/cluster.ts';
import { SeededChoices, WORLD_RATES } from '../world/choices.ts';
import {
  type ClusterSpec,
  clusterConfig,
  type DatabaseSpec,
  type TenantSpec,
  TOPOLOGIES,
  type TopologyName,
} from '../world/topology.ts';
import { World } from '../world/world.ts';

const PROXY: Address = { host: '172.30.140.64', port: 2883 };
const OBSERVER_PORT = 2881;
const PID = 76_286;

/** The tenant and the database in which the fleet works. */
const TENANT = 'shop';
const DATABASE = 'bank';
/** Who looks around when the fleet has gone. */
const AUDITOR = { user: 'root@shop#obdemo', password: '', database: DATABASE };

/** Locks, idle transactions and half-closed sessions are all gone after this, where links take no time. */
const FAREWELL = 60_000;
/** A question of the auditor is answered by then, and she has left: with time for a statement to wait and give up. */
const ANSWER_TIME = 30_000;
/** Ways from one host to another that one after the other make a login, a question or a farewell, with much to spare. */
const WAYS = 60;

export interface TownOptions extends FleetOptions {
  readonly sha1: Sha1;
  /** `default` unless said. */
  readonly topology?: TopologyName;
  /** What is sent takes at most so many whole milliseconds; 0 unless said. */
  readonly latency?: number;
}

/** What is still there, in numbers. */
export type Remains = Readonly<
  Record<'clientSessions' | 'serverSessions' | 'observers' | 'openConnections' | 'armedTimers', number>
>;

export class Town {
  readonly world: World;
  readonly fleet: Fleet;
  readonly #cluster: Cluster;
  readonly #proxy: OdpProxy;
  readonly #sha1: Sha1;
  readonly #latency: number;

  constructor(options: TownOptions) {
    const { sha1, topology = 'default', latency = 0 } = options;
    const choices = new SeededChoices(options.seed, WORLD_RATES);
    this.#sha1 = sha1;
    this.#latency = latency;
    this.world = new World({ choices, latency });
    const { network, clock } = this.world;
    const database = fleetDatabase(choices, clock.now(), DATABASE, options.sizes);
    const spec = withDatabase(TOPOLOGIES[topology].clusters[0], database);
    this.#cluster = new Cluster(spec, { clock, choices, sha1 });
    const addresses = new Map<number, Address>();
    for (const observer of this.#cluster.observers) {
      observer.start(network, { host: `10.0.0.${observer.id}`, port: OBSERVER_PORT }, (address) => {
        addresses.set(observer.id, address);
      });
    }
    this.world.settle();
    const facts = { listen: PROXY, items: DEFAULT_ITEMS, localIp: PROXY.host, pid: PID };
    this.#proxy = new OdpProxy(
      { ...facts, clusters: [clusterConfig(spec, addresses)] },
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

  start(): void {
    this.fleet.start();
  }

  /** Lets so many milliseconds pass. */
  advance(milliseconds: number): void {
    this.world.advance(milliseconds);
  }

  /** Everybody leaves in the middle of whatever they do, and the dust settles. */
  goHome(): void {
    this.fleet.stop();
    this.world.advance(FAREWELL + WAYS * this.#latency);
  }

  /** A question of somebody who was never in the fleet; null if there is no answer in time. */
  ask(sql: string): Outcome | null {
    const { network, clock } = this.world;
    const ports = { network, clock, choices: new SeededChoices(0), sha1: this.#sha1 };
    const client = new DriverClient(driverNamed('mysqli'), { target: PROXY, ...AUDITOR }, ports);
    let told: Outcome | null = null;
    client.query(sql, (outcome) => {
      told = outcome;
    });
    const patience = ANSWER_TIME + WAYS * this.#latency;
    this.world.advance(patience);
    client.close();
    this.world.advance(patience);
    return told;
  }

  /** Sessions, connections and timers that are still there. */
  remains(): Remains {
    const { clientSessions, serverSessions } = this.#proxy.facts();
    const observers = this.#cluster.observers.reduce((sum, it) => sum + it.sessions.length, 0);
    const { openConnections, armedTimers } = this.world;
    return { clientSessions, serverSessions, observers, openConnections, armedTimers };
  }
}

/** The fleet's database in place of the tenant's own, its tables led by the tenant's servers in turn. */
function withDatabase(spec: ClusterSpec, database: DatabaseSpec): ClusterSpec {
  const filled = ({ servers, ...tenant }: TenantSpec): TenantSpec => {
    const tables = database.tables.map((table, index) => ({ ...table, leader: servers[index % servers.length]! }));
    return { ...tenant, servers, databases: [{ ...database, tables }] };
  };
  return { ...spec, tenants: spec.tenants.map((it) => (it.name === TENANT ? filled(it) : it)) };
}
