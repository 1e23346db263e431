/**
 * SHOW: databases, tables, columns, variables, the process list; and what this simulation has nothing to say about.
 *
 * A table from the subject to its columns and rows, which LIKE and WHERE then filter.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec } from '../world/topology.ts';
import { checkNames, sourceOf, textColumn } from './columns.ts';
import type { SessionContext } from './context.ts';
import { evaluate, isLike, type Scope } from './evaluate.ts';
import type { House } from './house.ts';
import { type Outcome, ReadyRows } from './outcome.ts';
import { processColumns, processRows } from './process-list.ts';
import type { ShowFilter, ShowSubject, Statement } from './sql/syntax.ts';
import { isTrue, textOf, type Value } from './sql/value.ts';
import { Table } from './store.ts';
import { VARIABLES_BY_NAME } from './variables.ts';

type Subject<K extends ShowSubject['kind']> = Extract<ShowSubject, { readonly kind: K }>;

interface Listing {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
}

type Rule<S extends ShowSubject> = (it: S, context: SessionContext, house: House) => Listing;

const RULES: { readonly [K in ShowSubject['kind']]: Rule<Subject<K>> } = {
  databases: showDatabases,
  tables: showTables,
  columns: showColumns,
  variables: showVariables,
  processlist: (it, context, house) => ({
    columns: processColumns(it.full, context),
    rows: processRows(it.full, context, house),
  }),
  'create table': showCreateTable,
  nothing: (it) => ({ columns: it.columns.map(textColumn), rows: [] }),
};

export function runShow(
  { subject, filter }: Extract<Statement, { readonly kind: 'show' }>,
  context: SessionContext,
  house: House,
): Outcome {
  const listing = (RULES[subject.kind] as Rule<ShowSubject>)(subject, context, house);
  return { kind: 'rows', columns: listing.columns, rows: new ReadyRows(filtered(listing, filter, context)) };
}

function filtered(listing: Listing, filter: ShowFilter, context: SessionContext): readonly (readonly Value[])[] {
  const { like, where } = filter;
  if (like !== null) return listing.rows.filter((row) => isLike(textOf(row[0]!) ?? '', like));
  if (where === null) return listing.rows;
  const specs = listing.columns.map((it): ColumnSpec => ({ name: it.name, type: 'VARCHAR' }));
  const table = new Table('', '', specs);
  const source = sourceOf(table, { database: null, name: '', alias: null });
  checkNames(where, source, 'where clause', context);
  const scope: Scope = { around: context, table, row: null, aggregates: null };
  return listing.rows.filter((row) => {
    scope.row = row;
    return isTrue(evaluate(where, scope));
  });
}

function showDatabases(_it: Subject<'databases'>, context: SessionContext): Listing {
  const rows = context.identity.tenant.store.databases.map((it) => [it.name]);
  return { columns: [textColumn('Database')], rows };
}

function showTables(it: Subject<'tables'>, context: SessionContext): Listing {
  const database = context.databaseOf(it.database);
  const columns = [textColumn(`Tables_in_${database.name}`)];
  if (it.full) columns.push(textColumn('Table_type'));
  const rows = database.tables.map((table) => (it.full ? [table.name, 'BASE TABLE'] : [table.name]));
  return { columns, rows };
}

/** Types as SHOW COLUMNS writes them. */
const TYPE_TEXTS: Readonly<Record<ColumnSpec['type'], string>> = {
  INT: 'int(11)',
  BIGINT: 'bigint(20)',
  DECIMAL: 'decimal(10,0)',
  DOUBLE: 'double',
  VARCHAR: 'varchar(255)',
  TEXT: 'text',
  DATETIME: 'datetime',
};

function showColumns(it: Subject<'columns'>, context: SessionContext): Listing {
  const table = context.table(it.table);
  const rows = table.columns.map((spec): Value[] => {
    const key = spec.primaryKey === true ? 'PRI' : '';
    const nullable = spec.notNull === true ? 'NO' : 'YES';
    const extra = spec.autoIncrement === true ? 'auto_increment' : '';
    const type = TYPE_TEXTS[spec.type];
    if (!it.full) return [spec.name, type, nullable, key, null, extra];
    const collation = spec.type === 'VARCHAR' || spec.type === 'TEXT' ? 'utf8mb4_general_ci' : null;
    return [spec.name, type, collation, nullable, key, null, extra, 'SELECT,INSERT,UPDATE', ''];
  });
  const names = it.full
    ? ['Field', 'Type', 'Collation', 'Null', 'Key', 'Default', 'Extra', 'Privileges', 'Comment']
    : ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'];
  return { columns: names.map(textColumn), rows };
}

function showCreateTable(it: Subject<'create table'>, context: SessionContext): Listing {
  const table = context.table(it.table);
  const lines = table.columns.map((spec) => {
    const nullable = spec.notNull === true ? ' NOT NULL' : ' DEFAULT NULL';
    return `  \`${spec.name}\` ${TYPE_TEXTS[spec.type]}${nullable}${spec.autoIncrement === true ? ' AUTO_INCREMENT' : ''}`;
  });
  if (table.keyColumn >= 0) lines.push(`  PRIMARY KEY (\`${table.columns[table.keyColumn]!.name}\`)`);
  const text = `CREATE TABLE \`${table.name}\` (\n${lines.join(',\n')}\n) DEFAULT CHARSET = utf8mb4`;
  return { columns: [textColumn('Table'), textColumn('Create Table')], rows: [[table.name, text]] };
}

function showVariables(it: Subject<'variables'>, context: SessionContext): Listing {
  const rows: string[][] = [];
  for (const known of VARIABLES_BY_NAME) {
    if (known.hidden || (it.scope === 'global' && known.access === 'session')) continue;
    const text = it.scope === 'global' ? context.identity.tenant.shownGlobal(known) : context.variables.shown(known);
    rows.push([known.name, text]);
  }
  return { columns: [textColumn('Variable_name'), textColumn('Value')], rows };
}
