/**
 * Values that say a date or a time, for functions. What says none is NULL with warning 1292.
 */
import { errorOf } from '../../../proxy/wire/errors.ts';
import {
  MOST_SECONDS,
  type Moment,
  momentOf,
  readMoment,
  readSpan,
  SECONDS_OF_DAY,
  secondsOf,
  spanText,
} from '../date-time.ts';
import { textOf, type Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Present } from './function.ts';

export const MICROS = 1_000_000;

/** The moment of a value; null with a warning if it is none. A TIME is of today. */
export function momentOfValue(value: Value | undefined, around: Surroundings): Moment | null {
  const text = textOf(value as Present)!;
  const read = readMoment(text);
  if (read === null) {
    const span = /^\s*-?\d+:\d/.test(text) ? readSpan(text) : null;
    if (span !== null) {
      const today = Math.floor(around.statementTime / 1000 / SECONDS_OF_DAY) * SECONDS_OF_DAY;
      return momentOf(today + (span.span.negative ? -1 : 1) * span.span.seconds, span.span.micros);
    }
    around.warn(errorOf('TRUNCATED_VALUE', 'datetime', text));
    return null;
  }
  if (read.rest) around.warn(errorOf('TRUNCATED_VALUE', 'datetime', text));
  return read.moment;
}

/** Microseconds of a time, or since 1970 of a date and time. */
export function microsOfTimeValue(value: Value | undefined, around: Surroundings): bigint {
  const text = textOf(value as Present)!;
  if (/^\s*\d{4}-/.test(text)) {
    const it = momentOfValue(value, around);
    return it === null ? 0n : BigInt(secondsOf(it)) * BigInt(MICROS) + BigInt(it.micros);
  }
  const read = readSpan(text);
  if (read === null) return 0n;
  return BigInt(read.span.seconds * MICROS + read.span.micros) * (read.span.negative ? -1n : 1n);
}

/** `-01:02:03` of so many microseconds, cut at what TIME can hold. */
export function timeOfMicros(micros: bigint, scale: number): string {
  const negative = micros < 0n;
  const size = Number(negative ? -micros : micros);
  const seconds = Math.floor(size / MICROS);
  const over = seconds > MOST_SECONDS;
  return spanText(
    { negative, seconds: over ? MOST_SECONDS : seconds, micros: over ? 0 : size - seconds * MICROS },
    scale,
  );
}
