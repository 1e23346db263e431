/**
 * One end of a connection behind a gate: hands on what its host does, and to its host what may pass.
 *
 * What may not pass stands in a queue, in order; behind something that waits everything waits. A held RST or end leaves
 * its host in the belief that the connection stands, as a slow wire would. It must never know why something is held.
 *
 * TLS lies below: its handshake is held by nothing, and what passes here are the bytes that it protects.
 */
import type { Address, Clock, Connection, ConnectionEvents } from '../../proxy/ports.ts';
import type { LateEnd, LateEnds } from './late-ends.ts';
import type { Hold, Link, Tap, Wire } from './link.ts';
import { PacketWalk } from './packet-walk.ts';

/** Who keeps the gates, as a connection sees them. */
export interface GateKeeper {
  readonly tap: Tap;
  readonly clock: Clock;
  /** Nobody stands at the other ends: what leaves is tapped here, for it arrives at no gate. */
  readonly lone: boolean;
  /** Whose ends come late; null: nobody's. */
  readonly ends: LateEnds | null;
  add(end: GateConnection): void;
  remove(end: GateConnection): void;
  connecting(end: GateConnection): void;
  /** What is held on a link. */
  holdOf(link: Link): Hold | undefined;
  nameOf(address: Address): string;
  /** Ascending: what came first. */
  stamp(): number;
  wireFrom(address: Address, host: string): Wire;
}

type Sign = 'fin' | 'rst' | 'closed';

interface Waiting {
  readonly stamp: number;
  readonly what: Buffer | Sign;
}

export class GateConnection implements Connection, LateEnd {
  readonly host: string;
  /** Whether this end asked for the connection. */
  readonly connects: boolean;
  /** Given to the network below: what it has for us. */
  readonly inward: Inward;
  readonly #gates: GateKeeper;
  #wire: Wire | undefined;
  #inner!: Connection;
  #events!: ConnectionEvents;
  #walk = new PacketWalk();
  readonly #queue: Waiting[] = [];
  /** The packet under way began before the hold, and does not count. */
  #begun = false;
  #paused = false;
  #stalled = false;
  /** Stopped by its host: no event but `closed`. */
  #stopped = false;
  #innerClosed = false;
  #passing = false;
  /** Its host has said that it ends: the peer's end is no news. */
  #ended = false;
  /** The peer's end has come, and waits. */
  #late = false;
  /** The host has begun TLS in the midst of being told something; this is what it had of the handshake. */
  #early: Buffer | null = null;

  /** Without a wire it accepts, and finds out who it talks to when the first thing arrives. */
  constructor(gates: GateKeeper, host: string, wire: Wire | undefined) {
    this.#gates = gates;
    this.host = host;
    this.connects = wire !== undefined;
    this.#wire = wire;
    this.inward = new Inward(this);
  }

  /** Says who gets the events. */
  hears(events: ConnectionEvents): void {
    this.#events = events;
  }

  connectTo(inner: Connection): void {
    this.#inner = inner;
    this.#gates.add(this);
  }

  get wire(): Wire {
    this.#wire ??= this.#gates.wireFrom(this.#inner.remote, this.host);
    return this.#wire;
  }

  /** The direction that leads to us. */
  get link(): Link {
    return this.connects ? this.wire.down : this.wire.up;
  }

  get local(): Address {
    return this.#inner.local;
  }

  get remote(): Address {
    return this.#inner.remote;
  }

  get unsent(): number {
    return this.#stopped ? 0 : this.#inner.unsent;
  }

