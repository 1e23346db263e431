/** Atomicity and durability, whatever is killed: what was committed is there, what was not is not, and never a part of it. */
import { STATUS } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import { TOPOLOGIES } from '../../world/topology.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { beginsAnew } from '../kinds.ts';
import { type Disturbance, errorOf, type Life, type Request, statusOf } from '../life.ts';
import { type Effect, effectOf } from '../statements.ts';

export const COMMITTED_STAYS: Invariant = {
  name: 'committed-stays',
  why: 'A client that was told of a COMMIT relies on it, one that was killed before relies on nothing having happened.',
  judge: (sight) => new CommittedStays(sight),
};

/** `unknown`: the client was not told; all of it or nothing. */
type Fate = 'open' | 'committed' | 'undone' | 'unknown';

interface Transaction {
  readonly effects: Effect[];
  readonly client: string;
  fate: Fate;
  /** An error has come in it: it may be gone. */
  shaken: boolean;
  /** Why it can never be committed; null: it can. */
  doom: string | null;
}

/** Of more unanswered payments than this not all combinations are tried. */
const MOST_DOUBTS = 8;

/** An ERR of these ends its statement and never the transaction (observer.md §3.7, §6.2). */
const HARMLESS: ReadonlySet<number> = new Set([1146, 1205, 1243, 1317]);
/** After one of these all that a transaction did is gone, and it only waits for its ROLLBACK (observer.md §6.2, §9.4). */
const ABORTS: ReadonlySet<number> = new Set([1213, 6002]);

/** After one of these a transaction is over, or a new one begins. */
const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK', 'BEGIN']);
/** What may take a leader from its tables at once. */
const MOVES_LEADERS: ReadonlySet<string> = new Set(['leader', 'crash']);
/** An answer to one of these tells by its flags whether a transaction is open. */
const TELLS: ReadonlySet<string> = new Set(['SELECT', 'UPDATE', 'INSERT']);

class CommittedStays implements Judge {
  readonly #sight: Sight;
  readonly #open = new Map<Life, Transaction>();
  readonly #all: Transaction[] = [];
  /** Who led each table of `bank` when it was looked at last. */
  readonly #leaders = new Map<string, number | null>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  answered(request: Request, results: readonly Result[]): void {
    const { life } = request;
    const open = this.#open.get(life);
    const status = statusOf(results);
    const code = errorOf(results);
    if (code !== null || status === null) {
      if (open !== undefined) this.#failed(open, request, code);
      return;
    }
    if (ENDS.has(request.kind)) {
      if (request.kind !== 'ROLLBACK' && open !== undefined && open.doom !== null && open.effects.length > 0) {
        this.#sight.blame(`${life.client}'s ${request.kind} was answered with OK, though ${open.doom}`, request);
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
    const within = (status & STATUS.IN_TRANS) !== 0;
    if (open !== undefined && !within && TELLS.has(request.kind)) {
      if (!open.shaken) {
        this.#sight.blame(`${life.client}'s transaction has ended without a word before ${request.sql}`, request);
        return;
      }
      this.#close(life, 'undone');
    } else if (open !== undefined && within) {
      open.shaken = false;
    }
    const effect = effectOf(request.sql);
    if (effect === null) return;
    this.#lookAtLeaders();
    if (within) (this.#open.get(life) ?? this.#begin(life)).effects.push(effect);
    else this.#all.push({ effects: [effect], client: life.client, fate: 'committed', shaken: false, doom: null });
  }

  #failed(open: Transaction, { life, kind }: Request, code: number | null): void {
    if (code !== null && ABORTS.has(code)) open.doom ??= `it was told ERROR ${code} before`;
    if (kind === 'COMMIT' || kind === 'BEGIN') this.#close(life, code === 6002 ? 'undone' : 'unknown');
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
      if (life.request !== null && (ENDS.has(life.request.kind) || life.request.sql === '')) continue;
      const lost = open.effects.map(tableOf).find((it) => before.get(it) !== this.#leaders.get(it));
      if (lost !== undefined) open.doom ??= `the leader of ${lost} was lost in its transaction`;
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
    const mayCommit = request !== null && (request.kind === 'COMMIT' || request.kind === 'BEGIN');
    const effect = request === null ? null : effectOf(request.sql);
    if (effect !== null && (open === undefined || open.shaken)) {
      this.#all.push({ effects: [effect], client: life.client, fate: 'unknown', shaken: false, doom: null });
    }
    this.#close(life, mayCommit ? 'unknown' : 'undone');
  }

  #begin(life: Life): Transaction {
    const made: Transaction = { effects: [], client: life.client, fate: 'open', shaken: false, doom: null };
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
