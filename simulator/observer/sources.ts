/**
 * Where the rows of a query come from: tables, queries in brackets, joins of them.
 *
 * A join looks its right table up by a key where its condition gives one; else it makes a table of the right rows by the
 * columns that must be equal; else it tries each pair. Rows come in the order of the left rows, then of the right ones.
 */
import { And, type Bound, ColumnValue, Compared, type Frame } from './bound.ts';
import { CELLS_OF_STEP, PAIR_STEPS, ROW_STEPS } from './effort.ts';
import { keyOfValue } from './indexes.ts';
import { accessOf } from './matching.ts';
import type { NamedSource } from './names.ts';
import type { Subplan } from './plan.ts';
import { isTrue, type Value } from './sql/value.ts';
import type { Row, RowKey, Table, Transaction } from './store.ts';
import { readThrough } from './transaction-state.ts';
import { meetExactly } from './types.ts';

/** Where a query reads: its transaction, asked for when the query runs. */
export interface Reading {
  transaction(): Transaction | null;
}

export interface SourcePlan {
  readonly named: readonly NamedSource[];
  /** How many columns its rows have, and where they stand in a row of the whole query. */
  readonly width: number;
  readonly start: number;
  /** All its rows, but for those that `where` rules out by a key. */
  rows(frame: Frame, where: Bound | null): readonly Row[];
}

export class Nothing implements SourcePlan {
  readonly named = [];
  readonly width = 0;
  readonly start = 0;

  rows(): readonly Row[] {
    return [[]];
  }
}

/** So many rows without columns. */
export class Generated implements SourcePlan {
  readonly named = [];
  readonly width = 0;
  readonly start = 0;
  readonly #count: Bound;

  constructor(count: Bound) {
    this.#count = count;
  }

  rows(frame: Frame): readonly Row[] {
    const count = this.count(frame);
    frame.around.effort.spend(count);
    return new Array<Row>(count).fill([]);
  }

