/**
 * Tables that are not kept but made when they are asked for: information_schema, and the views of the tenant sys.
 */
import type { SessionContext } from './context.ts';
import type { House } from './house.ts';
import { informationTable } from './information-schema.ts';
import type { TableName } from './sql/syntax.ts';
import type { Table } from './store.ts';
import { systemView } from './system-views.ts';

/** Null if the name is that of a table of the tenant, or of none. */
export function virtualTable(name: TableName, context: SessionContext, house: House): Table | null {
  return informationTable(name, context, house) ?? systemView(name, context, house);
}
