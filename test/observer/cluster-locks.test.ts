/** Row locks and time limits where observers die and leaders move (observer.md §3.2, §6, §9.4). */
import { describe, expect, it } from 'vitest';
import { changeUserPayload } from '../../proxy/wire/change-user.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { ELECTION } from '../../simulator/observer/log-streams.ts';
import { STARTING_TIME } from '../../simulator/observer/server-state.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type LoginOptions, type TestClient } from './pair.ts';

const SHOP: LoginOptions = { user: 'app@shop', database: 'bank' };
/** `account` is led by observer 1, `branch` by 2, `ledger` by 3. */
const TAKE = 'UPDATE account SET balance = balance - 10 WHERE id = 1';
const MOVE = "UPDATE branch SET city = 'Ulm' WHERE id = 1";
const BALANCE = 'SELECT balance FROM account WHERE id = 1';
const NEEDS_ROLLBACK = 'ERR 6002 25000 transaction needs rollback';
const ROLLED_BACK = 'ERR 6002 40000 Transaction rollbacked';

function ask(client: TestClient, sql: string): void {
  client.send(COM.QUERY, sql);
}

function tables(lab: Lab) {
  const { locks, store } = lab.cluster.tenant('shop');
  const bank = store.find('bank')!;
  return { waiting: locks.count, locked: bank.tables.reduce((sum, it) => sum + it.locks.size, 0) };
}

/** Alice holds a row in a transaction and is connected to one observer, bob waits for the row at another. */
function stage(server: number, sql = TAKE) {
  const lab = new Lab({}, TOPOLOGIES.spread);
  const alice = lab.login(SHOP, server);
  const bob = lab.login(SHOP, 2);
  alice.query('BEGIN');
  expect(alice.query(sql).kind).toMatch(/^(ok|rows)$/);
  ask(bob, sql);
  lab.world.settle();
  expect(tables(lab)).toEqual({ waiting: 1, locked: 1 });
  return { lab, alice, bob };
}

describe('an observer that dies', () => {
  it('frees the rows of its sessions, and who waits elsewhere gets them at once', () => {
    const { lab, bob } = stage(1, MOVE);
    lab.cluster.crash(1);
    lab.world.settle();
    expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(tables(lab)).toEqual({ waiting: 0, locked: 0 });
  });

  it('and leads the table: who waited for the row waits for the election, then changes what is committed', () => {
    const { lab, bob } = stage(1);
    lab.cluster.crash(1);
    lab.world.advance(ELECTION - 1);
    expect(bob.take().kind).toBe('nothing');
    expect(tables(lab)).toEqual({ waiting: 0, locked: 0 });
    lab.world.advance(1);
    expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(bob.query(BALANCE).rows).toEqual([['90']]);
  });

  it('forgets those of its own sessions that waited, and another one gets the row', () => {
    const { lab, alice, bob } = stage(3, MOVE);
    const carol = lab.login(SHOP, 1);
    ask(carol, MOVE);
    lab.world.settle();
    expect(tables(lab).waiting).toBe(2);
    lab.cluster.crash(1);
    lab.world.settle();
    expect(carol.ended).toBe(true);
    expect(tables(lab).waiting).toBe(1);
    expect(alice.query('COMMIT').kind).toBe('ok');
    expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 0 });
    expect(tables(lab)).toEqual({ waiting: 0, locked: 0 });
  });

  it('counts from its new start what its checker counts, and leaves no timer of the old one', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    lab.login(SHOP, 3);
    lab.cluster.crash(3);
    lab.world.settle();
    // The election.
    expect(lab.world.armedTimers).toBe(1);
    lab.world.advance(ELECTION + 700);
    lab.cluster.restart(3);
    lab.world.advance(STARTING_TIME);
    const alice = lab.login(SHOP, 3);
    alice.query('SET wait_timeout = 1');
    lab.world.advance(4999);
    expect(alice.ended).toBe(false);
    lab.world.advance(1);
    expect(alice.ended).toBe(true);
    alice.connection.close();
    lab.world.settle();
    expect(lab.world.armedTimers).toBe(0);
  });
});

