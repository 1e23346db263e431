/**
 * Column definitions: of a table's own columns, and of computed values by their types.
 *
 * Lengths, flags and type bytes are those of MySQL 5.7 (Protocol::send_result_set_metadata); a character takes four bytes.
 */
import { CHARSET, COLUMN, TYPE } from '../../proxy/wire/constants.ts';
import { type Column, column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec, ColumnType } from '../world/topology.ts';
import type { Table } from './store.ts';
import { type Family, INTEGER, NOT_FIXED, type SqlType, textType, widthOf } from './types.ts';

const BYTES_OF_CHARACTER = 4;
/** A text of more bytes than this is sent as a BLOB. */
const MOST_STRING = 65_535;

const FAMILY_TYPES: Readonly<Record<Family, number>> = {
  null: TYPE.NULL,
  integer: TYPE.LONGLONG,
  decimal: TYPE.NEWDECIMAL,
  double: TYPE.DOUBLE,
  text: TYPE.VAR_STRING,
  binary: TYPE.VAR_STRING,
  date: TYPE.DATE,
  time: TYPE.TIME,
  datetime: TYPE.DATETIME,
};

/** The column of a computed value. */
export function columnOf(type: SqlType, name: string): Column {
  const isText = type.family === 'text';
  const length = lengthOf(type);
  const long = (isText || type.family === 'binary') && length > MOST_STRING;
  const flags =
    (type.nullable ? 0 : COLUMN.NOT_NULL) |
    (isText ? 0 : COLUMN.BINARY) |
    (type.unsigned ? COLUMN.UNSIGNED : 0) |
    (long ? COLUMN.BLOB : 0);
  return column(name, long ? TYPE.BLOB : wireType(type), {
    orgName: '',
    charset: isText ? CHARSET.UTF8MB4_GENERAL_CI : CHARSET.BINARY,
    length,
    flags,
    decimals: isText ? NOT_FIXED : type.scale,
  });
}

function wireType(type: SqlType): number {
  return type.single === true ? TYPE.FLOAT : (type.wire ?? FAMILY_TYPES[type.family]);
}

/** A sign and a point beside the digits of a decimal. */
function lengthOf(type: SqlType): number {
  if (type.family === 'text') return Math.min(type.length * BYTES_OF_CHARACTER, 0xffff_ffff);
  return type.family === 'decimal' ? type.length + (type.scale > 0 ? 2 : 1) : type.length;
}

export function textColumn(name: string): Column {
  return columnOf(textType(MOST_STRING / 5), name);
}

export function integerColumn(name: string): Column {
  return columnOf(INTEGER, name);
}

const COLUMN_TYPES: Readonly<Record<ColumnType, number>> = {
  TINYINT: TYPE.TINY,
  SMALLINT: TYPE.SHORT,
  MEDIUMINT: TYPE.INT24,
  INT: TYPE.LONG,
  BIGINT: TYPE.LONGLONG,
  DECIMAL: TYPE.NEWDECIMAL,
  FLOAT: TYPE.FLOAT,
  DOUBLE: TYPE.DOUBLE,
  CHAR: TYPE.STRING,
  VARCHAR: TYPE.VAR_STRING,
  TINYTEXT: TYPE.BLOB,
  TEXT: TYPE.BLOB,
  MEDIUMTEXT: TYPE.BLOB,
  LONGTEXT: TYPE.BLOB,
  BINARY: TYPE.STRING,
  VARBINARY: TYPE.VAR_STRING,
  TINYBLOB: TYPE.BLOB,
  BLOB: TYPE.BLOB,
  MEDIUMBLOB: TYPE.BLOB,
  LONGBLOB: TYPE.BLOB,
  DATE: TYPE.DATE,
  TIME: TYPE.TIME,
  DATETIME: TYPE.DATETIME,
  TIMESTAMP: TYPE.TIMESTAMP,
  YEAR: TYPE.YEAR,
  ENUM: TYPE.STRING,
};

const TEXTS = /CHAR$|TEXT$|ENUM$/;
const BLOBS = /TEXT$|BLOB$/;

/** A table's own column, under a name; `called` is the name of the table in the statement. */
export function tableColumn(table: Table, called: string, index: number, name: string, type: SqlType): Column {
  const spec = table.columns[index]!;
  const isText = TEXTS.test(spec.type);
  return column(name, COLUMN_TYPES[spec.type], {
    schema: table.database,
    table: called,
    orgTable: table.name,
    orgName: spec.name,
    charset: isText ? CHARSET.UTF8MB4_GENERAL_CI : CHARSET.BINARY,
    length: columnLength(spec, isText, type),
    flags: columnFlags(table, spec, index, isText) & (type.nullable ? ~COLUMN.NOT_NULL : ~0),
    decimals: isText || BLOBS.test(spec.type) ? 0 : type.scale,
  });
}

function columnLength(spec: ColumnSpec, isText: boolean, type: SqlType): number {
  const width = widthOf(spec);
  if (isText) return Math.min(width * BYTES_OF_CHARACTER, 0xffff_ffff);
  if (spec.type === 'DECIMAL') return width + ((spec.scale ?? 0) > 0 ? 1 : 0) + (spec.unsigned === true ? 0 : 1);
  return type.length;
}

const FLAG = { UNIQUE: 0x4, MULTIPLE: 0x8, ENUM: 0x100, TIMESTAMP: 0x400, NO_DEFAULT: 0x1000 } as const;

function columnFlags(table: Table, spec: ColumnSpec, index: number, isText: boolean): number {
  const primary = table.primary?.columns.includes(index) === true;
  const others = table.secondary.keys.filter((it) => it.columns[0] === index);
  const unique = others.some((it) => it.unique && it.columns.length === 1);
  const required = spec.notNull === true || primary;
  const hasDefault = spec.defaultValue !== undefined || spec.defaultNow === true || spec.autoIncrement === true;
  return (
    (required ? COLUMN.NOT_NULL : 0) |
    (primary ? COLUMN.PRIMARY_KEY : 0) |
    (!primary && unique ? FLAG.UNIQUE : 0) |
    (!primary && !unique && others.length > 0 ? FLAG.MULTIPLE : 0) |
    (BLOBS.test(spec.type) ? COLUMN.BLOB : 0) |
    (spec.unsigned === true || spec.type === 'YEAR' ? COLUMN.UNSIGNED : 0) |
    (isText ? 0 : COLUMN.BINARY) |
    (spec.type === 'ENUM' ? FLAG.ENUM : 0) |
    (spec.type === 'TIMESTAMP' ? FLAG.TIMESTAMP : 0) |
    (spec.autoIncrement === true ? COLUMN.AUTO_INCREMENT : 0) |
    (required && !hasDefault ? FLAG.NO_DEFAULT : 0)
  );
}
