/**
 * The network port in memory: who listens, which links are ready, and what is delivered next.
 *
 * It behaves like TCP on one Linux machine, as far as the port can show it: links keep order and, unless said, take no time, a peer
 * that has closed answers later bytes with RST, a system's buffers swallow a window of bytes. Nothing is delivered but by
 * `step`, never from inside a call. In the plain world the oldest delivery of all links comes first, in chunks as they
 * were written; `Choices` may take another link's, cut and join chunks, and let a RST overtake data.
 *
 * Where links take time (`Latency`), what is sent can be delivered when it has arrived, in its lane's order. It must never
 * know what the bytes mean.
 */
import type {
  Address,
  Choices,
  Clock,
  Connection,
  ConnectionEvents,
  Listener,
  ListenerEvents,
  Network,
} from '../../proxy/ports.ts';
import type { Lane } from './lane.ts';
import { MemoryConnection, type MemoryWires } from './memory-connection.ts';

/** Where a connection comes from when its owner does not say: the first ports of ODP's documentation, counted up. */
export const DEFAULT_HOST = '192.0.2.10';
export const FIRST_CLIENT_PORT = 63_882;

/** Where client ports go on after 65535: the lowest of Linux' own range. */
const WRAPPED_CLIENT_PORT = 32_768;
/** The first port given to a listener that asks for any. */
const FIRST_LISTENER_PORT = 20_000;
const LAST_PORT = 65_535;

/** This host of a listener stands for every host. */
const ANY_HOST = '0.0.0.0';

/** The site of the decision how long something takes. */
export const DELAY = 'net.delay';

/** Links that take time: each item at most so many whole milliseconds, as `net.delay` decides. */
export interface Latency {
  readonly clock: Clock;
  readonly most: number;
}

export class MemoryNetwork implements Network, MemoryWires {
  readonly choices: Choices;
  readonly acceptsTls = true;
  /** Lanes whose first item can be delivered now, the oldest first item first. */
  readonly #ready: Lane[] = [];
  /** What is an end's own business (`flushed`, `closed` …): it goes before all deliveries, in order. */
  #local: (() => void)[] = [];
  #localAt = 0;
  #stamps = 0;
  #open = 0;
  readonly #listeners = new Map<string, MemoryListener>();
  /** Client ports of `DEFAULT_HOST` in use. */
  readonly #clientPorts = new Set<number>();
  #nextClientPort = FIRST_CLIENT_PORT;
  #nextListenerPort = FIRST_LISTENER_PORT;
  readonly #latency: Latency | null;

  constructor(choices: Choices, latency: Latency | null = null) {
    this.choices = choices;
    this.#latency = latency;
  }

  /** Ends of connections that have not been told `closed`. */
  get openConnections(): number {
    return this.#open;
  }

  listen(address: Address, events: ListenerEvents): Listener {
    const port = address.port === 0 ? this.#freeListenerPort(address.host) : address.port;
    const bound = { host: address.host, port };
    const listener = new MemoryListener(this, bound, events);
    const taken = this.#taken(bound);
    if (!taken) this.#listeners.set(keyOf(bound), listener);
    this.later(() => listener.begin(taken));
    return listener;
  }

  connect(address: Address, events: ConnectionEvents, from?: Address): Connection {
    const host = from?.host ?? DEFAULT_HOST;
    const port = from === undefined || from.port === 0 ? this.#freeClientPort() : from.port;
    const client = new MemoryConnection(this, { host, port }, address, events);
    const server = new MemoryConnection(this, address, client.local, undefined);
    client.pairWith(server);
    this.#open++;
    return client;
  }

  /** One delivery. False when nothing is left to deliver now. */
  step(): boolean {
    const task = this.#local[this.#localAt];
    if (task !== undefined) {
      this.#localAt++;
      if (this.#localAt === this.#local.length) {
        this.#local = [];
        this.#localAt = 0;
      }
      task();
      return true;
    }
    const count = this.#ready.length;
    if (count === 0) return false;
    const chosen = count === 1 ? 0 : this.choices.choose('net.next', count);
    this.#ready[chosen]!.deliver();
    return true;
  }

  // What follows is for connections and listeners of this network only.

  later(task: () => void): void {
    this.#local.push(task);
  }

  stamp(): number {
    return this.#stamps++;
  }

  arrival(last: number): number {
    if (this.#latency === null) return 0;
    const { clock, most } = this.#latency;
    return Math.max(last, clock.now() + this.choices.choose(DELAY, most + 1));
  }

  arrived(due: number): boolean {
    return this.#latency === null || due <= this.#latency.clock.now();
  }

  /** A lane's first item, or whether it can be delivered, has changed: it finds its new place among the ready ones. */
  place(lane: Lane): void {
    const ready = this.#ready;
    if (lane.ready) {
      const at = ready.indexOf(lane);
      if (at === 0) ready.shift();
      else ready.splice(at, 1);
      lane.ready = false;
    }
    if (!lane.deliverable) {
      this.#await(lane);
      return;
    }
    const stamp = lane.firstStamp;
    let at = ready.length;
    while (at > 0 && ready[at - 1]!.firstStamp > stamp) at--;
    if (at === ready.length) ready.push(lane);
    else ready.splice(at, 0, lane);
    lane.ready = true;
  }

  /** Looks again when the first item, still under way, has arrived. */
  #await(lane: Lane): void {
    const due = lane.firstDue;
    if (this.#latency === null || this.arrived(due) || lane.awaited === due) return;
    const { clock } = this.#latency;
    lane.awaited = due;
    clock.after(due - clock.now(), () => {
      if (lane.awaited === due) lane.awaited = -1;
      this.place(lane);
    });
  }

  listenerAt({ host, port }: Address): ListenerEvents | undefined {
    return (this.#listeners.get(`${host}:${port}`) ?? this.#listeners.get(`${ANY_HOST}:${port}`))?.events;
  }

  accepted(): void {
    this.#open++;
  }

  closed(connection: MemoryConnection): void {
    this.#open--;
    if (connection.local.host === DEFAULT_HOST) this.#clientPorts.delete(connection.local.port);
  }

  unlisten(listener: MemoryListener): void {
    const key = keyOf(listener.address);
    if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
  }

  #taken(address: Address): boolean {
    for (const { address: other } of this.#listeners.values()) {
      if (other.port !== address.port) continue;
      if (other.host === address.host || other.host === ANY_HOST || address.host === ANY_HOST) return true;
    }
    return false;
  }

  #freeListenerPort(host: string): number {
    while (this.#taken({ host, port: this.#nextListenerPort })) this.#nextListenerPort++;
    return this.#nextListenerPort++;
  }

  #freeClientPort(): number {
    let port: number;
    do {
      port = this.#nextClientPort;
      this.#nextClientPort = port === LAST_PORT ? WRAPPED_CLIENT_PORT : port + 1;
    } while (this.#clientPorts.has(port));
    this.#clientPorts.add(port);
    return port;
  }
}

class MemoryListener implements Listener {
  readonly address: Address;
  readonly events: ListenerEvents;
  readonly #network: MemoryNetwork;
  #over = false;

  constructor(network: MemoryNetwork, address: Address, events: ListenerEvents) {
    this.#network = network;
    this.address = address;
    this.events = events;
  }

  begin(taken: boolean): void {
    if (this.#over) return;
    if (!taken) {
      this.events.listening(this.address);
      return;
    }
    this.#over = true;
    this.events.failed('EADDRINUSE');
    this.events.closed();
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#network.unlisten(this);
    this.#network.later(() => this.events.closed());
  }
}

function keyOf(address: Address): string {
  return `${address.host}:${address.port}`;
}
