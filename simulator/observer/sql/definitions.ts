/**
 * The grammar of CREATE, DROP and TRUNCATE of databases and tables.
 *
 * A small part of OceanBase's: columns with a type, NULL-ness, AUTO_INCREMENT, and one primary key of one column.
 */
import type { ColumnSpec, ColumnType } from '../../world/topology.ts';
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseTableName } from './select.ts';
import type { Statement, TableName } from './syntax.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  TINYINT: 'INT',
  SMALLINT: 'INT',
  MEDIUMINT: 'INT',
  INT: 'INT',
  INTEGER: 'INT',
  BOOL: 'INT',
  BOOLEAN: 'INT',
  BIGINT: 'BIGINT',
  DECIMAL: 'DECIMAL',
  NUMERIC: 'DECIMAL',
  DOUBLE: 'DOUBLE',
  FLOAT: 'DOUBLE',
  CHAR: 'VARCHAR',
  VARCHAR: 'VARCHAR',
  TEXT: 'TEXT',
  LONGTEXT: 'TEXT',
  DATETIME: 'DATETIME',
  TIMESTAMP: 'DATETIME',
};

export function parseCreate(from: Cursor): Statement {
  from.expect('CREATE');
  if (from.accept('DATABASE') || from.accept('SCHEMA')) {
    const unlessExists = from.accept('IF', 'NOT', 'EXISTS');
    const name = from.name();
    databaseOptions(from);
    return { kind: 'create database', name, unlessExists };
  }
  if (!from.accept('TABLE')) {
    if (from.peek().kind === 'word') throw refuse('NOT_SUPPORTED');
    throw from.refusal();
  }
  const unlessExists = from.accept('IF', 'NOT', 'EXISTS');
  const table = parseTableName(from, false);
  if (!from.isMark('(')) throw from.isWord('LIKE') || from.isWord('AS') ? refuse('NOT_SUPPORTED') : from.refusal();
  const columns = tableElements(from);
  tableOptions(from);
  return { kind: 'create table', table, columns, unlessExists };
}

function databaseOptions(from: Cursor): void {
  while (!from.atEnd) {
    from.accept('DEFAULT');
    if (from.accept('CHARACTER', 'SET') || from.accept('CHARSET') || from.accept('COLLATE')) {
      from.acceptMark('=');
      from.anyName();
    } else {
      throw from.refusal();
    }
  }
}

/** `ENGINE = x`, `DEFAULT CHARSET = y`, … say nothing that matters here. */
function tableOptions(from: Cursor): void {
  while (!from.atEnd) {
    const token = from.take();
    if (token.kind === 'end') throw from.refusal();
    if (token.upper === 'PARTITION' || token.upper === 'SELECT' || token.upper === 'AS') throw refuse('NOT_SUPPORTED');
  }
}

function tableElements(from: Cursor): ColumnSpec[] {
  from.expectMark('(');
  const columns: ColumnSpec[] = [];
  let primaryKey: string | null = null;
  do {
    if (from.accept('PRIMARY', 'KEY')) {
      from.expectMark('(');
      primaryKey = from.name();
      if (from.isMark(',')) throw refuse('NOT_SUPPORTED');
      from.expectMark(')');
    } else if (['UNIQUE', 'KEY', 'INDEX', 'CONSTRAINT', 'FOREIGN', 'CHECK'].includes(from.peek().upper)) {
      throw refuse('NOT_SUPPORTED');
    } else {
      columns.push(column(from));
    }
  } while (from.acceptMark(','));
  from.expectMark(')');
  const key = primaryKey;
  if (key === null) return columns;
  return columns.map((it) =>
    it.name.toLowerCase() === key.toLowerCase() ? { ...it, primaryKey: true, notNull: true } : it,
  );
}

function column(from: Cursor): ColumnSpec {
  const name = from.name();
  const word = from.peek().upper;
  const type = TYPES[word];
  if (type === undefined) throw from.peek().kind === 'word' ? refuse('NOT_SUPPORTED_DETAIL', word) : from.refusal();
  from.take();
  if (from.acceptMark('(')) {
    do from.take();
    while (from.acceptMark(','));
    from.expectMark(')');
  }
  from.accept('UNSIGNED');
  let primaryKey = false;
  let autoIncrement = false;
  let notNull = false;
  for (;;) {
    if (from.accept('NOT', 'NULL')) notNull = true;
    else if (from.accept('NULL')) notNull = false;
    else if (from.accept('AUTO_INCREMENT')) autoIncrement = true;
    else if (from.accept('PRIMARY', 'KEY') || from.accept('KEY')) primaryKey = true;
    else if (from.accept('COMMENT')) from.take();
    else if (from.isWord('DEFAULT') && from.isWord('NULL', 1)) from.accept('DEFAULT', 'NULL');
    else if (from.isWord('DEFAULT') || from.isWord('UNIQUE')) throw refuse('NOT_SUPPORTED');
    else return { name, type, primaryKey, autoIncrement, notNull: notNull || primaryKey };
  }
}

export function parseDrop(from: Cursor): Statement {
  from.expect('DROP');
  if (from.accept('DATABASE') || from.accept('SCHEMA')) {
    const ifExists = from.accept('IF', 'EXISTS');
    return { kind: 'drop database', name: from.name(), ifExists };
  }
  if (!from.accept('TABLE')) {
    if (from.peek().kind === 'word') throw refuse('NOT_SUPPORTED');
    throw from.refusal();
  }
  const ifExists = from.accept('IF', 'EXISTS');
  const tables: TableName[] = [parseTableName(from, false)];
  while (from.acceptMark(',')) tables.push(parseTableName(from, false));
  return { kind: 'drop table', tables, ifExists };
}

export function parseTruncate(from: Cursor): Statement {
  from.expect('TRUNCATE');
  from.accept('TABLE');
  return { kind: 'truncate', table: parseTableName(from, false) };
}
