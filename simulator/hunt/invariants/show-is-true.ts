/** SHOW equals reality. */
import type { Result } from '../../client/answer.ts';
import type { ProcessRow } from '../../observer/house.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { type Disturbance, hasNewProxy, isUp, type Kill, type Life, type Request } from '../life.ts';
import { ON_ITS_WAY, SWEEP } from './kill-is-final.ts';

export const SHOW_IS_TRUE: Invariant = {
  name: 'show-is-true',
  why: 'What SHOW PROXYSESSION lists is what an administrator decides by: nobody is missing, nobody is listed who is not there.',
  judge: (sight) => new ShowIsTrue(sight),
};

const LIST = /^SHOW (?:PROXYSESSION|PROCESSLIST)$/i;
const ATTRIBUTE = /^SHOW PROXYSESSION ATTRIBUTE (\d+)$/i;
/** A database that was not chosen is this text. */
const NO_DATABASE = 'NULL';
/** Who ends its side before its greeting never hears of its id. */
const LEAVES: ReadonlySet<string> = new Set(['close', 'half-close', 'reset', 'jump']);

class ShowIsTrue implements Judge {
  readonly #sight: Sight;
  /** When each of them has asked or been answered last. */
  readonly #last = new Map<Life, number>();
  /** Who sees no session but its own. */
  readonly #ordinary = new Set<Life>();
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
    this.#last.set(request.life, this.#sight.now());
    const [first] = results;
    if (first?.kind !== 'rows') return;
    const attributes = ATTRIBUTE.exec(request.sql);
    if (attributes !== null) this.#details(request, Number(attributes[1]), first.rows);
    if (!LIST.test(request.sql)) return;
    const place = first.columns.findIndex(({ name }) => name === 'Id');
    const counts = first.columns.findIndex(({ name }) => name === 'svr_session_count');
    const databases = first.columns.findIndex(({ name }) => name === 'db');
    const listed = new Map(first.rows.map((row) => [Number(row[place]), row]));
    if (listed.size !== first.rows.length) this.#sight.blame(`${request.sql} lists an id twice`, request);
    for (const [id, row] of listed) {
      this.#names(request, id, (name) => row[first.columns.findIndex((it) => it.name === name)]);
      this.#compare(request, id, { count: row[counts] ?? null, database: row[databases] ?? null });
    }
    if (this.#ordinary.has(request.life)) {
      const other = [...listed.keys()].find((id) => id !== request.life.csId);
      if (other !== undefined)
        this.#sight.blame(`${request.life.client} was shown the session ${other}, which is not its own`, request);
      if (!listed.has(request.life.csId))
        this.#sight.blame(`${request.life.client} is not in its own ${request.sql}`, request);
      return;
    }
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

  ready(life: Life): void {
    this.#last.set(life, this.#sight.now());
    // Who is of sys sees all, everybody else only the session that asks (odp-sessions.md §8).
    const session = this.#sight.inside.proxy.sessions().find(({ csId }) => csId === life.csId);
    const tenant = session?.identity?.name.tenant ?? 'sys';
    if (tenant !== 'sys') this.#ordinary.add(life);
  }

  asks(request: Request): void {
    this.#last.set(request.life, this.#sight.now());
  }

