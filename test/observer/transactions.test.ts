/** Transactions: read committed, statement by statement, with the status flags that tell of them. */
import { describe, expect, it } from 'vitest';
import { COM, STATUS } from '../../proxy/wire/constants.ts';
import { Lab, type TestClient } from './pair.ts';

const BALANCE = 'SELECT balance FROM account WHERE id = 1';
const TAKE = 'UPDATE account SET balance = balance - 10 WHERE id = 1';

function two(): readonly [Lab, TestClient, TestClient] {
  const lab = new Lab();
  const login = { user: 'app@shop', database: 'bank' };
  return [lab, lab.login(login), lab.login({ ...login, proxy: true })];
}

describe('a transaction', () => {
  it('is private until COMMIT', () => {
    const [, alice, bob] = two();
    expect(alice.query('BEGIN').status).toBe(0x23);
    expect(alice.query(TAKE)).toMatchObject({ kind: 'ok', status: 0x23, affectedRows: 1 });
    expect(alice.query(BALANCE)).toMatchObject({ rows: [['90']], status: 3 });
    expect(bob.query(BALANCE)).toMatchObject({ rows: [['100']], status: 2 });
    expect(alice.query('COMMIT').status).toBe(0x22);
    expect(bob.query(BALANCE).rows).toEqual([['90']]);
  });

  it('is gone at ROLLBACK', () => {
    const [, alice] = two();
    alice.query('START TRANSACTION');
    alice.query(TAKE);
    alice.query("INSERT INTO account VALUES (9, 'zoe', 1)");
    alice.query('DELETE FROM account WHERE id = 2');
    expect(alice.query('SELECT COUNT(*) FROM account').rows).toEqual([['4']]);
    alice.query('ROLLBACK');
    expect(alice.query('SELECT SUM(balance), COUNT(*) FROM account').rows).toEqual([['400', '4']]);
  });

  it('is gone when its client goes', () => {
    const [lab, alice, bob] = two();
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.connection.close();
    lab.world.settle();
    expect(bob.query(BALANCE).rows).toEqual([['100']]);
    expect(bob.query(TAKE).kind).toBe('ok');
    expect(lab.cluster.observer(1).sessions).toHaveLength(1);
  });

  it('keeps what was done before a statement that fails', () => {
    const [, alice] = two();
    alice.query('BEGIN');
    alice.query(TAKE);
    expect(alice.query("INSERT INTO account VALUES (8, 'x', 1), (1, 'y', 2)").kind).toMatch(/^ERR 1062/);
    expect(alice.query('SELECT COUNT(*), SUM(balance) FROM account')).toMatchObject({
      rows: [['4', '390']],
      status: 3,
    });
    alice.query('COMMIT');
    expect(alice.query(BALANCE).rows).toEqual([['90']]);
  });

  it('begins by itself with autocommit off', () => {
    const [, alice, bob] = two();
    expect(alice.query('SET autocommit = 0').status & STATUS.AUTOCOMMIT).toBe(0);
    expect(alice.query('SELECT 1').status).toBe(2);
    expect(alice.query(TAKE).status).toBe(0x21 | STATUS.NO_INDEX_USED);
    expect(bob.query(BALANCE).rows).toEqual([['100']]);
    expect(alice.query('SET autocommit = 1').status & STATUS.IN_TRANS).toBe(0);
    expect(bob.query(BALANCE).rows).toEqual([['90']]);
  });

  it('is committed by BEGIN and by CREATE', () => {
    const [, alice, bob] = two();
    for (const [statement, balance] of [
      ['BEGIN', '90'],
      ['CREATE TABLE test.t (a INT)', '80'],
    ] as const) {
      alice.query('BEGIN');
      alice.query(TAKE);
      alice.query(statement);
      expect(bob.query(BALANCE).rows).toEqual([[balance]]);
    }
  });

  it('may be read only', () => {
    const [, alice] = two();
    alice.query('START TRANSACTION READ ONLY');
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792 25006/);
    alice.query('COMMIT');
    expect(alice.query(TAKE).kind).toBe('ok');
  });

  it('may be read only because SET TRANSACTION has said so: that one alone', () => {
    const [, alice] = two();
    alice.query('SET TRANSACTION READ ONLY');
    alice.query('BEGIN');
    expect(alice.query('SET TRANSACTION READ WRITE').kind).toMatch(/^ERR 1568 25001/);
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792 25006/);
    alice.query('COMMIT');
    alice.query('BEGIN');
    expect(alice.query(TAKE).kind).toBe('ok');
    alice.query('ROLLBACK');
  });

  it('of one statement is the next one, too, if it looks at a table', () => {
    const [, alice] = two();
    alice.query('SET TRANSACTION READ ONLY');
    expect(alice.query('SELECT 1').kind).toBe('rows');
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792/);
    expect(alice.query(BALANCE).kind).toBe('rows');
    expect(alice.query(TAKE).kind).toBe('ok');
  });

  it('is read only with autocommit off as with BEGIN, and READ WRITE is stronger than the session', () => {
    const [, alice] = two();
    alice.query('SET SESSION TRANSACTION READ ONLY');
    alice.query('SET autocommit = 0');
    expect(alice.query(BALANCE).kind).toBe('rows');
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792/);
    alice.query('ROLLBACK');
    alice.query('START TRANSACTION READ WRITE');
    expect(alice.query(TAKE).kind).toBe('ok');
    alice.query('ROLLBACK');
    alice.query('SET TRANSACTION READ WRITE');
    expect(alice.query(TAKE).kind).toBe('ok');
  });

  it('that was specified is over for a proxy with the statement that was it', () => {
    const [, , bob] = two();
    const executed = 'SELECT @@ob_proxy_set_trx_executed';
    bob.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
    expect(bob.query(executed).rows).toEqual([['1']]);
    bob.query(BALANCE);
    expect(bob.query(executed).rows).toEqual([['0']]);
  });

  it('is what SET TRANSACTION has said of it, and the next one is not', () => {
    const [, alice] = two();
    alice.query('SET TRANSACTION READ ONLY');
    alice.query('BEGIN');
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792/);
    alice.query('COMMIT');
    expect(alice.query(TAKE).kind).toBe('ok');
    alice.query('SET TRANSACTION READ ONLY');
    expect(alice.query(BALANCE).rows).toEqual([['90']]);
    expect(alice.query(TAKE).kind).toBe('ok');
    expect(alice.query('BEGIN').kind).toBe('ok');
    expect(alice.query('SET TRANSACTION READ ONLY').kind).toBe(
      "ERR 1568 25001 Transaction characteristics can't be changed while a transaction is in progress",
    );
    expect(alice.query(TAKE).kind).toBe('ok');
  });

  it('may write where the session only reads, if it says so', () => {
    const [, alice] = two();
    alice.query('SET SESSION TRANSACTION READ ONLY');
    alice.query('START TRANSACTION READ WRITE');
    expect(alice.query(TAKE).kind).toBe('ok');
    alice.query('COMMIT');
    alice.query('SET TRANSACTION READ WRITE');
    expect(alice.query(TAKE).kind).toBe('ok');
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792/);
    alice.query('SET autocommit = 0');
    expect(alice.query(BALANCE).rows).toEqual([['80']]);
    // The SELECT has begun it, and it only reads.
    expect(alice.query(TAKE).kind).toMatch(/^ERR 1792/);
  });

  it('of another server of the cluster sees the same data', () => {
    const [, alice] = two();
    expect(alice.query('SELECT SUM(balance) FROM account').rows).toEqual([['400']]);
  });
});

