/**
 * Bound expressions that count and match: arithmetic, bits, signs, LIKE, REGEXP.
 *
 * Integers stay integers and are refused beyond 64 bits (ERROR 1690); a division of exact numbers is a DECIMAL with four
 * digits more (`div_precision_increment`); a text makes all of it a double.
 */
import type { Bound, Frame } from './bound.ts';
import { doubleOf } from './comparing.ts';
import { numberOfTemporal } from './converting.ts';
import { refuse } from './refusal.ts';
import { foldedWhole, isLike } from './sql/collation.ts';
import type { BinaryOperator } from './sql/syntax.ts';
import { arithmetic, Decimal, numeric, textOf, toInteger, truth, type Value } from './sql/value.ts';
import type { Surroundings } from './surroundings.ts';
import {
  DOUBLE,
  decimalType,
  doubleType,
  INTEGER,
  isTemporal,
  isText,
  orNull,
  type SqlType,
  TRUTH,
  UNSIGNED,
} from './types.ts';

const MIN_SIGNED = -(1n << 63n);
const MAX_SIGNED = (1n << 63n) - 1n;
const MAX_UNSIGNED = (1n << 64n) - 1n;

type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | 'DIV';

/** `div_precision_increment`. */
const DIVISION_DIGITS = 4;

/** What an operand counts as: a date as a number, a text as a double. */
function countedType(it: SqlType): SqlType {
  if (isTemporal(it)) return it.scale > 0 ? decimalType(it.scale) : INTEGER;
  if (isText(it)) return DOUBLE;
  return it.family === 'null' ? DOUBLE : it;
}

export function arithmeticType(operator: ArithmeticOperator, left: SqlType, right: SqlType): SqlType {
  const a = countedType(left);
  const b = countedType(right);
  const unsigned = a.unsigned || b.unsigned;
  if (operator === 'DIV') return unsigned ? UNSIGNED : INTEGER;
  if (a.family === 'double' || b.family === 'double')
    return doubleType(Math.max(a.scale, b.scale) + (operator === '/' ? DIVISION_DIGITS : 0));
  if (operator === '/') return decimalType(a.scale + DIVISION_DIGITS, a.length + DIVISION_DIGITS + b.scale);
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

  constructor(operator: ArithmeticOperator, left: Bound, right: Bound) {
    const nullable =
      left.type.nullable || right.type.nullable || operator === '/' || operator === '%' || operator === 'DIV';
    const type = arithmeticType(operator, left.type, right.type);
    this.type = nullable ? orNull(type) : { ...type, nullable: false };
    this.#operator = operator;
    this.#left = left;
    this.#right = right;
    this.isConstant = left.isConstant && right.isConstant;
  }

  value(frame: Frame): Value {
    const left = this.#left.value(frame);
    if (left === null) return null;
    const right = this.#right.value(frame);
    if (right === null) return null;
    const a = counted(left, this.#left.type, frame.around);
    const b = counted(right, this.#right.type, frame.around);
    const result = arithmetic(this.#operator, a, b);
    if (typeof result === 'bigint') this.#checkRange(result, a, b);
    else if (typeof result === 'number' && !Number.isFinite(result)) {
      throw refuse('OUT_OF_RANGE', 'DOUBLE', this.#text(a, b));
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

  constructor(subject: Bound, pattern: Bound, escaping: string, negated: boolean) {
    this.#subject = subject;
    this.#pattern = pattern;
    this.#escape = escaping;
    this.#negated = negated;
    this.isConstant = subject.isConstant && pattern.isConstant;
  }

  value(frame: Frame): Value {
    const value = textOf(this.#subject.value(frame));
    const pattern = textOf(this.#pattern.value(frame));
    if (value === null || pattern === null) return null;
    const exact = this.#subject.type.family === 'binary' || this.#pattern.type.family === 'binary';
    return truth(isLike(value, pattern, this.#escape, exact) !== this.#negated);
  }
}

/** `[[:alpha:]]` and its like, which JavaScript writes another way. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9a-fA-F',
};

/** REGEXP, with JavaScript's expressions and POSIX classes; case does not count. */
export class Regexp implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant: boolean;
  readonly #subject: Bound;
  readonly #pattern: Bound;
  readonly #negated: boolean;
  #source: string | null = null;
  #compiled: RegExp | null = null;

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
    if (this.#compiled === null || this.#source !== pattern) {
      this.#source = pattern;
      this.#compiled = compiled(pattern);
    }
    return truth(this.#compiled.test(foldedWhole(value)) !== this.#negated);
  }
}

function compiled(pattern: string): RegExp {
  const source = pattern.replace(/\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole);
  try {
    return new RegExp(source, 'i');
  } catch {
    throw refuse('WRONG_REGEXP', pattern);
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
