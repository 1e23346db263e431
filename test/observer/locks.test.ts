/** Row locks: who waits, what ends the wait, what the statement then finds (observer.md §3.2, §6.1, §6.2; decisions.md 35). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type TestClient } from './pair.ts';

const LOGIN = { user: 'app@shop', database: 'bank' };
const LOCK_TIMEOUT = 'ERR 1205 HY000 Lock wait timeout exceeded; try restarting transaction';
const DEADLOCK = 'ERR 1213 HY000 Deadlock';

function crew(count: number, lab = new Lab()): readonly [Lab, ...TestClient[]] {
  return [lab, ...Array.from({ length: count }, (_, index) => lab.login({ ...LOGIN, proxy: index % 2 === 1 }))];
}

function three(): readonly [Lab, TestClient, TestClient, TestClient] {
  return crew(3) as readonly [Lab, TestClient, TestClient, TestClient];
}

/** Opens a transaction that holds rows. */
function hold(client: TestClient, ...ids: readonly number[]): void {
  client.query('BEGIN');
  for (const id of ids) expect(client.query(add(id, 1)).kind).toBe('ok');
}

function add(id: number, amount: number): string {
  return `UPDATE account SET balance = balance + ${amount} WHERE id = ${id}`;
}

function ask(client: TestClient, sql: string): void {
  client.send(COM.QUERY, sql);
}

function balances(client: TestClient): string {
  return client
    .query('SELECT balance FROM account ORDER BY id')
    .rows.map(([it]) => it)
    .join(' ');
}

function waiting(lab: Lab): number {
  return lab.cluster.tenant('shop').locks.count;
}

function locked(lab: Lab): number {
  return lab.cluster.tenant('shop').store.find('bank')!.find('account')!.locks.size;
}

describe('a statement that meets a locked row', () => {
  for (const end of ['COMMIT', 'ROLLBACK'] as const) {
    it(`waits for ${end}, and works on what is committed then`, () => {
      const [lab, alice, bob] = three();
      hold(alice, 1);
      ask(bob, add(1, 10));
      lab.world.advance(5000);
      expect(bob.take().kind).toBe('nothing');
      expect(waiting(lab)).toBe(1);
      expect(alice.query(end).kind).toBe('ok');
      expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 1, status: 0x22 });
      expect(balances(alice)).toBe(end === 'COMMIT' ? '111 100 100 100' : '110 100 100 100');
      expect([waiting(lab), locked(lab), lab.timers]).toEqual([0, 0, 0]);
    });
  }

  it('is tried again from its beginning: its condition may not hold any more', () => {
    const [, alice, bob] = three();
    alice.query('BEGIN');
    alice.query('UPDATE account SET balance = 0 WHERE id = 1');
    ask(bob, 'UPDATE account SET balance = balance - 50 WHERE id = 1 AND balance >= 50');
    alice.query('COMMIT');
    expect(bob.take()).toMatchObject({
      kind: 'ok',
      affectedRows: 0,
      message: 'Rows matched: 0  Changed: 0  Warnings: 0',
    });
  });

  it('finds rows that came in the meantime, and not those that went', () => {
    const [, alice, bob] = three();
    alice.query('BEGIN');
    alice.query("INSERT INTO account VALUES (5, 'eve', 100)");
    alice.query('DELETE FROM account WHERE id = 2');
    alice.query(add(3, 7));
    ask(bob, 'UPDATE account SET balance = balance * 2');
    alice.query('COMMIT');
    expect(bob.take().affectedRows).toBe(4);
    expect(balances(bob)).toBe('200 214 200 200');
  });

  it('sleeps once, after the wait', () => {
    const [lab, alice, bob] = three();
    hold(alice, 1);
    ask(bob, 'UPDATE account SET balance = SLEEP(1) WHERE id = 1');
    lab.world.advance(3000);
    alice.query('COMMIT');
    lab.world.advance(999);
    expect(bob.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(bob.take().kind).toBe('ok');
  });

  it('holds none of its own rows while it waits', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 4);
    ask(bob, 'UPDATE account SET balance = 0');
    expect(locked(lab)).toBe(1);
    expect(carol.query(add(1, 1)).kind).toBe('ok');
    alice.query('COMMIT');
    expect(bob.take().affectedRows).toBe(4);
  });

  it('keeps the rows of earlier statements', () => {
    const [, alice, bob, carol] = three();
    hold(alice, 1);
    hold(bob, 2);
    ask(bob, add(1, 1));
    ask(carol, add(2, 1));
    expect(carol.take().kind).toBe('nothing');
    alice.query('COMMIT');
    expect(bob.take()).toMatchObject({ kind: 'ok', status: 0x23 });
    expect(carol.take().kind).toBe('nothing');
    bob.query('COMMIT');
    expect(carol.take().kind).toBe('ok');
    expect(balances(carol)).toBe('102 102 100 100');
  });

  it('may be an INSERT of a key that is not committed yet', () => {
    for (const [end, answer] of [
      ['COMMIT', "ERR 1062 23000 Duplicate entry '9' for key 'PRIMARY'"],
      ['ROLLBACK', 'ok'],
    ] as const) {
      const [, alice, bob] = three();
      alice.query('BEGIN');
      alice.query("INSERT INTO account VALUES (9, 'x', 1)");
      ask(bob, "INSERT INTO account VALUES (9, 'y', 2)");
      expect(bob.take().kind).toBe('nothing');
      alice.query(end);
      expect(bob.take().kind).toBe(answer);
    }
  });

  it('may be a DELETE, a REPLACE, a SELECT FOR UPDATE', () => {
    for (const sql of [
      'DELETE FROM account WHERE id = 1',
      "REPLACE INTO account VALUES (1, 'x', 1)",
      'SELECT * FROM account WHERE id = 1 FOR UPDATE',
    ]) {
      const [, alice, bob] = three();
      hold(alice, 1);
      ask(bob, sql);
      expect(bob.take().kind).toBe('nothing');
      alice.query('COMMIT');
      expect(bob.take().kind).toMatch(/^(ok|rows)$/);
    }
  });

  it('never is a plain SELECT', () => {
    const [, alice, bob] = three();
    hold(alice, 1);
    expect(balances(bob)).toBe('100 100 100 100');
  });

  it('waits for a session at another observer', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    const [alice, bob] = [lab.login(LOGIN, 1), lab.login(LOGIN, 3)];
    hold(alice, 1);
    ask(bob, add(1, 10));
    alice.query('COMMIT');
    expect(bob.take().kind).toBe('ok');
  });

  it('may be the second of several statements: the first has been done', () => {
    const [, alice, bob] = three();
    hold(alice, 1);
    ask(bob, `${add(2, 5)}; ${add(1, 5)}; ${add(3, 5)}`);
    expect(bob.takeBytes()).toEqual([]);
    expect(alice.query('SELECT balance FROM account WHERE id = 2').rows).toEqual([['105']]);
    alice.query('COMMIT');
    expect(bob.takeBytes()).toHaveLength(3);
    expect(balances(alice)).toBe('106 105 105 100');
  });
});

