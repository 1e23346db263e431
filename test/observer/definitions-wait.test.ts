/** What changes a table as a whole waits for the transactions that have changed rows of it: nothing acknowledged is lost. */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab, type TestClient } from './pair.ts';

const USER = { user: 'root@shop', database: 'bank' } as const;
const BALANCES = 'SELECT id, balance FROM account ORDER BY id';

function asks(client: TestClient, sql: string): void {
  client.send(COM.QUERY, sql);
}

/** A writer in a transaction, and somebody else who changes the table. */
function writing(): { lab: Lab; writer: TestClient; other: TestClient } {
  const lab = new Lab();
  const writer = lab.login(USER);
  const other = lab.login(USER);
  writer.query('BEGIN');
  expect(writer.query('UPDATE account SET balance = 1 WHERE id = 1').kind).toBe('ok');
  return { lab, writer, other };
}

const DEFINITIONS: readonly (readonly [sql: string, seen: string, there: readonly (string | null)[]])[] = [
  ['ALTER TABLE account ADD COLUMN note INT', 'SELECT balance, note FROM account WHERE id = 1', ['1', null]],
  ['CREATE INDEX by_owner ON account (owner)', 'SELECT balance FROM account WHERE id = 1', ['1']],
  ['RENAME TABLE account TO accounts', 'SELECT balance FROM accounts WHERE id = 1', ['1']],
  ['TRUNCATE TABLE account', 'SELECT COUNT(*) FROM account', ['0']],
  ['DROP TABLE account', "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'account'", ['0']],
  ['DROP DATABASE bank', "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'account'", ['0']],
];

describe.each(DEFINITIONS)('%s', (sql, seen, there) => {
  it('waits, and goes on at COMMIT', () => {
    const { lab, writer, other } = writing();
    asks(other, sql);
    lab.world.settle();
    expect(other.takeBytes()).toEqual([]);
    expect(writer.query('COMMIT').kind).toBe('ok');
    lab.world.settle();
    expect(other.take().kind).toBe('ok');
    const database = sql.includes('DATABASE') ? null : 'bank';
    expect(lab.login({ user: USER.user, database }).query(seen).rows).toEqual([there]);
  });

  it('waits, and goes on when the writer is gone', () => {
    const { lab, writer, other } = writing();
    asks(other, sql);
    writer.connection.reset();
    lab.world.settle();
    expect(other.take().kind).toBe('ok');
  });

  it('waits no longer than a statement may', () => {
    const { lab, writer, other } = writing();
    other.query('SET ob_query_timeout = 2000000');
    asks(other, sql);
    lab.world.advance(2000);
    expect(other.take().kind).toMatch(/^ERR /);
    expect(writer.query(BALANCES).rows).toContainEqual(['1', '1']);
    expect(writer.query('COMMIT').kind).toBe('ok');
  });
});

it('several tables: the first stays until the last is free', () => {
  const lab = new Lab();
  const [writer, other] = [lab.login(USER), lab.login(USER)];
  other.query('CREATE TABLE first (id INT PRIMARY KEY)');
  writer.query('BEGIN');
  writer.query('UPDATE account SET balance = 1 WHERE id = 1');
  asks(other, 'RENAME TABLE first TO third, account TO first');
  lab.world.settle();
  expect(writer.query('SHOW TABLES').rows).toEqual([['account'], ['first']]);
  writer.query('COMMIT');
  lab.world.settle();
  expect(other.take().kind).toBe('ok');
  expect(writer.query('SHOW TABLES').rows).toEqual([['first'], ['third']]);
  writer.query('BEGIN');
  writer.query('UPDATE first SET balance = 2 WHERE id = 1');
  asks(other, 'DROP TABLE third, first');
  lab.world.settle();
  expect(writer.query('SHOW TABLES').rows).toEqual([['first'], ['third']]);
  writer.query('ROLLBACK');
  lab.world.settle();
  expect(other.take().kind).toBe('ok');
  expect(writer.query('SHOW TABLES').rows).toEqual([]);
});

it('whoever waits for a row of a table that has gone hears that it has', () => {
  const { lab, writer, other } = writing();
  const third = lab.login(USER);
  asks(other, 'DROP TABLE account');
  lab.world.settle();
  asks(third, 'UPDATE account SET balance = 3 WHERE id = 1');
  lab.world.settle();
  writer.query('ROLLBACK');
  lab.world.settle();
  expect(other.take().kind).toBe('ok');
  expect(third.take().kind).toMatch(/^ERR 1146 /);
  expect(lab.timers).toBe(0);
});

it('its own transaction does not hinder it, nor does one that has only read', () => {
  const { lab, writer } = writing();
  const reader = lab.login(USER);
  reader.query('BEGIN');
  reader.query(BALANCES);
  expect(writer.query('ALTER TABLE account ADD COLUMN note INT').kind).toBe('ok');
  expect(reader.query('SELECT balance FROM account WHERE id = 1').rows).toEqual([['1']]);
});
