/** Atomicity and durability, whatever is killed: what was committed is there, what was not is not, and never a part of it. */
import { STATUS } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import { TOPOLOGIES } from '../../world/topology.ts';
import { Autocommit } from '../autocommit.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { beginsAnew } from '../kinds.ts';
import { type Disturbance, errorOf, type Life, type Request, statusOf } from '../life.ts';
import { FIRST_MADE } from '../sayings.ts';
import { autocommitIn, type Effect, effectsOf, repeatsKey, type SavepointWords, savepointOf } from '../statements.ts';

export const COMMITTED_STAYS: Invariant = {
  name: 'committed-stays',
  why: 'A client that was told of a COMMIT relies on it, one that was killed before relies on nothing having happened.',
  judge: (sight) => new CommittedStays(sight),
};

/** `unknown`: the client was not told; all of it or nothing. */
type Fate = 'open' | 'committed' | 'undone' | 'unknown';

interface Transaction {
  readonly effects: Effect[];
  /** How many effects there were when each savepoint was set; the oldest first. */
  readonly savepoints: Map<string, number>;
  readonly client: string;
  fate: Fate;
  /** An error has come in it: it may be gone. */
  shaken: boolean;
  /** Why it can never be committed; null: it can. */
  doom: Doom | null;
}

interface Doom {
  readonly why: string;
  readonly since: number;
}

/** Of more unanswered payments than this not all combinations are tried. */
const MOST_DOUBTS = 8;

/** An ERR of these ends its statement and never the transaction (observer.md §3.7, §6.2). */
const HARMLESS: ReadonlySet<number> = new Set([1062, 1146, 1205, 1243, 1305, 1317]);
/** After one of these all that a transaction did is gone, and it only waits for its ROLLBACK (observer.md §6.2, §9.4). */
const ABORTS: ReadonlySet<number> = new Set([1213, 6002]);

const NO_SAVEPOINT = 1305;

/** After one of these a transaction is over, or a new one begins. */
const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK', 'BEGIN']);
/** What may take a leader from its tables at once. */
const MOVES_LEADERS: ReadonlySet<string> = new Set(['leader', 'crash']);
/** What changes rows; what else does, the hunt does not say. */
const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);
/** An answer to one of these tells by its flags whether a transaction is open. */
const TELLS: ReadonlySet<string> = new Set(['SELECT', 'UPDATE', 'INSERT']);

class CommittedStays implements Judge {
  readonly #sight: Sight;
  readonly #open = new Map<Life, Transaction>();
  readonly #all: Transaction[] = [];
  /** Who led each table of `bank` when it was looked at last. */
  readonly #leaders = new Map<string, number | null>();
  readonly #autocommit = new Autocommit();
  /** All changes are understood: else a row may be there of which nothing is known. */
  #isCounted = true;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  answered(request: Request, results: readonly Result[]): void {
    const { life } = request;
    // Where autocommit is on already nothing is committed.
    const switches = autocommitIn(request.sql) === true && this.#autocommit.of(life) !== true;
    this.#autocommit.answered(request, results);
    const open = this.#open.get(life);
    const status = statusOf(results);
    const code = errorOf(results);
    if (code !== null || status === null) {
      if (open !== undefined) this.#failed(open, request, code);
      return;
    }
    const within = (status & STATUS.IN_TRANS) !== 0;
    if (ENDS.has(request.kind) || (switches && !within)) {
      if (request.kind !== 'ROLLBACK' && open?.doom != null && open.effects.length > 0) {
        this.#sight.blame(`${life.client}'s ${request.kind} was answered with OK, though ${open.doom.why}`, request);
        return;
      }
      const known = open?.shaken === true ? 'unknown' : 'committed';
      this.#close(life, request.kind === 'ROLLBACK' ? 'undone' : known);
      if (request.kind === 'BEGIN') this.#begin(life);
      return;
    }
    if (beginsAnew(request.payload)) {
      this.#close(life, 'undone');
      return;
    }
    if (open !== undefined && !within && TELLS.has(request.kind)) {
      if (!open.shaken) {
        this.#sight.blame(`${life.client}'s transaction has ended without a word before ${request.sql}`, request);
        return;
      }
      this.#close(life, 'undone');
    } else if (open !== undefined && within) {
      open.shaken = false;
    }
    const savepoint = savepointOf(request.sql);
    if (savepoint !== null && within) this.#marked(this.#open.get(life) ?? this.#begin(life), request, savepoint);
    const effects = effectsOf(request.sql);
    if (effects.length === 0) {
      if (CHANGES.has(request.kind)) this.#isCounted = false;
      return;
    }
    if (within && open?.doom != null && open.effects.length > 0 && request.asked > open.doom.since) {
      this.#sight.blame(`${life.client}'s ${request.sql} was answered with OK, though ${open.doom.why}`, request);
      return;
    }
    this.#lookAtLeaders();
    if (within) (this.#open.get(life) ?? this.#begin(life)).effects.push(...effects);
    else this.#all.push({ ...transactionOf(life), effects: [...effects], fate: 'committed' });
  }

