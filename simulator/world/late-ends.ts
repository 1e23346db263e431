/**
 * Ends of connections that come late: FIN and RST of an observer wait before the proxy, behind bytes that do not, until
 * somebody lets them go. So what happens next may happen before the end is heard, as on a slow wire.
 *
 * An end that answers the proxy's own end is no news, and does not wait. It must never know why an observer has ended.
 */
import type { Link } from './link.ts';

/** The end of a connection at which something waits. */
export interface LateEnd {
  readonly link: Link;
  /** What has waited goes on now. */
  letGo(): void;
}

export class LateEnds {
  /** In the order in which they came. */
  readonly #waiting = new Set<LateEnd>();
  /** Whether ends are late from now on; those that wait go on waiting. */
  on = false;

  /** The links on which an end waits, in the order in which they came. */
  get waiting(): readonly Link[] {
    return [...this.#waiting].map(({ link }) => link);
  }

  /** True: what ends this connection waits here, until `letGo`. */
  keeps(end: LateEnd): boolean {
    const { from, to } = end.link;
    if (!this.on || to !== 'proxy' || !from.startsWith('observer ')) return false;
    this.#waiting.add(end);
    return true;
  }

  /** Nobody is to hear of it any more. */
  forget(end: LateEnd): void {
    this.#waiting.delete(end);
  }

  /** All that wait go on, in the order in which they came. */
  release(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const end of waiting) end.letGo();
  }
}
