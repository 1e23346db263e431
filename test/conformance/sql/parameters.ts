/**
 * Statements with `?`: how each is prepared, bound and executed, and the bytes of an EXECUTE.
 *
 * The bytes are made here, not by the proxy's own writer, so that lengths can be asked for which that one never sends.
 */
import { TYPE } from '../../../proxy/wire/constants.ts';

/** One `?`: its type, and its value in bytes; null for NULL, `LONG` if SEND_LONG_DATA has brought it. */
export interface Parameter {
  readonly type: number;
  readonly bytes: Buffer | null | typeof LONG;
}

export const LONG = 'long';

/** What is done with a statement once it is prepared. */
export type Run =
  | { readonly kind: 'execute'; readonly parameters: readonly Parameter[]; readonly withTypes: boolean }
  | { readonly kind: 'long'; readonly parameter: number; readonly piece: Buffer }
  | { readonly kind: 'reset' }
  | { readonly kind: 'close' }
  /** Something else that the session says in between, in text. */
  | { readonly kind: 'query'; readonly sql: string }
  /** What stands behind the iteration count. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

/** A statement that is prepared, run as often as is said, and closed. */
export interface BoundStatement {
  readonly sql: string;
  /** Null: it is not prepared, but said in text. */
  readonly runs: readonly Run[] | null;
}

export function inText(sql: string): BoundStatement {
  return { sql, runs: null };
}

/** Prepared, and executed once. */
export function bound(sql: string, ...parameters: readonly Parameter[]): BoundStatement {
  return { sql, runs: [once(...parameters)] };
}

export function several(sql: string, ...runs: readonly Run[]): BoundStatement {
  return { sql, runs };
}

export function once(...parameters: readonly Parameter[]): Run {
  return { kind: 'execute', parameters, withTypes: true };
}

/** With new values and no types: NEW_PARAMS_BOUND is 0. */
export function again(...parameters: readonly Parameter[]): Run {
  return { kind: 'execute', parameters, withTypes: false };
}

export function long(parameter: number, piece: string | Buffer): Run {
  return { kind: 'long', parameter, piece: Buffer.from(piece) };
}

export const RESET: Run = { kind: 'reset' };
export const CLOSE: Run = { kind: 'close' };

export function meanwhile(sql: string): Run {
  return { kind: 'query', sql };
}

/** An EXECUTE that is not whole, in hexadecimal digits. */
export function bytes(hex: string): Run {
  return { kind: 'bytes', bytes: Buffer.from(hex, 'hex') };
}

const UNSIGNED = 0x8000;

function whole(type: number, size: 1 | 2 | 4 | 8): (value: bigint | number, unsigned?: 'unsigned') => Parameter {
  return (value, unsigned) => {
    const all = Buffer.alloc(8);
    all.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    return { type: unsigned === undefined ? type : type | UNSIGNED, bytes: all.subarray(0, size) };
  };
}

export const tiny = whole(TYPE.TINY, 1);
export const short = whole(TYPE.SHORT, 2);
export const int = whole(TYPE.LONG, 4);
export const big = whole(TYPE.LONGLONG, 8);

export function float(value: number): Parameter {
  const made = Buffer.alloc(4);
  made.writeFloatLE(value);
  return { type: TYPE.FLOAT, bytes: made };
}

export function double(value: number): Parameter {
  const made = Buffer.alloc(8);
  made.writeDoubleLE(value);
  return { type: TYPE.DOUBLE, bytes: made };
}

/** A length and that many bytes: texts, BLOBs, decimals. */
export function counted(type: number, value: string | Buffer): Parameter {
  const text = Buffer.from(value);
  const length = text.length < 251 ? Buffer.of(text.length) : Buffer.of(0xfc, text.length & 0xff, text.length >> 8);
  return { type, bytes: Buffer.concat([length, text]) };
}

export function text(value: string): Parameter {
  return counted(TYPE.VAR_STRING, value);
}

export function blob(hex: string): Parameter {
  return counted(TYPE.BLOB, Buffer.from(hex, 'hex'));
}

export function decimal(value: string): Parameter {
  return counted(TYPE.NEWDECIMAL, value);
}

export const NULL: Parameter = { type: TYPE.NULL, bytes: null };

/** NULL of a type. */
export function none(type: number): Parameter {
  return { type, bytes: null };
}

/** Brought by SEND_LONG_DATA. */
export function brought(type: number): Parameter {
  return { type, bytes: LONG };
}

/** A point in time with so many of its fields – none, a date, a time, microseconds – whatever they are. */
export function moment(type: number, ...fields: readonly number[]): Parameter {
  const [y = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0] = fields;
  const size = fields.length === 0 ? 0 : fields.length <= 3 ? 4 : fields.length <= 6 ? 7 : 11;
  const made = Buffer.alloc(12);
  made[0] = size;
  made.writeUInt16LE(y, 1);
  made.set([month, day, hour, minute, second], 3);
  made.writeUInt32LE(micros, 8);
  return { type, bytes: made.subarray(0, size + 1) };
}

/** A stretch of time of no byte, 8 or 12: days, hours, minutes, seconds, microseconds. */
export function stretch(isNegative: boolean, ...fields: readonly number[]): Parameter {
  const [days = 0, hours = 0, minutes = 0, seconds = 0, micros = 0] = fields;
  const size = fields.length === 0 ? 0 : fields.length <= 4 ? 8 : 12;
  const made = Buffer.alloc(13);
  made[0] = size;
  made[1] = isNegative ? 1 : 0;
  made.writeUInt32LE(days, 2);
  made.set([hours, minutes, seconds], 6);
  made.writeUInt32LE(micros, 9);
  return { type: TYPE.TIME, bytes: made.subarray(0, size + 1) };
}

/** What stands behind the command byte. */
export function executeBody(id: number, run: Extract<Run, { readonly kind: 'execute' | 'bytes' }>): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(id);
  head.writeUInt32LE(1, 5);
  if (run.kind === 'bytes') return Buffer.concat([head, run.bytes]);
  const { parameters, withTypes } = run;
  if (parameters.length === 0) return head;
  const bitmap = Buffer.alloc((parameters.length + 7) >> 3);
  const parts: Buffer[] = [head, bitmap, Buffer.of(withTypes ? 1 : 0)];
  for (const [i, { type, bytes: value }] of parameters.entries()) {
    if (value === null) bitmap[i >> 3]! |= 1 << (i & 7);
    if (withTypes) parts.push(Buffer.of(type & 0xff, type >> 8));
  }
  for (const { bytes: value } of parameters) if (Buffer.isBuffer(value)) parts.push(value);
  return Buffer.concat(parts);
}
