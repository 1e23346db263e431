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
  readonly #readers = new Map<string, PacketReader>();
  /** Every packet that an observer has sent but for OKs and ERRs, which a proxy changes. */
  readonly #sent = new Set<string>();
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
    const key = `${link.id} ${link.from}`;
    let reader = this.#readers.get(key);
    if (reader === undefined) {
      reader = new PacketReader();
      this.#readers.set(key, reader);
    }
    reader.push(chunk);
    const request = toClient ? (this.#lives.get(link.id)?.request ?? null) : null;
    const marked = request !== null && MARKED.test(request.sql);
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      const { payload } = packet;
      const mark = payload[0];
      if (mark === ERR_MARK || mark === OK_MARK) continue;
      if (!toClient) this.#sent.add(payload.toString('latin1'));
      else if (marked && !this.#sent.has(payload.toString('latin1'))) {
        const shown = payload.subarray(0, 40).toString('hex');
        this.#sight.blame(`${request.life.client} got a packet that no observer has sent: ${shown}`, request);
        return;
      }
    }
  }
}
