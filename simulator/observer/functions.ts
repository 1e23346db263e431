/**
 * SQL functions: how many arguments they take, what they give, what they do.
 *
 * Knows a session only through `Surroundings`. Whatever is in no row of the table is ERROR 1305.
 */
import { dateTimeText } from './date-time.ts';
import {
  compare,
  Decimal,
  isTrue,
  numeric,
  rounded,
  textOf,
  toDouble,
  toInteger,
  truth,
  type Value,
} from './sql/value.ts';
import type { Surroundings } from './surroundings.ts';
import { VERSION, VERSION_NUMBER } from './variables.ts';

/** What a value is, as far as a column definition tells. `first`/`second`: as that argument. */
export type Shape = 'null' | 'integer' | 'connection id' | 'decimal' | 'double' | 'text' | 'datetime';

export interface SqlFunction {
  readonly least: number;
  readonly most: number;
  /** A number says: shaped as that argument. */
  readonly shape: Shape | number;
  call(values: readonly Value[], around: Surroundings): Value;
}

const MANY = 1000;

/** Milliseconds of a second; SLEEP takes seconds with a fraction. */
const SECOND = 1000;

function concat(values: readonly Value[]): Value {
  let whole = '';
  for (const value of values) {
    const text = textOf(value);
    if (text === null) return null;
    whole += text;
  }
  return whole;
}

/** A function of texts that is NULL if an argument is. */
function onTexts(call: (texts: readonly string[]) => Value): (values: readonly Value[]) => Value {
  return (values) => {
    const texts: string[] = [];
    for (const value of values) {
      const text = textOf(value);
      if (text === null) return null;
      texts.push(text);
    }
    return call(texts);
  };
}

function repeat([value, count]: readonly Value[], around: Surroundings): Value {
  const text = textOf(value ?? null);
  if (text === null || count === null || count === undefined) return null;
  const times = Number(toInteger(count));
  if (times <= 0) return '';
  // A result that no packet can hold is NULL.
  if (Buffer.byteLength(text) * times > around.maxAllowedPacket) return null;
  return text.repeat(times);
}

function substring(values: readonly Value[]): Value {
  const text = textOf(values[0] ?? null);
  if (text === null || values.includes(null)) return null;
  const start = Number(toInteger(values[1] as Exclude<Value, null>));
  const length = values.length < 3 ? text.length : Number(toInteger(values[2] as Exclude<Value, null>));
  if (start === 0 || length <= 0) return '';
  const from = start > 0 ? start - 1 : text.length + start;
  return from < 0 ? '' : text.slice(from, from + length);
}

function absolute([value]: readonly Value[]): Value {
  if (value === null || value === undefined) return null;
  const number = numeric(value);
  if (typeof number === 'bigint') return number < 0n ? -number : number;
  if (typeof number === 'number') return Math.abs(number);
  return new Decimal(number.units < 0n ? -number.units : number.units, number.scale);
}

function round([value, digits]: readonly Value[]): Value {
  if (value === null || value === undefined || digits === null) return null;
  const number = numeric(value);
  if (typeof number === 'bigint') return number;
  const scale = digits === undefined ? 0 : Math.max(0, Number(toInteger(digits)));
  if (typeof number === 'number') return Number(number.toFixed(Math.min(scale, 30)));
  return scale < number.scale ? rounded(number, scale) : number;
}

function extreme(values: readonly Value[], sign: number): Value {
  let best: Exclude<Value, null> | null = null;
  for (const value of values) {
    if (value === null) return null;
    if (best === null || compare(value, best) * sign > 0) best = value;
  }
  return best;
}

function sleep([seconds]: readonly Value[], around: Surroundings): Value {
  if (seconds === null || seconds === undefined) return 0n;
  around.sleep(Math.max(0, toDouble(seconds) * SECOND));
  return 0n;
}

const DATABASE: SqlFunction = { least: 0, most: 0, shape: 'text', call: (_, around) => around.database };
const CURRENT_USER: SqlFunction = { least: 0, most: 0, shape: 'text', call: (_, around) => around.account };
const USER: SqlFunction = { least: 0, most: 0, shape: 'text', call: (_, around) => around.userAtHost };
const NOW: SqlFunction = {
  least: 0,
  most: 1,
  shape: 'datetime',
  call: (_, around) => dateTimeText(around.statementTime),
};
const SUBSTRING: SqlFunction = { least: 2, most: 3, shape: 'text', call: substring };
const UPPER: SqlFunction = { least: 1, most: 1, shape: 'text', call: onTexts(([text]) => text!.toUpperCase()) };
const LOWER: SqlFunction = { least: 1, most: 1, shape: 'text', call: onTexts(([text]) => text!.toLowerCase()) };

