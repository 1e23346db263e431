/**
 * CREATE, DROP, TRUNCATE of databases and tables. Each commits the open transaction first, as in MySQL, and what takes a
 * table away waits, as for a row, until no other transaction has changed it.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { SessionContext } from './context.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import type { Statement } from './sql/syntax.ts';
import { Table } from './store.ts';
import { checkedColumns, checkedIndexes, collatedColumns, expectShort } from './table-rules.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

export function runCreateDatabase(it: Of<'create database'>, context: SessionContext): Outcome {
  context.commit();
  const { store } = context.identity.tenant;
  expectShort(it.name);
  if (store.find(it.name) === null) {
    store.add(it.name, it.collation ?? undefined);
    return { kind: 'done', affectedRows: 1, message: '' };
  }
  if (!it.unlessExists) throw refuse('DATABASE_EXISTS', it.name);
  context.warn(errorOf('DATABASE_EXISTS', it.name), 'Note');
  return DONE;
}

export function runDropDatabase(it: Of<'drop database'>, context: SessionContext): Outcome {
  context.commit();
  const { store } = context.identity.tenant;
  const found = store.find(it.name);
  if (found === null) {
    if (!it.ifExists) throw refuse('DROP_UNKNOWN_DATABASE', it.name);
    context.warn(errorOf('DROP_UNKNOWN_DATABASE', it.name), 'Note');
    return DONE;
  }
  for (const table of found.tables) table.expectUnlocked();
  const affectedRows = found.tables.length;
  store.drop(it.name);
  if (context.database === found.name) context.leaveDatabase();
  return { kind: 'done', affectedRows, message: '' };
}

export function runCreateTable(it: Of<'create table'>, context: SessionContext): Outcome {
  context.commit();
  expectShort(it.table.name);
  const database = context.databaseOf(it.table.database);
  if (exists(it, context)) return DONE;
  const indexes = checkedIndexes(it.columns, it.indexes);
  const collation = it.collation ?? database.collation;
  const columns = checkedColumns(collatedColumns(it.columns, collation), indexes, context);
  const table = new Table(database.name, it.table.name.toLowerCase(), columns, indexes, it.comment, collation);
  if (it.autoIncrement !== null) table.nextNumber = it.autoIncrement;
  database.add(table);
  return DONE;
}

/** True if the table is there already and the statement does not mind. */
function exists(it: Of<'create table'> | Of<'create table like'>, context: SessionContext): boolean {
  const database = context.databaseOf(it.table.database);
  if (database.find(it.table.name) === null) return false;
  if (!it.unlessExists) throw refuse('TABLE_EXISTS', it.table.name);
  context.warn(errorOf('TABLE_EXISTS', it.table.name), 'Note');
  return true;
}

export function runCreateLike(it: Of<'create table like'>, context: SessionContext): Outcome {
  context.commit();
  const database = context.databaseOf(it.table.database);
  const { columns, indexes, comment, collation } = context.table(it.like);
  if (!exists(it, context)) {
    database.add(new Table(database.name, it.table.name.toLowerCase(), columns, indexes, comment, collation));
  }
  return DONE;
}

/** Those that are there are dropped, even if others are not. */
export function runDropTable(it: Of<'drop table'>, context: SessionContext): Outcome {
  if (!it.temporary) context.commit();
  // All of them before the first goes: a statement that waits begins anew.
  if (!it.temporary) for (const name of it.tables) context.findTable(name)?.expectUnlocked();
  const missing: string[] = [];
  for (const name of it.tables) {
    const wanted = name.database ?? context.database;
    if (wanted === null) throw refuse('NO_DATABASE');
    const database = context.identity.tenant.store.find(wanted);
    if (it.temporary || database === null || database.find(name.name) === null) missing.push(`${wanted}.${name.name}`);
    else database.drop(name.name);
  }
  if (missing.length > 0 && !it.ifExists) throw refuse('DROP_UNKNOWN_TABLE', missing.join(','));
  for (const name of missing) context.warn(errorOf('DROP_UNKNOWN_TABLE', name), 'Note');
  return DONE;
}

export function runTruncate(it: Of<'truncate'>, context: SessionContext): Outcome {
  context.commit();
  const { columns, indexes, comment, collation, database, name } = context.table(it.table).expectUnlocked();
  context.databaseOf(database).add(new Table(database, name, columns, indexes, comment, collation));
  return DONE;
}
