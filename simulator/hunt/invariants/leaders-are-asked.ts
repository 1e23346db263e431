/** Routing: a statement about a table goes to the observer that leads it; after a switch of leaders once one has missed it. */
import { COM, STATUS } from '../../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../../proxy/wire/framing.ts';
import type { Result } from '../../client/answer.ts';
import type { Link } from '../../world/gates.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { type Disturbance, errorOf, type Life, type Request, statusOf } from '../life.ts';
import { needsDatabase } from '../statements.ts';

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
/** What has no bearing on where a proxy finds a leader, or is a switch itself. */
const GENTLE: ReadonlySet<string> = new Set(['leader', 'close', 'half-close', 'reset', 'stall', 'jump']);
/** A proxy that has reason to doubt a leader asks for it anew once in so many milliseconds (odp-relay.md §5.3). */
const REFRESH = 5000;
/** The answer to that takes less, in milliseconds. */
const LEARNS = 200;

/** A statement has gone elsewhere, and its answer has told so. */
interface Miss {
  readonly at: number;
  /** When another has, long enough after it that the proxy has asked by then; null: none. */
  again: number | null;
}

class LeadersAreAsked implements Judge {
  readonly #sight: Sight;
  /** Statements under way, with the observer to which each was written last. */
  readonly #asked = new Map<string, number>();
  /** Who has a transaction open, as far as it was told. */
  readonly #within = new Set<Life>();
  /** By table; until one finds the leader, or leaders are switched: then the proxy has to hear of it anew. */
  readonly #missed = new Map<string, Miss>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  data(link: Link, chunk: Buffer): void {
    if (link.from !== 'proxy') return;
    if (chunk[HEADER_SIZE] !== COM.QUERY || !link.to.startsWith(OBSERVER)) return;
    this.#asked.set(chunk.toString('utf8', HEADER_SIZE + 1), Number(link.to.slice(OBSERVER.length)));
  }

  answered(request: Request, results: readonly Result[]): void {
    const { life, sql } = request;
    const within = this.#within.has(life);
    if (((statusOf(results) ?? 0) & STATUS.IN_TRANS) !== 0) this.#within.add(life);
    else if (TELLS.has(request.kind) && errorOf(results) === null) this.#within.delete(life);
    const { disturbances } = this.#sight;
    const isUsual = errorOf(results) === null && disturbances.every(({ kind }) => GENTLE.has(kind));
    const table =
      within || !isUsual ? undefined : (NAMED.exec(sql)?.[1] ?? (needsDatabase(sql) ? 'account' : undefined));
    if (table === undefined) return;
    const observer = this.#asked.get(sql);
    const tenant = this.#sight.inside.clusters[0]?.tenants.find(({ name }) => name === 'shop');
    if (observer === undefined || tenant === undefined) return;
    const { leader } = tenant.streams.of('bank', table);
    if (leader === observer) {
      this.#missed.delete(table);
      return;
    }
    const switched = disturbances.findLast(({ kind }) => kind === 'leader')?.at ?? Number.NEGATIVE_INFINITY;
    if (switched === Number.NEGATIVE_INFINITY || this.#isKnown(table, request)) {
      this.#sight.blame(
        `${life.client}'s ${sql} was sent to observer ${observer}, and ${table} is led by ${leader}`,
        request,
      );
    } else if (request.asked > switched) {
      this.#miss(table, request.asked);
    }
  }

  disturbed({ kind }: Disturbance): void {
    if (kind === 'leader') this.#missed.clear();
  }

  #miss(table: string, asked: number): void {
    const now = this.#sight.now();
    const missed = this.#missed.get(table);
    if (missed === undefined) this.#missed.set(table, { at: now, again: null });
    else if (missed.again === null && asked >= missed.at + REFRESH) missed.again = now;
  }

  /** Two statements have missed this leader before, and the proxy has had time to ask. */
  #isKnown(table: string, { asked }: Request): boolean {
    const again = this.#missed.get(table)?.again ?? null;
    return again !== null && asked > again + LEARNS;
  }
}
