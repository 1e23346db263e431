/** Functions of texts. A text is counted in characters, not in UTF-16 units. */

import { folded, foldedWhole } from '../sql/collation.ts';
import { textOf, toInteger, type Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import { binaryType, INTEGER, orNull, type SqlType, textLength, textType } from '../types.ts';
import {
  joinedText,
  likeFirstText,
  MANY,
  onBytes,
  type Present,
  type SqlFunction,
  type Table,
  TooLong,
} from './function.ts';

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

function bytesOf(value: Value | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(text(value));
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

/** Where a text stands in another, from 1; 0 if nowhere. In bytes case counts. */
function locate(needle: Value | undefined, hay: Value | undefined, from: number): bigint {
  if (from < 1) return 0n;
  const isBinary = Buffer.isBuffer(needle) || Buffer.isBuffer(hay);
  const x = isBinary ? bytesOf(hay) : characters(foldedWhole(text(hay)));
  const y = isBinary ? bytesOf(needle) : characters(foldedWhole(text(needle)));
  if (y.length === 0) return from - 1 <= x.length ? BigInt(from) : 0n;
  const borders = bordersOf(y);
  let same = 0;
  for (let at = from - 1; at < x.length; at += 1) {
    while (same > 0 && x[at] !== y[same]) same = borders[same - 1]!;
    if (x[at] === y[same]) same += 1;
    if (same === y.length) return BigInt(at - same + 2);
  }
  return 0n;
}

/** How much of each beginning is its end too (Knuth, Morris, Pratt): so a search never goes back. */
function bordersOf(of: ArrayLike<string | number>): Int32Array {
  const borders = new Int32Array(of.length);
  let same = 0;
  for (let at = 1; at < of.length; at += 1) {
    while (same > 0 && of[at] !== of[same]) same = borders[same - 1]!;
    if (of[at] === of[same]) same += 1;
    borders[at] = same;
  }
  return borders;
}

function padded(values: readonly Value[], left: boolean, around: Surroundings): Value {
  const of = characters(text(values[0]));
  const length = whole(values[1]);
  const fill = characters(values.length < 3 ? ' ' : text(values[2]));
  if (length < 0) return null;
  mustFit(length, around);
  if (of.length >= length) return part(of, 0, length);
  if (fill.length === 0) return '';
  const wanted = length - of.length;
  const rest = wanted % fill.length;
  const times = (wanted - rest) / fill.length;
  const more = part(fill, 0, fill.length).repeat(times) + part(fill, 0, rest);
  return left ? more + part(of, 0, of.length) : part(of, 0, of.length) + more;
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
  const of = text(values[0]);
  const what = values.length < 2 ? ' ' : text(values[1]);
  if (what === '') return of;
  let from = 0;
  let to = of.length;
  while (atStart && of.startsWith(what, from)) from += what.length;
  while (atEnd && to - what.length >= from && of.endsWith(what, to)) to -= what.length;
  return of.slice(from, to);
}

/** As costly as eight texts: each character is a text of its own for a while. */
function reversed([of]: readonly Value[], around: Surroundings): string {
  around.effort.spendBytes(text(of).length * 8);
  return [...text(of)].reverse().join('');
}

function substringIndex([of, mark, count]: readonly Value[]): Value {
  const wanted = whole(count);
  const by = text(mark);
  if (by === '' || wanted === 0) return '';
  const parts = text(of).split(by);
  return wanted > 0 ? parts.slice(0, wanted).join(by) : parts.slice(wanted).join(by);
}

function inserted([of, at, length, more]: readonly Value[]): Value {
  const all = characters(text(of));
  const from = whole(at) - 1;
  if (from < 0 || from >= all.length) return text(of);
  const end = whole(length) < 0 ? all.length : from + whole(length);
  return part(all, 0, from) + text(more) + part(all, end, all.length);
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

/** Of a length that is not known before. */
function longLikeFirst(list: Parameters<SqlFunction['type']>[0]): SqlType {
  return list[0]!.type.family === 'binary' ? binaryType(65_535) : textType(65_535);
}

function count(least: number, most: number, call: (values: readonly Value[]) => Value): SqlFunction {
  return { least, most, type: () => INTEGER, call };
}

function ofText(least: number, most: number, call: SqlFunction['call']): SqlFunction {
  return { least, most, type: likeFirstText, call: onBytes(call) };
}

/** Bytes have no case. */
const UPPER: SqlFunction = {
  ...ofText(1, 1, () => null),
  call: ([it]) => (Buffer.isBuffer(it) ? it : text(it).toUpperCase()),
};
const LOWER: SqlFunction = {
  ...ofText(1, 1, () => null),
  call: ([it]) => (Buffer.isBuffer(it) ? it : text(it).toLowerCase()),
};
const SUBSTRING = ofText(2, 3, substring);
const CHAR_LENGTH = count(1, 1, ([it]) => BigInt(Buffer.isBuffer(it) ? it.length : characters(text(it)).length));
const LENGTH = count(1, 1, ([it]) => BigInt(size(it)));
const ORD = count(1, 1, ([it]) => {
  const bytes = Buffer.isBuffer(it) ? it.subarray(0, 1) : Buffer.from([...text(it)][0] ?? '');
  let all = 0n;
  for (const byte of bytes) all = (all << 8n) | BigInt(byte);
  return all;
});

/** `round` is ROUND, which FORMAT is made with. */
export function textFunctions(round: SqlFunction): Table {
  return [
    ['CONCAT', { spells: true, least: 1, most: MANY, type: joinedText, call: concat }],
    ['CONCAT_WS', { spells: true, least: 2, most: MANY, takesNull: true, type: joinedText, call: onBytes(concatWs) }],
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
    ['LOCATE', count(2, 3, ([a, b, from]) => locate(a, b, from === undefined ? 1 : whole(from)))],
    ['POSITION', count(2, 2, ([a, b]) => locate(a, b, 1))],
    ['INSTR', count(2, 2, ([a, b]) => locate(b, a, 1))],
    [
      'REPLACE',
      {
        least: 3,
        most: 3,
        type: joinedText,
        call: onBytes(replaced),
      },
    ],
    ['REPEAT', { least: 2, most: 2, type: longLikeFirst, call: onBytes(repeated) }],
    [
      'SPACE',
      { least: 1, most: 1, type: () => textType(65_535), call: ([n], around) => timesOver(' ', whole(n), around) },
    ],
    ['REVERSE', ofText(1, 1, reversed)],
    ['TRIM', ofText(1, 2, (values) => trimmed(values, true, true))],
    ['LTRIM', ofText(1, 2, (values) => trimmed(values, true, false))],
    ['RTRIM', ofText(1, 2, (values) => trimmed(values, false, true))],
    [
      'LPAD',
      { least: 2, most: 3, type: longLikeFirst, call: onBytes((values, around) => padded(values, true, around)) },
    ],
    [
      'RPAD',
      { least: 2, most: 3, type: longLikeFirst, call: onBytes((values, around) => padded(values, false, around)) },
    ],
    ['SUBSTRING_INDEX', ofText(3, 3, substringIndex)],
    ['INSERT', { least: 4, most: 4, type: joinedText, call: onBytes(inserted) }],
    ['ASCII', count(1, 1, ([it]) => BigInt(bytesOf(it)[0] ?? 0))],
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
