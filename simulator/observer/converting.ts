/**
 * A value in another type, where that is always possible: CAST, CASE, UNION. What a column refuses is `storing.ts`'s.
 */
import { dateText, momentText, readMoment, readSpan, roundedMoment, spanText } from './date-time.ts';
import {
  Decimal,
  exactOf,
  numeric,
  rounded,
  roundedHalf,
  textOf,
  toDouble,
  toInteger,
  type Value,
} from './sql/value.ts';
import type { SqlType } from './types.ts';

/** Null for what has no such form: a text that is no date. */
export function converted(value: Value, type: SqlType): Value {
  if (value === null) return null;
  switch (type.family) {
    case 'null':
      return value;
    case 'integer':
      return typeof value === 'bigint' ? value : wholeOf(value);
    case 'decimal': {
      const exact = exactOf(numeric(value));
      return exact.scale === type.scale ? exact : rounded(exact, type.scale);
    }
    case 'double':
      return toDouble(value);
    case 'text':
      return typeof value === 'string' ? value : textOf(value);
    case 'binary':
      return Buffer.isBuffer(value) ? value : Buffer.from(textOf(value)!);
    case 'date':
      return dateOf(value);
    case 'datetime':
      return dateTimeOf(value, type.scale);
    case 'time':
      return timeOf(value, type.scale);
  }
}

function wholeOf(value: Exclude<Value, null>): bigint {
  return typeof value === 'number' ? BigInt(roundedHalf(Number.isFinite(value) ? value : 0)) : toInteger(value);
}

/** A number as a date is written without its marks: 20240131. */
function marked(value: Exclude<Value, null>): string {
  return textOf(value)!;
}

/** `2024-01-31` of whatever says a date; null if it says none. */
export function dateOf(value: Exclude<Value, null>): string | null {
  const read = readMoment(marked(value));
  return read === null ? null : dateText(read.moment);
}

export function dateTimeOf(value: Exclude<Value, null>, digits: number): string | null {
  const text = marked(value);
  if (digits === 0 && text.length === 19 && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return text;
  const read = readMoment(text);
  return read === null ? null : momentText(roundedMoment(read.moment, digits), digits);
}

export function timeOf(value: Exclude<Value, null>, digits: number): string | null {
  const text = marked(value);
  const moment = /^\s*\d{4}-/.test(text) ? readMoment(text) : null;
  if (moment !== null) return momentText(roundedMoment(moment.moment, digits), digits).slice(11);
  const read = readSpan(text);
  return read === null ? null : spanText(read.span, digits);
}

/** A date or a time as the number that its digits are; null stays null. */
export function numberOfTemporal(value: Value): bigint | Decimal | null {
  if (value === null) return null;
  const text = String(value);
  const negative = text.startsWith('-');
  const [whole, fraction] = text.split('.') as [string, string | undefined];
  const digits = BigInt(`${whole.replace(/\D/g, '')}${fraction ?? ''}`);
  const units = negative ? -digits : digits;
  return fraction === undefined ? units : new Decimal(units, fraction.length);
}
