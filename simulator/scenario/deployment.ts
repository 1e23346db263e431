/**
 * The plain deployment: the proxy before the simulated clusters of a topology.
 *
 * The only place of this room that knows both. Observers are numbered from 1 through all clusters, as in `! hold`.
 */
import { type ClusterConfig, DEFAULT_ITEMS } from '../../proxy/config.ts';
import type { Address, ConnectionEvents } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import type { SeenSession } from '../../proxy/session/seen.ts';
import type { Journal } from '../../proxy/session/services.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { Cluster } from '../observer/cluster.ts';
import type { Fault, FaultPlace } from '../observer/faults.ts';
import type { Observer } from '../observer/observer.ts';
import type { UnknownCommit } from '../observer/tenant.ts';
import { clusterConfig, TOPOLOGIES } from '../world/topology.ts';
import type { Arm } from './arm.ts';
import type { FrontMatter } from './front-matter.ts';
import type { ClusterControl, Deployment, Inside } from './lab.ts';
import type { TablePlace } from './scenario.ts';

function unknownCommit({ observer }: FrontMatter): UnknownCommit | null {
  if (observer.commit_unknown_lost === true) return 'lost';
  return observer.commit_unknown_kept === true ? 'kept' : null;
}

export async function deployLab(
  arm: Arm,
  front: FrontMatter,
  sha1: Sha1,
  journal?: Journal<SeenSession>,
): Promise<Deployment> {
  const observers: Observer[] = [];
  const made: Cluster[] = [];
  const homes: { readonly cluster: Cluster; readonly id: number }[] = [];
  const clusters: ClusterConfig[] = [];
  for (const spec of TOPOLOGIES[front.cluster].clusters) {
    const ports = { clock: arm.clock, choices: arm.choices, sha1 };
    const cluster = new Cluster(spec, ports, {
      claimChecksum: front.observer.claim_checksum ?? false,
      withholdPrivilege: front.observer.withhold_privilege ?? false,
      notMasterEscapes: front.observer.not_master_escapes ?? false,
      unknownCommit: unknownCommit(front),
      foreignFirst: front.observer.foreign_first ?? false,
      offersTls: front.observer.offers_tls ?? false,
    });
    made.push(cluster);
    const addresses = new Map<number, Address>();
    for (const observer of cluster.observers) {
      observers.push(observer);
      homes.push({ cluster, id: observer.id });
      const number = observers.length;
      observer.start(arm.network(`observer ${number}`), arm.plan.observer(number), (address) => {
        addresses.set(observer.id, address);
      });
    }
    await arm.settle();
    clusters.push(clusterConfig(spec, addresses));
  }
  if (arm.world !== 1) await strangers(arm, observers);
  const running = new RunningProxy(arm, front, clusters, sha1, journal);
  const entry = await running.start(arm.plan.proxy);
  return {
    entry,
    control: new Control(homes, running),
    inside: new Interior(running, made),
    left() {
      const { proxy } = running;
      const { clientSessions, serverSessions } = proxy.facts();
      const sessions = observers.reduce((sum, observer) => sum + observer.sessions.length, 0);
      const words: string[] = [];
      if (clientSessions > 0) words.push(`the proxy has ${clientSessions} client sessions`);
      if (serverSessions > 0) words.push(`the proxy has ${serverSessions} server sessions`);
      if (sessions > 0) words.push(`the observers have ${sessions} sessions`);
      return words;
    },
    stop() {
      running.proxy.stop();
      for (const observer of observers) observer.stop();
    },
  };
}

/** The proxy is another after a restart. */
class Interior implements Inside {
  readonly clusters: readonly Cluster[];
  readonly #running: RunningProxy;

  constructor(running: RunningProxy, clusters: readonly Cluster[]) {
    this.#running = running;
    this.clusters = clusters;
  }

  get proxy(): OdpProxy {
    return this.#running.proxy;
  }
}

/** Where an observer lives, by its number from 1 on. */
class Control implements ClusterControl {
  readonly #homes: readonly { readonly cluster: Cluster; readonly id: number }[];
  readonly #proxy: RunningProxy;

