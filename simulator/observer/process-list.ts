/**
 * SHOW [FULL] PROCESSLIST and `information_schema.PROCESSLIST`: which sessions somebody sees, and what of them
 * (observer.md §4).
 */
import { COLUMN } from '../../proxy/wire/constants.ts';
import type { Column } from '../../proxy/wire/result-set.ts';
import { integerColumn, textColumn } from './columns.ts';
import type { SessionContext } from './context.ts';
import type { House, OtherSession, ProcessRow } from './house.ts';
import type { Value } from './sql/value.ts';
import { maySeeAll } from './tenant.ts';

/** No database is this TEXT (observer.md §4.2). */
export const NO_DATABASE = 'NULL';

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
const REST: readonly Cell[] = [
  { column: textColumn('Host'), value: (row) => row.host },
  { column: textColumn('db'), value: (row) => row.database ?? NO_DATABASE },
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

function cells(full: boolean, context: SessionContext): readonly Cell[] {
  if (!full) return SHORT;
  return context.identity.tenant.isSys ? FULL_OF_SYS : FULL;
}

export function processColumns(full: boolean, context: SessionContext): readonly Column[] {
  return cells(full, context).map((it) => it.column);
}

export function processRows(full: boolean, context: SessionContext, house: House): readonly (readonly Value[])[] {
  const shown = cells(full, context);
  return visibleRows(context, house).map((row) => shown.map((it) => it.value(row)));
}

/** The sessions that somebody sees. */
export function visibleRows(context: SessionContext, house: House): readonly ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const session of house.sessions()) if (isVisible(session, context)) rows.push(session.processRow);
  return rows;
}

/** sys sees all; others their tenant, with PROCESS all of it, else their own (observer.md §4.3). */
function isVisible(session: OtherSession, context: SessionContext): boolean {
  const { tenant, user } = context.identity;
  if (tenant.isSys) return true;
  if (session.identity.tenant !== tenant) return false;
  return maySeeAll(user) || session.identity.user === user;
}
