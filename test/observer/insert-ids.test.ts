/** The insert id of an OK: of the row that was written last, and 0 if none was. */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { readOk } from '../../proxy/wire/ok.ts';
import { Lab, NO_TRACK, type TestClient } from './pair.ts';

function client(): TestClient {
  const made = new Lab().login({ user: 'app@shop', database: 'bank', flags: NO_TRACK });
  made.query('CREATE TABLE ticket (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(9) UNIQUE)');
  made.query("INSERT INTO ticket VALUES (1, 'a'), (2, 'b')");
  return made;
}

function insertId(made: TestClient, sql: string): number | bigint {
  made.send(COM.QUERY, sql);
  return readOk(made.takeBytes()[0]!.subarray(4), false).lastInsertId;
}

describe('a number that was not used', () => {
  const statements: readonly (readonly [sql: string, next: number])[] = [
    ["INSERT INTO ticket VALUES (7, 'a')", 3],
    ["INSERT IGNORE INTO ticket VALUES (7, 'a')", 3],
    ["INSERT INTO ticket VALUES (7, 'a') ON DUPLICATE KEY UPDATE code = 'z'", 3],
    ["INSERT INTO ticket VALUES (7, 'c')", 8],
    ["REPLACE INTO ticket VALUES (7, 'a')", 8],
  ];
  for (const [sql, next] of statements) {
    it(`leaves ${next} as the next one: ${sql}`, () => {
      const made = client();
      made.query(sql);
      expect(insertId(made, "INSERT INTO ticket (code) VALUES ('next')")).toBe(next);
    });
  }

  it('is that of the next row of the same statement', () => {
    const made = client();
    expect(insertId(made, "INSERT IGNORE INTO ticket (code) VALUES ('a'), ('c'), ('b'), ('d')")).toBe(3);
    expect(made.query('SELECT id, code FROM ticket WHERE id > 2 ORDER BY id').rows).toEqual([
      ['3', 'c'],
      ['4', 'd'],
    ]);
  });
});

describe('a number that a row brings', () => {
  const rows: readonly (readonly [sql: string, id: number])[] = [
    ["INSERT INTO ticket VALUES (7, 'c')", 7],
    ["INSERT INTO ticket VALUES (7, 'c'), (9, 'd'), (8, 'e')", 8],
    ["INSERT IGNORE INTO ticket VALUES (7, 'a')", 0],
    ["INSERT IGNORE INTO ticket VALUES (7, 'a'), (8, 'b')", 0],
    ["INSERT IGNORE INTO ticket VALUES (7, 'a'), (8, 'c')", 8],
    ["REPLACE INTO ticket VALUES (7, 'a')", 7],
    ["INSERT INTO ticket VALUES (7, 'a') ON DUPLICATE KEY UPDATE code = 'z'", 1],
    ["INSERT INTO ticket VALUES (7, 'a') ON DUPLICATE KEY UPDATE code = 'a'", 0],
  ];
  for (const [sql, id] of rows) {
    it(`is told as ${id} of ${sql}`, () => {
      expect(insertId(client(), sql)).toBe(id);
    });
  }
});
