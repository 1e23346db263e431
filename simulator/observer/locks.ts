/**
 * Who waits for which row of a tenant, who gets it when it is free, and who gives way in a deadlock.
 *
 * A row that is released while somebody waits for it is *kept*: nobody else gets it before those that wait have been
 * asked, the one that waited longest first (`choices` may say otherwise). They are asked by a timer of 0 ms, so that no
 * session is entered while another one is at work. Whoever is asked tries its whole statement again, on what is
 * committed by then; the others go on waiting if it takes the row.
 *
 * A transaction waits for one row at most, and a row has one holder. So a deadlock is a circle, it closes when somebody
 * begins to wait, and the walk from there finds it. The youngest transaction of the circle gives way. (An observer takes
 * about a second to find it, this one no time.) Knows no session and no time-out.
 */
import type { Choices, Clock } from '../../proxy/ports.ts';
import type { LockKeeper, RowKey, Table, Transaction } from './store.ts';

/** A statement that waits for a row. */
export interface LockWaiter {
  /** The id of its session. */
  readonly owner: number;
  /** It may try again; it waits no more. */
  rowFree(): void;
  /** Its transaction has to give way; it waits no more. */
  deadlocked(): void;
}

interface Place {
  readonly table: Table;
  readonly key: RowKey;
}

interface Wait extends Place {
  readonly waiter: LockWaiter;
  /** Null if it holds nothing: what nobody can wait for is in no circle. */
  readonly transaction: Transaction | null;
}

export class LockWaits implements LockKeeper {
  readonly #clock: Clock;
  readonly #choices: Choices;
  readonly #queues = new Map<Table, Map<RowKey, Wait[]>>();
  readonly #waits = new Map<LockWaiter, Wait>();
  readonly #byTransaction = new Map<Transaction, Wait>();
  /** Rows that are kept, in the order of their release. */
  readonly #kept: Place[] = [];
  /** Those that give way, until they have been told. */
  readonly #doomed = new Set<LockWaiter>();
  #transactions = 0;
  /** A timer is armed, or `#serve` is on the stack. */
  #isDue = false;

  constructor(clock: Clock, choices: Choices) {
    this.#clock = clock;
    this.#choices = choices;
  }

  /** Who waits for which row, in the order in which they get it; for who judges a run. */
  get queues(): readonly string[] {
    return [...this.#queues].flatMap(([{ database, name }, rows]) =>
      [...rows].map(
        ([key, queue]) => `${database}.${name} ${key}: ${queue.map(({ waiter }) => waiter.owner).join(' ')}`,
      ),
    );
  }

  /** How many statements wait. */
  get count(): number {
    return this.#waits.size;
  }

  enlist(): number {
    this.#transactions += 1;
    return this.#transactions;
  }

  isKept(table: Table, key: RowKey): boolean {
    for (const it of this.#kept) if (it.table === table && it.key === key) return true;
    return false;
  }

  released(table: Table, key: RowKey): void {
    if (this.#waits.size === 0 || this.#queues.get(table)?.has(key) !== true || this.isKept(table, key)) return;
    this.#kept.push({ table, key });
    this.#arm();
  }

  /** `transaction`: the one that holds locks while its statement waits; null if none does. */
  wait(waiter: LockWaiter, table: Table, key: RowKey, transaction: Transaction | null): void {
    const wait: Wait = { waiter, table, key, transaction };
    let rows = this.#queues.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#queues.set(table, rows);
    }
    const queue = rows.get(key);
    if (queue === undefined) rows.set(key, [wait]);
    else queue.push(wait);
    this.#waits.set(waiter, wait);
    if (transaction === null) return;
    this.#byTransaction.set(transaction, wait);
    const victim = this.#circleFrom(wait, transaction);
    if (victim === null) return;
    this.#doomed.add(victim.waiter);
    this.#arm();
  }

  /** It waits no more, for whatever reason. */
  forget(waiter: LockWaiter): void {
    const wait = this.#waits.get(waiter);
    if (wait === undefined) return;
    const { table, key, transaction } = wait;
    this.#waits.delete(waiter);
    this.#doomed.delete(waiter);
    if (transaction !== null) this.#byTransaction.delete(transaction);
    const rows = this.#queues.get(table)!;
    const queue = rows.get(key)!;
    queue.splice(queue.indexOf(wait), 1);
    if (queue.length > 0) return;
    rows.delete(key);
    if (rows.size === 0) this.#queues.delete(table);
  }

  /** The youngest of the circle that this wait closes; null if it closes none. */
  #circleFrom(wait: Wait, transaction: Transaction): Wait | null {
    let youngest = wait;
    let at = wait;
    for (;;) {
      const holder = at.table.locks.get(at.key);
      if (holder === undefined) return null;
      if (holder === transaction) return youngest;
      const next = this.#byTransaction.get(holder);
      if (next === undefined || this.#doomed.has(next.waiter)) return null;
      if (holder.number > youngest.transaction!.number) youngest = next;
      at = next;
    }
  }

  #arm(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.after(0, () => this.#serve());
  }

  #serve(): void {
    for (;;) {
      const [doomed] = this.#doomed;
      if (doomed !== undefined) {
        this.forget(doomed);
        doomed.deadlocked();
        continue;
      }
      const place = this.#kept.shift();
      if (place === undefined) break;
      this.#offer(place);
    }
    this.#isDue = false;
  }

  /** Asks those that wait until one has taken the row, or has had it and released it again. */
  #offer({ table, key }: Place): void {
    while (!table.locks.has(key) && !this.isKept(table, key)) {
      const queue = this.#queues.get(table)?.get(key);
      if (queue === undefined) return;
      const { waiter } = queue[this.#choices.choose('locks.next', queue.length)]!;
      this.forget(waiter);
      waiter.rowFree();
    }
  }
}
