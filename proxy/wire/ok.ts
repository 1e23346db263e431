/**
 * OK, EOF and ERR: the small packets that end a response or a part of one.
 *
 * OK has two forms. An observer writes to a proxy in the *proxy form*: the message is always there, with one blank in
 * front if it is not empty, and the state block lists all pairs in one entry (observer.md §5, decisions.md 15). Clients
 * get the *standard form*: message and block by whether they negotiated SESSION_TRACK (decisions.md 16).
 */
import { ByteReader } from './bytes.ts';
import { EOF_MARK, ERR_MARK, OK_MARK, STATUS } from './constants.ts';
import { PacketWriter } from './framing.ts';

export interface Ok {
  readonly affectedRows: number;
  /** A bigint only above 2^53: tables with made-up ids of 64 bits do report such. */
  readonly lastInsertId: number | bigint;
  readonly status: number;
  readonly warnings: number;
  readonly message: string;
  /** The bytes of the state block, without its length; null if the status says there is none. */
  readonly state: Buffer | null;
}

export const PLAIN_OK: Ok = { affectedRows: 0, lastInsertId: 0, status: 0, warnings: 0, message: '', state: null };

/** Reads an OK from an observer (proxy form). */
export function readObserverOk(payload: Buffer): Ok {
  const ok = readOk(payload, true);
  return ok.message.startsWith(' ') ? { ...ok, message: ok.message.slice(1) } : ok;
}

/**
 * Reads an OK. `tracked`: a state block may follow the message (SESSION_TRACK negotiated, or the proxy form).
 *
 * Without it the message is a length and the rest of the packet: servers write one and client libraries skip it, whatever
 * MySQL's documentation says. An observer writes a blank in its place to clients that are no proxies, so it is not believed.
 */
export function readOk(payload: Buffer, tracked: boolean): Ok {
  const from = new ByteReader(payload, 1);
  const affectedRows = from.lenenc('affected rows');
  const lastInsertId = from.lenencInteger('last insert id');
  const status = from.u16('status');
  const warnings = from.u16('warnings');
  if (!tracked) {
    if (from.left > 0) from.lenenc('message');
    return { affectedRows, lastInsertId, status, warnings, message: from.rest().toString('utf8'), state: null };
  }
  const message = from.left > 0 ? from.lenencText('message') : '';
  const state = status & STATUS.SESSION_STATE_CHANGED && from.left > 0 ? from.lenencBytes('session state') : null;
  return { affectedRows, lastInsertId, status, warnings, message, state };
}

function writeOkHead(out: PacketWriter, ok: Ok, status: number): void {
  out.u8(OK_MARK);
  out.lenenc(ok.affectedRows);
  out.lenencInteger(ok.lastInsertId);
  out.u16(status);
  out.u16(ok.warnings);
}

/** An observer's OK to a proxy; its status says SESSION_STATE_CHANGED if and only if there is a block. */
export function writeObserverOk(out: PacketWriter, ok: Ok): void {
  out.begin();
  const changed = ok.state === null ? 0 : STATUS.SESSION_STATE_CHANGED;
  writeOkHead(out, ok, (ok.status & ~STATUS.SESSION_STATE_CHANGED) | changed);
  out.lenencText(ok.message === '' ? '' : ` ${ok.message}`);
  if (ok.state !== null) out.lenencBytes(ok.state);
  out.end();
}

/**
 * An OK to a client. `tracked`: the client negotiated SESSION_TRACK. Then the status stays as it is, and with
 * SESSION_STATE_CHANGED in it there is a block (`state`, empty if null); without, that bit is cleared.
 */
export function writeOk(out: PacketWriter, ok: Ok, tracked: boolean): void {
  out.begin();
  if (tracked) {
    writeOkHead(out, ok, ok.status);
    const changed = (ok.status & STATUS.SESSION_STATE_CHANGED) !== 0;
    if (changed || ok.message !== '') out.lenencText(ok.message);
    if (changed) out.lenencBytes(ok.state ?? Buffer.alloc(0));
  } else {
    writeOkHead(out, ok, ok.status & ~STATUS.SESSION_STATE_CHANGED);
    if (ok.message !== '') out.lenencText(ok.message);
  }
  out.end();
}

/** An OK of at most this size, header included, is passed on as it is (decisions.md 16). */
const UNTOUCHED_OK_SIZE = 12;

/** What a client gets of an observer's OK: `packet` as it came if it is short, else `ok` without its session state. */
export function okForClient(packet: Buffer, ok: Ok, tracked: boolean): Buffer {
  if (packet.length <= UNTOUCHED_OK_SIZE) return packet;
  const out = new PacketWriter(packet[3]!, 64);
  writeOk(out, { ...ok, state: null }, tracked);
  return out.view();
}

export interface Eof {
  readonly warnings: number;
  readonly status: number;
}

export function readEof(payload: Buffer): Eof {
  const from = new ByteReader(payload, 1);
  return { warnings: from.u16('warnings'), status: from.u16('status') };
}

export function writeEof(out: PacketWriter, status: number, warnings = 0): void {
  out.begin();
  out.u8(EOF_MARK);
  out.u16(warnings);
  out.u16(status);
  out.end();
}

export interface Err {
  readonly code: number;
  /** Five characters. */
  readonly sqlState: string;
  readonly message: string;
}

/** Reads an ERR; one without `#SQLSTATE` (before the login) reads as HY000. */
export function readErr(payload: Buffer): Err {
  const from = new ByteReader(payload, 1);
  const code = from.u16('error number');
  if (from.left < 6 || payload[3] !== 0x23) return { code, sqlState: 'HY000', message: from.rest().toString('utf8') };
  from.skip(1);
  const sqlState = from.bytes(5, 'SQLSTATE').toString('latin1');
  return { code, sqlState, message: from.rest().toString('utf8') };
}

/** Observers and ODP cut an error's text here, in bytes (observer.md §5). */
export const MAX_ERROR_TEXT = 512;

export function writeErr(out: PacketWriter, err: Err): void {
  out.begin();
  out.u8(ERR_MARK);
  out.u16(err.code);
  out.text('#');
  out.text(err.sqlState);
  const text = Buffer.from(err.message);
  let size = Math.min(text.length, MAX_ERROR_TEXT);
  // Not through the middle of a character.
  while (size < text.length && size > 0 && (text[size]! & 0xc0) === 0x80) size -= 1;
  out.bytes(text.subarray(0, size));
  out.end();
}