describe('several that wait for a row', () => {
  it('get it in the order in which they came', () => {
    const [lab, alice, bob, carol] = three();
    const dave = lab.login(LOGIN);
    hold(alice, 1);
    for (const [client, digit] of [
      [bob, 2],
      [carol, 3],
      [dave, 4],
    ] as const) {
      ask(client, `UPDATE account SET balance = balance * 10 + ${digit} WHERE id = 1`);
    }
    alice.query('UPDATE account SET balance = 1 WHERE id = 1');
    alice.query('COMMIT');
    expect(balances(alice)).toBe('1234 100 100 100');
  });

  it('get it before anybody who comes later', () => {
    const [, alice, bob] = three();
    hold(alice, 1);
    ask(bob, 'UPDATE account SET balance = balance * 2 WHERE id = 1');
    // In one packet with the COMMIT: it is asked for while the row is free, and bob has not been asked yet.
    ask(alice, `COMMIT; ${add(1, 1)}`);
    expect(alice.takeBytes()).toHaveLength(2);
    expect(bob.take().kind).toBe('ok');
    expect(balances(bob)).toBe('203 100 100 100');
  });

  it('go on waiting if the first takes it, and need not if it does not', () => {
    const [, alice, bob, carol] = three();
    hold(alice, 1);
    bob.query('BEGIN');
    ask(bob, `${add(1, 1)} AND balance = 100`);
    ask(carol, add(1, 1));
    expect(bob.take().kind).toBe('nothing');
    alice.query('COMMIT');
    expect(bob.take().affectedRows).toBe(0);
    expect(carol.take().affectedRows).toBe(1);
  });

  it('wait on when one of them gives up', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1);
    bob.query('SET ob_trx_lock_timeout = 1000000');
    ask(bob, add(1, 1));
    ask(carol, add(1, 1));
    lab.world.advance(1000);
    expect([bob.take().kind, carol.take().kind, waiting(lab)]).toEqual([LOCK_TIMEOUT, 'nothing', 1]);
    alice.query('COMMIT');
    expect(carol.take().kind).toBe('ok');
  });
});

