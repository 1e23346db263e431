/** Back-pressure: what a client does not take stays at the observer, not in the proxy. */
import { HIGH_WATER } from '../../../proxy/ports.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';

export const MEMORY_IS_BOUNDED: Invariant = {
  name: 'memory-is-bounded',
  why: 'One client that does not read its result must not fill the memory of all others’ proxy.',
  judge: (sight) => new MemoryIsBounded(sight),
};

/** What comes in one piece from an observer, before its connection can be paused. */
const PIECE = 64 * 1024;

class MemoryIsBounded implements Judge {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  step(): void {
    for (const { csId, connection } of this.#sight.inside.proxy.sessions()) {
      if (connection.unsent <= HIGH_WATER + PIECE) continue;
      const client = this.#sight.lives.findLast((it) => it.csId === csId)?.client ?? 'somebody';
      this.#sight.blame(`the proxy keeps ${connection.unsent} bytes that ${client} has not taken`);
      return;
    }
  }
}
