/**
 * Expressions whose names have been found: what `bind.ts` makes of syntax, and what is evaluated, row by row.
 *
 * One class a kind, each with its static type; three-valued: NULL is neither true nor false. Evaluation takes no time:
 * SLEEP only says how long the answer is to wait. Classes with methods, because a closure costs 500 ns under tsx.
 */

import type { Comparer } from './comparing.ts';
import { converted } from './converting.ts';
import { dateTimeText, readMoment, secondsOf } from './date-time.ts';
import type { Row } from './indexes.ts';
import type { ComparisonOperator, VariableScope } from './sql/syntax.ts';
import { FALSE, isTrue, TRUE, truth, type Value } from './sql/value.ts';
import type { Surroundings } from './surroundings.ts';
import { type SqlType, TRUTH } from './types.ts';
import type { Variable } from './variables.ts';

/** Where an expression is evaluated. One object serves all rows of a statement: `row` is put in its place. */
export interface Frame {
  readonly around: Surroundings;
  /** The columns of all sources, one behind the other. */
  row: Row;
  /** What the aggregates are worth for the group at hand; null while there are none. */
  aggregates: readonly Value[] | null;
  /** Of the query around this one. */
  readonly outer: Frame | null;
}

export interface Bound {
  readonly type: SqlType;
  /** It is the same for every row, and evaluating it changes nothing. */
  readonly isConstant: boolean;
  value(frame: Frame): Value;
}

export class Literal implements Bound {
  readonly type: SqlType;
  readonly isConstant = true;
  readonly #value: Value;

  constructor(type: SqlType, value: Value) {
    this.type = type;
    this.#value = value;
  }

  value(): Value {
    return this.#value;
  }
}

export class ColumnValue implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly index: number;

  constructor(type: SqlType, index: number) {
    this.type = type;
    this.index = index;
  }

  value(frame: Frame): Value {
    return frame.row[this.index] ?? null;
  }
}

/** A column of a query around this one. */
export class OuterColumn implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly #depth: number;
  readonly #inner: Bound;

  constructor(inner: Bound, depth: number) {
    this.type = inner.type;
    this.#inner = inner;
    this.#depth = depth;
  }

  value(frame: Frame): Value {
    let at = frame;
    for (let i = 0; i < this.#depth; i += 1) at = at.outer!;
    return this.#inner.value(at);
  }
}

/** A TIMESTAMP is kept in UTC and shown in the session's time zone. */
export class LocalTime implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.type = inner.type;
    this.#inner = inner;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    return value === null ? null : movedTime(String(value), frame.around.zone, this.type.scale);
  }
}

/** A date-time so many milliseconds later; the zero date stays. */
export function movedTime(text: string, milliseconds: number, digits: number): string {
  const read = readMoment(text);
  if (read === null || read.moment.month === 0) return text;
  const { micros } = read.moment;
  const moved = dateTimeText(secondsOf(read.moment) * 1000 + milliseconds);
  return digits === 0 ? moved : `${moved}.${String(micros).padStart(6, '0').slice(0, digits)}`;
}

export class SystemValue implements Bound {
  readonly type: SqlType;
  readonly isConstant = true;
  readonly #variable: Variable;
  readonly #scope: VariableScope;

  constructor(type: SqlType, variable: Variable, scope: VariableScope) {
    this.type = type;
    this.#variable = variable;
    this.#scope = scope;
  }

  value(frame: Frame): Value {
    return frame.around.systemValue(this.#variable, this.#scope);
  }
}

export class UserValue implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly #name: string;

  constructor(type: SqlType, name: string) {
    this.type = type;
    this.#name = name;
  }

  value(frame: Frame): Value {
    return frame.around.userValue(this.#name);
  }
}

export class Assigned implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly #name: string;
  readonly #inner: Bound;

  constructor(name: string, inner: Bound) {
    this.type = inner.type;
    this.#name = name;
    this.#inner = inner;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    frame.around.assignUser(this.#name, value);
    return value;
  }
}

export class Not implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const value = this.#inner.value(frame);
    return value === null ? null : truth(!isTrue(value));
  }
}

export class Compared implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly operator: ComparisonOperator;
  readonly left: Bound;
  readonly right: Bound;
  readonly #comparer: Comparer;

  constructor(operator: ComparisonOperator, left: Bound, right: Bound, comparer: Comparer) {
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.#comparer = comparer;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const left = this.left.value(frame);
    const right = this.right.value(frame);
    if (left === null || right === null) return this.operator === '<=>' ? truth(left === right) : null;
    if (typeof left === 'string' && typeof right === 'string')
      frame.around.effort.spendBytes(left.length + right.length);
    return holds(this.operator, this.#comparer(left, right, frame.around)) ? TRUE : FALSE;
  }
}

