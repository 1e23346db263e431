/**
 * What a column has that a statement does not name, and what `DEFAULT` stands for.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { ColumnSpec } from '../world/topology.ts';
import { dateTimeText } from './date-time.ts';
import type { Value } from './sql/value.ts';
import { implicitDefault, type Storing } from './storing.ts';

/** The time of the statement, as the column keeps it. */
export function currentTime(spec: ColumnSpec, storing: Storing): Value {
  return storing.kept(dateTimeText(storing.around.statementTime, spec.scale ?? 0), spec);
}

/** ERROR 1364 for a column that must have a value and has no default. AUTO_INCREMENT is not looked at here. */
export function defaultOf(spec: ColumnSpec, storing: Storing): Value {
  if (spec.defaultNow === true) return currentTime(spec, storing);
  const said = spec.defaultValue;
  if (said !== undefined) return said === null ? null : storing.kept(said, spec);
  if (spec.notNull !== true && spec.primaryKey !== true) return null;
  // An ENUM that must not be NULL begins with its first word.
  if (spec.values === undefined) storing.complain(errorOf('NO_DEFAULT', spec.name));
  return implicitDefault(spec);
}
