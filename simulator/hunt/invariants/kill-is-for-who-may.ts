/** Who may kill whom: every KILL is answered as the rights of its sender and the owner of its target say. */
import { COM, STATUS } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import { isSuper } from '../../observer/tenant.ts';
import type { UserSpec } from '../../world/topology.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { readKill } from '../kinds.ts';
import { errorOf, hasNewProxy, isUp, type Kill, type Life, type Request, statusOf } from '../life.ts';

export const KILL_IS_FOR_WHO_MAY: Invariant = {
  name: 'kill-is-for-who-may',
  why: 'A kill that is refused to who may, or done for who may not, is a hole in the rights of a tenant.',
  judge: (sight) => new KillIsForWhoMay(sight),
};

const INTERRUPTED = 1317;
const UNKNOWN_THREAD = 1094;
const NOT_OWNER = 1095;
const BAD_INTERNAL_COMMAND = 5010;
const NOT_SUPPORTED = 1235;
/** An answer to one of these tells by its flags whether a transaction is open (decisions.md 22). */
const TELLS: ReadonlySet<string> = new Set(['SELECT', 'UPDATE', 'INSERT', 'BEGIN', 'COMMIT', 'ROLLBACK']);
/** OK, in place of the number of an ERR. */
const OK = 0;

/** Who somebody is, by the words of its tenant and not by what the proxy has learned. */
interface Person {
  readonly user: UserSpec;
  readonly tenant: string;
}

