/**
 * Values of SQL: NULL, integers, decimals, doubles, texts, bytes; how they compare, count and print.
 *
 * Whole numbers are bigints, so that an id of 64 bits stays itself; decimals are exact; dates and times are their texts.
 * Knows nothing of statements, nor of types: what a value is for its column says `types.ts`.
 */
import { compareBytes, compareExactly, compareText } from './collation.ts';

/** A number with a fixed count of digits behind the point: `units / 10^scale`. */
export class Decimal {
  readonly units: bigint;
  readonly scale: number;

  constructor(units: bigint, scale: number) {
    this.units = units;
    this.scale = scale;
  }

  toString(): string {
    if (this.scale === 0) return String(this.units);
    const digits = String(this.units < 0n ? -this.units : this.units).padStart(this.scale + 1, '0');
    const point = digits.length - this.scale;
    return `${this.units < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
  }
}

/** Bytes are what a BLOB, a VARBINARY and `x'…'` hold. */
export type Value = null | bigint | number | string | Decimal | Buffer;

export const TRUE = 1n;
export const FALSE = 0n;

export function truth(value: boolean): Value {
  return value ? TRUE : FALSE;
}

/** A value as a text; null stays null. Bytes are read as UTF-8. */
export function textOf(value: Value): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  return value.toString();
}

/** A value as the text protocol sends it. */
export function cellOf(value: Value): string | Buffer | null {
  return Buffer.isBuffer(value) ? value : textOf(value);
}

/** From this size on, and below its inverse, a double is written with an exponent (MySQL's `my_gcvt`). */
const LARGE = 1e15;
const SMALL = 1e-15;

/** MySQL writes an exponent without a plus sign. */
function doubleText(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= LARGE) return value.toExponential().replace('e+', 'e');
  const text = String(value);
  if (size < SMALL || !text.includes('e')) return text;
  const [digits, exponent] = text.split('e') as [string, string];
  const sign = value < 0 ? '-' : '';
  return `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${digits.replace('-', '').replace('.', '')}`;
}

/** A value as a literal that SQL reads back as the same value (for user variables, observer.md §5). */
export function literalOf(value: Value): string {
  if (value === null) return 'NULL';
  if (Buffer.isBuffer(value)) return `X'${value.toString('hex').toUpperCase()}'`;
  if (typeof value === 'number') return doubleLiteral(value);
  if (typeof value !== 'string') return textOf(value)!;
  return `'${value.replace(/[\\'\0\n\r\x1a]/g, escapeOf)}'`;
}

/** Without an exponent it would be read back as a whole number or a decimal, which divides otherwise. */
function doubleLiteral(value: number): string {
  const text = doubleText(value);
  return text.includes('e') ? text : `${text}e0`;
}

const LITERAL_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
};

function escapeOf(character: string): string {
  return LITERAL_ESCAPES[character]!;
}

const NUMBER_HEAD = /^[ \t\n\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/;
/** Of a whole number in a text: with more it is beyond all that integers and decimals can be, however many they are. */
const MOST_DIGITS = 100;
const INTEGER_TEXT = /^[ \t\n\r]*[+-]?\d+[ \t\n\r]*$/;

/** The number at the head of a text, as MySQL takes it; 0 if there is none. */
function numberOfText(text: string): number {
  const head = NUMBER_HEAD.exec(text);
  return head === null ? 0 : Number(head[1]);
}

/** A value where a number is needed: texts become whole numbers if they are one, else doubles. */
export function numeric(value: Exclude<Value, null>): bigint | number | Decimal {
  if (typeof value === 'string') {
    return value.length <= MOST_DIGITS && INTEGER_TEXT.test(value) ? bigOf(value.trim()) : numberOfText(value);
  }
  return Buffer.isBuffer(value) ? numeric(value.toString()) : value;
}

/** `BigInt` does not take a plus sign. */
export function bigOf(text: string): bigint {
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

/** A whole text is a number: nothing but blanks around it. */
export function isNumberText(text: string): boolean {
  const head = NUMBER_HEAD.exec(text);
  return head !== null && text.slice(head[0].length).trim() === '';
}

export function toDouble(value: Exclude<Value, null>): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return numberOfText(value);
  if (Buffer.isBuffer(value)) return numberOfText(value.toString());
  return value instanceof Decimal ? Number(value.toString()) : Number(value);
}

/** A value cast to a whole number: decimals and doubles rounded, texts cut behind their digits. */
export function toInteger(value: Exclude<Value, null>): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    const digits = /^[ \t\n\r]*([+-]?\d+)/.exec(value);
    return digits === null ? 0n : bigOf(digits[1]!.slice(0, MOST_DIGITS));
  }
  if (Buffer.isBuffer(value)) return toInteger(value.toString());
  if (value instanceof Decimal) return rounded(value, 0).units;
  return Number.isFinite(value) ? BigInt(roundedHalf(value)) : 0n;
}

