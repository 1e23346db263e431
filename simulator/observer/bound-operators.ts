/**
 * Bound expressions that count and match: arithmetic, bits, signs, LIKE, REGEXP.
 *
 * Integers stay integers and are refused beyond 64 bits (ERROR 1690); a division of exact numbers is a DECIMAL with four
 * digits more (`div_precision_increment`); a text makes all of it a double.
 */
import type { Bound, Frame } from './bound.ts';
import { doubleOf } from './comparing.ts';
import { numberOfTemporal } from './converting.ts';
import { CALL_STEPS } from './effort.ts';
import { refuse } from './refusal.ts';
import { isLike } from './sql/collation.ts';
import { Regexp } from './sql/regexp.ts';
import type { BinaryOperator } from './sql/syntax.ts';
import { arithmetic, Decimal, DIVISION_DIGITS, numeric, textOf, toInteger, truth, type Value } from './sql/value.ts';
import type { Counting, Surroundings } from './surroundings.ts';
import {
  DOUBLE,
  decimalType,
  doubleType,
  INTEGER,
  isTemporal,
  isText,
  meetExactly,
  orNull,
  type SqlType,
  TRUTH,
  UNSIGNED,
} from './types.ts';

const MIN_SIGNED = -(1n << 63n);
const MAX_SIGNED = (1n << 63n) - 1n;
const MAX_UNSIGNED = (1n << 64n) - 1n;

type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | 'DIV';

const PLAIN_COUNTING: Counting = { divisionDigits: DIVISION_DIGITS, signedDifference: false };

/** What an operand counts as: a date as a number, a text as a double. */
function countedType(it: SqlType): SqlType {
  if (isTemporal(it)) return it.scale > 0 ? decimalType(it.scale) : INTEGER;
  if (isText(it)) return DOUBLE;
  return it.family === 'null' ? DOUBLE : it;
}

export function arithmeticType(
  operator: ArithmeticOperator,
  left: SqlType,
  right: SqlType,
  counting = PLAIN_COUNTING,
): SqlType {
  const a = countedType(left);
  const b = countedType(right);
  const unsigned = (a.unsigned || b.unsigned) && !(operator === '-' && counting.signedDifference);
  const more = counting.divisionDigits;
  if (operator === 'DIV') return unsigned ? UNSIGNED : INTEGER;
  if (a.family === 'double' || b.family === 'double')
    return doubleType(Math.max(a.scale, b.scale) + (operator === '/' ? more : 0));
  if (operator === '/') return decimalType(a.scale + more, a.length + more + b.scale);
  if (a.family === 'integer' && b.family === 'integer') {
    return unsigned && !(operator === '%' && !a.unsigned) ? UNSIGNED : INTEGER;
  }
  if (operator === '*') return decimalType(a.scale + b.scale, a.length + b.length);
  const scale = Math.max(a.scale, b.scale);
  return decimalType(scale, Math.max(a.length - a.scale, b.length - b.scale) + scale + 1);
}

/** A value to count with. */
function counted(value: Exclude<Value, null>, type: SqlType, around: Surroundings): Exclude<Value, null> {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  if (isTemporal(type)) return numberOfTemporal(value)!;
  return typeof value === 'string' || Buffer.isBuffer(value) ? doubleOf(value, around) : value;
}

