/** What lasts too long: statements, transactions, idleness (observer.md §6.1–6.2; decisions.md 37). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab, type TestClient } from './pair.ts';

const LOGIN = { user: 'app@shop', database: 'bank' };
const TAKE = 'UPDATE account SET balance = 0 WHERE id = 1';
const IDLE =
  'ERR 6002 25000 Transaction idle timeout occurred, please rollback the transaction, set the variable ob_trx_idle_timeout to a larger value and then restart the transaction';
const EXPIRED =
  'ERR 4012 25000 Transaction timeout occurred, please rollback the transaction, set the variable ob_trx_timeout to a larger value and then restart the transaction';
const ROLLED_BACK = 'ERR 6002 40000 Transaction rollbacked';

function two(): readonly [Lab, TestClient, TestClient] {
  const lab = new Lab();
  return [lab, lab.login(LOGIN), lab.login({ ...LOGIN, proxy: true })];
}

function state(lab: Lab, client: TestClient): string | undefined {
  return lab.cluster.observer(1).sessions.find((it) => it.id === client.greeting.threadId)?.state;
}

describe('ob_query_timeout', () => {
  it('keeps the transaction and what was done before', () => {
    const [lab, alice, bob] = two();
    alice.query('SET ob_query_timeout = 2000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.send(COM.QUERY, 'UPDATE account SET balance = 1 WHERE id = 2 AND SLEEP(5) = 0');
    lab.world.advance(2000);
    expect(alice.take().kind).toMatch(/^ERR 4012 HY000 Timeout, query has reached the maximum query timeout: 2000000/);
    expect(alice.query('SELECT SUM(balance) FROM account')).toMatchObject({ rows: [['300']], status: 3 });
    expect(bob.query('UPDATE account SET balance = 1 WHERE id = 2').kind).toBe('ok');
    expect(alice.query('COMMIT').kind).toBe('ok');
  });
});

describe('ob_trx_timeout', () => {
  it('ends an idle transaction on time: its locks are free, its client has to say ROLLBACK', () => {
    const [lab, alice, bob] = two();
    alice.query('SET ob_trx_timeout = 7000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    bob.send(COM.QUERY, 'UPDATE account SET balance = balance + 5 WHERE id = 1');
    lab.world.advance(6999);
    expect(bob.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(bob.take().kind).toBe('ok');
    for (const sql of [TAKE, 'SELECT * FROM account']) {
      expect(alice.query(sql).kind).toBe(EXPIRED);
    }
    expect(alice.query('SELECT 1')).toMatchObject({ kind: 'rows', status: 3 });
    expect(alice.query('ROLLBACK').status).toBe(0x22);
    expect(alice.query('SELECT balance FROM account WHERE id = 1').rows).toEqual([['105']]);
  });

  it('makes COMMIT 6002/40000', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_timeout = 7000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    lab.world.advance(7000);
    expect(alice.query('COMMIT').kind).toBe(ROLLED_BACK);
    expect(alice.query('SELECT SUM(balance) FROM account')).toMatchObject({ rows: [['400']], status: 2 });
  });

  it('is counted from BEGIN, also for a transaction that works all the time', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_timeout = 7000000');
    alice.query('BEGIN');
    for (let i = 0; i < 6; i += 1) {
      lab.world.advance(1000);
      expect(alice.query(TAKE).kind).toBe('ok');
    }
    lab.world.advance(1000);
    expect(alice.query(TAKE).kind).toBe(EXPIRED);
  });

  it('ends a statement that runs, and the transaction with it', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_timeout = 3000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.send(COM.QUERY, 'SELECT SLEEP(9)');
    lab.world.advance(3000);
    expect(alice.take().kind).toBe(EXPIRED);
    expect(alice.query(TAKE).kind).toBe(EXPIRED);
    expect(alice.query('ROLLBACK').kind).toBe('ok');
  });

  it('is noticed by the next statement of a command whose client reads slowly', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_timeout = 3000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.connection.pause();
    alice.send(COM.QUERY, `SELECT 'row' FROM TABLE(GENERATOR(100000)); ${TAKE}`);
    lab.world.advance(3000);
    alice.connection.resume();
    lab.world.settle();
    expect(alice.takeBytes().at(-1)?.toString('latin1')).toContain('#25000Transaction timeout occurred');
  });

  it('ends a wait for a row with 4012, not with 1205', () => {
    const [lab, alice, bob] = two();
    alice.query('BEGIN');
    alice.query(TAKE);
    bob.query('SET ob_trx_timeout = 3000000');
    bob.query('BEGIN');
    bob.send(COM.QUERY, TAKE);
    lab.world.advance(3000);
    expect(bob.take().kind).toBe(EXPIRED);
  });

  it('is nothing to a session without a transaction', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_timeout = 3000000');
    alice.query(TAKE);
    lab.world.advance(60_000);
    expect(alice.query(TAKE).kind).toBe('ok');
  });
});

describe('ob_trx_idle_timeout', () => {
  it('aborts an idle transaction at a look of the checker, every 5 s, and keeps the connection', () => {
    const [lab, alice, bob] = two();
    alice.query('SET ob_trx_idle_timeout = 101000000');
    bob.query('SET ob_query_timeout = 1000000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    bob.send(COM.QUERY, 'UPDATE account SET balance = balance + 5 WHERE id = 1');
    lab.world.advance(104_999);
    expect(bob.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(bob.take().kind).toBe('ok');
    expect(alice.ended).toBe(false);
    expect(alice.query('SELECT * FROM account').kind).toBe(IDLE);
    expect(alice.query(TAKE).kind).toBe(IDLE);
    expect(alice.query('SELECT 1')).toMatchObject({ kind: 'rows', status: 3 });
    expect(alice.query('ROLLBACK').status).toBe(0x22);
    expect(alice.query(TAKE).kind).toBe('ok');
  });

  it('makes COMMIT 6002/40000, which ends the transaction', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_idle_timeout = 100000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    lab.world.advance(100_000);
    expect(alice.query('COMMIT')).toMatchObject({ kind: ROLLED_BACK });
    expect(alice.query('SELECT SUM(balance) FROM account')).toMatchObject({ rows: [['400']], status: 2 });
  });

  it('is never less than 100 s', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_idle_timeout = 1');
    expect(alice.query('SELECT @@ob_trx_idle_timeout').rows).toEqual([['100000000']]);
    alice.query('BEGIN');
    alice.query(TAKE);
    lab.world.advance(99_000);
    expect(alice.query('COMMIT').kind).toBe('ok');
  });

  it('begins anew with every statement', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_idle_timeout = 100000000');
    alice.query('BEGIN');
    for (let i = 0; i < 4; i += 1) {
      expect(alice.query(TAKE).kind).toBe('ok');
      lab.world.advance(99_000);
    }
    expect(alice.query('COMMIT').kind).toBe('ok');
  });

  it('does not see a session that runs a statement', () => {
    const [lab, alice] = two();
    alice.query('SET ob_trx_idle_timeout = 100000000, ob_query_timeout = 1000000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.send(COM.QUERY, 'SELECT SLEEP(200)');
    lab.world.advance(200_000);
    expect(alice.take().kind).toBe('rows');
    expect(alice.query('COMMIT').kind).toBe('ok');
  });
});

describe('wait_timeout', () => {
  it('closes without a word, at a look of the checker', () => {
    const [lab, alice, bob] = two();
    alice.query('SET wait_timeout = 7');
    alice.query('BEGIN');
    alice.query(TAKE);
    lab.world.advance(9999);
    expect(alice.ended).toBe(false);
    lab.world.advance(1);
    expect(alice.ended).toBe(true);
    expect(alice.take().kind).toBe('nothing');
    expect(lab.cluster.observer(1).sessions.map((it) => it.id)).toEqual([bob.greeting.threadId]);
    expect(bob.query(TAKE).kind).toBe('ok');
  });

  it('0 is no limit; a statement in time begins it anew', () => {
    const [lab, alice, bob] = two();
    alice.query('SET wait_timeout = 0');
    bob.query('SET wait_timeout = 10');
    for (let i = 0; i < 9; i += 1) {
      lab.world.advance(9000);
      expect(bob.query('SELECT 1').kind).toBe('rows');
    }
    lab.world.advance(28_800_000);
    expect([alice.ended, bob.ended]).toEqual([false, true]);
  });

  it('is 8 hours unless set', () => {
    const [lab, alice] = two();
    lab.world.advance(28_799_999);
    expect(alice.ended).toBe(false);
    lab.world.advance(1);
    expect(alice.ended).toBe(true);
  });

  it('does not see a session that KILL QUERY met idle, until its next statement (observer.md §3.7)', () => {
    const [lab, alice, bob] = two();
    alice.query('SET wait_timeout = 10');
    bob.query(`KILL QUERY ${alice.greeting.threadId}`);
    lab.world.advance(60_000);
    expect([alice.ended, state(lab, alice)]).toEqual([false, 'QUERY_KILLED']);
    alice.query('SELECT 1');
    lab.world.advance(15_000);
    expect(alice.ended).toBe(true);
  });

  it('does not see one that runs a statement, or waits for a row', () => {
    const [lab, alice, bob] = two();
    bob.query('SET wait_timeout = 2, ob_query_timeout = 60000000');
    alice.query('BEGIN');
    alice.query(TAKE);
    bob.send(COM.QUERY, TAKE);
    lab.world.advance(30_000);
    expect(bob.ended).toBe(false);
    alice.query('COMMIT');
    expect(bob.take().kind).toBe('ok');
  });

  it('leaves no timer behind when nobody is there', () => {
    const [lab, alice, bob] = two();
    expect(lab.world.armedTimers).toBe(1);
    for (const client of [alice, bob]) {
      client.send(COM.QUIT);
      client.connection.end();
    }
    lab.world.settle();
    expect(lab.world.idle).toBe(true);
  });
});
