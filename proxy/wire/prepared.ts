/**
 * The messages about prepared statements: PREPARE_OK, EXECUTE, SEND_LONG_DATA, FETCH, and the id in CLOSE and RESET.
 *
 * Knows nothing of statements. Requests are payloads from the command byte on.
 */
import { type BinaryValue, readBinaryValue, writeBinaryValue } from './binary-value.ts';
import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import { COM, OK_MARK, TYPE } from './constants.ts';
import type { PacketWriter } from './framing.ts';

export interface PrepareOk {
  readonly id: number;
  readonly columns: number;
  readonly parameters: number;
  readonly warnings: number;
}

export function writePrepareOk(out: PacketWriter, it: PrepareOk): void {
  out.begin();
  out.u8(OK_MARK);
  out.u32(it.id);
  out.u16(it.columns);
  out.u16(it.parameters);
  out.u8(0);
  out.u16(it.warnings);
  out.end();
}

export function readPrepareOk(payload: Buffer): PrepareOk {
  const from = new ByteReader(payload, 1);
  const id = from.u32('statement id');
  const columns = from.u16('columns');
  const parameters = from.u16('parameters');
  from.skip(1, 'filler');
  return { id, columns, parameters, warnings: from.left >= 2 ? from.u16('warnings') : 0 };
}

/** The statement that EXECUTE, SEND_LONG_DATA, SEND_PIECE_DATA, CLOSE, RESET and FETCH are about. */
export function readStatementId(payload: Buffer): number {
  return new ByteReader(payload, 1).u32('statement id');
}

/** Flags of EXECUTE: anything but 0 asks for a cursor. */
export const CURSOR_READ_ONLY = 1;

/** The types from here to BLOB are BLOBs of all sizes. */
const FIRST_BLOB = 0xf9;

/** In a parameter's type. */
const UNSIGNED = 0x8000;

export interface Execute {
  readonly id: number;
  readonly flags: number;
  /** Of all parameters, with `UNSIGNED`; they are sent once, and kept. */
  readonly types: readonly number[];
  readonly values: readonly (BinaryValue | null)[];
}

/** What is known of a statement before its EXECUTE can be read. */
export interface ExecuteFacts {
  readonly parameters: number;
  /** As sent last; null if never. */
  readonly types: readonly number[] | null;
  /** What came before by SEND_LONG_DATA: no value is in the EXECUTE for it. */
  readonly long: ReadonlyMap<number, readonly Buffer[]>;
}

/** A `WireError` if it is malformed. */
export function readExecute(payload: Buffer, facts: ExecuteFacts): Execute {
  const from = new ByteReader(payload, 1);
  const id = from.u32('statement id');
  const flags = from.u8('cursor flags');
  from.skip(4, 'iteration count');
  const { parameters } = facts;
  if (parameters === 0) return { id, flags, types: [], values: [] };
  const bitmap = from.bytes((parameters + 7) >> 3, 'bitmap of NULLs');
  let { types } = facts;
  if (from.u8('new types') === 1) {
    const sent: number[] = [];
    for (let i = 0; i < parameters; i += 1) sent.push(from.u16('parameter type'));
    types = sent;
  }
  if (types === null) throw new WireError('parameters without types');
  const values: (BinaryValue | null)[] = [];
  for (let i = 0; i < parameters; i += 1) {
    const type = types[i]!;
    const pieces = facts.long.get(i);
    if (pieces !== undefined) values.push(longValue(type & 0xff, Buffer.concat(pieces)));
    else if ((bitmap[i >> 3]! & (1 << (i & 7))) !== 0 || (type & 0xff) === TYPE.NULL) values.push(null);
    else values.push(readBinaryValue(from, type & 0xff, (type & UNSIGNED) !== 0));
  }
  return { id, flags, types, values };
}

/** Long data are bytes; where the type is no BLOB they are a text. */
function longValue(type: number, bytes: Buffer): BinaryValue {
  return type >= FIRST_BLOB && type <= TYPE.BLOB ? bytes : bytes.toString('utf8');
}

/**
 * `values` as texts or bytes, by type; a value that SEND_LONG_DATA has brought is undefined. `says`: the types stand in it,
 * as they have to once; else the server goes by those that it was told last.
 */
export function executePayload(
  id: number,
  flags: number,
  types: readonly number[],
  values: readonly (string | Buffer | null | undefined)[],
  says = types.length > 0,
): Buffer {
  const out = new ByteWriter(64);
  out.u8(COM.STMT_EXECUTE);
  out.u32(id);
  out.u8(flags);
  out.u32(1);
  if (values.length === 0) return out.view();
  const bitmap = Buffer.alloc((values.length + 7) >> 3);
  for (const [i, value] of values.entries()) if (value === null) bitmap[i >> 3]! |= 1 << (i & 7);
  out.bytes(bitmap);
  out.u8(says ? 1 : 0);
  if (says) for (const type of types) out.u16(type);
  for (const [i, value] of values.entries()) {
    if (value !== null && value !== undefined) writeBinaryValue(out, (types[i] ?? TYPE.VAR_STRING) & 0xff, value);
  }
  return out.view();
}

export interface LongData {
  readonly id: number;
  readonly parameter: number;
  /** A view. */
  readonly data: Buffer;
}

export function readLongData(payload: Buffer): LongData {
  const from = new ByteReader(payload, 1);
  return { id: from.u32('statement id'), parameter: from.u16('parameter'), data: from.rest() };
}

export interface Fetch {
  readonly id: number;
  readonly count: number;
}

export function readFetch(payload: Buffer): Fetch {
  const from = new ByteReader(payload, 1);
  return { id: from.u32('statement id'), count: from.u32('rows') };
}
