/** Every answer belongs to its question. */
import { STATUS } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { errorOf, type Life, type Request } from '../life.ts';
import { effectOf } from '../statements.ts';
import { ACCOUNTS } from '../vocabulary.ts';

export const RIGHT_ANSWERS: Invariant = {
  name: 'right-answers',
  why: 'A client reads its answers in the order of its questions: one that is missing, doubled or of somebody else spoils all that follow.',
  judge: (sight) => new RightAnswers(sight),
};

/** The first cell of each row is the statement's own mark. */
const MARK = /^\s*SELECT\s+'(m\d+)'/i;

/** What the proxy answers by itself, but for a held BEGIN, has no flags (decisions.md 22). */
const FLAGGED: ReadonlySet<string> = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'INSERT', 'UPDATE']);
const AUTOCOMMIT = /\bautocommit\b/i;
/** What an observer says of an UPDATE that has changed its one row. */
const ONE_CHANGED = 'Rows matched: 1  Changed: 1  Warnings: 0';

class RightAnswers implements Judge {
  readonly #sight: Sight;
  /** Who may have switched autocommit off. */
  readonly #manual = new Set<Life>();

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
    const effect = effectOf(request.sql);
    const [first] = results;
    if (effect === null || first?.kind !== 'ok') return;
    // Pages may ask for more: a row that is not there, or a change that is none.
    if (effect.kind === 'pay' && (effect.amount === 0 || effect.account < 1 || effect.account > ACCOUNTS)) return;
    const { affectedRows, message } = first.ok;
    const said = effect.kind === 'pay' ? ONE_CHANGED : '';
    if (Number(affectedRows) === 1 && message === said) return;
    this.#sight.blame(
      `${request.life.client} asked ${request.sql}, and was told of ${affectedRows} rows: ${JSON.stringify(message)}`,
      request,
    );
  }

  /** Each answer says that the next statement is a transaction of its own, until somebody switches that off. */
  #flags(request: Request, results: readonly Result[]): void {
    if (AUTOCOMMIT.test(request.sql)) this.#manual.add(request.life);
    if (errorOf(results) !== null || this.#manual.has(request.life)) return;
    const last = results.at(-1);
    if (FLAGGED.has(request.kind) && last?.kind === 'ok' && (last.ok.status & STATUS.AUTOCOMMIT) === 0) {
      this.#sight.blame(`${request.life.client}'s ${request.kind} was answered without the AUTOCOMMIT flag`, request);
    }
  }
}
