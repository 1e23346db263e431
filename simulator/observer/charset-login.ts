/**
 * What the charset byte of a login sets (observer.md §8, decisions.md 12).
 */
import { collationById } from './charsets.ts';
import type { SessionVariables } from './session-variables.ts';

/** A known collation sets the three character sets and the collation of the connection; any other number nothing. */
export function applyLoginCharset(byte: number, variables: SessionVariables): void {
  const collation = collationById(byte);
  if (collation === null) return;
  variables.start('character_set_client', collation.charset);
  variables.start('character_set_results', collation.charset);
  variables.start('character_set_connection', collation.charset);
  variables.start('collation_connection', collation.name);
}