describe('savepoints', () => {
  const SUM = 'SELECT SUM(balance) FROM account';

  it('take back what came after them, and stay', () => {
    const [, alice] = two();
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.query('SAVEPOINT a');
    alice.query(TAKE);
    alice.query('SAVEPOINT b');
    alice.query(TAKE);
    expect(alice.query('ROLLBACK TO SAVEPOINT A')).toMatchObject({ kind: 'ok', status: 0x23 });
    expect(alice.query(SUM).rows).toEqual([['390']]);
    expect(alice.query('ROLLBACK TO b').kind).toBe('ERR 1305 42000 SAVEPOINT b does not exist');
    alice.query(TAKE);
    alice.query('ROLLBACK WORK TO a');
    alice.query('COMMIT');
    expect(alice.query(SUM).rows).toEqual([['390']]);
    expect(alice.query('ROLLBACK TO a').kind).toMatch(/^ERR 1305/);
  });

  it('free the rows locked since', () => {
    const [, alice, bob] = two();
    alice.query('BEGIN');
    alice.query(TAKE);
    alice.query('SAVEPOINT a');
    alice.query('UPDATE account SET balance = 0 WHERE id = 2');
    bob.send(COM.QUERY, 'UPDATE account SET balance = 7 WHERE id = 2');
    expect(bob.take().kind).toBe('nothing');
    alice.query('ROLLBACK TO a');
    expect(bob.take().kind).toBe('ok');
    expect(bob.query(`${BALANCE} FOR UPDATE NOWAIT`).kind).toMatch(/^ERR 1205/);
  });

  it('go with RELEASE, and those after them; one of the same name is replaced', () => {
    const [, alice] = two();
    alice.query('BEGIN');
    for (const name of ['a', 'b', 'c']) alice.query(`SAVEPOINT ${name}`);
    expect(alice.query('RELEASE SAVEPOINT b').kind).toBe('ok');
    expect(alice.query('ROLLBACK TO c').kind).toMatch(/^ERR 1305/);
    alice.query(TAKE);
    alice.query('SAVEPOINT a');
    alice.query(TAKE);
    alice.query('ROLLBACK TO a');
    expect(alice.query(SUM).rows).toEqual([['390']]);
    expect(alice.query('RELEASE SAVEPOINT nope').kind).toBe('ERR 1305 42000 SAVEPOINT nope does not exist');
  });

  it('mean nothing outside a transaction, and open one with autocommit off', () => {
    const [, alice] = two();
    expect(alice.query('SAVEPOINT a')).toMatchObject({ kind: 'ok', status: 0x22 });
    expect(alice.query('ROLLBACK TO a').kind).toMatch(/^ERR 1305/);
    alice.query('SET autocommit = 0');
    expect(alice.query('SAVEPOINT a').status & STATUS.IN_TRANS).toBe(1);
    alice.query(TAKE);
    alice.query('ROLLBACK TO a');
    expect(alice.query(SUM).rows).toEqual([['400']]);
  });

  it('do not outlive their transaction', () => {
    const [, alice] = two();
    for (const end of ['COMMIT', 'ROLLBACK', 'BEGIN', 'CREATE TABLE test.s (a INT)']) {
      alice.query('BEGIN');
      alice.query('SAVEPOINT a');
      alice.query(end);
      expect(alice.query('ROLLBACK TO a').kind).toMatch(/^ERR 1305/);
      alice.query('DROP TABLE IF EXISTS test.s');
    }
  });
});
