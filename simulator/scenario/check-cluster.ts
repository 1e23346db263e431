/**
 * What only the order of the steps tells of a cluster, found while reading: who is down, who is parted from whom.
 */
import { STOPPING_TIME } from '../observer/server-state.ts';
import { type Action, pairName, placeName } from './scenario.ts';

type ProcessVerb = Action & { readonly kind: 'crash' | 'stop' | 'restart' };
type PartingVerb = Action & { readonly kind: 'partition' | 'repair' | 'sever' };

export class ClusterChecker {
  readonly #down = new Set<number>();
  /** Observer → when it was told to stop. */
  readonly #stopping = new Map<number, number>();
  readonly #parted = new Set<string>();
  #now = 0;

  /** What is wrong with this step, where it stands; null if nothing is. */
  step(action: Action): string | null {
    switch (action.kind) {
      case 'advance':
        this.#advance(action.milliseconds);
        return null;
      case 'crash':
      case 'stop':
      case 'restart':
        return this.#process(action);
      case 'partition':
      case 'repair':
      case 'sever':
        return this.#parting(action);
      case 'leader':
        if (!this.#down.has(action.observer) && !this.#stopping.has(action.observer)) return null;
        return `observer ${action.observer} is down and can lead nothing; above must stand \`! restart observer ${action.observer}\``;
      default:
        return null;
    }
  }

  #advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [observer, since] of this.#stopping) {
      if (this.#now - since < STOPPING_TIME) continue;
      this.#stopping.delete(observer);
      this.#down.add(observer);
    }
  }

  #process({ kind, observer }: ProcessVerb): string | null {
    if (kind === 'restart') {
      if (this.#down.delete(observer)) return null;
      const still = this.#stopping.has(observer);
      const why = still ? `is stopping still: it is gone ${STOPPING_TIME / 1000} s after \`! stop\`` : 'is not down';
      return `observer ${observer} ${why}; above must stand \`${still ? '! advance' : `! crash observer ${observer}`}\``;
    }
    if (this.#down.has(observer)) {
      return `observer ${observer} is down already; above must stand \`! restart observer ${observer}\``;
    }
    if (kind === 'crash') {
      this.#stopping.delete(observer);
      this.#down.add(observer);
    } else if (this.#stopping.has(observer)) {
      return `observer ${observer} is stopping already`;
    } else {
      this.#stopping.set(observer, this.#now);
    }
    return null;
  }

  #parting({ kind, from, to }: PartingVerb): string | null {
    const pair = pairName(placeName(from), placeName(to));
    if (kind === 'sever') return null;
    if (kind === 'repair') {
      return this.#parted.delete(pair) ? null : `${pair} are not parted; above must stand \`! partition\` of the two`;
    }
    if (this.#parted.has(pair)) return `${pair} are parted already`;
    this.#parted.add(pair);
    return null;
  }
}