class KillIsForWhoMay implements Judge {
  readonly #sight: Sight;
  readonly #people = new Map<Life, Person | null>();
  /** Who asks to be somebody else, and was this. */
  readonly #before = new Map<Life, Person | null>();
  /** Whose last answer said that it is in no transaction. */
  readonly #outside = new Set<Life>();
  /** Kills of a server session that was there when they were asked for. */
  readonly #aimed = new Set<Kill>();
  /** Since when it is somebody else. */
  readonly #since = new Map<Life, number>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  ready(life: Life): void {
    const session = this.#sight.inside.proxy.sessions().find(({ csId }) => csId === life.csId);
    const name = session?.identity?.name;
    const cluster = this.#sight.inside.clusters.find(({ spec }) => spec.name === session?.identity?.cluster?.name);
    const tenant = name === undefined ? undefined : cluster?.tenants.find((it) => it.name === name.tenant);
    const user = tenant?.spec.users.find((it) => it.name === name?.user);
    this.#people.set(life, user === undefined || tenant === undefined ? null : { user, tenant: tenant.name });
  }

  /** Until it is answered nobody can know who it is. */
  asks({ life, payload }: Request): void {
    const kill = this.#sight.kills.at(-1);
    if (kill?.request.life === life && kill.acknowledged === null && this.#hasServer(kill)) this.#aimed.add(kill);
    if (payload[0] !== COM.CHANGE_USER) return;
    this.#before.set(life, this.#people.get(life) ?? null);
    this.#people.set(life, null);
  }

  #changed({ life, payload }: Request): void {
    const tenant = this.#before.get(life)?.tenant;
    const name = payload.toString('utf8', 1, payload.indexOf(0, 1));
    const spec = this.#sight.inside.clusters.flatMap(({ tenants }) => tenants).find((it) => it.name === tenant)?.spec;
    const user = spec?.users.find((it) => it.name === name);
    if (tenant !== undefined && user !== undefined) this.#people.set(life, { user, tenant });
    this.#since.set(life, this.#sight.now());
  }

  answered(request: Request, results: readonly Result[]): void {
    this.#judge(request, results);
    const status = statusOf(results);
    if (status === null) return;
    if ((status & STATUS.IN_TRANS) !== 0) this.#outside.delete(request.life);
    else if (TELLS.has(request.kind)) this.#outside.add(request.life);
  }

  /** The target has the server session that is to be ended. */
  #hasServer({ target, ssId }: Kill): boolean {
    const servers = this.#sight.inside.proxy.sessions().find(({ csId }) => csId === target?.csId)?.servers;
    if (target === null || ssId === null || servers === undefined) return false;
    return [servers.bound, servers.current, ...servers.pool].some((it) => it?.ssId === ssId);
  }

  #judge(request: Request, results: readonly Result[]): void {
    if (request.payload[0] === COM.CHANGE_USER && errorOf(results) === null) this.#changed(request);
    if (request.payload[0] !== COM.QUERY || !request.kind.startsWith('KILL')) return;
    const kill = this.#sight.kills.findLast((it) => it.request === request);
    const due = kill === undefined ? null : this.#due(kill);
    const got = errorOf(results) ?? OK;
    if (due === null || due.includes(got)) return;
    this.#sight.blame(
      `${request.life.client} asked ${request.sql} and got ${worded(got)}, where ${due.map(worded).join(' or ')} was due`,
      request,
    );
  }

  /** Who ends its own session is told so before it ends. */
  lost(request: Request, _error: ShownError): void {
    const { kills, disturbances } = this.#sight;
    const kill = kills.findLast((it) => it.request === request);
    if (kill === undefined || kill.target !== request.life || kill.scope !== 'session') return;
    const hasOtherCause = kills.some((it) => it !== kill && it.target === request.life) || disturbances.length > 0;
    if (hasOtherCause || this.#due(kill)?.includes(INTERRUPTED) !== true) return;
    this.#sight.blame(
      `${request.life.client} has killed itself and was not told so before it lost its connection`,
      request,
    );
  }

  /** What it may be answered; null: nobody can know. */
  #due(kill: Kill): readonly number[] | null {
    const { request, target, scope } = kill;
    const caller = this.#people.get(request.life) ?? null;
    // A proxy that was started anew gives its ids a second time.
    if (caller === null || hasNewProxy(this.#sight.disturbances)) return null;
    const isSys = caller.tenant === 'sys';
    if (request.kind.startsWith('KILL PROXYSESSION') && !(isSys && caller.user.name === 'root'))
      return [BAD_INTERNAL_COMMAND];
    const victim = target === null ? null : (this.#people.get(target) ?? null);
    // A server session that has not been greeted has the id 0: nobody was meant.
    if (target === null || victim === null || readKill(request.sql)?.id === 0) return null;
    // Who became somebody else meanwhile was either when the KILL came.
    if ((this.#since.get(target) ?? Number.NEGATIVE_INFINITY) >= request.asked) return null;
    // Who had not logged in was nobody's yet (odp-sessions.md §4.2).
    if (target.ready === null || target.ready >= request.asked) return null;
    const gone = this.#isSurelyThere(kill, target) ? [] : [UNKNOWN_THREAD];
    if (scope === 'server session') {
      return this.#aimed.has(kill) && this.#hasServer(kill) && gone.length === 0 ? [OK] : null;
    }
    if (scope === 'session') {
      if (target === request.life) return [INTERRUPTED, ...gone];
      if (isSys) return [OK, ...gone];
    }
    // Of a KILL QUERY the observer has the last word, and who is in a transaction may not ask for one.
    const own = scope === 'query' && !this.#outside.has(request.life) ? [NOT_SUPPORTED] : [];
    if (caller.tenant !== victim.tenant) return [UNKNOWN_THREAD, ...own];
    if (!isSuper(caller.user) && caller.user !== victim.user) return [NOT_OWNER, ...gone, ...own];
    return scope === 'query' ? [OK, UNKNOWN_THREAD, INTERRUPTED, ...own] : [OK, ...gone];
  }

  /** Nobody else has done anything to it, and it still has the id by which it was addressed. */
  #isSurelyThere(kill: Kill, target: Life): boolean {
    const { kills, disturbances, inside } = this.#sight;
    if (!isUp(target)) return false;
    if (kills.some((it) => it !== kill && it.target === target) || disturbances.length > 0) return false;
    const id = readKill(kill.request.sql)?.id;
    if (target === kill.request.life) return id === target.csId;
    const session = inside.proxy.sessions().find(({ csId }) => csId === target.csId);
    if (session === undefined) return false;
    const { bound, current, pool } = session.servers;
    return id === target.csId || [bound, current, ...pool].some((it) => it?.serverSessid === id);
  }
}

function worded(code: number): string {
  return code === OK ? 'OK' : `ERROR ${code}`;
}
