/**
 * The grammar of a column: its type, and what stands behind it.
 *
 * Types that this simulation does not keep (BIT, JSON, SET, spatial ones) are refused as not supported.
 */
import type { ColumnSpec, ColumnType } from '../../world/topology.ts';
import { collationOf } from '../charsets.ts';
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import { textOf } from './value.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  TINYINT: 'TINYINT',
  BOOL: 'TINYINT',
  BOOLEAN: 'TINYINT',
  SMALLINT: 'SMALLINT',
  MEDIUMINT: 'MEDIUMINT',
  INT: 'INT',
  INTEGER: 'INT',
  BIGINT: 'BIGINT',
  SERIAL: 'BIGINT',
  DECIMAL: 'DECIMAL',
  DEC: 'DECIMAL',
  NUMERIC: 'DECIMAL',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  REAL: 'DOUBLE',
  CHAR: 'CHAR',
  CHARACTER: 'CHAR',
  NCHAR: 'CHAR',
  VARCHAR: 'VARCHAR',
  NVARCHAR: 'VARCHAR',
  TINYTEXT: 'TINYTEXT',
  TEXT: 'TEXT',
  MEDIUMTEXT: 'MEDIUMTEXT',
  LONGTEXT: 'LONGTEXT',
  BINARY: 'BINARY',
  VARBINARY: 'VARBINARY',
  TINYBLOB: 'TINYBLOB',
  BLOB: 'BLOB',
  MEDIUMBLOB: 'MEDIUMBLOB',
  LONGBLOB: 'LONGBLOB',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  TIMESTAMP: 'TIMESTAMP',
  YEAR: 'YEAR',
  ENUM: 'ENUM',
};

const TIMES: ReadonlySet<ColumnType> = new Set(['TIME', 'DATETIME', 'TIMESTAMP']);
const FLOATING: ReadonlySet<ColumnType> = new Set(['FLOAT', 'DOUBLE']);
const NEEDS_LENGTH: ReadonlySet<ColumnType> = new Set(['VARCHAR', 'VARBINARY']);

export type ColumnDraft = { -readonly [K in keyof ColumnSpec]: ColumnSpec[K] };

/** A column, and the keys that it asks for itself. */
export interface ParsedColumn {
  readonly column: ColumnSpec;
  readonly unique: boolean;
}

/** Most digits of a DECIMAL, and behind its point. */
const MOST_DIGITS = 65;
const MOST_SCALE = 30;
const DECIMAL_DIGITS = 10;

export function parseColumn(from: Cursor): ParsedColumn {
  const name = from.name();
  const draft = columnType(from, name);
  return traits(from, draft);
}

function columnType(from: Cursor, name: string): ColumnDraft {
  const token = from.peek();
  const word = token.upper;
  const type = TYPES[word];
  if (type === undefined) {
    const known = /^(BIT|JSON|SET|GEOMETRY|POINT|LINESTRING|POLYGON|LONG|NATIONAL)$/.test(word);
    throw known ? refuse('NOT_SUPPORTED_DETAIL', word) : from.refusal();
  }
  from.take();
  if (word === 'DOUBLE') from.accept('PRECISION');
  if (word === 'CHARACTER' || word === 'CHAR') {
    if (from.accept('VARYING')) return sized(from, { name, type: 'VARCHAR' });
  }
  const draft: ColumnDraft = { name, type };
  if (word === 'BOOL' || word === 'BOOLEAN') draft.length = 1;
  if (word === 'SERIAL') Object.assign(draft, { unsigned: true, notNull: true, autoIncrement: true });
  if (type === 'DECIMAL') draft.length = DECIMAL_DIGITS;
  if (type === 'ENUM') return enumeration(from, draft);
  return sized(from, draft);
}

function sized(from: Cursor, draft: ColumnDraft): ColumnDraft {
  const { type } = draft;
  if (from.acceptMark('(')) {
    const first = wholeNumber(from);
    const second = from.acceptMark(',') ? wholeNumber(from) : null;
    from.expectMark(')');
    if (TIMES.has(type)) {
      if (first > 6) throw refuse('TOO_BIG_PRECISION', first, draft.name, 6);
      draft.scale = first;
    } else if (FLOATING.has(type)) {
      if (second !== null) Object.assign(draft, { length: first, scale: second });
      else if (first > 24) draft.type = 'DOUBLE';
    } else {
      draft.length = first;
      if (second !== null) draft.scale = second;
    }
    if (type === 'DECIMAL') checkDecimal(draft);
  } else if (NEEDS_LENGTH.has(type)) {
    throw from.refusal();
  }
  for (;;) {
    if (from.accept('UNSIGNED') || from.accept('ZEROFILL')) draft.unsigned = true;
    else if (!from.accept('SIGNED')) return draft;
  }
}

function checkDecimal({ name, length = DECIMAL_DIGITS, scale = 0 }: ColumnDraft): void {
  if (scale > MOST_SCALE) throw refuse('TOO_BIG_SCALE', scale, name, MOST_SCALE);
  if (length > MOST_DIGITS) throw refuse('TOO_BIG_PRECISION', length, name, MOST_DIGITS);
  if (scale > length) throw refuse('SCALE_OVER_PRECISION', name);
}

