/**
 * SHOW: databases, tables, columns, keys, variables, character sets, messages; and what this simulation has nothing to
 * say about.
 *
 * A table from the subject to its columns and rows, which LIKE and WHERE then filter.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec } from '../world/topology.ts';
import { Binder } from './bind.ts';
import { charsetList, collationList } from './charsets.ts';
import { columnOf, integerColumn, textColumn } from './columns.ts';
import type { SessionContext } from './context.ts';
import {
  allKeys,
  collationText,
  collationWords,
  createText,
  defaultText,
  extraText,
  isRequired,
  keyText,
  quotedName,
  typeText,
} from './describe-columns.ts';
import type { House } from './house.ts';
import { VIRTUAL_NAMES } from './information-schema.ts';
import { Names, sourceOfTable } from './names.ts';
import { type Outcome, ReadyRows } from './outcome.ts';
import { processColumns, processRows } from './process-list.ts';
import { QueryPlanner } from './query-planner.ts';
import { cut, frameFor, LimitPlan } from './select-plan.ts';
import { isLike } from './sql/collation.ts';
import type { ShowFilter, ShowSubject, Statement } from './sql/syntax.ts';
import { isTrue, textOf, type Value } from './sql/value.ts';
import { Table } from './store.ts';
import { INFORMATION_SCHEMA } from './tenant.ts';
import { dateTimeType } from './types.ts';
import { VARIABLES_BY_NAME } from './variables.ts';
import { virtualTable } from './virtual-tables.ts';

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
  index: showIndex,
  'table status': showTableStatus,
  variables: showVariables,
  status: () => ({ columns: [textColumn('Variable_name'), textColumn('Value')], rows: [] }),
  collation: () => ({
    columns: [
      ...texts('Collation', 'Charset'),
      integerColumn('Id'),
      ...texts('Default', 'Compiled'),
      integerColumn('Sortlen'),
    ],
    rows: collationList(),
  }),
  charset: () => ({
    columns: [...texts('Charset', 'Description', 'Default collation'), integerColumn('Maxlen')],
    rows: charsetList(),
  }),
  engines: () => ({
    columns: texts('Engine', 'Support', 'Comment', 'Transactions', 'XA', 'Savepoints'),
    rows: [['OceanBase', 'DEFAULT', 'Supports transactions', 'YES', 'YES', 'YES']],
  }),
  privileges: () => ({ columns: texts('Privilege', 'Context', 'Comment'), rows: [] }),
  grants: (_it, context) => ({
    columns: [textColumn(`Grants for ${context.account}`)],
    rows: [[`GRANT ALL PRIVILEGES ON *.* TO '${context.identity.user.name}'`]],
  }),
  processlist: (it, context, house) => ({
    columns: processColumns(it.full, context),
    rows: processRows(it.full, context, house),
  }),
  'create table': showCreateTable,
  'create database': showCreateDatabase,
  messages: showMessages,
  'count messages': (it, context) => ({
    columns: [integerColumn(it.errorsOnly ? '@@session.error_count' : '@@session.warning_count')],
    rows: [[BigInt(it.errorsOnly ? context.warnings.errors : context.warnings.count)]],
  }),
  nothing: (it) => ({ columns: it.columns.map(emptyColumn), rows: [] }),
};

export function runShow(
  { subject, filter }: Extract<Statement, { readonly kind: 'show' }>,
  context: SessionContext,
  house: House,
): Outcome {
  const listing = (RULES[subject.kind] as Rule<ShowSubject>)(subject, context, house);
  return {
    kind: 'rows',
    columns: namedByPattern(listing.columns, subject, filter),
    rows: new ReadyRows(filtered(listing, filter, context, house)),
  };
}

/** Columns that never have a row; those of times say so. */
function emptyColumn(name: string): Column {
  return name === 'Created' || name === 'Modified' ? columnOf(dateTimeType(0), name) : textColumn(name);
}

function texts(...names: readonly string[]): Column[] {
  return names.map(textColumn);
}

/** `Database (a%)`: the pattern is part of the name. */
function namedByPattern(columns: readonly Column[], { kind }: ShowSubject, { like }: ShowFilter): readonly Column[] {
  if (like === null || (kind !== 'databases' && kind !== 'tables')) return columns;
  return columns.map((it, index) => (index === 0 ? { ...it, name: `${it.name} (${like})` } : it));
}

function filtered(
  listing: Listing,
  filter: ShowFilter,
  context: SessionContext,
  house: House,
): readonly (readonly Value[])[] {
  const { like, where } = filter;
  if (like !== null) return listing.rows.filter((row) => isLike(textOf(row[0]!) ?? '', like));
  if (where === null) return listing.rows;
  const specs = listing.columns.map((it): ColumnSpec => ({ name: it.name, type: 'VARCHAR' }));
  const names = new Names([sourceOfTable(new Table('', '', specs), '', 0)], null);
  const condition = new Binder(context, names, 'where clause', new QueryPlanner(context, house)).bind(where);
  const frame = frameFor(context);
  return listing.rows.filter((row) => {
    frame.row = row.map(textOf);
    return isTrue(condition.value(frame));
  });
}

