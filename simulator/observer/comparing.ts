/**
 * How two values of given types compare (MySQL manual, "Type Conversion in Expression Evaluation").
 *
 * Texts by their collation, or by bytes if one is binary; a date or time with a text as dates; all else as numbers, a text
 * with a number as doubles.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import { numberOfTemporal } from './converting.ts';
import { momentText, readMoment, readSpan, spanText } from './date-time.ts';
import { compareBytes, compareExactly, compareText } from './sql/collation.ts';
import { compare, compareNumbers, isNumberText, numeric, textOf, toDouble, type Value } from './sql/value.ts';
import type { Surroundings } from './surroundings.ts';
import { isNumeric, isTemporal, isText, meetExactly, type SqlType } from './types.ts';

type Present = Exclude<Value, null>;

/** Below 0, 0, above 0. */
export type Comparer = (a: Present, b: Present, around: Surroundings) => number;

/** The comparer for values of these types. */
export function comparerOf(a: SqlType, b: SqlType): Comparer {
  if (a.family === 'null' || b.family === 'null') return compare;
  if (isText(a) && isText(b)) {
    if (a.family !== 'text' || b.family !== 'text') return compareBinary;
    return meetExactly(a, b) ? compareExactTexts : compareTexts;
  }
  if (isTemporal(a) || isTemporal(b)) {
    if (isNumeric(a) || isNumeric(b)) return compareTemporalNumbers;
    return a.family === 'time' && (b.family === 'time' || isText(b)) ? compareTimes : temporalComparer(a, b);
  }
  if (isText(a) || isText(b)) return compareDoubles;
  return compareExact;
}

function temporalComparer(a: SqlType, b: SqlType): Comparer {
  return b.family === 'time' && isText(a) ? compareTimes : compareMoments;
}

function compareTexts(a: Present, b: Present): number {
  return compareText(a as string, b as string);
}

function compareExactTexts(a: Present, b: Present): number {
  return compareExactly(a as string, b as string);
}

function compareBinary(a: Present, b: Present): number {
  return compareBytes(bytesOf(a), bytesOf(b));
}

function bytesOf(value: Present): string | Buffer {
  return Buffer.isBuffer(value) ? value : textOf(value)!;
}

function compareExact(a: Present, b: Present): number {
  return typeof a === 'bigint' && typeof b === 'bigint'
    ? a < b
      ? -1
      : a > b
        ? 1
        : 0
    : compareNumbers(numeric(a), numeric(b));
}

function compareDoubles(a: Present, b: Present, around: Surroundings): number {
  return doubleOf(a, around) - doubleOf(b, around);
}

/** The double that a value is; a text that is none, or not only one, is remarked upon. */
export function doubleOf(value: Present, around: Surroundings): number {
  if (typeof value === 'string' && !isNumberText(value)) around.warn(errorOf('TRUNCATED_VALUE', 'DOUBLE', value));
  return toDouble(value);
}

function compareTemporalNumbers(a: Present, b: Present): number {
  return compareNumbers(temporalNumber(a), temporalNumber(b));
}

function temporalNumber(value: Present): ReturnType<typeof numeric> {
  return typeof value === 'string' && /[-:]/.test(value) ? numberOfTemporal(value)! : numeric(value);
}

const MICRO_DIGITS = 6;

/** A date and time with all its digits, so that texts compare as times; a text that is none stays itself. */
function wholeMoment(value: Present): string {
  const text = textOf(value)!;
  if (text.length === 10 && /^\d{4}-\d\d-\d\d$/.test(text)) return `${text} 00:00:00.000000`;
  const read = readMoment(text, true);
  return read === null ? text : momentText(read.moment, MICRO_DIGITS);
}

function compareMoments(a: Present, b: Present): number {
  const x = wholeMoment(a);
  const y = wholeMoment(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function compareTimes(a: Present, b: Present): number {
  return microsOfTime(a) - microsOfTime(b);
}

function microsOfTime(value: Present): number {
  const read = readSpan(textOf(value)!);
  if (read === null) return 0;
  const micros = read.span.seconds * 1_000_000 + read.span.micros;
  return spanText(read.span, 0).startsWith('-') ? -micros : micros;
}
