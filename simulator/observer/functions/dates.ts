/**
 * Functions of dates and times. "Now" is the time at which the statement began, so that it is the same in all of it.
 *
 * What is no date is NULL with warning 1292.
 */
import { errorOf } from '../../../proxy/wire/errors.ts';
import { beforehand } from '../beforehand.ts';
import type { Bound } from '../bound.ts';

import {
  dateOfDays,
  dateText,
  dateTimeText,
  daysOf,
  daysOfMonth,
  type Moment,
  momentOf,
  momentText,
  readSpan,
  SECONDS_OF_DAY,
  secondsOf,
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
import { UNIT_MONTHS, UNIT_SECONDS } from './date-steps.ts';
import type { Present, SqlFunction, Table } from './function.ts';
import { MICROS, microsOfTimeValue, momentOfValue, timeOfMicros } from './reading.ts';

/** From the year 0 to 1970, as TO_DAYS counts. */
const TO_DAYS_EPOCH = 719_528;
/** TO_DAYS('0000-12-31') and less are no dates of MySQL's calendar, nor what is behind TO_DAYS('9999-12-31'). */
const DAYS_OF_YEAR_ZERO = 365;
const LAST_DAY_NUMBER = 3_652_424;
const ZERO_DATE = '0000-00-00';
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
  const wanted = list[0];
  if (wanted === undefined) return 0;
  const said = beforehand(wanted);
  if (said === undefined) return 6;
  return said === null ? 0 : Math.max(0, Math.min(6, Number(toInteger(said))));
}

function digits(value: Value | undefined): number {
  return value === undefined || value === null ? 0 : Math.max(0, Math.min(6, Number(toInteger(value))));
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
  const said = beforehand(it);
  if (said === undefined) return 6;
  const text = textOf(said) ?? '';
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
  const pattern = beforehand(list[1]!);
  if (pattern === undefined) return orNull(dateTimeType(6));
  const traits = traitsOfPattern(textOf(pattern) ?? '');
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

const NOW = now(local, 'all');
const CURDATE: SqlFunction = { ...now(local, 'date'), most: 0 };
const CURTIME = now(local, 'time');
const DAY = whole((it) => it.day);
export const DATES: Table = [
  ['NOW CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP', NOW],
  ['SYSDATE', { ...NOW, changes: true }],
  ['CURDATE CURRENT_DATE', CURDATE],
  ['CURTIME CURRENT_TIME', CURTIME],
  ['UTC_TIMESTAMP', now(utc, 'all')],
  ['UTC_DATE', { ...now(utc, 'date'), most: 0 }],
  ['UTC_TIME', now(utc, 'time')],
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
        const days = Number(toInteger(value as Present));
        if (days <= DAYS_OF_YEAR_ZERO || days > LAST_DAY_NUMBER) return ZERO_DATE;
        const [year, month, day] = dateOfDays(days - TO_DAYS_EPOCH);
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
        const inYear = Number(toInteger(year!));
        if (toInteger(day!) <= 0n || inYear < 0 || inYear > 9999) return null;
        const at = daysOf(inYear, 1, 1) + Number(toInteger(day!)) - 1;
        if (at + TO_DAYS_EPOCH > LAST_DAY_NUMBER) return null;
        const [y, m, d] = dateOfDays(at);
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
