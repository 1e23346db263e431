/**
 * All SQL functions by name. Whatever is in none of the tables is ERROR 1305.
 */
import { DATE_STEPS } from './functions/date-steps.ts';
import { DATES } from './functions/dates.ts';
import { DIGESTS } from './functions/digests.ts';
import { FLOW } from './functions/flow.ts';
import type { SqlFunction } from './functions/function.ts';
import { NUMBERS, ROUND } from './functions/numbers.ts';
import { SESSION } from './functions/session.ts';
import { textFunctions } from './functions/text.ts';

const FUNCTIONS: ReadonlyMap<string, SqlFunction> = new Map(
  [FLOW, textFunctions(ROUND), NUMBERS, DATES, DATE_STEPS, DIGESTS, SESSION]
    .flat()
    .flatMap(([names, it]) => names.split(' ').map((name): [string, SqlFunction] => [name, it])),
);

/** All names, in capitals. */
export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()];

/** The function of a name in capitals; null if there is none. */
export function findFunction(name: string): SqlFunction | null {
  return FUNCTIONS.get(name) ?? null;
}
