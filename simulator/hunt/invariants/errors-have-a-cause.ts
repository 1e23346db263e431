/** Kill touches no one else, and errors are only the documented ones: each error and each loss has a cause in the run. */
import { COM } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { type Disturbance, errorOf, hasNewProxy, type Kill, type Life, type Request } from '../life.ts';
import { Outages } from '../outages.ts';
import { RowHolders } from '../row-holders.ts';
import { effectsOf, needsDatabase, repeatsKey, savepointOf } from '../statements.ts';
import { ON_ITS_WAY } from './kill-is-final.ts';

export const ERRORS_HAVE_A_CAUSE: Invariant = {
  name: 'errors-have-a-cause',
  why: 'A kill or a fault is for one session: who was not concerned sees no error, and who was sees only those that are documented.',
  judge: (sight) => new ErrorsHaveACause(sight),
};

/** A statement that waits gives up after this (`ob_query_timeout`, `ob_trx_lock_timeout`; observer.md). */
const GIVES_UP = 9900;

/** What a cause is looked for in. */
interface Scene {
  readonly sight: Sight;
  readonly holders: RowHolders;
  readonly outages: Outages;
  /** What has aborted the transaction of a client, and is said again until its ROLLBACK. */
  readonly aborted: ReadonlyMap<Life, number>;
  /** KILLs that were refused. */
  readonly denied: ReadonlySet<Request>;
}

/** Whether an ERR of this number can be the answer to a request. */
type Cause = (request: Request, scene: Scene) => boolean;

const CAUSES: Readonly<Record<number, Cause>> = {
  // No such thread: nobody was meant, or nobody who may be seen (`kill-is-for-who-may.ts`).
  1094: ({ kind }) => kind.startsWith('KILL') || kind.startsWith('SHOW'),
  1095: ({ kind }) => kind.startsWith('KILL'),
  1062: ({ sql }, { sight }) => repeatsKey(sql) || effectsOf(sql).length === 0 || isThere(sql, sight),
  // `state-follows.ts` says whether its database has the table.
  1146: ({ sql }) => /nowhere/.test(sql) || needsDatabase(sql),
  1205: (request, scene) => waited(request, scene) && couldMeetARow(request, scene),
  // Two who wait for each other's rows.
  1213: (request, scene) => scene.aborted.get(request.life) === 1213 || couldMeetAWaiter(request, scene),
  // Who is in a transaction can stop nobody's statement (odp-sessions.md §6.2).
  1235: ({ kind }) => kind === 'KILL QUERY',
  // `state-follows.ts` says whether it was prepared.
  1243: ({ kind, payload }) => kind === 'EXECUTE' || kind === 'DEALLOCATE' || payload[0] === COM.STMT_EXECUTE,
  // Oneself is told so of the own KILL (odp-sessions.md §4.3).
  1317: (request, { sight, denied }) =>
    sight.kills.some(
      (kill) =>
        isFor(kill, request.life, sight) &&
        (kill.request === request ||
          (kill.scope === 'query' &&
            !denied.has(kill.request) &&
            (kill.acknowledged === null || kill.acknowledged >= request.asked))),
    ),
  4012: (request, scene) => waited(request, scene) && couldMissALeader(request, scene),
  // `committed-stays.ts` says whether it was set.
  1305: ({ sql }) => savepointOf(sql) !== null && savepointOf(sql)?.does !== 'set',
  // Only root of sys may.
  5010: ({ kind }) => kind.startsWith('KILL PROXYSESSION'),
  // What the transaction has changed was lost: its leader has moved away, or died, or it gave way in a deadlock.
  6002: (request, scene) => scene.aborted.has(request.life) || lostALeader(request, scene),
};

/** The errors of a proxy or an observer that a run can have a reason for, in ascending order. */
export const EXPLAINED: readonly number[] = Object.keys(CAUSES).map(Number);

const LEADER_LOST: ReadonlySet<string> = new Set(['leader', 'crash', 'stop']);
/** Everybody's connection is gone with it. */
const PROXY_LOST = 'restart proxy';
/** The answers to a KILL that does nothing. */
const DENIALS: ReadonlySet<number> = new Set([1094, 1095, 1235, 5010]);
/** What aborts a transaction: its client has to say ROLLBACK, or is told again (observer.md §6.2, §9.4). */
const ABORTS: ReadonlySet<number> = new Set([1213, 6002]);

function waited({ asked }: Request, { sight }: Scene): boolean {
  return sight.now() - asked >= GIVES_UP;
}

/** The row that was waited for was held by somebody until the end. */
function couldMeetARow({ life }: Request, { sight, holders, outages }: Scene): boolean {
  return outages.isParted || holders.anybodyElse(life, sight.now() - 2 * ON_ITS_WAY);
}

