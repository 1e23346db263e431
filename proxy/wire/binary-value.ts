/**
 * Values in the binary protocol: how each column type is written, and read back.
 *
 * A table from the type to its rule. Values go in as the text protocol has them, as text or bytes: the same rows can be
 * sent either way. What is read is typed: whole numbers as bigints, floating ones as numbers, dates and decimals as
 * text, BLOBs as bytes. NULL is told by a bitmap and never comes here.
 */
import { type ByteReader, type ByteWriter, WireError } from './bytes.ts';
import { TYPE } from './constants.ts';

/** Types that only parameters have; the rest is in `constants.ts`. */
const MORE = { JSON: 0xf5, ENUM: 0xf7, SET: 0xf8, TINY_BLOB: 0xf9, MEDIUM_BLOB: 0xfa, LONG_BLOB: 0xfb };

export type BinaryValue = bigint | number | string | Buffer;

interface Rule {
  write(out: ByteWriter, value: string | Buffer): void;
  read(from: ByteReader, unsigned: boolean): BinaryValue;
}

const SCRATCH = Buffer.alloc(8);
const WHOLE = /^[+-]?\d+$/;

/** The whole number that a text says; of another number what stands before the point. */
function wholeOf(value: string | Buffer): bigint {
  const text = value.toString();
  if (WHOLE.test(text)) return BigInt(text);
  const number = Math.trunc(Number(text));
  return Number.isFinite(number) ? BigInt(number) : 0n;
}

function integer(size: 1 | 2 | 4 | 8): Rule {
  return {
    write(out, value) {
      SCRATCH.writeBigUInt64LE(BigInt.asUintN(64, wholeOf(value)));
      out.bytes(SCRATCH.subarray(0, size));
    },
    read(from, unsigned) {
      const bytes = from.bytes(size, 'integer');
      SCRATCH.fill(0);
      bytes.copy(SCRATCH);
      const value = SCRATCH.readBigUInt64LE();
      return unsigned ? value : BigInt.asIntN(8 * size, value);
    },
  };
}

const FLOAT: Rule = {
  write(out, value) {
    SCRATCH.writeFloatLE(Number(value.toString()));
    out.bytes(SCRATCH.subarray(0, 4));
  },
  read(from) {
    return from.bytes(4, 'float').readFloatLE();
  },
};

const DOUBLE: Rule = {
  write(out, value) {
    SCRATCH.writeDoubleLE(Number(value.toString()));
    out.bytes(SCRATCH);
  },
  read(from) {
    return from.bytes(8, 'double').readDoubleLE();
  },
};

const TEXT: Rule = {
  write(out, value) {
    if (typeof value === 'string') out.lenencText(value);
    else out.lenencBytes(value);
  },
  read(from) {
    return from.lenencText('text');
  },
};

const BYTES: Rule = {
  write: TEXT.write,
  read(from) {
    return Buffer.from(from.lenencBytes('bytes'));
  },
};

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?)?$/;
const TIME = /^(-)?(\d+):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/;

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

/** Microseconds of a fraction as it stands behind the point. */
function micros(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.padEnd(6, '0'));
}

function fractionText(value: number): string {
  return value === 0 ? '' : `.${digits(value, 6)}`;
}

/** A point in time: 0, 4, 7 or 11 bytes, as many as say something. */
function writeDateTime(out: ByteWriter, value: string | Buffer): void {
  const match = DATE_TIME.exec(value.toString());
  if (match === null) throw new WireError(`${JSON.stringify(value.toString())} is no date`);
  const fields = match.slice(1, 7).map((it) => Number(it ?? 0));
  const fraction = micros(match[7]);
  const [year, month, day, hour, minute, second] = fields as [number, number, number, number, number, number];
  const timed = hour + minute + second > 0;
  const size = fraction > 0 ? 11 : timed ? 7 : year + month + day > 0 ? 4 : 0;
  out.u8(size);
  if (size === 0) return;
  out.u16(year);
  out.u8(month);
  out.u8(day);
  if (size === 4) return;
  out.u8(hour);
  out.u8(minute);
  out.u8(second);
  if (size === 11) out.u32(fraction);
}

