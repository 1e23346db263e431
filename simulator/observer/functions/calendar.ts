/**
 * Weeks, names and patterns of the calendar: what DATE_FORMAT, STR_TO_DATE and WEEK are made of.
 *
 * The count of weeks follows the table of modes in the MySQL manual (WEEK()).
 */
import { daysOf, daysOfMonth, four, type Moment, two } from '../date-time.ts';

export const MONTHS: readonly string[] =
  'January February March April May June July August September October November December'.split(' ');
export const DAYS: readonly string[] = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

/** 0 is Monday. */
export function weekdayOf(it: Moment): number {
  return (((daysOf(it.year, it.month, it.day) + 3) % 7) + 7) % 7;
}

export function dayOfYear(it: Moment): number {
  return daysOf(it.year, it.month, it.day) - daysOf(it.year, 1, 1) + 1;
}

function daysOfYear(year: number): number {
  return daysOfMonth(year, 2) === 29 ? 366 : 365;
}

/** The week of a date, and the year it belongs to. Bits of a mode: Monday first, counts from 1, week 1 has 4 days. */
export function weekOf(it: Moment, mode: number): { readonly week: number; readonly year: number } {
  const mondayFirst = (mode & 1) !== 0;
  let ofYear = (mode & 2) !== 0;
  const fromFirst = mondayFirst ? (mode & 4) !== 0 : (mode & 4) === 0;
  let { year } = it;
  const day = daysOf(it.year, it.month, it.day);
  let first = daysOf(year, 1, 1);
  let weekday = (((first + (mondayFirst ? 3 : 4)) % 7) + 7) % 7;
  if (it.month === 1 && it.day <= 7 - weekday) {
    if (!ofYear && (fromFirst ? weekday !== 0 : weekday >= 4)) return { week: 0, year };
    ofYear = true;
    year -= 1;
    const days = daysOfYear(year);
    first -= days;
    weekday = (weekday + 53 * 7 - days) % 7;
  }
  const late = fromFirst ? weekday !== 0 : weekday >= 4;
  const days = late ? day - (first + 7 - weekday) : day - (first - weekday);
  if (ofYear && days >= 52 * 7) {
    weekday = (weekday + daysOfYear(year)) % 7;
    if (fromFirst ? weekday === 0 : weekday < 4) return { week: 1, year: year + 1 };
  }
  return { week: Math.floor(days / 7) + 1, year };
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'}`;
}

function hour12(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12;
}

/** What a `%x` of DATE_FORMAT writes. */
const PATTERNS: Readonly<Record<string, (it: Moment) => string>> = {
  Y: (it) => four(it.year),
  y: (it) => two(it.year % 100),
  m: (it) => two(it.month),
  c: (it) => String(it.month),
  M: (it) => MONTHS[it.month - 1] ?? '',
  b: (it) => (MONTHS[it.month - 1] ?? '').slice(0, 3),
  d: (it) => two(it.day),
  e: (it) => String(it.day),
  D: (it) => ordinal(it.day),
  H: (it) => two(it.hour),
  k: (it) => String(it.hour),
  h: (it) => two(hour12(it.hour)),
  I: (it) => two(hour12(it.hour)),
  l: (it) => String(hour12(it.hour)),
  i: (it) => two(it.minute),
  s: (it) => two(it.second),
  S: (it) => two(it.second),
  f: (it) => String(it.micros).padStart(6, '0'),
  p: (it) => (it.hour < 12 ? 'AM' : 'PM'),
  r: (it) => `${two(hour12(it.hour))}:${two(it.minute)}:${two(it.second)} ${it.hour < 12 ? 'AM' : 'PM'}`,
  T: (it) => `${two(it.hour)}:${two(it.minute)}:${two(it.second)}`,
  W: (it) => DAYS[weekdayOf(it)]!,
  a: (it) => DAYS[weekdayOf(it)]!.slice(0, 3),
  w: (it) => String((weekdayOf(it) + 1) % 7),
  j: (it) => String(dayOfYear(it)).padStart(3, '0'),
  U: (it) => two(weekOf(it, 0).week),
  u: (it) => two(weekOf(it, 1).week),
  V: (it) => two(weekOf(it, 2).week),
  v: (it) => two(weekOf(it, 3).week),
  X: (it) => four(weekOf(it, 2).year),
  x: (it) => four(weekOf(it, 3).year),
};

