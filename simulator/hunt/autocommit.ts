/**
 * Whether autocommit is on, as far as a client's statements and their answers tell. It is at first, and after a new beginning.
 */
import type { Result } from '../client/answer.ts';
import { beginsAnew } from './kinds.ts';
import { errorOf, type Life, type Request } from './life.ts';
import { autocommitIn, changedIn } from './statements.ts';

export class Autocommit {
  /** Null: nobody can know. */
  readonly #on = new Map<Life, boolean | null>();

  of(life: Life): boolean | null {
    const known = this.#on.get(life);
    return known === undefined ? true : known;
  }

  answered({ life, sql, payload }: Request, results: readonly Result[]): void {
    const set = autocommitIn(sql) ?? (beginsAnew(payload) ? true : null);
    if (set !== null) this.#on.set(life, errorOf(results) === null ? set : null);
    else if (changedIn(sql) === 'autocommit') this.#on.set(life, null);
  }
}
