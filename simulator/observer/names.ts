/**
 * What the names in a query mean: its sources, their columns, and the query around it.
 *
 * A row of a query is the columns of all its sources, one behind the other: a column is a place in it.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec } from '../world/topology.ts';
import { type Bound, ColumnValue, LocalTime, OuterColumn } from './bound.ts';
import { columnOf, tableColumn } from './columns.ts';
import { refuse } from './refusal.ts';
import type { Expression } from './sql/syntax.ts';
import type { Table } from './store.ts';
import { orNull, type SqlType, typeOfColumn } from './types.ts';

/** The words by which errors name a place. */
export type Clause = 'field list' | 'where clause' | 'order clause' | 'group statement' | 'having clause' | 'on clause';

export interface SourceColumn {
  readonly name: string;
  readonly type: SqlType;
  /** Where it stands in a row. */
  readonly place: number;
  /** Kept in UTC. */
  readonly local: boolean;
  /** JOIN … USING: the same column stands in an earlier source. */
  shared: boolean;
}

export interface NamedSource {
  readonly called: string;
  readonly database: string | null;
  /** Null for a query in brackets. */
  readonly table: Table | null;
  readonly columns: SourceColumn[];
}

/** The first source of a query, under its table's own name: always the same, and most statements have no other. */
const PLAIN = new WeakMap<Table, NamedSource>();

/** The source that a table is, its columns from `start` on. */
export function sourceOfTable(table: Table, called: string, start: number): NamedSource {
  if (start > 0 || called !== table.name) return makeSource(table, called, start);
  let plain = PLAIN.get(table);
  if (plain === undefined) {
    plain = makeSource(table, called, start);
    PLAIN.set(table, plain);
  }
  return plain;
}

/** The types of a list of columns: that of a view is the same at each query, and in each cluster. */
const TYPES = new WeakMap<readonly ColumnSpec[], readonly SqlType[]>();

function typesOf(columns: readonly ColumnSpec[]): readonly SqlType[] {
  let types = TYPES.get(columns);
  if (types === undefined) {
    types = columns.map(typeOfColumn);
    TYPES.set(columns, types);
  }
  return types;
}

function makeSource(table: Table, called: string, start: number): NamedSource {
  const types = typesOf(table.columns);
  const columns = table.columns.map((spec, index) => ({
    name: spec.name,
    type: types[index]!,
    place: start + index,
    local: spec.type === 'TIMESTAMP',
    shared: false,
  }));
  return { called, database: table.database, table, columns };
}

export interface Found {
  readonly source: NamedSource;
  readonly column: SourceColumn;
}

export class Names {
  readonly sources: readonly NamedSource[];
  readonly outer: Names | null;
  /** A column of a query around has been asked for: the rows are not the same each time. */
  isCorrelated = false;

  constructor(sources: readonly NamedSource[], outer: Names | null) {
    this.sources = sources;
    this.outer = outer;
  }

  get width(): number {
    let width = 0;
    for (const it of this.sources) width += it.columns.length;
    return width;
  }

  /** The column of a name; null if there is none, a `Refusal` 1052 if there are several. */
  find(it: Expression & { readonly kind: 'column' }, clause: Clause): Found | null {
    const wanted = it.name.toLowerCase();
    const called = it.table?.toLowerCase();
    let found: Found | null = null;
    for (const source of this.sources) {
      if (called !== undefined && source.called.toLowerCase() !== called) continue;
      if (it.database !== undefined && source.database !== it.database.toLowerCase()) continue;
      const column = columnIn(source, wanted);
      if (column === null || (column.shared && called === undefined)) continue;
      if (found !== null)
        throw refuse('AMBIGUOUS_COLUMN', it.table === null ? it.name : `${it.table}.${it.name}`, clause);
      found = { source, column };
    }
    return found;
  }

  /** The column of a name here or around; a `Refusal` 1054 if there is none. */
  bind(it: Expression & { readonly kind: 'column' }, clause: Clause): Bound {
    const found = this.find(it, clause);
    if (found !== null) return boundColumn(found.column);
    let depth = 0;
    for (let names = this.outer; names !== null; names = names.outer) {
      depth += 1;
      const around = names.find(it, clause);
      if (around === null) continue;
      this.#markCorrelated(depth);
      return new OuterColumn(boundColumn(around.column), depth);
    }
    throw refuse('UNKNOWN_COLUMN', it.table === null ? it.name : `${it.table}.${it.name}`, clause);
  }

  #markCorrelated(depth: number): void {
    let names: Names = this;
    for (let i = 0; i < depth; i += 1) {
      names.isCorrelated = true;
      names = names.outer!;
    }
  }
}

function columnIn(source: NamedSource, wanted: string): SourceColumn | null {
  if (source.table !== null) {
    const index = source.table.indexOf(wanted);
    return index < 0 ? null : source.columns[index]!;
  }
  return source.columns.find((it) => it.name.toLowerCase() === wanted) ?? null;
}

export function boundColumn(column: SourceColumn): Bound {
  const plain = new ColumnValue(column.type, column.place);
  return column.local ? new LocalTime(plain) : plain;
}

/** The definition of a column of a source, under a name. */
export function definitionOf({ source, column }: Found, name: string): Column {
  if (source.table !== null) {
    return tableColumn(source.table, source.called, source.columns.indexOf(column), name, column.type);
  }
  return { ...columnOf(column.type, name), table: source.called, orgName: column.name };
}

/** The same source where its row may be missing. */
export function optional(source: NamedSource): NamedSource {
  return { ...source, columns: source.columns.map((it) => ({ ...it, type: orNull(it.type) })) };
}
