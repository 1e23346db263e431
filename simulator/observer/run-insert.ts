/**
 * INSERT and REPLACE, with what happens to a row that is there already.
 *
 * Knows nothing of answers. What fails half way is taken back by whoever runs the statement.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import { Binder } from './bind.ts';
import type { Bound, Frame } from './bound.ts';
import type { SessionContext } from './context.ts';
import { defaultOf } from './defaults.ts';
import type { House } from './house.ts';
import { boundColumn, Names, sourceOfTable } from './names.ts';
import type { Outcome } from './outcome.ts';
import { QueryPlanner } from './query-planner.ts';
import { refuse } from './refusal.ts';
import { changedRow, columnIndex, replaceRow, type Setting, same, settingsOf } from './run-changes.ts';
import { frameFor } from './select-plan.ts';
import type { Expression, Query, Statement } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import type { Row, Table, Transaction } from './store.ts';
import { Storing } from './storing.ts';
import { type Clash, clashOf, duplicate, duplicateText, holdUnique } from './uniqueness.ts';

type Insert = Extract<Statement, { readonly kind: 'insert' }>;

/** A cell that is to be written: a value, or null for DEFAULT. */
type Cell = Bound | null;

export function runInsert(it: Insert, context: SessionContext, house: House): Outcome {
  return new Insertion(it, context, house).run();
}

/** Finds its names, for PREPARE: a `Refusal` if one is wrong, or if there are too many or too few values in a row. */
export function checkInsert(it: Insert, context: SessionContext, house: House): void {
  new Insertion(it, context, house).check();
}

function isQuery(source: Insert['source']): source is Query {
  return !Array.isArray(source);
}

class Insertion {
  readonly #it: Insert;
  readonly #context: SessionContext;
  readonly #table: Table;
  readonly #planner: QueryPlanner;
  readonly #storing: Storing;
  readonly #updates: readonly Setting[] | null;
  #affected = 0;
  #duplicates = 0;
  #total = 0;
  /** How many AUTO_INCREMENT numbers its rows have asked for. */
  #asked = 0n;
  /** The number that the last row brought itself; null if none. */
  #given: bigint | null = null;
  /** How many rows were written. */
  #written = 0;

  constructor(it: Insert, context: SessionContext, house: House) {
    this.#it = it;
    this.#context = context;
    this.#table = context.table(it.table);
    this.#planner = new QueryPlanner(context, house);
    this.#storing = new Storing(context, it.onDuplicate === 'ignore');
    this.#updates = it.updates === null ? null : this.#boundUpdates(it.updates);
  }

