/**
 * What an observer is sent before a request so that it finds the client's state there: what it is to forget, database,
 * variables, BEGIN, PREPARE, in this order (odp-relay.md §3.9).
 */
import { COM } from '../wire/constants.ts';
import { PacketWriter } from '../wire/framing.ts';
import type { SessionState, Versions } from './state.ts';

/** What an ERR to a step means: the state cannot be restored; it is the answer to the request; nothing. */
type Refusal = 'fatal' | 'answer' | 'nothing';

/** A request of our own; its answer reaches nobody. */
export interface Step {
  readonly packet: Buffer;
  readonly refusal: Refusal;
}

/** A statement that the request runs, and that must be prepared before. */
export interface Preparable {
  /** The request that prepares it. */
  readonly packet: Buffer;
}

/**
 * `versions`: how far the observer has followed; `owed`: what it should have been told since; `begin`: a held BEGIN;
 * `unprepared`: a statement that it has not seen.
 */
export function catchUpSteps(
  state: SessionState,
  versions: Versions,
  owed: readonly Buffer[],
  begin: Buffer | null,
  unprepared: Preparable | null,
): Step[] {
  const steps: Step[] = owed.map((packet) => ({ packet, refusal: 'nothing' }));
  const database = state.databaseFor(versions);
  if (database !== null) steps.push({ packet: command(COM.INIT_DB, database), refusal: 'fatal' });
  const set = state.setFor(versions);
  if (set !== null) steps.push({ packet: command(COM.QUERY, set), refusal: 'fatal' });
  if (begin !== null) steps.push({ packet: begin, refusal: 'fatal' });
  // It could be prepared once: that it cannot any more is the answer to whatever was asked of it.
  if (unprepared !== null) steps.push({ packet: unprepared.packet, refusal: 'answer' });
  return steps;
}

/** `text`: latin1. */
export function command(byte: number, text: string): Buffer {
  const out = new PacketWriter(0, text.length + 16);
  out.begin();
  out.u8(byte);
  // The texts are the client's bytes, one a character.
  out.bytes(Buffer.from(text, 'latin1'));
  out.end();
  return out.view();
}
