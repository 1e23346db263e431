/**
 * The commands of the binary protocol: COM_STMT_PREPARE, EXECUTE, SEND_LONG_DATA, FETCH, RESET, CLOSE.
 *
 * EXECUTE itself is a statement like any other (`query-run.ts`); here its request becomes one. Knows no connection.
 */
import type { BinaryValue } from '../../proxy/wire/binary-value.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import { type Execute, readExecute, readFetch, readLongData, readStatementId } from '../../proxy/wire/prepared.ts';
import type { SessionContext } from './context.ts';
import { describe } from './describe.ts';
import type { House } from './house.ts';
import type { Prepared } from './prepared.ts';
import type { Work } from './query-run.ts';
import { Refusal } from './refusal.ts';
import type { Reply } from './reply.ts';
import { textOfBytes } from './sql/byte-text.ts';
import { looksAtMessages } from './sql/statements.ts';
import { cellOf, parseDecimal } from './sql/value.ts';
import type { Parameter } from './surroundings.ts';
import {
  binaryType,
  DATE,
  DOUBLE,
  dateTimeType,
  decimalType,
  INTEGER,
  type SqlType,
  textType,
  timeType,
} from './types.ts';

export function prepare(payload: Buffer, context: SessionContext, reply: Reply, house: House): void {
  context.bind(null);
  context.effort.begin();
  const made = context.prepared.add(textOfBytes(payload.subarray(1)), context.database, context.modes);
  context.warnings.begin(looksAtMessages(made.statement));
  try {
    reply.prepared(made.id, made.parameters, describe(made.statement, context, house));
  } catch (error) {
    context.prepared.remove(made.id);
    throw error;
  }
}

/** What EXECUTE asks for; an ERR if it cannot be. */
export function executeWork(payload: Buffer, context: SessionContext): Work | Err {
  const id = readStatementId(payload);
  const prepared = context.prepared.find(id);
  if (prepared === null) return errorOf('UNKNOWN_STATEMENT', id, 'mysqld_stmt_execute');
  const request = readRequest(payload, prepared);
  const long = new Set(prepared.long.keys());
  prepared.reset();
  if (request === null) return errorOf('WRONG_ARGUMENTS', 'mysqld_stmt_execute');
  prepared.types = request.types;
  const values = request.values.map((value, index) => {
    // Long data are texts or bytes, whatever was said of them.
    return long.has(index) ? { value, type: null } : parameterOf(value, request.types[index]! & 0xff);
  });
  return { kind: 'prepared', prepared, values, cursor: request.flags !== 0 };
}

/** Null if it is malformed. */
function readRequest(payload: Buffer, prepared: Prepared): Execute | null {
  try {
    return readExecute(payload, prepared);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

const DECIMAL_TEXT = /^-?\d+(\.\d+)?$/;

/** Of a parameter that is NULL, by the type that it was bound with. */
const NULL_TYPES: ReadonlyMap<number, SqlType> = new Map([
  [TYPE.TINY, INTEGER],
  [TYPE.SHORT, INTEGER],
  [TYPE.INT24, INTEGER],
  [TYPE.LONG, INTEGER],
  [TYPE.LONGLONG, INTEGER],
  [TYPE.FLOAT, DOUBLE],
  [TYPE.DOUBLE, DOUBLE],
  [TYPE.DECIMAL, decimalType(0)],
  [TYPE.NEWDECIMAL, decimalType(0)],
  [TYPE.VARCHAR, textType(0)],
  [TYPE.VAR_STRING, textType(0)],
  [TYPE.STRING, textType(0)],
  [TYPE.BLOB, binaryType(0)],
]);

/** A decimal comes as a text. Dates and times are texts like any other: what they are says the type. */
function parameterOf(value: BinaryValue | null, type: number): Parameter {
  const fraction = typeof value === 'string' && value.includes('.') ? 6 : 0;
  switch (type) {
    case TYPE.DATE:
      return { value, type: DATE };
    case TYPE.DATETIME:
    case TYPE.TIMESTAMP:
      return { value, type: dateTimeType(fraction) };
    case TYPE.TIME:
      return { value, type: timeType(fraction) };
  }
  if (value === null) return { value, type: NULL_TYPES.get(type) ?? null };
  const isDecimal = (type === TYPE.NEWDECIMAL || type === TYPE.DECIMAL) && typeof value === 'string';
  return { value: isDecimal && DECIMAL_TEXT.test(value) ? parseDecimal(value) : value, type: null };
}

/** Never answered, whatever is wrong with it. */
export function longData(payload: Buffer, context: SessionContext): void {
  const { id, parameter, data } = readLongData(payload);
  const prepared = context.prepared.find(id);
  if (prepared === null || parameter >= prepared.parameters) return;
  const pieces = prepared.long.get(parameter);
  const piece = Buffer.from(data);
  if (pieces === undefined) prepared.long.set(parameter, [piece]);
  else pieces.push(piece);
}

export function close(payload: Buffer, context: SessionContext): void {
  context.prepared.remove(readStatementId(payload));
}

export function reset(payload: Buffer, context: SessionContext, reply: Reply): void {
  const id = readStatementId(payload);
  const prepared = context.prepared.find(id);
  if (prepared === null) throw new Refusal(errorOf('UNKNOWN_STATEMENT', id, 'mysqld_stmt_reset'));
  prepared.reset();
  reply.ok(0, '');
}

/** As many rows of a cursor as are asked for; the end is told when a row was wanted and none was left. */
export function fetch(payload: Buffer, context: SessionContext, reply: Reply): void {
  const { id, count } = readFetch(payload);
  const prepared = context.prepared.find(id);
  if (prepared === null) throw new Refusal(errorOf('UNKNOWN_STATEMENT', id, 'mysqld_stmt_fetch'));
  const { cursor } = prepared;
  if (cursor === null) throw new Refusal(errorOf('NO_OPEN_CURSOR', id));
  for (let i = 0; i < count; i += 1) {
    const row = cursor.rows.next();
    if (row === null) {
      prepared.cursor = null;
      reply.eof(false, STATUS.LAST_ROW_SENT);
      return;
    }
    reply.binaryRow(cursor.columns, row.map(cellOf));
  }
  reply.eof(false, STATUS.CURSOR_EXISTS);
}
