/** Ids are unique while live, and the same wherever they are shown. */
import type { Invariant, Judge, Sight } from '../judge.ts';
import { hasNewProxy, isUp, type Life } from '../life.ts';

export const IDS: Invariant = {
  name: 'ids-are-unique',
  why: 'Who kills names an id: two sessions with one id, or one with two, and the wrong one dies.',
  judge: (sight) => new Ids(sight),
};

class Ids implements Judge {
  readonly #sight: Sight;

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
    const { proxy, clusters } = this.#sight.inside;
    const owners = new Map<number, number>();
    for (const { csId, servers, proxySessid } of proxy.sessions()) {
      const all = [servers.bound, servers.current, ...servers.pool];
      const mine = new Set<unknown>();
      for (const server of all) {
        if (server === null || mine.has(server)) continue;
        mine.add(server);
        const { serverSessid } = server;
        if (serverSessid === 0) continue;
        const other = owners.get(serverSessid);
        if (other !== undefined) {
          this.#sight.blame(`the connection id ${serverSessid} belongs to the client sessions ${other} and ${csId}`);
          return;
        }
        owners.set(serverSessid, csId);
        for (const cluster of clusters) {
          const found = cluster.findSession(serverSessid);
          const told = found?.processRow.proxySessid ?? null;
          if (told !== null && told !== proxySessid) {
            this.#sight.blame(
              `the observer has proxy_sessid ${told} for session ${serverSessid} of client session ${csId}, which is ${proxySessid}`,
            );
            return;
          }
        }
      }
    }
  }
}
