/**
 * The grammar of CREATE, DROP, ALTER, RENAME and TRUNCATE of databases, tables and keys.
 *
 * Foreign keys and checks are accepted and have no effect: an observer would keep them, this simulation has no need of
 * them, and schemas of real applications must load. Engines and other options say nothing that matters.
 */
import type { ColumnSpec, IndexSpec } from '../../world/topology.ts';
import { collationOf } from '../charsets.ts';
import { refuse } from '../refusal.ts';
import { charsetName, parseColumn, skipBrackets, skipReference } from './column-definitions.ts';
import type { Cursor } from './cursor.ts';
import { parseTableName } from './sources.ts';
import type { Alteration, Statement, TableName } from './syntax.ts';
import { objectRefusal } from './unbuilt.ts';

export function parseCreate(from: Cursor): Statement {
  from.expect('CREATE');
  if (from.accept('DATABASE') || from.accept('SCHEMA')) {
    const unlessExists = from.accept('IF', 'NOT', 'EXISTS');
    const name = from.name();
    return { kind: 'create database', name, unlessExists, collation: databaseCollation(from) };
  }
  const unique = from.accept('UNIQUE');
  if (from.accept('INDEX')) return createIndex(from, unique);
  if (unique) throw from.refusal();
  // One server session alone would have it, which a proxy would have to stay on.
  if (from.accept('TEMPORARY')) throw refuse('NOT_SUPPORTED_DETAIL', 'CREATE TEMPORARY TABLE');
  if (!from.accept('TABLE')) throw objectRefusal(from);
  const unlessExists = from.accept('IF', 'NOT', 'EXISTS');
  const table = parseTableName(from, false);
  if (from.accept('LIKE')) return { kind: 'create table like', table, like: parseTableName(from, false), unlessExists };
  if (from.isMark('(') && from.isWord('LIKE', 1)) {
    from.take();
    from.take();
    const like = parseTableName(from, false);
    from.expectMark(')');
    return { kind: 'create table like', table, like, unlessExists };
  }
  if (!from.isMark('(')) throw from.isWord('AS') || from.isWord('SELECT') ? refuse('NOT_SUPPORTED') : from.refusal();
  const elements = tableElements(from);
  return { kind: 'create table', table, ...elements, ...tableOptions(from), unlessExists };
}

function databaseCollation(from: Cursor): string | null {
  const said = new SaidCollation();
  while (!from.atEnd) {
    from.accept('DEFAULT');
    if (!said.accept(from)) throw from.refusal();
  }
  return said.collation;
}

/** CHARACTER SET and COLLATE of a database or a table. */
class SaidCollation {
  #charset: string | null = null;
  #collation: string | null = null;

  accept(from: Cursor): boolean {
    const isCharset = from.accept('CHARACTER', 'SET') || from.accept('CHARSET');
    if (!isCharset && !from.accept('COLLATE')) return false;
    from.acceptMark('=');
    if (isCharset) this.#charset = charsetName(from);
    else this.#collation = charsetName(from);
    return true;
  }

  /** Null if nothing was said. */
  get collation(): string | null {
    return this.#charset === null && this.#collation === null ? null : collationOf(this.#charset, this.#collation);
  }
}

interface Options {
  readonly comment: string;
  readonly autoIncrement: bigint | null;
  readonly collation: string | null;
}

function tableOptions(from: Cursor): Options {
  let comment = '';
  let autoIncrement: bigint | null = null;
  const said = new SaidCollation();
  while (!from.atEnd) {
    from.acceptMark(',');
    const token = from.peek();
    if (token.upper === 'PARTITION') {
      partitions(from);
      continue;
    }
    if (token.upper === 'SELECT' || token.upper === 'AS') throw refuse('NOT_SUPPORTED');
    if (token.kind !== 'word') throw from.refusal();
    from.accept('DEFAULT');
    if (said.accept(from)) continue;
    const option = from.word();
    from.acceptMark('=');
    const value = from.take();
    if (value.kind === 'end') throw from.refusal();
    if (option === 'COMMENT') comment = value.text;
    if (option === 'AUTO_INCREMENT' && value.kind === 'integer') autoIncrement = BigInt(value.text);
  }
  return { comment, autoIncrement, collation: said.collation };
}

/** Partitions change nothing in a simulation that keeps all rows of a tenant in one place. */
function partitions(from: Cursor): void {
  from.expect('PARTITION', 'BY');
  while (!from.atEnd) {
    if (from.isMark('(')) skipBrackets(from);
    else if (from.peek().kind === 'end') throw from.refusal();
    else from.take();
  }
}

interface Elements {
  readonly columns: readonly ColumnSpec[];
  readonly indexes: readonly IndexSpec[];
}

