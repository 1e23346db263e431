/**
 * Bound expressions that are queries: one value, IN, EXISTS. A query that does not depend on the row around it runs once.
 */
import { type Bound, type Frame, OuterColumn } from './bound.ts';
import { type Comparer, comparerOf } from './comparing.ts';
import type { Subplan } from './plan.ts';
import { refuse } from './refusal.ts';
import { truth, type Value } from './sql/value.ts';
import { orNull, type SqlType, TRUTH } from './types.ts';

type Rows = readonly (readonly Value[])[];

/** The rows of a query, kept if they are always the same. */
class Inner {
  readonly #plan: Subplan;
  #kept: Rows | null = null;

  constructor(plan: Subplan) {
    this.#plan = plan;
  }

  rows(frame: Frame): Rows {
    if (this.#plan.isCorrelated) return this.#plan.rows(frame);
    this.#kept ??= this.#plan.rows(frame);
    return this.#kept;
  }
}

export class QueryValue implements Bound {
  readonly type: SqlType;
  readonly isConstant = false;
  readonly #inner: Inner;

  constructor(plan: Subplan) {
    if (plan.types.length !== 1) throw refuse('OPERAND_COLUMNS', 1);
    this.type = orNull(plan.types[0]!);
    this.#inner = new Inner(plan);
  }

  value(frame: Frame): Value {
    const rows = this.#inner.rows(frame);
    if (rows.length > 1) throw refuse('SUBQUERY_ROWS');
    return rows.length === 0 ? null : rows[0]![0]!;
  }
}

export class Exists implements Bound {
  readonly type: SqlType = { ...TRUTH, nullable: false };
  readonly isConstant = false;
  readonly #inner: Inner;

  constructor(plan: Subplan) {
    this.#inner = new Inner(plan);
  }

  value(frame: Frame): Value {
    return truth(this.#inner.rows(frame).length > 0);
  }
}

export class InQuery implements Bound {
  readonly type: SqlType = TRUTH;
  readonly isConstant = false;
  readonly #subjects: readonly Bound[];
  readonly #inner: Inner;
  readonly #comparers: readonly Comparer[];
  readonly #negated: boolean;

  constructor(subjects: readonly Bound[], plan: Subplan, negated: boolean) {
    if (plan.types.length !== subjects.length) throw refuse('OPERAND_COLUMNS', subjects.length);
    this.#subjects = subjects;
    this.#inner = new Inner(plan);
    this.#comparers = subjects.map((it, index) => comparerOf(it.type, plan.types[index]!));
    this.#negated = negated;
  }

  value(frame: Frame): Value {
    const wanted = this.#subjects.map((it) => it.value(frame));
    let unknown = false;
    const { effort } = frame.around;
    for (const row of this.#inner.rows(frame)) {
      effort.spend(this.#subjects.length);
      const same = this.#same(wanted, row, frame);
      if (same === true) return truth(!this.#negated);
      if (same === null) unknown = true;
    }
    return unknown ? null : truth(this.#negated);
  }

  /** Null if a NULL leaves it open. */
  #same(wanted: readonly Value[], row: readonly Value[], frame: Frame): boolean | null {
    let open = false;
    for (let i = 0; i < wanted.length; i += 1) {
      const a = wanted[i]!;
      const b = row[i]!;
      if (a === null || b === null) open = true;
      else if (this.#comparers[i]!(a, b, frame.around) !== 0) return false;
    }
    return open ? null : true;
  }
}

/** True for what a whole query gives the same value for all of its rows: a constant, or a column of a query around. */
export function isFixed(it: Bound): boolean {
  return it.isConstant || it instanceof OuterColumn;
}
