/** What the observer said is what the client hears: the packets of a result are relayed byte for byte. */

import { ERR_MARK, OK_MARK } from '../../../proxy/wire/constants.ts';
import { PacketReader } from '../../../proxy/wire/framing.ts';
import type { Link } from '../../world/gates.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import type { Life } from '../life.ts';

export const RELAYED_UNCHANGED: Invariant = {
  name: 'relayed-unchanged',
  why: 'A proxy relays: a result that differs by one byte from the observer’s is a wrong answer that nobody else would notice.',
  judge: (sight) => new RelayedUnchanged(sight),
};

/** A statement that is answered by an observer, and with a result: its first cell is its mark. */
const MARKED = /^SELECT 'm\d+'/;

class RelayedUnchanged implements Judge {
  readonly #sight: Sight;
  /** By the number of a link: what the proxy hears on it, and what it says. */
  readonly #heard = new Map<number, PacketReader>();
  readonly #said = new Map<number, PacketReader>();
  /** Every packet that an observer has sent but for OKs and ERRs, which a proxy changes. */
  readonly #sent = new Payloads();
  readonly #lives = new Map<number, Life>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  greeted(life: Life): void {
    this.#lives.set(life.link, life);
  }

  data(link: Link, chunk: Buffer): void {
    const fromProxy = link.from === 'proxy';
    const toClient = fromProxy && !link.to.startsWith('observer');
    if (!toClient && !(link.to === 'proxy' && link.from.startsWith('observer'))) return;
    const readers = fromProxy ? this.#said : this.#heard;
    let reader = readers.get(link.id);
    if (reader === undefined) {
      reader = new PacketReader();
      readers.set(link.id, reader);
    }
    reader.push(chunk);
    const request = toClient ? (this.#lives.get(link.id)?.request ?? null) : null;
    const marked = request !== null && MARKED.test(request.sql);
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      const { payload } = packet;
      const mark = payload[0];
      if (mark === ERR_MARK || mark === OK_MARK) continue;
      if (!toClient) this.#sent.add(payload);
      else if (marked && !this.#sent.has(payload)) {
        const shown = payload.subarray(0, 40).toString('hex');
        this.#sight.blame(`${request.life.client} got a packet that no observer has sent: ${shown}`, request);
        return;
      }
    }
  }
}

/** Payloads, each once, found by their bytes. */
class Payloads {
  /** Those of a length. */
  readonly #all = new Map<number, Buffer[]>();

  add(payload: Buffer): void {
    const alike = this.#all.get(payload.length);
    // A view of what will be written over.
    if (alike === undefined) this.#all.set(payload.length, [Buffer.from(payload)]);
    else if (!holds(alike, payload)) alike.push(Buffer.from(payload));
  }

  has(payload: Buffer): boolean {
    const alike = this.#all.get(payload.length);
    return alike !== undefined && holds(alike, payload);
  }
}

/** The newest are looked at first. */
function holds(alike: readonly Buffer[], payload: Buffer): boolean {
  for (let i = alike.length - 1; i >= 0; i -= 1) if (alike[i]!.equals(payload)) return true;
  return false;
}
