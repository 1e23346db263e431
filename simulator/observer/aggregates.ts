/**
 * COUNT, SUM, MIN, MAX, AVG over all rows of a statement (there is no GROUP BY yet).
 *
 * A table from the aggregate's name to how a value is added and what is said in the end.
 */
import { evaluate, type Scope } from './evaluate.ts';
import type { AggregateName, Expression } from './sql/syntax.ts';
import { arithmetic, compare, textOf, type Value } from './sql/value.ts';
import type { Row } from './store.ts';

type AggregateExpression = Expression & { readonly kind: 'aggregate' };

/** What one aggregate has seen so far: how many values, and their sum or extreme. */
interface Tally {
  readonly of: AggregateExpression;
  readonly seen: Set<string> | null;
  count: bigint;
  value: Value;
}

const ADD: Readonly<Record<AggregateName, (before: Value, value: Exclude<Value, null>) => Value>> = {
  COUNT: () => null,
  SUM: (before, value) => arithmetic('+', before ?? 0n, value),
  AVG: (before, value) => arithmetic('+', before ?? 0n, value),
  MIN: (before, value) => (before === null || compare(value, before) < 0 ? value : before),
  MAX: (before, value) => (before === null || compare(value, before) > 0 ? value : before),
};

export interface Aggregated {
  readonly aggregates: ReadonlyMap<Expression, Value>;
  /** The first row, for columns beside the aggregates (there is no ONLY_FULL_GROUP_BY); null if there is no row. */
  readonly first: Row | null;
}

export function aggregateRow(of: readonly AggregateExpression[], rows: Iterable<Row>, scope: Scope): Aggregated {
  const tallies: Tally[] = of.map((it) => ({ of: it, seen: it.distinct ? new Set() : null, count: 0n, value: null }));
  let first: Row | null = null;
  for (const row of rows) {
    first ??= row;
    scope.row = row;
    for (const tally of tallies) add(tally, scope);
  }
  const aggregates = new Map<Expression, Value>();
  for (const tally of tallies) aggregates.set(tally.of, result(tally));
  return { aggregates, first };
}

function add(tally: Tally, scope: Scope): void {
  const { value: argument } = tally.of;
  if (argument === null) {
    tally.count += 1n;
    return;
  }
  const value = evaluate(argument, scope);
  if (value === null) return;
  if (tally.seen !== null) {
    const key = textOf(value)!.toUpperCase();
    if (tally.seen.has(key)) return;
    tally.seen.add(key);
  }
  tally.count += 1n;
  tally.value = ADD[tally.of.name](tally.value, value);
}

function result(tally: Tally): Value {
  if (tally.of.name === 'COUNT') return tally.count;
  return tally.of.name === 'AVG' ? arithmetic('/', tally.value, tally.count) : tally.value;
}
