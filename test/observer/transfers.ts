/**
 * Clients that move money between accounts while they wait for rows, are killed and go away: a plan in, a history out.
 *
 * Every transfer also writes a line into a journal, in the same transaction. So the balances tell whether what the
 * journal says has been done, all of it and nothing else.
 */
import { COM } from '../../proxy/wire/constants.ts';
import type { ClusterOptions } from '../../simulator/observer/cluster.ts';
import { type Choice, ReplayChoices } from '../../simulator/world/choices.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type TestClient } from './pair.ts';

export const ACCOUNTS = 4;
const START = 100;

export type Step =
  /** The actor does what comes next in its transfer, or begins one. */
  | { readonly kind: 'go'; readonly actor: number; readonly from: number; readonly to: number; readonly amount: number }
  | { readonly kind: 'advance'; readonly milliseconds: number }
  | { readonly kind: 'kill'; readonly actor: number; readonly query: boolean }
  | { readonly kind: 'leave'; readonly actor: number; readonly how: 'end' | 'close' | 'reset' };

interface Transfer {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  /** Statements still to be said. */
  readonly left: string[];
  said: string;
}

export interface History {
  /** Ids of transfers whose COMMIT was answered with OK. */
  readonly committed: number[];
  /** Ids of transfers that were rolled back to their client's knowledge. */
  readonly undone: number[];
  /** Error numbers, by how often they were met. */
  readonly errors: Map<string, number>;
}

/** What is wrong in the end; empty if nothing is. */
export interface Ending {
  readonly history: History;
  readonly wrong: readonly string[];
}

class Actor {
  client: TestClient | null = null;
  transfer: Transfer | null = null;
}

export class Transfers {
  readonly #lab: Lab;
  readonly #actors: readonly Actor[];
  readonly #boss: TestClient;
  readonly #history: History = { committed: [], undone: [], errors: new Map() };
  #ids = 0;

  constructor(actors: number, choices: readonly Choice[], options: ClusterOptions = {}) {
    this.#lab = new Lab(options, TOPOLOGIES.three, new ReplayChoices(choices));
    this.#actors = Array.from({ length: actors }, () => new Actor());
    this.#boss = this.#lab.login({ user: 'boss@shop', database: 'bank' });
    this.#boss.query('CREATE TABLE journal (id INT PRIMARY KEY, source INT, target INT, amount INT)');
  }

  run(steps: readonly Step[]): Ending {
    for (const step of steps) this.#step(step);
    return this.#end();
  }

