/**
 * The identifiers of sessions: how they are made, and which kind a typed number is (odp-sessions.md §3).
 *
 * Knows no session; who holds an id is the registry's to say.
 */

/** Bits of a cs_id below the upgrade bit, one thread, version 1: the sequence (odp-sessions.md §3.1). */
const SEQUENCE_BITS = 22;
const MAX_SEQUENCE = 2 ** SEQUENCE_BITS - 1;
const UPGRADE_BIT = 2 ** SEQUENCE_BITS;
const PROXY_ID_SHIFT = SEQUENCE_BITS + 1;
/** v1 ids have 8 bits for it. */
export const MAX_PROXY_ID = 255;
/** Ids tried after a collision before the new connection is given up (odp-sessions.md §3.1). */
const MAX_TRIES = 1000;
const OBSERVER_BIT = 2n ** 31n;
const MAX_OBSERVER_ID = 2n ** 32n - 1n;

/** cs_ids of one proxy: ascending, wrapping inside their field, never 0. */
export class CsIds {
  readonly #base: number;
  #last = 0;

  constructor(proxyId: number) {
    this.#base = proxyId * 2 ** PROXY_ID_SHIFT;
  }

  /** The next id that `taken` does not know; null after 1,000 collisions (the connection is then closed). */
  next(taken: { has(id: number): boolean }): number | null {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      this.#last = this.#last >= MAX_SEQUENCE ? 1 : this.#last + 1;
      const id = this.#base + this.#last;
      if (!taken.has(id)) return id;
    }
    return null;
  }

  /** Which kind of id a typed number is (odp-sessions.md §3.4). */
  recognise(typed: bigint): RecognisedId {
    if (typed < 0n) return { kind: 'unavailable' };
    if ((typed & OBSERVER_BIT) !== 0n) {
      return typed <= MAX_OBSERVER_ID ? { kind: 'observer', id: Number(typed) } : { kind: 'unavailable' };
    }
    if (typed > BigInt(this.#base + MAX_SEQUENCE)) return { kind: 'unavailable' };
    const id = Number(typed);
    // The upgrade bit must be that of this process, which is always 0; ODP's own answer to a mismatch is an internal error.
    return (id & UPGRADE_BIT) !== 0 ? { kind: 'mismatch' } : { kind: 'client', id };
  }
}

export type RecognisedId =
  | { readonly kind: 'client'; readonly id: number }
  /** An observer's session id, as CONNECTION_ID() gives it. */
  | { readonly kind: 'observer'; readonly id: number }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'mismatch' };

/** proxy_sessids of one proxy: IPv4, port, and a counter of 16 bits (odp-sessions.md §3.3). */
export class ProxySessids {
  readonly #base: bigint;
  #count = 0;

  /** `ip`: IPv4 in dotted form; anything else counts as 0.0.0.0, as ODP knows no IPv6 here. */
  constructor(ip: string, port: number) {
    let address = 0n;
    const parts = ip.split('.');
    if (parts.length === 4) for (const part of parts) address = (address << 8n) | BigInt(Number(part) & 0xff);
    this.#base = (address << 32n) | (BigInt(port) << 16n);
  }

  next(): bigint {
    this.#count = (this.#count + 1) & 0xffff;
    return this.#base | BigInt(this.#count);
  }
}

/** An id as error texts print it: as if unsigned, 64 bits (−5 is 18446744073709551611). */
export function shownId(id: bigint): string {
  return BigInt.asUintN(64, id).toString();
}
