/**
 * Dates and times so much later or earlier: INTERVAL and the functions that take one.
 */
import { errorOf } from '../../../proxy/wire/errors.ts';
import { beforehand } from '../beforehand.ts';
import type { Bound } from '../bound.ts';
import {
  dateText,
  daysOfMonth,
  type Moment,
  momentOf,
  momentText,
  readMoment,
  readSpan,
  SECONDS_OF_DAY,
  secondsOf,
} from '../date-time.ts';
import { exactOf, numeric, rounded, textOf, toInteger, type Value } from '../sql/value.ts';
import { DATE, dateTimeType, orNull, type SqlType, textType, timeType } from '../types.ts';
import type { Present, SqlFunction, Table } from './function.ts';
import { MICROS, momentOfValue, timeOfMicros } from './reading.ts';

/** Months of each unit that counts in them; the others count microseconds. */
export const UNIT_MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12, YEAR_MONTH: 1 };
export const UNIT_SECONDS: Readonly<Record<string, number>> = {
  SECOND: 1,
  MINUTE: 60,
  HOUR: 3600,
  DAY: SECONDS_OF_DAY,
  WEEK: 7 * SECONDS_OF_DAY,
};
/** Units of several numbers: what each of them counts, in seconds, from the last one back. */
const MIXED: Readonly<Record<string, readonly number[]>> = {
  DAY_HOUR: [3600, SECONDS_OF_DAY],
  DAY_MINUTE: [60, 3600, SECONDS_OF_DAY],
  DAY_SECOND: [1, 60, 3600, SECONDS_OF_DAY],
  HOUR_MINUTE: [60, 3600],
  HOUR_SECOND: [1, 60, 3600],
  MINUTE_SECOND: [1, 60],
};

function isDateUnit(unit: string): boolean {
  return UNIT_MONTHS[unit] !== undefined || unit === 'DAY' || unit === 'WEEK';
}

interface Step {
  readonly months: number;
  readonly micros: bigint;
}

function stepOf(amount: Present, unit: string): Step {
  const months = UNIT_MONTHS[unit];
  if (unit === 'YEAR_MONTH') {
    const [years, rest] = (textOf(amount)!.match(/\d+/g) ?? ['0']) as string[];
    const sign = textOf(amount)!.trim().startsWith('-') ? -1 : 1;
    return { months: sign * (Number(years) * 12 + Number(rest ?? 0)), micros: 0n };
  }
  if (months !== undefined) return { months: months * Number(toInteger(amount)), micros: 0n };
  if (unit === 'MICROSECOND') return { months: 0, micros: toInteger(amount) };
  const seconds = UNIT_SECONDS[unit];
  if (seconds === undefined) return { months: 0, micros: mixedMicros(textOf(amount)!, MIXED[unit]!) };
  if (unit === 'SECOND') return { months: 0, micros: rounded(exactOf(numeric(amount)), 6).units };
  return { months: 0, micros: toInteger(amount) * BigInt(seconds * MICROS) };
}

function mixedMicros(text: string, sizes: readonly number[]): bigint {
  const numbers = (text.match(/\d+/g) ?? []).reverse();
  let seconds = 0;
  for (const [index, size] of sizes.entries()) seconds += size * Number(numbers[index] ?? 0);
  return BigInt(seconds * MICROS) * (text.trim().startsWith('-') ? -1n : 1n);
}

/** A moment so much later; null beyond the calendar. */
function moved(it: Moment, { months, micros }: Step, sign: number): Moment | null {
  const month = it.year * 12 + it.month - 1 + sign * months;
  const year = Math.floor(month / 12);
  if (year < 0 || year > 9999) return null;
  const ofYear = month - year * 12 + 1;
  const dated = months === 0 ? it : { ...it, year, month: ofYear, day: Math.min(it.day, daysOfMonth(year, ofYear)) };
  const total = BigInt(secondsOf(dated)) * BigInt(MICROS) + BigInt(dated.micros) + BigInt(sign) * micros;
  const rest = ((total % BigInt(MICROS)) + BigInt(MICROS)) % BigInt(MICROS);
  const made = momentOf(Number((total - rest) / BigInt(MICROS)), Number(rest));
  return made.year < 0 || made.year > 9999 ? null : made;
}

function unitOf(list: readonly Bound[]): string {
  return String(beforehand(list[2]!));
}

/** A date stays one while days are added; a text stays a text. */
function steppedType(list: readonly Bound[]): SqlType {
  const { type } = list[0]!;
  const unit = unitOf(list);
  const fraction = unit === 'MICROSECOND' ? 6 : unit === 'SECOND' ? list[1]!.type.scale % 31 : 0;
  if (type.family === 'date') return orNull(isDateUnit(unit) ? DATE : dateTimeType(fraction));
  if (type.family === 'datetime') return orNull(dateTimeType(Math.max(type.scale, fraction)));
  if (type.family === 'time') return orNull(timeType(Math.max(type.scale, fraction)));
  return textType(29);
}

/** DATE_ADD(date, INTERVAL amount unit), the unit as a third argument. */
function stepper(sign: number): SqlFunction {
  return {
    least: 3,
    most: 3,
    type: steppedType,
    call: ([value, amount, unitText], around, list) => {
      const unit = String(unitText);
      const type = steppedType(list);
      if (type.family === 'time') return steppedTime(String(value), stepOf(amount as Present, unit), sign, type.scale);
      const it = momentOfValue(value, around);
      if (it === null || it.month === 0) return null;
      const made = moved(it, stepOf(amount as Present, unit), sign);
      if (made === null) {
        around.warn(errorOf('DATETIME_OVERFLOW', 'datetime'));
        return null;
      }
      const bare = readMoment(textOf(value!)!)?.isDate === true;
      if (type.family === 'date' || (type.family === 'text' && bare && isDateUnit(unit))) return dateText(made);
      return momentText(made, type.family === 'text' ? (made.micros > 0 ? 6 : 0) : type.scale);
    },
  };
}

function steppedTime(text: string, step: Step, sign: number, scale: number): Value {
  const read = readSpan(text);
  if (read === null) return null;
  const before = BigInt(read.span.seconds * MICROS + read.span.micros) * (read.span.negative ? -1n : 1n);
  return timeOfMicros(before + BigInt(sign) * step.micros, scale);
}

/** A date so many days after another, or an INTERVAL after it. */
function addDays(sign: number): SqlFunction {
  const step = stepper(sign);
  return {
    ...step,
    least: 2,
    most: 3,
    type: (list) => step.type(dayed(list)),
    call: (values, around, list) => step.call(values.length === 3 ? values : [...values, 'DAY'], around, dayed(list)),
  };
}

function dayed(list: readonly Bound[]): readonly Bound[] {
  return list.length === 3 ? list : [...list, DAY_UNIT];
}

const DAY_UNIT: Bound = { type: textType(3), isConstant: true, value: () => 'DAY' };

const TIMESTAMP_ADD: SqlFunction = (() => {
  const step = stepper(1);
  const turned = <T>([unit, amount, value]: readonly T[]): T[] => [value!, amount!, unit!];
  return {
    least: 3,
    most: 3,
    type: (list) => step.type(turned(list)),
    call: (values, around, list) => step.call(turned(values), around, turned(list)),
  };
})();

export const DATE_STEPS: Table = [
  ['DATE_ADD', stepper(1)],
  ['DATE_SUB', stepper(-1)],
  ['ADDDATE', addDays(1)],
  ['SUBDATE', addDays(-1)],
  ['TIMESTAMPADD', TIMESTAMP_ADD],
];
