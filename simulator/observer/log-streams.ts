/**
 * Who leads what: the log streams of a tenant, the tables in them, and the observer that leads each of them.
 *
 * | event                                | a log stream led there                    | transactions that changed it |
 * |--------------------------------------|-------------------------------------------|------------------------------|
 * | its leader is switched               | is led by the other one at once           | aborted                      |
 * | its leader is about to stop          | is led by another live replica at once, if one stays | aborted                      |
 * | its leader dies                      | has no leader; an election takes a while  | aborted                      |
 * | an election ends, most replicas live | is led by the first live one, by server id | –                           |
 * | … and most do not                    | has no leader until enough have come back | –                            |
 *
 * A tenant has log stream 1 for itself and one more for each observer that leads tables at first, from 1001 on; tables
 * made later lie in 1001. A table never leaves its log stream: to switch a table's leader is to switch that of all tables
 * beside it, as in OceanBase (observer.md §9.1). Knows neither sessions nor data.
 */

import type { Clock, Timer } from '../../proxy/ports.ts';
import { firstLeader, SYS_TENANT, type TenantSpec } from '../world/topology.ts';
import { Signal } from './signal.ts';

/** From the death of a leader to the next one, in milliseconds: OceanBase promises less than 8 s. */
export const ELECTION = 8000;

/** The tenant's own log stream; the tables of sys lie in it, too. */
const OWN_STREAM = 1;
const FIRST_TABLE_STREAM = 1001;

export class LogStream {
  readonly id: number;
  /** Null: it has none for now. */
  leader: number | null;

  constructor(id: number, leader: number) {
    this.id = id;
    this.leader = leader;
  }
}

/** Nobody leads a table now: the statement is taken back, and tried again when somebody does. */
export class LeaderMissing extends Signal {
  override name = 'LeaderMissing';
  readonly stream: LogStream;

  constructor(stream: LogStream) {
    super(`log stream ${stream.id} has no leader`);
    this.stream = stream;
  }
}

/** A statement that waits for a leader. */
export interface LeaderWaiter {
  leaderFound(): void;
}

interface Election {
  readonly timer: Timer;
  readonly endsAt: number;
}

export interface LogStreamsSetting {
  readonly clock: Clock;
  /** A statement at an observer that does not lead its table is told so (ERROR 4038), and not served all the same. */
  readonly notMasterEscapes: boolean;
  /** The leader of a log stream is another, or none: what transactions had changed there is lost. */
  leaderLost(stream: LogStream): void;
}

export class LogStreams {
  readonly notMasterEscapes: boolean;
  readonly #tenant: TenantSpec;
  readonly #setting: LogStreamsSetting;
  readonly #streams: LogStream[] = [];
  /** `database.table` → where it lies. */
  readonly #places = new Map<string, LogStream>();
  readonly #down = new Set<number>();
  /** Live, but not to lead anything. */
  readonly #leaving = new Set<number>();
  readonly #elections = new Map<LogStream, Election>();
  /** Who waits for which, the longest first. */
  readonly #waiters = new Map<LeaderWaiter, LogStream>();

  constructor(tenant: TenantSpec, setting: LogStreamsSetting) {
    this.#tenant = tenant;
    this.#setting = setting;
    this.notMasterEscapes = setting.notMasterEscapes;
    this.#streams.push(new LogStream(OWN_STREAM, firstLeader(tenant)));
    if (tenant.name === SYS_TENANT) return;
    this.#add(firstLeader(tenant));
    for (const database of tenant.databases) {
      for (const table of database.tables) {
        this.#places.set(placeKey(database.name, table.name), this.#add(firstLeader(tenant, table)));
      }
    }
  }

  /** The log stream for the tables that an observer leads at first. */
  #add(leader: number): LogStream {
    const known = this.#streams.find((it) => it.id !== OWN_STREAM && it.leader === leader);
    if (known !== undefined) return known;
    const made = new LogStream(FIRST_TABLE_STREAM + this.#streams.length - 1, leader);
    this.#streams.push(made);
    return made;
  }

  /** By id. */
  get all(): readonly LogStream[] {
    return this.#streams;
  }

  /** Server ids; all log streams have the same. */
  get replicas(): readonly number[] {
    return this.#tenant.servers;
  }

  of(database: string, table: string): LogStream {
    return this.#places.get(placeKey(database, table)) ?? this.#streams[1] ?? this.#streams[0]!;
  }

  /** It is told as soon as the log stream has a leader again. */
  wait(waiter: LeaderWaiter, stream: LogStream): void {
    this.#waiters.set(waiter, stream);
  }

  forget(waiter: LeaderWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** It has a live replica, and is not about to stop. */
  mayLead(server: number): boolean {
    return this.replicas.includes(server) && !this.#down.has(server) && !this.#leaving.has(server);
  }

  /** ALTER SYSTEM SWITCH REPLICA LEADER. */
  switchLeader(stream: LogStream, server: number): void {
    if (!this.mayLead(server)) throw new Error(`observer ${server} cannot lead anything of ${this.#tenant.name}`);
    if (stream.leader === server) return;
    this.#cancel(stream);
    stream.leader = server;
    this.#setting.leaderLost(stream);
    this.#found(stream);
  }

  /** An observer is about to stop: what it leads goes to another one, if there is one. */
  leaving(server: number): void {
    this.#leaving.add(server);
    for (const stream of this.#streams) {
      const heir = this.#heir();
      if (stream.leader !== server || heir === null || this.#leaving.has(heir)) continue;
      stream.leader = heir;
      this.#setting.leaderLost(stream);
    }
  }

  /** It may lead again. */
  admitted(server: number): void {
    this.#leaving.delete(server);
  }

  died(server: number): void {
    this.#down.add(server);
    for (const stream of this.#streams) {
      if (stream.leader !== server) continue;
      stream.leader = null;
      this.#elect(stream, ELECTION);
      this.#setting.leaderLost(stream);
    }
  }

  /** An observer starts again: who has no leader gets one before it serves, if enough replicas live now. */
  returned(server: number, startingTime: number): void {
    this.#down.delete(server);
    const { clock } = this.#setting;
    for (const stream of this.#streams) {
      const endsAt = this.#elections.get(stream)?.endsAt ?? Number.POSITIVE_INFINITY;
      if (stream.leader === null && endsAt > clock.now() + startingTime) this.#elect(stream, startingTime);
    }
  }

  #elect(stream: LogStream, delay: number): void {
    this.#cancel(stream);
    const { clock } = this.#setting;
    const timer = clock.after(delay, () => {
      this.#cancel(stream);
      stream.leader = this.#heir();
      if (stream.leader !== null) this.#found(stream);
    });
    this.#elections.set(stream, { timer, endsAt: clock.now() + delay });
  }

  #cancel(stream: LogStream): void {
    this.#elections.get(stream)?.timer.cancel();
    this.#elections.delete(stream);
  }

  #found(stream: LogStream): void {
    for (const [waiter, awaited] of [...this.#waiters]) {
      if (awaited === stream && this.#waiters.delete(waiter)) waiter.leaderFound();
    }
  }

  /** Who is elected: the first live replica, if possible one that stays; nobody if no majority lives. */
  #heir(): number | null {
    const live = this.replicas.filter((id) => !this.#down.has(id)).sort((a, b) => a - b);
    if (live.length * 2 <= this.replicas.length) return null;
    return live.find((id) => !this.#leaving.has(id)) ?? live[0]!;
  }
}

/** Names of databases and tables do not tell case apart. */
function placeKey(database: string, table: string): string {
  return `${database}.${table}`.toLowerCase();
}
