/**
 * Finds servers that do not answer any more although nobody has closed a connection: by probes of its own (odp-relay.md
 * §5.6, the kind "detect", and surprise 25).
 *
 * One machine for each server:
 *
 * | state   | event                                      | then                                                         |
 * |---------|--------------------------------------------|--------------------------------------------------------------|
 * | idle    | somebody needs to know                     | resting                                                      |
 * | resting | `server_detect_refresh_interval` is over   | probing                                                      |
 * | probing | a greeting                                 | resting; its misses are forgotten, it is not dead            |
 * | probing | no connection, no greeting, no time left   | resting; a miss more. From the `server_detect_fail_threshold`th |
 * |         |                                            | on it is dead: on the black list, and at the next tick of    |
 * |         |                                            | the sweep every server session to it ends, in flight or not  |
 * | (any)   | nobody needs to know                       | idle; a probe under way is given up                          |
 *
 * Who needs to know: a cluster that has a client session, in mode 1 of its servers to which there is a server session and
 * of dead ones, in mode 2 of all. (The sheet leaves open what "all" is: a cluster that nobody uses is not probed, so a
 * proxy without clients has no timer.) A server is probed by one connection at a time, which the sheet leaves open, too: a
 * probe that takes longer than the interval is followed by the next one at once. What was found out about a dead server
 * stays when nobody needs to know, and is the first thing looked at when somebody does.
 *
 * Only a miss ends sessions, so one that was opened to a dead server, as there was no other, lives until the next miss.
 *
 * Knows sessions as somebody with an address who can be told. MySQL servers are never probed: they count what does not log
 * in (`max_connect_errors`), and would shut the proxy out.
 */
import type { ClusterConfig, ConfigItems } from '../config.ts';
import type { Address, Clock, Network, Timer } from '../ports.ts';
import type { Detectable, Detector } from '../session/services.ts';
import type { Killable, Sweep } from '../session/sweep.ts';
import { Probe, type Prober } from './probe.ts';

/** Whom verdicts are told; see `black-list.ts`. */
export interface Verdicts {
  dead(server: Address): void;
  alive(server: Address): void;
}

export interface DetectorPorts {
  readonly network: Network;
  readonly clock: Clock;
  readonly sweep: Pick<Sweep, 'mark' | 'forget'>;
}

/** `server_detect_mode`: every server of a cluster with clients. */
const ALL_SERVERS = 2;
/** A mark needs somebody's cs_id; nobody has this one. */
const NOBODY = 0;

export class ProbingDetector implements Detector {
  readonly #items: ConfigItems;
  readonly #ports: DetectorPorts;
  readonly #verdicts: Verdicts;
  readonly #servers = new Map<Address, Server>();
  /** How many client sessions each cluster has. */
  readonly #clients = new Map<ClusterConfig, number>();

  constructor(items: ConfigItems, ports: DetectorPorts, verdicts: Verdicts) {
    this.#items = items;
    this.#ports = ports;
    this.#verdicts = verdicts;
  }

  clientEntered(cluster: ClusterConfig): void {
    const count = this.#clients.get(cluster) ?? 0;
    this.#clients.set(cluster, count + 1);
    if (count > 0) return;
    for (const { address } of cluster.servers) this.#server(address).clusterUsed(true);
  }

  clientLeft(cluster: ClusterConfig): void {
    const count = this.#clients.get(cluster)! - 1;
    this.#clients.set(cluster, count);
    if (count > 0) return;
    for (const { address } of cluster.servers) this.#server(address).clusterUsed(false);
  }

  opened(session: Detectable): void {
    this.#server(session.address).opened(session);
  }

  gone(session: Detectable): void {
    this.#server(session.address).gone(session);
  }

  #server(address: Address): Server {
    let server = this.#servers.get(address);
    if (server === undefined) {
      server = new Server(address, this.#items, this.#ports, this.#verdicts);
      this.#servers.set(address, server);
    }
    return server;
  }
}

type Stage =
  | { readonly kind: 'idle' }
  | { readonly kind: 'resting'; readonly timer: Timer }
  /** `since`: when it began. */
  | { readonly kind: 'probing'; readonly probe: Probe; readonly since: number };

const IDLE: Stage = { kind: 'idle' };

class Server implements Prober, Killable {
  readonly #address: Address;
  readonly #items: ConfigItems;
  readonly #ports: DetectorPorts;
  readonly #verdicts: Verdicts;
  /** From their connect on. */
  readonly #sessions = new Set<Detectable>();
  /** Clusters with clients that have it: more than one only if they share the address. */
  #clusters = 0;
  /** In a row. */
  #misses = 0;
  #isDead = false;
  #stage = IDLE;

  constructor(address: Address, items: ConfigItems, ports: DetectorPorts, verdicts: Verdicts) {
    this.#address = address;
    this.#items = items;
    this.#ports = ports;
    this.#verdicts = verdicts;
  }

  clusterUsed(isUsed: boolean): void {
    this.#clusters += isUsed ? 1 : -1;
    this.#changed();
  }

  opened(session: Detectable): void {
    this.#sessions.add(session);
    this.#changed();
  }

  gone(session: Detectable): void {
    this.#sessions.delete(session);
    this.#changed();
  }

  get #isWanted(): boolean {
    if (this.#clusters === 0) return false;
    return this.#items.server_detect_mode === ALL_SERVERS || this.#sessions.size > 0 || this.#isDead;
  }

  /** Who needs to know about it. */
  #changed(): void {
    if (this.#isWanted) {
      if (this.#stage.kind === 'idle') this.#rest(this.#isDead ? 0 : this.#items.server_detect_refresh_interval);
      return;
    }
    if (this.#stage.kind === 'resting') this.#stage.timer.cancel();
    if (this.#stage.kind === 'probing') this.#stage.probe.giveUp();
    this.#stage = IDLE;
    if (!this.#isDead) this.#misses = 0;
    this.#ports.sweep.forget(this);
  }

  #rest(delay: number): void {
    this.#stage = { kind: 'resting', timer: this.#ports.clock.after(delay, () => this.#probe()) };
  }

  #probe(): void {
    const { network, clock } = this.#ports;
    const probe = new Probe(this, this.#address, { network, clock, timeout: this.#items.detect_server_timeout });
    this.#stage = { kind: 'probing', probe, since: clock.now() };
  }

  greeted(): void {
    this.#misses = 0;
    if (this.#isDead) {
      this.#isDead = false;
      this.#verdicts.alive(this.#address);
    }
    this.#probed();
  }

  missed(): void {
    this.#misses += 1;
    if (this.#misses >= this.#items.server_detect_fail_threshold) {
      if (!this.#isDead) this.#verdicts.dead(this.#address);
      this.#isDead = true;
      this.#ports.sweep.mark(this, NOBODY);
    }
    this.#probed();
  }

  #probed(): void {
    if (this.#stage.kind !== 'probing') return;
    const passed = this.#ports.clock.now() - this.#stage.since;
    this.#stage = IDLE;
    if (this.#isWanted) this.#rest(Math.max(0, this.#items.server_detect_refresh_interval - passed));
  }

  /** The tick after a miss. What the end of a session sets off – another one perhaps, to the same server – is not for this tick. */
  killed(): void {
    if (!this.#isDead) return;
    for (const session of [...this.#sessions]) session.serverDead();
  }
}
