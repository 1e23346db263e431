/**
 * A proxy before a simulated cluster on real sockets, all in this process; and what there is of everything, before and
 * after.
 */
import { readdirSync } from 'node:fs';
import { type ClusterConfig, DEFAULT_ITEMS } from '../../proxy/config.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { type Address, type Clock, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { sha1 } from '../observer/pair.ts';

export const LOOPBACK = '127.0.0.1';
const ANYWHERE: Address = { host: LOOPBACK, port: 0 };
/** Lingering closes take up to a second (decisions.md 34), an observer's look at a killed statement a tenth of one. */
const CALM = 8000;
const LOOK = 25;

/** What Node's loop has for a moment only: vitest has some, too. */
const PASSING: readonly string[] = ['Immediate', 'Timeout', 'SimpleShutdownWrap', 'SimpleWriteWrap', 'WriteWrap'];

export interface Remains {
  readonly clientSessions: number;
  readonly serverSessions: number;
  readonly observerSessions: number;
  /** Timers of the clock port, armed. */
  readonly timers: number;
  /** Open file descriptors of this process; −1 where nobody can tell. */
  readonly descriptors: number;
  /** What keeps Node's loop alive: sockets, timers, by their names. */
  readonly resources: Readonly<Record<string, number>>;
}

export class SocketStage {
  readonly network = new NodeNetwork();
  readonly cluster: Cluster;
  readonly proxy: OdpProxy;
  readonly #nodeClock: NodeClock | null;
  /** Sockets that this process had before. */
  readonly #bare: number;
  #address: Address = ANYWHERE;

  private constructor(bare: number, clock: Clock, cluster: Cluster, clusters: readonly ClusterConfig[]) {
    this.#bare = bare;
    this.#nodeClock = clock instanceof NodeClock ? clock : null;
    this.cluster = cluster;
    this.proxy = new OdpProxy(
      { listen: ANYWHERE, clusters, items: DEFAULT_ITEMS, localIp: LOOPBACK, pid: process.pid },
      { network: this.network, clock, choices: PLAIN, sha1 },
    );
  }

  /** `others`: clusters beside the simulated `obdemo`. */
  static async open(clock: Clock = new NodeClock(), others: readonly ClusterConfig[] = []): Promise<SocketStage> {
    const bare = sockets();
    const spec = TOPOLOGIES.default.clusters[0];
    const cluster = new Cluster(spec, { clock, choices: PLAIN, sha1 });
    const addresses = new Map<number, Address>();
    const network = new NodeNetwork();
    for (const observer of cluster.observers) {
      addresses.set(observer.id, await new Promise<Address>((resolve) => observer.start(network, ANYWHERE, resolve)));
    }
    const stage = new SocketStage(bare, clock, cluster, [clusterConfig(spec, addresses), ...others]);
    stage.#address = await new Promise<Address>((listening, reject) => {
      stage.proxy.start({ listening, failed: (code) => reject(new Error(code)) });
    });
    return stage;
  }

  /** Where clients connect. */
  get address(): Address {
    return this.#address;
  }

  /** Ends everything, and waits for it. */
  async close(): Promise<void> {
    this.proxy.stop();
    for (const observer of this.cluster.observers) observer.stop();
    await until(() => sockets() <= this.#bare);
  }

  /** What there is as soon as `clients` are there and nothing is under way, not in Node's loop either. */
  async calm(clients: number): Promise<Remains> {
    await until(() => {
      const { clientSessions, timers, resources } = this.remains();
      // An observer with sessions has one timer armed, to look after them.
      const looked = clients > 0 ? 1 : 0;
      const passing = PASSING.filter((name) => (resources[name] ?? 0) > (name === 'Timeout' ? looked : 0));
      return clientSessions === clients && timers === looked && passing.length === 0;
    });
    return this.remains();
  }

  /** What there is as soon as it is as before; or after a bound, what there is then. */
  async asBefore(before: Remains): Promise<Remains> {
    await until(() => same(this.remains(), before));
    return this.remains();
  }

  remains(): Remains {
    return {
      ...this.proxy.facts(),
      observerSessions: this.cluster.observers.reduce((sum, observer) => sum + observer.sessions.length, 0),
      timers: this.#nodeClock?.armed ?? 0,
      descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : -1,
      resources: resources(),
    };
  }
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo().sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}

function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Until it is so, or `CALM` has passed. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + CALM;
  while (!isSo() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK));
}
