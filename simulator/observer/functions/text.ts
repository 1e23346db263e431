/** Functions of texts. A text is counted in characters, not in UTF-16 units. */

import { folded, foldedWhole } from '../sql/collation.ts';
import { textOf, toInteger, type Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import { binaryType, INTEGER, orNull, type SqlType, textLength, textType } from '../types.ts';
import { joinedText, likeFirstText, MANY, type Present, type SqlFunction, type Table, TooLong } from './function.ts';

function text(value: Value | undefined): string {
  return textOf(value as Present)!;
}

function whole(value: Value | undefined): number {
  return Number(toInteger(value as Present));
}

const SURROGATE = /[\ud800-\udfff]/;

/** A text in characters. */
function characters(value: string): readonly string[] | string {
  return SURROGATE.test(value) ? [...value] : value;
}

function part(of: readonly string[] | string, from: number, to: number): string {
  return typeof of === 'string' ? of.slice(from, to) : of.slice(from, to).join('');
}

/** How many bytes a text takes on the wire. */
function size(value: Value | undefined): number {
  return Buffer.isBuffer(value) ? value.length : Buffer.byteLength(text(value));
}

/** A text that would be longer than the server sends in one packet is never made; `Call` says what is given instead. */
function mustFit(length: number, around: Surroundings): void {
  if (length > around.maxAllowedPacket) throw new TooLong();
}

function substring(values: readonly Value[]): Value {
  const of = characters(text(values[0]));
  const start = whole(values[1]);
  const length = values.length < 3 ? of.length : whole(values[2]);
  if (start === 0 || length <= 0) return '';
  const from = start > 0 ? start - 1 : of.length + start;
  return from < 0 ? '' : part(of, from, from + length);
}

/** Where a text stands in another, from 1; 0 if nowhere. */
function locate(needle: string, hay: string, from: number): bigint {
  if (from < 1) return 0n;
  const x = [...foldedWhole(hay)];
  const y = [...foldedWhole(needle)];
  for (let at = from - 1; at + y.length <= x.length; at += 1) {
    let same = 0;
    while (same < y.length && x[at + same] === y[same]) same += 1;
    if (same === y.length) return BigInt(at + 1);
  }
  return 0n;
}

function padded(values: readonly Value[], left: boolean, around: Surroundings): Value {
  const of = [...text(values[0])];
  const length = whole(values[1]);
  const fill = [...(values.length < 3 ? ' ' : text(values[2]))];
  if (length < 0) return null;
  mustFit(length, around);
  if (of.length >= length) return of.slice(0, length).join('');
  if (fill.length === 0) return '';
  let more = '';
  for (let i = 0; i < length - of.length; i += 1) more += fill[i % fill.length]!;
  return left ? more + of.join('') : of.join('') + more;
}

function repeated(values: readonly Value[], around: Surroundings): Value {
  return timesOver(text(values[0]), whole(values[1]), around);
}

function timesOver(of: string, times: number, around: Surroundings): string {
  if (times <= 0) return '';
  mustFit(Buffer.byteLength(of) * times, around);
  return of.repeat(times);
}

function replaced([of, from, to]: readonly Value[], around: Surroundings): string {
  if (text(from) === '') return text(of);
  const parts = text(of).split(text(from));
  mustFit(text(of).length + (parts.length - 1) * (text(to).length - text(from).length), around);
  return parts.join(text(to));
}

function trimmed(values: readonly Value[], atStart: boolean, atEnd: boolean): Value {
  let of = text(values[0]);
  const what = values.length < 2 ? ' ' : text(values[1]);
  if (what === '') return of;
  while (atStart && of.startsWith(what)) of = of.slice(what.length);
  while (atEnd && of.endsWith(what)) of = of.slice(0, of.length - what.length);
  return of;
}

function substringIndex([of, mark, count]: readonly Value[]): Value {
  const wanted = whole(count);
  const by = text(mark);
  if (by === '' || wanted === 0) return '';
  const parts = text(of).split(by);
  return wanted > 0 ? parts.slice(0, wanted).join(by) : parts.slice(wanted).join(by);
}

function inserted([of, at, length, more]: readonly Value[]): Value {
  const all = [...text(of)];
  const from = whole(at) - 1;
  if (from < 0 || from >= all.length) return text(of);
  const end = whole(length) < 0 ? all.length : from + whole(length);
  return all.slice(0, from).join('') + text(more) + all.slice(end).join('');
}

function hex([value]: readonly Value[]): Value {
  if (typeof value === 'string') return Buffer.from(value).toString('hex').toUpperCase();
  if (Buffer.isBuffer(value)) return value.toString('hex').toUpperCase();
  return BigInt.asUintN(64, toInteger(value as Present))
    .toString(16)
    .toUpperCase();
}

function unhex([value]: readonly Value[]): Value {
  const digits = text(value);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return /^[0-9a-fA-F]*$/.test(even) ? Buffer.from(even, 'hex') : null;
}

/** FORMAT_MAX_DECIMALS of MySQL 5.7: what is asked beyond is left out. */
const MOST_FORMAT_DIGITS = 30;

/** A number with its thousands marked, rounded: FORMAT(1234.5, 2). */
function formatted(around: Surroundings, value: Value, digits: Value, round: SqlFunction): Value {
  const rounded = text(round.call([value, digits], around, []));
  const [integer, fraction] = rounded.split('.') as [string, string | undefined];
  const wanted = Math.max(0, Math.min(MOST_FORMAT_DIGITS, whole(digits)));
  const marked = integer.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return wanted === 0 ? marked : `${marked}.${(fraction ?? '').padEnd(wanted, '0')}`;
}

function elementOf([at, ...list]: readonly Value[]): Value {
  return at === null ? null : (list[whole(at) - 1] ?? null);
}

function fieldOf([wanted, ...list]: readonly Value[]): Value {
  if (wanted === null) return 0n;
  const same = folded(text(wanted));
  return BigInt(list.findIndex((it) => it !== null && folded(text(it)) === same) + 1);
}

function findInSet([wanted, set]: readonly Value[]): Value {
  const list = text(set);
  return list === ''
    ? 0n
    : BigInt(
        list
          .split(',')
          .map(folded)
          .indexOf(folded(text(wanted))) + 1,
      );
}

function concatWs([mark, ...list]: readonly Value[], around: Surroundings): Value {
  if (mark === null) return null;
  const by = text(mark);
  const parts = list.filter((it) => it !== null).map((it) => text(it));
  let length = by.length * Math.max(0, parts.length - 1);
  for (const one of parts) length += one.length;
  mustFit(length, around);
  return parts.join(by);
}

/** Bytes stay bytes where one of the parts is. */
function concat(values: readonly Value[], around: Surroundings): Value {
  let length = 0;
  for (const value of values) length += typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 0;
  mustFit(length, around);
  if (values.some((it) => Buffer.isBuffer(it))) {
    return Buffer.concat(values.map((it) => (Buffer.isBuffer(it) ? it : Buffer.from(text(it)))));
  }
  let all = '';
  for (const value of values) all += typeof value === 'string' ? value : text(value);
  return all;
}

function concatType(list: Parameters<SqlFunction['type']>[0]): SqlType {
  const joined = joinedText(list);
  return list.some((it) => it.type.family === 'binary') ? binaryType(joined.length * 4) : joined;
}

function count(least: number, most: number, call: (values: readonly Value[]) => Value): SqlFunction {
  return { least, most, type: () => INTEGER, call };
}

function ofText(least: number, most: number, call: SqlFunction['call']): SqlFunction {
  return { least, most, type: likeFirstText, call };
}

const UPPER = ofText(1, 1, ([it]) => (Buffer.isBuffer(it) ? it : text(it).toUpperCase()));
const LOWER = ofText(1, 1, ([it]) => (Buffer.isBuffer(it) ? it : text(it).toLowerCase()));
const SUBSTRING = ofText(2, 3, substring);
const CHAR_LENGTH = count(1, 1, ([it]) => BigInt(Buffer.isBuffer(it) ? it.length : [...text(it)].length));
const LENGTH = count(1, 1, ([it]) => BigInt(size(it)));
const ORD = count(1, 1, ([it]) => {
  const bytes = Buffer.from([...text(it)][0] ?? '');
  let all = 0n;
  for (const byte of bytes) all = (all << 8n) | BigInt(byte);
  return all;
});

/** `round` is ROUND, which FORMAT is made with. */
export function textFunctions(round: SqlFunction): Table {
  return [
    ['CONCAT', { spells: true, least: 1, most: MANY, type: concatType, call: concat }],
    ['CONCAT_WS', { spells: true, least: 2, most: MANY, takesNull: true, type: joinedText, call: concatWs }],
    ['LENGTH OCTET_LENGTH', LENGTH],
    ['BIT_LENGTH', count(1, 1, ([it]) => BigInt(size(it) * 8))],
    ['CHAR_LENGTH CHARACTER_LENGTH', CHAR_LENGTH],
    ['UPPER UCASE', UPPER],
    ['LOWER LCASE', LOWER],
    ['SUBSTRING SUBSTR MID', SUBSTRING],
    ['LEFT', ofText(2, 2, ([it, n]) => part(characters(text(it)), 0, Math.max(0, whole(n))))],
    [
      'RIGHT',
      ofText(2, 2, ([it, n]) => {
        const of = characters(text(it));
        return whole(n) <= 0 ? '' : part(of, Math.max(0, of.length - whole(n)), of.length);
      }),
    ],
    ['LOCATE', count(2, 3, ([a, b, from]) => locate(text(a), text(b), from === undefined ? 1 : whole(from)))],
    ['POSITION', count(2, 2, ([a, b]) => locate(text(a), text(b), 1))],
    ['INSTR', count(2, 2, ([a, b]) => locate(text(b), text(a), 1))],
    [
      'REPLACE',
      {
        least: 3,
        most: 3,
        type: joinedText,
        call: replaced,
      },
    ],
    ['REPEAT', { least: 2, most: 2, type: () => textType(65_535), call: repeated }],
    [
      'SPACE',
      { least: 1, most: 1, type: () => textType(65_535), call: ([n], around) => timesOver(' ', whole(n), around) },
    ],
    ['REVERSE', ofText(1, 1, ([it]) => [...text(it)].reverse().join(''))],
    ['TRIM', ofText(1, 2, (values) => trimmed(values, true, true))],
    ['LTRIM', ofText(1, 2, (values) => trimmed(values, true, false))],
    ['RTRIM', ofText(1, 2, (values) => trimmed(values, false, true))],
    [
      'LPAD',
      { least: 2, most: 3, type: () => textType(65_535), call: (values, around) => padded(values, true, around) },
    ],
    [
      'RPAD',
      { least: 2, most: 3, type: () => textType(65_535), call: (values, around) => padded(values, false, around) },
    ],
    ['SUBSTRING_INDEX', ofText(3, 3, substringIndex)],
    ['INSERT', { least: 4, most: 4, type: joinedText, call: inserted }],
    ['ASCII', count(1, 1, ([it]) => BigInt(Buffer.from(text(it))[0] ?? 0))],
    ['ORD', ORD],
    [
      'CHAR',
      {
        least: 1,
        most: MANY,
        type: (list) => binaryType(list.length * 4),
        call: (values) => Buffer.from(values.flatMap((it) => bytesOfCode(toInteger(it as Present)))),
      },
    ],
    ['HEX', { least: 1, most: 1, type: (list) => textType(Math.max(16, textLength(list[0]!.type) * 8)), call: hex }],
    ['UNHEX', { least: 1, most: 1, type: (list) => orNull(binaryType(textLength(list[0]!.type))), call: unhex }],
    [
      'FORMAT',
      {
        least: 2,
        most: 3,
        type: () => textType(60),
        call: ([it, digits], around) => formatted(around, it!, digits!, round),
      },
    ],
    ['ELT', { least: 2, most: MANY, takesNull: true, type: joinedText, call: elementOf }],
    ['FIELD', { ...count(2, MANY, fieldOf), takesNull: true }],
    ['FIND_IN_SET', count(2, 2, findInSet)],
    ['QUOTE', { least: 1, most: 1, takesNull: true, type: joinedText, call: ([it]) => quoted(it!) }],
    [
      'BIN',
      {
        least: 1,
        most: 1,
        type: () => textType(64),
        call: ([it]) => BigInt.asUintN(64, toInteger(it as Present)).toString(2),
      },
    ],
    [
      'OCT',
      {
        least: 1,
        most: 1,
        type: () => textType(64),
        call: ([it]) => BigInt.asUintN(64, toInteger(it as Present)).toString(8),
      },
    ],
  ];
}

function bytesOfCode(code: bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(32, code);
  do {
    bytes.unshift(Number(left & 0xffn));
    left >>= 8n;
  } while (left > 0n);
  return bytes;
}

function quoted(value: Value): Value {
  if (value === null) return 'NULL';
  return `'${text(value).replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0').replaceAll('\x1a', '\\Z')}'`;
}
