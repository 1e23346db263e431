/**
 * What is known of a value before it is there: the static type of an expression, and of a column.
 *
 * A family says how it is compared and counted; the rest is for the column definition. Knows neither values nor rows.
 */
import type { ColumnSpec, ColumnType } from '../world/topology.ts';

export type Family = 'null' | 'integer' | 'decimal' | 'double' | 'text' | 'binary' | 'date' | 'time' | 'datetime';

export interface SqlType {
  readonly family: Family;
  readonly unsigned: boolean;
  /** Characters of a text, digits of a number, bytes of a binary string: the longest there can be. */
  readonly length: number;
  /** Digits behind the point: of a decimal, of a double that has a fixed count (else `NOT_FIXED`), of a time's seconds. */
  readonly scale: number;
  /** A FLOAT: of 24 bits, and written in six digits. */
  readonly single?: boolean;
  /** It may be NULL. */
  readonly nullable: boolean;
  /** The type byte of its column definition, where that is not what the family says (CONNECTION_ID()). */
  readonly wire?: number;
}

/** The scale of a double of any number of digits, as column definitions write it. */
export const NOT_FIXED = 31;

function type(family: Family, length: number, scale = 0, nullable = true): SqlType {
  return { family, unsigned: false, length, scale, nullable };
}

/** Longest values: 64 bits have 20 digits, and a sign. */
const INTEGER_LENGTH = 21;

export const NULL_TYPE = type('null', 0);
export const INTEGER = type('integer', INTEGER_LENGTH);
export const UNSIGNED: SqlType = { ...INTEGER, unsigned: true };
/** 0 or 1. */
export const TRUTH = type('integer', 1);
export const DOUBLE = type('double', 23, NOT_FIXED);
export const DATE = type('date', 10);

const DECIMAL_DIGITS = 65;

export function integerType(length: number): SqlType {
  return type('integer', length);
}

export function decimalType(scale: number, digits = DECIMAL_DIGITS): SqlType {
  return type('decimal', Math.min(DECIMAL_DIGITS, digits), Math.min(30, scale));
}

export function textType(length: number): SqlType {
  return type('text', Math.min(length, 16_777_215));
}

export function binaryType(length: number): SqlType {
  return type('binary', Math.min(length, 4_294_967_295));
}

export function dateTimeType(digits: number): SqlType {
  return type('datetime', digits === 0 ? 19 : 20 + digits, digits);
}

export function timeType(digits: number): SqlType {
  return type('time', digits === 0 ? 10 : 11 + digits, digits);
}

/** A double that shows so many digits behind the point; of more than there can be, as many as it has. */
export function doubleType(scale: number): SqlType {
  return scale < NOT_FIXED ? { ...DOUBLE, scale } : DOUBLE;
}

export function notNull(it: SqlType): SqlType {
  return it.nullable ? { ...it, nullable: false } : it;
}

export function orNull(it: SqlType): SqlType {
  return it.nullable ? it : { ...it, nullable: true };
}

export function isNumeric(it: SqlType): boolean {
  return it.family === 'integer' || it.family === 'decimal' || it.family === 'double';
}

export function isTemporal(it: SqlType): boolean {
  return it.family === 'date' || it.family === 'datetime' || it.family === 'time';
}

export function isText(it: SqlType): boolean {
  return it.family === 'text' || it.family === 'binary';
}

/** How many characters a value takes when it becomes a text: a decimal has a sign and a point. */
export function textLength(it: SqlType): number {
  return it.family === 'decimal' ? it.length + 2 : it.length;
}

interface ColumnTraits {
  readonly family: Family;
  /** Width in column definitions where the column does not say one; for texts in characters. */
  readonly length: number;
  readonly unsignedLength?: number;
}

