/**
 * Which observer a request goes to (decisions.md 33, odp-relay.md §5.1).
 *
 * Servers are indexes into the cluster's list; the answer is the order in which they are tried. Asked only for what may
 * go anywhere: transactions and statements that depend on the one before never come here. Servers that the black list
 * skips stand behind the others.
 */
import type { ClusterConfig } from '../config.ts';
import type { Choices } from '../ports.ts';
import type { ClientSession } from '../session/client-session.ts';
import type { Router } from '../session/services.ts';
import type { BlackList } from './black-list.ts';

export class TenantRouter implements Router<ClientSession> {
  readonly #choices: Choices;
  readonly #blackList: BlackList;
  /** The servers of a tenant with one of them in front: made once, for it is asked for with every statement. */
  readonly #orders = new WeakMap<readonly number[], Map<number, readonly number[]>>();

  constructor(choices: Choices, blackList: BlackList) {
    this.#choices = choices;
    this.#blackList = blackList;
  }

  /** Any of the tenant's servers, then the others. */
  forLogin(session: ClientSession): readonly number[] {
    const servers = serversOf(session);
    const first = this.#choices.choose('route.login', servers.length);
    return this.#sorted(session, [...servers.slice(first), ...servers.slice(0, first)]);
  }

  /** The leader if one server leads all of the tenant; else the server used last; else as at the login. */
  forStatement(session: ClientSession): readonly number[] {
    const first = leaderOf(session) ?? session.servers.bound?.server;
    if (first === undefined) return this.forLogin(session);
    return this.#sorted(session, this.#startingWith(first, serversOf(session)));
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

function leaderOf(session: ClientSession): number | undefined {
  return tenantOf(session)?.leader ?? undefined;
}
