/**
 * Which observer a request goes to (decisions.md 33, odp-relay.md §5.1).
 *
 * Servers are indexes into the cluster's list; the answer is the order in which they are tried. Asked only for what may
 * go anywhere: transactions and statements that depend on the one before never come here. Servers that the black list
 * skips stand behind the others.
 */
import type { ClusterConfig, TenantConfig } from '../config.ts';
import type { Choices } from '../ports.ts';
import type { ClientSession } from '../session/client-session.ts';
import type { Routed, Router } from '../session/services.ts';
import { tableOf } from '../sql/table.ts';
import { COM } from '../wire/constants.ts';
import { HEADER_SIZE } from '../wire/framing.ts';
import type { BlackList } from './black-list.ts';
import type { LocationPorts, LocationQuestion } from './location-client.ts';
import { Locations } from './locations.ts';

/** The text of a statement stands behind the command byte. */
const TEXT_AT = HEADER_SIZE + 1;

export class TenantRouter implements Router<ClientSession> {
  readonly #choices: Choices;
  readonly #blackList: BlackList;
  readonly #ports: LocationPorts;
  /** The servers of a tenant with one of them in front: made once, for it is asked for with every statement. */
  readonly #orders = new WeakMap<readonly number[], Map<number, readonly number[]>>();
  readonly #locations = new Map<ClusterConfig, Locations>();
  /** Tenants that one server led when the proxy was told, and no longer does: their tables are asked for one by one. */
  readonly #scattered = new Set<TenantConfig>();

  constructor(choices: Choices, blackList: BlackList, ports: LocationPorts) {
    this.#choices = choices;
    this.#blackList = blackList;
    this.#ports = ports;
  }

  /** Nothing more is asked of any cluster. */
  stop(): void {
    for (const it of this.#locations.values()) it.stop();
  }

  /** Any of the tenant's servers, then the others. */
  forLogin(session: ClientSession): readonly number[] {
    const servers = serversOf(session);
    const first = this.#choices.choose('route.login', servers.length);
    return this.#sorted(session, [...servers.slice(first), ...servers.slice(0, first)]);
  }

  /**
   * The leader if one server leads all of the tenant; if it does not (any more), or that is not known, the leader of the statement's table; without a table, or where
   * nobody knows it, the server used last, or as at the login.
   */
  forStatement(session: ClientSession, request: Routed): readonly number[] | null {
    session.location = null;
    const leader = this.#singleLeader(session);
    if (leader !== null) {
      session.location = 'single leader';
      return this.#ledBy(session, leader);
    }
    const question = questionOf(session, request);
    if (question === null) return this.#withoutTable(session);
    session.location = question;
    const locations = this.#locationsOf(session.identity!.cluster!);
    const led = locations.leaderOf(question, (told) => session.routed(this.#ledBy(session, told)));
    return led === undefined ? null : this.#ledBy(session, led);
  }

  misrouted(session: ClientSession): void {
    const { location, identity } = session;
    const cluster = identity?.cluster ?? null;
    if (location === null || cluster === null) return;
    if (location !== 'single leader') {
      this.#locationsOf(cluster).doubt(location);
      return;
    }
    // Where another has served in its place, as it does not answer, that says nothing of it.
    const tenant = tenantOf(session)!;
    if (session.servers.bound?.server === tenant.leader) this.#scattered.add(tenant);
  }

  /** The server that leads all of the session's tenant, as far as that is known and still so. */
  #singleLeader(session: ClientSession): number | null {
    const tenant = tenantOf(session);
    return tenant === undefined || this.#scattered.has(tenant) ? null : tenant.leader;
  }

  #ledBy(session: ClientSession, leader: number | null): readonly number[] {
    const servers = serversOf(session);
    if (leader === null || !servers.includes(leader)) return this.#withoutTable(session);
    return this.#sorted(session, this.#startingWith(leader, servers));
  }

  #withoutTable(session: ClientSession): readonly number[] {
    const last = session.servers.bound?.server;
    if (last === undefined) return this.forLogin(session);
    return this.#sorted(session, this.#startingWith(last, serversOf(session)));
  }

  #locationsOf(cluster: ClusterConfig): Locations {
    let locations = this.#locations.get(cluster);
    if (locations === undefined) {
      locations = new Locations(cluster, this.#ports);
      this.#locations.set(cluster, locations);
    }
    return locations;
  }

  #sorted(session: ClientSession, order: readonly number[]): readonly number[] {
    return this.#blackList.isEmpty ? order : this.#blackList.sorted(order, (it) => session.addressOf(it));
  }

  #startingWith(first: number, servers: readonly number[]): readonly number[] {
    let orders = this.#orders.get(servers);
    if (orders === undefined) {
      orders = new Map();
      this.#orders.set(servers, orders);
    }
    let order = orders.get(first);
    if (order === undefined) {
      order = [first, ...servers.filter((it) => it !== first)];
      orders.set(first, order);
    }
    return order;
  }
}

/** The table by which a request is routed; null if it names none, or if there is nothing to choose among. */
function questionOf(session: ClientSession, { command, packet, statement }: Routed): LocationQuestion | null {
  if (serversOf(session).length < 2) return null;
  if (statement === null && command !== COM.QUERY) return null;
  const found = tableOf((statement?.packet ?? packet).toString('latin1', TEXT_AT));
  if (found === null) return null;
  const database = found.database ?? session.state.database;
  return database === null ? null : { tenant: session.identity!.name.tenant, database, table: found.table };
}

function tenantOf(session: ClientSession) {
  const { name, cluster } = session.identity!;
  return cluster?.tenants?.find((it) => it.name === name.tenant);
}

/** Empty: the cluster knows its tenants, and this is none of them. A bare server list knows none and tries all. */
function serversOf(session: ClientSession): readonly number[] {
  const cluster: ClusterConfig | null = session.identity!.cluster;
  if (cluster === null) return NONE;
  if (cluster.tenants === null) return allOf(cluster);
  return tenantOf(session)?.servers ?? NONE;
}

const NONE: readonly number[] = [];
const ALL = new WeakMap<ClusterConfig, readonly number[]>();

function allOf(cluster: ClusterConfig): readonly number[] {
  let all = ALL.get(cluster);
  if (all === undefined) {
    all = cluster.servers.map((_, index) => index);
    ALL.set(cluster, all);
  }
  return all;
}