  constructor(homes: readonly { readonly cluster: Cluster; readonly id: number }[], proxy: RunningProxy) {
    this.#homes = homes;
    this.#proxy = proxy;
  }

  restartProxy(): Promise<void> {
    return this.#proxy.restart();
  }

  crash(observer: number): void {
    const { cluster, id } = this.#homes[observer - 1]!;
    cluster.crash(id);
  }

  stop(observer: number): void {
    const { cluster, id } = this.#homes[observer - 1]!;
    cluster.stop(id);
  }

  restart(observer: number): void {
    const { cluster, id } = this.#homes[observer - 1]!;
    cluster.restart(id);
  }

  fail(observer: number, place: FaultPlace, fault: Fault, times: number): void {
    const { cluster, id } = this.#homes[observer - 1]!;
    cluster.observer(id).faults.add(place, fault, times);
  }

  lead({ tenant, database, table }: TablePlace, observer: number): void {
    const { cluster, id } = this.#homes[observer - 1]!;
    cluster.switchLeader(tenant, database, table, id);
  }

  leads({ tenant, database, table }: TablePlace, observer: number): boolean {
    const { cluster, id } = this.#homes[observer - 1]!;
    return cluster.tenant(tenant).streams.of(database, table).leader === id;
  }
}

/** The proxy's process: it can end and begin again, where it was. */
class RunningProxy {
  readonly #arm: Arm;
  readonly #front: FrontMatter;
  readonly #clusters: readonly ClusterConfig[];
  readonly #sha1: Sha1;
  readonly #journal: Journal<SeenSession> | undefined;
  #proxy: OdpProxy | null = null;
  #entry: Address | null = null;

  constructor(
    arm: Arm,
    front: FrontMatter,
    clusters: readonly ClusterConfig[],
    sha1: Sha1,
    journal: Journal<SeenSession> | undefined,
  ) {
    this.#arm = arm;
    this.#front = front;
    this.#clusters = clusters;
    this.#sha1 = sha1;
    this.#journal = journal;
  }

  get proxy(): OdpProxy {
    return this.#proxy!;
  }

  /** The answer is where it listens: that address, with a port of its own for 0. */
  async start(listen: Address): Promise<Address> {
    const { clock, choices, plan } = this.#arm;
    const { localIp, pid } = plan;
    const items = { ...DEFAULT_ITEMS, ...this.#front.items };
    const journal = this.#journal === undefined ? {} : { journal: this.#journal };
    const ports = { network: this.#arm.network('proxy'), clock, choices, sha1: this.#sha1, ...journal };
    const proxy = new OdpProxy({ listen, clusters: this.#clusters, items, localIp, pid }, ports);
    let entry: Address | null = null;
    proxy.start({
      listening(address) {
        entry = address;
      },
      failed(code) {
        throw new Error(`the proxy cannot listen on ${listen.host}:${listen.port}: ${code}`);
      },
    });
    await this.#arm.settle();
    if (entry === null) throw new Error('the proxy does not listen');
    this.#proxy = proxy;
    this.#entry = entry;
    return entry;
  }

  /** It ends all sessions, as when it is told to stop; nothing that it knew is there afterwards. */
  async restart(): Promise<void> {
    this.proxy.stop();
    await this.#arm.settle();
    await this.start(this.#entry!);
  }
}

/** Connections that each observer saw before anybody logged in, more at each: its session ids begin elsewhere. */
async function strangers(arm: Arm, observers: readonly Observer[]): Promise<void> {
  for (const [index, observer] of observers.entries()) {
    for (let i = 0; i < 5 + 2 * index; i += 1) {
      const connection = arm.network('stranger').connect(observer.address, NOBODY);
      await arm.settle();
      connection.close();
      await arm.settle();
    }
  }
}

const NOBODY: ConnectionEvents = {
  data() {},
  drain() {},
  flushed() {},
  end() {},
  reset() {},
  closed() {},
};