  /** The sessions at observers that serve a client session. */
  #serverRows(csId: number): ProcessRow[] {
    const { proxy, clusters } = this.#sight.inside;
    const proxySessid = proxy.sessions().find((it) => it.csId === csId)?.proxySessid ?? 0n;
    if (proxySessid === 0n) return [];
    return clusters
      .flatMap((cluster) => cluster.sessions().map(({ processRow }) => processRow))
      .filter((row) => row.proxySessid === proxySessid);
  }

  /** Who has asked nothing for a while, and to whom nothing has been done: what observers have of it now is what they had then. */
  #isStill(csId: number, { asked }: Request): boolean {
    const { lives, kills, disturbances } = this.#sight;
    const life = lives.findLast((it) => it.csId === csId && isUp(it));
    if (life === undefined || life.ready === null || life.request !== null || disturbances.length > 0) return false;
    const isOver = ({ scope, acknowledged }: Kill): boolean =>
      scope === 'server session' && acknowledged !== null && acknowledged + SWEEP + LINGERS + ON_ITS_WAY < asked;
    for (const kill of kills) if (kill.target === life && !isOver(kill)) return false;
    return this.#last.get(life)! + ON_ITS_WAY < asked;
  }

  /** Whose it is, and the number that observers know it by. `shown`: undefined where there is no such column. */
  #names(request: Request, csId: number, shown: (column: string) => string | null | undefined): void {
    if (!this.#isStill(csId, request)) return;
    const session = this.#sight.inside.proxy.sessions().find((it) => it.csId === csId);
    const name = session?.identity?.name;
    if (session === undefined || name === undefined) return;
    const due = { Tenant: name.tenant, User: name.user, proxy_sessid: String(session.proxySessid) };
    for (const [column, value] of Object.entries(due)) {
      const told = shown(column);
      if (told === undefined || told === value) continue;
      this.#sight.blame(`${csId} is shown with the ${column} ${told}, and has ${value}`, request);
    }
  }

  /** What is shown of a client session is what observers have of it. */
  #compare(
    request: Request,
    csId: number,
    shown: { readonly count: string | null; readonly database: string | null },
  ): void {
    if (!this.#isStill(csId, request)) return;
    const rows = this.#serverRows(csId);
    const life = this.#sight.lives.findLast((it) => it.csId === csId)!;
    const name = life.client;
    if (Number(shown.count) !== rows.length) {
      this.#sight.blame(`${name} is shown with ${shown.count} server sessions, and has ${rows.length}`, request);
      return;
    }
    // The one that has heard of its database may be the one that was killed; the others hear of it with their next statement.
    if (rows.length === 0 || this.#sight.kills.some(({ target }) => target === life)) return;
    if (rows.every(({ database }) => (database ?? NO_DATABASE) !== shown.database)) {
      this.#sight.blame(`${name} is shown with the database ${shown.database}, which no observer has for it`, request);
    }
  }

  #details(request: Request, asked: number, rows: readonly (readonly (string | null)[])[]): void {
    const values = new Map(rows.map(([name, value]) => [name, value ?? null]));
    if (this.#sight.lives.some(({ csId }) => csId === asked) && Number(values.get('cs_id')) !== asked) {
      this.#sight.blame(`the attributes of ${asked} are those of ${values.get('cs_id')}`, request);
      return;
    }
    this.#compare(request, asked, { count: values.get('svr_session_cnt') ?? null, database: values.get('db') ?? null });
    if (!this.#isStill(asked, request)) return;
    const shown = rows.filter(([name]) => name === 'server_sessid').map(([, value]) => Number(value));
    const there = this.#serverRows(asked).map(({ id }) => id);
    if (!areSame(shown, there)) {
      this.#sight.blame(
        `${asked} is shown with the server sessions ${shown.join(', ')}, and has ${there.join(', ')}`,
        request,
      );
      return;
    }
    const ssIds = rows.filter(([name]) => name === 'ss_id').map(([, value]) => Number(value));
    const held = this.#ssIds(asked);
    if (!areSame(ssIds, held)) {
      this.#sight.blame(`${asked} is shown with the ss_ids ${ssIds.join(', ')}, and has ${held.join(', ')}`, request);
    }
  }

  #ssIds(csId: number): number[] {
    const servers = this.#sight.inside.proxy.sessions().find((it) => it.csId === csId)?.servers;
    if (servers === undefined) return [];
    return [servers.bound, servers.current, ...servers.pool].flatMap((it) => (it === null ? [] : [it.ssId]));
  }

  refused(): void {
    this.#unheard = true;
  }

  disturbed({ kind }: Disturbance): void {
    if (LEAVES.has(kind)) this.#unheard = true;
  }

  step(): void {
    if (this.#missing.length === 0) return;
    const now = this.#sight.now();
    for (const { life, request, at } of this.#missing) {
      if (now - at < ON_ITS_WAY || !isUp(life)) continue;
      this.#sight.blame(`${life.client} with the id ${life.csId} was not in ${request.sql}`, request);
    }
    this.#missing = this.#missing.filter(({ at }) => now - at < ON_ITS_WAY);
  }

  quiet(): void {
    this.step();
    const [first] = this.#expected;
    if (first === undefined || this.#unheard) return;
    this.#sight.blame(`${first[1].sql} listed ${first[0]}, and nobody had that id`, first[1]);
  }

  /** The proxy may have looked at any moment while the question was under way. It keeps for a while who is gone. */
  #mayBe(life: Life, { asked }: Request): boolean {
    const end = life.end?.how === 'left' || life.end?.how === 'lost' ? life.end.at : null;
    return end === null || end + LINGERS >= asked;
  }

  #mustBe(life: Life, { asked }: Request): boolean {
    if (life.ready === null || life.ready >= asked || life.end !== null || life.cut !== null) return false;
    // Who was stalled may have been ended, and cannot know it.
    if (this.#sight.disturbances.some(({ kind, client }) => kind === 'stall' && client === life.client)) return false;
    // A kill's FIN may be under way.
    return !hasNewProxy(this.#sight.disturbances) && !this.#sight.kills.some(({ target }) => target === life);
  }
}

function areSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((it) => others.includes(it));
}

/** A client session that ends waits for its peer's FIN so long at most, and a held end is seen late. */
const LINGERS = 2000;