const FUNCTIONS: ReadonlyMap<string, SqlFunction> = new Map<string, SqlFunction>([
  ['CONNECTION_ID', { least: 0, most: 0, shape: 'connection id', call: (_, around) => BigInt(around.connectionId) }],
  ['DATABASE', DATABASE],
  ['SCHEMA', DATABASE],
  ['USER', USER],
  ['SESSION_USER', USER],
  ['SYSTEM_USER', USER],
  ['CURRENT_USER', CURRENT_USER],
  ['VERSION', { least: 0, most: 0, shape: 'text', call: () => VERSION }],
  ['OB_VERSION', { least: 0, most: 0, shape: 'text', call: () => VERSION_NUMBER }],
  ['SLEEP', { least: 1, most: 1, shape: 'integer', call: sleep }],
  ['NOW', NOW],
  ['CURRENT_TIMESTAMP', NOW],
  ['LOCALTIME', NOW],
  ['LOCALTIMESTAMP', NOW],
  ['SYSDATE', NOW],
  ['CONCAT', { least: 1, most: MANY, shape: 'text', call: concat }],
  ['REPEAT', { least: 2, most: 2, shape: 'text', call: repeat }],
  ['LENGTH', { least: 1, most: 1, shape: 'integer', call: onTexts(([text]) => BigInt(Buffer.byteLength(text!))) }],
  ['CHAR_LENGTH', { least: 1, most: 1, shape: 'integer', call: onTexts(([text]) => BigInt([...text!].length)) }],
  ['UPPER', UPPER],
  ['UCASE', UPPER],
  ['LOWER', LOWER],
  ['LCASE', LOWER],
  ['SUBSTRING', SUBSTRING],
  ['SUBSTR', SUBSTRING],
  [
    'REPLACE',
    {
      least: 3,
      most: 3,
      shape: 'text',
      call: onTexts(([text, from, to]) => (from === '' ? text! : text!.replaceAll(from!, () => to!))),
    },
  ],
  ['TRIM', { least: 1, most: 1, shape: 'text', call: onTexts(([text]) => text!.replace(/^ +| +$/g, '')) }],
  ['IF', { least: 3, most: 3, shape: 1, call: ([test, yes, no]) => (isTrue(test ?? null) ? yes! : no!) }],
  ['IFNULL', { least: 2, most: 2, shape: 0, call: ([value, other]) => value ?? other! }],
  [
    'NULLIF',
    { least: 2, most: 2, shape: 0, call: ([a, b]) => (a !== null && b !== null && compare(a!, b!) === 0 ? null : a!) },
  ],
  ['COALESCE', { least: 1, most: MANY, shape: 0, call: (values) => values.find((value) => value !== null) ?? null }],
  ['GREATEST', { least: 2, most: MANY, shape: 0, call: (values) => extreme(values, 1) }],
  ['LEAST', { least: 2, most: MANY, shape: 0, call: (values) => extreme(values, -1) }],
  ['ABS', { least: 1, most: 1, shape: 0, call: absolute }],
  ['ROUND', { least: 1, most: 2, shape: 0, call: round }],
  [
    'MOD',
    {
      least: 2,
      most: 2,
      shape: 'integer',
      call: ([a, b]) => (a === null || b === null || toInteger(b!) === 0n ? null : toInteger(a!) % toInteger(b!)),
    },
  ],
  ['ISNULL', { least: 1, most: 1, shape: 'integer', call: ([value]) => truth(value === null) }],
  ['ROW_COUNT', { least: 0, most: 0, shape: 'integer', call: (_, around) => BigInt(around.rowCount) }],
  ['FOUND_ROWS', { least: 0, most: 0, shape: 'integer', call: (_, around) => BigInt(around.foundRows) }],
  ['LAST_INSERT_ID', { least: 0, most: 0, shape: 'integer', call: (_, around) => around.lastInsertId }],
  [
    'CAST_SIGNED',
    {
      least: 1,
      most: 1,
      shape: 'integer',
      call: ([value]) => (value === null ? null : BigInt.asIntN(64, toInteger(value!))),
    },
  ],
  [
    'CAST_UNSIGNED',
    {
      least: 1,
      most: 1,
      shape: 'integer',
      call: ([value]) => (value === null ? null : BigInt.asUintN(64, toInteger(value!))),
    },
  ],
  ['CAST_CHAR', { least: 1, most: 1, shape: 'text', call: ([value]) => textOf(value!) }],
]);

/** The function of a name in capitals; null if there is none. */
export function findFunction(name: string): SqlFunction | null {
  return FUNCTIONS.get(name) ?? null;
}
