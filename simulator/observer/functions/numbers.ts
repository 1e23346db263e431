/** Functions of numbers. What would need a logarithm or a sine is not here: it differs between Node versions. */
import { beforehand } from '../beforehand.ts';
import type { Bound } from '../bound.ts';
import { arithmeticType } from '../bound-operators.ts';
import { refuse } from '../refusal.ts';
import { arithmetic, Decimal, exactOf, numeric, rounded, toDouble, toInteger, type Value } from '../sql/value.ts';
import {
  DOUBLE,
  decimalType,
  INTEGER,
  isNumeric,
  NOT_FIXED,
  notNull,
  orNull,
  type SqlType,
  TRUTH,
  UNSIGNED,
} from '../types.ts';
import type { Present, SqlFunction, Table } from './function.ts';

/** What a number stays; everything else counts as a double. */
function numberLike(list: readonly Bound[]): SqlType {
  const { type } = list[0]!;
  return isNumeric(type) ? { ...type, single: false } : DOUBLE;
}

/** Of decimals and integers the whole part is an integer. */
function wholeLike(list: readonly Bound[]): SqlType {
  const { type } = list[0]!;
  return type.family === 'integer' || type.family === 'decimal'
    ? { ...INTEGER, nullable: type.nullable }
    : orNull(DOUBLE);
}

function digitsWanted(value: Value | undefined): number {
  return value === undefined ? 0 : Number(toInteger(value as Present));
}

/** With a constant count of digits a decimal and a double have as many. */
function roundedType(list: readonly Bound[]): SqlType {
  const type = numberLike(list);
  const wanted = list[1];
  if (type.family === 'double') return { ...type, scale: wanted === undefined ? 0 : scaleOfDouble(wanted) };
  if (type.family !== 'decimal') return type;
  if (wanted === undefined) return decimalType(0, type.length - type.scale + 1);
  const said = beforehand(wanted);
  if (said === undefined) return type;
  const scale = said === null ? type.scale : Math.max(0, Math.min(type.scale, Number(toInteger(said))));
  return decimalType(scale, type.length - type.scale + scale + 1);
}

function scaleOfDouble(wanted: Bound): number {
  const said = beforehand(wanted) ?? null;
  return said === null ? NOT_FIXED : Math.max(0, Math.min(NOT_FIXED, Number(toInteger(said))));
}

/** Half away from zero; of a double as C's `rint` does it, halves to the even one. */
function round([value, digits]: readonly Value[]): Value {
  const number = numeric(value as Present);
  const scale = digitsWanted(digits);
  if (typeof number === 'number') return roundDouble(number, scale);
  if (scale < 0) return roundedUnits(number, scale);
  if (typeof number === 'bigint') return number;
  return scale < number.scale ? rounded(number, scale) : number;
}

function roundDouble(value: number, scale: number): number {
  const unit = Number(`1e${Math.abs(scale)}`);
  const scaled = scale >= 0 ? value * unit : value / unit;
  if (!Number.isFinite(scaled)) return value;
  const floor = Math.floor(scaled);
  const up = scaled - floor === 0.5 ? floor % 2 !== 0 : scaled - floor > 0.5;
  const whole = up ? floor + 1 : floor;
  return scale >= 0 ? whole / unit : whole * unit;
}

/** Rounded before the point: ROUND(1250, -2). */
function roundedUnits(value: bigint | Decimal, scale: number): Value {
  const unit = 10n ** BigInt(-scale);
  const exact = exactOf(value);
  const whole = rounded(exact, 0).units;
  const half = whole < 0n ? -unit / 2n : unit / 2n;
  const result = ((whole + half) / unit) * unit;
  return typeof value === 'bigint' ? result : new Decimal(result, 0);
}

function truncate([value, digits]: readonly Value[]): Value {
  const number = numeric(value as Present);
  const scale = digitsWanted(digits);
  if (typeof number === 'number') {
    const unit = Number(`1e${Math.abs(scale)}`);
    return scale >= 0 ? Math.trunc(number * unit) / unit : Math.trunc(number / unit) * unit;
  }
  const exact = exactOf(number);
  if (scale >= exact.scale) return number;
  const unit = 10n ** BigInt(exact.scale - scale);
  const cut = exact.units / unit;
  if (scale >= 0) return new Decimal(cut, scale);
  const whole = cut * 10n ** BigInt(-scale);
  return typeof number === 'bigint' ? whole : new Decimal(whole, 0);
}

