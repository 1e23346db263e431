/**
 * The same statement by COM_STMT_PREPARE, EXECUTE and CLOSE: what each was answered.
 */
import { readBinaryValue } from '../../../proxy/wire/binary-value.ts';
import { ByteReader } from '../../../proxy/wire/bytes.ts';
import { COLUMN, COM } from '../../../proxy/wire/constants.ts';
import { executePayload, readPrepareOk } from '../../../proxy/wire/prepared.ts';
import { type Column, readColumn } from '../../../proxy/wire/result-set.ts';
import { errorOutcome, type Outcome, type Row, readOutcome } from './outcome.ts';
import { isOutcome, type ServerSession } from './server-session.ts';

export interface PreparedStatement {
  readonly kind: 'prepared';
  readonly id: number;
  readonly parameters: number;
  readonly columns: readonly Column[];
}

/** A statement that may be executed, or the error that PREPARE was answered. */
export type Preparation = PreparedStatement | Outcome;

export async function prepare(session: ServerSession, sql: string): Promise<Preparation> {
  const payloads = await session.ask(COM.STMT_PREPARE, sql, isPrepared);
  const first = payloads[0]!;
  if (first[0] === 0xff) return errorOutcome(first);
  const { id, parameters, columns } = readPrepareOk(first);
  const at = 1 + definitions(parameters);
  return { kind: 'prepared', id, parameters, columns: payloads.slice(at, at + columns).map((it) => readColumn(it)) };
}

/** So many packets, and their EOF; nothing for none. */
function definitions(count: number): number {
  return count === 0 ? 0 : count + 1;
}

function isPrepared(payloads: readonly Buffer[]): boolean {
  const first = payloads[0];
  if (first === undefined) return false;
  if (first[0] === 0xff) return true;
  const { parameters, columns } = readPrepareOk(first);
  return payloads.length === 1 + definitions(parameters) + definitions(columns);
}

/** A statement without parameters. */
export function execute(session: ServerSession, id: number): Promise<Outcome> {
  return executeBytes(session, executePayload(id, 0, [], []).subarray(1));
}

/** EXECUTE with a body that may be none; of one that is, `executeBody` knows more. */
export async function executeBytes(session: ServerSession, body: Buffer): Promise<Outcome> {
  return readBinaryOutcome(await session.ask(COM.STMT_EXECUTE, body, isBinaryOutcome))!;
}

/** COM_STMT_RESET. */
export async function reset(session: ServerSession, id: number): Promise<Outcome> {
  return readOutcome(await session.ask(COM.STMT_RESET, idBytes(id), isOutcome))!;
}

/** A piece of a parameter; never answered. */
export function sendLongData(session: ServerSession, id: number, parameter: number, piece: Buffer): void {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(id);
  head.writeUInt16LE(parameter, 4);
  session.tell(COM.STMT_SEND_LONG_DATA, Buffer.concat([head, piece]));
}

/** The id of a statement, as RESET and CLOSE want it. */
export function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(id);
  return bytes;
}

export function close(session: ServerSession, id: number): void {
  session.tell(COM.STMT_CLOSE, idBytes(id));
}

function readBinaryOutcome(payloads: readonly Buffer[]): Outcome | null {
  return readOutcome(payloads, binaryRow);
}

function isBinaryOutcome(payloads: readonly Buffer[]): boolean {
  return readBinaryOutcome(payloads) !== null;
}

/** A row's bitmap of NULLs begins with this many unused bits. */
const OFFSET = 2;

function binaryRow(payload: Buffer, columns: readonly Column[]): Row {
  const from = new ByteReader(payload);
  const mark = from.u8();
  const bitmap = from.bytes((columns.length + OFFSET + 7) >> 3);
  const cells: (string | null)[] = [];
  const bytes: string[] = [];
  for (const [i, { type, flags }] of columns.entries()) {
    if ((bitmap[(i + OFFSET) >> 3]! & (1 << ((i + OFFSET) & 7))) !== 0) {
      cells.push(null);
      bytes.push('NULL');
      continue;
    }
    const before = from.at;
    cells.push(readBinaryValue(from, type, (flags & COLUMN.UNSIGNED) !== 0).toString());
    bytes.push(payload.toString('hex', before, from.at));
  }
  if (mark !== 0 || from.left > 0) throw new Error(`no binary row: ${payload.toString('hex')}`);
  return { cells, bytes };
}
