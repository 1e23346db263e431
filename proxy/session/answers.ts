/**
 * Answers that the proxy makes by itself. `sequence` is always the request's; the answer starts at the next one.
 */
import { PacketWriter } from '../wire/framing.ts';
import { type Err, type Ok, writeEof, writeErr, writeOk } from '../wire/ok.ts';
import { type Column, writeColumn, writeColumnCount, writeRow } from '../wire/result-set.ts';

/** `tracked`: the client negotiated SESSION_TRACK. No session state is ever told to a client (odp-relay.md §2.6). */
export function okAnswer(sequence: number, ok: Ok, tracked: boolean): Buffer {
  const out = new PacketWriter(sequence + 1, 64);
  writeOk(out, { ...ok, state: null }, tracked);
  return out.view();
}

export function errorAnswer(sequence: number, error: Err): Buffer {
  const out = new PacketWriter(sequence + 1, 128);
  writeErr(out, error);
  return out.view();
}

/** One row of one cell, as ODP answers the few SELECTs it knows; unlike its SHOWs these carry status flags. */
export function oneCellAnswer(sequence: number, column: Column, text: string, status: number): Buffer {
  const out = new PacketWriter(sequence + 1);
  writeColumnCount(out, 1);
  writeColumn(out, column);
  writeEof(out, status);
  writeRow(out, [text]);
  writeEof(out, status);
  return out.view();
}
