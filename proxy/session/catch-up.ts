/**
 * What an observer is sent before a request so that it finds the client's state there: database, variables, BEGIN, PREPARE,
 * in this order (odp-relay.md §3.9).
 */
import { COM } from '../wire/constants.ts';
import { PacketWriter } from '../wire/framing.ts';
import type { SessionState, Versions } from './state.ts';
import type { Statement } from './statements.ts';

/** `versions`: how far the observer has followed; `begin`: a held BEGIN; `unprepared`: a statement that it has not seen. */
export function catchUpSteps(
  state: SessionState,
  versions: Versions,
  begin: Buffer | null,
  unprepared: Statement | null,
): Buffer[] {
  const steps: Buffer[] = [];
  const database = state.databaseFor(versions);
  if (database !== null) steps.push(command(COM.INIT_DB, database));
  const set = state.setFor(versions);
  if (set !== null) steps.push(command(COM.QUERY, set));
  if (begin !== null) steps.push(begin);
  if (unprepared !== null) steps.push(unprepared.packet);
  return steps;
}

function command(byte: number, text: string): Buffer {
  const out = new PacketWriter(0, text.length + 16);
  out.begin();
  out.u8(byte);
  // The texts are the client's bytes, one a character.
  out.bytes(Buffer.from(text, 'latin1'));
  out.end();
  return out.view();
}
