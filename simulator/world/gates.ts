/**
 * Gates around a network: who talks to whom, what may pass, and who looks on.
 *
 * Every host (a client, `proxy`, `observer 1`) gets a network of its own from here and connects and listens through it;
 * so each connection is a link from one host to another, on any network underneath. What travels is stopped, counted and
 * tapped at the receiving end, just before it is handed over. It must never know which network lies below, nor more of the
 * bytes than where MySQL packets begin.
 */
import type {
  Address,
  Clock,
  Connection,
  ConnectionEvents,
  Listener,
  ListenerEvents,
  Network,
} from '../../proxy/ports.ts';
import { DelayedConnection } from './delayed-connection.ts';
import { GateConnection, type GateKeeper } from './gate-connection.ts';
import type { LateEnds } from './late-ends.ts';
import { type Hold, type HoldUnit, type Link, type Tap, Wire } from './link.ts';

export type { Link, Tap } from './link.ts';

export interface GatesOptions {
  readonly tap?: Tap;
  /** Only connecting hosts are ours: what they send is tapped where it leaves. */
  readonly lone?: boolean;
  /** Whose ends come late; nobody's unless told. */
  readonly ends?: LateEnds;
}

const ANY_HOST = '0.0.0.0';

/** What a partition does to a link. */
const NOTHING_PASSES: Hold = { left: 0, unit: 'packets' };

/** A connect that hangs. */
interface Hanging {
  readonly link: string;
  readonly connection: DelayedConnection;
}

export class Gates implements GateKeeper {
  readonly tap: Tap;
  readonly clock: Clock;
  readonly lone: boolean;
  readonly ends: LateEnds | null;
  readonly #network: Network;
  /** Who listens at an address. */
  readonly #names = new Map<string, string>();
  /** The newest connection from an address. */
  readonly #wires = new Map<string, Wire>();
  /** Connecting ends whose address is not known yet. */
  readonly #nameless = new Set<GateConnection>();
  readonly #ends = new Set<GateConnection>();
  readonly #holds = new Map<string, Hold>();
  /** Both directions of every pair of hosts that are parted. */
  readonly #cuts = new Set<string>();
  #hanging: Hanging[] = [];
  readonly #stalled = new Set<string>();
  #ids = 0;
  #stamps = 0;

  /** `clock` is only asked for "soon": what must not happen inside a call is a timer of delay 0. */
  constructor(network: Network, clock: Clock, options: GatesOptions = {}) {
    this.#network = network;
    this.clock = clock;
    this.tap = options.tap ?? {};
    this.lone = options.lone ?? false;
    this.ends = options.ends ?? null;
  }

  /** The network that this host uses. Asking twice gives two that are the same host's. */
  host(name: string): Network {
    return new HostNetwork(this, name);
  }

