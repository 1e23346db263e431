/**
 * Functions of dates and times. "Now" is the time at which the statement began, so that it is the same in all of it.
 *
 * What is no date is NULL with warning 1292.
 */
import { errorOf } from '../../../proxy/wire/errors.ts';
import type { Bound } from '../bound.ts';

import {
  dateOfDays,
  dateText,
  dateTimeText,
  daysOf,
  daysOfMonth,
  MOST_SECONDS,
  type Moment,
  momentOf,
  momentText,
  readMoment,
  readSpan,
  SECONDS_OF_DAY,
  secondsOf,
  spanText,
} from '../date-time.ts';
import { Decimal, exactOf, numeric, rounded, textOf, toDouble, toInteger, type Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import {
  DATE,
  dateTimeType,
  decimalType,
  INTEGER,
  integerType,
  isTemporal,
  notNull,
  orNull,
  type SqlType,
  textType,
  timeType,
} from '../types.ts';
import { DAYS, dayOfYear, formatted, MONTHS, readByPattern, traitsOfPattern, weekdayOf, weekOf } from './calendar.ts';
import type { Present, SqlFunction, Table } from './function.ts';

/** From the year 0 to 1970, as TO_DAYS counts. */
const TO_DAYS_EPOCH = 719_528;
const MICROS = 1_000_000;

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

/** A function of the moment that its first argument says. */
function ofMoment(type: SqlType, call: (it: Moment) => Value): SqlFunction {
  return {
    least: 1,
    most: 1,
    type: () => type,
    call: ([value], around) => {
      const moment = momentOfValue(value, around);
      return moment === null ? null : call(moment);
    },
  };
}

/** A function of the time of day, which may be a TIME beyond 24 hours. */
function ofTime(call: (seconds: number, micros: number) => number): SqlFunction {
  return {
    least: 1,
    most: 1,
    type: () => INTEGER,
    call: ([value], around) => {
      const text = textOf(value as Present)!;
      const span = text.includes('-') && !text.startsWith('-') ? null : readSpan(text);
      if (span !== null) return BigInt(call(span.span.seconds, span.span.micros));
      const it = momentOfValue(value, around);
      return it === null ? null : BigInt(call(it.hour * 3600 + it.minute * 60 + it.second, it.micros));
    },
  };
}

function digitsOf(list: readonly Bound[]): number {
  const said = list[0]?.value({ around: null as never, row: [], aggregates: null, outer: null }) ?? null;
  return said === null ? 0 : Math.max(0, Math.min(6, Number(toInteger(said))));
}

function digits(value: Value | undefined): number {
  return value === undefined || value === null ? 0 : Math.min(6, Number(toInteger(value)));
}

function now(shift: (around: Surroundings) => number, cut: 'all' | 'date' | 'time'): SqlFunction {
  return {
    least: 0,
    most: 1,
    type: (list) =>
      notNull(cut === 'date' ? DATE : cut === 'time' ? timeType(digitsOf(list)) : dateTimeType(digitsOf(list))),
    call: ([fraction], around) => {
      const text = dateTimeText(around.statementTime + shift(around), digits(fraction));
      return cut === 'date' ? text.slice(0, 10) : cut === 'time' ? text.slice(11) : text;
    },
  };
}

function local(): number {
  return 0;
}

function utc(around: Surroundings): number {
  return -around.zone;
}

/** Months of each unit that counts in them; the others count microseconds. */
const UNIT_MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12, YEAR_MONTH: 1 };
const UNIT_SECONDS: Readonly<Record<string, number>> = {
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

export const UNITS: ReadonlySet<string> = new Set([
  ...Object.keys(UNIT_MONTHS),
  ...Object.keys(UNIT_SECONDS),
  ...Object.keys(MIXED),
  'MICROSECOND',
]);

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
  return String(list[2]!.value({ around: null as never, row: [], aggregates: null, outer: null }));
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

/** `-01:02:03` of so many microseconds, cut at what TIME can hold. */
function timeOfMicros(micros: bigint, scale: number): string {
  const negative = micros < 0n;
  const size = Number(negative ? -micros : micros);
  const seconds = Math.floor(size / MICROS);
  const over = seconds > MOST_SECONDS;
  return spanText(
    { negative, seconds: over ? MOST_SECONDS : seconds, micros: over ? 0 : size - seconds * MICROS },
    scale,
  );
}

function wholeMonths(a: Moment, b: Moment): number {
  const months = (b.year - a.year) * 12 + b.month - a.month;
  const restA = momentText({ ...a, year: 2000, month: 1 }, 6);
  const restB = momentText({ ...b, year: 2000, month: 1 }, 6);
  if (months > 0 && restB < restA) return months - 1;
  return months < 0 && restB > restA ? months + 1 : months;
}

function microsBetween(a: Moment, b: Moment): number {
  return (secondsOf(b) - secondsOf(a)) * MICROS + b.micros - a.micros;
}

function timestampDiff([unitText, from, to]: readonly Value[], around: Surroundings): Value {
  const a = momentOfValue(from, around);
  const b = momentOfValue(to, around);
  if (a === null || b === null) return null;
  const unit = String(unitText);
  const months = UNIT_MONTHS[unit];
  if (months !== undefined) return BigInt(Math.trunc(wholeMonths(a, b) / months));
  const micros = microsBetween(a, b);
  return BigInt(unit === 'MICROSECOND' ? micros : Math.trunc(micros / (UNIT_SECONDS[unit]! * MICROS)));
}

function timeDiff([from, to]: readonly Value[], around: Surroundings, list: readonly Bound[]): Value {
  const scale = Math.max(fractionOf(list[0]!, from), fractionOf(list[1]!, to));
  return timeOfMicros(microsOfTimeValue(from, around) - microsOfTimeValue(to, around), scale);
}

function fractionOf(it: Bound, value: Value | undefined): number {
  if (isTemporal(it.type)) return it.type.scale;
  return String(value).includes('.') ? 6 : 0;
}

/** Microseconds of a time, or since 1970 of a date and time. */
function microsOfTimeValue(value: Value | undefined, around: Surroundings): bigint {
  const text = textOf(value as Present)!;
  if (/^\s*\d{4}-/.test(text)) {
    const it = momentOfValue(value, around);
    return it === null ? 0n : BigInt(secondsOf(it)) * BigInt(MICROS) + BigInt(it.micros);
  }
  const read = readSpan(text);
  if (read === null) return 0n;
  return BigInt(read.span.seconds * MICROS + read.span.micros) * (read.span.negative ? -1n : 1n);
}

const EXTRACTS: Readonly<Record<string, (it: Moment) => number>> = {
  YEAR: (it) => it.year,
  QUARTER: (it) => Math.ceil(it.month / 3),
  MONTH: (it) => it.month,
  WEEK: (it) => weekOf(it, 0).week,
  DAY: (it) => it.day,
  HOUR: (it) => it.hour,
  MINUTE: (it) => it.minute,
  SECOND: (it) => it.second,
  MICROSECOND: (it) => it.micros,
  YEAR_MONTH: (it) => it.year * 100 + it.month,
  DAY_HOUR: (it) => it.day * 100 + it.hour,
  DAY_MINUTE: (it) => it.day * 10_000 + it.hour * 100 + it.minute,
  DAY_SECOND: (it) => it.day * 1_000_000 + it.hour * 10_000 + it.minute * 100 + it.second,
  HOUR_MINUTE: (it) => it.hour * 100 + it.minute,
  HOUR_SECOND: (it) => it.hour * 10_000 + it.minute * 100 + it.second,
  MINUTE_SECOND: (it) => it.minute * 100 + it.second,
};

function unixTimestamp([value]: readonly Value[], around: Surroundings, list: readonly Bound[]): Value {
  if (value === undefined) return BigInt(Math.floor((around.statementTime - around.zone) / 1000));
  const it = momentOfValue(value, around);
  if (it === null) return null;
  const seconds = secondsOf(it) - around.zone / 1000;
  if (seconds < 0) return 0n;
  const scale = unixTimestampType(list).scale;
  if (scale === 0) return BigInt(seconds);
  return rounded(new Decimal(BigInt(seconds) * BigInt(MICROS) + BigInt(it.micros), 6), scale);
}

/** Digits behind the point of a text that is always the same; of another there may be six. */
function fractionOfText(it: Bound): number {
  if (!it.isConstant) return 6;
  const text = textOf(it.value({ around: null as never, row: [], aggregates: null, outer: null })) ?? '';
  return Math.min(6, /\.(\d+)/.exec(text)?.[1]?.length ?? 0);
}

function unixTimestampType(list: readonly Bound[]): SqlType {
  const type = list[0]?.type;
  if (type === undefined) return notNull(INTEGER);
  const scale = isTemporal(type) ? type.scale : type.family === 'text' ? fractionOfText(list[0]!) : 0;
  return scale === 0 ? INTEGER : decimalType(scale, 17);
}

function fromUnixtime([value, pattern]: readonly Value[], around: Surroundings, list: readonly Bound[]): Value {
  const exact = rounded(exactOf(numeric(value as Present)), 6).units;
  if (exact < 0n) return null;
  const seconds = Number(exact / BigInt(MICROS)) + around.zone / 1000;
  const it = momentOf(seconds, Number(exact % BigInt(MICROS)));
  if (pattern !== undefined) return formatted(it, textOf(pattern)!);
  return momentText(it, fromUnixtimeType(list).scale);
}

function fromUnixtimeType(list: readonly Bound[]): SqlType {
  if (list.length > 1) return textType(255);
  const { type } = list[0]!;
  return orNull(dateTimeType(type.family === 'integer' ? 0 : Math.min(6, type.scale)));
}

function strToDateType(list: readonly Bound[]): SqlType {
  const pattern = list[1]!;
  if (!pattern.isConstant) return orNull(dateTimeType(6));
  const text = textOf(pattern.value({ around: null as never, row: [], aggregates: null, outer: null }));
  const traits = traitsOfPattern(text ?? '');
  if (!traits.time) return DATE;
  return traits.date ? dateTimeType(traits.micros ? 6 : 0) : timeType(traits.micros ? 6 : 0);
}

function strToDate([text, pattern]: readonly Value[], around: Surroundings, list: readonly Bound[]): Value {
  const it = readByPattern(textOf(text as Present)!, textOf(pattern as Present)!);
  if (it === null) {
    around.warn(errorOf('WRONG_VALUE_FOR_FUNCTION', 'datetime', textOf(text!)!, 'str_to_date'));
    return null;
  }
  const type = strToDateType(list);
  if (type.family === 'date') return dateText(it);
  return type.family === 'time' ? momentText(it, type.scale).slice(11) : momentText(it, type.scale);
}

function whole(call: (it: Moment) => number): SqlFunction {
  return ofMoment(integerType(4), (it) => BigInt(call(it)));
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

const NOW = now(local, 'all');
const CURDATE: SqlFunction = { ...now(local, 'date'), most: 0 };
const CURTIME = now(local, 'time');
const DAY = whole((it) => it.day);
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

export const DATES: Table = [
  ['NOW CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP', NOW],
  ['SYSDATE', { ...NOW, changes: true }],
  ['CURDATE CURRENT_DATE', CURDATE],
  ['CURTIME CURRENT_TIME', CURTIME],
  ['UTC_TIMESTAMP', now(utc, 'all')],
  ['UTC_DATE', { ...now(utc, 'date'), most: 0 }],
  ['UTC_TIME', now(utc, 'time')],
  ['DATE_ADD', stepper(1)],
  ['DATE_SUB', stepper(-1)],
  ['ADDDATE', addDays(1)],
  ['SUBDATE', addDays(-1)],
  ['TIMESTAMPADD', TIMESTAMP_ADD],
  ['TIMESTAMPDIFF', { least: 3, most: 3, type: () => INTEGER, call: timestampDiff }],
  [
    'DATEDIFF',
    {
      least: 2,
      most: 2,
      type: () => INTEGER,
      call: ([a, b], around) => {
        const x = momentOfValue(a, around);
        const y = momentOfValue(b, around);
        return x === null || y === null
          ? null
          : BigInt(daysOf(x.year, x.month, x.day) - daysOf(y.year, y.month, y.day));
      },
    },
  ],
  [
    'TIMEDIFF',
    {
      least: 2,
      most: 2,
      type: (list) => timeType(Math.max(...list.map((it) => (isTemporal(it.type) ? it.type.scale : 0)))),
      call: timeDiff,
    },
  ],
  [
    'EXTRACT',
    {
      least: 2,
      most: 2,
      type: () => INTEGER,
      call: ([unit, value], around) => {
        const it = momentOfValue(value, around);
        return it === null ? null : BigInt(EXTRACTS[String(unit)]!(it));
      },
    },
  ],
  ['UNIX_TIMESTAMP', { least: 0, most: 1, type: unixTimestampType, call: unixTimestamp }],
  ['FROM_UNIXTIME', { least: 1, most: 2, type: fromUnixtimeType, call: fromUnixtime }],
  ['YEAR', whole((it) => it.year)],
  ['MONTH', whole((it) => it.month)],
  ['DAY DAYOFMONTH', DAY],
  ['QUARTER', whole((it) => Math.ceil(it.month / 3))],
  ['HOUR', ofTime((seconds) => Math.floor(seconds / 3600))],
  ['MINUTE', ofTime((seconds) => Math.floor(seconds / 60) % 60)],
  ['SECOND', ofTime((seconds) => seconds % 60)],
  ['MICROSECOND', ofTime((_, micros) => micros)],
  ['WEEKDAY', whole(weekdayOf)],
  ['DAYOFWEEK', whole((it) => ((weekdayOf(it) + 1) % 7) + 1)],
  ['DAYOFYEAR', whole(dayOfYear)],
  ['WEEKOFYEAR', whole((it) => weekOf(it, 3).week)],
  [
    'WEEK',
    {
      least: 1,
      most: 2,
      type: () => INTEGER,
      call: ([value, mode], around) => {
        const it = momentOfValue(value, around);
        return it === null
          ? null
          : BigInt(weekOf(it, mode === undefined ? 0 : Number(toInteger(mode as Present))).week);
      },
    },
  ],
  [
    'YEARWEEK',
    {
      least: 1,
      most: 2,
      type: () => INTEGER,
      call: ([value, mode], around) => {
        const it = momentOfValue(value, around);
        if (it === null) return null;
        const { year, week } = weekOf(it, (mode === undefined ? 0 : Number(toInteger(mode as Present))) | 2);
        return BigInt(year * 100 + week);
      },
    },
  ],
  ['DAYNAME', ofMoment(textType(9), (it) => DAYS[weekdayOf(it)]!)],
  ['MONTHNAME', ofMoment(textType(9), (it) => MONTHS[it.month - 1] ?? null)],
  ['LAST_DAY', ofMoment(DATE, (it) => dateText({ ...it, day: daysOfMonth(it.year, it.month) }))],
  ['DATE', ofMoment(DATE, dateText)],
  [
    'TIME',
    {
      least: 1,
      most: 1,
      type: (list) => timeType(isTemporal(list[0]!.type) ? list[0]!.type.scale : 0),
      call: ([value], around, list) =>
        timeOfMicros(
          /^\s*\d{4}-/.test(textOf(value!)!)
            ? ((microsOfTimeValue(value, around) % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n
            : microsOfTimeValue(value, around),
          isTemporal(list[0]!.type) ? list[0]!.type.scale : 0,
        ),
    },
  ],
  [
    'TIMESTAMP',
    {
      least: 1,
      most: 1,
      type: (list) => orNull(dateTimeType(isTemporal(list[0]!.type) ? list[0]!.type.scale : 0)),
      call: ([value], around, list) => {
        const it = momentOfValue(value, around);
        return it === null ? null : momentText(it, isTemporal(list[0]!.type) ? list[0]!.type.scale : 0);
      },
    },
  ],
  [
    'DATE_FORMAT',
    {
      least: 2,
      most: 3,
      type: () => textType(255),
      call: ([value, pattern], around) => {
        const it = momentOfValue(value, around);
        return it === null ? null : formatted(it, textOf(pattern as Present)!);
      },
    },
  ],
  [
    'TIME_FORMAT',
    {
      least: 2,
      most: 2,
      type: () => textType(255),
      call: ([value, pattern], around) => {
        const micros = microsOfTimeValue(value, around);
        const seconds = Number((micros < 0n ? -micros : micros) / BigInt(MICROS));
        const rest = Number((micros < 0n ? -micros : micros) % BigInt(MICROS));
        const it = { ...momentOf(seconds % SECONDS_OF_DAY, rest), hour: Math.floor(seconds / 3600) };
        return formatted(it, textOf(pattern as Present)!);
      },
    },
  ],
  ['STR_TO_DATE', { least: 2, most: 2, type: strToDateType, call: strToDate }],
  ['TO_DAYS', ofMoment(INTEGER, (it) => BigInt(daysOf(it.year, it.month, it.day) + TO_DAYS_EPOCH))],
  [
    'FROM_DAYS',
    {
      least: 1,
      most: 1,
      type: () => DATE,
      call: ([value]) => {
        const [year, month, day] = dateOfDays(Number(toInteger(value as Present)) - TO_DAYS_EPOCH);
        return dateText({ ...momentOf(0, 0), year, month, day });
      },
    },
  ],
  [
    'MAKEDATE',
    {
      least: 2,
      most: 2,
      type: () => DATE,
      call: ([year, day]) => {
        if (toInteger(day!) <= 0n) return null;
        const first = daysOf(Number(toInteger(year!)), 1, 1);
        const [y, m, d] = dateOfDays(first + Number(toInteger(day!)) - 1);
        return dateText({ ...momentOf(0, 0), year: y, month: m, day: d });
      },
    },
  ],
  [
    'SEC_TO_TIME',
    {
      least: 1,
      most: 1,
      type: (list) => timeType(Math.min(6, list[0]!.type.scale % 31)),
      call: ([value], _around, list) =>
        timeOfMicros(rounded(exactOf(numeric(value!)), 6).units, Math.min(6, list[0]!.type.scale % 31)),
    },
  ],
  ['TIME_TO_SEC', ofTime((seconds) => seconds)],
  [
    'MAKETIME',
    {
      least: 3,
      most: 3,
      type: () => timeType(0),
      call: ([h, m, s]) => {
        const [hours, minutes, seconds] = [toInteger(h!), toInteger(m!), Math.floor(toDouble(s!))];
        if (minutes < 0n || minutes > 59n || seconds < 0 || seconds > 59) return null;
        const size = (hours < 0n ? -hours : hours) * 3600n + minutes * 60n + BigInt(seconds);
        return timeOfMicros((hours < 0n ? -1n : 1n) * size * BigInt(MICROS), 0);
      },
    },
  ],
];
