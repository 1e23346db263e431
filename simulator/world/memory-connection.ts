/**
 * One end of a connection in memory, and the lane of items on their way to it.
 *
 * A lane holds what its sender has written and its receiver has not been handed: first the sign that opens it, then
 * bytes, then FIN or RST. Of the bytes the first `WINDOW` count as taken by the system (they have "left"), the rest as
 * unsent. It must never know the other lanes: which one delivers next is the network's decision.
 */
import {
  type Address,
  type Choices,
  type Connection,
  type ConnectionEvents,
  HIGH_WATER,
  type ListenerEvents,
} from '../../proxy/ports.ts';

/** Bytes the system takes off a sender whose peer does not read: its send buffer and the peer's receive buffer. */
export const WINDOW = 64 * 1024;

/** Sockets hand over at most this much at a time; what is written in one piece beyond it arrives in several. */
const CHUNK = 64 * 1024;

/** At most this many chunks are joined into one, and at most this many ways to cut one are offered. */
const MERGES = 8;
const CUTS = 64;

/** What a connection needs of its network. */
export interface MemoryWires {
  readonly choices: Choices;
  later(task: () => void): void;
  stamp(): number;
  /** When what is sent now arrives: never before `last`, which was sent before it. 0 where links take no time. */
  arrival(last: number): number;
  /** Whether that moment has come. */
  arrived(due: number): boolean;
  place(lane: Lane): void;
  /** Who accepts what arrives at an address; undefined when nobody listens there. */
  listenerAt(address: Address): ListenerEvents | undefined;
  accepted(): void;
  closed(connection: MemoryConnection): void;
}

type Sign = 'syn' | 'open' | 'refused' | 'fin' | 'rst';

interface Item {
  /** Its place among all items of the network. */
  readonly stamp: number;
  /** When it arrives; before that it cannot be delivered. */
  readonly due: number;
  readonly what: Sign | Buffer;
}

/** What is on its way to one end, in order. */
export class Lane {
  /** Kept by the network: whether it stands among the ready lanes. */
  ready = false;
  /** Kept by the network: when it looks again for a first item that is still under way; −1 when it does not. */
  awaited = -1;
  /** Bytes of data in it. */
  bytes = 0;
  readonly #wires: MemoryWires;
  readonly #to: MemoryConnection;
  #items: Item[] = [];
  #fin = false;
  #lastDue = 0;

  constructor(wires: MemoryWires, to: MemoryConnection) {
    this.#wires = wires;
    this.#to = to;
  }

