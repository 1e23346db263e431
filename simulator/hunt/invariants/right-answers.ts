/** Every answer belongs to its question. */
import type { Result } from '../../client/answer.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import type { Request } from '../life.ts';

export const RIGHT_ANSWERS: Invariant = {
  name: 'right-answers',
  why: 'A client reads its answers in the order of its questions: one that is missing, doubled or of somebody else spoils all that follow.',
  judge: (sight) => new RightAnswers(sight),
};

/** The first cell of each row is the statement's own mark. */
const MARK = /^\s*SELECT\s+'(m\d+)'/i;

class RightAnswers implements Judge {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  answered(request: Request, results: readonly Result[]): void {
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
}