describe('a lock wait that lasts too long', () => {
  it('ends with ob_query_timeout, which is 1205 then', () => {
    const [lab, alice, bob] = three();
    hold(alice, 1);
    ask(bob, add(1, 1));
    lab.world.advance(9999);
    expect(bob.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(bob.take()).toMatchObject({ kind: LOCK_TIMEOUT, extraOk: true });
    expect(waiting(lab)).toBe(0);
    alice.query('COMMIT');
    expect(balances(bob)).toBe('101 100 100 100');
  });

  it('is counted from the beginning of the statement', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1);
    hold(carol, 2);
    ask(bob, 'UPDATE account SET balance = 0');
    lab.world.advance(6000);
    alice.query('COMMIT');
    lab.world.advance(3999);
    expect(bob.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(bob.take().kind).toBe(LOCK_TIMEOUT);
  });

  const limits: readonly (readonly [what: string, setting: string, sql: string, milliseconds: number])[] = [
    ['ob_trx_lock_timeout', 'SET ob_trx_lock_timeout = 2000000', add(1, 1), 2000],
    ['ob_trx_lock_timeout 0', 'SET ob_trx_lock_timeout = 0', add(1, 1), 0],
    ['NOWAIT', 'DO 1', 'SELECT * FROM account WHERE id = 1 FOR UPDATE NOWAIT', 0],
    ['WAIT n', 'DO 1', 'SELECT * FROM account WHERE id = 1 FOR UPDATE WAIT 3', 3000],
    [
      'WAIT n, whatever ob_trx_lock_timeout is',
      'SET ob_trx_lock_timeout = 9000000',
      'SELECT 1 FROM account FOR UPDATE WAIT 3',
      3000,
    ],
    ['ob_query_timeout, if WAIT n is longer', 'DO 1', 'SELECT 1 FROM account FOR UPDATE WAIT 30', 10_000],
  ];
  for (const [what, setting, sql, milliseconds] of limits) {
    it(`ends with ${what}`, () => {
      const [lab, alice, bob] = three();
      hold(alice, 1);
      bob.query(setting);
      ask(bob, sql);
      if (milliseconds > 0) {
        lab.world.advance(milliseconds - 1);
        expect(bob.take().kind).toBe('nothing');
        lab.world.advance(1);
      }
      expect(bob.take().kind).toBe(LOCK_TIMEOUT);
    });
  }

  it('takes back the statement and nothing else', () => {
    const [lab, alice, bob] = three();
    hold(alice, 4);
    hold(bob, 1);
    ask(bob, 'UPDATE account SET balance = 0 WHERE id > 1');
    lab.world.advance(10_000);
    expect(bob.take().kind).toBe(LOCK_TIMEOUT);
    expect(bob.query('SELECT SUM(balance) FROM account')).toMatchObject({ rows: [['401']], status: 3 });
    expect(bob.query('COMMIT').kind).toBe('ok');
    alice.query('ROLLBACK');
    expect(balances(alice)).toBe('101 100 100 100');
  });

  it('NOWAIT is for its own statement only', () => {
    const [lab, alice, bob] = three();
    hold(alice, 1);
    expect(bob.query('SELECT * FROM account WHERE id = 1 FOR UPDATE NOWAIT').kind).toBe(LOCK_TIMEOUT);
    ask(bob, add(1, 1));
    lab.world.advance(1000);
    expect(bob.take().kind).toBe('nothing');
  });

  it('NOWAIT takes a free row as ever', () => {
    const [, alice, bob] = three();
    hold(alice, 1);
    expect(bob.query('SELECT id FROM account WHERE id = 2 FOR UPDATE NOWAIT').rows).toEqual([['2']]);
  });
});

describe('SKIP LOCKED', () => {
  it('leaves out the rows that others hold, and holds the rest', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1, 3);
    bob.query('BEGIN');
    expect(bob.query('SELECT id FROM account ORDER BY id FOR UPDATE SKIP LOCKED').rows).toEqual([['2'], ['4']]);
    expect(carol.query('SELECT id FROM account FOR UPDATE SKIP LOCKED').rows).toEqual([]);
    expect(alice.query('SELECT id FROM account ORDER BY id FOR UPDATE SKIP LOCKED').rows).toEqual([['1'], ['3']]);
    expect(locked(lab)).toBe(4);
  });

  it('of a join leaves out what is held of either table', () => {
    const [, alice, bob] = three();
    alice.query('CREATE TABLE seat (id INT PRIMARY KEY)');
    alice.query('INSERT INTO seat VALUES (1), (2), (3)');
    hold(alice, 1);
    alice.query('DELETE FROM seat WHERE id = 2');
    const join = 'SELECT s.id FROM seat s JOIN account a ON a.id = s.id ORDER BY s.id FOR UPDATE SKIP LOCKED';
    expect(bob.query(join).rows).toEqual([['3']]);
  });
});

