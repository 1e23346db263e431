/**
 * What an expression may ask of the session that runs it.
 *
 * A type and nothing else, so that the evaluator needs no session in its tests.
 */
import type { Err } from '../../proxy/wire/ok.ts';
import type { Effort } from './effort.ts';
import type { VariableScope } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import type { SqlModes } from './sql-modes.ts';
import type { SqlType } from './types.ts';
import type { Variable } from './variables.ts';

/** What stands for a `?`. */
export interface Parameter {
  readonly value: Value;
  /** As it was bound; null where the value says it. */
  readonly type: SqlType | null;
}

/** What the session says of arithmetic. */
export interface Counting {
  /** div_precision_increment: the digits that a division adds behind the point. */
  readonly divisionDigits: number;
  /** NO_UNSIGNED_SUBTRACTION: a difference has a sign whatever its operands have. */
  readonly signedDifference: boolean;
}

export interface Surroundings {
  /** What CONNECTION_ID() gives: the server session id (observer.md §2.3). */
  readonly connectionId: number;
  readonly database: string | null;
  /** `app@192.0.2.10`, with the address the session came from. */
  readonly userAtHost: string;
  /** `app@%`, as the account is written. */
  readonly account: string;
  readonly modes: SqlModes;
  readonly counting: Counting;
  readonly maxAllowedPacket: number;
  /** What the request may still do. */
  readonly effort: Effort;
  /** Affected rows of the statement before; −1 after a result set. */
  readonly rowCount: number;
  readonly foundRows: number;
  readonly lastInsertId: bigint;
  /** Milliseconds since 1970 at which the statement began, in the session's time zone. */
  readonly statementTime: number;
  /** Milliseconds that the session's time zone is ahead. */
  readonly zone: number;
  /** How many warnings and errors the statement before left. */
  readonly warningCount: number;
  readonly errorCount: number;
  /** Something was not as it should be, and the statement goes on. */
  warn(err: Err, level?: 'Warning' | 'Note'): void;
  /** A division by zero is NULL; ERROR_FOR_DIVISION_BY_ZERO has more to say of it. */
  dividedByZero(): void;
  /** LAST_INSERT_ID(n): what it gives from now on, and the OK of this statement. */
  setLastInsertId(id: bigint): void;
  /** What stands for a `?`; undefined while the statement is only described. */
  parameter(index: number): Parameter | undefined;
  systemValue(variable: Variable, scope: VariableScope): Value;
  userValue(name: string): Value;
  assignUser(name: string, value: Value): void;
  /** The next of the session's random numbers, from 0 up to 1. */
  random(): number;
  /** Adds to the time that the statement takes before it is answered. */
  sleep(milliseconds: number): void;
}
