/**
 * The tables of information_schema that clients and ORMs read, made when they are asked for.
 *
 * A table from the name to its columns and the rule that makes its rows. A column whose name begins with `#` is a number.
 */
import type { ColumnSpec } from '../world/topology.ts';
import { charsetList, collationList, STANDARD_COLLATION } from './charsets.ts';
import type { SessionContext } from './context.ts';
import {
  allKeys,
  CHARSET,
  collationText,
  defaultText,
  extraText,
  isRequired,
  isTextColumn,
  keyText,
  lengthsOf,
  precisionOf,
  typeText,
} from './describe-columns.ts';
import type { House } from './house.ts';
import { NO_DATABASE, visibleRows } from './process-list.ts';
import { refuse } from './refusal.ts';
import type { TableName } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import { type Database, Table } from './store.ts';
import { INFORMATION_SCHEMA } from './tenant.ts';
import { familyOf } from './types.ts';
import { VARIABLES_BY_NAME } from './variables.ts';

interface Virtual {
  readonly columns: string;
  rows(context: SessionContext, house: House): Value[][];
}

function databases(context: SessionContext): readonly Database[] {
  return context.identity.tenant.store.databases;
}

function eachTable(context: SessionContext, make: (table: Table) => Value[][]): Value[][] {
  return databases(context).flatMap((database) => database.tables.flatMap(make));
}

function columnRow(table: Table, spec: ColumnSpec, index: number): Value[] {
  const [precision, scale] = precisionOf(spec);
  const [characters, bytes] = lengthsOf(spec);
  const family = familyOf(spec.type);
  const isTime = family === 'datetime' || family === 'time';
  const isText = isTextColumn(spec);
  return [
    'def',
    table.database,
    table.name,
    spec.name,
    BigInt(index + 1),
    defaultText(spec),
    isRequired(spec) ? 'NO' : 'YES',
    spec.type.toLowerCase(),
    characters,
    bytes,
    precision,
    scale,
    isTime ? BigInt(spec.scale ?? 0) : null,
    isText ? CHARSET : null,
    collationText(spec),
    typeText(spec),
    keyText(table, index),
    extraText(spec),
    'select,insert,update,references',
    spec.comment ?? '',
    '',
  ];
}

function tableRow(table: Table): Value[] {
  const numbered = table.columns.some((it) => it.autoIncrement === true);
  return [
    'def',
    table.database,
    table.name,
    'BASE TABLE',
    'OceanBase',
    null,
    'DYNAMIC',
    BigInt(table.rows.size),
    null,
    null,
    null,
    null,
    null,
    numbered ? table.nextNumber : null,
    null,
    null,
    null,
    table.collation,
    null,
    null,
    table.comment,
  ];
}

function statisticsRows(table: Table): Value[][] {
  return allKeys(table).flatMap((key) =>
    key.columns.map((column, at) => [
      'def',
      table.database,
      table.name,
      key.unique ? 0n : 1n,
      table.database,
      key.name,
      BigInt(at + 1),
      table.columns[column]!.name,
      'A',
      null,
      null,
      null,
      isRequired(table.columns[column]!) ? '' : 'YES',
      'BTREE',
      '',
      '',
    ]),
  );
}

function keyUsageRows(table: Table): Value[][] {
  return allKeys(table)
    .filter((key) => key.unique)
    .flatMap((key) =>
      key.columns.map((column, at) => [
        'def',
        table.database,
        key.name,
        'def',
        table.database,
        table.name,
        table.columns[column]!.name,
        BigInt(at + 1),
        null,
        null,
        null,
        null,
      ]),
    );
}

function constraintRows(table: Table): Value[][] {
  return allKeys(table)
    .filter((key) => key.unique)
    .map((key) => [
      'def',
      table.database,
      key.name,
      table.database,
      table.name,
      key === table.primary ? 'PRIMARY KEY' : 'UNIQUE',
    ]);
}

function noRows(): Value[][] {
  return [];
}

