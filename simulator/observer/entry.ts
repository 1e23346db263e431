/**
 * How a session begins, and how it begins anew: after the login, COM_CHANGE_USER and COM_RESET_CONNECTION.
 *
 * Everything of it is fresh then, and a proxy is told all of it (observer.md §5). What is answered is given as bytes;
 * whether the password is right is decided in `login.ts`.
 */
import type { Clock } from '../../proxy/ports.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { readChangeUser } from '../../proxy/wire/change-user.ts';
import { CAP, OBSERVER_OK_STATUS, STATUS } from '../../proxy/wire/constants.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { isSslRequest, type Login, readLogin } from '../../proxy/wire/login.ts';
import { type Err, PLAIN_OK, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { applyLoginCharset } from './charset-login.ts';
import { type Identity, SessionContext } from './context.ts';
import { checkLogin, type LoginPlace, type LoginResult } from './login.ts';

/** What comes of it: the answer, and the session's new context; null if nobody was let in. */
export interface Entered {
  readonly answer: Buffer;
  readonly context: SessionContext | null;
}

/** Room for the OK that names all variables. */
const OK_SIZE = 8192;
const NOTHING = Buffer.alloc(0);

/** For a proxy a bare OK behind the ERR (observer.md §1.4). */
export function refusedLogin(err: Err, fromProxy: boolean, sequence: number): Entered {
  const out = new PacketWriter(sequence);
  writeErr(out, err);
  if (fromProxy) writeObserverOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS });
  return { answer: out.view(), context: null };
}

export class Entrance {
  readonly #id: number;
  readonly #place: LoginPlace;
  readonly #clock: Clock;
  /** Where the connection comes from. */
  readonly #remote: string;
  /** The login that counts now, without what does not outlive its packet. */
  #login: Login | null = null;

  constructor(id: number, place: LoginPlace, clock: Clock, remote: string) {
    this.#id = id;
    this.#place = place;
    this.#clock = clock;
    this.#remote = remote;
  }

  logIn(payload: Buffer, sequence: number): Entered {
    if (isSslRequest(payload)) throw new WireError('TLS was not offered');
    const login = readLogin(payload);
    return this.#enter(login, checkLogin(login, this.#place), this.#remote, sequence);
  }

  /** Who sits at the other end, and where, has been told by the first login. */
  changeUser(payload: Buffer, before: Identity, sequence: number): Entered {
    const login = readChangeUser(payload, this.#login!);
    return this.#enter(login, checkLogin(login, this.#place, before), before.clientIp, sequence);
  }

  /** COM_RESET_CONNECTION: user and database stay. */
  reset({ identity, database }: SessionContext, sequence: number): Entered {
    return this.#begin(identity, database, sequence);
  }

  #enter(login: Login, result: LoginResult, remote: string, sequence: number): Entered {
    if (result.kind === 'refused') {
      return refusedLogin(result.err, result.fromProxy, sequence);
    }
    this.#login = { ...login, filler: NOTHING, authResponse: NOTHING, attributes: null };
    const { tenant, user, peer } = result;
    const identity: Identity = {
      connectionId: this.#id,
      serverId: this.#place.serverId,
      user,
      tenant,
      peer,
      countsFound: (login.capabilities & CAP.FOUND_ROWS) !== 0,
      severalStatements: (login.capabilities & CAP.MULTI_STATEMENTS) !== 0,
      clientIp: result.clientIp ?? remote,
    };
    return this.#begin(identity, result.database, sequence);
  }

  #begin(identity: Identity, database: string | null, sequence: number): Entered {
    const { peer, tenant, user } = identity;
    const { charset } = this.#login!;
    const context = new SessionContext(identity, database, this.#clock);
    const { variables } = context;
    applyLoginCharset(charset, variables);
    const capability = peer.kind === 'proxy' ? peer.capability : 0;
    variables.start('ob_capability_flag', String(capability));
    variables.start('ob_proxy_global_variables_version', String(tenant.globalVersion));
    variables.start('ob_proxy_user_privilege', String(user.privilege));
    const out = new PacketWriter(sequence, OK_SIZE);
    if (peer.kind === 'proxy') {
      const key = `${charset} ${capability} ${user.privilege} ${database ?? ''}`;
      const withheld = this.#place.withholdPrivilege ? 'ob_proxy_user_privilege' : null;
      const state = tenant.loginBlock(key, variables.values, database, withheld);
      writeObserverOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS | STATUS.SESSION_STATE_CHANGED, state });
    } else {
      writeOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS }, peer.tracks);
    }
    return { answer: out.view(), context };
  }
}