describe('a leader that moves', () => {
  it('aborts who holds rows there, and who waits for one gets it at once', () => {
    const { lab, alice, bob } = stage(3);
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.settle();
    expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(alice.query('COMMIT').kind).toBe(ROLLED_BACK);
    expect(alice.query(BALANCE).rows).toEqual([['90']]);
  });

  it('aborts who has only locked rows there', () => {
    const { lab, alice, bob } = stage(3, `${BALANCE} FOR UPDATE`);
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.settle();
    expect(bob.take().rows).toEqual([['100']]);
    expect(alice.query(BALANCE).kind).toBe(NEEDS_ROLLBACK);
  });

  it('ends the wait of a transaction that has changed something there, and frees what it held', () => {
    const { lab, alice } = stage(1, MOVE);
    const carol = lab.login(SHOP, 3);
    carol.query('BEGIN');
    carol.query(TAKE);
    ask(carol, MOVE);
    lab.world.settle();
    expect(tables(lab)).toEqual({ waiting: 2, locked: 2 });
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.settle();
    expect(carol.take().kind).toBe(NEEDS_ROLLBACK);
    expect(tables(lab)).toEqual({ waiting: 1, locked: 1 });
    expect(carol.query(MOVE).kind).toBe(NEEDS_ROLLBACK);
    expect(carol.query('ROLLBACK').kind).toBe('ok');
    expect(alice.query('COMMIT').kind).toBe('ok');
  });

  it('does not abort a transaction that still waits for its first row there', () => {
    const { lab, alice } = stage(1);
    const carol = lab.login(SHOP, 3);
    carol.query('BEGIN');
    carol.query(MOVE);
    ask(carol, TAKE);
    lab.world.settle();
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.settle();
    expect(carol.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(carol.query('COMMIT').kind).toBe('ok');
    expect(alice.query('COMMIT').kind).toBe(ROLLED_BACK);
  });

  it('leaves a transaction that is aborted already what aborted it', () => {
    const { lab, alice } = stage(3);
    alice.query('ROLLBACK');
    alice.query('SET ob_trx_timeout = 3000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    lab.world.advance(3000);
    alice.query('SELECT SLEEP(2)');
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.advance(2000);
    expect(alice.take().rows).toEqual([['0']]);
    expect(alice.query(TAKE).kind).toMatch(/^ERR 4012 25000 Transaction timeout/);
  });

  it('keeps the statement, its values and its savepoints in a prepared wait', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    alice.query("PREPARE take FROM 'UPDATE account SET balance = balance - ? WHERE id = 1'");
    alice.query('SET @amount = 30');
    alice.query('BEGIN');
    alice.query(MOVE);
    alice.query('SAVEPOINT moved');
    lab.cluster.crash(1);
    expect(alice.query('EXECUTE take USING @amount').kind).toBe('nothing');
    lab.world.advance(ELECTION);
    expect(alice.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(alice.query('ROLLBACK TO moved').kind).toBe('ok');
    expect(alice.query('COMMIT').kind).toBe('ok');
    expect(alice.query(BALANCE).rows).toEqual([['100']]);
    expect(alice.query('SELECT city FROM branch WHERE id = 1').rows).toEqual([['Ulm']]);
  });
});

describe('a wait for a leader', () => {
  it('ends with the time of the transaction, which is aborted', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    alice.query('SET ob_trx_timeout = 3000000');
    alice.query('BEGIN');
    alice.query(MOVE);
    lab.cluster.crash(1);
    alice.query(TAKE);
    lab.world.advance(2999);
    expect(alice.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(alice.take().kind).toMatch(/^ERR 4012 25000 Transaction timeout/);
    expect(tables(lab)).toEqual({ waiting: 0, locked: 0 });
    expect(alice.query('ROLLBACK').kind).toBe('ok');
  });

  it('goes on as a wait for a row, and counts from the beginning of the statement', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const [alice, bob] = [lab.login(SHOP, 2), lab.login(SHOP, 3)];
    bob.query('SET ob_trx_lock_timeout = 9000000');
    lab.cluster.crash(1);
    alice.query('BEGIN');
    ask(alice, TAKE);
    ask(bob, TAKE);
    lab.world.advance(ELECTION);
    expect(alice.take().kind).toBe('ok');
    expect(tables(lab)).toEqual({ waiting: 1, locked: 1 });
    lab.world.advance(9000 - ELECTION);
    expect(bob.take().kind).toMatch(/^ERR 1205/);
    expect(alice.query('COMMIT').kind).toBe('ok');
  });

  it('is no wait for a row: a kill is noticed within 100 ms, and frees what was locked', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    alice.query('BEGIN');
    alice.query(MOVE);
    lab.cluster.crash(1);
    ask(alice, TAKE);
    lab.login({ user: 'root@sys' }, 2).query(`KILL ${alice.greeting.threadId}`);
    lab.world.advance(100);
    expect(alice.take().kind).toMatch(/^ERR 5066/);
    expect(alice.ended).toBe(true);
    expect(tables(lab)).toEqual({ waiting: 0, locked: 0 });
  });
});

it('COM_CHANGE_USER is no login: an observer that stops serves it', () => {
  const lab = new Lab({}, TOPOLOGIES.three);
  const alice = lab.login(SHOP);
  lab.cluster.stop(1);
  const payload = changeUserPayload({
    capabilities: 0x08bf_a285,
    maxPacket: 0,
    filler: Buffer.alloc(0),
    user: 'root@shop',
    authResponse: Buffer.alloc(0),
    database: 'bank',
    charset: 45,
    plugin: null,
    attributes: null,
  });
  alice.send(COM.CHANGE_USER, payload.subarray(1));
  lab.world.settle();
  expect(alice.take().kind).toBe('ok');
  expect(lab.login(SHOP).loginAnswer.kind).toBe('ERR 8002 08004 Server is stopping');
});
