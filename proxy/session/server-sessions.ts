/**
 * The server sessions of one client session: the bound one (idle, used last), the current one (serving now), and the
 * pool of the others, at most one for each server (odp-relay.md §7; no sharing between clients).
 */
import type { ServerSession } from './server-session.ts';

export class ServerSessions {
  /** Idle, the one that served last. */
  bound: ServerSession | null = null;
  /** In use by the running request, from the moment it is chosen. */
  current: ServerSession | null = null;
  readonly #pool: ServerSession[] = [];

  get count(): number {
    return this.#pool.length + (this.bound === null ? 0 : 1) + (this.current === null ? 0 : 1);
  }

  /** By ss_id (decisions.md 4). */
  get pool(): readonly ServerSession[] {
    return this.#pool;
  }

  /** All of them, in the order in which they are closed: current, bound, pool (odp-sessions.md §4.3). */
  all(): ServerSession[] {
    const all = [...this.#pool];
    if (this.bound !== null) all.unshift(this.bound);
    if (this.current !== null) all.unshift(this.current);
    return all;
  }

  bySsId(ssId: bigint): ServerSession | undefined {
    return this.all().find((it) => BigInt(it.ssId) === ssId);
  }

  /** Takes the idle one to this server as the current one, or null. A bound one to another server goes to the pool. */
  take(server: number): ServerSession | null {
    const bound = this.bound;
    if (bound !== null && bound.server === server) {
      this.bound = null;
      this.current = bound;
      return bound;
    }
    this.park();
    const index = this.#pool.findIndex((it) => it.server === server);
    if (index < 0) return null;
    this.current = this.#pool.splice(index, 1)[0]!;
    return this.current;
  }

  /** The bound one goes to the pool. */
  park(): void {
    const bound = this.bound;
    if (bound === null) return;
    this.bound = null;
    const index = this.#pool.findIndex((it) => it.ssId > bound.ssId);
    this.#pool.splice(index < 0 ? this.#pool.length : index, 0, bound);
  }

  /** The current one has served: it is the bound one now. */
  release(): void {
    this.bound = this.current;
    this.current = null;
  }

  /** It is gone. */
  remove(session: ServerSession): void {
    if (this.current === session) this.current = null;
    else if (this.bound === session) this.bound = null;
    else {
      const index = this.#pool.indexOf(session);
      if (index >= 0) this.#pool.splice(index, 1);
    }
  }

  /** Those of the pool, which is empty afterwards. */
  takePool(): ServerSession[] {
    return this.#pool.splice(0);
  }

  clear(): void {
    this.current = null;
    this.bound = null;
    this.#pool.length = 0;
  }
}