const TABLES: Readonly<Record<string, Virtual>> = {
  SCHEMATA: {
    columns: 'CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH',
    rows: (context) =>
      [{ name: INFORMATION_SCHEMA, collation: STANDARD_COLLATION }, ...databases(context)].map(
        ({ name, collation }) => ['def', name, CHARSET, collation, null],
      ),
  },
  TABLES: {
    columns:
      'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE ENGINE #VERSION ROW_FORMAT #TABLE_ROWS #AVG_ROW_LENGTH #DATA_LENGTH ' +
      '#MAX_DATA_LENGTH #INDEX_LENGTH #DATA_FREE #AUTO_INCREMENT CREATE_TIME UPDATE_TIME CHECK_TIME TABLE_COLLATION ' +
      '#CHECKSUM CREATE_OPTIONS TABLE_COMMENT',
    rows: (context) => eachTable(context, (table) => [tableRow(table)]),
  },
  COLUMNS: {
    columns:
      'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME #ORDINAL_POSITION COLUMN_DEFAULT IS_NULLABLE DATA_TYPE ' +
      '#CHARACTER_MAXIMUM_LENGTH #CHARACTER_OCTET_LENGTH #NUMERIC_PRECISION #NUMERIC_SCALE #DATETIME_PRECISION ' +
      'CHARACTER_SET_NAME COLLATION_NAME COLUMN_TYPE COLUMN_KEY EXTRA PRIVILEGES COLUMN_COMMENT GENERATION_EXPRESSION',
    rows: (context) => eachTable(context, (table) => table.columns.map((spec, index) => columnRow(table, spec, index))),
  },
  STATISTICS: {
    columns:
      'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME #NON_UNIQUE INDEX_SCHEMA INDEX_NAME #SEQ_IN_INDEX COLUMN_NAME COLLATION ' +
      '#CARDINALITY #SUB_PART PACKED NULLABLE INDEX_TYPE COMMENT INDEX_COMMENT',
    rows: (context) => eachTable(context, statisticsRows),
  },
  KEY_COLUMN_USAGE: {
    columns:
      'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ' +
      '#ORDINAL_POSITION #POSITION_IN_UNIQUE_CONSTRAINT REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME REFERENCED_COLUMN_NAME',
    rows: (context) => eachTable(context, keyUsageRows),
  },
  TABLE_CONSTRAINTS: {
    columns: 'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA TABLE_NAME CONSTRAINT_TYPE',
    rows: (context) => eachTable(context, constraintRows),
  },
  REFERENTIAL_CONSTRAINTS: {
    columns:
      'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG UNIQUE_CONSTRAINT_SCHEMA ' +
      'UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE TABLE_NAME REFERENCED_TABLE_NAME',
    rows: noRows,
  },
  VIEWS: {
    columns: 'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME VIEW_DEFINITION CHECK_OPTION IS_UPDATABLE DEFINER SECURITY_TYPE',
    rows: noRows,
  },
  ROUTINES: { columns: 'SPECIFIC_NAME ROUTINE_CATALOG ROUTINE_SCHEMA ROUTINE_NAME ROUTINE_TYPE', rows: noRows },
  TRIGGERS: {
    columns:
      'TRIGGER_CATALOG TRIGGER_SCHEMA TRIGGER_NAME EVENT_MANIPULATION EVENT_OBJECT_CATALOG EVENT_OBJECT_SCHEMA ' +
      'EVENT_OBJECT_TABLE #ACTION_ORDER ACTION_STATEMENT ACTION_TIMING SQL_MODE DEFINER',
    rows: noRows,
  },
  PARTITIONS: { columns: 'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME PARTITION_NAME', rows: noRows },
  CHARACTER_SETS: {
    columns: 'CHARACTER_SET_NAME DEFAULT_COLLATE_NAME DESCRIPTION #MAXLEN',
    rows: () => charsetList().map(([name, description, collation, length]) => [name, collation, description, length]),
  },
  COLLATIONS: {
    columns: 'COLLATION_NAME CHARACTER_SET_NAME #ID IS_DEFAULT IS_COMPILED #SORTLEN',
    rows: () => collationList(),
  },
  ENGINES: {
    columns: 'ENGINE SUPPORT COMMENT TRANSACTIONS XA SAVEPOINTS',
    rows: () => [['OceanBase', 'DEFAULT', 'Supports transactions', 'YES', 'YES', 'YES']],
  },
  PROCESSLIST: {
    columns: '#ID USER HOST DB COMMAND #TIME STATE INFO',
    rows: (context, house) =>
      visibleRows(context, house).map((it) => [
        BigInt(it.id),
        it.user,
        it.host,
        it.database ?? NO_DATABASE,
        it.command,
        BigInt(it.seconds),
        it.state,
        it.info,
      ]),
  },
  SESSION_VARIABLES: {
    columns: 'VARIABLE_NAME VARIABLE_VALUE',
    rows: (context) => shown().map((it) => [it.name.toUpperCase(), context.variables.shown(it)]),
  },
  GLOBAL_VARIABLES: {
    columns: 'VARIABLE_NAME VARIABLE_VALUE',
    rows: (context) => shown().map((it) => [it.name.toUpperCase(), context.identity.tenant.shownGlobal(it)]),
  },
  SESSION_STATUS: { columns: 'VARIABLE_NAME VARIABLE_VALUE', rows: noRows },
  GLOBAL_STATUS: { columns: 'VARIABLE_NAME VARIABLE_VALUE', rows: noRows },
  USER_PRIVILEGES: { columns: 'GRANTEE TABLE_CATALOG PRIVILEGE_TYPE IS_GRANTABLE', rows: noRows },
  SCHEMA_PRIVILEGES: { columns: 'GRANTEE TABLE_CATALOG TABLE_SCHEMA PRIVILEGE_TYPE IS_GRANTABLE', rows: noRows },
};

function shown(): typeof VARIABLES_BY_NAME {
  return VARIABLES_BY_NAME.filter((it) => !it.hidden);
}

/** Names of the tables, for SHOW TABLES. */
export const VIRTUAL_NAMES: readonly string[] = Object.keys(TABLES).sort();

const WIDTH = 512;

function specsOf(columns: string): ColumnSpec[] {
  return columns
    .split(' ')
    .map((name) =>
      name.startsWith('#')
        ? { name: name.slice(1), type: 'BIGINT', unsigned: true }
        : { name, type: 'VARCHAR', length: WIDTH },
    );
}

/** The table of a name in information_schema, filled; null if the name is of another database. */
export function informationTable(name: TableName, context: SessionContext, house: House): Table | null {
  const database = name.database ?? context.database;
  if (database?.toLowerCase() !== INFORMATION_SCHEMA) return null;
  const found = TABLES[name.name.toUpperCase()];
  if (found === undefined) throw refuse('UNKNOWN_VIRTUAL_TABLE', name.name, INFORMATION_SCHEMA);
  const table = new Table(INFORMATION_SCHEMA, name.name.toUpperCase(), specsOf(found.columns));
  for (const row of found.rows(context, house)) table.put(table.keyOf(row), row);
  return table;
}
