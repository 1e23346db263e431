/**
 * Dates and times: reading, writing and counting them. No `Date`: the calendar is counted out here.
 *
 * A date-time is kept as its text (`2023-11-15 06:13:20.5`), which orders as the time does; to count it becomes `Moment`.
 * Days to year, month and day after Howard Hinnant's `civil_from_days`: eras of 400 years that begin in March.
 */

const DAY = 86_400_000;
const DAYS_OF_ERA = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

export const MICROS_OF_SECOND = 1_000_000;
export const SECONDS_OF_DAY = 86_400;

/** A point in the calendar; `micros` of the second. */
export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

export function four(value: number): string {
  return String(value).padStart(4, '0');
}

/** Days from 1970-01-01 to a date. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_OF_ERA + dayOfEra - EPOCH_DAYS;
}

/** Year, month and day so many days after 1970-01-01. */
export function dateOfDays(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / DAYS_OF_ERA);
  const dayOfEra = shifted - era * DAYS_OF_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

export function daysOfMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** Seconds since 1970 of a moment, its fraction left out. */
export function secondsOf(it: Moment): number {
  return daysOf(it.year, it.month, it.day) * SECONDS_OF_DAY + it.hour * 3600 + it.minute * 60 + it.second;
}

export function momentOf(seconds: number, micros: number): Moment {
  const days = Math.floor(seconds / SECONDS_OF_DAY);
  const [year, month, day] = dateOfDays(days);
  const rest = seconds - days * SECONDS_OF_DAY;
  const hour = Math.floor(rest / 3600);
  return { year, month, day, hour, minute: Math.floor(rest / 60) % 60, second: rest % 60, micros };
}

export function dateText(it: Moment): string {
  return `${four(it.year)}-${two(it.month)}-${two(it.day)}`;
}

/** `.25` for 250000 µs and two digits; nothing for none. */
export function fractionText(micros: number, digits: number): string {
  return digits === 0 ? '' : `.${String(micros).padStart(6, '0').slice(0, digits)}`;
}

export function momentText(it: Moment, digits: number): string {
  return `${dateText(it)} ${two(it.hour)}:${two(it.minute)}:${two(it.second)}${fractionText(it.micros, digits)}`;
}

/** `2023-11-15 06:13:20` for milliseconds since 1970 (of the time zone that is wanted). */
export function dateTimeText(milliseconds: number, digits = 0): string {
  const seconds = Math.floor(milliseconds / 1000);
  return momentText(momentOf(seconds, Math.floor((milliseconds - seconds * 1000) * 1000)), digits);
}

/** Milliseconds that a time zone of the form `+08:00` is ahead; other names count as the system's +08:00. */
export function zoneOffset(zone: string): number {
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone);
  if (match === null) return /^(?:UTC|GMT)$/i.test(zone) ? 0 : 8 * 3_600_000;
  const size = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return match[1] === '-' ? -size : size;
}

const SEPARATED =
  /^\s*(\d{2,4})[-/.:](\d{1,2})[-/.:](\d{1,2})(?:[ T]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?)?\s*(.*)$/s;
const PACKED = /^\s*(\d{4}|\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})(?:\.(\d*))?)?\s*(.*)$/s;

/** What a text was read as, and whether something stood behind it. */
export interface ReadMoment {
  readonly moment: Moment;
  /** Only a date was said. */
  readonly isDate: boolean;
  readonly rest: boolean;
  /** Digits behind the point of the seconds. */
  readonly digits: number;
}

/** The date and time that a text says; null if none, or none of the calendar. A zero date is one. */
export function readMoment(text: string, halfZero = false): ReadMoment | null {
  const found = SEPARATED.exec(text) ?? packed(text);
  if (found === null) return null;
  const [, yearText, month, day, hour, minute, second, fraction, rest] = found;
  let year = Number(yearText);
  if (yearText!.length === 2) year += year < 70 ? 2000 : 1900;
  const micros = fraction === undefined ? 0 : Number(`${fraction}000000`.slice(0, 6));
  const moment: Moment = {
    year: yearText!.length === 2 && month === '00' && year === 2000 ? 0 : year,
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    micros,
  };
  if (!isOfCalendar(moment, halfZero)) return null;
  const digits = Math.min(6, fraction?.length ?? 0);
  return { moment, isDate: hour === undefined, rest: rest !== '', digits };
}

function packed(text: string): RegExpExecArray | null {
  const digits = /^\s*(\d+)/.exec(text)?.[1]?.length ?? 0;
  return digits === 6 || digits === 8 || digits === 12 || digits === 14 ? PACKED.exec(text) : null;
}

/** `halfZero`: a month or a day may be 0, as a date is kept without NO_ZERO_IN_DATE. */
function isOfCalendar(it: Moment, halfZero: boolean): boolean {
  if (it.hour > 23 || it.minute > 59 || it.second > 59) return false;
  if (it.year === 0 && it.month === 0 && it.day === 0) return true;
  if (halfZero && it.month === 0) return it.day <= 31;
  if (halfZero && it.day === 0) return it.month <= 12;
  return it.month >= 1 && it.month <= 12 && it.day >= 1 && it.day <= daysOfMonth(it.year, it.month);
}

/** The moment with its fraction cut to `digits`, rounded up or not. */
export function roundedMoment(it: Moment, digits: number): Moment {
  const unit = 10 ** (6 - digits);
  const micros = Math.floor((it.micros + unit / 2) / unit) * unit;
  if (micros < MICROS_OF_SECOND) return { ...it, micros };
  return momentOf(secondsOf(it) + 1, 0);
}

/** The largest TIME: 838:59:59. */
export const MOST_SECONDS = 838 * 3600 + 59 * 60 + 59;

/** A span of time as TIME keeps it. */
export interface Span {
  readonly negative: boolean;
  readonly seconds: number;
  readonly micros: number;
}

const SPAN = /^\s*(-)?(?:(\d+) )?(\d+):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?\s*(.*)$/s;
const SPAN_PACKED = /^\s*(-)?(\d{1,7})(?:\.(\d*))?\s*(.*)$/s;

/** The TIME that a text says; null if none. `1112` is 11 minutes 12. */
export function readSpan(text: string): { readonly span: Span; readonly rest: boolean } | null {
  const found = SPAN.exec(text);
  if (found !== null) {
    const [, sign, days, hours, minutes, seconds, fraction, rest] = found;
    if (Number(minutes) > 59 || Number(seconds ?? 0) > 59) return null;
    const whole = (Number(days ?? 0) * 24 + Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
    return { span: { negative: sign === '-', seconds: whole, micros: microsOf(fraction) }, rest: rest !== '' };
  }
  const packed = SPAN_PACKED.exec(text);
  if (packed === null) return null;
  const number = Number(packed[2]);
  const minutes = Math.floor(number / 100) % 100;
  if (minutes > 59 || number % 100 > 59) return null;
  const seconds = Math.floor(number / 10_000) * 3600 + minutes * 60 + (number % 100);
  return { span: { negative: packed[1] === '-', seconds, micros: microsOf(packed[3]) }, rest: packed[4] !== '' };
}

function microsOf(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(`${fraction}000000`.slice(0, 6));
}

export function spanText(it: Span, digits: number): string {
  const hours = Math.floor(it.seconds / 3600);
  const sign = it.negative && (it.seconds > 0 || it.micros > 0) ? '-' : '';
  return `${sign}${two(hours)}:${two(Math.floor(it.seconds / 60) % 60)}:${two(it.seconds % 60)}${fractionText(it.micros, digits)}`;
}

/** Milliseconds of a day, for those who count in them. */
export const MILLISECONDS_OF_DAY = DAY;
