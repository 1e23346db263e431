/**
 * What a page or one of its scenarios can say it needs, `needs: [odp]` or `! needs clock`, where no line of it shows that.
 *
 * The simulator has all of it, its arm on sockets all but `memory`. Who runs a page against another server asks (`needs.ts`), and skips by these names. Knows
 * nothing of pages.
 */
import { listed } from './mistakes.ts';

export const NEEDS = {
  /** Time that stands still between the lines: in real time it would be a race. */
  clock: 'a clock that stands still',
  /** A cluster and a proxy of which nothing is known yet, or whose inside is shown. */
  simulator: 'the simulator',
  /** Links that take as long and hold as much as the simulator says: an operating system's are faster, and larger. */
  memory: 'links in memory',
  /** SHOW PROXYSESSION and KILL PROXYSESSION, ids of the proxy, ERR before the end. */
  odp: 'an ODP',
  /** Errors, times and variables of OceanBase. */
  oceanbase: 'OceanBase',
} as const;

export type NeedName = keyof typeof NEEDS;

export function isNeed(word: string): word is NeedName {
  return Object.hasOwn(NEEDS, word);
}

export function noNeed(word: string): string {
  return `\`${word}\` is nothing that a page can need; there are ${listed(Object.keys(NEEDS))}`;
}