function tableElements(from: Cursor): Elements {
  from.expectMark('(');
  const columns: ColumnSpec[] = [];
  const indexes: IndexSpec[] = [];
  do {
    const key = tableKey(from);
    if (key === null) {
      const { column, unique } = parseColumn(from);
      columns.push(column);
      if (unique) indexes.push({ name: '', columns: [column.name], unique: true });
    } else if (key !== 'nothing') {
      indexes.push(key);
    }
  } while (from.acceptMark(','));
  from.expectMark(')');
  return { columns, indexes };
}

const KEY_WORDS: readonly string[] = [
  'PRIMARY',
  'UNIQUE',
  'KEY',
  'INDEX',
  'CONSTRAINT',
  'FOREIGN',
  'CHECK',
  'FULLTEXT',
];

/** A key of a table; `'nothing'` for one without effect; null if none comes. An unnamed key has the name `''`. */
function tableKey(from: Cursor): IndexSpec | 'nothing' | null {
  if (!KEY_WORDS.includes(from.peek().upper) || from.peek().kind !== 'word') return null;
  let constraint = '';
  if (from.accept('CONSTRAINT') && from.isName()) constraint = from.name();
  if (from.accept('PRIMARY', 'KEY')) {
    keyType(from);
    const columns = keyColumns(from);
    keyOptions(from);
    return { name: 'PRIMARY', columns, unique: true };
  }
  if (from.accept('FOREIGN', 'KEY')) {
    if (from.isName()) from.name();
    skipBrackets(from);
    from.expect('REFERENCES');
    skipReference(from);
    return 'nothing';
  }
  if (from.accept('CHECK')) {
    skipBrackets(from);
    return 'nothing';
  }
  if (from.isWord('FULLTEXT')) throw refuse('NOT_SUPPORTED_DETAIL', 'FULLTEXT');
  const unique = from.accept('UNIQUE');
  if (!from.accept('KEY') && !from.accept('INDEX') && !unique) throw from.refusal();
  const name = from.isName() && !from.isMark('(') ? from.name() : constraint;
  keyType(from);
  const columns = keyColumns(from);
  keyOptions(from);
  return { name, columns, unique };
}

function keyType(from: Cursor): void {
  if (from.accept('USING')) from.take();
}

function keyOptions(from: Cursor): void {
  for (;;) {
    if (from.accept('USING') || from.accept('COMMENT')) from.take();
    else if (from.accept('KEY_BLOCK_SIZE')) {
      from.acceptMark('=');
      from.take();
    } else if (!from.accept('LOCAL') && !from.accept('GLOBAL')) return;
  }
}

/** Lengths of prefixes and orders are read and have no effect. */
function keyColumns(from: Cursor): string[] {
  from.expectMark('(');
  const columns: string[] = [];
  do {
    columns.push(from.name());
    if (from.isMark('(')) skipBrackets(from);
    if (!from.accept('ASC')) from.accept('DESC');
  } while (from.acceptMark(','));
  from.expectMark(')');
  return columns;
}

function createIndex(from: Cursor, unique: boolean): Statement {
  const unlessExists = from.accept('IF', 'NOT', 'EXISTS');
  const name = from.name();
  keyType(from);
  from.expect('ON');
  const table = parseTableName(from, false);
  const columns = keyColumns(from);
  keyOptions(from);
  return { kind: 'create index', table, index: { name, columns, unique }, unlessExists };
}

export function parseDrop(from: Cursor): Statement {
  from.expect('DROP');
  if (from.accept('DATABASE') || from.accept('SCHEMA')) {
    const ifExists = from.accept('IF', 'EXISTS');
    return { kind: 'drop database', name: from.name(), ifExists };
  }
  if (from.accept('INDEX')) {
    const ifExists = from.accept('IF', 'EXISTS');
    const name = from.isWord('PRIMARY') ? from.word() : from.name();
    from.expect('ON');
    return { kind: 'drop index', table: parseTableName(from, false), name, ifExists };
  }
  const temporary = from.accept('TEMPORARY');
  if (!from.accept('TABLE')) throw objectRefusal(from);
  const ifExists = from.accept('IF', 'EXISTS');
  const tables: TableName[] = [parseTableName(from, false)];
  while (from.acceptMark(',')) tables.push(parseTableName(from, false));
  if (!from.accept('CASCADE')) from.accept('RESTRICT');
  return { kind: 'drop table', tables, ifExists, temporary };
}

export function parseTruncate(from: Cursor): Statement {
  from.expect('TRUNCATE');
  from.accept('TABLE');
  return { kind: 'truncate', table: parseTableName(from, false) };
}

export function parseRename(from: Cursor): Statement {
  from.expect('RENAME', 'TABLE');
  const pairs: [TableName, TableName][] = [];
  do {
    const before = parseTableName(from, false);
    from.expect('TO');
    pairs.push([before, parseTableName(from, false)]);
  } while (from.acceptMark(','));
  return { kind: 'rename table', pairs };
}

