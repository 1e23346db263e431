/** Kill touches no one else, and errors are only the documented ones: each error and each loss has a cause in the run. */
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { errorOf, type Life, type Request } from '../life.ts';

export const ERRORS_HAVE_A_CAUSE: Invariant = {
  name: 'errors-have-a-cause',
  why: 'A kill or a fault is for one session: who was not concerned sees no error, and who was sees only those that are documented.',
  judge: (sight) => new ErrorsHaveACause(sight),
};

/** A statement that waits gives up after this (`ob_query_timeout`, `ob_trx_lock_timeout`; observer.md). */
const GIVES_UP = 9900;

/** Whether an ERR of this number can be the answer to a request. */
type Cause = (request: Request, sight: Sight) => boolean;

const CAUSES: Readonly<Record<number, Cause>> = {
  // No such thread: nobody was meant.
  1094: ({ kind }) => kind.startsWith('KILL') || kind.startsWith('SHOW'),
  1095: ({ kind }) => kind.startsWith('KILL'),
  1146: ({ sql }) => /nowhere/.test(sql),
  1205: (request, sight) => waited(request, sight),
  // Two who wait for each other's rows.
  1213: ({ kind }) => kind === 'UPDATE' || kind === 'SELECT',
  // Who is in a transaction can stop nobody's statement (odp-sessions.md §6.2).
  1235: ({ kind }) => kind === 'KILL QUERY',
  1243: ({ kind }) => kind === 'EXECUTE' || kind === 'DEALLOCATE',
  1317: (request, sight) =>
    request.kind.startsWith('KILL') ||
    sight.kills.some(
      ({ target, scope, acknowledged }) =>
        target === request.life && scope === 'query' && (acknowledged === null || acknowledged >= request.asked),
    ),
  4012: (request, sight) => waited(request, sight),
  // Only root of sys may.
  5010: ({ kind }) => kind.startsWith('KILL PROXYSESSION'),
  // The leader of what the transaction has changed has moved away, or died.
  6002: (_request, { disturbances }) => disturbances.some(({ kind }) => LEADER_LOST.has(kind)),
};

const LEADER_LOST: ReadonlySet<string> = new Set(['leader', 'crash', 'stop']);
/** What ends connections of those it is not for. */
const SERVER_LOST: ReadonlySet<string> = new Set([
  'crash',
  'stop',
  'restart',
  'partition',
  'sever',
  'restart proxy',
  'hold',
  'fail',
]);
/** A server that is not there yet, to a login. */
const NOT_SERVING: ReadonlySet<number> = new Set([8001]);

function waited({ asked }: Request, sight: Sight): boolean {
  return sight.now() - asked >= GIVES_UP;
}

/** Until it is rolled back, a transaction that gave way in a deadlock is told so again, and at COMMIT (observer.md §6.2). */
const GAVE_WAY = 1213;
const AFTER_GIVING_WAY: ReadonlySet<number> = new Set([GAVE_WAY, 6002]);

class ErrorsHaveACause implements Judge {
  readonly #sight: Sight;
  /** Whose transaction has given way in a deadlock. */
  readonly #gaveWay = new Set<Life>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  answered(request: Request, results: readonly Result[]): void {
    const code = errorOf(results);
    if (code === null) return;
    const { life } = request;
    if (AFTER_GIVING_WAY.has(code) && this.#gaveWay.has(life)) return;
    if (code === GAVE_WAY) this.#gaveWay.add(life);
    if (CAUSES[code]?.(request, this.#sight) === true) return;
    const last = results.at(-1);
    const text = last?.kind === 'error' ? last.error.message : '';
    this.#sight.blame(
      `${life.client} asked ${request.sql || request.kind} and got ERROR ${code} (${text}) for no reason in sight`,
      request,
    );
  }

  lost(request: Request, error: ShownError): void {
    if (this.#concerned(request.life.client, request.life)) return;
    this.#sight.blame(
      `${request.life.client} lost its connection at ${request.sql || request.kind} (ERROR ${error.code}), and nobody has done anything to it`,
      request,
    );
  }

  refused(client: string, life: Life | null, error: ShownError): void {
    if (this.#concerned(client, life)) return;
    const why = NOT_SERVING.has(error.code) ? ' (no server is ready)' : '';
    this.#sight.blame(
      `${client} could not log in: ERROR ${error.code} ${error.message}${why}, and nothing was in its way`,
    );
  }

  /** Whether something was done to it, or to a server of it. */
  #concerned(client: string, life: Life | null): boolean {
    const { kills, disturbances } = this.#sight;
    if (life !== null && kills.some(({ target, scope }) => target === life && scope !== 'query')) return true;
    // A session that was killed before its greeting came is nobody's life yet.
    return disturbances.some((it) => (it.client === null ? SERVER_LOST.has(it.kind) : it.client === client));
  }
}
