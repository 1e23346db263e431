/**
 * Users of a MySQL server whose passwords the proxy was told, and what it needs to prove them.
 */
import type { Hashes } from '../wire/proof.ts';

export interface Accounts extends Hashes {
  readonly passwords: ReadonlyMap<string, string>;
}
