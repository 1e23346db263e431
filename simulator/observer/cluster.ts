/**
 * A simulated OceanBase cluster: its tenants' data, shared, and its observers.
 *
 * The way in: `new Cluster(spec, ports, options)`, then `cluster.observer(id).start(…)` for each. All is synchronous on
 * the ports it is given.
 */
import type { Choices, Clock } from '../../proxy/ports.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { ClusterSpec } from '../world/topology.ts';
import type { House, OtherSession } from './house.ts';
import { LockWaits } from './locks.ts';
import { Observer } from './observer.ts';
import { Tenant } from './tenant.ts';

export interface ClusterPorts {
  readonly clock: Clock;
  /** Who gets a row next that several wait for. */
  readonly choices: Choices;
  readonly sha1: Sha1;
}

export interface ClusterOptions {
  /** Answer the checksum capability (bit 3) although it was not offered; never with a foreign proxy (decisions.md 30). */
  readonly claimChecksum?: boolean;
  /** Do not tell a proxy the user's privileges: then everybody has all of them there (odp-sessions.md §10, 15). */
  readonly withholdPrivilege?: boolean;
  /** Ignore what stands behind `#` in a user name: for clients without a proxy between. */
  readonly acceptClusterSuffix?: boolean;
  /** How often a statement that waits for a row looks whether it was killed, in milliseconds (decisions.md 35). */
  readonly lockKillCheck?: number;
}

/** `lock_kill_check` unless told. */
const LOCK_KILL_CHECK = 10_000;

export class Cluster implements House {
  readonly spec: ClusterSpec;
  readonly #tenants = new Map<string, Tenant>();
  readonly #observers = new Map<number, Observer>();

  constructor(spec: ClusterSpec, ports: ClusterPorts, options: ClusterOptions = {}) {
    this.spec = spec;
    for (const tenant of spec.tenants) {
      this.#tenants.set(tenant.name, new Tenant(tenant, new LockWaits(ports.clock, ports.choices)));
    }
    for (const server of [...spec.servers].sort((a, b) => a.id - b.id)) {
      const observer = new Observer({
        serverId: server.id,
        clusterName: spec.name,
        clock: ports.clock,
        sha1: ports.sha1,
        house: this,
        claimChecksum: options.claimChecksum ?? false,
        withholdPrivilege: options.withholdPrivilege ?? false,
        acceptClusterSuffix: options.acceptClusterSuffix ?? false,
        lockKillCheck: options.lockKillCheck ?? LOCK_KILL_CHECK,
        findTenant: (name) => this.#tenants.get(name) ?? null,
      });
      this.#observers.set(server.id, observer);
    }
  }

  /** The observer of a server id; throws if the cluster has none. */
  observer(id: number): Observer {
    const found = this.#observers.get(id);
    if (found === undefined) throw new Error(`cluster ${this.spec.name} has no observer ${id}`);
    return found;
  }

  /** By server id. */
  get observers(): readonly Observer[] {
    return [...this.#observers.values()];
  }

  /** The tenant of a name; throws if the cluster has none. For tests and invariants: its committed rows are there. */
  tenant(name: string): Tenant {
    const found = this.#tenants.get(name);
    if (found === undefined) throw new Error(`cluster ${this.spec.name} has no tenant ${name}`);
    return found;
  }

  findSession(id: number): OtherSession | null {
    for (const observer of this.#observers.values()) {
      const found = observer.findSession(id);
      if (found !== null) return found;
    }
    return null;
  }

  sessions(): readonly OtherSession[] {
    return this.observers.flatMap((observer) => observer.listed());
  }
}
