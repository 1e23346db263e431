/** KILL QUERY works: a statement that was running when somebody asked for its end, and was told OK, has ended. */
import type { Result } from '../../client/answer.ts';
import type { ProcessRow } from '../../observer/house.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { errorOf, type Kill, type Life, type Request } from '../life.ts';
import { ON_ITS_WAY } from './kill-is-final.ts';

export const KILL_QUERY_WORKS: Invariant = {
  name: 'kill-query-works',
  why: 'KILL QUERY is for a statement that takes too long: an OK that stops nothing, or a refusal, leaves it running.',
  judge: (sight) => new KillQueryWorks(sight),
};

/** A KILL QUERY whose target was running something at an observer. */
interface Aimed {
  readonly kill: Kill;
  /** What ran, and the session in which it did. */
  readonly statement: Request;
  readonly serverSessid: number;
}

const UNKNOWN_THREAD = 1094;
const INTERRUPTED = 1317;
/** What its transaction has changed was lost meanwhile: that is said first (observer.md §9.4). */
const ROLLED_BACK = 6002;
/** A statement looks so often whether it is to end (observer.md §3.6); one that waits for a row looks when that is over. */
const LOOKS = 100;
/** What ends a client's connection, at the proxy before the client may know of it. */
const ENDS: ReadonlySet<string> = new Set(['half-close', 'sever', 'close', 'reset']);
const SLEEPS = /\bSLEEP\(/i;

class KillQueryWorks implements Judge {
  readonly #sight: Sight;
  readonly #aimed = new Map<Request, Aimed>();
  #due: Aimed[] = [];
  /** What still ran when somebody was told that it is stopped. */
  readonly #stopped = new Map<Request, Aimed>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  asks(request: Request): void {
    const kill = this.#sight.kills.at(-1);
    if (kill?.request !== request || kill.scope !== 'query' || kill.target === null) return;
    const statement = kill.target.request;
    if (statement === null || statement === request) return;
    const sessions = this.#sight.inside.proxy.sessions();
    const session = sessions.find(({ csId }) => csId === kill.target!.csId);
    const caller = sessions.find(({ csId }) => csId === request.life.csId);
    // Of another tenant nobody can stop anything, not even of sys (odp-sessions.md §6).
    if (caller?.identity?.name.tenant !== session?.identity?.name.tenant) return;
    const aimed = { kill, statement, serverSessid: session?.servers.current?.serverSessid ?? 0 };
    if (this.#runs(aimed)) this.#aimed.set(request, aimed);
  }

  answered(request: Request, results: readonly Result[]): void {
    const code = errorOf(results);
    const stopped = this.#stopped.get(request);
    if (stopped !== undefined && code !== INTERRUPTED && code !== ROLLED_BACK) {
      this.#blame(stopped, `it was answered with ${code === null ? 'OK' : `ERROR ${code}`}`);
    }
    const aimed = this.#aimed.get(request);
    if (aimed === undefined) return;
    if (code === null && this.#runs(aimed)) this.#stopped.set(aimed.statement, aimed);
    if (code === null && SLEEPS.test(aimed.statement.sql)) this.#due.push(aimed);
    if (code === UNKNOWN_THREAD && !this.#hasEnded(aimed.statement.life) && this.#runs(aimed)) {
      this.#blame(aimed, 'nobody was found to be stopped');
    }
  }

  /** It still waits for its answer, but its end was faster than the KILL: its session ends, and the observer hears of it later. */
  #hasEnded({ client, greeted }: Life): boolean {
    return this.#sight.disturbances.some((it) => ENDS.has(it.kind) && it.client === client && it.at >= greeted);
  }

  step(): void {
    if (this.#due.length === 0) return;
    const now = this.#sight.now();
    for (const it of this.#due) {
      if (now - it.kill.acknowledged! > LOOKS + ON_ITS_WAY && this.#runs(it)) this.#blame(it, 'it still runs');
    }
    this.#due = this.#due.filter(({ kill }) => now - kill.acknowledged! <= LOOKS + ON_ITS_WAY);
  }

  #blame({ kill, statement }: Aimed, what: string): void {
    const { client } = statement.life;
    this.#sight.blame(
      `${client}'s ${statement.sql} was to be stopped by ${kill.request.sql}, and ${what}`,
      kill.request,
    );
  }

  /** An observer is at the very statement. */
  #runs({ statement, serverSessid }: Aimed): boolean {
    if (serverSessid === 0 || statement.life.request !== statement || statement.sql === '') return false;
    const row = this.#rowOf(serverSessid);
    return row !== null && row.info === statement.sql;
  }

  #rowOf(serverSessid: number): ProcessRow | null {
    for (const cluster of this.#sight.inside.clusters) {
      const found = cluster.findSession(serverSessid);
      if (found !== null) return found.processRow;
    }
    return null;
  }
}
