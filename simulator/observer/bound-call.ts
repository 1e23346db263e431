/**
 * A call of a function: NULL without a call if an argument is NULL and the function does not take that, and NULL with a
 * warning if the result is longer than `max_allowed_packet`, as in MySQL.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Bound, Frame } from './bound.ts';
import { CALL_STEPS } from './effort.ts';
import { type SqlFunction, TooLong } from './functions/function.ts';
import type { Value } from './sql/value.ts';
import type { SqlType } from './types.ts';

export class Call implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #name: string;
  readonly #called: SqlFunction;
  readonly #arguments: readonly Bound[];

  constructor(name: string, called: SqlFunction, list: readonly Bound[]) {
    this.#name = name;
    const type = called.type(list);
    // A text made of texts that tell all characters apart does so, too.
    this.type = type.family === 'text' && list.some((it) => it.type.exact === true) ? { ...type, exact: true } : type;
    this.#called = called;
    this.#arguments = list;
    this.isConstant = called.changes !== true && list.every((it) => it.isConstant);
  }

  value(frame: Frame): Value {
    const { effort } = frame.around;
    effort.spend(CALL_STEPS);
    const values: Value[] = [];
    for (const it of this.#arguments) {
      const value = it.value(frame);
      if (value === null && this.#called.takesNull !== true) return null;
      if (typeof value === 'string' || Buffer.isBuffer(value)) effort.spendBytes(value.length);
      values.push(value);
    }
    const { maxAllowedPacket } = frame.around;
    try {
      const made = this.#called.call(values, frame.around, this.#arguments);
      if (typeof made !== 'string' && !Buffer.isBuffer(made)) return made;
      effort.spendBytes(made.length);
      if (made.length <= maxAllowedPacket) return made;
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
    }
    frame.around.warn(errorOf('RESULT_TOO_LONG', this.#name.toLowerCase(), maxAllowedPacket));
    return null;
  }
}