  run(): Outcome {
    const { source } = this.#it;
    const indexes = this.#indexes();
    const first = this.#table.nextNumber;
    if (isQuery(source)) this.#insertQuery(source, indexes);
    else this.#insertRows(source, indexes);
    // The OK tells of it unless every row was ignored.
    if (this.#given !== null && this.#written > 0) this.#context.touched(this.#given);
    // As many numbers are gone as were asked for, used or not (InnoDB's mixed-mode inserts; an observer's cache likewise).
    const next = first + this.#asked;
    if (this.#asked > 0n && this.#table.nextNumber < next) this.#table.nextNumber = next;
    const several = isQuery(source) || source.length > 1;
    const message = several
      ? `Records: ${this.#total}  Duplicates: ${this.#duplicates}  Warnings: ${this.#context.warnings.count}`
      : '';
    return { kind: 'done', affectedRows: this.#affected, message };
  }

  /** How many columns a query gives is told by EXECUTE, as in MySQL. */
  check(): void {
    const { source } = this.#it;
    const indexes = this.#indexes();
    if (isQuery(source)) this.#planner.plan(source, null);
    else this.#bound(source, indexes);
  }

  /** The columns that values are given for. */
  #indexes(): readonly number[] {
    const { columns, source } = this.#it;
    if (columns === null || columns.length === 0) {
      const none = !isQuery(source) && source[0]!.length === 0;
      return none ? [] : this.#table.columns.map((_, index) => index);
    }
    const indexes = columns.map((name) => columnIndex(this.#table, name));
    for (const [at, index] of indexes.entries()) {
      if (indexes.indexOf(index) !== at) throw refuse('COLUMN_TWICE', columns[at]!);
    }
    return indexes;
  }

  /** In ON DUPLICATE KEY UPDATE a row is the old one, and the proposed one behind it. */
  #boundUpdates(updates: NonNullable<Insert['updates']>): readonly Setting[] {
    const table = this.#table;
    const named = sourceOfTable(table, table.name, 0);
    const proposed = sourceOfTable(table, '', table.columns.length);
    const binder = new Binder(this.#context, new Names([named], null), 'field list', this.#planner, {
      proposed: (column) => {
        const index = columnIndex(table, column);
        return boundColumn(proposed.columns[index]!);
      },
    });
    return settingsOf(table, updates, binder);
  }

  #bound(rows: readonly (readonly Expression[])[], indexes: readonly number[]): readonly (readonly Cell[])[] {
    for (const [at, cells] of rows.entries()) if (cells.length !== indexes.length) throw refuse('COLUMN_COUNT', at + 1);
    // A value may name a column: it has what was given to it before, from left to right.
    const names = new Names([sourceOfTable(this.#table, this.#it.table.name, 0)], null);
    const binder = new Binder(this.#context, names, 'field list', this.#planner);
    return rows.map((cells) => cells.map((cell, place): Cell => this.#cell(cell, indexes[place]!, binder)));
  }

  #insertRows(rows: readonly (readonly Expression[])[], indexes: readonly number[]): void {
    const bound = this.#bound(rows, indexes);
    const frame = frameFor(this.#context);
    const transaction = this.#context.writing();
    for (const [at, cells] of bound.entries()) {
      this.#storing.row = at + 1;
      this.#insert(this.#completed(cells, indexes, frame), transaction, frame);
    }
  }

  #cell(cell: Expression, index: number, binder: Binder): Cell {
    if (cell.kind !== 'default') return binder.bind(cell);
    const wanted = cell.column === null ? index : columnIndex(this.#table, cell.column);
    if (wanted === index) return null;
    throw refuse('NOT_SUPPORTED_DETAIL', 'DEFAULT of another column');
  }

  #insertQuery(query: Query, indexes: readonly number[]): void {
    const plan = this.#planner.plan(query, null);
    if (plan.types.length !== indexes.length) throw refuse('COLUMN_COUNT', 1);
    const frame = frameFor(this.#context);
    const rows = plan.rows(null);
    const transaction = this.#context.writing();
    for (const [at, values] of rows.entries()) {
      this.#storing.row = at + 1;
      this.#insert(this.#withDefaults(values, indexes), transaction, frame);
    }
  }

  #completed(cells: readonly Cell[], indexes: readonly number[], frame: Frame): Value[] {
    const { columns } = this.#table;
    const row = new Array<Value>(columns.length).fill(null);
    frame.row = row;
    const given = new Array<boolean>(columns.length).fill(false);
    for (let place = 0; place < cells.length; place += 1) {
      const cell = cells[place]!;
      const index = indexes[place]!;
      if (cell === null) continue;
      given[index] = true;
      row[index] = this.#keptCell(cell.value(frame), index);
    }
    for (let index = 0; index < columns.length; index += 1) {
      if (given[index] !== true) row[index] = this.#missing(index);
    }
    return row;
  }

  #withDefaults(values: readonly Value[], indexes: readonly number[]): Value[] {
    const { columns } = this.#table;
    const row = new Array<Value>(columns.length).fill(null);
    for (let index = 0; index < columns.length; index += 1) {
      const place = indexes.indexOf(index);
      row[index] = place < 0 ? this.#missing(index) : this.#keptCell(values[place]!, index);
    }
    return row;
  }

  #missing(index: number): Value {
    const spec = this.#table.columns[index]!;
    return spec.autoIncrement === true ? this.#keptCell(null, index) : defaultOf(spec, this.#storing);
  }

  #keptCell(value: Value, index: number): Value {
    const spec = this.#table.columns[index]!;
    if (spec.autoIncrement === true && value === null) return 0n;
    // A NULL in the only row is refused, in one of several replaced with a warning if the statement forgives.
    return this.#storing.kept(value, spec);
  }

  #insert(row: Value[], transaction: Transaction, frame: Frame): void {
    this.#total += 1;
    const numberedAt = this.#table.nextNumber;
    const generated = this.#numbered(row);
    const table = this.#table;
    if (table.primary !== null) transaction.hold(table, table.primary.of(row) ?? '');
    holdUnique(table, transaction, null, row);
    const clash = clashOf(table, transaction, row, null);
    if (clash === null) {
      transaction.write(table, table.keyOf(row), row);
      this.#wrote(generated);
      return;
    }
    this.#duplicates += 1;
    if (this.#it.onDuplicate === 'replace') {
      this.#replace(clash, row, transaction, generated);
      return;
    }
    // The number was not used: the next row of this statement has it.
    if (generated !== null) this.#table.nextNumber = numberedAt;
    if (this.#updates !== null) this.#update(clash, row, transaction, frame);
    else if (this.#it.onDuplicate === 'ignore') {
      this.#context.warn(errorOf('DUPLICATE_ENTRY', duplicateText(clash.of, row), clash.of.name));
    } else throw duplicate(clash, row);
  }

  /** A row is there now: numbers go on behind its own. */
  #wrote(generated: bigint | null): void {
    this.#affected += 1;
    this.#written += 1;
    if (generated !== null) this.#context.inserted(generated);
    else if (this.#given !== null && this.#given >= this.#table.nextNumber) this.#table.nextNumber = this.#given + 1n;
  }

  /** Gives the AUTO_INCREMENT column its number; the number if one was made. */
  #numbered(row: Value[]): bigint | null {
    const table = this.#table;
    const index = table.columns.findIndex((it) => it.autoIncrement === true);
    if (index < 0) return null;
    const value = row[index]!;
    if (value !== 0n) {
      if (typeof value !== 'bigint') return null;
      this.#given = value;
      return null;
    }
    const made = table.nextNumber;
    this.#asked += 1n;
    row[index] = this.#storing.kept(made, table.columns[index]!);
    table.nextNumber += 1n;
    return made;
  }

  /** Every row in the way goes; each counts as a row affected. */
  #replace(first: Clash, row: Row, transaction: Transaction, generated: bigint | null): void {
    const table = this.#table;
    for (let clash: Clash | null = first; clash !== null; clash = clashOf(table, transaction, row, null)) {
      holdUnique(table, transaction, clash.row, null);
      transaction.write(table, clash.key, null);
      this.#affected += same(clash.row, row) && clash.of === table.primary ? 0 : 1;
    }
    transaction.write(table, table.keyOf(row), row);
    this.#wrote(generated);
  }

  /** ON DUPLICATE KEY UPDATE: 2 rows affected if it changes something, else none (1 if the client counts rows found). */
  #update(clash: Clash, row: Row, transaction: Transaction, frame: Frame): void {
    const table = this.#table;
    transaction.hold(table, clash.key);
    frame.row = clash.row.concat(row);
    const next = changedRow(table, clash.row, this.#updates!, this.#storing, frame);
    this.#given = null;
    if (same(clash.row, next)) {
      this.#affected += this.#context.countsFound ? 1 : 0;
      return;
    }
    replaceRow(table, transaction, clash.key, clash.row, next);
    this.#affected += 2;
    const numbered = table.columns.findIndex((it) => it.autoIncrement === true);
    const id = numbered < 0 ? null : next[numbered]!;
    if (typeof id === 'bigint') this.#context.touched(id);
  }
}
