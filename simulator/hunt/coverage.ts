/**
 * What a hunt has reached: cells of the machines' tables, and rows of the kill tables (odp-sessions.md §4–§6).
 *
 * A row that is never reached is a hole in the hunt, not in the proxy. Judges nothing.
 */
import type { Cause } from '../../proxy/session/cause.ts';
import { CLIENT_CELLS } from '../../proxy/session/client-state.ts';
import type { HeldClient, HeldServer } from '../../proxy/session/registry.ts';
import type { SeenSession } from '../../proxy/session/seen.ts';
import { SERVER_CELLS } from '../../proxy/session/server-state.ts';
import type { Journal, Machine } from '../../proxy/session/services.ts';
import type { Result } from '../client/answer.ts';
import { EXPLAINED } from './invariants/errors-have-a-cause.ts';
import type { Judge, Sight } from './judge.ts';
import { errorOf, type Kill, type Request } from './life.ts';

/** The rows of the kill tables that a simulated run can reach, by the names that `covers:` gives them. */
export const KILL_ROWS = {
  '4.1/1': 'one’s own session: ERR 1317',
  '4.2/2': 'tenant sys ends a session of its cluster',
  '4.2/4': 'an ordinary user ends a session of the same user',
  '4.2/5': 'an ordinary user with SUPER ends a session of its tenant',
  '4.2/6': 'an ordinary user, a session of another user: 1095',
  '4.2/9': 'nobody has that id: 1094',
  '4.3/1': 'idle, no transaction',
  '4.3/2': 'idle in a transaction',
  '4.3/3': 'before or during its login',
  '4.3/4': 'while the proxy connects, logs in or catches up',
  '4.3/5': 'its statement has no answer yet',
  '4.3/6': 'its result is under way',
  '5/1': 'an idle server session, no transaction',
  '5/2': 'the one that the next statement depends on',
  '5/3': 'one in the pool',
  '5/4': 'one idle in a transaction',
  '5/5': 'with only a BEGIN sent',
  '5/6': 'one that has not answered yet',
  '5/7': 'one whose result is under way',
  '6/2': 'KILL QUERY inside a transaction: 1235',
  '6/3': 'KILL QUERY of nobody: 1094',
  '6/4': 'KILL QUERY by the tenant sys, in another tenant: 1094',
  '6/5': 'KILL QUERY of an idle session: OK, nothing is sent',
  '6/6': 'KILL QUERY of a running statement',
} as const;

export type KillRow = keyof typeof KILL_ROWS;

/** Who comes from the tenant sys (`cast.ts`). */
const ADMINISTRATOR = 'root';

function errorName(code: number): string {
  return `error ${code}`;
}

/** The name that something is counted by, and how it is told. */
type Named = readonly [name: string, shown: string];

/** Counts, by name. What two hunts have reached can be added. */
export type Reached = Readonly<Record<string, number>>;

export class Coverage {
  readonly #counts = new Map<string, number>();
  /** The names of cells, by state and event: made once, as they are met all the time. */
  readonly #cells: Readonly<Record<Machine, Map<string, Map<string, string>>>> = {
    'client session': new Map(),
    'server session': new Map(),
  };

  hit(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** An event has met a machine in a state. */
  moved(machine: Machine, from: string, event: string): void {
    let events = this.#cells[machine].get(from);
    if (events === undefined) {
      events = new Map();
      this.#cells[machine].set(from, events);
    }
    let name = events.get(event);
    if (name === undefined) {
      name = `${machine}: ${from} + ${event}`;
      events.set(event, name);
    }
    this.hit(name);
  }

  add(reached: Reached): void {
    for (const [name, count] of Object.entries(reached)) {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
    }
  }

  get reached(): Reached {
    return Object.fromEntries(this.#counts);
  }

  /** A line for each machine, for the kill tables and for errors; each with what was never reached. */
  lines(): string[] {
    const cells: readonly (readonly [machine: Machine, cells: readonly string[]])[] = [
      ['client session', CLIENT_CELLS],
      ['server session', SERVER_CELLS],
    ];
    const lines = cells.map(([machine, names]) =>
      this.#line(
        `cells of the ${machine}`,
        names.map((it) => [`${machine}: ${it}`, it]),
      ),
    );
    const rows = Object.entries(KILL_ROWS).map(([row, words]): Named => [row, `${row} (${words})`]);
    const errors = EXPLAINED.map((code): Named => [errorName(code), String(code)]);
    lines.push(this.#line('rows of the kill tables', rows), this.#line('errors of servers', errors));
    lines.push(`how often: ${this.#often()}`);
    return lines;
  }

  /** How often clients were told each error, `1094 12`. */
  #often(): string {
    const told = EXPLAINED.map((code) => `${code} ${this.#counts.get(errorName(code)) ?? 0}`);
    return told.join(', ');
  }

  #line(what: string, all: readonly Named[]): string {
    const missing = all.filter(([name]) => !this.#counts.has(name));
    const reached = `${what}: ${all.length - missing.length} of ${all.length} reached`;
    if (missing.length === 0) return reached;
    // What stands in the list may have commas of its own.
    return `${reached}; never ${missing.map(([, shown]) => shown).join('; ')}`;
  }
}