export class Arithmetic implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #operator: ArithmeticOperator;
  readonly #left: Bound;
  readonly #right: Bound;
  readonly #divisionDigits: number;

  constructor(operator: ArithmeticOperator, left: Bound, right: Bound, counting = PLAIN_COUNTING) {
    const nullable =
      left.type.nullable || right.type.nullable || operator === '/' || operator === '%' || operator === 'DIV';
    const type = arithmeticType(operator, left.type, right.type, counting);
    this.#divisionDigits = counting.divisionDigits;
    this.type = nullable ? orNull(type) : { ...type, nullable: false };
    this.#operator = operator;
    this.#left = left;
    this.#right = right;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const left = this.#left.value(frame);
    if (left === null) return null;
    const right = this.#right.value(frame);
    if (right === null) return null;
    const a = counted(left, this.#left.type, frame.around);
    const b = counted(right, this.#right.type, frame.around);
    const result = arithmetic(this.#operator, a, b, this.#divisionDigits);
    if (result === null) frame.around.dividedByZero();
    else if (typeof result === 'bigint') this.#checkRange(result, a, b);
    else if (typeof result === 'number' && !Number.isFinite(result)) {
      throw refuse('OUT_OF_RANGE', 'DOUBLE', this.#text(a, b));
    } else if (result instanceof Decimal) {
      const kept = keptDigits(result);
      if (kept === null) throw refuse('OUT_OF_RANGE', 'DECIMAL', this.#text(a, b));
      return kept;
    }
    return result;
  }

  #checkRange(result: bigint, a: Value, b: Value): void {
    const { unsigned } = this.type;
    if (unsigned ? result >= 0n && result <= MAX_UNSIGNED : result >= MIN_SIGNED && result <= MAX_SIGNED) return;
    throw refuse('OUT_OF_RANGE', unsigned ? 'BIGINT UNSIGNED' : 'BIGINT', this.#text(a, b));
  }

  #text(a: Value, b: Value): string {
    return `(${textOf(a)} ${this.#operator} ${textOf(b)})`;
  }
}

/** Nine words of nine digits: what a decimal is counted in (MySQL's DECIMAL_BUFF_LENGTH). */
const MOST_DECIMAL = 10n ** 81n;

/** With as much of its fraction as there is room for; null if there is none for its whole part. */
function keptDigits(it: Decimal): Decimal | null {
  let { units, scale } = it;
  while (units >= MOST_DECIMAL || units <= -MOST_DECIMAL) {
    if (scale === 0) return null;
    units /= 10n;
    scale -= 1;
  }
  return scale === it.scale ? it : new Decimal(units, scale);
}

const BITS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => (b > 63n ? 0n : a << b),
  '>>': (a, b) => a >> b,
};

export function isBitOperator(operator: BinaryOperator): operator is '&' | '|' | '^' | '<<' | '>>' {
  return BITS[operator] !== undefined;
}

export class Bits implements Bound {
  readonly type: SqlType = UNSIGNED;
  readonly isConstant: boolean;
  readonly #apply: (a: bigint, b: bigint) => bigint;
  readonly #left: Bound;
  readonly #right: Bound;

  constructor(operator: '&' | '|' | '^' | '<<' | '>>', left: Bound, right: Bound) {
    this.#apply = BITS[operator]!;
    this.#left = left;
    this.#right = right;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(1);
    const left = this.#left.value(frame);
    const right = this.#right.value(frame);
    if (left === null || right === null) return null;
    return BigInt.asUintN(64, this.#apply(bitsOf(left, this.#left.type), bitsOf(right, this.#right.type)));
  }
}

function bitsOf(value: Exclude<Value, null>, type: SqlType): bigint {
  return BigInt.asUintN(64, toInteger(isTemporal(type) ? numberOfTemporal(value)! : value));
}

/** `~x`. */
export class Inverted implements Bound {
  readonly type: SqlType = UNSIGNED;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    return value === null ? null : BigInt.asUintN(64, ~bitsOf(value, this.#inner.type));
  }
}

export class Negated implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.type = { ...countedType(inner.type), unsigned: false, single: false, nullable: inner.type.nullable };
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    if (value === null) return null;
    const number = numeric(counted(value, this.#inner.type, frame.around));
    if (number instanceof Decimal) return new Decimal(-number.units, number.scale);
    if (typeof number === 'number') return -number;
    if (-number < MIN_SIGNED) throw refuse('OUT_OF_RANGE', 'BIGINT', `-(${number})`);
    return -number;
  }
}

export class Like implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly #subject: Bound;
  readonly #pattern: Bound;
  readonly #escape: string;
  readonly #negated: boolean;
  readonly #isExact: boolean;

  constructor(subject: Bound, pattern: Bound, escaping: string, negated: boolean) {
    this.#subject = subject;
    this.#pattern = pattern;
    this.#escape = escaping;
    this.#negated = negated;
    const isBinary = subject.type.family === 'binary' || pattern.type.family === 'binary';
    this.#isExact = isBinary || meetExactly(subject.type, pattern.type);
    this.isConstant = subject.isConstant && pattern.isConstant;
  }

  value(frame: Frame): Value {
    const value = textOf(this.#subject.value(frame));
    const pattern = textOf(this.#pattern.value(frame));
    if (value === null || pattern === null) return null;
    const { effort } = frame.around;
    effort.spend(CALL_STEPS);
    effort.spendBytes(value.length + pattern.length);
    return truth(isLike(value, pattern, this.#escape, this.#isExact, effort) !== this.#negated);
  }
}

/** REGEXP; case counts only where one of the two is binary. */
export class Matched implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly #subject: Bound;
  readonly #pattern: Bound;
  readonly #negated: boolean;
  #source: string | null = null;
  #compiled: Regexp | null = null;

  constructor(subject: Bound, pattern: Bound, negated: boolean) {
    this.#subject = subject;
    this.#pattern = pattern;
    this.#negated = negated;
    this.isConstant = subject.isConstant && pattern.isConstant;
  }

  value(frame: Frame): Value {
    const value = textOf(this.#subject.value(frame));
    const pattern = textOf(this.#pattern.value(frame));
    if (value === null || pattern === null) return null;
    const { effort } = frame.around;
    effort.spend(CALL_STEPS);
    if (this.#compiled === null || this.#source !== pattern) {
      effort.spendBytes(pattern.length);
      const exact = this.#subject.type.family === 'binary' || this.#pattern.type.family === 'binary';
      this.#compiled = new Regexp(pattern, exact);
      this.#source = pattern;
    }
    return truth(this.#compiled.test(value, effort) !== this.#negated);
  }
}

/** A text as the number that it is, where it is to be true or not. */
export class Numbered implements Bound {
  readonly type: SqlType = DOUBLE;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    return value === null ? null : doubleOf(value, frame.around);
  }
}
