/** Where row locks and prepared statements meet the rest of the engine: unique keys, joins, warnings, types. */
import { describe, expect, it } from 'vitest';
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import { execute, prepare } from './binary.ts';
import { Lab, type TestClient } from './pair.ts';

const LOGIN = { user: 'app@shop', database: 'bank' };

/** Two clients of one table with a unique key. */
function two(): readonly [Lab, TestClient, TestClient] {
  const lab = new Lab();
  const alice = lab.login(LOGIN);
  const bob = lab.login({ ...LOGIN, proxy: true });
  alice.query('CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(9) UNIQUE, n TINYINT)');
  alice.query("INSERT INTO item (code, n) VALUES ('a', 1), ('b', 2)");
  return [lab, alice, bob];
}

function warnings(client: TestClient): readonly (readonly (string | null)[])[] {
  return client.query('SHOW WARNINGS').rows;
}

describe('a value of a unique key', () => {
  for (const [end, kind] of [
    ['COMMIT', "ERR 1062 23000 Duplicate entry 'c' for key 'code'"],
    ['ROLLBACK', 'ok'],
  ] as const) {
    it(`that another transaction has inserted is waited for; then ${end}`, () => {
      const [lab, alice, bob] = two();
      alice.query('BEGIN');
      alice.query("INSERT INTO item (code) VALUES ('c')");
      bob.send(COM.QUERY, "INSERT INTO item (code) VALUES ('c')");
      lab.world.advance(1000);
      expect(bob.take().kind).toBe('nothing');
      alice.query(end);
      expect(bob.take().kind).toBe(kind);
      expect(lab.cluster.tenant('shop').locks.count).toBe(0);
    });
  }

  it('that another transaction gives up is free after COMMIT', () => {
    const [, alice, bob] = two();
    alice.query('BEGIN');
    alice.query("UPDATE item SET code = 'z' WHERE code = 'a'");
    bob.send(COM.QUERY, "INSERT INTO item (code) VALUES ('a') ON DUPLICATE KEY UPDATE n = n + 1");
    expect(bob.take().kind).toBe('nothing');
    alice.query('COMMIT');
    expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
  });

  it('can be part of a deadlock', () => {
    const [lab, alice, bob] = two();
    alice.query('BEGIN');
    bob.query('BEGIN');
    alice.query("INSERT INTO item (code) VALUES ('x')");
    bob.query("INSERT INTO item (code) VALUES ('y')");
    alice.send(COM.QUERY, "INSERT INTO item (code) VALUES ('y')");
    bob.send(COM.QUERY, "INSERT INTO item (code) VALUES ('x')");
    lab.world.advance(1);
    expect(bob.take().kind).toBe('ERR 1213 HY000 Deadlock');
    expect(alice.take().kind).toBe('ok');
  });
});

describe('a statement that waits', () => {
  it('leaves the warnings of its last attempt only', () => {
    const [, alice, bob] = two();
    alice.query('BEGIN');
    alice.query("UPDATE item SET n = 5 WHERE code = 'b'");
    bob.send(COM.QUERY, 'UPDATE IGNORE item SET n = n + 1000 ORDER BY id');
    expect(bob.take().kind).toBe('nothing');
    alice.query('COMMIT');
    expect(bob.take().message).toBe('Rows matched: 2  Changed: 2  Warnings: 2');
    expect(warnings(bob)).toHaveLength(2);
  });

  it('of a join takes rows of all its tables', () => {
    const [, alice, bob] = two();
    const join = 'SELECT i.n, a.balance FROM item i JOIN account a USING (id) WHERE i.id = 1 FOR UPDATE';
    alice.query('BEGIN');
    alice.query('UPDATE account SET balance = 7 WHERE id = 1');
    expect(bob.query(`${join} NOWAIT`).kind).toMatch(/^ERR 1205/);
    bob.query('BEGIN');
    bob.send(COM.QUERY, join);
    expect(bob.take().kind).toBe('nothing');
    alice.query('COMMIT');
    expect(bob.take().rows).toEqual([['1', '7']]);
    expect(alice.query('SELECT id FROM item WHERE id = 1 FOR UPDATE NOWAIT').kind).toMatch(/^ERR 1205/);
    expect(alice.query('SELECT id FROM item WHERE id = 2 FOR UPDATE NOWAIT').rows).toEqual([['2']]);
  });

  it('goes before an ALTER TABLE that came later', () => {
    const [lab, alice, bob] = two();
    const carol = lab.login(LOGIN);
    alice.query('BEGIN');
    alice.query('UPDATE item SET n = 5 WHERE id = 1');
    bob.send(COM.QUERY, 'UPDATE item SET n = n + 1 WHERE id = 1');
    carol.send(COM.QUERY, 'ALTER TABLE item ADD COLUMN m INT DEFAULT 3');
    alice.query('ROLLBACK');
    expect(bob.take()).toMatchObject({ kind: 'ok', affectedRows: 1 });
    expect(carol.take().kind).toBe('ok');
    expect(carol.query('SELECT n, m FROM item WHERE id = 1').rows).toEqual([['2', '3']]);
  });

  it('reports that it has waited too long as a warning', () => {
    const [, alice, bob] = two();
    alice.query('BEGIN');
    alice.query('UPDATE item SET n = 5 WHERE id = 1');
    bob.query('SELECT * FROM item WHERE id = 1 FOR UPDATE NOWAIT');
    expect(warnings(bob)).toEqual([['Error', '1205', 'Lock wait timeout exceeded; try restarting transaction']]);
  });
});

