/**
 * SELECT and UNION: planned, run, and handed on as rows.
 *
 * From tables all rows are read when the statement begins. From TABLE(GENERATOR(n)) each row is made when there is room to
 * send it.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { Frame } from './bound.ts';
import type { SessionContext } from './context.ts';
import type { House } from './house.ts';
import { type Outcome, ReadyRows, type Rows } from './outcome.ts';
import { QueryPlanner } from './query-planner.ts';
import { type Bounds, frameFor, SelectPlan } from './select-plan.ts';
import type { Generated } from './sources.ts';
import type { Query } from './sql/syntax.ts';
import { isTrue, type Value } from './sql/value.ts';
import { variable } from './variables.ts';

const SELECT_LIMIT = variable('sql_select_limit');

/** The columns that a query will have: for PREPARE. */
export function describeSelect(query: Query, context: SessionContext, house: House): readonly Column[] {
  return new QueryPlanner(context, house).plan(query, null).columns;
}

export function runSelect(query: Query, context: SessionContext, house: House): Outcome {
  const plan = new QueryPlanner(context, house).plan(limited(query, context), null);
  if (plan instanceof SelectPlan && plan.isStream) {
    return { kind: 'rows', columns: plan.columns, rows: new GeneratedRows(plan, frameFor(context)) };
  }
  const rows = plan.rows(null);
  if (countsAll(query)) context.calculatedRows = plan.total;
  return { kind: 'rows', columns: plan.columns, rows: new ReadyRows(rows) };
}

/** SQL_CALC_FOUND_ROWS, which a UNION says in its first SELECT. */
function countsAll(query: Query): boolean {
  return query.kind === 'union' ? countsAll(query.first) : query.countsAll;
}

/** sql_select_limit is for queries that are statements of their own and have no LIMIT. */
function limited(query: Query, context: SessionContext): Query {
  const most = context.variables.text(SELECT_LIMIT);
  if (query.limit !== null || most === SELECT_LIMIT.initial) return query;
  return { ...query, limit: { offset: null, count: { kind: 'literal', value: BigInt(most) } } };
}

/** Rows of TABLE(GENERATOR(n)), made one by one. */
class GeneratedRows implements Rows {
  readonly #plan: SelectPlan;
  readonly #frame: Frame;
  #left: number;
  #skip: number;
  #wanted: number;

  constructor(plan: SelectPlan, frame: Frame) {
    const bounds: Bounds = plan.bounds(frame);
    this.#plan = plan;
    this.#frame = frame;
    this.#left = (plan.source as Generated).count(frame);
    this.#skip = bounds.offset;
    this.#wanted = bounds.count;
  }

  next(): readonly Value[] | null {
    const { where, values } = this.#plan;
    while (this.#left > 0 && this.#wanted > 0) {
      this.#left -= 1;
      this.#frame.around.effort.spend(1);
      if (where !== null && !isTrue(where.value(this.#frame))) continue;
      if (this.#skip > 0) {
        this.#skip -= 1;
        continue;
      }
      this.#wanted -= 1;
      const row: Value[] = [];
      for (const it of values) row.push(it.value(this.#frame));
      return row;
    }
    return null;
  }
}
