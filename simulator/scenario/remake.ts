/**
 * The tables that pages assume, looked at before a scenario on somebody else's server, and made anew where they are not as
 * the topology has them.
 *
 * Looking takes every row's lock: so nobody who died in the last scenario holds one still. Knows SQL and topologies, and
 * nothing of pages.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec, DatabaseSpec, TableSpec } from '../world/topology.ts';
import type { Administrator } from './administrator.ts';

/** What MariaDB and OceanBase alike take for a VARCHAR of which no length is said. */
const DEFAULT_LENGTH = 255;
/** Databases of the server's own. */
const SYSTEM: ReadonlySet<string> = new Set(['oceanbase', 'information_schema', 'mysql']);

/** Puts the databases of a tenant right; answers with what had to be. */
export async function remake(by: Administrator, databases: readonly DatabaseSpec[]): Promise<readonly string[]> {
  const made: string[] = [];
  for (const { name, tables } of databases) {
    if (SYSTEM.has(name)) continue;
    await by.query(`CREATE DATABASE IF NOT EXISTS ${quoted(name)}`);
    const there = (await by.query(`SHOW TABLES FROM ${quoted(name)}`)).map((row) => row[0] ?? '');
    for (const table of there.filter((it) => !tables.some((spec) => spec.name === it))) {
      await by.query(`DROP TABLE ${quoted(name)}.${quoted(table)}`);
      made.push(`${name}.${table} dropped`);
    }
    for (const spec of tables) {
      const table = `${quoted(name)}.${quoted(spec.name)}`;
      const state = there.includes(spec.name) ? await look(by, table, spec) : 'another';
      if (state === 'right') continue;
      await fill(by, table, spec, state);
      made.push(`${name}.${spec.name}`);
    }
  }
  return made;
}

/** `right`, or how much is not: the rows, or the table itself. */
async function look(by: Administrator, table: string, spec: TableSpec): Promise<'right' | 'rows' | 'another'> {
  await by.query('BEGIN');
  try {
    const [result] = await by.ask(`SELECT * FROM ${table} FOR UPDATE`);
    if (result?.kind !== 'rows' || !sameColumns(result.columns, spec.columns)) return 'another';
    const wanted = spec.rows.map((row) => JSON.stringify(row.map((cell) => (cell === null ? null : String(cell)))));
    const there = result.rows.map((row) => JSON.stringify(row));
    return wanted.sort().join('\n') === there.sort().join('\n') ? 'right' : 'rows';
  } finally {
    await by.query('ROLLBACK');
  }
}

function sameColumns(there: readonly Column[], wanted: readonly ColumnSpec[]): boolean {
  return there.length === wanted.length && wanted.every(({ name }, at) => there[at]!.name === name);
}

/** Rows are put in anew where the table is right, for in a cluster a new one might be led from elsewhere. */
async function fill(by: Administrator, table: string, spec: TableSpec, state: 'rows' | 'another'): Promise<void> {
  if (state === 'another') {
    await by.query(`DROP TABLE IF EXISTS ${table}`);
    await by.query(`CREATE TABLE ${table} (${spec.columns.map(definition).join(', ')})`);
  } else {
    await by.query(`DELETE FROM ${table}`);
  }
  if (spec.rows.length === 0) return;
  await by.query(
    `INSERT INTO ${table} VALUES ${spec.rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ')}`,
  );
}

function definition({ name, type, length, notNull, primaryKey, autoIncrement }: ColumnSpec): string {
  const width = length ?? (type === 'VARCHAR' ? DEFAULT_LENGTH : null);
  const words = [quoted(name), width === null ? type : `${type}(${width})`];
  if (notNull) words.push('NOT NULL');
  if (autoIncrement) words.push('AUTO_INCREMENT');
  if (primaryKey) words.push('PRIMARY KEY');
  return words.join(' ');
}

function literal(cell: string | number | null): string {
  if (cell === null) return 'NULL';
  return typeof cell === 'number' ? String(cell) : `'${cell.replaceAll("'", "''")}'`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
