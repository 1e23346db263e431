/** Kill is final: nothing more is heard of who was killed. */
import type { Result } from '../../client/answer.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import type { Kill, Request } from '../life.ts';

/** The sweep comes within this of the OK (decisions.md 27). */
export const SWEEP = 1000;
/** What was on its way when the sweep came: links are slower by no more. */
export const ON_ITS_WAY = 50;

export const KILL_IS_FINAL: Invariant = {
  name: 'kill-is-final',
  why: 'An administrator who was told OK relies on it: after the sweep no statement of the killed session is answered any more.',
  judge: (sight) => new KillIsFinal(sight),
};

class KillIsFinal implements Judge {
  readonly #sight: Sight;
  readonly #kills: Kill[] = [];

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  killed(kill: Kill): void {
    if (kill.scope === 'session' && kill.target !== null) this.#kills.push(kill);
  }

  answered(request: Request, _results: readonly Result[]): void {
    const kill = this.#kills.find((it) => it.target === request.life);
    if (kill === undefined) return;
    const late = this.#sight.now() - kill.acknowledged! - SWEEP - ON_ITS_WAY;
    // What a stalled client reads at last may have been written long ago.
    const stalled = this.#sight.disturbances.some(
      ({ kind, client }) => kind === 'stall' && client === request.life.client,
    );
    if (late <= 0 || stalled) return;
    const { client } = request.life;
    this.#sight.blame(
      `${client} was killed by ${kill.request.sql}, and ${request.sql || request.kind} was answered ${late} ms after the last sweep`,
      request,
    );
  }
}
