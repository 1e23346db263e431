/** Every answer belongs to its question. */
import { STATUS } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import { Autocommit } from '../autocommit.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { errorOf, type Request } from '../life.ts';
import { ACCOUNTS } from '../sayings.ts';
import { type Effect, effectsOf } from '../statements.ts';

export const RIGHT_ANSWERS: Invariant = {
  name: 'right-answers',
  why: 'A client reads its answers in the order of its questions: one that is missing, doubled or of somebody else spoils all that follow.',
  judge: (sight) => new RightAnswers(sight),
};

/** The first cell of each row is the statement's own mark. */
const MARK = /^\s*SELECT\s+'(m\d+)'/i;

/** What the proxy answers by itself, but for a held BEGIN, has no flags (decisions.md 22). */
const FLAGGED: ReadonlySet<string> = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'INSERT', 'UPDATE']);
const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE']);
/** What an observer says of an UPDATE that has changed its one row, and of an INSERT of two. */
const ONE_CHANGED = 'Rows matched: 1  Changed: 1  Warnings: 0';
const TWO_INSERTED = 'Records: 2  Duplicates: 0  Warnings: 0';

class RightAnswers implements Judge {
  readonly #sight: Sight;
  readonly #autocommit = new Autocommit();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  answered(request: Request, results: readonly Result[]): void {
    this.#belongs(request, results);
    this.#counts(request, results);
    this.#flags(request, results);
  }

  #belongs(request: Request, results: readonly Result[]): void {
    const mark = MARK.exec(request.sql)?.[1];
    const [first] = results;
    if (mark === undefined || first?.kind === 'error') return;
    if (first?.kind !== 'rows') {
      this.#sight.blame(`${request.life.client} asked ${request.sql}, and got ${first?.kind ?? 'nothing'}`, request);
      return;
    }
    const wrong = first.rows.find(([cell]) => cell !== mark);
    if (wrong !== undefined) {
      this.#sight.blame(`${request.life.client} asked ${request.sql}, and got ${JSON.stringify(wrong)}`, request);
    }
  }

  /** A change of one row is answered as such. */
  #counts(request: Request, results: readonly Result[]): void {
    const effects = effectsOf(request.sql);
    const [effect] = effects;
    const [first] = results;
    if (effect === undefined || first?.kind !== 'ok') return;
    // Pages may ask for more: a row that is not there, or a change that is none.
    if (effect.kind === 'pay' && (effect.amount === 0 || effect.account < 1 || effect.account > ACCOUNTS)) return;
    const { affectedRows, message } = first.ok;
    if (Number(affectedRows) === effects.length && message === wordsOf(effects)) return;
    this.#sight.blame(
      `${request.life.client} asked ${request.sql}, and was told of ${affectedRows} rows: ${JSON.stringify(message)}`,
      request,
    );
  }

  /** Each answer says whether the next statement is a transaction of its own. */
  #flags(request: Request, results: readonly Result[]): void {
    const { life, kind } = request;
    this.#autocommit.answered(request, results);
    const due = this.#autocommit.of(life);
    const last = results.at(-1);
    if (errorOf(results) !== null || due === null || !FLAGGED.has(kind) || last?.kind !== 'ok') return;
    const { status } = last.ok;
    if (((status & STATUS.AUTOCOMMIT) !== 0) !== due) {
      const seen = due ? 'without' : 'with';
      this.#sight.blame(`${life.client}'s ${kind} was answered ${seen} the AUTOCOMMIT flag`, request);
    } else if (!due && CHANGES.has(kind) && (status & STATUS.IN_TRANS) === 0) {
      this.#sight.blame(`${life.client}'s ${kind} has begun no transaction, though autocommit is off`, request);
    }
  }
}

function wordsOf([effect, other]: readonly Effect[]): string {
  if (effect?.kind === 'pay') return ONE_CHANGED;
  return other === undefined ? '' : TWO_INSERTED;
}
