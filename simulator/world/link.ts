/**
 * The links between hosts: what one is called, who looks on, what is held.
 */

/** One direction of one connection. */
export interface Link {
  /** Counts the connections, from 1, in the order in which they were asked for; both directions have the same. */
  readonly id: number;
  readonly from: string;
  readonly to: string;
}

/** Looks on; each call comes just before the receiving host is told. */
export interface Tap {
  /** `link` leads from the host that connected to the one that accepted. */
  connected?(link: Link): void;
  refused?(link: Link): void;
  data?(link: Link, chunk: Buffer): void;
  fin?(link: Link): void;
  rst?(link: Link): void;
  /** From here on what comes to the end that `link` leads to was protected by TLS; what is told is what it reads. */
  secured?(link: Link): void;
}

/** A connection as both its ends know it. */
export class Wire {
  readonly id: number;
  /** From the connecting host to the accepting one, and back. */
  up: Link;
  down: Link;

  constructor(id: number, client: string, server: string) {
    this.id = id;
    this.up = { id, from: client, to: server };
    this.down = { id, from: server, to: client };
  }

  named(server: string): void {
    this.up = { id: this.id, from: this.up.from, to: server };
    this.down = { id: this.id, from: server, to: this.up.from };
  }
}

/** What is counted before nothing passes any more: whole packets, or bytes, whatever they belong to. */
export type HoldUnit = 'packets' | 'bytes';

/** What is held from one host to another. */
export interface Hold {
  /** So much still passes. */
  left: number;
  readonly unit: HoldUnit;
}
