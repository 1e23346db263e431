/**
 * A simulated OceanBase cluster: its tenants' data, shared, and its observers.
 *
 * The way in: `new Cluster(spec, ports, options)`, then `cluster.observer(id).start(…)` for each; then what goes wrong:
 * `crash`, `stop`, `restart`, `switchLeader`. All is synchronous on the ports it is given.
 */
import type { Choices, Clock } from '../../proxy/ports.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { ClusterSpec } from '../world/topology.ts';
import type { House, OtherSession } from './house.ts';
import { LockWaits } from './locks.ts';
import { LogStreams } from './log-streams.ts';
import { Observer } from './observer.ts';
import { STARTING_TIME } from './server-state.ts';
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
  /** A statement at an observer that does not lead its table gets ERROR 4038; else it is served there (observer.md §9.4). */
  readonly notMasterEscapes?: boolean;
  /** The machine of the first observer belongs to another cluster by now: a proxy's login gets ERROR 4666. */
  readonly foreignFirst?: boolean;
  /** The greeting offers TLS (the tenant's `ssl_client_authentication`, observer.md §1.1). */
  readonly offersTls?: boolean;
}

/** `lock_kill_check` unless told. */
const LOCK_KILL_CHECK = 10_000;
/** What the first observer calls its cluster then. */
const FOREIGN_CLUSTER = 'obforeign';

export class Cluster implements House {
  readonly spec: ClusterSpec;
  readonly madeAt: number;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, Tenant>();
  readonly #observers = new Map<number, Observer>();

  constructor(spec: ClusterSpec, ports: ClusterPorts, options: ClusterOptions = {}) {
    this.spec = spec;
    this.#clock = ports.clock;
    this.madeAt = ports.clock.now();
    for (const tenant of spec.tenants) {
      const streams = new LogStreams(tenant, {
        clock: ports.clock,
        notMasterEscapes: options.notMasterEscapes ?? false,
        leaderLost: (stream) => {
          const cause = errorOf('TRANSACTION_NEEDS_ROLLBACK');
          for (const observer of this.#observers.values()) observer.leaderLost(stream, cause);
        },
      });
      this.#tenants.set(tenant.name, new Tenant(tenant, streams, new LockWaits(ports.clock, ports.choices)));
    }
    for (const [index, server] of [...spec.servers].sort((a, b) => a.id - b.id).entries()) {
      const observer = new Observer({
        serverId: server.id,
        zone: server.zone,
        clusterName: index === 0 && options.foreignFirst === true ? FOREIGN_CLUSTER : spec.name,
        clock: ports.clock,
        sha1: ports.sha1,
        house: this,
        claimChecksum: options.claimChecksum ?? false,
        withholdPrivilege: options.withholdPrivilege ?? false,
        acceptClusterSuffix: options.acceptClusterSuffix ?? false,
        lockKillCheck: options.lockKillCheck ?? LOCK_KILL_CHECK,
        offersTls: options.offersTls ?? false,
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

  // What it is made of.

  get clusterName(): string {
    return this.spec.name;
  }

  get zones(): readonly string[] {
    return this.spec.zones;
  }

  get servers(): readonly Observer[] {
    return this.observers;
  }

  get tenants(): readonly Tenant[] {
    return [...this.#tenants.values()];
  }

  // What goes wrong.

  /** An observer's process dies: FIN on every connection, connects refused, and what it led is without a leader for a while. */
  crash(id: number): void {
    this.observer(id).stop();
    for (const tenant of this.#tenants.values()) tenant.streams.died(id);
  }

  /** An observer's process is told to end: its leaders move away first, new logins are refused, then it is gone. */
  stop(id: number): void {
    for (const tenant of this.#tenants.values()) tenant.streams.leaving(id);
    this.observer(id).leave(() => {
      for (const tenant of this.#tenants.values()) tenant.streams.died(id);
    });
  }

  /** As ALTER SYSTEM STOP SERVER. A proxy that looks at DBA_OB_SERVERS does not choose it any more. */
  stopServer(id: number): void {
    this.observer(id).stoppedAt = this.#clock.now();
    for (const tenant of this.#tenants.values()) tenant.streams.leaving(id);
  }

  startServer(id: number): void {
    this.observer(id).stoppedAt = null;
    for (const tenant of this.#tenants.values()) tenant.streams.admitted(id);
  }

  restart(id: number): void {
    const observer = this.observer(id);
    observer.restart();
    for (const { streams } of this.#tenants.values()) {
      if (observer.stoppedAt === null) streams.admitted(id);
      streams.returned(id, STARTING_TIME);
    }
  }

  /** The log stream of a table, with all that lies in it, is led by this observer from now on. */
  switchLeader(tenant: string, database: string, table: string, id: number): void {
    const { streams } = this.tenant(tenant);
    streams.switchLeader(streams.of(database, table), id);
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
