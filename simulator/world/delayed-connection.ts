/**
 * A connection that was asked for while nothing passes to the other host: a connect that hangs.
 *
 * It keeps what its host does with it until it may go, and does it then. It must never know why it waits.
 */
import type { Address, Clock, Connection, ConnectionEvents, Network } from '../../proxy/ports.ts';

const NOWHERE: Address = { host: '', port: 0 };

export class DelayedConnection implements Connection {
  readonly #address: Address;
  readonly #events: ConnectionEvents;
  readonly #from: Address | undefined;
  readonly #clock: Clock;
  #real: Connection | null = null;
  #written: Buffer[] = [];
  #paused = false;
  #ended = false;
  #over = false;

  constructor(address: Address, events: ConnectionEvents, from: Address | undefined, clock: Clock) {
    this.#address = address;
    this.#events = events;
    this.#from = from;
    this.#clock = clock;
  }

  /** Nothing is in its way any more. */
  go(network: Network): void {
    if (this.#over) return;
    const real = network.connect(this.#address, this.#events, this.#from);
    this.#real = real;
    if (this.#paused) real.pause();
    if (this.#written.length > 0) real.writeAll(this.#written);
    this.#written = [];
    if (this.#ended) real.end();
  }

  get local(): Address {
    return this.#real?.local ?? NOWHERE;
  }

  get remote(): Address {
    return this.#real?.remote ?? this.#address;
  }

  get unsent(): number {
    return this.#real?.unsent ?? this.#written.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  write(chunk: Buffer): boolean {
    return this.writeAll([chunk]);
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    if (this.#real !== null) return this.#real.writeAll(chunks);
    if (!this.#over && !this.#ended) this.#written.push(...chunks);
    return true;
  }

  pause(): void {
    this.#paused = true;
    this.#real?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#real?.resume();
  }

  end(): void {
    this.#ended = true;
    this.#real?.end();
  }

  close(): void {
    if (this.#real !== null) this.#real.close();
    else this.#giveUp();
  }

  reset(): void {
    if (this.#real !== null) this.#real.reset();
    else this.#giveUp();
  }

  get secure(): boolean {
    return this.#real?.secure ?? false;
  }

  startTls(early: Buffer): void {
    // Before it is up nobody has asked for TLS.
    this.#real?.startTls(early);
  }

  #giveUp(): void {
    if (this.#over) return;
    this.#over = true;
    this.#written = [];
    this.#clock.after(0, () => this.#events.closed());
  }
}
