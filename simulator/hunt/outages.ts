/**
 * Which observers were out of reach, and when tables may have had no leader, as far as the faults of a run tell.
 */
import { ELECTION } from '../observer/log-streams.ts';
import type { Judge, Sight } from './judge.ts';
import type { Disturbance, Life } from './life.ts';

/** From its restart an observer takes so long to serve, and a little (observer.md §9.1). */
const RETURN = 6000;

/** What parts the proxy and an observer, or makes it err: for as long as nobody knows. */
const PARTS: ReadonlySet<string> = new Set(['partition', 'hold', 'fail', 'stop']);

interface Span {
  readonly from: number;
  readonly to: number;
}

export class Outages implements Judge {
  readonly #sight: Sight;
  /** Observers that have been away, by number. */
  readonly #gone = new Set<number>();
  readonly #down = new Set<number>();
  /** When tables may have had no leader. */
  readonly #missing: Span[] = [];
  /** Since when most replicas are down; null while they are not. */
  #leaderless: number | null = null;
  /** The observers at which a client has, or has had, a server session. */
  readonly #served = new Map<Life, Set<number>>();
  #parted = false;
  /** When connections to an observer were broken last, though it lived. */
  #severed = Number.NEGATIVE_INFINITY;
  /** Whose were. */
  readonly #broken = new Set<Life>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  /** What was sent may be late by any time. */
  get isParted(): boolean {
    return this.#parted;
  }

  /** Whether an observer that serves this client was away since then. */
  concerns(life: Life, since: number): boolean {
    this.step();
    if (this.#broken.has(life) || this.#severed >= since) return true;
    const served = this.#served.get(life);
    for (const number of this.#gone) if (served?.has(number) === true || !this.#servesSince(number, since)) return true;
    return false;
  }

  /** Whether any observer was away, or cut off for a moment, since then. */
  any(since: number): boolean {
    if (this.#severed >= since) return true;
    for (const number of this.#gone) if (!this.#servesSince(number, since)) return true;
    return false;
  }

  #servesSince(number: number, since: number): boolean {
    if (this.#parted) return false;
    const observer = this.#sight.inside.clusters.flatMap((it) => it.observers)[number - 1]!;
    return observer.state === 'SERVING' && observer.servesSince < since;
  }

  /** Whether some table may have been without a leader for all of that time. */
  leaderMissing(from: number, to: number): boolean {
    const spans = [...this.#missing];
    if (this.#leaderless !== null) spans.push({ from: this.#leaderless, to: Number.POSITIVE_INFINITY });
    spans.sort((a, b) => a.from - b.from);
    let reached = from;
    for (const span of spans) if (span.from <= reached) reached = Math.max(reached, span.to);
    return reached >= to;
  }

  disturbed({ kind, observer, at }: Disturbance): void {
    if (PARTS.has(kind)) this.#parted = true;
    if (observer === null || kind === 'leader') return;
    this.step();
    if (kind === 'sever') {
      this.#severed = at;
      for (const [life, served] of this.#served) if (served.has(observer)) this.#broken.add(life);
      return;
    }
    this.#gone.add(observer);
    if (kind === 'crash' || kind === 'stop') {
      this.#down.add(observer);
      this.#missing.push({ from: at, to: at + ELECTION });
    } else if (kind === 'restart') {
      this.#down.delete(observer);
      this.#missing.push({ from: at, to: at + RETURN });
    }
    const few = this.#sight.inside.clusters[0]!.tenants.some(({ streams: { replicas } }) => {
      return replicas.filter((id) => !this.#down.has(id)).length * 2 <= replicas.length;
    });
    if (few) this.#leaderless ??= at;
    else if (this.#leaderless !== null) {
      this.#missing.push({ from: this.#leaderless, to: at });
      this.#leaderless = null;
    }
  }

  /** Remembers who is served where. */
  step(): void {
    for (const { csId, servers } of this.#sight.inside.proxy.sessions()) {
      const life = newestOf(this.#sight.lives, csId);
      if (life === null) continue;
      if (servers.bound !== null) this.#serves(life, servers.bound);
      if (servers.current !== null) this.#serves(life, servers.current);
      for (const it of servers.pool) this.#serves(life, it);
    }
  }

  #serves(life: Life, { server }: { readonly server: number }): void {
    const served = this.#served.get(life);
    if (served === undefined) this.#served.set(life, new Set([server + 1]));
    else served.add(server + 1);
  }
}

/** The life that had this id last: a proxy that starts again counts from the beginning. */
function newestOf(lives: readonly Life[], csId: number): Life | null {
  for (let i = lives.length - 1; i >= 0; i -= 1) if (lives[i]!.csId === csId) return lives[i]!;
  return null;
}