function enumeration(from: Cursor, draft: ColumnDraft): ColumnDraft {
  const values: string[] = [];
  from.expectMark('(');
  do {
    if (from.peek().kind !== 'string') throw from.refusal();
    values.push(from.take().text);
  } while (from.acceptMark(','));
  from.expectMark(')');
  draft.values = values;
  return draft;
}

function wholeNumber(from: Cursor): number {
  if (from.peek().kind !== 'integer') throw from.refusal();
  return Number(from.take().text);
}

function traits(from: Cursor, draft: ColumnDraft): ParsedColumn {
  let unique = draft.name !== '' && draft.type === 'BIGINT' && draft.autoIncrement === true;
  let charset: string | null = null;
  let collation: string | null = null;
  let isBinary = false;
  for (;;) {
    if (from.accept('NOT', 'NULL')) draft.notNull = true;
    else if (from.accept('NULL')) draft.notNull = false;
    else if (from.accept('AUTO_INCREMENT')) draft.autoIncrement = true;
    else if (from.accept('UNIQUE')) {
      from.accept('KEY');
      unique = true;
    } else if (from.accept('PRIMARY', 'KEY') || from.accept('KEY'))
      Object.assign(draft, { primaryKey: true, notNull: true });
    else if (from.accept('COMMENT')) draft.comment = text(from);
    else if (from.accept('DEFAULT')) defaultValue(from, draft);
    else if (from.accept('ON', 'UPDATE')) {
      now(from);
      draft.onUpdateNow = true;
    } else if (from.accept('CHARACTER', 'SET') || from.accept('CHARSET')) charset = charsetName(from);
    else if (from.accept('COLLATE')) collation = charsetName(from);
    else if (from.accept('BINARY')) isBinary = true;
    else if (!ignored(from)) break;
  }
  if (isBinary && collation === null) {
    collation = `${collationOf(charset ?? 'utf8mb4', null).replace(/_.*/, '')}_bin`;
  }
  if (charset !== null || collation !== null) collate(draft, collationOf(charset, collation));
  return { column: draft, unique };
}

/** The name of a character set or a collation, quoted or not. */
export function charsetName(from: Cursor): string {
  return from.peek().kind === 'string' ? from.take().text : from.anyName();
}

/** A text of the character set `binary` is a binary string. */
const BINARY_TYPES: Partial<Readonly<Record<ColumnType, ColumnType>>> = {
  CHAR: 'BINARY',
  VARCHAR: 'VARBINARY',
  TINYTEXT: 'TINYBLOB',
  TEXT: 'BLOB',
  MEDIUMTEXT: 'MEDIUMBLOB',
  LONGTEXT: 'LONGBLOB',
};

function collate(draft: ColumnDraft, collation: string): void {
  const binary = BINARY_TYPES[draft.type];
  if (collation === 'binary' && binary !== undefined) draft.type = binary;
  else if (binary !== undefined || draft.type === 'ENUM') draft.collation = collation;
}

/** What says nothing that matters here. Foreign keys are accepted and have no effect (`definitions.ts`). */
function ignored(from: Cursor): boolean {
  if (from.accept('COLUMN_FORMAT')) {
    from.take();
    return true;
  }
  if (from.accept('REFERENCES')) {
    skipReference(from);
    return true;
  }
  if (from.accept('CHECK')) {
    skipBrackets(from);
    return true;
  }
  if (from.isWord('GENERATED') || from.isWord('AS')) throw refuse('NOT_SUPPORTED_DETAIL', 'generated columns');
  return false;
}

/** `table (columns) ON DELETE … ON UPDATE …`, behind REFERENCES. */
export function skipReference(from: Cursor): void {
  from.name();
  if (from.acceptMark('.')) from.anyName();
  if (from.isMark('(')) skipBrackets(from);
  if (from.accept('MATCH')) from.take();
  while (from.isWord('ON') && (from.isWord('DELETE', 1) || from.isWord('UPDATE', 1))) {
    from.take();
    from.take();
    if (from.accept('SET')) from.take();
    else if (from.accept('NO')) from.expect('ACTION');
    else if (!from.accept('CASCADE')) from.expect('RESTRICT');
  }
}

export function skipBrackets(from: Cursor): void {
  from.expectMark('(');
  for (let depth = 1; depth > 0; ) {
    if (from.acceptMark('(')) depth += 1;
    else if (from.acceptMark(')')) depth -= 1;
    else if (from.peek().kind === 'end') throw from.refusal();
    else from.take();
  }
}

function text(from: Cursor): string {
  if (from.peek().kind !== 'string') throw from.refusal();
  return from.take().text;
}

function now(from: Cursor): boolean {
  if (!/^(CURRENT_TIMESTAMP|NOW|LOCALTIME|LOCALTIMESTAMP)$/.test(from.peek().upper)) return false;
  from.take();
  if (from.isMark('(')) skipBrackets(from);
  return true;
}

function defaultValue(from: Cursor, draft: ColumnDraft): void {
  if (now(from)) {
    draft.defaultNow = true;
    return;
  }
  const value = parseExpression(from);
  const literal = value.kind === 'cast' ? value.value : value;
  if (literal.kind !== 'literal') throw refuse('NOT_SUPPORTED_DETAIL', 'DEFAULT of an expression');
  draft.defaultValue = textOf(literal.value);
}