function readDateTime(from: ByteReader, isDate: boolean): string {
  const size = from.u8('length of a date');
  if (size !== 0 && size !== 4 && size !== 7 && size !== 11) throw new WireError(`a date of ${size} bytes`);
  const day = size >= 4 ? `${digits(from.u16(), 4)}-${digits(from.u8(), 2)}-${digits(from.u8(), 2)}` : '0000-00-00';
  if (isDate) {
    if (size > 4) from.skip(size - 4, 'time of a date');
    return day;
  }
  if (size < 7) return `${day} 00:00:00`;
  const time = `${digits(from.u8(), 2)}:${digits(from.u8(), 2)}:${digits(from.u8(), 2)}`;
  return `${day} ${time}${size === 11 ? fractionText(from.u32()) : ''}`;
}

const DATE: Rule = { write: writeDateTime, read: (from) => readDateTime(from, true) };
const POINT_IN_TIME: Rule = { write: writeDateTime, read: (from) => readDateTime(from, false) };

/** A stretch of time: 0, 8 or 12 bytes; hours above 23 are days. */
const STRETCH: Rule = {
  write(out, value) {
    const match = TIME.exec(value.toString());
    if (match === null) throw new WireError(`${JSON.stringify(value.toString())} is no time`);
    const [hours, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4])];
    const fraction = micros(match[5]);
    const size = fraction > 0 ? 12 : hours + minute + second > 0 ? 8 : 0;
    out.u8(size);
    if (size === 0) return;
    out.u8(match[1] === undefined ? 0 : 1);
    out.u32(Math.floor(hours / 24));
    out.u8(hours % 24);
    out.u8(minute);
    out.u8(second);
    if (size === 12) out.u32(fraction);
  },
  read(from) {
    const size = from.u8('length of a time');
    if (size === 0) return '00:00:00';
    if (size !== 8 && size !== 12) throw new WireError(`a time of ${size} bytes`);
    const sign = from.u8() === 0 ? '' : '-';
    const days = from.u32();
    const hours = days * 24 + from.u8();
    const time = `${digits(hours, 2)}:${digits(from.u8(), 2)}:${digits(from.u8(), 2)}`;
    return `${sign}${time}${size === 12 ? fractionText(from.u32()) : ''}`;
  },
};

const RULES: ReadonlyMap<number, Rule> = new Map([
  [TYPE.TINY, integer(1)],
  [TYPE.SHORT, integer(2)],
  [TYPE.YEAR, integer(2)],
  [TYPE.LONG, integer(4)],
  [TYPE.INT24, integer(4)],
  [TYPE.LONGLONG, integer(8)],
  [TYPE.FLOAT, FLOAT],
  [TYPE.DOUBLE, DOUBLE],
  [TYPE.DATE, DATE],
  [TYPE.DATETIME, POINT_IN_TIME],
  [TYPE.TIMESTAMP, POINT_IN_TIME],
  [TYPE.TIME, STRETCH],
  [TYPE.DECIMAL, TEXT],
  [TYPE.NEWDECIMAL, TEXT],
  [TYPE.VARCHAR, TEXT],
  [TYPE.VAR_STRING, TEXT],
  [TYPE.STRING, TEXT],
  [MORE.JSON, TEXT],
  [MORE.ENUM, TEXT],
  [MORE.SET, TEXT],
  [TYPE.BLOB, BYTES],
  [MORE.TINY_BLOB, BYTES],
  [MORE.MEDIUM_BLOB, BYTES],
  [MORE.LONG_BLOB, BYTES],
  [TYPE.BIT, BYTES],
]);

function ruleOf(type: number): Rule {
  const rule = RULES.get(type);
  if (rule === undefined) throw new WireError(`a value of type 0x${type.toString(16)}`);
  return rule;
}

/** A `WireError` for a text that is no value of the type. */
export function writeBinaryValue(out: ByteWriter, type: number, value: string | Buffer): void {
  ruleOf(type).write(out, value);
}

export function readBinaryValue(from: ByteReader, type: number, unsigned: boolean): BinaryValue {
  return ruleOf(type).read(from, unsigned);
}
