/**
 * One probe of a server: connects, waits for the greeting, says FIN. It never logs in (odp-relay.md §5.6).
 *
 * An ERR in the greeting's place is an answer like a greeting: who has too many connections is alive, and what its
 * sessions are doing must not be ended for it. (The sheet speaks of greetings only.)
 */
import type { Address, Clock, Connection, ConnectionEvents, Network, Timer } from '../ports.ts';
import { ConnectionEnd } from '../session/connection-end.ts';
import { WireError } from '../wire/bytes.ts';
import { ERR_MARK } from '../wire/constants.ts';
import { PacketReader } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';

/** Who is told, once, and not if the probe is given up. */
export interface Prober {
  greeted(): void;
  missed(): void;
}

export interface ProbePorts {
  readonly network: Network;
  readonly clock: Clock;
  /** For connection and greeting together, in milliseconds. */
  readonly timeout: number;
}

/** A greeting is read whole: in bytes, far above any. */
const GREETING_LIMIT = 64 * 1024;

export class Probe implements ConnectionEvents {
  readonly #prober: Prober;
  readonly #connection: Connection;
  readonly #end: ConnectionEnd;
  readonly #packets = new PacketReader(GREETING_LIMIT);
  #state: 'waiting' | 'over' = 'waiting';
  /** For the greeting. */
  readonly #timer: Timer;

  constructor(prober: Prober, server: Address, { network, clock, timeout }: ProbePorts) {
    this.#prober = prober;
    this.#timer = clock.after(timeout, () => this.#miss());
    this.#connection = network.connect(server, this);
    this.#end = new ConnectionEnd(this.#connection, clock);
  }

  /** Nobody needs to know any more. */
  giveUp(): void {
    this.#over();
    this.#connection.close();
  }

  data(chunk: Buffer): void {
    if (this.#state === 'over') return;
    this.#packets.push(chunk);
    try {
      const packet = this.#packets.next();
      if (packet === null) return;
      if (packet.payload[0] !== ERR_MARK) readGreeting(packet.payload);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#miss();
      return;
    }
    this.#over();
    this.#end.fin();
    this.#prober.greeted();
  }

  drain(): void {}
  flushed(): void {}

  refused(): void {
    this.#miss();
  }

  end(): void {
    if (this.#state === 'over') this.#connection.close();
    else this.#miss();
  }

  reset(): void {
    this.#miss();
  }

  closed(): void {
    this.#timer.cancel();
    this.#end.closed();
  }

  #miss(): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#connection.close();
    this.#prober.missed();
  }

  #over(): void {
    this.#state = 'over';
    this.#timer.cancel();
  }
}
