/**
 * What the OK of a login reports, taken apart: facts about the server, and the variables that are not as the yardstick
 * says.
 *
 * The observers of a cluster report the same six kilobytes at nearly every login: the last few blocks are kept with what
 * they say, so that most logins cost a comparison. Knows no session.
 */
import { WireError } from '../wire/bytes.ts';
import { type SessionState as Reported, readSessionState } from '../wire/session-state.ts';
import {
  CAPABILITY_FLAG,
  CONSUMED,
  DEFAULTS,
  GLOBAL_VARIABLES_VERSION,
  TRANSMISSION_CHECKSUM,
  USER_PRIVILEGE,
} from './variables.ts';

/** Null: not reported. */
export interface LoginState {
  readonly privileges: bigint | null;
  readonly globalVersion: string | null;
  readonly capabilities: bigint | null;
  readonly checksumSwitch: number | null;
  /** What a session has from its first login on, in the order in which it came (decisions.md 12). */
  readonly changed: readonly (readonly [name: string, value: string])[];
  readonly user: Reported['user'];
  readonly database: string | null;
}

/** A cluster's tenants, with and without a database: more are taken apart each time. */
const KEPT = 8;

/** The newest first. */
const kept: { readonly block: Buffer; readonly state: LoginState }[] = [];

/** Reads the block of a login's OK. A `WireError` if it is malformed. */
export function readLoginState(block: Buffer): LoginState {
  for (const it of kept) if (it.block.equals(block)) return it.state;
  const state = loginStateOf(readSessionState(block));
  kept.unshift({ block: Buffer.from(block), state });
  if (kept.length > KEPT) kept.pop();
  return state;
}

/** A `WireError` if a number is none. */
export function loginStateOf(reported: Reported): LoginState {
  const numbers = new Map<string, string>();
  const changed: (readonly [string, string])[] = [];
  for (const pair of reported.system) {
    const [name, value] = pair;
    if (FACTS.has(name)) numbers.set(name, value);
    if (isChanged(name, value)) changed.push(pair);
  }
  const checksum = numbers.get(TRANSMISSION_CHECKSUM);
  return {
    privileges: wholeNumber(USER_PRIVILEGE, numbers),
    globalVersion: numbers.get(GLOBAL_VARIABLES_VERSION) ?? null,
    capabilities: wholeNumber(CAPABILITY_FLAG, numbers),
    checksumSwitch: checksum === undefined ? null : Number(checksum),
    changed,
    user: reported.user,
    database: reported.database,
  };
}

/** What a login tells beside variables that a client can change. */
const FACTS: ReadonlySet<string> = new Set([
  USER_PRIVILEGE,
  GLOBAL_VARIABLES_VERSION,
  CAPABILITY_FLAG,
  TRANSMISSION_CHECKSUM,
]);

function isChanged(name: string, value: string): boolean {
  // Always kept, changed or not (decisions.md 12).
  if (name === TRANSMISSION_CHECKSUM) return true;
  if (FACTS.has(name) || CONSUMED.has(name)) return false;
  const yardstick = DEFAULTS.get(name);
  return yardstick !== undefined && yardstick.value !== value;
}

function wholeNumber(name: string, numbers: ReadonlyMap<string, string>): bigint | null {
  const value = numbers.get(name);
  if (value === undefined) return null;
  if (!/^-?\d+$/.test(value)) throw new WireError(`${name} reported as '${value}', where a whole number was expected`);
  return BigInt(value);
}