  count(frame: Frame): number {
    return Math.max(0, Number(this.#count.value(frame) ?? 0));
  }
}

export class TablePlan implements SourcePlan {
  readonly named: readonly NamedSource[];
  readonly width: number;
  readonly start: number;
  readonly table: Table;
  readonly reading: Reading;

  constructor(table: Table, named: NamedSource, start: number, reading: Reading) {
    this.table = table;
    this.named = [named];
    this.width = table.columns.length;
    this.start = start;
    this.reading = reading;
  }

  rows(frame: Frame, where: Bound | null): readonly Row[] {
    const transaction = this.reading.transaction();
    const rows: Row[] = [];
    const { effort } = frame.around;
    effort.spend(ROW_STEPS);
    for (const key of accessOf(this.table, where, this.start).keys(transaction, frame)) {
      effort.spend(ROW_STEPS);
      const row = readThrough(transaction, this.table, key);
      if (row !== null) rows.push(row);
    }
    return rows;
  }
}

export class DerivedPlan implements SourcePlan {
  readonly named: readonly NamedSource[];
  readonly width: number;
  readonly start: number;
  readonly #plan: Subplan;

  constructor(plan: Subplan, named: NamedSource, start: number) {
    this.named = [named];
    this.width = named.columns.length;
    this.start = start;
    this.#plan = plan;
  }

  rows(frame: Frame): readonly Row[] {
    return this.#plan.rows(frame.outer);
  }
}

export class JoinPlan implements SourcePlan {
  readonly named: readonly NamedSource[];
  readonly width: number;
  readonly start: number;
  readonly #side: 'inner' | 'left' | 'right';
  readonly #left: SourcePlan;
  readonly #right: SourcePlan;
  readonly #on: Bound | null;
  /** Empty cells for what stands before this join in a row. */
  readonly #before: readonly Value[];

  constructor(
    side: 'inner' | 'left' | 'right',
    left: SourcePlan,
    right: SourcePlan,
    on: Bound | null,
    named: readonly NamedSource[],
  ) {
    this.#side = side;
    this.#left = left;
    this.#right = right;
    this.#on = on;
    this.named = named;
    this.width = left.width + right.width;
    this.start = left.start;
    this.#before = new Array<Value>(left.start).fill(null);
  }

  /** Of trying a pair, and keeping the row that it makes. */
  get #pairCost(): number {
    return PAIR_STEPS + Math.ceil((this.start + this.width) / CELLS_OF_STEP);
  }

  rows(frame: Frame, where: Bound | null): readonly Row[] {
    if (this.#side === 'right') return this.#rightRows(frame, where);
    const out: Row[] = [];
    const { effort } = frame.around;
    const cost = this.#pairCost;
    const missing = new Array<Value>(this.#right.width).fill(null);
    const partners = this.#partners(frame, this.#side === 'inner' ? both(this.#on, where) : this.#on);
    for (const left of this.#left.rows(frame, where)) {
      const wide = this.start === 0 ? left : [...this.#before, ...left];
      let met = false;
      for (const right of partners.of(wide, frame)) {
        effort.spend(cost);
        frame.row = wide.concat(right);
        if (this.#on !== null && !isTrue(this.#on.value(frame))) continue;
        met = true;
        out.push(this.start === 0 ? frame.row : left.concat(right));
      }
      if (!met && this.#side === 'left') out.push(left.concat(missing));
    }
    return out;
  }

  /** RIGHT JOIN: each right row, with the left rows that fit it. */
  #rightRows(frame: Frame, where: Bound | null): readonly Row[] {
    const out: Row[] = [];
    const { effort } = frame.around;
    const cost = this.#pairCost;
    const lefts = this.#left.rows(frame, null);
    const missing = new Array<Value>(this.#left.width).fill(null);
    for (const right of this.#right.rows(frame, where)) {
      let met = false;
      for (const left of lefts) {
        effort.spend(cost);
        const row = left.concat(right);
        frame.row = this.start === 0 ? row : [...this.#before, ...row];
        if (this.#on !== null && !isTrue(this.#on.value(frame))) continue;
        met = true;
        out.push(row);
      }
      if (!met) out.push(missing.concat(right));
    }
    return out;
  }

  #partners(frame: Frame, condition: Bound | null): Partners {
    const right = this.#right;
    if (right instanceof TablePlan && accessOf(right.table, condition, right.start).isLookup) {
      return new LookedUp(right, condition);
    }
    const rows = right.rows(frame, null);
    const pair = equalColumns(condition, right.start, right.start + right.width);
    return pair === null ? new AllRows(rows) : new Hashed(rows, pair.left, pair.right - right.start, pair.exact);
  }
}

function both(a: Bound | null, b: Bound | null): Bound | null {
  return a === null ? b : b === null ? a : new And(a, b);
}

/** The right rows that may fit a left row. */
interface Partners {
  of(left: Row, frame: Frame): readonly Row[];
}

class AllRows implements Partners {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  of(): readonly Row[] {
    return this.#rows;
  }
}

class LookedUp implements Partners {
  readonly #plan: TablePlan;
  readonly #condition: Bound | null;

  constructor(plan: TablePlan, condition: Bound | null) {
    this.#plan = plan;
    this.#condition = condition;
  }

  of(left: Row, frame: Frame): readonly Row[] {
    frame.row = left;
    return this.#plan.rows(frame, this.#condition);
  }
}

class Hashed implements Partners {
  readonly #byKey = new Map<RowKey, Row[]>();
  readonly #column: number;
  readonly #exact: boolean;

  constructor(rows: readonly Row[], leftColumn: number, rightColumn: number, exact: boolean) {
    this.#column = leftColumn;
    this.#exact = exact;
    for (const row of rows) {
      const value = row[rightColumn]!;
      if (value === null) continue;
      const key = keyOfValue(value, exact);
      const there = this.#byKey.get(key);
      if (there === undefined) this.#byKey.set(key, [row]);
      else there.push(row);
    }
  }

  of(left: Row): readonly Row[] {
    const value = left[this.#column] ?? null;
    return value === null ? [] : (this.#byKey.get(keyOfValue(value, this.#exact)) ?? []);
  }
}

interface Pair {
  readonly left: number;
  readonly right: number;
  readonly exact: boolean;
}

/** Two columns, one on each side, that a condition says are equal, and whose equal values are the same key. */
function equalColumns(condition: Bound | null, start: number, end: number): Pair | null {
  if (condition instanceof And) {
    return equalColumns(condition.left, start, end) ?? equalColumns(condition.right, start, end);
  }
  if (!(condition instanceof Compared) || condition.operator !== '=') return null;
  const { left, right } = condition;
  if (!(left instanceof ColumnValue && right instanceof ColumnValue)) return null;
  const { family } = left.type;
  if (family !== right.type.family || (family !== 'integer' && family !== 'text')) return null;
  const exact = meetExactly(left.type, right.type);
  if (left.index < start && right.index >= start && right.index < end) {
    return { left: left.index, right: right.index, exact };
  }
  if (right.index < start && left.index >= start && left.index < end) {
    return { left: right.index, right: left.index, exact };
  }
  return null;
}