  /** Whether the first item can be handed over now. Data waits for a paused reader; a gone one takes (and drops) all. */
  get deliverable(): boolean {
    const first = this.#items[0];
    if (first === undefined || !this.#wires.arrived(first.due)) return false;
    return typeof first.what === 'string' || this.#to.gone || !this.#to.paused;
  }

  /** When the first item arrives; 0 when there is none. */
  get firstDue(): number {
    return this.#items[0]?.due ?? 0;
  }

  get firstStamp(): number {
    return this.#items[0]!.stamp;
  }

  add(what: Sign | Buffer): void {
    if (typeof what !== 'string') this.bytes += what.length;
    else if (what === 'fin') this.#fin = true;
    this.#lastDue = this.#wires.arrival(this.#lastDue);
    this.#items.push({ stamp: this.#wires.stamp(), due: this.#lastDue, what });
    if (what === 'rst') this.letResetPass();
    else if (this.#items.length === 1) this.#wires.place(this);
  }

  /** The sender stops for good: of its bytes only the first `keep`, which the system has, still travel. A FIN stays. */
  cut(keep: number): void {
    if (this.bytes <= keep) return;
    const items: Item[] = [];
    let left = keep;
    for (const item of this.#items) {
      if (typeof item.what === 'string') {
        items.push(item);
      } else if (left > 0) {
        const part = item.what.subarray(0, left);
        items.push({ ...item, what: part });
        left -= part.length;
      }
    }
    this.#items = items;
    this.bytes = keep;
    this.#wires.place(this);
  }

  /** The receiver is gone: all bytes and FIN fall away; what opens a connection, and RST, do no harm. */
  drop(): void {
    this.#items = this.#items.filter(({ what }) => what === 'syn' || what === 'rst');
    this.bytes = 0;
    this.#fin = false;
    this.#wires.place(this);
  }

  /**
   * A RST is heard by a paused end at once, and what it has not read is lost – as long as it listens at all: behind a
   * FIN, or with its buffer full, it is deaf and hears the RST in its turn.
   */
  letResetPass(): void {
    if (this.#to.paused && !this.#fin && this.bytes < WINDOW && this.#items.at(-1)?.what === 'rst') this.overtake();
    else this.#wires.place(this);
  }

  /** A RST passes all that is on its way, which is lost. */
  overtake(): void {
    this.#items = this.#items.filter(({ what }) => typeof what === 'string' && what !== 'fin');
    this.bytes = 0;
    this.#fin = false;
    this.#wires.place(this);
  }

  deliver(): void {
    const { what } = this.#items[0]!;
    if (typeof what === 'string') {
      this.#items.shift();
      this.#wires.place(this);
      this.#to.receiveSign(what);
      return;
    }
    if (!this.#to.gone) this.#join();
    const { stamp, due, what: first } = this.#items[0]! as Item & { what: Buffer };
    const place = this.#to.gone ? 0 : this.#wires.choices.choose('net.split', Math.min(first.length, CUTS));
    let chunk = first;
    if (place === 0) {
      this.#items.shift();
    } else {
      const at = cutAt(first.length, place);
      chunk = first.subarray(0, at);
      this.#items[0] = { stamp, due, what: first.subarray(at) };
    }
    this.bytes -= chunk.length;
    this.#wires.place(this);
    this.#to.receive(chunk);
  }

  /** Several small chunks may arrive as one: as many as are behind the first and fit one read. */
  #join(): void {
    let count = 1;
    let length = (this.#items[0]!.what as Buffer).length;
    for (; count < MERGES; count++) {
      const next = this.#items[count];
      if (next === undefined || typeof next.what === 'string' || length + next.what.length > CHUNK) break;
      if (!this.#wires.arrived(next.due)) break;
      length += next.what.length;
    }
    if (count === 1) return;
    const joined = this.#wires.choices.choose('net.merge', count);
    if (joined === 0) return;
    const taken = this.#items.splice(0, joined + 1);
    this.#items.unshift({ ...taken[0]!, what: Buffer.concat(taken.map(({ what }) => what as Buffer)) });
  }
}

/** Where decision `place` (from 1 on) cuts a chunk: near the front, where headers are, anywhere, or near the end. */
function cutAt(length: number, place: number): number {
  if (length <= CUTS || place <= CUTS / 4) return place;
  if (place >= (CUTS * 3) / 4) return length - (CUTS - place);
  return Math.floor((length * (place - CUTS / 4)) / (CUTS / 2));
}

export class MemoryConnection implements Connection {
  readonly local: Address;
  readonly remote: Address;
  /** Who hears of it; undefined at an accepting end until it is accepted. */
  events: ConnectionEvents | undefined;
  paused = false;
  /** Closed or reset here, reset by the peer, refused, or ended on both sides: no event but `closed` any more. */
  gone = false;
  readonly #wires: MemoryWires;
  #peer!: MemoryConnection;
  /** What is on its way to the peer; its receiver is the peer. */
  #out!: Lane;
  /** Whether the peer's system has answered; before that nothing leaves. */
  #up = false;
  #sending = true;
  #finSeen = false;
  /** `write` has given false, and `drain` has not come. */
  #full = false;
  /** Something was written, and `flushed` has not come. */
  #stretch = false;
  #leftQueued = false;
  #closedTold = false;

  constructor(wires: MemoryWires, local: Address, remote: Address, events: ConnectionEvents | undefined) {
    this.#wires = wires;
    this.local = local;
    this.remote = remote;
    this.events = events;
  }

  /** Makes this the connecting end of a link, and `server` its accepting one. */
  pairWith(server: MemoryConnection): void {
    this.#peer = server;
    server.#peer = this;
    this.#out = new Lane(this.#wires, server);
    server.#out = new Lane(this.#wires, this);
    server.#up = true;
    this.#out.add('syn');
  }

  get unsent(): number {
    if (this.gone) return 0;
    const { bytes } = this.#out;
    return this.#up ? Math.max(0, bytes - WINDOW) : bytes;
  }

  write(chunk: Buffer): boolean {
    if (!this.#sending || chunk.length === 0) return true;
    // The system copies what it takes; the writer may use its buffer again after `flushed`, which is before delivery.
    const copy = Buffer.from(chunk);
    for (let at = 0; at < copy.length; at += CHUNK) this.#out.add(copy.subarray(at, at + CHUNK));
    this.#stretch = true;
    this.#noticeLeft();
    if (this.unsent <= HIGH_WATER) return true;
    this.#full = true;
    return false;
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    let room = true;
    for (const chunk of chunks) room = this.write(chunk);
    return room;
  }

  pause(): void {
    if (this.paused || this.gone) return;
    this.paused = true;
    this.#in.letResetPass();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#wires.place(this.#in);
  }

  end(): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#out.add('fin');
    this.#noticeEnds();
  }

  close(): void {
    if (this.gone) return;
    // Linux answers bytes that nobody will read with RST, and so says that they were lost.
    if (this.#in.bytes > 0) {
      this.#stop();
      this.#sendReset();
    } else {
      const finned = !this.#sending;
      this.#stop();
      if (!finned) this.#out.add('fin');
    }
    this.#wires.later(() => this.#close());
  }

  reset(): void {
    if (this.gone) return;
    this.#stop();
    this.#sendReset();
    this.#wires.later(() => this.#close());
  }

  // What follows is for lanes only.

  receive(chunk: Buffer): void {
    this.#peer.#progress();
    if (!this.gone) this.events!.data(chunk);
    else if (!this.#peer.gone) this.#sendReset();
  }

  receiveSign(sign: Sign): void {
    switch (sign) {
      case 'syn':
        this.#arrive();
        return;
      case 'open':
        this.#up = true;
        if (this.gone) return;
        this.events!.opened?.();
        this.#progress();
        return;
      case 'refused':
        if (this.gone) return;
        this.#stop();
        this.events!.refused?.();
        this.#wires.later(() => this.#close());
        return;
      case 'fin':
        if (this.gone) return;
        this.#finSeen = true;
        this.events!.end();
        this.#noticeEnds();
        return;
      case 'rst':
        if (this.gone) return;
        this.#stop();
        this.events!.reset();
        this.#wires.later(() => this.#close());
    }
  }

  /** We are an accepting end, and the connection reaches us. */
  #arrive(): void {
    const listener = this.#wires.listenerAt(this.local);
    if (listener === undefined) {
      this.gone = true;
      this.#out.add('refused');
      return;
    }
    // First of all: `accept` may write and even close.
    this.#out.add('open');
    this.#wires.accepted();
    this.events = listener.accept(this);
  }

  /** What is on its way to us. */
  get #in(): Lane {
    return this.#peer.#out;
  }

  /** Nothing is read any more, and nothing sent but what the system has. */
  #stop(): void {
    this.gone = true;
    this.#sending = false;
    this.#out.cut(this.#up ? WINDOW : 0);
    this.#in.drop();
  }

  /** The plain RST comes behind the bytes the system had; another may overtake them. */
  #sendReset(): void {
    if (this.#out.bytes > 0 && this.#wires.choices.choose('net.rst', 2) === 1) this.#out.overtake();
    this.#out.add('rst');
  }

  /** The peer has taken bytes, or the connection is up: some of what was unsent may have left. */
  #progress(): void {
    if (this.gone) return;
    this.#noticeLeft();
    this.#noticeEnds();
  }

  #noticeLeft(): void {
    if (!this.#stretch || this.#leftQueued || !this.#up || this.unsent > 0) return;
    this.#leftQueued = true;
    this.#wires.later(() => this.#left());
  }

  #left(): void {
    this.#leftQueued = false;
    if (this.gone || this.unsent > 0) return;
    if (this.#full && this.#sending) {
      this.#full = false;
      this.events!.drain();
      // If that wrote, the stretch goes on, and another notice brings `flushed`.
      if (this.#leftQueued || this.unsent > 0 || this.gone) return;
    }
    this.#stretch = false;
    this.events!.flushed();
  }

  /** Both directions have ended, once our FIN has left: behind unsent bytes it waits. */
  #noticeEnds(): void {
    if (this.gone || this.#sending || !this.#finSeen || this.unsent > 0) return;
    this.#wires.later(() => this.#close());
  }

  #close(): void {
    if (this.#closedTold) return;
    this.#closedTold = true;
    this.gone = true;
    this.#sending = false;
    this.#wires.closed(this);
    this.events!.closed();
  }
}
