/**
 * When a client may have held rows, as far as its questions and answers tell: from the first question that takes one to
 * the end of its transaction.
 *
 * It errs on the side of holding: what is not understood may take rows.
 */
import { STATUS } from '../../proxy/wire/constants.ts';
import type { Result } from '../client/answer.ts';
import type { Judge, Sight } from './judge.ts';
import { beginsAnew } from './kinds.ts';
import { type Life, type Request, statusOf } from './life.ts';

/** A session whose client has gone while it waited holds its rows so long, and a little (`lock_kill_check`, decisions.md 35). */
const DESERTED = 11_000;

/** Their answers come from an observer, and tell by their flags whether a transaction is open. */
const TELLS = /^(?:SELECT|UPDATE|INSERT|DELETE|REPLACE|EXECUTE)$/;
const ENDS = /^(?:BEGIN|COMMIT|ROLLBACK)$/;

const TAKES_NONE = /^(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|PREPARE|DEALLOCATE|PING|USE|QUIT|SET|SHOW|KILL)/;

function takesRows({ kind, sql }: Request): boolean {
  if (kind === 'SELECT') return /\b(?:FOR UPDATE|SHARE MODE)\b/i.test(sql);
  return sql !== '' && !TAKES_NONE.test(kind);
}

export class RowHolders implements Judge {
  readonly #sight: Sight;
  readonly #since = new Map<Life, number>();
  /** Who is known to be in a transaction. */
  readonly #within = new Set<Life>();
  /** When each that has held rows gave them back last. */
  readonly #until = new Map<Life, number>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  /** Since when it may hold rows; null if it does not. */
  since(life: Life): number | null {
    return this.#since.get(life) ?? null;
  }

  /** Whether anybody else may have held a row then, or later. */
  anybodyElse(life: Life, then: number): boolean {
    for (const other of this.#since.keys()) if (other !== life && endOf(other) >= then) return true;
    for (const [other, until] of this.#until) if (other !== life && until >= then) return true;
    return false;
  }

  asks(request: Request): void {
    const { life, asked } = request;
    if (takesRows(request) && !this.#since.has(life)) this.#since.set(life, asked);
  }

  answered({ life, kind, payload }: Request, results: readonly Result[]): void {
    const status = statusOf(results);
    if (status === null) {
      // An error ends a statement and what it took; COMMIT and BEGIN end a transaction even so.
      if (!this.#within.has(life) || kind === 'COMMIT' || kind === 'BEGIN') this.#end(life);
      return;
    }
    const within = (status & STATUS.IN_TRANS) !== 0;
    const isOver = ENDS.test(kind) || beginsAnew(payload) || (TELLS.test(kind) && !within);
    if (isOver) this.#end(life);
    if (within) this.#within.add(life);
  }

  #end(life: Life): void {
    this.#within.delete(life);
    if (this.#since.delete(life)) this.#until.set(life, this.#sight.now());
  }
}

/** When the rows of a client that has gone are free at the latest. */
function endOf({ end, cut }: Life): number {
  const gone = end?.at ?? cut;
  return gone === null ? Number.POSITIVE_INFINITY : gone + DESERTED;
}
