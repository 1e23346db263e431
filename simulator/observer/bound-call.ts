/**
 * A call of a function: NULL without a call if an argument is NULL and the function does not take that.
 */
import type { Bound, Frame } from './bound.ts';
import type { SqlFunction } from './functions/function.ts';
import type { Value } from './sql/value.ts';
import type { SqlType } from './types.ts';

export class Call implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #called: SqlFunction;
  readonly #arguments: readonly Bound[];

  constructor(called: SqlFunction, list: readonly Bound[]) {
    this.type = called.type(list);
    this.#called = called;
    this.#arguments = list;
    this.isConstant = called.changes !== true && list.every((it) => it.isConstant);
  }

  value(frame: Frame): Value {
    const values: Value[] = [];
    for (const it of this.#arguments) {
      const value = it.value(frame);
      if (value === null && this.#called.takesNull !== true) return null;
      values.push(value);
    }
    return this.#called.call(values, frame.around, this.#arguments);
  }
}
