/**
 * What an observer has been told to get wrong: the next logins or requests that it answers with an ERR of somebody's
 * choice, or with bytes that are no answer at all.
 *
 * For what a healthy cluster does not do. The proxy's own look-ups are spared: they are nobody's statement.
 */
import type { Err } from '../../proxy/wire/ok.ts';
import { LOCATOR } from '../world/topology.ts';
import { commandOf } from './commands.ts';

/** A code: that ERR. `garbage`: a packet that cannot be. */
export type Fault = number | 'garbage';
export type FaultPlace = 'login' | 'statement';

/** An empty packet: no answer begins with one. */
export const GARBAGE = Buffer.of(0, 0, 0, 1);

export class Faults {
  readonly #due: Readonly<Record<FaultPlace, Fault[]>> = { login: [], statement: [] };

  add(place: FaultPlace, fault: Fault, times: number): void {
    for (let i = 0; i < times; i += 1) this.#due[place].push(fault);
  }

  /** What is wrong with the answer to this request, or to this login: then `user` is null. */
  take(payload: Buffer, user: string | null): Fault | null {
    const due = this.#due[user === null ? 'login' : 'statement'];
    if (due.length === 0 || isSpared(payload, user)) return null;
    return due.shift()!;
  }
}

function isSpared(payload: Buffer, user: string | null): boolean {
  if (user === null) return payload.includes(LOCATOR);
  const { kind } = commandOf(payload[0] ?? -1);
  return user === LOCATOR || kind === 'quit' || kind === 'silent';
}

export function faultErr(code: number): Err {
  return { code, sqlState: 'HY000', message: 'as the observer was told to answer' };
}
