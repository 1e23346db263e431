/**
 * A value in as many digits as its column says: a division keeps more of them while it is counted with, as MySQL does.
 */
import { type Bound, ColumnValue, Converted, type Frame } from './bound.ts';
import { Arithmetic, Negated } from './bound-operators.ts';
import type { Value } from './sql/value.ts';
import { NOT_FIXED, type SqlType } from './types.ts';

/** The same, for one who looks at it. */
export function shown(it: Bound): Bound {
  const { family, scale } = it.type;
  if (family === 'double' && scale < NOT_FIXED && it instanceof ColumnValue) return new FixedDigits(it);
  const counted = it instanceof Arithmetic || it instanceof Negated;
  return family === 'decimal' && counted ? new Converted(it, it.type) : it;
}

/** `DOUBLE(7,3)` shows three digits. */
class FixedDigits implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #inner: Bound;

  constructor(inner: Bound) {
    this.type = inner.type;
    this.#inner = inner;
    this.isConstant = inner.isConstant;
  }

  value(frame: Frame): Value {
    const value = this.#inner.value(frame);
    return typeof value === 'number' ? value.toFixed(this.type.scale) : value;
  }
}
