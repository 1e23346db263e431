/** Liveness: once faults stop, everybody gets an answer. */
import type { Invariant, Judge, Sight } from '../judge.ts';

export const LIVENESS: Invariant = {
  name: 'liveness',
  why: 'When faults have stopped, every client that asks gets an answer, an error at worst: all that waits has a bound.',
  judge: (sight) => new Liveness(sight),
};

class Liveness implements Judge {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  starving(clients: readonly string[], seconds: number): void {
    const [first] = clients;
    const request = this.#sight.lives.findLast((it) => it.client === first)?.request ?? null;
    const what = request === null ? 'its login' : request.sql || request.kind;
    this.#sight.blame(`${first} still has no answer to ${what}, ${seconds} s after the last fault`, request);
  }
}