function showDatabases(_it: Subject<'databases'>, context: SessionContext): Listing {
  const names = [INFORMATION_SCHEMA, ...context.identity.tenant.store.databases.map((it) => it.name)];
  return { columns: [textColumn('Database')], rows: names.sort().map((name) => [name]) };
}

function showTables(it: Subject<'tables'>, context: SessionContext): Listing {
  const virtual = (it.database ?? context.database)?.toLowerCase() === INFORMATION_SCHEMA;
  const database = virtual ? null : context.databaseOf(it.database);
  const names = database === null ? VIRTUAL_NAMES : database.tables.map((table) => table.name);
  const columns = [textColumn(`Tables_in_${database?.name ?? INFORMATION_SCHEMA}`)];
  if (it.full) columns.push(textColumn('Table_type'));
  const type = virtual ? 'SYSTEM VIEW' : 'BASE TABLE';
  return { columns, rows: names.map((name) => (it.full ? [name, type] : [name])) };
}

function tableOf(it: Subject<'columns'>['table'], context: SessionContext, house: House): Table {
  return virtualTable(it, context, house) ?? context.table(it);
}

function showColumns(it: Subject<'columns'>, context: SessionContext, house: House): Listing {
  const table = tableOf(it.table, context, house);
  const rows = table.columns.map((spec, index): Value[] => {
    const nullable = isRequired(spec) ? 'NO' : 'YES';
    const key = keyText(table, index);
    const tail = [defaultText(spec), extraText(spec)];
    if (!it.full) return [spec.name, typeText(spec), nullable, key, ...tail];
    const collation = collationText(spec);
    const privileges = 'select,insert,update,references';
    return [spec.name, typeText(spec), collation, nullable, key, ...tail, privileges, spec.comment ?? ''];
  });
  const columns = it.full
    ? texts('Field', 'Type', 'Collation', 'Null', 'Key', 'Default', 'Extra', 'Privileges', 'Comment')
    : texts('Field', 'Type', 'Null', 'Key', 'Default', 'Extra');
  return { columns, rows };
}

function showIndex(it: Subject<'index'>, context: SessionContext, house: House): Listing {
  const table = tableOf(it.table, context, house);
  const rows = allKeys(table).flatMap((key) =>
    key.columns.map((column, at): Value[] => {
      const spec = table.columns[column]!;
      const place = [key.unique ? 0n : 1n, key.name, BigInt(at + 1), spec.name];
      return [table.name, ...place, 'A', null, null, null, isRequired(spec) ? '' : 'YES', 'BTREE', '', ''];
    }),
  );
  const columns = [
    textColumn('Table'),
    integerColumn('Non_unique'),
    textColumn('Key_name'),
    integerColumn('Seq_in_index'),
    ...texts('Column_name', 'Collation'),
    integerColumn('Cardinality'),
    integerColumn('Sub_part'),
    ...texts('Packed', 'Null', 'Index_type', 'Comment', 'Index_comment'),
  ];
  return { columns, rows };
}

const STATUS_COLUMNS =
  'Name Engine #Version Row_format #Rows #Avg_row_length #Data_length #Max_data_length #Index_length #Data_free ' +
  '#Auto_increment Create_time Update_time Check_time Collation #Checksum Create_options Comment';

function showTableStatus(it: Subject<'table status'>, context: SessionContext): Listing {
  const columns = STATUS_COLUMNS.split(' ').map((name) =>
    name.startsWith('#') ? integerColumn(name.slice(1)) : textColumn(name),
  );
  const rows = context.databaseOf(it.database).tables.map((table): Value[] => {
    const next = table.columns.some((spec) => spec.autoIncrement === true) ? table.nextNumber : null;
    const size = [null, 'DYNAMIC', BigInt(table.rows.size), null, null, null, null, null, next];
    return [table.name, 'OceanBase', ...size, null, null, null, table.collation, null, '', table.comment];
  });
  return { columns, rows };
}

function showCreateTable(it: Subject<'create table'>, context: SessionContext, house: House): Listing {
  const table = tableOf(it.table, context, house);
  return { columns: texts('Table', 'Create Table'), rows: [[table.name, createText(table)]] };
}

function showCreateDatabase(it: Subject<'create database'>, context: SessionContext): Listing {
  const { name, collation } = context.databaseOf(it.name);
  const text = `CREATE DATABASE ${quotedName(name)} DEFAULT CHARACTER SET = ${collationWords(collation)}`;
  return { columns: texts('Database', 'Create Database'), rows: [[name, text]] };
}

function showMessages(it: Subject<'messages'>, context: SessionContext, house: House): Listing {
  const kept = context.warnings.kept.filter((one) => !it.errorsOnly || one.level === 'Error');
  const bounds = new LimitPlan(it.limit, context, new QueryPlanner(context, house)).bounds(frameFor(context));
  const rows = cut(kept, bounds).map((one): Value[] => [one.level, BigInt(one.code), one.text]);
  return { columns: [textColumn('Level'), integerColumn('Code'), textColumn('Message')], rows };
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