  /**
   * From now on `after` more whole MySQL packets – or bytes – from `from` pass to `to`, over all their connections together,
   * and then nothing more, neither bytes nor FIN nor RST, also of connections made later. A packet that had begun is not
   * counted: with 0 its rest is held, else it passes. Of what is held already so much passes at once.
   */
  hold(from: string, to: string, after = 0, unit: HoldUnit = 'packets'): void {
    this.#holds.set(holdKey(from, to), { left: after, unit });
    for (const end of this.#ends) end.holdBegins();
    this.#passAll();
  }

  /** What was held is handed over, in the order in which it came; from now on everything passes. */
  release(from: string, to: string): void {
    if (this.#holds.delete(holdKey(from, to))) this.#passAll();
  }

  /**
   * Nothing passes between two hosts, neither way: what is under way waits, as TCP keeps it, and a connect hangs. Holds
   * on the same links stay what they are.
   */
  partition(a: string, b: string): void {
    this.#cuts.add(holdKey(a, b)).add(holdKey(b, a));
  }

  /** What waited goes on in the order in which it came, then the connects that hung. */
  repair(a: string, b: string): void {
    const links = [holdKey(a, b), holdKey(b, a)];
    for (const link of links) this.#cuts.delete(link);
    this.#passAll();
    const free = this.#hanging.filter((it) => links.includes(it.link));
    this.#hanging = this.#hanging.filter((it) => !links.includes(it.link));
    for (const { connection } of free) connection.go(this.#network);
  }

  /** Every connection between two hosts breaks: RST to both ends; what was under way is lost. */
  sever(a: string, b: string): void {
    const broken = [...this.#ends].filter(({ host, link }) => {
      // One end is enough: its RST reaches the other over the network below.
      return (host === a && link.from === b) || (host === b && link.from === a);
    });
    for (const end of broken) end.lose();
    for (const end of broken) if (!end.connects || end.isOverBelow) end.sever();
  }

  /** A connection between two hosts stands, or is about to. */
  areConnected(a: string, b: string): boolean {
    for (const { host, link, isOverBelow } of this.#ends) {
      const joins = (host === a && link.from === b) || (host === b && link.from === a);
      if (joins && !isOverBelow) return true;
    }
    return false;
  }

  /** The host stops reading, on all its connections, those to come included. */
  stall(host: string): void {
    this.#stalled.add(host);
    for (const end of this.#ends) if (end.host === host) end.stall(true);
  }

  /** The host goes on reading. */
  read(host: string): void {
    this.#stalled.delete(host);
    for (const end of this.#ends) if (end.host === host) end.stall(false);
  }

  // What follows is for this room only.

  get network(): Network {
    return this.#network;
  }

  stamp(): number {
    return this.#stamps++;
  }

  holdOf(link: Link): Hold | undefined {
    if (this.#holds.size === 0 && this.#cuts.size === 0) return undefined;
    const key = holdKey(link.from, link.to);
    return this.#cuts.has(key) ? NOTHING_PASSES : this.#holds.get(key);
  }

  /** Connects from a host, or lets the connect hang. */
  connect(address: Address, events: ConnectionEvents, from: Address | undefined, host: string): Connection {
    const link = holdKey(host, this.nameOf(address));
    if (!this.#cuts.has(link)) return this.#network.connect(address, events, from);
    const connection = new DelayedConnection(address, events, from, this.clock);
    this.#hanging.push({ link, connection });
    return connection;
  }

  add(end: GateConnection): void {
    this.#ends.add(end);
    if (this.#stalled.has(end.host)) end.stall(true);
  }

  remove(end: GateConnection): void {
    this.#ends.delete(end);
    // The other end may find out who it talked to only now.
    if (this.#nameless.delete(end)) this.#register(end);
  }

  listening(address: Address, host: string): void {
    this.#names.set(addressKey(address), host);
  }

  /** A host connects: the connection gets its number. */
  wireTo(address: Address, host: string): Wire {
    return new Wire(++this.#ids, host, this.nameOf(address));
  }

  nameOf({ host, port }: Address): string {
    return this.#names.get(`${host}:${port}`) ?? this.#names.get(`${ANY_HOST}:${port}`) ?? `${host}:${port}`;
  }

  /** From where a connecting end comes; on sockets that is known only once it is up, which may be after it was accepted. */
  connecting(end: GateConnection): void {
    if (this.#register(end)) this.#nameless.delete(end);
    else this.#nameless.add(end);
  }

  /** The connection that comes from this address; a stranger's if no host of ours made it. */
  wireFrom(address: Address, host: string): Wire {
    for (const end of this.#nameless) if (this.#register(end)) this.#nameless.delete(end);
    return this.#wires.get(addressKey(address)) ?? new Wire(++this.#ids, addressKey(address), host);
  }

  #register(end: GateConnection): boolean {
    if (end.local.port === 0) return false;
    this.#wires.set(addressKey(end.local), end.wire);
    return true;
  }

  /** Hands over all that may pass, of all ends, in the order in which it came. */
  #passAll(): void {
    for (;;) {
      let first: GateConnection | undefined;
      for (const end of this.#ends) {
        if (end.mayPass && (first === undefined || end.firstStamp < first.firstStamp)) first = end;
      }
      if (first === undefined) return;
      first.passOne();
    }
  }
}

/** One host's view of the network. */
class HostNetwork implements Network {
  readonly #gates: Gates;
  readonly #name: string;

  constructor(gates: Gates, name: string) {
    this.#gates = gates;
    this.#name = name;
  }

  get acceptsTls(): boolean {
    return this.#gates.network.acceptsTls;
  }

  listen(address: Address, events: ListenerEvents): Listener {
    // With a port of its own it can be named before it listens, and so can connections that are asked for at once.
    if (address.port !== 0) this.#gates.listening(address, this.#name);
    return this.#gates.network.listen(address, new HostListener(this.#gates, this.#name, events));
  }

  connect(address: Address, events: ConnectionEvents, from?: Address): Connection {
    const end = new GateConnection(this.#gates, this.#name, this.#gates.wireTo(address, this.#name));
    end.hears(events);
    end.connectTo(this.#gates.connect(address, end.inward, from, this.#name));
    this.#gates.connecting(end);
    return end;
  }
}

class HostListener implements ListenerEvents {
  readonly #gates: Gates;
  readonly #name: string;
  readonly #events: ListenerEvents;

  constructor(gates: Gates, name: string, events: ListenerEvents) {
    this.#gates = gates;
    this.#name = name;
    this.#events = events;
  }

  listening(address: Address): void {
    this.#gates.listening(address, this.#name);
    this.#events.listening(address);
  }

  failed(code: string): void {
    this.#events.failed(code);
  }

  accept(connection: Connection): ConnectionEvents {
    const end = new GateConnection(this.#gates, this.#name, undefined);
    end.connectTo(connection);
    end.hears(this.#events.accept(end));
    return end.inward;
  }

  closed(): void {
    this.#events.closed();
  }
}

function addressKey(address: Address): string {
  return `${address.host}:${address.port}`;
}

function holdKey(from: string, to: string): string {
  return `${from}\n${to}`;
}
