/**
 * Bound expressions that choose one of several: CASE, IF, COALESCE, IFNULL. What is not needed is not evaluated.
 */
import type { Bound, Frame } from './bound.ts';
import { converted } from './converting.ts';
import { isTrue, type Value } from './sql/value.ts';
import { orNull, type SqlType } from './types.ts';

/** CASE, and IF: the value behind the first condition that holds, in the type of all. */
export class Case implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #branches: readonly (readonly [when: Bound, then: Bound])[];
  readonly #otherwise: Bound | null;

  constructor(type: SqlType, branches: readonly (readonly [when: Bound, then: Bound])[], otherwise: Bound | null) {
    this.type = otherwise === null ? orNull(type) : type;
    this.#branches = branches;
    this.#otherwise = otherwise;
    this.isConstant = branches.every(([a, b]) => a.isConstant && b.isConstant) && otherwise?.isConstant !== false;
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(this.#branches.length);
    for (const [when, then] of this.#branches) {
      if (isTrue(when.value(frame))) return converted(then.value(frame), this.type);
    }
    return this.#otherwise === null ? null : converted(this.#otherwise.value(frame), this.type);
  }
}

/** COALESCE and IFNULL: the first value that is not NULL. */
export class FirstValue implements Bound {
  readonly type: SqlType;
  readonly isConstant: boolean;
  readonly #list: readonly Bound[];

  constructor(type: SqlType, list: readonly Bound[]) {
    this.type = type;
    this.#list = list;
    this.isConstant = list.every((it) => it.isConstant);
  }

  value(frame: Frame): Value {
    frame.around.effort.spend(this.#list.length);
    for (const it of this.#list) {
      const value = it.value(frame);
      if (value !== null) return converted(value, this.type);
    }
    return null;
  }
}