/** Display widths of integers are those of MySQL 5.7; lengths of TEXT and BLOB count bytes. */
const TRAITS: Readonly<Record<ColumnType, ColumnTraits>> = {
  TINYINT: { family: 'integer', length: 4, unsignedLength: 3 },
  SMALLINT: { family: 'integer', length: 6, unsignedLength: 5 },
  MEDIUMINT: { family: 'integer', length: 9, unsignedLength: 8 },
  INT: { family: 'integer', length: 11, unsignedLength: 10 },
  BIGINT: { family: 'integer', length: 20, unsignedLength: 20 },
  DECIMAL: { family: 'decimal', length: 10 },
  FLOAT: { family: 'double', length: 12 },
  DOUBLE: { family: 'double', length: 22 },
  CHAR: { family: 'text', length: 1 },
  VARCHAR: { family: 'text', length: 255 },
  TINYTEXT: { family: 'text', length: 255 },
  TEXT: { family: 'text', length: 65_535 },
  MEDIUMTEXT: { family: 'text', length: 16_777_215 },
  LONGTEXT: { family: 'text', length: 4_294_967_295 },
  BINARY: { family: 'binary', length: 1 },
  VARBINARY: { family: 'binary', length: 255 },
  TINYBLOB: { family: 'binary', length: 255 },
  BLOB: { family: 'binary', length: 65_535 },
  MEDIUMBLOB: { family: 'binary', length: 16_777_215 },
  LONGBLOB: { family: 'binary', length: 4_294_967_295 },
  DATE: { family: 'date', length: 10 },
  TIME: { family: 'time', length: 10 },
  DATETIME: { family: 'datetime', length: 19 },
  TIMESTAMP: { family: 'datetime', length: 19 },
  YEAR: { family: 'integer', length: 4 },
  ENUM: { family: 'text', length: 1 },
};

export function familyOf(type: ColumnType): Family {
  return TRAITS[type].family;
}

/** The width of a column: what it says, or its type's own. */
export function widthOf(spec: ColumnSpec): number {
  const traits = TRAITS[spec.type];
  if (spec.values !== undefined) return Math.max(1, ...spec.values.map((it) => [...it].length));
  return spec.length ?? (spec.unsigned === true ? (traits.unsignedLength ?? traits.length) : traits.length);
}

/** The type of a column's values. */
export function typeOfColumn(spec: ColumnSpec): SqlType {
  const family = familyOf(spec.type);
  const nullable = spec.notNull !== true && spec.primaryKey !== true;
  const unsigned = spec.unsigned === true || spec.type === 'YEAR';
  const base = { family, unsigned, nullable };
  if (family === 'datetime') return { ...dateTimeType(spec.scale ?? 0), nullable };
  if (family === 'time') return { ...timeType(spec.scale ?? 0), nullable };
  if (family === 'double') {
    return { ...base, length: widthOf(spec), scale: spec.scale ?? NOT_FIXED, single: spec.type === 'FLOAT' };
  }
  return { ...base, length: widthOf(spec), scale: spec.scale ?? 0 };
}

/** The type that values of all of these become when they meet in one column (CASE, COALESCE, UNION). */
export function common(types: readonly SqlType[]): SqlType {
  let all: SqlType = NULL_TYPE;
  for (const it of types) all = meet(all, it);
  return all;
}

function meet(a: SqlType, b: SqlType): SqlType {
  if (a.family === 'null') return orNull(b);
  if (b.family === 'null') return orNull(a);
  const nullable = a.nullable || b.nullable;
  const length = Math.max(a.length, b.length);
  if (a.family === b.family) {
    const scale = Math.max(a.scale, b.scale);
    const digits = a.family === 'decimal' ? Math.max(a.length - a.scale, b.length - b.scale) + scale : length;
    const single = a.single === true && b.single === true;
    return { family: a.family, unsigned: a.unsigned && b.unsigned, length: digits, scale, nullable, single };
  }
  if (isNumeric(a) && isNumeric(b)) {
    if (a.family === 'double' || b.family === 'double') return { ...DOUBLE, nullable };
    const scale = Math.max(a.scale, b.scale);
    return { ...decimalType(scale, Math.max(a.length - a.scale, b.length - b.scale) + scale), nullable };
  }
  if (isTemporal(a) && isTemporal(b)) return { ...dateTimeType(Math.max(a.scale, b.scale)), nullable };
  const made = a.family === 'binary' || b.family === 'binary' ? binaryType(length * 4) : textType(length);
  return { ...made, nullable };
}
