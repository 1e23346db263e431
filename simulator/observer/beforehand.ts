/**
 * What a constant is worth before any statement runs: a type may hang on it, as ROUND's scale does and NOW's digits.
 *
 * It must never know a session. A constant that asks for one is told of a session that has nothing: its types are then
 * as of a NULL, and its value, taken later, is its own.
 */
import type { Bound, Frame } from './bound.ts';
import { Effort, Exhausted } from './effort.ts';
import { DIVISION_DIGITS, type Value } from './sql/value.ts';
import { modesOf } from './sql-modes.ts';
import type { Surroundings } from './surroundings.ts';

/** A constant that takes more steps than this is not worked out beforehand: a scale or a unit never does. */
const MOST_STEPS = 1000;

const NOBODY: Surroundings = {
  connectionId: 0,
  database: null,
  userAtHost: '',
  account: '',
  modes: modesOf(''),
  counting: { divisionDigits: DIVISION_DIGITS, signedDifference: false },
  dividedByZero: () => {},
  maxAllowedPacket: 16_777_216,
  effort: new Effort({ queryTimeout: 0 }, MOST_STEPS),
  rowCount: 0,
  foundRows: 0,
  lastInsertId: 0n,
  statementTime: 0,
  zone: 0,
  warningCount: 0,
  errorCount: 0,
  warn: () => {},
  setLastInsertId: () => {},
  parameter: () => undefined,
  systemValue: () => null,
  userValue: () => null,
  assignUser: () => {},
  random: () => 0,
  sleep: () => {},
};

const NOWHERE: Frame = { around: NOBODY, row: [], aggregates: null, outer: null };

/** Undefined for what is no constant, or takes too long. Throws what the constant's own evaluation refuses with. */
export function beforehand(it: Bound): Value | undefined {
  if (!it.isConstant) return undefined;
  NOBODY.effort.begin();
  try {
    return it.value(NOWHERE);
  } catch (error) {
    if (error instanceof Exhausted) return undefined;
    throw error;
  }
}
