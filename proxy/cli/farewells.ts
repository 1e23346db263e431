/**
 * A network whose clients hear out the server when they hang up: FIN, and then reading on until the server's own FIN.
 *
 * On loopback a closed socket is gone at once, and nobody could tell when the server has noticed; so the next scenario
 * might still meet the sessions of the last one. Who hung up hears nothing more of it. It must never know who uses it.
 */
import type { Address, Clock, Connection, ConnectionEvents, Listener, ListenerEvents, Network } from '../ports.ts';

/** A server that runs a statement may notice only when it ends; it is not waited for longer than this. */
const LONGEST_FAREWELL = 1000;

export class Farewells implements Network {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #open = new Set<PoliteConnection>();
  #onClosed: (() => void) | null = null;

  constructor(network: Network, clock: Clock) {
    this.#network = network;
    this.#clock = clock;
  }

  /** Ends of connections that are not closed. */
  get open(): number {
    return this.#open.size;
  }

  get acceptsTls(): boolean {
    return this.#network.acceptsTls;
  }

  listen(address: Address, events: ListenerEvents): Listener {
    return this.#network.listen(address, events);
  }

  connect(address: Address, events: ConnectionEvents, from?: Address): Connection {
    const end = new PoliteConnection(events, () => {
      this.#open.delete(end);
      this.#onClosed?.();
    });
    this.#open.add(end);
    const { inward } = end;
    end.over(
      from === undefined ? this.#network.connect(address, inward) : this.#network.connect(address, inward, from),
    );
    return end;
  }

  /** Until the server has said farewell to everybody who hung up, or has had the time to. */
  async said(): Promise<void> {
    const leaving = [...this.#open].filter((end) => end.leaving);
    if (leaving.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(LONGEST_FAREWELL, () => {
        for (const end of leaving) end.drop();
      });
      this.#onClosed = () => {
        if (leaving.some((end) => this.#open.has(end))) return;
        timer.cancel();
        resolve();
      };
      this.#onClosed();
    });
    this.#onClosed = null;
  }
}

class PoliteConnection implements Connection {
  readonly inward: PoliteEvents;
  #connection!: Connection;
  /** Its host has hung up. */
  leaving = false;

  constructor(events: ConnectionEvents, gone: () => void) {
    this.inward = new PoliteEvents(events, gone);
  }

  over(connection: Connection): void {
    this.#connection = connection;
  }

  get local(): Address {
    return this.#connection.local;
  }

  get remote(): Address {
    return this.#connection.remote;
  }

  get unsent(): number {
    return this.#connection.unsent;
  }

  get secure(): boolean {
    return this.#connection.secure;
  }

  startTls(early: Buffer): void {
    this.#connection.startTls(early);
  }

  write(chunk: Buffer): boolean {
    return this.#connection.write(chunk);
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    return this.#connection.writeAll(chunks);
  }

  pause(): void {
    if (!this.leaving) this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  end(): void {
    this.leaving = true;
    this.#connection.end();
  }

  /** FIN as `end` sends it; what still comes is read, and nobody hears of it. */
  close(): void {
    this.inward.deaf = true;
    this.#connection.resume();
    this.end();
  }

  reset(): void {
    this.#connection.reset();
  }

  /** Without hearing the server out. */
  drop(): void {
    this.#connection.close();
  }
}

class PoliteEvents implements ConnectionEvents {
  readonly #events: ConnectionEvents;
  readonly #gone: () => void;
  /** But for the end. */
  deaf = false;

  constructor(events: ConnectionEvents, gone: () => void) {
    this.#events = events;
    this.#gone = gone;
  }

  opened(): void {
    if (!this.deaf) this.#events.opened?.();
  }

  refused(): void {
    if (!this.deaf) this.#events.refused?.();
  }

  data(chunk: Buffer): void {
    if (!this.deaf) this.#events.data(chunk);
  }

  drain(): void {
    if (!this.deaf) this.#events.drain();
  }

  flushed(): void {
    if (!this.deaf) this.#events.flushed();
  }

  secured(): void {
    if (!this.deaf) this.#events.secured?.();
  }

  tlsFailed(why: string): void {
    if (!this.deaf) this.#events.tlsFailed?.(why);
  }

  end(): void {
    if (!this.deaf) this.#events.end();
  }

  reset(): void {
    if (!this.deaf) this.#events.reset();
  }

  closed(): void {
    this.#gone();
    this.#events.closed();
  }
}
