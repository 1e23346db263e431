/** SHOW equals reality. */
import type { Result } from '../../client/answer.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { type Disturbance, isUp, type Life, type Request } from '../life.ts';
import { ON_ITS_WAY } from './kill-is-final.ts';

export const SHOW_IS_TRUE: Invariant = {
  name: 'show-is-true',
  why: 'What SHOW PROXYSESSION lists is what an administrator decides by: nobody is missing, nobody is listed who is not there.',
  judge: (sight) => new ShowIsTrue(sight),
};

class ShowIsTrue implements Judge {
  readonly #sight: Sight;
  /** Listed ids whose greeting must still be under way. */
  readonly #expected = new Map<number, Request>();
  /** Who was not listed: its end may be under way. */
  #missing: { readonly life: Life; readonly request: Request; readonly at: number }[] = [];
  /** Somebody has left who may not have been greeted yet. */
  #unheard = false;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  answered(request: Request, results: readonly Result[]): void {
    const [first] = results;
    if (!/^SHOW PROXYSESSION$/i.test(request.sql) || first?.kind !== 'rows') return;
    const place = first.columns.findIndex(({ name }) => name === 'Id');
    const tenants = first.columns.findIndex(({ name }) => name === 'Tenant');
    const listed = new Map(first.rows.map((row) => [Number(row[place]), row[tenants]]));
    if (listed.size !== first.rows.length) this.#sight.blame('SHOW PROXYSESSION lists an id twice', request);
    for (const id of listed.keys()) {
      const life = this.#sight.lives.find((it) => it.csId === id && this.#mayBe(it, request));
      if (life === undefined) this.#expected.set(id, request);
    }
    for (const life of this.#sight.lives) {
      if (this.#mustBe(life, request) && !listed.has(life.csId)) {
        this.#missing.push({ life, request, at: this.#sight.now() });
      }
    }
  }

  greeted(life: Life): void {
    this.#expected.delete(life.csId);
  }

  refused(): void {
    this.#unheard = true;
  }

  disturbed({ kind }: Disturbance): void {
    if (kind === 'close' || kind === 'reset') this.#unheard = true;
  }

  step(): void {
    if (this.#missing.length === 0) return;
    const now = this.#sight.now();
    for (const { life, request, at } of this.#missing) {
      if (now - at < ON_ITS_WAY || !isUp(life)) continue;
      this.#sight.blame(`${life.client} with the id ${life.csId} was not in SHOW PROXYSESSION`, request);
    }
    this.#missing = this.#missing.filter(({ at }) => now - at < ON_ITS_WAY);
  }

  quiet(): void {
    this.step();
    const [first] = this.#expected;
    if (first === undefined || this.#unheard) return;
    this.#sight.blame(`SHOW PROXYSESSION listed ${first[0]}, and nobody had that id`, first[1]);
  }

  /** The proxy may have looked at any moment while the question was under way. It keeps for a while who is gone. */
  #mayBe(life: Life, { asked }: Request): boolean {
    const end = life.end?.how === 'left' || life.end?.how === 'lost' ? life.end.at : null;
    return end === null || end + LINGERS >= asked;
  }

  #mustBe(life: Life, { asked }: Request): boolean {
    if (life.ready === null || life.ready >= asked || life.end !== null || life.cut !== null) return false;
    // A kill's FIN may be under way.
    return !this.#sight.kills.some(({ target }) => target === life);
  }
}

/** A client session that ends waits for its peer's FIN so long at most, and a held end is seen late. */
const LINGERS = 2000;
