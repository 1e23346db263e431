/**
 * What of two outcomes must be the same, as lines of text.
 *
 * Column types: of a table's own columns exactly, of computed values by family (a real observer, MySQL 5.7 and MariaDB
 * differ in how wide an integer they announce). Texts of errors are each server's own.
 */
import { COLUMN, TYPE } from '../../../proxy/wire/constants.ts';
import type { Column } from '../../../proxy/wire/result-set.ts';
import type { Outcome, Row } from './outcome.ts';

const FAMILIES: readonly (readonly [name: string, types: readonly number[]])[] = [
  ['integer', [TYPE.TINY, TYPE.SHORT, TYPE.INT24, TYPE.LONG, TYPE.LONGLONG, TYPE.YEAR]],
  ['decimal', [TYPE.DECIMAL, TYPE.NEWDECIMAL]],
  ['double', [TYPE.FLOAT, TYPE.DOUBLE]],
  ['datetime', [TYPE.DATETIME, TYPE.TIMESTAMP]],
  ['text', [TYPE.VARCHAR, TYPE.VAR_STRING, TYPE.STRING, TYPE.BLOB, 0xf9, 0xfa, 0xfb]],
];

const FLAGS = COLUMN.NOT_NULL | COLUMN.UNSIGNED | COLUMN.AUTO_INCREMENT | COLUMN.BLOB;
/** PRIMARY_KEY, UNIQUE_KEY, MULTIPLE_KEY: lost where MariaDB sorts a join in a temporary table, so asked of single tables. */
const KEYS = COLUMN.PRIMARY_KEY | 0x4 | 0x8;

function family(type: number): string {
  return FAMILIES.find(([, types]) => types.includes(type))?.[0] ?? `type ${type}`;
}

/** A table's own column. */
function isOwn(it: Column): boolean {
  return it.orgTable !== '' && it.orgName !== '' && it.schema.startsWith('odp_');
}

function columnLine(it: Column, isAlone: boolean): string {
  if (!isOwn(it)) return `${it.name}: ${family(it.type)}`;
  const where = `${it.table}.${it.orgTable}.${it.orgName}`;
  const isText = family(it.type) === 'text';
  return `${it.name} = ${where}: type ${it.type} length ${it.length} flags ${it.flags & (isAlone ? FLAGS | KEYS : FLAGS)} charset ${it.charset}${isText ? '' : ` decimals ${it.decimals}`}`;
}

/** The lines of an outcome; `exact`: of which columns the bytes count, not only the values. */
export function linesOf(it: Outcome, sql: string, exact: readonly boolean[] = []): readonly string[] {
  if (it.kind === 'error') return [`ERROR ${it.code} (${it.sqlState})`];
  const { inTransaction, autocommit } = it.flags;
  const tail = `warnings ${it.warnings}, in transaction ${inTransaction}, autocommit ${autocommit}`;
  if (it.kind === 'ok') return [`OK: ${it.affectedRows} rows, insert id ${it.lastInsertId}, ${tail}`];
  return [...columnLines(it.columns, sql), ...it.rows.map((row) => rowLine(row, exact)), tail];
}

/** A line for each column. */
export function columnLines(columns: readonly Column[], sql: string): readonly string[] {
  const isJoin = /\bjoin\b|\bfrom \w+,/i.test(sql);
  const isAlone = new Set(columns.map((column) => column.table)).size === 1 && !isJoin;
  return columns.map((column) => columnLine(column, isAlone));
}

/** The same at PREPARE: what a computed value will be is not known before its parameters are, but for its name. */
export function boundColumnLines(columns: readonly Column[], parameters: number, sql: string): readonly string[] {
  const lines = columnLines(columns, sql);
  if (parameters === 0) return lines;
  return columns.map((column, i) => (isOwn(column) ? lines[i]! : column.name));
}

function rowLine({ cells, bytes }: Row, exact: readonly boolean[]): string {
  if (bytes === null) return JSON.stringify(cells);
  return JSON.stringify(cells.map((cell, i) => (exact[i] === true ? [cell, bytes[i]] : cell)));
}

/** Which columns both servers announce in the same way, so that their values are the same bytes in binary. */
export function sameTypes(one: Outcome | null, other: Outcome | null): readonly boolean[] {
  if (one?.kind !== 'rows' || other?.kind !== 'rows') return [];
  return one.columns.map((column, i) => {
    const [a, b] = [column, other.columns[i]];
    return b !== undefined && (a.type === b.type || (family(a.type) === 'text' && family(b.type) === 'text'));
  });
}
