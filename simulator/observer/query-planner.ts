/**
 * From a query to its plan: what stands behind FROM, and UNION.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import { groupKey } from './aggregates.ts';
import { Binder } from './bind.ts';
import { And, type Bound, Compared, type Frame } from './bound.ts';
import { columnOf } from './columns.ts';
import { comparerOf } from './comparing.ts';
import type { SessionContext } from './context.ts';
import { converted } from './converting.ts';
import type { House } from './house.ts';

import { boundColumn, type Found, type NamedSource, Names, optional, sourceOfTable } from './names.ts';
import type { Planner, Subplan } from './plan.ts';
import { refuse } from './refusal.ts';
import { compareKeys, cut, frameFor, LimitPlan, NOTHING, SelectPlan, sortKeysByName } from './select-plan.ts';
import { DerivedPlan, Generated, JoinPlan, type Reading, type SourcePlan, TablePlan } from './sources.ts';
import type { From, Join, Query, Select, Union } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import type { Transaction } from './store.ts';

import { common, type SqlType } from './types.ts';
import { virtualTable } from './virtual-tables.ts';

export interface QueryPlan extends Subplan {
  readonly columns: readonly Column[];
}

/** Milliseconds of a second: FOR UPDATE WAIT says how many. */
const SECOND = 1000;

class Committed implements Reading {
  transaction(): null {
    return null;
  }
}

class Through implements Reading {
  readonly #context: SessionContext;
  readonly #select: Select;

  constructor(context: SessionContext, select: Select) {
    this.#context = context;
    this.#select = select;
  }

  transaction(): Transaction | null {
    const { lock } = this.#select;
    if (lock === null) return this.#context.reading();
    if (lock.seconds !== null) this.#context.waitAtMost(lock.seconds * SECOND);
    return lock.shares ? this.#context.sharing() : this.#context.writing();
  }
}

const COMMITTED = new Committed();

export class QueryPlanner implements Planner {
  readonly #context: SessionContext;
  readonly #house: House;

  constructor(context: SessionContext, house: House) {
    this.#context = context;
    this.#house = house;
  }

  plan(query: Query, outer: Names | null): QueryPlan {
    return query.kind === 'union' ? this.#union(query, outer) : this.select(query, outer);
  }

