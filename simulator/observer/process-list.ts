/**
 * SHOW [FULL] PROCESSLIST and `information_schema.PROCESSLIST`: which sessions somebody sees, and what of them
 * (observer.md §4).
 */
import { COLUMN } from '../../proxy/wire/constants.ts';
import type { Column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec } from '../world/topology.ts';
import { integerColumn, textColumn } from './columns.ts';
import type { SessionContext } from './context.ts';
import type { House, OtherSession, ProcessRow } from './house.ts';
import type { TableName } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import { Table } from './store.ts';
import { maySeeAll } from './tenant.ts';

interface Cell {
  readonly column: Column;
  value(row: ProcessRow): Value;
}

function unsigned(name: string): Column {
  const it = integerColumn(name);
  return { ...it, flags: it.flags | COLUMN.UNSIGNED };
}

const ID: Cell = { column: unsigned('Id'), value: (row) => BigInt(row.id) };
const USER: Cell = { column: textColumn('User'), value: (row) => row.user };
const TENANT: Cell = { column: textColumn('Tenant'), value: (row) => row.tenant };
/** No database is the TEXT `NULL` (observer.md §4.2). */
const REST: readonly Cell[] = [
  { column: textColumn('Host'), value: (row) => row.host },
  { column: textColumn('db'), value: (row) => row.database ?? 'NULL' },
  { column: textColumn('Command'), value: (row) => row.command },
  { column: integerColumn('Time'), value: (row) => BigInt(row.seconds) },
  { column: textColumn('State'), value: (row) => row.state },
  { column: textColumn('Info'), value: (row) => row.info },
];
const PLACE: readonly Cell[] = [
  { column: textColumn('Ip'), value: (row) => row.ip },
  { column: integerColumn('Port'), value: (row) => BigInt(row.port) },
];
const PROXY: Cell = { column: unsigned('Proxy_sessid'), value: (row) => row.proxySessid };

const SHORT: readonly Cell[] = [ID, USER, ...REST];
const FULL: readonly Cell[] = [ID, USER, TENANT, ...REST, ...PLACE];
const FULL_OF_SYS: readonly Cell[] = [...FULL, PROXY];

/** Columns of `information_schema.PROCESSLIST` (observer.md §4.4). In this generation HOST is the other end of the connection (§4.2). */
const VIEW: readonly ColumnSpec[] = [
  { name: 'ID', type: 'BIGINT', notNull: true },
  { name: 'USER', type: 'VARCHAR', notNull: true },
  { name: 'HOST', type: 'VARCHAR', notNull: true },
  { name: 'DB', type: 'VARCHAR' },
  { name: 'COMMAND', type: 'VARCHAR', notNull: true },
  { name: 'TIME', type: 'BIGINT', notNull: true },
  { name: 'STATE', type: 'VARCHAR' },
  { name: 'INFO', type: 'VARCHAR' },
];

/** `information_schema.PROCESSLIST` as a table, as it is now; null if another table is meant. */
export function processTable(name: TableName, context: SessionContext, house: House): Table | null {
  const database = name.database ?? context.database;
  if (database?.toLowerCase() !== 'information_schema' || name.name.toLowerCase() !== 'processlist') return null;
  const table = new Table('information_schema', 'PROCESSLIST', VIEW);
  for (const row of processRows(false, context, house)) table.put(table.keyOf(row), row);
  return table;
}

function cells(full: boolean, context: SessionContext): readonly Cell[] {
  if (!full) return SHORT;
  return context.identity.tenant.isSys ? FULL_OF_SYS : FULL;
}

export function processColumns(full: boolean, context: SessionContext): readonly Column[] {
  return cells(full, context).map((it) => it.column);
}

export function processRows(full: boolean, context: SessionContext, house: House): readonly (readonly Value[])[] {
  const shown = cells(full, context);
  const rows: Value[][] = [];
  for (const session of house.sessions()) {
    if (!isVisible(session, context)) continue;
    const row = session.processRow;
    rows.push(shown.map((it) => it.value(row)));
  }
  return rows;
}

/** sys sees all; others their tenant, with PROCESS all of it, else their own (observer.md §4.3). */
function isVisible(session: OtherSession, context: SessionContext): boolean {
  const { tenant, user } = context.identity;
  if (tenant.isSys) return true;
  if (session.identity.tenant !== tenant) return false;
  return maySeeAll(user) || session.identity.user === user;
}