describe('a prepared statement', () => {
  it('looks a unique key up by its parameter, so that other rows are not waited for', () => {
    const [, alice, bob] = two();
    prepare(bob, 'UPDATE item SET n = ? WHERE code = ?');
    alice.query('BEGIN');
    alice.query("UPDATE item SET n = 5 WHERE code = 'a'");
    expect(execute(bob, 1, ['9', 'b']).kind).toBe('ok');
    expect(execute(bob, 1, ['9', 'a']).kind).toBe('nothing');
    alice.query('COMMIT');
    expect(bob.take().kind).toBe('ok');
    expect(alice.query('SELECT n FROM item ORDER BY id').rows).toEqual([['9'], ['9']]);
  });

  it('may be a UNION, a join, a change of a table', () => {
    const [, alice] = two();
    expect(prepare(alice, 'SELECT ? AS x UNION ALL SELECT n FROM item')).toMatchObject({ kind: 'ok', columns: ['x'] });
    expect(execute(alice, 1, ['7'], [TYPE.LONGLONG]).rows).toEqual([['7'], ['1'], ['2']]);
    prepare(alice, 'SELECT COUNT(*), SUM(b.n) FROM item a LEFT JOIN item b ON b.id > a.id GROUP BY a.id HAVING 1 = ?');
    expect(execute(alice, 2, ['1']).rows).toEqual([
      ['1', '2'],
      ['1', null],
    ]);
    expect(prepare(alice, 'ALTER TABLE item ADD COLUMN m INT')).toMatchObject({ kind: 'ok', columns: [] });
    expect(execute(alice, 3).kind).toBe('ok');
    prepare(alice, 'SELECT * FROM item LIMIT ?');
    expect(execute(alice, 4, ['1'], [TYPE.LONGLONG]).rows).toEqual([['1', 'a', '1', null]]);
  });

  it('sends every type of column', () => {
    const [, alice] = two();
    alice.query(
      'CREATE TABLE t (a TINYINT UNSIGNED, b SMALLINT, c MEDIUMINT, d BIGINT, e FLOAT, f DECIMAL(9, 2), g CHAR(3),' +
        " h VARBINARY(9), i BLOB, j DATE, k TIME, l DATETIME(3), m TIMESTAMP NULL, n YEAR, o ENUM('p', 'q'))",
    );
    alice.query(
      "INSERT INTO t VALUES (200, -5, 7, -9, 0.5, 1.25, 'ab', x'00ff', x'80', '2024-02-29', '-12:30:01'," +
        " '2024-01-02 03:04:05.678', '2024-01-02 03:04:05', 2024, 'q')",
    );
    const text = alice.query('SELECT * FROM t').rows;
    prepare(alice, 'SELECT * FROM t');
    const { columns, rows } = execute(alice, 1);
    expect(columns.map((it) => it.name).join('')).toBe('abcdefghijklmno');
    // A fraction has all its digits in the binary protocol.
    const shown = rows.map((row) => row.map((it) => String(it).replace('.678000', '.678')));
    expect(shown).toEqual(text);
    expect(rows[0]![8]).toEqual(Buffer.of(0x80));
  });

  it('keeps bytes as they are', () => {
    const [, alice] = two();
    alice.query('CREATE TABLE t (id INT PRIMARY KEY, b BLOB)');
    prepare(alice, 'INSERT INTO t VALUES (1, ?)');
    const bytes = Buffer.from('00ff80fe', 'hex');
    expect(execute(alice, 1, [bytes], [TYPE.BLOB]).kind).toBe('ok');
    expect(alice.query('SELECT HEX(b) FROM t').rows).toEqual([['00FF80FE']]);
  });

  it('SHOW WARNINGS shows what the statement before EXECUTE has left', () => {
    const [, alice] = two();
    alice.query("PREPARE s FROM 'SHOW WARNINGS'");
    alice.query('DROP TABLE IF EXISTS nope');
    expect(alice.query('EXECUTE s').rows).toEqual([['Note', '1051', "Unknown table 'bank.nope'"]]);
    expect(alice.query('EXECUTE nope').kind).toMatch(/^ERR 1243/);
    expect(warnings(alice)).toHaveLength(1);
    prepare(alice, 'SELECT nope');
    expect(warnings(alice)).toEqual([['Error', '1054', "Unknown column 'nope' in 'field list'"]]);
    const { id } = prepare(alice, 'SHOW WARNINGS');
    expect(execute(alice, id).rows).toHaveLength(1);
  });
});