describe('LOCK IN SHARE MODE', () => {
  for (const clause of ['LOCK IN SHARE MODE', 'FOR SHARE']) {
    it(`as ${clause} waits for a writer, and keeps writers off`, () => {
      const [, alice, bob, carol] = three();
      hold(alice, 1);
      bob.query('BEGIN');
      ask(bob, `SELECT balance FROM account WHERE id = 1 ${clause}`);
      expect(bob.take().kind).toBe('nothing');
      alice.query('COMMIT');
      expect(bob.take().rows).toEqual([['101']]);
      ask(carol, add(1, 1));
      expect(carol.take().kind).toBe('nothing');
      bob.query('COMMIT');
      expect(carol.take().kind).toBe('ok');
    });
  }

  it('may be said by a transaction that only reads, FOR UPDATE may not', () => {
    const [, alice] = three();
    alice.query('START TRANSACTION READ ONLY');
    expect(alice.query('SELECT id FROM account WHERE id = 1 LOCK IN SHARE MODE').rows).toEqual([['1']]);
    expect(alice.query('SELECT id FROM account WHERE id = 1 FOR UPDATE').kind).toMatch(/^ERR 1792/);
  });
});

describe('a deadlock', () => {
  /** alice (the elder) holds 1, bob holds 2, each wants the other's. */
  function deadlocked(last: 'alice' | 'bob'): readonly [Lab, TestClient, TestClient, TestClient] {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1);
    hold(bob, 2);
    if (last === 'alice') ask(bob, add(1, 10));
    ask(alice, add(2, 10));
    if (last === 'bob') ask(bob, add(1, 10));
    return [lab, alice, bob, carol];
  }

  for (const last of ['alice', 'bob'] as const) {
    it(`ends the younger transaction, though ${last} closed the circle`, () => {
      const [lab, alice, bob] = deadlocked(last);
      expect(bob.take()).toMatchObject({ kind: DEADLOCK });
      expect(alice.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
      alice.query('COMMIT');
      bob.query('ROLLBACK');
      expect(balances(bob)).toBe('101 110 100 100');
      expect([waiting(lab), locked(lab), lab.timers]).toEqual([0, 0, 0]);
    });
  }

  it('answers 1213 again and again, with IN_TRANS, until ROLLBACK', () => {
    const [, , bob] = deadlocked('bob');
    bob.take();
    for (const sql of [add(3, 1), 'SELECT * FROM account', 'SAVEPOINT a', 'ROLLBACK TO a', 'DELETE FROM account']) {
      expect(bob.query(sql).kind).toBe(DEADLOCK);
    }
    // No data, no snapshot (observer.md §6.2, the last line).
    expect(bob.query('SELECT 1')).toMatchObject({ kind: 'rows', status: 3 });
    expect(bob.query('ROLLBACK')).toMatchObject({ kind: 'ok', status: 0x22 });
    expect(bob.query(add(3, 1)).kind).toBe('ok');
  });

  it('makes COMMIT 6002, which ends it', () => {
    const [, , bob] = deadlocked('bob');
    bob.take();
    expect(bob.query('COMMIT').kind).toBe('ERR 6002 40000 Transaction rollbacked');
    expect(bob.query('SELECT COUNT(*) FROM account')).toMatchObject({ rows: [['4']], status: 2 });
  });

  it('of three is found too', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1);
    hold(bob, 2);
    hold(carol, 3);
    ask(carol, add(1, 10));
    ask(alice, add(2, 10));
    expect(waiting(lab)).toBe(2);
    ask(bob, add(3, 10));
    expect([alice.take().kind, bob.take().kind, carol.take().kind]).toEqual(['nothing', 'ok', DEADLOCK]);
    bob.query('COMMIT');
    expect(alice.take().kind).toBe('ok');
    alice.query('COMMIT');
    carol.query('ROLLBACK');
    expect(balances(bob)).toBe('101 111 110 100');
  });

  it('is none if the row that one waits for is held by a bystander', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1);
    hold(bob, 2);
    hold(carol, 3);
    ask(alice, add(2, 1));
    ask(bob, add(3, 1));
    lab.world.advance(1000);
    expect([alice.take().kind, bob.take().kind, waiting(lab)]).toEqual(['nothing', 'nothing', 2]);
  });

  it('can close when a waiter gets its row and asks for another', () => {
    const [lab, alice, bob, carol] = three();
    hold(alice, 1);
    hold(bob, 2);
    hold(carol, 3);
    ask(bob, add(1, 1));
    ask(carol, add(1, 1));
    alice.query('COMMIT');
    expect(bob.take().kind).toBe('ok');
    ask(bob, add(3, 1));
    expect(carol.take().kind).toBe(DEADLOCK);
    expect(bob.take().kind).toBe('ok');
    expect(waiting(lab)).toBe(0);
  });
});