export function holds(operator: ComparisonOperator, sign: number): boolean {
  switch (operator) {
    case '=':
    case '<=>':
      return sign === 0;
    case '<>':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
  }
}

export class And implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly left: Bound;
  readonly right: Bound;

  constructor(left: Bound, right: Bound) {
    this.left = left;
    this.right = right;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const left = this.left.value(frame);
    if (left !== null && !isTrue(left)) return FALSE;
    const right = this.right.value(frame);
    if (right !== null && !isTrue(right)) return FALSE;
    return left === null || right === null ? null : TRUE;
  }
}

export class Or implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly #left: Bound;
  readonly #right: Bound;

  constructor(left: Bound, right: Bound) {
    this.#left = left;
    this.#right = right;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const left = this.#left.value(frame);
    if (isTrue(left)) return TRUE;
    const right = this.#right.value(frame);
    if (isTrue(right)) return TRUE;
    return left === null || right === null ? null : FALSE;
  }
}

export class Xor implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly #left: Bound;
  readonly #right: Bound;

  constructor(left: Bound, right: Bound) {
    this.#left = left;
    this.#right = right;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const left = this.#left.value(frame);
    const right = this.#right.value(frame);
    return left === null || right === null ? null : truth(isTrue(left) !== isTrue(right));
  }
}

/** `IS [NOT] NULL`, `TRUE`, `FALSE`: never NULL itself. */
export class Is implements Bound {
  readonly type: SqlType = { ...TRUTH, nullable: false };
  readonly isConstant: boolean;
  readonly #inner: Bound;
  readonly #wanted: boolean | null;
  readonly #negated: boolean;

  /** `wanted` null asks for NULL. */
  constructor(inner: Bound, wanted: boolean | null, negated: boolean) {
    this.#inner = inner;
    this.#wanted = wanted;
    this.#negated = negated;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    const is = this.#wanted === null ? value === null : value !== null && isTrue(value) === this.#wanted;
    return truth(is !== this.#negated);
  }
}

export class In implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly subject: Bound;
  readonly list: readonly Bound[];
  readonly negated: boolean;
  readonly #comparers: readonly Comparer[];

  constructor(subject: Bound, list: readonly Bound[], comparers: readonly Comparer[], negated: boolean) {
    this.subject = subject;
    this.list = list;
    this.#comparers = comparers;
    this.negated = negated;
    this.isConstant = subject.isConstant && list.every((it) => it.isConstant);
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(this.list.length);
    const value = this.subject.value(frame);
    if (value === null) return null;
    let unknown = false;
    for (let i = 0; i < this.list.length; i += 1) {
      const candidate = this.list[i]!.value(frame);
      if (candidate === null) unknown = true;
      else if (this.#comparers[i]!(value, candidate, frame.around) === 0) return truth(!this.negated);
    }
    return unknown ? null : truth(this.negated);
  }
}

export class Between implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly subject: Bound;
  readonly #parts: readonly [Bound, Bound, Bound];
  readonly #low: Comparer;
  readonly #high: Comparer;
  readonly #negated: boolean;

  constructor(parts: readonly [Bound, Bound, Bound], low: Comparer, high: Comparer, negated: boolean) {
    this.subject = parts[0];
    this.#parts = parts;
    this.#low = low;
    this.#high = high;
    this.#negated = negated;
    this.isConstant = parts.every((it) => it.isConstant);
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const value = this.#parts[0].value(frame);
    const low = this.#parts[1].value(frame);
    const high = this.#parts[2].value(frame);
    if (value === null) return null;
    const above = low === null ? null : this.#low(value, low, frame.around) >= 0;
    const below = high === null ? null : this.#high(value, high, frame.around) <= 0;
    if (above === false || below === false) return truth(this.#negated);
    return above === null || below === null ? null : truth(!this.#negated);
  }
}

/** A value in another type: CAST, and operands that must be numbers. */
export class Converted implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound, type: SqlType) {
    this.type = type;
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    return converted(this.#inner.value(frame), this.type);
  }
}

/** The value of an aggregate for the group at hand. */
export class AggregateValue implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly #index: number;

  constructor(type: SqlType, index: number) {
    this.type = type;
    this.#index = index;
  }

  value(frame: Frame): Value {
    return frame.aggregates![this.#index]!;
  }
}
