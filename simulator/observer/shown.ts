/**
 * A value in as many digits as its column says: a division keeps more of them while it is counted with, as MySQL does,
 * and a FLOAT is a number of 24 bits that is written in six digits.
 *
 * The binary protocol sends doubles as they are; only what is written as a text is cut.
 */
import { TYPE } from '../../proxy/wire/constants.ts';
import type { Cell, Column } from '../../proxy/wire/result-set.ts';
import { type Bound, Converted, type Frame } from './bound.ts';
import { Arithmetic, Negated } from './bound-operators.ts';
import { cellOf, textOf, type Value } from './sql/value.ts';
import { NOT_FIXED, type SqlType, textLength, textType } from './types.ts';

/** What a FLOAT prints (FLT_DIG). */
const FLOAT_DIGITS = 6;

/** The same, for one who looks at it. */
export function shown(it: Bound): Bound {
  const counted = it instanceof Arithmetic || it instanceof Negated;
  return it.type.family === 'decimal' && counted ? new Converted(it, it.type) : it;
}

/** The same, where its text is wanted. */
export function spelled(it: Bound): Bound {
  return hasFewDigits(it.type) ? new Spelled(it) : shown(it);
}

/** A value as the text protocol sends it in this column. */
export function textCell(value: Value, { type, decimals }: Column): Cell {
  return typeof value === 'number' ? textOfDouble(value, type === TYPE.FLOAT, decimals) : cellOf(value);
}

function hasFewDigits(type: SqlType): boolean {
  return type.family === 'double' && (type.single === true || type.scale < NOT_FIXED);
}

function textOfDouble(value: number, single: boolean, scale: number): string {
  if (scale < NOT_FIXED) return value.toFixed(scale);
  return textOf(single ? Number(value.toPrecision(FLOAT_DIGITS)) : value)!;
}

class Spelled implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.type = { ...textType(textLength(inner.type)), nullable: inner.type.nullable };
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    const { single, scale } = this.#inner.type;
    return typeof value === 'number' ? textOfDouble(value, single === true, scale) : value;
  }
}