  write(chunk: Buffer): boolean {
    if (this.#gates.lone) this.#gates.tap.data?.(this.wire.up, chunk);
    return this.#inner.write(chunk);
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    if (this.#gates.lone) for (const chunk of chunks) this.#gates.tap.data?.(this.wire.up, chunk);
    return this.#inner.writeAll(chunks);
  }

  end(): void {
    if (this.#gates.lone) this.#gates.tap.fin?.(this.wire.up);
    this.#ended = true;
    this.#inner.end();
    if (!this.#late) return;
    this.#gates.ends?.forget(this);
    this.#gates.clock.after(0, () => this.letGo());
  }

  pause(): void {
    this.#paused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#stalled) return;
    this.#inner.resume();
    this.#passSoon();
  }

  close(): void {
    // What passed the gate and waits only for its reader is unread, as bytes in the system's buffers are.
    const unread = this.#queue.some(({ what }) => typeof what !== 'string') && this.#hold === undefined;
    if (unread) this.#stop('reset');
    else this.#stop('close');
  }

  reset(): void {
    this.#stop('reset');
  }

  get secure(): boolean {
    return this.#inner.secure;
  }

  startTls(early: Buffer): void {
    if (this.#stopped) return;
    this.#early = early;
    if (!this.#passing) this.#secure();
  }

  /** What waits here came behind the request for TLS: it is no packet, but the handshake's. */
  #secure(): void {
    const bytes = [this.#early!];
    this.#early = null;
    for (const { what } of this.#queue) if (typeof what !== 'string') bytes.push(what);
    const signs = this.#queue.filter(({ what }) => typeof what === 'string');
    this.#queue.splice(0, this.#queue.length, ...signs);
    this.#walk = new PacketWalk();
    this.#begun = false;
    this.#inner.startTls(Buffer.concat(bytes));
  }

  // What follows is for the gates only.

  stall(on: boolean): void {
    this.#stalled = on;
    if (on) {
      this.#inner.pause();
    } else if (!this.#paused) {
      this.#inner.resume();
      this.#passSoon();
    }
  }

  /** A hold has been set somewhere: what of ours is under way does not count for it. */
  holdBegins(): void {
    // Without a wire nothing has come yet, and asking for it would be too early.
    if (this.#wire !== undefined && this.#hold !== undefined) this.#begun = this.#walk.inside;
  }

  /** What has come and was not handed over is lost; that the connection is over is our own end's knowledge, and is not. */
  lose(): void {
    this.#queue.splice(0, this.#queue.length, ...this.#queue.filter(({ what }) => what === 'closed'));
    if (this.#late) this.#gates.ends?.forget(this);
    this.#late = false;
  }

  /** The connection is over below, and our host may not have been told. */
  get isOverBelow(): boolean {
    return this.#innerClosed;
  }

  /** The wire breaks: our host hears a RST, and so does the other end, where it still is. */
  sever(): void {
    if (this.#stopped) return;
    if (!this.#innerClosed) this.#inner.reset();
    this.#gates.tap.rst?.(this.link);
    this.#events.reset();
    while (this.mayPass) this.passOne();
  }

  /** Whether something waits that may be handed over now. */
  get mayPass(): boolean {
    const first = this.#queue[0];
    if (first === undefined || this.#passing) return false;
    // That does not travel: it is our own end's, and nothing waits in front of it.
    if (first.what === 'closed') return true;
    if (this.#late && typeof first.what === 'string') return false;
    if (this.#hold?.left === 0) return false;
    return typeof first.what === 'string' || !(this.#paused || this.#stalled);
  }

  get firstStamp(): number {
    return this.#queue[0]!.stamp;
  }

  passOne(): void {
    const { stamp, what } = this.#queue.shift()!;
    this.#passing = true;
    try {
      if (typeof what === 'string') {
        this.#tell(what);
      } else {
        const rest = this.#pass(what);
        if (rest !== undefined) this.#queue.unshift({ stamp, what: rest });
      }
    } finally {
      this.#passing = false;
    }
    if (this.#early !== null) this.#secure();
  }

  opened(): void {
    this.#gates.connecting(this);
    const wire = this.wire;
    // Who listens may have been unknown when the connection was asked for.
    wire.named(this.#gates.nameOf(this.remote));
    this.#gates.tap.connected?.(wire.up);
    if (!this.#stopped) this.#events.opened?.();
  }

  refused(): void {
    this.#gates.tap.refused?.(this.wire.up);
    if (!this.#stopped) this.#events.refused?.();
  }

  drain(): void {
    if (!this.#stopped) this.#events.drain();
  }

  flushed(): void {
    if (!this.#stopped) this.#events.flushed();
  }

  secured(): void {
    this.#gates.tap.secured?.(this.link);
    if (!this.#stopped) this.#events.secured?.();
  }

  tlsFailed(why: string): void {
    if (!this.#stopped) this.#events.tlsFailed?.(why);
  }

  arrived(what: Buffer | Sign): void {
    if (what === 'closed') this.#innerClosed = true;
    if (this.#stopped && what !== 'closed') return;
    if ((what === 'fin' || what === 'rst') && !this.#ended) this.#late = this.#gates.ends?.keeps(this) ?? false;
    this.#queue.push({ stamp: this.#gates.stamp(), what });
    while (this.mayPass) this.passOne();
  }

  letGo(): void {
    this.#late = false;
    while (this.mayPass) this.passOne();
  }

  get #hold(): Hold | undefined {
    return this.#gates.holdOf(this.link);
  }

  /** Hands over as many of these bytes as may pass; what may not is given back. */
  #pass(chunk: Buffer): Buffer | undefined {
    const hold = this.#hold;
    let at = 0;
    while (at < chunk.length && hold?.left !== 0) {
      const from = at;
      const most = hold?.unit === 'bytes' ? chunk.subarray(0, at + hold.left) : chunk;
      at = this.#walk.step(most, at);
      if (hold?.unit === 'bytes') hold.left -= at - from;
      if (hold?.unit !== 'packets' || this.#walk.inside) continue;
      if (this.#begun) this.#begun = false;
      else hold.left--;
    }
    const part = at === chunk.length ? chunk : chunk.subarray(0, at);
    this.#gates.tap.data?.(this.link, part);
    this.#events.data(part);
    // Whoever was told may have stopped: then nobody wants the rest.
    return at === chunk.length || this.#stopped ? undefined : chunk.subarray(at);
  }

  #tell(sign: Sign): void {
    switch (sign) {
      case 'fin':
        this.#gates.tap.fin?.(this.link);
        this.#events.end();
        return;
      case 'rst':
        this.#gates.tap.rst?.(this.link);
        this.#events.reset();
        return;
      case 'closed':
        this.#gates.remove(this);
        this.#stopped = true;
        this.#events.closed();
    }
  }

  #stop(how: 'close' | 'reset'): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#late) this.#gates.ends?.forget(this);
    if (this.#gates.lone) this.#gates.tap[how === 'close' ? 'fin' : 'rst']?.(this.wire.up);
    this.#queue.length = 0;
    if (!this.#innerClosed) this.#inner[how]();
    // Nobody will tell `closed` any more; and it must not come from inside this call.
    else this.#gates.clock.after(0, () => this.arrived('closed'));
  }

  #passSoon(): void {
    if (this.#queue.length === 0) return;
    this.#gates.clock.after(0, () => {
      while (this.mayPass) this.passOne();
    });
  }
}

/** What the network below tells; apart from the connection because calls and events share names. */
class Inward implements ConnectionEvents {
  readonly #end: GateConnection;

  constructor(end: GateConnection) {
    this.#end = end;
  }

  opened(): void {
    this.#end.opened();
  }

  refused(): void {
    this.#end.refused();
  }

  data(chunk: Buffer): void {
    this.#end.arrived(chunk);
  }

  drain(): void {
    this.#end.drain();
  }

  flushed(): void {
    this.#end.flushed();
  }

  end(): void {
    this.#end.arrived('fin');
  }

  reset(): void {
    this.#end.arrived('rst');
  }

  closed(): void {
    this.#end.arrived('closed');
  }

  secured(): void {
    this.#end.secured();
  }

  tlsFailed(why: string): void {
    this.#end.tlsFailed(why);
  }
}
