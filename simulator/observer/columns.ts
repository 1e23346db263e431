/**
 * Before a statement runs: are all names in its expressions right, and what will its columns be?
 *
 * Unknown columns, variables and functions are refused here, so also where no row is ever looked at. Knows nothing of
 * sessions beyond `Surroundings`.
 */
import { CHARSET, COLUMN, TYPE } from '../../proxy/wire/constants.ts';
import { type Column, column } from '../../proxy/wire/result-set.ts';
import type { ColumnSpec, ColumnType } from '../world/topology.ts';
import { unknownFunction } from './evaluate.ts';
import { findFunction, type Shape } from './functions.ts';
import { refuse } from './refusal.ts';
import type { Expression, TableName } from './sql/syntax.ts';
import { Decimal, type Value } from './sql/value.ts';
import type { Table } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import { findVariable, isNumeric } from './variables.ts';

/** The words by which ERROR 1054 names a place. */
export type Clause = 'field list' | 'where clause' | 'order clause';

/** Which table an expression is about, under which name. */
export interface Source {
  readonly table: Table | null;
  readonly called: string | null;
}

export const NO_SOURCE: Source = { table: null, called: null };

export function sourceOf(table: Table, name: TableName): Source {
  return { table, called: name.alias ?? name.name };
}

/** The expressions directly inside of one. */
function parts(it: Expression): readonly Expression[] {
  switch (it.kind) {
    case 'literal':
    case 'parameter':
    case 'column':
    case 'system':
    case 'user':
      return [];
    case 'assign':
    case 'negate':
    case 'invert':
    case 'not':
    case 'isNull':
    case 'isTruth':
      return [it.value];
    case 'binary':
    case 'compare':
    case 'and':
    case 'or':
    case 'xor':
      return [it.left, it.right];
    case 'in':
      return [it.value, ...it.list];
    case 'between':
      return [it.value, it.low, it.high];
    case 'like':
      return [it.value, it.pattern];
    case 'case': {
      const inside = it.branches.flat();
      if (it.subject !== null) inside.unshift(it.subject);
      if (it.otherwise !== null) inside.push(it.otherwise);
      return inside;
    }
    case 'call':
      return it.arguments;
    case 'aggregate':
      return it.value === null ? [] : [it.value];
  }
}

/** A `Refusal` if an expression names what is not there. */
export function checkNames(it: Expression, source: Source, clause: Clause, around: Surroundings): void {
  if (it.kind === 'column') checkColumn(it, source, clause);
  else if (it.kind === 'system') findVariable(it.name);
  else if (it.kind === 'call') {
    const found = findFunction(it.name);
    if (found === null) throw unknownFunction(it.name, around.database);
    const count = it.arguments.length;
    if (count < found.least || count > found.most) throw refuse('PARAMETER_COUNT', it.name);
  } else if (it.kind === 'aggregate' && clause === 'where clause') throw refuse('WRONG_AGGREGATE_USE');
  for (const part of parts(it)) checkNames(part, source, clause, around);
}

function checkColumn(it: Expression & { readonly kind: 'column' }, source: Source, clause: Clause): void {
  const foreign = it.table !== null && it.table.toLowerCase() !== source.called?.toLowerCase();
  if (source.table === null || foreign || source.table.indexOf(it.name) < 0) {
    throw refuse('UNKNOWN_COLUMN', it.table === null ? it.name : `${it.table}.${it.name}`, clause);
  }
}

/** All aggregates in an expression, none inside another. */
export function aggregatesIn(it: Expression, into: (Expression & { readonly kind: 'aggregate' })[]): void {
  if (it.kind === 'aggregate') into.push(it);
  else for (const part of parts(it)) aggregatesIn(part, into);
}

const TYPE_SHAPES: Readonly<Record<ColumnType, Shape>> = {
  INT: 'integer',
  BIGINT: 'integer',
  DECIMAL: 'decimal',
  DOUBLE: 'double',
  VARCHAR: 'text',
  TEXT: 'text',
  DATETIME: 'datetime',
};

function shapeOfValue(value: Value): Shape {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return 'double';
  return value instanceof Decimal ? 'decimal' : 'text';
}

function shapeOf(it: Expression, source: Source, around: Surroundings): Shape {
  switch (it.kind) {
    case 'literal':
      return shapeOfValue(it.value);
    case 'parameter': {
      const value = around.parameter(it.index);
      return value === undefined ? 'text' : shapeOfValue(value);
    }
    case 'column':
      return TYPE_SHAPES[source.table!.columns[source.table!.indexOf(it.name)]!.type];
    case 'system':
      return isNumeric(findVariable(it.name)) ? 'integer' : 'text';
    case 'user':
      return shapeOfValue(around.userValue(it.name));
    case 'assign':
    case 'negate':
      return shapeOf(it.value, source, around);
    case 'binary':
      return shapeOfArithmetic(it, source, around);
    case 'case':
      return shapeOf(it.branches[0]![1], source, around);
    case 'call':
      return shapeOfCall(it, source, around);
    case 'aggregate':
      if (it.name === 'COUNT') return 'integer';
      if (it.name === 'MIN' || it.name === 'MAX') return shapeOf(it.value!, source, around);
      return shapeOf(it.value!, source, around) === 'double' ? 'double' : 'decimal';
    default:
      return 'integer';
  }
}

