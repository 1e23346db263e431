/**
 * ALTER TABLE, CREATE and DROP INDEX, RENAME TABLE: a new table is made of the old one, row by row, and takes its place.
 *
 * Each commits the open transaction first, and waits, as for a row, until no other transaction has changed the table.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { ColumnSpec, IndexSpec } from '../world/topology.ts';
import type { SessionContext } from './context.ts';
import { defaultOf } from './defaults.ts';
import { PRIMARY, type Row } from './indexes.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import type { Alteration, Statement, TableName } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import { Table } from './store.ts';
import { implicitDefault, Storing } from './storing.ts';
import { checkedColumns, checkedIndexes, collatedColumns } from './table-rules.ts';
import { duplicateText } from './uniqueness.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** Where a column of the new table has its values from: a column of the old one, or null for its default. */
interface NewColumn {
  readonly spec: ColumnSpec;
  readonly from: number | null;
}

export function runAlterTable(it: Of<'alter table'>, context: SessionContext): Outcome {
  context.commit();
  const draft = new Draft(context.table(it.table).expectUnlocked(), context);
  for (const change of it.changes) draft.apply(change);
  draft.finish();
  return DONE;
}

export function runCreateIndex(it: Of<'create index'>, context: SessionContext): Outcome {
  context.commit();
  const table = context.table(it.table);
  if (it.unlessExists && hasIndex(table, it.index.name)) {
    context.warn(errorOf('DUPLICATE_KEY_NAME', it.index.name), 'Note');
    return DONE;
  }
  const draft = new Draft(table.expectUnlocked(), context);
  draft.apply({ kind: 'add index', index: it.index });
  draft.finish();
  return DONE;
}

export function runDropIndex(it: Of<'drop index'>, context: SessionContext): Outcome {
  context.commit();
  const draft = new Draft(context.table(it.table).expectUnlocked(), context);
  draft.apply({ kind: 'drop index', name: it.name, ifExists: it.ifExists });
  draft.finish();
  return DONE;
}

export function runRenameTable(it: Of<'rename table'>, context: SessionContext): Outcome {
  context.commit();
  // All of them before the first is renamed: a statement that waits begins anew. Some may come to be by it only.
  for (const [from] of it.pairs) context.findTable(from)?.expectUnlocked();
  for (const [from, to] of it.pairs) {
    const draft = new Draft(context.table(from), context);
    draft.apply({ kind: 'rename', to });
    draft.finish();
  }
  return DONE;
}

function hasIndex(table: Table, name: string): boolean {
  return table.indexes.some((it) => it.name.toLowerCase() === name.toLowerCase());
}

/** The primary key of a draft is among its keys alone: it may be of several columns. `checkedColumns` marks them again. */
function unmarked(spec: ColumnSpec): ColumnSpec {
  return spec.primaryKey === true ? { ...spec, primaryKey: false } : spec;
}

class Draft {
  readonly #table: Table;
  readonly #context: SessionContext;
  #columns: NewColumn[];
  #indexes: readonly IndexSpec[];
  #name: TableName | null = null;
  #next: bigint;
  #collation: string;
  #hasChanged = false;

  constructor(table: Table, context: SessionContext) {
    this.#table = table;
    this.#context = context;
    this.#columns = table.columns.map((spec, from) => ({ spec: unmarked(spec), from }));
    this.#indexes = table.indexes;
    this.#next = table.nextNumber;
    this.#collation = table.collation;
  }

  apply(change: Alteration): void {
    if (change.kind === 'nothing') return;
    this.#hasChanged = true;
    switch (change.kind) {
      case 'add column':
        this.#addColumn(change.column, change.place);
        return;
      case 'drop column':
        this.#dropColumn(change.name);
        return;
      case 'change column':
        this.#change(change.from, change.column);
        return;
      case 'rename column': {
        const { spec } = this.#columns[this.#placeOf(change.from)]!;
        this.#change(change.from, { ...spec, name: change.to });
        return;
      }
      case 'default':
        this.#setDefault(change.column, change.to);
        return;
      case 'add index':
        this.#addIndex(change.index);
        return;
      case 'drop index':
        this.#dropIndex(change.name, change.ifExists);
        return;
      case 'rename index':
        this.#renameIndex(change.from, change.to);
        return;
      case 'collation':
        this.#collate(change.collation, change.converts);
        return;
      case 'rename':
        this.#name = change.to;
        return;
      case 'auto increment':
        if (change.next > this.#next) this.#next = change.next;
        return;
    }
  }

  #placeOf(name: string): number {
    const place = this.#columns.findIndex((it) => it.spec.name.toLowerCase() === name.toLowerCase());
    if (place < 0) throw refuse('UNKNOWN_COLUMN', name, this.#table.name);
    return place;
  }

  #addColumn(spec: ColumnSpec, place: string | 'first' | null): void {
    const at = place === null ? this.#columns.length : place === 'first' ? 0 : this.#placeOf(place) + 1;
    this.#columns.splice(at, 0, { spec: unmarked(this.#collated(spec)), from: null });
    this.#addMarked(spec);
  }

  #collated(spec: ColumnSpec): ColumnSpec {
    return collatedColumns([spec], this.#collation)[0]!;
  }