/** It holds rows, and somebody else has held some and asked for more. */
function couldMeetAWaiter({ life, asked }: Request, { holders, outages }: Scene): boolean {
  return outages.isParted || (holders.since(life) !== null && holders.anybodyElse(life, asked));
}

/** There was no leader all the time, or there was none in the end and a row was waited for before. */
function couldMissALeader({ asked, life }: Request, { sight, holders, outages }: Scene): boolean {
  const end = sight.now() - ON_ITS_WAY;
  if (outages.isParted || outages.leaderMissing(asked + ON_ITS_WAY, end)) return true;
  return outages.leaderMissing(end - 1, end) && holders.anybodyElse(life, asked);
}

/** It inserts what was committed before. */
function isThere(sql: string, { inside }: Sight): boolean {
  const bank = inside.clusters[0]!.tenant('shop').store.find('bank');
  return effectsOf(sql).some((it) => it.kind === 'insert' && bank?.find(it.table)?.rows.has(BigInt(it.key)) === true);
}

/** A leader was lost since the transaction has taken its first row. */
function lostALeader({ life }: Request, { sight, holders }: Scene): boolean {
  const since = holders.since(life);
  return since !== null && sight.disturbances.some(({ kind, at }) => LEADER_LOST.has(kind) && at >= since);
}

class ErrorsHaveACause implements Judge {
  readonly #sight: Sight;
  readonly #holders: RowHolders;
  readonly #outages: Outages;
  readonly #aborted = new Map<Life, number>();
  readonly #denied = new Set<Request>();
  readonly #scene: Scene;

  constructor(sight: Sight) {
    this.#sight = sight;
    this.#holders = new RowHolders(sight);
    this.#outages = new Outages(sight);
    this.#scene = {
      sight,
      holders: this.#holders,
      outages: this.#outages,
      aborted: this.#aborted,
      denied: this.#denied,
    };
  }

  asks(request: Request): void {
    this.#holders.asks(request);
  }

  step(): void {
    this.#outages.step();
  }

  disturbed(disturbance: Disturbance): void {
    this.#outages.disturbed(disturbance);
  }

  answered(request: Request, results: readonly Result[]): void {
    const code = errorOf(results);
    if (code !== null && CAUSES[code]?.(request, this.#scene) !== true) {
      const last = results.at(-1);
      const text = last?.kind === 'error' ? last.error.message : '';
      this.#sight.blame(
        `${request.life.client} asked ${request.sql || request.kind} and got ERROR ${code} (${text}) for no reason in sight`,
        request,
      );
    }
    if (code !== null && DENIALS.has(code)) this.#denied.add(request);
    this.#holders.answered(request, results);
    if (this.#holders.since(request.life) === null) this.#aborted.delete(request.life);
    else if (code !== null && ABORTS.has(code)) this.#aborted.set(request.life, code);
  }

  lost(request: Request, error: ShownError): void {
    const { life } = request;
    if (this.#concerned(life.client, life) || this.#outages.concerns(life, request.asked)) return;
    this.#sight.blame(
      `${life.client} lost its connection at ${request.sql || request.kind} (ERROR ${error.code}), and nobody has done anything to it`,
      request,
    );
  }

  refused(client: string, life: Life | null, error: ShownError): void {
    if (this.#concerned(client, life) || this.#outages.any(this.#sight.now() - LOGIN)) return;
    this.#sight.blame(`${client} could not log in: ERROR ${error.code} ${error.message}, and nothing was in its way`);
  }

  /** Whether something was done to it. */
  #concerned(client: string, life: Life | null): boolean {
    const { kills, disturbances } = this.#sight;
    const mayBe = kills.filter(({ scope, request }) => scope !== 'query' && !this.#denied.has(request));
    if (life !== null && mayBe.some((it) => isFor(it, life, this.#sight))) return true;
    // A session that was killed before its greeting came is nobody's life yet; and who is stalled stays so.
    const since = life === null ? this.#sight.now() - LOGIN : life.greeted - ON_ITS_WAY;
    return disturbances.some(
      (it) =>
        (it.client === client && (it.kind === 'stall' || it.at >= since)) || (it.kind === PROXY_LOST && it.at >= since),
    );
  }
}

function isFor(kill: Kill, life: Life, { disturbances }: Sight): boolean {
  return kill.target === life || (hasNewProxy(disturbances) && isMetBy(kill, life));
}

/** A proxy that has started anew gives ids once more: a KILL on its way meets who has got the id meanwhile. */
function isMetBy({ id, request, acknowledged }: Kill, { csId, greeted }: Life): boolean {
  return id === csId && request.asked <= greeted && (acknowledged === null || greeted <= acknowledged + ON_ITS_WAY);
}

/** A login has an end after this, whatever happens (odp-relay.md). */
const LOGIN = 10_000;