/** Looks on one run. */
export class Explorer implements Judge, Journal<SeenSession> {
  readonly #coverage: Coverage;
  #sight: Sight | null = null;
  /** Where the server sessions were that ended with the client session that is ending. */
  #ending: {
    readonly csId: number;
    readonly from: string;
    readonly streaming: boolean;
    readonly servers: string[];
  } | null = null;
  /** Kills of server sessions that have not been swept. */
  readonly #marked: Kill[] = [];
  /** Client sessions whose last statement was a BEGIN. */
  readonly #begins = new Set<number>();

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  follow(sight: Sight): this {
    this.#sight = sight;
    return this;
  }

  asks({ life, kind }: Request): void {
    if (kind === 'BEGIN') this.#begins.add(life.csId);
    else this.#begins.delete(life.csId);
  }

  answered(request: Request, results: readonly Result[]): void {
    const told = errorOf(results);
    if (told !== null) this.#coverage.hit(errorName(told));
    if (!request.kind.startsWith('KILL')) return;
    const code = told;
    const kill = this.#sight!.kills.find((it) => it.request === request);
    if (kill === undefined) return;
    const query = kill.scope === 'query';
    if (code === 1317 && kill.target === request.life) this.#coverage.hit('4.1/1');
    else if (code === 1094) this.#coverage.hit(query ? unknownRow(kill) : '4.2/9');
    else if (code === 1095 && !query) this.#coverage.hit('4.2/6');
    else if (code === 1235 && query) this.#coverage.hit('6/2');
    else if (code === null && query) this.#coverage.hit(kill.target?.request == null ? '6/5' : '6/6');
    else if (code === null && kill.scope === 'session') this.#coverage.hit(killerRow(request));
  }

  killed(kill: Kill): void {
    if (kill.scope === 'server session') this.#marked.push(kill);
  }

  moved(machine: Machine, session: HeldClient | HeldServer, from: string, event: string): void {
    this.#coverage.moved(machine, from, event);
    if ('csId' in session) {
      if (event === 'stopped')
        this.#ending = { csId: session.csId, from, streaming: isStreaming(session), servers: [] };
      return;
    }
    if (event !== 'lost') return;
    const { csId } = session.owner;
    if (this.#ending?.csId === csId) this.#ending.servers.push(from);
    else this.#lost(session, from);
  }

  /** A server session has gone, and its client session has not: was it killed? */
  #lost(session: HeldServer, from: string): void {
    const kill = this.#marked.find(
      ({ target, ssId }) => target?.csId === session.owner.csId && ssId === ssIdOf(session),
    );
    if (kill === undefined) return;
    this.#marked.splice(this.#marked.indexOf(kill), 1);
    const owner = this.#sight!.inside.proxy.sessions().find(({ csId }) => csId === session.owner.csId);
    if (owner === undefined) return;
    if (from === 'serving' || from === 'catching up') this.#coverage.hit(isStreaming(owner) ? '5/7' : '5/6');
    else if (owner.servers.pool.includes(session as never)) this.#coverage.hit('5/3');
    else if (owner.inTransaction) this.#coverage.hit('5/4');
    else if (this.#begins.has(owner.csId)) this.#coverage.hit('5/5');
    else this.#coverage.hit('5/1');
  }

  disconnected(session: SeenSession, cause: Cause): void {
    const ending = this.#ending;
    this.#ending = null;
    if (cause.kind === 'last server session gone') this.#coverage.hit('5/2');
    if (cause.kind !== 'killed' || ending === null) return;
    this.#coverage.hit(sessionRow(ending.from, ending.servers, session.inTransaction, ending.streaming));
  }
}

function sessionRow(from: string, servers: readonly string[], inTransaction: boolean, begun: boolean): KillRow {
  if (from === 'greeted' || from === 'logging in') return '4.3/3';
  if (from !== 'serving') return inTransaction ? '4.3/2' : '4.3/1';
  if (!servers.includes('serving')) return '4.3/4';
  return begun ? '4.3/6' : '4.3/5';
}

function unknownRow({ request, target }: Kill): KillRow {
  return request.life.client === ADMINISTRATOR && target !== null ? '6/4' : '6/3';
}

function killerRow({ life }: Request): KillRow {
  if (life.client === ADMINISTRATOR) return '4.2/2';
  return life.client === 'boss' ? '4.2/5' : '4.2/4';
}

/** A part of its result waits for the client to take it. */
function isStreaming(session: HeldClient): boolean {
  if (!('connection' in session)) return false;
  const { unsent } = session.connection as { readonly unsent?: number };
  return (unsent ?? 0) > 0;
}

function ssIdOf(session: HeldServer): number | null {
  return 'ssId' in session && typeof session.ssId === 'number' ? session.ssId : null;
}