export function formatted(it: Moment, pattern: string): string {
  return pattern.replace(/%(.)/gs, (_whole, letter: string) => PATTERNS[letter]?.(it) ?? letter);
}

/** No part of a date is longer: the names of months are shorter, and what goes on behind this is none. */
const LONGEST_PART = 20;

/** What a `%x` of STR_TO_DATE takes, and which part it is. */
const READERS: Readonly<Record<string, readonly [pattern: RegExp, part: string]>> = {
  Y: [/^\d{1,4}/, 'year'],
  y: [/^\d{1,2}/, 'shortYear'],
  m: [/^\d{1,2}/, 'month'],
  c: [/^\d{1,2}/, 'month'],
  d: [/^\d{1,2}/, 'day'],
  e: [/^\d{1,2}/, 'day'],
  H: [/^\d{1,2}/, 'hour'],
  k: [/^\d{1,2}/, 'hour'],
  h: [/^\d{1,2}/, 'hour'],
  i: [/^\d{1,2}/, 'minute'],
  s: [/^\d{1,2}/, 'second'],
  S: [/^\d{1,2}/, 'second'],
  f: [/^\d{1,6}/, 'micros'],
  M: [/^[a-zA-Z]+/, 'monthName'],
  b: [/^[a-zA-Z]{3}/, 'monthName'],
  p: [/^[aApP][mM]/, 'half'],
};

const WITH_TIME = /%[HkhiSsfTrp]/;
const WITH_DATE = /%[YymcdeMb]/;

export interface PatternTraits {
  readonly date: boolean;
  readonly time: boolean;
  readonly micros: boolean;
}

export function traitsOfPattern(pattern: string): PatternTraits {
  return { date: WITH_DATE.test(pattern), time: WITH_TIME.test(pattern), micros: pattern.includes('%f') };
}

/** The moment that a text says in this pattern; null if it does not fit. Each part takes what it can, as in MySQL. */
export function readByPattern(text: string, pattern: string): Moment | null {
  const whole = pattern.replaceAll('%T', '%H:%i:%s').replaceAll('%r', '%h:%i:%s %p');
  const read = new Map<string, string>();
  let at = skipBlanks(text, 0);
  for (let place = 0; place < whole.length; place += 1) {
    const mark = whole[place]!;
    const reader = mark === '%' ? READERS[whole[place + 1] ?? ''] : undefined;
    if (reader !== undefined) {
      const found = reader[0].exec(text.slice(at, at + LONGEST_PART));
      if (found === null) return null;
      read.set(reader[1], found[0]);
      at += found[0].length;
      place += 1;
    } else if (/\s/.test(mark)) {
      at = skipBlanks(text, at);
    } else {
      if (text[at] !== mark) return null;
      at += 1;
    }
  }
  return momentOfParts(read);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at += 1;
  return at;
}

function momentOfParts(read: ReadonlyMap<string, string>): Moment | null {
  const short = read.get('shortYear');
  const name = read.get('monthName')?.slice(0, 3).toLowerCase();
  const named = name === undefined ? -1 : MONTHS.findIndex((it) => it.slice(0, 3).toLowerCase() === name);
  let hour = Number(read.get('hour') ?? 0);
  const half = read.get('half')?.toUpperCase();
  if (half !== undefined) hour = (hour % 12) + (half === 'PM' ? 12 : 0);
  const it: Moment = {
    year: short === undefined ? Number(read.get('year') ?? 0) : Number(short) + (Number(short) < 70 ? 2000 : 1900),
    month: named >= 0 ? named + 1 : Number(read.get('month') ?? 0),
    day: Number(read.get('day') ?? 0),
    hour,
    minute: Number(read.get('minute') ?? 0),
    second: Number(read.get('second') ?? 0),
    micros: Number((read.get('micros') ?? '').padEnd(6, '0')),
  };
  const dated = it.month !== 0 || it.day !== 0;
  if (dated && (it.month < 1 || it.month > 12 || it.day < 1 || it.day > daysOfMonth(it.year, it.month))) return null;
  return it.hour > 23 || it.minute > 59 || it.second > 59 ? null : it;
}