  /** What came after a savepoint is taken back. */
  #marked(open: Transaction, request: Request, { does, name }: SavepointWords): void {
    if (does === 'set') {
      // One of the same name is replaced: it is the youngest now.
      open.savepoints.delete(name);
      open.savepoints.set(name, open.effects.length);
      return;
    }
    const mark = open.savepoints.get(name);
    if (mark === undefined) {
      this.#sight.blame(
        `${open.client} ${does === 'return' ? 'went back to' : 'released'} ${name}, which it has not set in its transaction`,
        request,
      );
      return;
    }
    const names = [...open.savepoints.keys()];
    if (does === 'return') open.effects.length = mark;
    else open.savepoints.delete(name);
    for (const younger of names.slice(names.indexOf(name) + 1)) open.savepoints.delete(younger);
  }

  #failed(open: Transaction, request: Request, code: number | null): void {
    const { life, sql } = request;
    if (code !== null && ABORTS.has(code)) {
      open.doom ??= { why: `it was told ERROR ${code} before`, since: this.#sight.now() };
    }
    const savepoint = savepointOf(sql);
    if (code === NO_SAVEPOINT && !open.shaken && savepoint !== null && open.savepoints.has(savepoint.name)) {
      this.#sight.blame(`${life.client} has set ${savepoint.name}, and was told that there is none`, request);
    }
    if (mayCommit(request)) this.#close(life, code === 6002 ? 'undone' : 'unknown');
    else if (code === null || !HARMLESS.has(code)) open.shaken = true;
  }

  disturbed({ kind }: Disturbance): void {
    if (MOVES_LEADERS.has(kind)) this.#lookAtLeaders();
  }

  /** What a transaction has changed is lost with its leader: nobody may be told that it was committed (observer.md §9.4). */
  struck({ kind }: Disturbance): void {
    if (!MOVES_LEADERS.has(kind)) return;
    const before = new Map(this.#leaders);
    this.#lookAtLeaders();
    for (const [life, open] of this.#open) {
      const { request } = life;
      if (request !== null && (mayCommit(request) || request.kind === 'ROLLBACK' || request.sql === '')) continue;
      const lost = open.effects.map(tableOf).find((it) => before.get(it) !== this.#leaders.get(it));
      if (lost === undefined) continue;
      open.doom ??= { why: `the leader of ${lost} was lost in its transaction`, since: this.#sight.now() };
    }
  }

  #lookAtLeaders(): void {
    const { store, streams } = this.#sight.inside.clusters[0]!.tenant('shop');
    for (const { name } of store.find('bank')!.tables) this.#leaders.set(name, streams.of('bank', name).leader);
  }

  lost(request: Request, _error: ShownError): void {
    this.#over(request.life, request);
  }

  left(life: Life, request: Request | null): void {
    this.#over(life, request);
  }

  /** The session has ended; `request` was not answered. */
  #over(life: Life, request: Request | null): void {
    const open = this.#open.get(life);
    const all = request === null ? [] : effectsOf(request.sql);
    if (request !== null && all.length === 0 && CHANGES.has(request.kind)) this.#isCounted = false;
    const effects = request === null || repeatsKey(request.sql) ? [] : all;
    if (effects.length > 0 && (open === undefined || open.shaken)) {
      this.#all.push({ ...transactionOf(life), effects: [...effects], fate: 'unknown' });
    }
    this.#close(life, request !== null && mayCommit(request) ? 'unknown' : 'undone');
  }

  #begin(life: Life): Transaction {
    const made = transactionOf(life);
    this.#open.set(life, made);
    return made;
  }

  #close(life: Life, fate: Fate): void {
    const open = this.#open.get(life);
    if (open === undefined) return;
    this.#open.delete(life);
    open.fate = fate;
    if (open.effects.length > 0) this.#all.push(open);
  }

  /** Compares with what is committed now. Who has a transaction open has changed nothing yet. */
  quiet(): void {
    const store = this.#sight.inside.clusters[0]!.tenant('shop').store.find('bank')!;
    const doubts: Transaction[] = [];
    const balances = new Map<number, number>();
    for (const it of this.#all) {
      const inserts = it.effects.filter((effect) => effect.kind === 'insert');
      const there = inserts.filter(({ table, key }) => store.find(table)?.rows.has(BigInt(key)) === true);
      const [first] = inserts;
      if (first !== undefined && it.fate === 'unknown') {
        if (there.length !== 0 && there.length !== inserts.length) {
          this.#sight.blame(
            `of ${it.client}'s transaction only a part is there: ${listed(there)} of ${listed(inserts)}`,
          );
          return;
        }
        it.fate = there.length > 0 ? 'committed' : 'undone';
      }
      const missing = inserts.find((effect) => !there.includes(effect));
      if (it.fate === 'committed' && missing !== undefined) {
        this.#sight.blame(`${it.client} was told that ${listed([missing])} was committed, and it is not there`);
        return;
      }
      if (it.fate === 'undone' && there.length > 0) {
        this.#sight.blame(`${it.client}'s ${listed(there)} was never committed, and it is there`);
        return;
      }
      if (it.fate === 'committed') add(balances, it.effects, 1);
      else if (it.fate === 'unknown') doubts.push(it);
    }
    this.#count(store.find('account')!.rows, balances, doubts);
    this.#lookForStrays(store.tables);
  }

  /** Of what has failed nothing stays, of two rows not one. */
  #lookForStrays(tables: readonly { readonly name: string; readonly rows: ReadonlyMap<unknown, unknown> }[]): void {
    if (!this.#isCounted) return;
    const inserted = new Set<string>();
    for (const { effects } of this.#all) {
      for (const it of effects) if (it.kind === 'insert') inserted.add(`${it.key} of ${it.table}`);
    }
    for (const { name, rows } of tables) {
      for (const key of rows.keys()) {
        const row = `${Number(key)} of ${name}`;
        if (Number(key) < FIRST_MADE || inserted.has(row)) continue;
        this.#sight.blame(`row ${row} is there, and nobody was told that it was inserted`);
        return;
      }
    }
  }

  #count(
    rows: ReadonlyMap<unknown, readonly unknown[]>,
    balances: Map<number, number>,
    doubts: readonly Transaction[],
  ): void {
    if (doubts.length > MOST_DOUBTS) return;
    let wrong = '';
    for (let some = 0; some < 2 ** doubts.length; some += 1) {
      const chosen = doubts.filter((_it, index) => ((some >> index) & 1) === 1);
      for (const it of chosen) add(balances, it.effects, 1);
      const found = FIRST_BALANCES.find(
        ([id, balance]) => Number(rows.get(BigInt(id))?.[2]) !== balance + (balances.get(id) ?? 0),
      );
      if (found === undefined) return;
      const [id, balance] = found;
      wrong = `account ${id} has ${Number(rows.get(BigInt(id))?.[2])}, where what was committed makes ${balance + (balances.get(id) ?? 0)}`;
      for (const it of chosen) add(balances, it.effects, -1);
    }
    this.#sight.blame(wrong);
  }
}

