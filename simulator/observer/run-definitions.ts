/**
 * CREATE, DROP, TRUNCATE of databases and tables. Each commits the open transaction first, as in MySQL.
 */
import type { SessionContext } from './context.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import type { Statement } from './sql/syntax.ts';
import { Table } from './store.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

export function runCreateDatabase(it: Of<'create database'>, context: SessionContext): Outcome {
  context.commit();
  const { store } = context.identity.tenant;
  if (store.find(it.name) === null) {
    store.add(it.name);
    return { kind: 'done', affectedRows: 1, message: '' };
  }
  if (!it.unlessExists) throw refuse('DATABASE_EXISTS', it.name);
  return DONE;
}

export function runDropDatabase(it: Of<'drop database'>, context: SessionContext): Outcome {
  context.commit();
  const { store } = context.identity.tenant;
  const found = store.find(it.name);
  if (found === null) {
    if (!it.ifExists) throw refuse('DROP_UNKNOWN_DATABASE', it.name);
    return DONE;
  }
  const affectedRows = found.tables.length;
  store.drop(it.name);
  if (context.database === found.name) context.leaveDatabase();
  return { kind: 'done', affectedRows, message: '' };
}

export function runCreateTable(it: Of<'create table'>, context: SessionContext): Outcome {
  context.commit();
  const database = context.databaseOf(it.table.database);
  if (database.find(it.table.name) !== null) {
    if (!it.unlessExists) throw refuse('TABLE_EXISTS', it.table.name);
    return DONE;
  }
  database.add(new Table(database.name, it.table.name.toLowerCase(), it.columns));
  return DONE;
}

export function runDropTable(it: Of<'drop table'>, context: SessionContext): Outcome {
  context.commit();
  for (const name of it.tables) {
    const database = context.databaseOf(name.database);
    if (database.find(name.name) === null) {
      if (!it.ifExists) throw refuse('DROP_UNKNOWN_TABLE', `${database.name}.${name.name}`);
      continue;
    }
    database.drop(name.name);
  }
  return DONE;
}

export function runTruncate(it: Of<'truncate'>, context: SessionContext): Outcome {
  context.commit();
  const table = context.table(it.table);
  context.databaseOf(it.table.database).add(new Table(table.database, table.name, table.columns));
  return DONE;
}
