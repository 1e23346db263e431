/**
 * All client sessions of the proxy, by cs_id and by the ids of their server sessions (odp-sessions.md §3.4).
 */
import { TenantCounts } from './by-tenant.ts';

export interface HeldClient {
  readonly csId: number;
}

export interface HeldServer {
  readonly serverSessid: number;
  readonly owner: HeldClient;
}

export class Registry<Client extends HeldClient> {
  readonly #clients = new Map<number, Client>();
  /** Observers of different clusters may give the same id: then there are several. */
  readonly #servers = new Map<number, HeldServer[]>();
  /** By cs_id; null since the last one came or went. */
  #sorted: readonly Client[] | null = null;

  /** Of those that have been let through to an observer. */
  readonly tenants = new TenantCounts();

  /** How many client sessions there are, from accept on. */
  get size(): number {
    return this.#clients.size;
  }

  /** How many server sessions have an id, that is, have read an observer's greeting. */
  get serverSessions(): number {
    let count = 0;
    for (const list of this.#servers.values()) count += list.length;
    return count;
  }

  has(csId: number): boolean {
    return this.#clients.has(csId);
  }

  add(session: Client): void {
    this.#clients.set(session.csId, session);
    this.#sorted = null;
  }

  remove(session: Client): void {
    this.#clients.delete(session.csId);
    this.#sorted = null;
  }

  byCsId(csId: number): Client | undefined {
    return this.#clients.get(csId);
  }

  /** Who has a server session with this id, whether current, bound or pooled; of several the one with the lowest cs_id. */
  byServerSessid(serverSessid: number): Client | undefined {
    const list = this.#servers.get(serverSessid);
    if (list === undefined) return undefined;
    return this.#clients.get(Math.min(...list.map((it) => it.owner.csId)));
  }

  addServer(session: HeldServer): void {
    const list = this.#servers.get(session.serverSessid);
    if (list === undefined) this.#servers.set(session.serverSessid, [session]);
    else list.push(session);
  }

  removeServer(session: HeldServer): void {
    const list = this.#servers.get(session.serverSessid);
    if (list === undefined) return;
    const rest = list.filter((it) => it !== session);
    if (rest.length === 0) this.#servers.delete(session.serverSessid);
    else this.#servers.set(session.serverSessid, rest);
  }

  /** By cs_id: ODP has hash order, which nobody can rely on (decisions.md 4). */
  all(): readonly Client[] {
    this.#sorted ??= [...this.#clients.values()].sort((a, b) => a.csId - b.csId);
    return this.#sorted;
  }
}
