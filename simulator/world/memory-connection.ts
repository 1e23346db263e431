/**
 * One end of a connection in memory.
 *
 * What its sender has written and its receiver has not been handed stands in a lane (`lane.ts`). Of the bytes the first
 * `WINDOW` count as taken by the system (they have "left"), the rest as unsent. It must never know the other connections:
 * which lane delivers next is the network's decision.
 */
import {
  type Address,
  type Connection,
  type ConnectionEvents,
  HIGH_WATER,
  type ListenerEvents,
} from '../../proxy/ports.ts';
import { CHUNK, Lane, type LaneWires, type Sign, WINDOW } from './lane.ts';
import { CLIENT_HELLO, MemoryHandshake, SERVER_HELLO } from './memory-tls.ts';

/** What a connection needs of its network. */
export interface MemoryWires extends LaneWires {
  later(task: () => void): void;
  /** Who accepts what arrives at an address; undefined when nobody listens there. */
  listenerAt(address: Address): ListenerEvents | undefined;
  accepted(): void;
  closed(connection: MemoryConnection): void;
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
  readonly #leaves = () => this.#left();
  /** The accepting end. */
  #accepts = false;
  /** TLS has begun, and the peer's hello is not here. */
  #handshake: MemoryHandshake | null = null;
  secure = false;

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
    server.#accepts = true;
    this.#out.add('syn');
  }

  get unsent(): number {
    if (this.gone) return 0;
    const { bytes } = this.#out;
    return this.#up ? Math.max(0, bytes - WINDOW) : bytes;
  }

  write(chunk: Buffer): boolean {
    if (this.#handshake !== null) throw new Error('something was written in the midst of a TLS handshake');
    if (!this.#sending || chunk.length === 0) return true;
    // The system copies what it takes; the writer may use its buffer again after `flushed`, which is before delivery.
    const copy = Buffer.from(chunk);
    if (copy.length <= CHUNK) this.#out.add(copy);
    else for (let at = 0; at < copy.length; at += CHUNK) this.#out.add(copy.subarray(at, at + CHUNK));
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
    if (this.#handshake !== null) this.close();
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

  startTls(early: Buffer): void {
    if (this.gone || !this.#sending) return;
    this.#handshake = new MemoryHandshake(this.#accepts);
    this.#handshake.take(early);
    if (!this.#accepts) this.#out.add(CLIENT_HELLO);
    this.#wires.later(() => this.#shakeHands());
  }

  #shakeHands(): void {
    const handshake = this.#handshake;
    if (handshake === null || this.gone || handshake.verdict === 'waits') return;
    if (handshake.verdict === 'failed') {
      this.#failTls('what came is no hello');
      return;
    }
    this.#handshake = null;
    this.secure = true;
    if (this.#accepts) this.#out.add(SERVER_HELLO);
    if (handshake.rest.length > 0) this.#in.giveBack(handshake.rest);
    this.events!.secured?.();
  }

  #failTls(why: string): void {
    this.#stop();
    this.#out.add('fin');
    this.events!.tlsFailed?.(why);
    this.#wires.later(() => this.#close());
  }

  // What follows is for lanes only.

  receive(chunk: Buffer): void {
    this.#peer.#progress();
    if (this.#handshake !== null && !this.gone) {
      this.#handshake.take(chunk);
      this.#shakeHands();
    } else if (!this.gone) this.events!.data(chunk);
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
        if (this.#handshake !== null) {
          this.#failTls('the peer has ended in the midst of the handshake');
          return;
        }
        this.#finSeen = true;
        this.events!.end();
        this.#noticeEnds();
        return;
      case 'rst':
        if (this.gone) return;
        if (this.#handshake !== null) {
          this.#failTls('the peer has gone in the midst of the handshake');
          return;
        }
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
    this.#handshake = null;
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
    this.#wires.later(this.#leaves);
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