function whole(value: Value | undefined, up: boolean): Value {
  const number = numeric(value as Present);
  if (typeof number === 'bigint') return number;
  if (typeof number === 'number') return up ? Math.ceil(number) : Math.floor(number);
  const unit = 10n ** BigInt(number.scale);
  const cut = number.units / unit;
  const rest = number.units - cut * unit;
  return up ? (rest > 0n ? cut + 1n : cut) : rest < 0n ? cut - 1n : cut;
}

function absolute([value]: readonly Value[]): Value {
  const number = numeric(value as Present);
  if (typeof number === 'bigint') return number < 0n ? -number : number;
  if (typeof number === 'number') return Math.abs(number);
  return new Decimal(number.units < 0n ? -number.units : number.units, number.scale);
}

function sign([value]: readonly Value[]): Value {
  const number = toDouble(value as Present);
  return number > 0 ? 1n : number < 0 ? -1n : 0n;
}

/** Whole exponents by squaring: the same on every machine. Others would need a logarithm. */
function power([base, exponent]: readonly Value[]): Value {
  const by = toDouble(exponent as Present);
  const of = toDouble(base as Present);
  if (by === 0.5) return Math.sqrt(of);
  if (!Number.isInteger(by)) throw refuse('NOT_SUPPORTED_DETAIL', 'POW with a broken exponent');
  let result = 1;
  let square = of;
  for (let left = Math.abs(by); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  const value = by < 0 ? 1 / result : result;
  if (!Number.isFinite(value)) throw refuse('OUT_OF_RANGE', 'DOUBLE', `pow(${of},${by})`);
  return value;
}

/** CRC-32 (IEEE 802.3), a byte at a time. */
function crc32(bytes: Buffer): bigint {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return BigInt((crc ^ 0xffff_ffff) >>> 0);
}

export const ROUND: SqlFunction = { least: 1, most: 2, type: roundedType, call: round };
const CEILING: SqlFunction = { least: 1, most: 1, type: wholeLike, call: ([it]) => whole(it, true) };
const POWER: SqlFunction = { least: 2, most: 2, type: () => DOUBLE, call: power };

export const NUMBERS: Table = [
  ['ABS', { least: 1, most: 1, type: numberLike, call: absolute }],
  ['ROUND', ROUND],
  ['TRUNCATE', { least: 2, most: 2, type: roundedType, call: truncate }],
  ['FLOOR', { least: 1, most: 1, type: wholeLike, call: ([it]) => whole(it, false) }],
  ['CEIL CEILING', CEILING],
  [
    'MOD',
    {
      least: 2,
      most: 2,
      type: (list) => orNull(arithmeticType('%', list[0]!.type, list[1]!.type)),
      call: ([a, b]) => arithmetic('%', a!, b!),
    },
  ],
  ['SIGN', { least: 1, most: 1, type: () => TRUTH, call: sign }],
  ['POW POWER', POWER],
  [
    'SQRT',
    { least: 1, most: 1, type: () => DOUBLE, call: ([it]) => (toDouble(it!) < 0 ? null : Math.sqrt(toDouble(it!))) },
  ],
  ['PI', { least: 0, most: 0, type: () => notNull({ ...DOUBLE, length: 8, scale: 6 }), call: () => Math.PI }],
  [
    'CRC32',
    {
      least: 1,
      most: 1,
      type: () => UNSIGNED,
      call: ([it]) => crc32(Buffer.isBuffer(it) ? it : Buffer.from(String(it))),
    },
  ],
  [
    'BIT_COUNT',
    {
      least: 1,
      most: 1,
      type: () => INTEGER,
      call: ([it]) => BigInt(BigInt.asUintN(64, toInteger(it!)).toString(2).replaceAll('0', '').length),
    },
  ],
  [
    'CONV',
    {
      least: 3,
      most: 3,
      type: () => orNull({ family: 'text', unsigned: false, length: 64, scale: 0, nullable: true }),
      call: ([it, from, to]) => convertBase(String(it), Number(toInteger(from!)), Number(toInteger(to!))),
    },
  ],
];

function convertBase(text: string, from: number, to: number): Value {
  if (from < 2 || from > 36 || Math.abs(to) < 2 || Math.abs(to) > 36) return null;
  let value = 0n;
  for (const character of text.trim().toLowerCase()) {
    const digit = '0123456789abcdefghijklmnopqrstuvwxyz'.indexOf(character);
    if (digit < 0 || digit >= from) break;
    value = value * BigInt(from) + BigInt(digit);
  }
  return BigInt.asUintN(64, value).toString(Math.abs(to)).toUpperCase();
}