export function parseAlter(from: Cursor): Statement {
  from.expect('ALTER');
  if (!from.accept('TABLE')) throw objectRefusal(from);
  const table = parseTableName(from, false);
  const changes: Alteration[] = [];
  do changes.push(...alteration(from));
  while (from.acceptMark(','));
  return { kind: 'alter table', table, changes };
}

function alteration(from: Cursor): readonly Alteration[] {
  if (from.accept('ADD')) return added(from);
  if (from.accept('DROP')) return [dropped(from)];
  if (from.accept('MODIFY')) {
    from.accept('COLUMN');
    return changed(from, null);
  }
  if (from.accept('CHANGE')) {
    from.accept('COLUMN');
    return changed(from, from.name());
  }
  if (from.accept('RENAME')) return [renamed(from)];
  if (from.accept('ALTER')) return [alteredDefault(from)];
  if (from.accept('AUTO_INCREMENT')) {
    from.acceptMark('=');
    if (from.peek().kind !== 'integer') throw from.refusal();
    return [{ kind: 'auto increment', next: BigInt(from.take().text) }];
  }
  return [collated(from) ?? optionOnly(from)];
}

/** CONVERT TO CHARACTER SET x [COLLATE y], and the same as the table's default for columns to come; null if neither comes. */
function collated(from: Cursor): Alteration | null {
  const converts = from.accept('CONVERT', 'TO');
  const isDefault = from.isWord('DEFAULT') && !from.isMark('=', 1);
  if (!converts && isDefault) from.take();
  const said = new SaidCollation();
  if (!said.accept(from)) return null;
  while (said.accept(from));
  return { kind: 'collation', collation: said.collation!, converts };
}

const OPTIONS = /^(ENGINE|COMMENT|ROW_FORMAT|ALGORITHM|LOCK|DISABLE|ENABLE)$/;

function optionOnly(from: Cursor): Alteration {
  if (!OPTIONS.test(from.peek().upper)) throw from.refusal();
  while (!from.atEnd && !from.isMark(',')) {
    if (from.peek().kind === 'end') throw from.refusal();
    from.take();
  }
  return { kind: 'nothing' };
}

function added(from: Cursor): readonly Alteration[] {
  const key = tableKey(from);
  if (key === 'nothing') return [{ kind: 'nothing' }];
  if (key !== null) return [{ kind: 'add index', index: key }];
  from.accept('COLUMN');
  from.accept('IF', 'NOT', 'EXISTS');
  const columns: Alteration[] = [];
  const several = from.acceptMark('(');
  do {
    const { column, unique } = parseColumn(from);
    columns.push({ kind: 'add column', column, place: several ? null : placeOf(from) });
    if (unique) columns.push({ kind: 'add index', index: { name: '', columns: [column.name], unique } });
  } while (several && from.acceptMark(','));
  if (several) from.expectMark(')');
  return columns;
}

function placeOf(from: Cursor): string | 'first' | null {
  if (from.accept('FIRST')) return 'first';
  return from.accept('AFTER') ? from.name() : null;
}

function dropped(from: Cursor): Alteration {
  if (from.accept('PRIMARY', 'KEY')) return { kind: 'drop index', name: 'PRIMARY', ifExists: false };
  if (from.accept('FOREIGN', 'KEY') || from.accept('CONSTRAINT') || from.accept('CHECK')) {
    from.accept('IF', 'EXISTS');
    from.name();
    return { kind: 'nothing' };
  }
  if (from.accept('INDEX') || from.accept('KEY')) {
    const ifExists = from.accept('IF', 'EXISTS');
    return { kind: 'drop index', name: from.name(), ifExists };
  }
  from.accept('COLUMN');
  return { kind: 'drop column', name: from.name() };
}

function changed(from: Cursor, before: string | null): readonly Alteration[] {
  const { column } = parseColumn(from);
  placeOf(from);
  return [{ kind: 'change column', from: before ?? column.name, column }];
}

function renamed(from: Cursor): Alteration {
  if (from.accept('COLUMN')) {
    const before = from.name();
    from.expect('TO');
    return { kind: 'rename column', from: before, to: from.name() };
  }
  if (from.accept('INDEX') || from.accept('KEY')) {
    const before = from.name();
    from.expect('TO');
    return { kind: 'rename index', from: before, to: from.name() };
  }
  if (!from.accept('TO')) from.accept('AS');
  return { kind: 'rename', to: parseTableName(from, false) };
}

function alteredDefault(from: Cursor): Alteration {
  from.accept('COLUMN');
  const column = from.name();
  if (from.accept('DROP')) {
    from.expect('DEFAULT');
    return { kind: 'default', column, to: undefined };
  }
  from.expect('SET', 'DEFAULT');
  const token = from.take();
  return { kind: 'default', column, to: token.upper === 'NULL' ? null : token.text };
}
