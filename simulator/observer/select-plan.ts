/**
 * A query made ready to run: its names found, its columns known.
 *
 * Rows are read when it runs: that is its view (read committed). They are filtered, grouped, filtered again, made distinct,
 * sorted and cut, in this order.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import { groupKey, Tally } from './aggregates.ts';
import { Binder, type BoundAggregate } from './bind.ts';
import type { Bound, Frame } from './bound.ts';
import { columnOf } from './columns.ts';
import { matchingRows } from './matching.ts';
import { boundColumn, type Clause, definitionOf, Names } from './names.ts';
import type { Planner, Subplan } from './plan.ts';
import { refuse } from './refusal.ts';
import { shown } from './shown.ts';
import { Generated, Nothing, type Reading, type SourcePlan, TablePlan } from './sources.ts';
import type { Expression, Limit, OrderItem, RowLock, Select } from './sql/syntax.ts';
import { isTrue, order, toInteger, type Value } from './sql/value.ts';
import type { Row, RowKey, Table } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import type { SqlType } from './types.ts';

export interface SortKey {
  readonly value: Bound;
  readonly descending: boolean;
}

/** A row that is to come out, and what it is sorted by. */
interface Made {
  readonly values: readonly Value[];
  readonly keys: readonly Value[];
}

export interface Bounds {
  readonly offset: number;
  readonly count: number;
}

export function frameFor(around: Surroundings, outer: Frame | null = null): Frame {
  return { around, row: [], aggregates: null, outer };
}

export class SelectPlan implements Subplan {
  readonly columns: readonly Column[];
  readonly types: readonly SqlType[];
  readonly source: SourcePlan;
  readonly values: readonly Bound[];
  readonly where: Bound | null;
  readonly #around: Surroundings;
  readonly #names: Names;
  readonly #select: Select;
  readonly #aggregates: readonly BoundAggregate[];
  readonly #groupBy: readonly Bound[];
  readonly #having: Bound | null;
  readonly #orderBy: readonly SortKey[];
  readonly #limit: LimitPlan;
  readonly #reading: Reading;

