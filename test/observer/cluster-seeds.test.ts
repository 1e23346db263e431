/**
 * Seeded worlds in which observers die, stop and come back and leaders move while clients move money: none is made or
 * lost, what was committed stays, and at the end nothing is left.
 */
import { expect, it } from 'vitest';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { type Answer, Lab, type TestClient } from './pair.ts';

const SEEDS = 60;
const STEPS = 120;
const SERVERS = 3;
/** Longer than ob_query_timeout: whatever waits has an answer then. */
const PATIENCE = 11_000;

/** Moves money from one account to another, statement by statement, and keeps what became of it. */
class Mover {
  readonly #lab: Lab;
  readonly #choices: SeededChoices;
  #client: TestClient | null = null;
  /** Statements of the transaction that are still to be said. */
  #script: string[] = [];
  #pending: readonly [from: number, to: number] = [0, 0];
  committed = 0;
  readonly moved: number[] = [0, 0, 0, 0];
  /** What every answer began with. */
  readonly heard = new Set<string>();

  constructor(lab: Lab, choices: SeededChoices) {
    this.#lab = lab;
    this.#choices = choices;
  }

  step(): void {
    if (this.#client === null || this.#client.isClosed || this.#client.ended) {
      this.#connect();
      return;
    }
    const sql = this.#script.shift() ?? this.#begin();
    const answer = this.#say(this.#client, sql);
    this.heard.add(answer.kind.split(' ').slice(0, 2).join(' '));
    if (answer.kind !== 'ok') {
      if (!this.#client.ended) expect(this.#say(this.#client, 'ROLLBACK').kind).toMatch(/^(ok|nothing)$/);
      this.#script = [];
    } else if (sql === 'COMMIT') {
      this.committed += 1;
      this.moved[this.#pending[0]!]! -= 1;
      this.moved[this.#pending[1]!]! += 1;
    }
  }

  leave(): void {
    this.#client?.connection.close();
  }

  #connect(): void {
    this.#client?.connection.close();
    this.#client = null;
    this.#script = [];
    const server = 1 + this.#choices.choose('server', SERVERS);
    if (this.#lab.cluster.observer(server).state === 'DOWN') return;
    const client = this.#lab.login({ user: 'app@shop', database: 'bank' }, server);
    this.heard.add(client.loginAnswer.kind.split(' ').slice(0, 2).join(' '));
    if (client.loginAnswer.kind === 'ok') this.#client = client;
    else client.connection.close();
  }

  #begin(): string {
    const from = this.#choices.choose('from', 4);
    const to = (from + 1 + this.#choices.choose('to', 3)) % 4;
    this.#pending = [from, to];
    this.#script = [
      `UPDATE account SET balance = balance - 1 WHERE id = ${from + 1}`,
      `INSERT INTO ledger (account, amount) VALUES (${from + 1}, -1), (${to + 1}, 1)`,
      `UPDATE account SET balance = balance + 1 WHERE id = ${to + 1}`,
      'COMMIT',
    ];
    return 'BEGIN';
  }

  #say(client: TestClient, sql: string): Answer {
    const answer = client.query(sql);
    if (answer.kind !== 'nothing') return answer;
    this.#lab.world.advance(PATIENCE);
    return client.take();
  }
}

/** Something happens to an observer, if it can. */
function trouble(lab: Lab, choices: SeededChoices): void {
  const id = 1 + choices.choose('victim', SERVERS);
  const { state } = lab.cluster.observer(id);
  const table = ['account', 'ledger'][choices.choose('table', 2)]!;
  const { streams } = lab.cluster.tenant('shop');
  switch (choices.choose('trouble', 4)) {
    case 0:
      if (state !== 'DOWN') lab.cluster.crash(id);
      break;
    case 1:
      if (state === 'SERVING') lab.cluster.stop(id);
      break;
    case 2:
      if (state === 'DOWN') lab.cluster.restart(id);
      break;
    default:
      if (streams.mayLead(id)) lab.cluster.switchLeader('shop', 'bank', table, id);
  }
  lab.world.advance(choices.choose('time', 4) * 1000);
}

function revive(lab: Lab): void {
  lab.world.advance(PATIENCE);
  for (const observer of lab.cluster.observers) if (observer.state === 'DOWN') lab.cluster.restart(observer.id);
  lab.world.advance(PATIENCE);
}

it('keeps the money together', () => {
  const heard = new Set<string>();
  let committed = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const choices = new SeededChoices(seed);
    const lab = new Lab({}, TOPOLOGIES.spread);
    const movers = [1, 2, 3].map(() => new Mover(lab, choices));
    for (let step = 0; step < STEPS; step += 1) {
      if (choices.choose('what', 8) === 0) trouble(lab, choices);
      else movers[choices.choose('who', movers.length)]!.step();
    }
    for (const mover of movers) mover.leave();
    revive(lab);
    const moved = [0, 1, 2, 3].map((at) => movers.reduce((sum, mover) => sum + mover.moved[at]!, 0));
    const count = movers.reduce((sum, mover) => sum + mover.committed, 0);
    const eve = lab.login({ user: 'app@shop', database: 'bank' }, 2);
    const balances = eve.query('SELECT balance FROM account ORDER BY id').rows.map(([cell]) => Number(cell));
    expect(balances, `seed ${seed}`).toEqual(moved.map((change) => 100 + change));
    expect(eve.query('SELECT COUNT(*), SUM(amount) FROM ledger').rows).toEqual([[String(1 + 2 * count), '100']]);
    eve.connection.close();
    lab.world.advance(PATIENCE);
    expect(lab.world.idle, `seed ${seed}`).toBe(true);
    committed += count;
    for (const mover of movers) for (const kind of mover.heard) heard.add(kind);
  }
  expect(committed).toBeGreaterThan(300);
  // The worlds were lively enough to mean something.
  for (const kind of ['ok', 'nothing', 'ERR 6002', 'ERR 4012', 'ERR 8001', 'ERR 8002']) expect(heard).toContain(kind);
});