function shapeOfArithmetic(it: Expression & { readonly kind: 'binary' }, source: Source, around: Surroundings): Shape {
  const left = shapeOf(it.left, source, around);
  const right = shapeOf(it.right, source, around);
  if (left === 'double' || right === 'double' || left === 'text' || right === 'text') return 'double';
  if (left === 'decimal' || right === 'decimal' || it.operator === '/') return 'decimal';
  return 'integer';
}

function shapeOfCall(it: Expression & { readonly kind: 'call' }, source: Source, around: Surroundings): Shape {
  const { shape } = findFunction(it.name)!;
  if (typeof shape === 'string') return shape;
  const first = shapeOf(it.arguments[shape]!, source, around);
  const other = it.arguments[shape + 1];
  return first === 'null' && other !== undefined ? shapeOf(other, source, around) : first;
}

const NUMBER: Partial<Column> = { charset: CHARSET.BINARY, flags: COLUMN.BINARY };

/** Column definitions of computed values. Longest values: 64 bits have 20 digits and a sign. */
const SHAPES: Readonly<Record<Shape, (name: string) => Column>> = {
  null: (name) => column(name, TYPE.NULL, NUMBER),
  integer: (name) => column(name, TYPE.LONGLONG, { ...NUMBER, length: 21 }),
  // decisions.md 32: LONG, UNSIGNED.
  'connection id': (name) =>
    column(name, TYPE.LONG, { charset: CHARSET.BINARY, flags: COLUMN.BINARY | COLUMN.UNSIGNED, length: 10 }),
  decimal: (name) => column(name, TYPE.NEWDECIMAL, { ...NUMBER, length: 65, decimals: 4 }),
  double: (name) => column(name, TYPE.DOUBLE, { ...NUMBER, length: 23, decimals: 31 }),
  text: (name) => column(name, TYPE.VAR_STRING, { length: 65_535 }),
  datetime: (name) => column(name, TYPE.DATETIME, { ...NUMBER, length: 19 }),
};

export function textColumn(name: string): Column {
  return SHAPES.text(name);
}

export function integerColumn(name: string): Column {
  return SHAPES.integer(name);
}

/** The column of a SELECT's value. */
export function columnOf(it: Expression, name: string, source: Source, around: Surroundings): Column {
  if (it.kind === 'column') return tableColumn(source, source.table!.indexOf(it.name), name);
  const shape = shapeOf(it, source, around);
  const made = SHAPES[shape](name);
  const flags = isNeverNull(it) ? made.flags | COLUMN.NOT_NULL : made.flags;
  return { ...made, flags, orgName: '' };
}

/** Clients draw such a column only as wide as its values: the others leave room for the word NULL. */
function isNeverNull(it: Expression): boolean {
  return it.kind === 'literal' ? it.value !== null : it.kind === 'aggregate' && it.name === 'COUNT';
}

const TABLE_TYPES: Readonly<Record<ColumnType, Partial<Column> & { readonly type: number }>> = {
  INT: { type: TYPE.LONG, length: 11, charset: CHARSET.BINARY },
  BIGINT: { type: TYPE.LONGLONG, length: 20, charset: CHARSET.BINARY },
  DECIMAL: { type: TYPE.NEWDECIMAL, length: 65, charset: CHARSET.BINARY },
  DOUBLE: { type: TYPE.DOUBLE, length: 23, decimals: 31, charset: CHARSET.BINARY },
  VARCHAR: { type: TYPE.VAR_STRING, length: 1020 },
  TEXT: { type: TYPE.BLOB, length: 65_535 },
  DATETIME: { type: TYPE.DATETIME, length: 19, charset: CHARSET.BINARY },
};

/** A table's own column, under a name. */
export function tableColumn(source: Source, index: number, name: string): Column {
  const table = source.table!;
  const spec = table.columns[index]!;
  return column(name, TABLE_TYPES[spec.type].type, {
    ...TABLE_TYPES[spec.type],
    schema: table.database,
    table: source.called ?? table.name,
    orgTable: table.name,
    orgName: spec.name,
    flags: columnFlags(spec),
  });
}

function columnFlags(spec: ColumnSpec): number {
  return (
    (spec.notNull || spec.primaryKey ? COLUMN.NOT_NULL : 0) |
    (spec.primaryKey ? COLUMN.PRIMARY_KEY : 0) |
    (spec.autoIncrement ? COLUMN.AUTO_INCREMENT : 0)
  );
}