  constructor(
    select: Select,
    source: SourcePlan,
    outer: Names | null,
    around: Surroundings,
    planner: Planner,
    reading: Reading,
  ) {
    const names = new Names(source.named, outer);
    const aggregates: BoundAggregate[] = [];
    const list = new SelectList(select, names, new Binder(around, names, 'field list', planner, { aggregates }));
    this.#around = around;
    this.#names = names;
    this.#select = select;
    this.#reading = reading;
    this.source = source;
    this.values = list.values;
    this.columns = list.columns;
    this.types = list.values.map((it) => it.type);
    this.where =
      select.where === null ? null : new Binder(around, names, 'where clause', planner).condition(select.where);
    const late = { aliases: { byName: list.aliases, first: true }, aggregates };
    const grouping = new Binder(around, names, 'group statement', planner, {
      aliases: { byName: list.aliases, first: false },
    });
    this.#groupBy = select.groupBy.map(
      (item) => list.position(item.value, 'group statement') ?? grouping.bind(item.value),
    );
    this.#having =
      select.having === null
        ? null
        : new Binder(around, names, 'having clause', planner, late).condition(select.having);
    const ordering = new Binder(around, names, 'order clause', planner, late);
    this.#orderBy = select.orderBy.map(({ value, descending }) => ({
      value: list.position(value, 'order clause') ?? ordering.bind(value),
      descending,
    }));
    this.#aggregates = aggregates;
    this.#limit = new LimitPlan(select.limit, around, planner);
  }

  get isCorrelated(): boolean {
    return this.#names.isCorrelated;
  }

  get #isGrouped(): boolean {
    return this.#groupBy.length > 0 || this.#aggregates.length > 0;
  }

  /** Its rows can be made one by one, while they are sent: TABLE(GENERATOR(n)). */
  get isStream(): boolean {
    const { distinct } = this.#select;
    return this.source instanceof Generated && !this.#isGrouped && !distinct && this.#orderBy.length === 0;
  }

  bounds(frame: Frame): Bounds {
    return this.#limit.bounds(frame);
  }

  rows(outer: Frame | null): readonly (readonly Value[])[] {
    const frame = frameFor(this.#around, outer);
    const bounds = this.bounds(frame);
    const rows = this.#sourceRows(frame);
    const { distinct } = this.#select;
    // Rows that nobody will see need not be made.
    const most = distinct || this.#orderBy.length > 0 ? Number.POSITIVE_INFINITY : bounds.offset + bounds.count;
    const made = this.#isGrouped ? this.#groups(rows, frame) : this.#plain(rows, frame, most);
    const kept = distinct ? withoutRepeats(made) : made;
    return cut(this.#sorted(kept), bounds);
  }

  #sourceRows(frame: Frame): readonly Row[] {
    const { source, where } = this;
    if (source instanceof TablePlan) return this.#tableRows(source, frame);
    const rows = source.rows(frame, where);
    const kept = where === null ? rows : rows.filter((row) => isFulfilled(where, row, frame));
    return this.#select.lock === null ? kept : this.#held(kept, this.#select.lock);
  }

  #tableRows({ table }: TablePlan, frame: Frame): readonly Row[] {
    const transaction = this.#reading.transaction();
    const found = matchingRows(table, transaction, this.where, frame);
    const rows: Row[] = [];
    const { lock } = this.#select;
    for (const { key, row } of found) {
      if (lock !== null && transaction !== null) {
        if (lock.skips && !transaction.mayHold(table, key)) continue;
        transaction.hold(table, key);
      }
      rows.push(row);
    }
    return rows;
  }

  /** FOR UPDATE of several tables: their rows are found again by their primary keys. */
  #held(rows: readonly Row[], lock: RowLock): readonly Row[] {
    const transaction = this.#reading.transaction();
    if (transaction === null) return rows;
    const places = rows.map((row) => this.#placesOf(row));
    const free = places.map((of) => !lock.skips || of.every(({ table, key }) => transaction.mayHold(table, key)));
    for (const [i, of] of places.entries()) {
      if (free[i] === true) for (const { table, key } of of) transaction.hold(table, key);
    }
    return lock.skips ? rows.filter((_, i) => free[i]) : rows;
  }

  /** The rows of tables that a row of the source is made of. */
  #placesOf(row: Row): readonly { readonly table: Table; readonly key: RowKey }[] {
    const places: { table: Table; key: RowKey }[] = [];
    for (const { table, columns } of this.source.named) {
      if (table === null || table.primary === null || columns.length === 0) continue;
      const start = columns[0]!.place;
      const key = table.primary.of(row.slice(start, start + columns.length));
      if (key !== null) places.push({ table, key });
    }
    return places;
  }

  #plain(rows: readonly Row[], frame: Frame, most: number): Made[] {
    const made: Made[] = [];
    for (const row of rows) {
      if (made.length >= most) break;
      frame.row = row;
      if (this.#having !== null && !isTrue(this.#having.value(frame))) continue;
      made.push(this.#make(frame));
    }
    return made;
  }

  #make(frame: Frame): Made {
    const values: Value[] = [];
    for (const it of this.values) values.push(it.value(frame));
    if (this.#orderBy.length === 0) return { values, keys: values };
    return { values, keys: this.#orderBy.map((it) => it.value.value(frame)) };
  }

  #groups(rows: readonly Row[], frame: Frame): Made[] {
    const groups = new Map<string, { readonly first: Row; readonly tallies: readonly Tally[] }>();
    for (const row of rows) {
      frame.row = row;
      const key = this.#groupBy.length === 0 ? '' : groupKey(this.#groupBy.map((it) => it.value(frame)));
      let group = groups.get(key);
      if (group === undefined) {
        group = { first: row, tallies: this.#aggregates.map((it) => new Tally(it)) };
        groups.set(key, group);
      }
      for (const tally of group.tallies) tally.add(frame);
    }
    // Without GROUP BY there is one group, even of no row.
    if (groups.size === 0 && this.#groupBy.length === 0) {
      groups.set('', { first: [], tallies: this.#aggregates.map((it) => new Tally(it)) });
    }
    const made: Made[] = [];
    for (const { first, tallies } of groups.values()) {
      frame.row = first;
      frame.aggregates = tallies.map((it) => it.result(frame));
      if (this.#having === null || isTrue(this.#having.value(frame))) made.push(this.#make(frame));
    }
    return made;
  }

  #sorted(made: readonly Made[]): readonly (readonly Value[])[] {
    if (this.#orderBy.length > 0) sortMade(made as Made[], this.#orderBy);
    return made.map((it) => it.values);
  }
}

function isFulfilled(where: Bound, row: Row, frame: Frame): boolean {
  frame.row = row;
  return isTrue(where.value(frame));
}

function sortMade(made: Made[], by: readonly SortKey[]): void {
  made.sort((a, b) => compareKeys(a.keys, b.keys, by));
}

export function compareKeys(
  a: readonly Value[],
  b: readonly Value[],
  by: readonly { readonly descending: boolean }[],
): number {
  for (let i = 0; i < by.length; i += 1) {
    const sign = order(a[i]!, b[i]!);
    if (sign !== 0) return by[i]!.descending ? -sign : sign;
  }
  return 0;
}

function withoutRepeats(made: readonly Made[]): Made[] {
  const seen = new Set<string>();
  const kept: Made[] = [];
  for (const it of made) {
    const key = groupKey(it.values);
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(it);
  }
  return kept;
}

export function cut<T>(rows: readonly T[], { offset, count }: Bounds): readonly T[] {
  return offset === 0 && count >= rows.length ? rows : rows.slice(offset, offset + count);
}

/** LIMIT, whose numbers may be parameters. */
export class LimitPlan {
  readonly #offset: Bound | null;
  readonly #count: Bound | null;

  constructor(limit: Limit | null, around: Surroundings, planner: Planner) {
    const binder = limit === null ? null : new Binder(around, new Names([], null), 'field list', planner);
    this.#offset = limit === null || limit.offset === null ? null : binder!.bind(limit.offset);
    this.#count = limit === null ? null : binder!.bind(limit.count);
  }

  bounds(frame: Frame): Bounds {
    return { offset: countOf(this.#offset, frame, 0), count: countOf(this.#count, frame, Number.POSITIVE_INFINITY) };
  }
}

function countOf(it: Bound | null, frame: Frame, none: number): number {
  if (it === null) return none;
  const value = it.value(frame);
  return value === null ? 0 : Math.max(0, Number(toInteger(value)));
}

/** The list of a SELECT with its stars spread out. */
class SelectList {
  readonly values: Bound[] = [];
  readonly columns: Column[] = [];
  readonly aliases = new Map<string, Bound>();

  constructor(select: Select, names: Names, binder: Binder) {
    for (const item of select.items) {
      if (item.kind === 'all') this.#spread(item.table, names);
      else this.#add(item.value, item.name, names, binder);
    }
  }

  #add(value: Expression, name: string, names: Names, binder: Binder): void {
    const bound = binder.bind(value);
    this.values.push(shown(bound));
    const found = value.kind === 'column' ? names.find(value, 'field list') : null;
    this.columns.push(found === null ? columnOf(bound.type, name) : definitionOf(found, name));
    if (!this.aliases.has(name.toLowerCase())) this.aliases.set(name.toLowerCase(), bound);
  }

  /** Columns that a USING shares come first, and once. */
  #spread(called: string | null, names: Names): void {
    if (names.sources.length === 0) throw refuse('NO_TABLES_USED');
    const wanted = names.sources.filter((it) => called === null || it.called.toLowerCase() === called.toLowerCase());
    if (wanted.length === 0) throw refuse('DROP_UNKNOWN_TABLE', called!);
    const shared = new Set<string>();
    if (called === null) {
      for (const source of wanted) for (const it of source.columns) if (it.shared) shared.add(it.name.toLowerCase());
    }
    for (const first of shared.size > 0 ? [true, false] : [false]) {
      for (const source of wanted) {
        for (const column of source.columns) {
          if (called === null && (column.shared || shared.has(column.name.toLowerCase()) !== first)) continue;
          this.values.push(shown(boundColumn(column)));
          this.columns.push(definitionOf({ source, column }, column.name));
        }
      }
    }
  }

  /** `2` in ORDER BY and GROUP BY is the second column; null for what is no number. */
  position(it: Expression, clause: Clause): Bound | null {
    if (it.kind !== 'literal' || typeof it.value !== 'bigint') return null;
    const meant = this.values[Number(it.value) - 1];
    if (meant === undefined) throw refuse('UNKNOWN_COLUMN', String(it.value), clause);
    return meant;
  }
}

/** The names that ORDER BY of a list of columns may use: the columns themselves. */
export function sortKeysByName(
  items: readonly OrderItem[],
  columns: readonly Column[],
): readonly { readonly index: number; readonly descending: boolean }[] {
  return items.map(({ value, descending }) => {
    const index =
      value.kind === 'literal' && typeof value.value === 'bigint'
        ? Number(value.value) - 1
        : value.kind === 'column'
          ? columns.findIndex((it) => it.name.toLowerCase() === value.name.toLowerCase())
          : -1;
    if (index < 0 || index >= columns.length) {
      throw refuse('UNKNOWN_COLUMN', value.kind === 'column' ? value.name : '?', 'order clause');
    }
    return { index, descending };
  });
}

export const NOTHING = new Nothing();