  /** A column that says itself that it is the primary key. */
  #addMarked(spec: ColumnSpec): void {
    if (spec.primaryKey === true) this.#addIndex({ name: PRIMARY, columns: [spec.name], unique: true });
  }

  /** The column goes out of its keys, and keys without columns go. */
  #dropColumn(name: string): void {
    const place = this.#columns.findIndex((it) => it.spec.name.toLowerCase() === name.toLowerCase());
    if (place < 0) throw refuse('CANNOT_DROP', name);
    if (this.#columns.length === 1) throw refuse('ALL_COLUMNS_GONE');
    this.#columns.splice(place, 1);
    this.#indexes = this.#indexes
      .map((it) => ({ ...it, columns: it.columns.filter((column) => column.toLowerCase() !== name.toLowerCase()) }))
      .filter((it) => it.columns.length > 0);
  }

  #change(name: string, spec: ColumnSpec): void {
    const place = this.#placeOf(name);
    this.#columns[place] = { spec: unmarked(this.#collated(spec)), from: this.#columns[place]!.from };
    this.#indexes = this.#indexes.map((it) => ({
      ...it,
      columns: it.columns.map((column) => (column.toLowerCase() === name.toLowerCase() ? spec.name : column)),
    }));
    this.#addMarked(spec);
  }

  #setDefault(name: string, to: string | null | undefined): void {
    const place = this.#placeOf(name);
    const { spec, from } = this.#columns[place]!;
    const { defaultValue: _before, ...rest } = spec;
    this.#columns[place] = { spec: to === undefined ? rest : { ...rest, defaultValue: to }, from };
  }

  #collate(collation: string, converts: boolean): void {
    this.#collation = collation;
    if (!converts) return;
    this.#columns = this.#columns.map(({ spec, from }) => {
      const { collation: _before, ...rest } = spec;
      return { spec: collatedColumns([rest], collation)[0]!, from };
    });
  }

  #addIndex(index: IndexSpec): void {
    if (index.name === PRIMARY && this.#indexes.some((it) => it.name === PRIMARY)) throw refuse('MULTIPLE_PRIMARY');
    this.#indexes = [...this.#indexes, index];
  }

  #dropIndex(name: string, ifExists: boolean): void {
    const kept = this.#indexes.filter((it) => it.name.toLowerCase() !== name.toLowerCase());
    if (kept.length === this.#indexes.length) {
      if (!ifExists) throw refuse('CANNOT_DROP', name);
      this.#context.warn(errorOf('CANNOT_DROP', name), 'Note');
      return;
    }
    this.#indexes = kept;
  }

  #renameIndex(from: string, to: string): void {
    if (!this.#indexes.some((it) => it.name.toLowerCase() === from.toLowerCase())) throw refuse('CANNOT_DROP', from);
    this.#indexes = this.#indexes.map((it) =>
      it.name.toLowerCase() === from.toLowerCase() ? { ...it, name: to } : it,
    );
  }

  /** Nothing of the old table changes until all of the new one is there. */
  finish(): void {
    if (!this.#hasChanged) return;
    const old = this.#table;
    const before = this.#context.databaseOf(old.database);
    const target =
      this.#name === null ? before : this.#context.databaseOf(this.#name.database ?? this.#context.database);
    const name = this.#name?.name.toLowerCase() ?? old.name;
    const moves = target !== before || name !== old.name;
    if (moves && target.find(name) !== null) throw refuse('TABLE_EXISTS', name);
    const specs = this.#columns.map((it) => it.spec);
    const indexes = checkedIndexes(specs, this.#indexes);
    const columns = checkedColumns(specs, indexes, this.#context);
    const made = new Table(target.name, name, columns, indexes, old.comment, this.#collation);
    made.nextNumber = this.#next;
    this.#fill(made);
    if (moves) before.drop(old.name);
    target.add(made);
  }

  #fill(made: Table): void {
    const storing = new Storing(this.#context, false);
    for (const key of this.#table.sortedKeys()) {
      const row = this.#row(this.#table.rows.get(key)!, made, storing);
      const taken = made.keyOf(row);
      if (made.rows.has(taken)) throw refuse('DUPLICATE_ENTRY', duplicateText(made.primary!, row), PRIMARY);
      for (const [index, unique] of made.secondary.keys.entries()) {
        const value = unique.unique ? unique.of(row) : null;
        if (value !== null && made.secondary.find(index, value).length > 0) {
          throw refuse('DUPLICATE_ENTRY', duplicateText(unique, row), unique.name);
        }
      }
      made.put(taken, row);
      storing.row += 1;
    }
  }

  #row(old: Row, made: Table, storing: Storing): Row {
    return this.#columns.map(({ from }, index): Value => {
      const spec = made.columns[index]!;
      if (from !== null) {
        const same = this.#table.columns[from]!.type === 'TIMESTAMP' && spec.type === 'TIMESTAMP';
        return same ? old[from]! : storing.kept(old[from]!, spec);
      }
      if (spec.autoIncrement === true) {
        made.nextNumber += 1n;
        return made.nextNumber - 1n;
      }
      const required = spec.notNull === true && spec.defaultValue === undefined && spec.defaultNow !== true;
      return required ? implicitDefault(spec) : defaultOf(spec, storing);
    });
  }
}
