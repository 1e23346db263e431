/**
 * What a query inside a query is to the expression around it. Types only, so that binding needs no planner.
 */
import type { Frame } from './bound.ts';
import type { Names } from './names.ts';
import type { Query } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import type { SqlType } from './types.ts';

export interface Subplan {
  readonly types: readonly SqlType[];
  /** Its rows depend on the row around it. */
  readonly isCorrelated: boolean;
  /** `most`: it is enough to know so many. */
  rows(outer: Frame | null): readonly (readonly Value[])[];
}

export interface Planner {
  plan(query: Query, outer: Names | null): Subplan;
}
