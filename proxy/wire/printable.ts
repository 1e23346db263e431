/**
 * What a packet looks like in print: one line, whatever bytes are in it. Which packet it is must be known
 * (`describe.ts`); bytes that cannot be read as it are a `WireError`.
 */
import { ByteReader, WireError } from './bytes.ts';
import { COM, commandName } from './constants.ts';
import type { Greeting } from './greeting.ts';
import type { Login } from './login.ts';
import { type Ok, readEof, readErr } from './ok.ts';
import { readColumn } from './result-set.ts';
import { readSessionState } from './session-state.ts';

/** Longer texts (statements, messages, cells) are cut here, in UTF-16 units. */
export const TEXT_LIMIT = 120;
/** Of bytes that cannot be read so many are shown. */
export const HEX_LIMIT = 32;
/** Of a row so many cells are shown. */
export const CELL_LIMIT = 8;
/** Of the session state so many variables are shown. */
export const STATE_LIMIT = 3;

const WITH_TEXT: ReadonlySet<number> = new Set([COM.QUERY, COM.INIT_DB, COM.CREATE_DB, COM.DROP_DB, COM.STMT_PREPARE]);
const WITH_ID: ReadonlySet<number> = new Set([
  COM.PROCESS_KILL,
  COM.STMT_EXECUTE,
  COM.STMT_SEND_LONG_DATA,
  COM.STMT_SEND_PIECE_DATA,
  COM.STMT_CLOSE,
  COM.STMT_RESET,
  COM.STMT_FETCH,
]);

export function describeGreeting(greeting: Greeting): string {
  return `greeting ${printable(greeting.version)} thread ${greeting.threadId}`;
}

export function describeLogin(login: Login): string {
  const database = login.database === null ? '' : ` db=${printable(login.database)}`;
  return `login ${printable(login.user)}${database} attributes=${login.attributes?.length ?? 'none'}`;
}

export function describeCommand(payload: Buffer): string {
  const command = payload[0]!;
  const name = commandName(command);
  const rest = payload.subarray(1);
  if (rest.length === 0) return name;
  if (WITH_TEXT.has(command)) return `${name} ${quote(rest)}`;
  const from = new ByteReader(rest);
  if (command === COM.FIELD_LIST || command === COM.CHANGE_USER) return `${name} ${quote(from.nulBytes('name', true))}`;
  if (WITH_ID.has(command) && rest.length >= 4)
    return `${name} ${from.u32()}${from.left > 0 ? `, ${raw(from.rest())}` : ''}`;
  return `${name}, ${raw(rest)}`;
}

/** `OK affected=0 status=0x0022`; what is zero or empty is left out. */
export function describeOk(ok: Ok): string {
  const parts = [`OK affected=${ok.affectedRows}`];
  if (ok.lastInsertId) parts.push(`id=${ok.lastInsertId}`);
  parts.push(`status=${hex16(ok.status)}`);
  if (ok.warnings) parts.push(`warnings=${ok.warnings}`);
  if (ok.message !== '') parts.push(quote(Buffer.from(ok.message)));
  if (ok.state !== null && ok.state.length > 0) parts.push(describeState(ok.state));
  return parts.join(' ');
}

export function describeColumn(what: string, payload: Buffer): string {
  return `${what} ${printable(readColumn(payload).name)}`;
}

export function describeErr(payload: Buffer): string {
  const err = readErr(payload);
  return `ERR ${err.code} (${printable(err.sqlState)}) ${printable(err.message)}`;
}

export function describeEof(payload: Buffer): string {
  const eof = readEof(payload);
  return `EOF status=${hex16(eof.status)}${eof.warnings > 0 ? ` warnings=${eof.warnings}` : ''}`;
}

export function describeSwitch(payload: Buffer): string {
  return `switch to ${printable(new ByteReader(payload, 1).nulText('plugin', true))}`;
}

export function describeRow(payload: Buffer): string {
  const from = new ByteReader(payload);
  const cells: string[] = [];
  let count = 0;
  for (; from.left > 0; count += 1) {
    const size = from.lenencOrNull('cell');
    const cell = size === null ? null : from.bytes(size, 'cell');
    if (count < CELL_LIMIT) cells.push(cell === null ? 'NULL' : quote(cell));
  }
  if (count > CELL_LIMIT) cells.push(`…+${count - CELL_LIMIT}`);
  return `row ${count} cells ${cells.join(' ')}`;
}

/** `state{autocommit=1,@a='x',db=shop}`; what goes beyond the limit is counted. */
function describeState(block: Buffer): string {
  try {
    const state = readSessionState(block);
    const parts: string[] = [];
    for (const [name, value] of state.system) parts.push(`${readable(name)}=${readable(value)}`);
    for (const [name, value] of state.user) parts.push(`@${readable(name)}=${readable(value)}`);
    const shown = parts.slice(0, STATE_LIMIT);
    if (state.database !== null) shown.push(`db=${readable(state.database)}`);
    if (parts.length > STATE_LIMIT) shown.push(`…+${parts.length - STATE_LIMIT}`);
    return `state{${shown.join(',')}}`;
  } catch (error) {
    if (error instanceof WireError) return `state{${raw(block)}}`;
    throw error;
  }
}

function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

export function raw(bytes: Buffer): string {
  const size = bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`;
  if (bytes.length === 0) return size;
  return `${size}: ${bytes.toString('hex', 0, HEX_LIMIT)}${bytes.length > HEX_LIMIT ? '…' : ''}`;
}

/** A text between quotes; the mark that it was cut stands behind them. */
export function quote(bytes: Buffer): string {
  // A unit of UTF-16 has at most three bytes, so this is enough, and what is cut in two lies behind the limit.
  const text = bytes.toString('utf8', 0, TEXT_LIMIT * 3 + 3);
  return `"${printable(text.slice(0, TEXT_LIMIT)).replaceAll('"', '\\"')}"${text.length > TEXT_LIMIT ? '…' : ''}`;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0', '\\': '\\\\' };

/** Control characters (those that turn the direction of writing too) by name or number, so that a packet cannot write to the terminal; too long a text is cut. */
function printable(text: string): string {
  const cut = text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
  return cut.replaceAll(
    /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\\]/g,
    (c) => NAMED[c] ?? `\\u{${c.charCodeAt(0).toString(16)}}`,
  );
}

/** Of session state, which is read byte for byte. */
function readable(bytes: string): string {
  return printable(Buffer.from(bytes, 'latin1').toString('utf8'));
}