function transactionOf({ client }: Life): Transaction {
  return { effects: [], savepoints: new Map(), client, fate: 'open', shaken: false, doom: null };
}

/** With its OK what was open is committed. */
function mayCommit({ kind, sql }: Request): boolean {
  return kind === 'COMMIT' || kind === 'BEGIN' || autocommitIn(sql) === true;
}

const ACCOUNT = TOPOLOGIES.default.clusters[0].tenants
  .find(({ name }) => name === 'shop')!
  .databases.flatMap(({ tables }) => tables)
  .find(({ name }) => name === 'account')!;
/** What the accounts of every ready topology have at first. */
const FIRST_BALANCES: readonly (readonly [id: number, balance: number])[] = ACCOUNT.rows.map(
  ([id, , balance]) => [Number(id), Number(balance)] as const,
);

function tableOf(effect: Effect): string {
  return effect.kind === 'pay' ? 'account' : effect.table;
}

function add(balances: Map<number, number>, effects: readonly Effect[], sign: 1 | -1): void {
  for (const it of effects) {
    if (it.kind === 'pay') balances.set(it.account, (balances.get(it.account) ?? 0) + sign * it.amount);
  }
}

function listed(effects: readonly (Effect & { kind: 'insert' })[]): string {
  return effects.map(({ table, key }) => `row ${key} of ${table}`).join(' and ');
}
