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
import type { ClusterControl, Deployment } from './lab.ts';
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
  const { proxy, entry } = await startProxy(arm, front, clusters, sha1, journal);
  return {
    entry,
    control: new Control(homes),
    inside: { proxy, clusters: made },
    left() {
      const { clientSessions, serverSessions } = proxy.facts();
      const sessions = observers.reduce((sum, observer) => sum + observer.sessions.length, 0);
      const words: string[] = [];
      if (clientSessions > 0) words.push(`the proxy has ${clientSessions} client sessions`);
      if (serverSessions > 0) words.push(`the proxy has ${serverSessions} server sessions`);
      if (sessions > 0) words.push(`the observers have ${sessions} sessions`);
      return words;
    },
    stop() {
      proxy.stop();
      for (const observer of observers) observer.stop();
    },
  };
}

/** Where an observer lives, by its number from 1 on. */
class Control implements ClusterControl {
  readonly #homes: readonly { readonly cluster: Cluster; readonly id: number }[];

  constructor(homes: readonly { readonly cluster: Cluster; readonly id: number }[]) {
    this.#homes = homes;
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
}

async function startProxy(
  arm: Arm,
  front: FrontMatter,
  clusters: readonly ClusterConfig[],
  sha1: Sha1,
  journal: Journal<SeenSession> | undefined,
): Promise<{ readonly proxy: OdpProxy; readonly entry: Address }> {
  const { localIp, pid, proxy: listen } = arm.plan;
  const items = { ...DEFAULT_ITEMS, ...front.items };
  const ports = {
    network: arm.network('proxy'),
    clock: arm.clock,
    choices: arm.choices,
    sha1,
    ...(journal === undefined ? {} : { journal }),
  };
  const proxy = new OdpProxy({ listen, clusters, items, localIp, pid }, ports);
  let entry: Address | null = null;
  proxy.start({
    listening(address) {
      entry = address;
    },
    failed(code) {
      throw new Error(`the proxy cannot listen on ${listen.host}:${listen.port}: ${code}`);
    },
  });
  await arm.settle();
  if (entry === null) throw new Error('the proxy does not listen');
  return { proxy, entry };
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
