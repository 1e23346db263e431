/**
 * COM_CHANGE_USER: who the client wants to be, and whether that goes to an observer (odp-relay.md §2.8).
 *
 * A pure function; the session keeps what comes of it until the observer has said OK.
 */
import type { ConfigItems } from '../config.ts';
import type { Address } from '../ports.ts';
import { readAuthPacket } from '../wire/auth.ts';
import { WireError } from '../wire/bytes.ts';
import { readChangeUser } from '../wire/change-user.ts';
import { errorOf } from '../wire/errors.ts';
import { SCRAMBLE_SIZE } from '../wire/greeting.ts';
import type { Login } from '../wire/login.ts';
import type { Err } from '../wire/ok.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD } from '../wire/scramble.ts';
import { denied, isForbidden } from './admission.ts';
import type { Identity } from './identity.ts';
import { parseUserName, type UserName } from './user-name.ts';

/** A login, and the scramble that its auth response answers. */
export interface Proof {
  readonly login: Login;
  readonly scramble: Buffer;
}

/** Whom a client has asked to be, and the login that later server sessions repeat. */
export interface NewUser {
  readonly login: Login;
  readonly name: UserName;
  /** What its auth response answers. */
  readonly scramble: Buffer;
}

export type UserChange =
  | { readonly kind: 'to observer'; readonly user: NewUser }
  /** The connection is kept, as whoever it was. */
  | { readonly kind: 'refuse'; readonly error: Err }
  /** TCP close, no ERR. */
  | { readonly kind: 'close'; readonly why: string };

/** `payload`: from the command byte on; `before`: the login of the connection. */
export function changeOfUser(
  payload: Buffer,
  before: Login,
  { name, cluster }: Identity,
  { client, items }: { readonly client: Address; readonly items: ConfigItems },
): UserChange {
  let login: Login;
  try {
    // What a saved login repeats must outlive the chunk it came in.
    login = readChangeUser(Buffer.from(payload), before);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'close', why: error.message };
  }
  const typed = parseUserName(login.user, name.tenant, items.username_separator);
  if (typed === null) return { kind: 'close', why: 'a user name that cannot be read' };
  const elsewhere =
    typed.tenant !== name.tenant ||
    (typed.cluster !== null && typed.cluster !== cluster?.name) ||
    (typed.clusterId !== null && name.clusterId !== null && typed.clusterId !== name.clusterId);
  if (elsewhere) return { kind: 'refuse', error: errorOf('NOT_SUPPORTED') };
  if (isForbidden(typed, items)) return { kind: 'refuse', error: denied(login, typed, client) };
  const user = { ...typed, cluster: typed.cluster ?? name.cluster, clusterId: typed.clusterId ?? name.clusterId };
  return { kind: 'to observer', user: { login, name: user, scramble: CONSTANT_SCRAMBLE } };
}

/** The observer has asked for another proof of who it is: with this plugin, and for this scramble. */
export function askedWith<Proved extends Proof>(before: Proved, question: Buffer): Proved {
  const asked = readAuthPacket(question, before.login.plugin ?? NATIVE_PASSWORD);
  if (asked.kind !== 'switch') return before;
  const { plugin, data } = asked;
  const scramble = data.length >= SCRAMBLE_SIZE ? data.subarray(0, SCRAMBLE_SIZE) : before.scramble;
  return { ...before, login: { ...before.login, plugin }, scramble };
}

/** That proof is the one to be repeated. */
export function provedBy<Proved extends Proof>(before: Proved, authResponse: Buffer): Proved {
  return { ...before, login: { ...before.login, authResponse } };
}
