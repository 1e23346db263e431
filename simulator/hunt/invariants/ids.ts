/** Ids are unique while live, and the same wherever they are shown. */
import type { SeenServer, SeenSession } from '../../../proxy/session/seen.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { hasNewProxy, isUp, type Life } from '../life.ts';

export const IDS: Invariant = {
  name: 'ids-are-unique',
  why: 'Who kills names an id: two sessions with one id, or one with two, and the wrong one dies.',
  judge: (sight) => new Ids(sight),
};

class Ids implements Judge {
  readonly #sight: Sight;
  /** While a step is looked at: whose each connection id is. */
  readonly #owners = new Map<number, SeenSession>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  greeted(life: Life): void {
    const { lives, disturbances } = this.#sight;
    if (hasNewProxy(disturbances)) return;
    const twin = lives.find((it) => it !== life && it.csId === life.csId && isUp(it));
    if (twin !== undefined) {
      this.#sight.blame(`${life.client} was greeted with the id ${life.csId}, which ${twin.client} has`);
    }
  }

  step(): void {
    const owners = this.#owners;
    owners.clear();
    for (const session of this.#sight.inside.proxy.sessions()) {
      const { bound, current, pool } = session.servers;
      if (bound !== null) this.#belongs(bound, session, owners);
      if (current !== null && current !== bound) this.#belongs(current, session, owners);
      for (const it of pool) if (it !== bound && it !== current) this.#belongs(it, session, owners);
    }
  }

  #belongs({ serverSessid }: SeenServer, session: SeenSession, owners: Map<number, SeenSession>): void {
    // It has not been greeted yet.
    if (serverSessid === 0) return;
    const { csId, proxySessid } = session;
    const other = owners.get(serverSessid);
    if (other !== undefined) {
      this.#sight.blame(`the connection id ${serverSessid} belongs to the client sessions ${other.csId} and ${csId}`);
    }
    owners.set(serverSessid, session);
    for (const cluster of this.#sight.inside.clusters) {
      const told = cluster.findSession(serverSessid)?.proxySessid ?? null;
      if (told === null || told === proxySessid) continue;
      this.#sight.blame(
        `the observer has proxy_sessid ${told} for session ${serverSessid} of client session ${csId}, which is ${proxySessid}`,
      );
    }
  }
}
