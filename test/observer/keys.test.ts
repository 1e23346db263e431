/** Keys find what reading all rows finds: in a transaction, after savepoints of statements, after rollbacks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lab, type TestClient } from './pair.ts';

type Step =
  | {
      readonly kind: 'insert' | 'update' | 'delete';
      readonly id: number;
      readonly k: number | null;
      readonly u: number;
    }
  | { readonly kind: 'begin' | 'commit' | 'rollback' };

const small = fc.integer({ min: 0, max: 7 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('insert', 'update', 'delete'),
      id: small,
      k: fc.option(small),
      u: small,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('begin', 'commit', 'rollback') }) },
) as fc.Arbitrary<Step>;

function textOf(it: Step): string {
  if (!('id' in it)) return it.kind;
  if (it.kind === 'insert')
    return `INSERT INTO t VALUES (${it.id}, ${it.k}, 'u${it.u}', ${it.id % 3}), (${it.u}, 1, 'v${it.id}', 0)`;
  if (it.kind === 'update') return `UPDATE t SET k = ${it.k}, u = 'U${it.u}' WHERE id = ${it.id}`;
  return `DELETE FROM t WHERE k = ${it.k}`;
}

/** Each pair asks the same, once by a key, once by reading all rows. */
function checkLookups(client: TestClient): void {
  for (let value = 0; value < 8; value += 1) {
    const pairs = [
      [`k = ${value}`, `k + 0 = ${value}`],
      [`u = 'u${value}'`, `CONCAT(u, '') = 'U${value}'`],
      [`id = ${value}`, `id + 0 = ${value}`],
      [`k = ${value} AND p = 1`, `k + 0 = ${value} AND p + 0 = 1`],
      [`id IN (${value}, 3, 5)`, `id + 0 IN (5, 3, ${value})`],
    ] as const;
    for (const [byKey, byReading] of pairs) {
      expect(client.query(`SELECT * FROM t WHERE ${byKey}`).rows, byKey).toEqual(
        client.query(`SELECT * FROM t WHERE ${byReading}`).rows,
      );
    }
  }
}

it('a look-up by a key and a read of all rows agree', () => {
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 25 }), (steps) => {
      const client = new Lab().login({ user: 'root@shop', database: 'test' });
      client.query('CREATE TABLE t (id INT PRIMARY KEY, k INT, u VARCHAR(9) UNIQUE, p INT, KEY (k), KEY kp (k, p))');
      for (const one of steps) client.query(textOf(one));
      checkLookups(client);
      client.query('COMMIT');
      checkLookups(client);
    }),
    { numRuns: 60 },
  );
});

describe('a unique value', () => {
  it('that another transaction has inserted and not committed is waited for', () => {
    const lab = new Lab();
    const [alice, bob] = ['app@shop', 'boss@shop'].map((user) => lab.login({ user, database: 'test' }));
    alice!.query('CREATE TABLE t (id INT PRIMARY KEY, u VARCHAR(9) UNIQUE)');
    alice!.query('BEGIN');
    alice!.query("INSERT INTO t VALUES (1, 'x')");
    expect(bob!.query("INSERT INTO t VALUES (2, 'X ')").kind).toBe('nothing');
    alice!.query('ROLLBACK');
    expect(bob!.take().kind).toBe('ok');
    expect(alice!.query('SELECT * FROM t').rows).toEqual([['2', 'X ']]);
  });

  it('is named in the error, with the key', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'test' });
    client.query('CREATE TABLE t (a INT, b VARCHAR(9), UNIQUE both_uq (a, b))');
    client.query("INSERT INTO t VALUES (1, 'x'), (1, NULL), (1, NULL)");
    expect(client.query("INSERT INTO t VALUES (1, 'X')").kind).toBe(
      "ERR 1062 23000 Duplicate entry '1-X' for key 'both_uq'",
    );
  });
});

it('a primary key of several columns stays when its table is changed or renamed', () => {
  const client = new Lab().login({ user: 'app@shop', database: 'bank' });
  client.query('CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (a, b))');
  client.query('INSERT INTO t VALUES (1, 1, 1), (1, 2, 2)');
  for (const sql of [
    'ALTER TABLE t ADD COLUMN d INT',
    'ALTER TABLE t MODIFY a BIGINT, CHANGE b bb INT',
    'CREATE INDEX c_idx ON t (c)',
    'RENAME TABLE t TO u',
  ]) {
    expect(client.query(sql).kind, sql).toBe('ok');
  }
  expect(client.query('INSERT INTO u (a, bb) VALUES (1, 2)').kind).toMatch(/^ERR 1062 23000 Duplicate entry '1-2'/);
  expect(client.query('ALTER TABLE u MODIFY c INT PRIMARY KEY').kind).toMatch(/^ERR 1068/);
  expect(client.query('ALTER TABLE u DROP PRIMARY KEY').kind).toBe('ok');
  expect(client.query('ALTER TABLE u MODIFY c INT PRIMARY KEY').kind).toBe('ok');
  expect(client.query('INSERT INTO u (a, bb, c) VALUES (1, 2, 2)').kind).toMatch(/^ERR 1062 23000 Duplicate entry '2'/);
});

it('a point statement on 10,000 rows reads one of them', () => {
  const client = new Lab().login({ user: 'root@shop', database: 'test' });
  client.query('CREATE TABLE t (id INT PRIMARY KEY, k INT, KEY (k))');
  for (let from = 0; from < 10_000; from += 500) {
    const rows = Array.from({ length: 500 }, (_, at) => `(${((from + at) * 7919) % 10_000}, ${from + at})`);
    client.query(`INSERT INTO t VALUES ${rows.join(',')}`);
  }
  client.query('SET @seen = 0');
  client.query('SELECT * FROM t WHERE (@seen := @seen + 1) AND id = 77');
  expect(client.query('SELECT @seen').rows).toEqual([['1']]);
  client.query('UPDATE t SET k = -1 WHERE (@seen := @seen + 1) AND k = 500');
  expect(client.query('SELECT @seen').rows).toEqual([['2']]);
});