  #step(step: Step): void {
    switch (step.kind) {
      case 'go':
        this.#go(this.#actors[step.actor]!, step);
        return;
      case 'advance':
        this.#lab.world.advance(step.milliseconds);
        return;
      case 'kill': {
        const { client } = this.#actors[step.actor]!;
        if (client === null) return;
        this.#boss.send(COM.QUERY, `KILL ${step.query ? 'QUERY ' : ''}${client.greeting.threadId}`);
        this.#boss.takeBytes();
        return;
      }
      case 'leave': {
        const actor = this.#actors[step.actor]!;
        actor.client?.connection[step.how]();
        this.#lab.world.settle();
        actor.client = null;
        actor.transfer = null;
      }
    }
  }

  #go(actor: Actor, step: Extract<Step, { readonly kind: 'go' }>): void {
    if (actor.client !== null && actor.transfer !== null && !this.#hear(actor, actor.client, actor.transfer)) return;
    if (actor.client === null) {
      actor.client = this.#lab.login(
        { user: 'app@shop', database: 'bank', proxy: step.actor % 2 === 1 },
        1 + (step.actor % 3),
      );
    }
    actor.transfer ??= this.#newTransfer(step);
    const next = actor.transfer.left.shift()!;
    actor.transfer.said = next;
    actor.client.send(COM.QUERY, next);
  }

  /** False while the answer has not come. */
  #hear(actor: Actor, client: TestClient, transfer: Transfer): boolean {
    const answer = client.take();
    if (answer.kind === 'nothing') {
      if (!client.ended && !client.isReset && !client.isClosed) return false;
      this.#forget(actor, client);
      return true;
    }
    if (answer.kind === 'ok') {
      if (transfer.said === 'COMMIT') this.#history.committed.push(transfer.id);
      if (transfer.said === 'ROLLBACK') this.#history.undone.push(transfer.id);
      if (transfer.left.length === 0) actor.transfer = null;
      return true;
    }
    const code = answer.kind.split(' ')[1]!;
    this.#history.errors.set(code, (this.#history.errors.get(code) ?? 0) + 1);
    if (client.ended) this.#forget(actor, client);
    else if (transfer.said === 'COMMIT') {
      this.#history.undone.push(transfer.id);
      actor.transfer = null;
    } else transfer.left.splice(0, Number.POSITIVE_INFINITY, 'ROLLBACK');
    return true;
  }

  #forget(actor: Actor, client: TestClient): void {
    client.connection.end();
    actor.client = null;
    actor.transfer = null;
  }

  #newTransfer({ from, to, amount }: Extract<Step, { readonly kind: 'go' }>): Transfer {
    this.#ids += 1;
    const id = this.#ids;
    const left = [
      'BEGIN',
      `UPDATE account SET balance = balance - ${amount} WHERE id = ${from}`,
      'SAVEPOINT a',
      'UPDATE account SET balance = 0',
      'ROLLBACK TO a',
      `INSERT INTO journal VALUES (${id}, ${from}, ${to}, ${amount})`,
      `UPDATE account SET balance = balance + ${amount} WHERE id = ${to} AND SLEEP(0.${amount % 4}) = 0`,
      'COMMIT',
    ];
    // Most do without the detour, which locks all rows.
    if (amount % 5 !== 0) left.splice(2, 3);
    return { id, from, to, amount, left, said: '' };
  }

  /** Everybody goes home, and the books are looked at. */
  #end(): Ending {
    const lab = this.#lab;
    const wrong: string[] = [];
    for (const actor of this.#actors) {
      if (actor.client !== null && actor.transfer !== null) this.#hear(actor, actor.client, actor.transfer);
      actor.client?.connection.close();
    }
    lab.world.settle();
    // Longer than any lock is looked after, and than a connection lingers.
    lab.world.advance(12_000);
    const balances = new Map<string, number>();
    for (let id = 1; id <= ACCOUNTS; id += 1) balances.set(String(id), START);
    const reader = lab.login({ user: 'root@shop', database: 'bank' });
    const journal = reader.query('SELECT id, source, target, amount FROM journal').rows;
    for (const [, source, target, amount] of journal) {
      balances.set(source!, balances.get(source!)! - Number(amount));
      balances.set(target!, balances.get(target!)! + Number(amount));
    }
    for (const [id, balance] of reader.query('SELECT id, balance FROM account').rows) {
      if (balances.get(id!) !== Number(balance)) wrong.push(`account ${id} has ${balance}, not ${balances.get(id!)}`);
    }
    const ids = new Set(journal.map(([id]) => Number(id)));
    for (const id of this.#history.committed)
      if (!ids.has(id)) wrong.push(`transfer ${id} was acknowledged and is lost`);
    for (const id of this.#history.undone) if (ids.has(id)) wrong.push(`transfer ${id} was undone and is there`);
    for (const client of [reader, this.#boss]) client.connection.close();
    lab.world.settle();
    lab.world.advance(1000);
    const tenant = lab.cluster.tenant('shop');
    for (const database of tenant.store.databases) {
      for (const { name, locks } of database.tables) if (locks.size > 0) wrong.push(`${locks.size} locks on ${name}`);
    }
    if (tenant.locks.count > 0) wrong.push(`${tenant.locks.count} statements still wait`);
    for (const observer of lab.cluster.observers) {
      if (observer.sessions.length > 0) wrong.push(`${observer.sessions.length} sessions at observer ${observer.id}`);
    }
    if (!lab.world.idle) wrong.push(`${lab.world.armedTimers} timers, ${lab.world.openConnections} connections`);
    return { history: this.#history, wrong };
  }
}
