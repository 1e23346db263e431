/**
 * CAST and CONVERT: a value becomes another type, and what is lost on the way is remarked upon (1292).
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Bound, Frame } from './bound.ts';
import { converted, dateOf, dateTimeOf, numberOfTemporal, timeOf } from './converting.ts';
import { readMoment } from './date-time.ts';
import type { CastTarget } from './sql/syntax.ts';
import {
  Decimal,
  exactOf,
  isNumberText,
  numeric,
  rounded,
  roundedHalf,
  textOf,
  toDouble,
  type Value,
} from './sql/value.ts';
import type { Surroundings } from './surroundings.ts';
import {
  binaryType,
  DATE,
  DOUBLE,
  dateTimeType,
  decimalType,
  INTEGER,
  isTemporal,
  orNull,
  type SqlType,
  textLength,
  textType,
  timeType,
  UNSIGNED,
} from './types.ts';

const DECIMAL_DIGITS = 10;

function typeOf(to: CastTarget, from: SqlType): SqlType {
  switch (to.name) {
    case 'SIGNED':
      return { ...INTEGER, nullable: from.nullable };
    case 'UNSIGNED':
      return { ...UNSIGNED, nullable: from.nullable };
    case 'CHAR':
      return { ...textType(to.length ?? textLength(from)), nullable: from.nullable };
    case 'BINARY':
      return { ...binaryType(to.length ?? textLength(from) * 4), nullable: from.nullable };
    case 'DATE':
      return DATE;
    case 'DATETIME':
      return orNull(dateTimeType(to.scale));
    case 'TIME':
      return orNull(timeType(to.scale));
    case 'DECIMAL':
      return { ...decimalType(to.scale, to.length ?? DECIMAL_DIGITS), nullable: from.nullable };
    case 'DOUBLE':
      return { ...DOUBLE, nullable: from.nullable };
  }
}

export function castOf(inner: Bound, to: CastTarget): Bound {
  return new Cast(inner, to);
}

class Cast implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #inner: Bound;
  readonly #to: CastTarget;

  constructor(inner: Bound, to: CastTarget) {
    this.type = typeOf(to, inner.type);
    this.isConstant = inner.isConstant;
    this.#inner = inner;
    this.#to = to;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    if (value === null) return null;
    const plain = isTemporal(this.#inner.type) && isNumber(this.#to) ? numberOfTemporal(value)! : value;
    return cast(plain, this.#to, this.type, frame.around);
  }
}

function isNumber({ name }: CastTarget): boolean {
  return name === 'SIGNED' || name === 'UNSIGNED' || name === 'DECIMAL' || name === 'DOUBLE';
}

function cast(value: Exclude<Value, null>, to: CastTarget, type: SqlType, around: Surroundings): Value {
  switch (to.name) {
    case 'SIGNED':
      return BigInt.asIntN(64, wholeOf(value, around));
    case 'UNSIGNED':
      return unsignedOf(wholeOf(value, around), around);
    case 'CHAR':
      return cut(textOf(value)!, to.length, around);
    case 'BINARY':
      return filled(converted(value, type) as Buffer, to.length, around);
    case 'DATE':
      return remarked(dateOf(value), value, around);
    case 'DATETIME':
      return remarked(dateTimeOf(value, to.scale), value, around);
    case 'TIME':
      return timeOf(value, to.scale);
    case 'DECIMAL':
      return decimalOf(value, type, around);
    case 'DOUBLE':
      checkNumber(value, 'DOUBLE', around);
      return toDouble(value);
  }
}

function checkNumber(value: Value, word: string, around: Surroundings): void {
  if (typeof value === 'string' && !isNumberText(value)) around.warn(errorOf('TRUNCATED_VALUE', word, value));
}

/** A negative number becomes the one of the same bits, with a warning (1105 in MySQL 5.7). */
function unsignedOf(whole: bigint, around: Surroundings): bigint {
  if (whole < 0n) around.warn(errorOf('CAST_TO_UNSIGNED'));
  return BigInt.asUintN(64, whole);
}

/** Of a text only its digits count. */
function wholeOf(value: Exclude<Value, null>, around: Surroundings): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    const digits = /^[ \t\n\r]*([+-]?\d+)/.exec(value);
    if (digits === null || digits[0].length !== value.trimEnd().length) {
      around.warn(errorOf('TRUNCATED_VALUE', 'INTEGER', value));
    }
    return digits === null ? 0n : BigInt(digits[1]!.replace('+', ''));
  }
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(roundedHalf(value)) : 0n;
  return value instanceof Decimal ? rounded(value, 0).units : wholeOf(value.toString(), around);
}

/** Characters, as many as are wanted. */
function cut(text: string, length: number | null, around: Surroundings): string {
  if (length === null || text.length <= length) return text;
  const characters = [...text];
  if (characters.length <= length) return text;
  around.warn(errorOf('TRUNCATED_VALUE', `CHAR(${length})`, text));
  return characters.slice(0, length).join('');
}

/** Not made longer than the server sends in one packet: MySQL then has NULL with a warning. */
function filled(bytes: Buffer, length: number | null, around: Surroundings): Value {
  const { maxAllowedPacket } = around;
  if (length !== null && length > maxAllowedPacket && bytes.length < length) {
    around.warn(errorOf('RESULT_TOO_LONG', 'cast_as_binary', maxAllowedPacket));
    return null;
  }
  if (length === null || bytes.length === length) return bytes;
  return bytes.length > length
    ? bytes.subarray(0, length)
    : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

function remarked(read: string | null, value: Exclude<Value, null>, around: Surroundings): Value {
  const text = textOf(value)!;
  if (read === null) around.warn(errorOf('TRUNCATED_VALUE', 'datetime', text));
  else if (readMoment(text)?.rest === true) around.warn(errorOf('TRUNCATED_VALUE', 'datetime', text));
  return read;
}

/** Beyond its digits a decimal is the largest there is, with a warning. */
function decimalOf(value: Exclude<Value, null>, type: SqlType, around: Surroundings): Value {
  checkNumber(value, 'DECIMAL', around);
  const number = typeof value === 'string' ? exactOfText(value) : exactOf(numeric(value));
  const exact = rounded(number, type.scale);
  const most = 10n ** BigInt(type.length) - 1n;
  if (exact.units <= most && exact.units >= -most) return exact;
  around.warn(errorOf('OUT_OF_RANGE_FOR_COLUMN', 'CAST', 1));
  return new Decimal(exact.units < 0n ? -most : most, type.scale);
}

function exactOfText(text: string): Decimal {
  const head = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  return head === null ? new Decimal(0n, 0) : (converted(numericHead(head[0].trim()), decimalType(30)) as Decimal);
}

function numericHead(text: string): Exclude<Value, null> {
  return /[eE]/.test(text) ? Number(text) : exactText(text);
}

function exactText(text: string): Decimal {
  const [whole, fraction = ''] = text.replace('+', '').split('.') as [string, string | undefined];
  return new Decimal(BigInt(`${whole}${fraction}` || '0'), fraction.length);
}
