/** Kill is prompt: who was killed is gone by the sweep, whatever it does or does not read. */
import type { Invariant, Judge, Sight } from '../judge.ts';
import type { Kill } from '../life.ts';
import { ON_ITS_WAY, SWEEP } from './kill-is-final.ts';

/** The proxy waits so long for the client's FIN, and no longer (decisions.md 34). */
const LINGER = 1000;

export const KILL_IS_PROMPT: Invariant = {
  name: 'kill-is-prompt',
  why: 'A kill is for sessions that hang: it has no meaning if it waits for who is to be killed.',
  judge: (sight) => new KillIsPrompt(sight),
};

class KillIsPrompt implements Judge {
  readonly #sight: Sight;
  #due: Kill[] = [];

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  killed(kill: Kill): void {
    if (kill.scope !== 'query' && kill.target !== null) this.#due.push(kill);
  }

  step(): void {
    if (this.#due.length === 0) return;
    const now = this.#sight.now();
    const rest: Kill[] = [];
    for (const kill of this.#due) {
      if (now - kill.acknowledged! <= SWEEP + LINGER + ON_ITS_WAY) rest.push(kill);
      else this.#check(kill);
    }
    this.#due = rest;
  }

  quiet(): void {
    this.step();
  }

  #check(kill: Kill): void {
    const { target, ssId, request } = kill;
    const session = this.#sight.inside.proxy.sessions().find(({ csId }) => csId === target!.csId);
    if (session === undefined || target!.ready === null) return;
    // Somebody else may have its number by now.
    const restarted = this.#sight.disturbances.some(
      ({ kind, at }) => kind === 'restart proxy' && at >= kill.request.asked,
    );
    if (restarted) return;
    const heir = this.#sight.lives.findLast(({ csId }) => csId === target!.csId);
    if (heir !== target) return;
    if (kill.scope === 'session') {
      this.#sight.blame(`${target!.client} was killed by ${request.sql} and is still there`, request);
    } else if (ssId !== null && session.servers.bySsId(BigInt(ssId)) !== undefined) {
      this.#sight.blame(`${target!.client} still has the server session that ${request.sql} has killed`, request);
    }
  }
}