/** Halves go to the even one, as C's `rint` does. */
export function roundedHalf(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Null, 0 and texts that do not begin with another number than 0 are not true. */
export function isTrue(value: Value): boolean {
  if (value === null) return false;
  if (typeof value === 'bigint') return value !== 0n;
  return value instanceof Decimal ? value.units !== 0n : toDouble(value) !== 0;
}

const TEN = 10n;

/** The same number with `scale` digits behind the point, rounded half away from zero. */
export function rounded(value: Decimal, scale: number): Decimal {
  if (scale >= value.scale) return new Decimal(value.units * TEN ** BigInt(scale - value.scale), scale);
  const unit = TEN ** BigInt(value.scale - scale);
  const half = value.units < 0n ? -unit / 2n : unit / 2n;
  return new Decimal((value.units + half) / unit, scale);
}

export function decimalOf(value: bigint | Decimal): Decimal {
  return typeof value === 'bigint' ? new Decimal(value, 0) : value;
}

/** The decimal that a text of digits, a point and perhaps an exponent says. */
export function parseDecimal(text: string): Decimal {
  const exponentAt = text.search(/[eE]/);
  if (exponentAt >= 0) return shifted(parseDecimal(text.slice(0, exponentAt)), Number(text.slice(exponentAt + 1)));
  const point = text.indexOf('.');
  if (point < 0) return new Decimal(bigOf(text), 0);
  const digits = text.slice(0, point) + text.slice(point + 1);
  return new Decimal(/^[+-]?$/.test(digits) ? 0n : bigOf(digits), text.length - point - 1);
}

function shifted(value: Decimal, by: number): Decimal {
  const scale = value.scale - by;
  return scale >= 0 ? new Decimal(value.units, scale) : new Decimal(value.units * TEN ** BigInt(-scale), 0);
}

/** The decimal that any number is: what a double prints, exactly. */
export function exactOf(value: bigint | number | Decimal): Decimal {
  return typeof value === 'number' ? parseDecimal(Number.isFinite(value) ? String(value) : '0') : decimalOf(value);
}

/** Below 0, 0, above 0. Texts compare without case when both are texts, bytes as bytes, else as numbers. */
export function compare(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (Buffer.isBuffer(a) && (Buffer.isBuffer(b) || typeof b === 'string')) return compareBytes(a, b);
  if (Buffer.isBuffer(b) && typeof a === 'string') return compareBytes(a, b);
  return compareNumbers(numeric(a), numeric(b));
}

export function compareNumbers(a: bigint | number | Decimal, b: bigint | number | Decimal): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'number' || typeof b === 'number') return toDouble(a) - toDouble(b);
  const x = decimalOf(a);
  const y = decimalOf(b);
  const scale = Math.max(x.scale, y.scale);
  const difference = rounded(x, scale).units - rounded(y, scale).units;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Order of rows: NULL first, then as `compare`. `exact`: texts are of a collation that tells all characters apart. */
export function order(a: Value, b: Value, exact = false): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return exact && typeof a === 'string' && typeof b === 'string' ? compareExactly(a, b) : compare(a, b);
}

/** Digits that a division adds behind the point, unless `div_precision_increment` says otherwise. */
export const DIVISION_DIGITS = 4;

type Operation = '+' | '-' | '*' | '/' | '%' | 'DIV';

/** Arithmetic; NULL for a NULL operand and for a division by zero. `more`: digits that a division adds. */
export function arithmetic(operation: Operation, a: Value, b: Value, more = DIVISION_DIGITS): Value {
  if (a === null || b === null) return null;
  const left = numeric(a);
  const right = numeric(b);
  if (typeof left === 'number' || typeof right === 'number')
    return onDoubles(operation, toDouble(left), toDouble(right));
  if (typeof left === 'bigint' && typeof right === 'bigint' && operation !== '/') {
    return onIntegers(operation, left, right);
  }
  return onDecimals(operation, decimalOf(left), decimalOf(right), more);
}

function onDoubles(operation: Operation, a: number, b: number): Value {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? null : a / b;
    case '%':
      return b === 0 ? null : a % b;
    case 'DIV':
      return b === 0 ? null : wholeOf(a / b);
  }
}

function onIntegers(operation: Exclude<Operation, '/'>, a: bigint, b: bigint): Value {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '%':
      return b === 0n ? null : a % b;
    case 'DIV':
      return b === 0n ? null : a / b;
  }
}

/** Without its fraction; what is no number of 64 bits, infinity least of all, stays a double, which is out of range. */
function wholeOf(value: number): Value {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : value;
}

/** MySQL counts decimals in words of nine digits, and a division fills the last of them (`do_div_mod`). */
const WORD = 9;

function words(scale: number): number {
  return Math.ceil(scale / WORD) * WORD;
}

function divisionDigits(a: number, b: number, wanted: number): number {
  const more = wanted - (words(a) - a) - (words(b) - b);
  return words(words(a) + words(b) + Math.max(0, more));
}

function onDecimals(operation: Operation, a: Decimal, b: Decimal, more: number): Value {
  const scale = Math.max(a.scale, b.scale);
  const x = rounded(a, scale).units;
  const y = rounded(b, scale).units;
  switch (operation) {
    case '+':
      return new Decimal(x + y, scale);
    case '-':
      return new Decimal(x - y, scale);
    case '*':
      return new Decimal(a.units * b.units, a.scale + b.scale);
    case '/': {
      if (y === 0n) return null;
      const digits = divisionDigits(a.scale, b.scale, more);
      return new Decimal((x * TEN ** BigInt(digits)) / y, digits);
    }
    case '%':
      return y === 0n ? null : new Decimal(x % y, scale);
    case 'DIV':
      return y === 0n ? null : x / y;
  }
}