  select(select: Select, outer: Names | null): SelectPlan {
    const reading = new Through(this.#context, select);
    const source = this.#source(select.from, 0, reading, outer);
    checkNamedOnce(source.named);
    return new SelectPlan(select, source, outer, this.#context, this, readingOf(source, reading));
  }

  #union(it: Union, outer: Names | null): QueryPlan {
    const parts = [{ plan: this.plan(it.first, outer), all: true }];
    for (const { query, all } of it.rest) parts.push({ plan: this.plan(query, outer), all });
    return new UnionPlan(it, parts, this.#context, this);
  }

  #source(from: From, start: number, reading: Reading, outer: Names | null): SourcePlan {
    switch (from.kind) {
      case 'nothing':
        return NOTHING;
      case 'generator':
        return new Generated(new Binder(this.#context, new Names([], outer), 'field list', this).bind(from.count));
      case 'derived':
        return this.#derived(this.plan(from.query, null), from.alias, start);
      case 'table': {
        const { table: name } = from;
        const virtual = virtualTable(name, this.#context, this.#house);
        const table = virtual ?? this.#context.table(name);
        const named = sourceOfTable(table, name.alias ?? name.name, start);
        return new TablePlan(table, named, start, virtual === null ? reading : COMMITTED);
      }
      case 'join':
        return this.#join(from, start, reading, outer);
    }
  }

  #derived(plan: QueryPlan, called: string, start: number): SourcePlan {
    const columns = plan.columns.map((it, index) => ({
      name: it.name,
      type: plan.types[index]!,
      place: start + index,
      local: false,
      shared: false,
    }));
    const seen = new Set<string>();
    for (const { name } of columns) {
      if (seen.has(name.toLowerCase())) throw refuse('DUPLICATE_COLUMN', name);
      seen.add(name.toLowerCase());
    }
    return new DerivedPlan(plan, { called, database: null, table: null, columns }, start);
  }

  #join(it: Join, start: number, reading: Reading, outer: Names | null): SourcePlan {
    const left = this.#source(it.left, start, reading, outer);
    const right = this.#source(it.right, start + left.width, reading, outer);
    const leftNamed = it.side === 'right' ? left.named.map(optional) : left.named;
    const rightNamed = it.side === 'left' ? right.named.map(optional) : right.named;
    const named = [...leftNamed, ...rightNamed];
    const on =
      it.using === null
        ? this.#condition(it, named, outer)
        : sharedColumns(it.using, new Names(leftNamed, null), new Names(rightNamed, null));
    return new JoinPlan(it.side, left, right, on, named);
  }

  #condition(it: Join, named: readonly NamedSource[], outer: Names | null): Bound | null {
    if (it.on === null) return null;
    return new Binder(this.#context, new Names(named, outer), 'on clause', this).bind(it.on);
  }
}

/** A query of virtual tables only needs no transaction. */
function readingOf(source: SourcePlan, reading: Reading): Reading {
  return source instanceof TablePlan && source.reading === COMMITTED ? COMMITTED : reading;
}

function checkNamedOnce(named: readonly NamedSource[]): void {
  if (named.length < 2) return;
  const seen = new Set<string>();
  for (const { called, database, table } of named) {
    const key = `${table !== null && called === table.name ? database : ''}.${called.toLowerCase()}`;
    if (seen.has(key)) throw refuse('NOT_UNIQUE_TABLE', called);
    seen.add(key);
  }
}

/** `USING (a, b)` and NATURAL: the columns are equal, and the right one is seen no more without its table's name. */
function sharedColumns(using: readonly string[] | 'natural', left: Names, right: Names): Bound | null {
  const wanted = using === 'natural' ? namesInBoth(left, right) : using;
  let all: Bound | null = null;
  for (const name of wanted) {
    const a = columnOfName(left, name);
    const b = columnOfName(right, name);
    b.column.shared = true;
    const one = new Compared(
      '=',
      boundColumn(a.column),
      boundColumn(b.column),
      comparerOf(a.column.type, b.column.type),
    );
    all = all === null ? one : new And(all, one);
  }
  return all;
}

function namesInBoth(left: Names, right: Names): readonly string[] {
  const there = new Set(right.sources.flatMap((it) => it.columns.map((column) => column.name.toLowerCase())));
  return left.sources.flatMap((it) =>
    it.columns.filter((column) => !column.shared && there.has(column.name.toLowerCase())).map((column) => column.name),
  );
}

function columnOfName(names: Names, name: string): Found {
  const found = names.find({ kind: 'column', table: null, name }, 'from clause' as 'on clause');
  if (found === null) throw refuse('UNKNOWN_COLUMN', name, 'from clause');
  return found;
}

interface Part {
  readonly plan: QueryPlan;
  readonly all: boolean;
}

/** Several queries below one another, in the names of the first and the types that fit all. */
class UnionPlan implements QueryPlan {
  readonly columns: readonly Column[];
  readonly types: readonly SqlType[];
  readonly #parts: readonly Part[];
  readonly #sortedBy: ReturnType<typeof sortKeysByName>;
  readonly #limit: LimitPlan;
  readonly #context: SessionContext;

  constructor(it: Union, parts: readonly Part[], context: SessionContext, planner: Planner) {
    const first = parts[0]!.plan;
    for (const { plan } of parts) if (plan.types.length !== first.types.length) throw refuse('UNION_COLUMNS');
    this.types = first.types.map((_, index) => common(parts.map(({ plan }) => plan.types[index]!)));
    this.columns =
      parts.length === 1
        ? first.columns
        : first.columns.map((column, index) => columnOf(this.types[index]!, column.name));
    this.#parts = parts;
    this.#sortedBy = sortKeysByName(it.orderBy, this.columns);
    this.#limit = new LimitPlan(it.limit, context, planner);
    this.#context = context;
  }

  get isCorrelated(): boolean {
    return this.#parts.some(({ plan }) => plan.isCorrelated);
  }

  rows(outer: Frame | null): readonly (readonly Value[])[] {
    let rows: (readonly Value[])[] = [];
    for (const { plan, all } of this.#parts) {
      for (const row of plan.rows(outer)) rows.push(row.map((value, index) => converted(value, this.types[index]!)));
      if (!all) rows = distinct(rows);
    }
    if (this.#sortedBy.length > 0) {
      const by = this.#sortedBy;
      rows.sort((a, b) =>
        compareKeys(
          by.map(({ index }) => a[index]!),
          by.map(({ index }) => b[index]!),
          by,
        ),
      );
    }
    return cut(rows, this.#limit.bounds(frameFor(this.#context, outer)));
  }
}

function distinct(rows: readonly (readonly Value[])[]): (readonly Value[])[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = groupKey(row);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
