/** Routing: while no fault has happened, a statement about a table goes to the observer that leads it. */
import { COM, STATUS } from '../../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../../proxy/wire/framing.ts';
import type { Result } from '../../client/answer.ts';
import type { Link } from '../../world/gates.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { errorOf, type Life, type Request, statusOf } from '../life.ts';

export const LEADERS_ARE_ASKED: Invariant = {
  name: 'leaders-are-asked',
  why: 'A statement that goes to another observer is served there from afar, slower and with more that can fail, and nobody is told.',
  judge: (sight) => new LeadersAreAsked(sight),
};

/** A statement of the vocabulary that names a table. */
const NAMED = /^(?:SELECT 'm\d+'|UPDATE|INSERT INTO)[^;]*? bank\.(\w+)\b[^;]*$/;
/** An answer to one of these comes from an observer, and tells by its flags whether a transaction is open. */
const TELLS: ReadonlySet<string> = new Set(['SELECT', 'UPDATE', 'INSERT', 'COMMIT', 'ROLLBACK']);
const OBSERVER = 'observer ';

class LeadersAreAsked implements Judge {
  readonly #sight: Sight;
  /** Statements under way, with the observer to which each was written last. */
  readonly #asked = new Map<string, number>();
  /** Who has a transaction open, as far as it was told. */
  readonly #within = new Set<Life>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  data(link: Link, chunk: Buffer): void {
    if (link.from !== 'proxy' || this.#sight.disturbances.length > 0) return;
    if (chunk[HEADER_SIZE] !== COM.QUERY || !link.to.startsWith(OBSERVER)) return;
    this.#asked.set(chunk.toString('utf8', HEADER_SIZE + 1), Number(link.to.slice(OBSERVER.length)));
  }

  answered(request: Request, results: readonly Result[]): void {
    const { life, sql } = request;
    const within = this.#within.has(life);
    if (((statusOf(results) ?? 0) & STATUS.IN_TRANS) !== 0) this.#within.add(life);
    else if (TELLS.has(request.kind) && errorOf(results) === null) this.#within.delete(life);
    const isUsual = errorOf(results) === null && this.#sight.disturbances.length === 0;
    const table = within || !isUsual ? undefined : NAMED.exec(sql)?.[1];
    if (table === undefined) return;
    const observer = this.#asked.get(sql);
    const tenant = this.#sight.inside.clusters[0]?.tenants.find(({ name }) => name === 'shop');
    if (observer === undefined || tenant === undefined) return;
    const { leader } = tenant.streams.of('bank', table);
    if (leader === observer) return;
    this.#sight.blame(
      `${life.client}'s ${sql} was sent to observer ${observer}, and ${table} is led by ${leader}`,
      request,
    );
  }
}
