/**
 * What each run of the matrix asks: q1, the trigger, q2, q3, q4, where each q is SELECT CONNECTION_ID() (clients.md §0).
 *
 * "Immediate": each statement is issued when the one before was answered, in the same turn of the event loop, or by
 * another process that has it already. "200 ms": a pause before q2, q3 and q4. It must never know what a trigger does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, DriverClient } from './driver-clients.ts';

export const QUERY = 'SELECT CONNECTION_ID()';

export const PACES = ['immediate', '200 ms'] as const;
export type Pace = (typeof PACES)[number];

/** Milliseconds. */
const PAUSE = 200;

export interface Asking {
  /** Ends in the turn in which it was answered. */
  trigger(): Promise<Answer>;
  /** The answer may come before the session ends; then what follows can only be handed in behind that. */
  readonly endsBehindAnswer: boolean;
  /** What must have come to the client before the first pause. */
  noticed?(): Promise<void>;
  /** Where q3 is something special. */
  q3?(): Promise<Answer>;
}

/** The answers to the trigger, q2, q3 and q4. */
export async function askedOf(client: DriverClient, pace: Pace, it: Asking): Promise<Answer[]> {
  const immediate = pace === 'immediate';
  if (immediate && !it.endsBehindAnswer) client.follow([QUERY, QUERY, QUERY]);
  const answers = [await it.trigger()];
  if (!immediate) await it.noticed?.();
  if (!immediate) await sleep(PAUSE);
  if (immediate && it.endsBehindAnswer) client.follow([QUERY, QUERY]);
  answers.push(await client.query(QUERY));
  if (!immediate) await sleep(PAUSE);
  answers.push(await (it.q3 === undefined ? client.query(QUERY) : it.q3()));
  if (!immediate) await sleep(PAUSE);
  answers.push(await client.query(QUERY));
  return answers;
}
