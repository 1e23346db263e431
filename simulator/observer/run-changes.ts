/**
 * UPDATE and DELETE; INSERT is in `run-insert.ts`.
 *
 * Knows nothing of answers. What fails half way is taken back by whoever runs the statement.
 */
import { Binder } from './bind.ts';
import type { Bound, Frame } from './bound.ts';
import type { SessionContext } from './context.ts';
import { currentTime, defaultOf } from './defaults.ts';
import type { House } from './house.ts';
import { type Match, matchingRows } from './matching.ts';
import { Names, sourceOfTable } from './names.ts';
import type { Outcome } from './outcome.ts';
import type { Planner } from './plan.ts';
import { QueryPlanner } from './query-planner.ts';
import { refuse } from './refusal.ts';
import { compareKeys, cut, frameFor, LimitPlan } from './select-plan.ts';
import type { Change, Expression, Limit, OrderItem, Statement } from './sql/syntax.ts';
import { textOf, type Value } from './sql/value.ts';
import type { Row, Table, Transaction } from './store.ts';
import { Storing } from './storing.ts';
import { clashOf, duplicate, holdUnique } from './uniqueness.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

export function columnIndex(table: Table, name: string): number {
  const index = table.indexOf(name);
  if (index < 0) throw refuse('UNKNOWN_COLUMN', name, 'field list');
  return index;
}

/** One `column = value`; null stands for DEFAULT. */
export interface Setting {
  readonly index: number;
  readonly value: Bound | null;
}

export function settingsOf(table: Table, changes: readonly Change[], binder: Binder): readonly Setting[] {
  return changes.map(([name, value]) => ({
    index: columnIndex(table, name),
    value: value.kind === 'default' && value.column === null ? null : binder.bind(value),
  }));
}

/** The row after the settings, from left to right: a later one sees the earlier ones, as in MySQL. */
export function changedRow(table: Table, row: Row, settings: readonly Setting[], storing: Storing, frame: Frame): Row {
  const next = row.slice();
  const seen = frame.row.slice();
  frame.row = seen;
  for (const { index, value } of settings) {
    const spec = table.columns[index]!;
    const kept = value === null ? defaultOf(spec, storing) : storing.kept(value.value(frame), spec);
    next[index] = kept;
    seen[index] = kept;
  }
  if (!same(row, next)) stampTimes(table, next, settings, storing);
  return next;
}

/** ON UPDATE CURRENT_TIMESTAMP, unless the statement sets the column itself. */
function stampTimes(table: Table, next: Value[], settings: readonly Setting[], storing: Storing): void {
  for (const [index, spec] of table.columns.entries()) {
    if (spec.onUpdateNow === true && !settings.some((it) => it.index === index))
      next[index] = currentTime(spec, storing);
  }
}

export function same(a: Row, b: Row): boolean {
  for (let i = 0; i < a.length; i += 1) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    if (Buffer.isBuffer(x) && Buffer.isBuffer(y) ? !x.equals(y) : textOf(x) !== textOf(y)) return false;
  }
  return true;
}

/** A row becomes another; one whose primary key has changed moves. */
export function replaceRow(table: Table, transaction: Transaction, key: Match['key'], before: Row, row: Row): void {
  const moved = table.primary === null ? key : table.keyOf(row);
  if (moved !== key) transaction.hold(table, moved);
  holdUnique(table, transaction, before, row);
  const clash = clashOf(table, transaction, row, key);
  if (clash !== null) throw duplicate(clash, row);
  if (moved !== key) transaction.write(table, key, null);
  transaction.write(table, moved, row);
}

interface Chosen {
  readonly where: Expression | null;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | null;
}

/** A statement about the rows of one table, its names found. */
class Target {
  readonly table: Table;
  readonly binder: Binder;
  readonly frame: Frame;
  readonly #where: Bound | null;
  readonly #orderBy: readonly { readonly value: Bound; readonly descending: boolean }[];
  readonly #limit: LimitPlan;

  constructor(it: Of<'update'> | Of<'delete'>, chosen: Chosen, context: SessionContext, planner: Planner) {
    this.table = context.table(it.table);
    const names = new Names([sourceOfTable(this.table, it.table.alias ?? it.table.name, 0)], null);
    this.binder = new Binder(context, names, 'field list', planner);
    const where = new Binder(context, names, 'where clause', planner);
    const ordering = new Binder(context, names, 'order clause', planner);
    this.frame = frameFor(context);
    this.#where = chosen.where === null ? null : where.bind(chosen.where);
    this.#orderBy = chosen.orderBy.map(({ value, descending }) => ({ value: ordering.bind(value), descending }));
    this.#limit = new LimitPlan(chosen.limit, context, planner);
  }

  matches(transaction: Transaction): readonly Match[] {
    const found = matchingRows(this.table, transaction, this.#where, this.frame);
    const bounds = this.#limit.bounds(this.frame);
    if (this.#orderBy.length === 0) return cut(found, bounds);
    const keyed = found.map((match) => {
      this.frame.row = match.row;
      return { match, keys: this.#orderBy.map((it) => it.value.value(this.frame)) };
    });
    keyed.sort((a, b) => compareKeys(a.keys, b.keys, this.#orderBy));
    return cut(
      keyed.map((it) => it.match),
      bounds,
    );
  }
}

/** Finds its names, for PREPARE: a `Refusal` if one is wrong. */
export function checkChange(it: Of<'update'> | Of<'delete'>, context: SessionContext, house: House): void {
  const target = new Target(it, it, context, new QueryPlanner(context, house));
  if (it.kind === 'update') settingsOf(target.table, it.assignments, target.binder);
}

export function runUpdate(it: Of<'update'>, context: SessionContext, house: House): Outcome {
  const target = new Target(it, it, context, new QueryPlanner(context, house));
  const { table, frame } = target;
  const settings = settingsOf(table, it.assignments, target.binder);
  const transaction = context.writing();
  const storing = new Storing(context, it.ignore);
  const matches = target.matches(transaction);
  let changed = 0;
  for (const { key, row } of matches) {
    transaction.hold(table, key);
    frame.row = row;
    const next = changedRow(table, row, settings, storing, frame);
    storing.row += 1;
    if (same(row, next)) continue;
    if (it.ignore && clashOf(table, transaction, next, key) !== null) continue;
    changed += 1;
    replaceRow(table, transaction, key, row, next);
  }
  const message = `Rows matched: ${matches.length}  Changed: ${changed}  Warnings: ${context.warnings.count}`;
  return { kind: 'done', affectedRows: context.countsFound ? matches.length : changed, message };
}

export function runDelete(it: Of<'delete'>, context: SessionContext, house: House): Outcome {
  const target = new Target(it, it, context, new QueryPlanner(context, house));
  const { table } = target;
  const transaction = context.writing();
  const matches = target.matches(transaction);
  for (const { key, row } of matches) {
    holdUnique(table, transaction, row, null);
    transaction.write(table, key, null);
  }
  return { kind: 'done', affectedRows: matches.length, message: '' };
}
