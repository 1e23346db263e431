/**
 * What is known of where tables are led: a cache for each cluster, filled by its `LocationClient` (odp-relay.md §5.3).
 *
 * An entry is valid until somebody has reason to doubt it (ERR 4038, a server that does not answer): then it goes on being
 * used, and is asked for anew, at once or, if that was done less than `REFRESH_INTERVAL` ago, with the first statement that
 * wants it later. Servers are indexes into the cluster's list. Knows nothing of sessions or statements.
 */
import type { ClusterConfig } from '../config.ts';
import type { Clock } from '../ports.ts';
import { LocationClient, type LocationPorts, type LocationQuestion, type Replica } from './location-client.ts';

/** An entry in doubt is asked for at most so often, in milliseconds (odp-relay.md §5.3). */
export const REFRESH_INTERVAL = 5000;
/** Where nobody could be asked, nobody is for so long: ODP's `server_state_refresh_interval` (odp-relay.md §9.1). */
export const DEAF_INTERVAL = 20_000;
/** Clients choose the names, so there is an end to how many are kept; the oldest goes. */
export const MOST_ENTRIES = 10_000;

interface Entry {
  /** null: the cluster knows no such table, or no leader of it. */
  leader: number | null;
  doubted: boolean;
  /** When it was asked for last. */
  asked: number;
}

/** Gets the leader, null if there is none that is known. */
export type Told = (leader: number | null) => void;

export class Locations {
  readonly #cluster: ClusterConfig;
  readonly #clock: Clock;
  readonly #client: LocationClient;
  readonly #entries = new Map<string, Entry>();
  /** Who waits for an entry that is asked for the first time. */
  readonly #waiting = new Map<string, Told[]>();
  /** Nobody is asked before. */
  #deafUntil = 0;

  constructor(cluster: ClusterConfig, ports: LocationPorts) {
    this.#cluster = cluster;
    this.#clock = ports.clock;
    const servers = cluster.servers.map(({ address }) => address);
    this.#client = new LocationClient(servers, ports);
  }

  /** The leader of a table; undefined if it has to be asked for: `told` hears of it then, later. */
  leaderOf(question: LocationQuestion, told: Told): number | null | undefined {
    const key = keyOf(question);
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#clock.now() < this.#deafUntil) return null;
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined) {
        waiting.push(told);
        return undefined;
      }
      this.#waiting.set(key, [told]);
      this.#ask(key, question);
      return undefined;
    }
    if (entry.doubted) this.#refresh(key, question, entry);
    return entry.leader;
  }

  #refresh(key: string, question: LocationQuestion, entry: Entry): void {
    const now = this.#clock.now();
    entry.doubted = now - entry.asked < REFRESH_INTERVAL;
    if (entry.doubted) return;
    entry.asked = now;
    this.#ask(key, question);
  }

  /** There is reason to doubt where a table is led. */
  doubt(question: LocationQuestion): void {
    const key = keyOf(question);
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#refresh(key, question, entry);
  }

  /** There is reason to doubt everything that this server was said to lead. */
  doubtServer(server: number): void {
    for (const entry of this.#entries.values()) if (entry.leader === server) entry.doubted = true;
  }

  stop(): void {
    this.#waiting.clear();
    this.#client.stop();
  }

  #ask(key: string, question: LocationQuestion): void {
    this.#client.ask(question, (replicas) => this.#located(key, replicas));
  }

  #located(key: string, replicas: readonly Replica[] | null): void {
    const leader = replicas === null ? null : this.#leaderAmong(replicas);
    const known = this.#entries.get(key);
    // Where nobody could be asked, what is known stays, and an unknown table is asked for again later.
    if (replicas === null) {
      this.#deafUntil = this.#clock.now() + DEAF_INTERVAL;
      if (known !== undefined) known.doubted = true;
    } else if (known !== undefined) {
      known.leader = leader;
    } else {
      this.#keep(key, leader);
    }
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const told of waiting) told(leader);
  }

  #keep(key: string, leader: number | null): void {
    if (this.#entries.size >= MOST_ENTRIES) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
    this.#entries.set(key, { leader, doubted: false, asked: this.#clock.now() });
  }

  #leaderAmong(replicas: readonly Replica[]): number | null {
    const leader = replicas.find((it) => it.isLeader)?.address;
    if (leader === undefined) return null;
    const index = this.#cluster.servers.findIndex(
      ({ address }) => address.host === leader.host && address.port === leader.port,
    );
    return index < 0 ? null : index;
  }
}

/** Case of database and table names does not count (`lower_case_table_names` 1). */
function keyOf({ tenant, database, table }: LocationQuestion): string {
  return `${tenant}\0${database.toLowerCase()}\0${table.toLowerCase()}`;
}
