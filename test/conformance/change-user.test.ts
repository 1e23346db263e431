/**
 * Real drivers that become somebody else, or begin anew, on a connection that they have: mysql2 and mariadb from npm, through
 * the proxy and at the observer itself.
 */
import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Login } from './driver-clients.ts';
import { DriverLab } from './driver-lab.ts';

const PLACES = ['through the proxy', 'at the observer'] as const;
const WHO = "SELECT SUBSTRING_INDEX(USER(), '@', 1) AS user, DATABASE() AS db, @a AS a";
const ID = 'SELECT CONNECTION_ID() AS id';

/** One connection of a driver, as far as this is about it. */
interface Driver {
  query(sql: string): Promise<unknown>;
  execute(sql: string): Promise<unknown>;
  changeUser(to: { user: string; password?: string; database?: string }): Promise<unknown>;
  reset(): Promise<unknown>;
  close(): void;
}

async function openMysql2(login: Login): Promise<Driver> {
  const connection = mysql2.createConnection(login);
  connection.on('error', () => {});
  const promised = connection.promise();
  return {
    query: async (sql) => (await promised.query(sql))[0],
    execute: async (sql) => (await promised.execute(sql))[0],
    changeUser: (to) => promised.changeUser(to),
    reset: () => new Promise((resolve, reject) => resetOf(connection)((e) => (e ? reject(e) : resolve(null)))),
    close: () => connection.destroy(),
  };
}

/** mysql2 has it, and does not say so in its types. */
function resetOf(connection: mysql2.Connection): (done: (error: Error | null) => void) => void {
  const { reset } = connection as unknown as { reset(done: (error: Error | null) => void): void };
  return reset.bind(connection);
}

async function openMariadb(login: Login): Promise<Driver> {
  const connection = await mariadb.createConnection({ ...login, bigIntAsNumber: true });
  connection.on('error', () => {});
  return {
    query: (sql) => connection.query(sql),
    execute: (sql) => connection.execute(sql),
    changeUser: (to) => connection.changeUser(to),
    reset: () => connection.reset(),
    close: () => connection.destroy(),
  };
}

const OPEN = { mysql2: openMysql2, mariadb: openMariadb } as const;
const NAMES = ['mysql2', 'mariadb'] as const;
/** The mariadb driver changes users, and its pool resets, only at servers that call themselves so; the observer does not. */
const VERSION = '5.5.5-10.2.30-MariaDB';
const CHANGERS = { 'through the proxy': NAMES, 'at the observer': ['mysql2'] } as const;

let lab: DriverLab;
beforeAll(async () => {
  lab = await DriverLab.open(null, { mysql_version: VERSION });
});
afterAll(() => lab.close(null));

async function withDriver<T>(name: keyof typeof OPEN, login: Login, work: (driver: Driver) => Promise<T>): Promise<T> {
  const driver = await OPEN[name](login);
  try {
    return await work(driver);
  } finally {
    driver.close();
  }
}

function errnoOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => 0,
    ({ errno }: { errno: unknown }) => errno,
  );
}

describe.each(PLACES)('%s', (place) => {
  const loginOf = () => (place === 'at the observer' ? lab.direct : lab.login);
  /** At the observer itself a name without a tenant is one of sys. */
  const full = (user: string) => (place === 'at the observer' ? `${user}@shop` : user);

  test.each(CHANGERS[place])('%s: another user, and one with a password', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      await driver.query('SET @a = 5');
      expect(await driver.query(WHO)).toEqual([{ user: 'app', db: 'bank', a: 5 }]);
      await driver.changeUser({ user: full('boss'), database: 'bank' });
      expect(await driver.query(WHO)).toEqual([{ user: 'boss', db: 'bank', a: null }]);
      await driver.query('SET @a = 6');
      expect(await driver.execute('SELECT balance FROM account WHERE id = 1')).toEqual([{ balance: 100 }]);
      await driver.changeUser({ user: full('secret'), password: 's3cret', database: 'bank' });
      expect(await driver.query(WHO)).toEqual([{ user: 'secret', db: 'bank', a: null }]);
      // Not the same again: the mariadb driver believes it still prepared, which is 1243 at any server.
      expect(await driver.execute('SELECT balance FROM account WHERE id = 2')).toEqual([{ balance: 100 }]);
    });
  });

  test.each(CHANGERS[place])('%s: with a wrong password', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      expect(await errnoOf(driver.changeUser({ user: full('secret'), password: 'wrong' }))).toBe(1045);
    });
  });

  test.each(NAMES)('%s: reset: variables and transaction are gone, user and database stay', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      await driver.query('SET @a = 5');
      await driver.query('BEGIN');
      await driver.query('UPDATE account SET balance = 0 WHERE id = 1');
      await driver.reset();
      expect(await driver.query(WHO)).toEqual([{ user: 'app', db: 'bank', a: null }]);
      expect(await driver.query('SELECT balance FROM account WHERE id = 1')).toEqual([{ balance: 100 }]);
    });
  });

  test('mysql2: a pool that resets what is given back', async () => {
    const pool = mysql2
      .createPool({ ...loginOf(), connectionLimit: 1, resetOnRelease: true } as mysql2.PoolOptions)
      .promise();
    const ids: unknown[] = [];
    for (let i = 0; i < 3; i += 1) {
      const connection = await pool.getConnection();
      expect((await connection.query(WHO))[0]).toEqual([{ user: 'app', db: 'bank', a: null }]);
      ids.push((await connection.query(ID))[0]);
      await connection.query('SET @a = 5');
      connection.release();
    }
    expect(ids).toEqual([ids[0], ids[0], ids[0]]);
    await pool.end();
  });

  test('mariadb: a pool that resets what is given back', async () => {
    const pool = mariadb.createPool({ ...loginOf(), connectionLimit: 1, resetAfterUse: true });
    for (let i = 0; i < 3; i += 1) {
      const connection = await pool.getConnection();
      expect(await connection.query("SELECT SUBSTRING_INDEX(USER(), '@', 1) AS user")).toEqual([{ user: 'app' }]);
      await connection.query('SET @a = 5');
      await connection.release();
    }
    await pool.end();
  });
});

describe('a lost server session', () => {
  test.each(NAMES)('%s: the new one is logged in as who the client is now', async (name) => {
    await withDriver(name, lab.login, async (driver) => {
      await driver.changeUser({ user: 'secret', password: 's3cret', database: 'bank' });
      const [before] = (await driver.query(ID)) as [{ id: number }];
      const [{ value }] = (await driver.query("SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id'")) as [{ value: string }];
      await lab.killServer(Number(value));
      expect(await driver.query(WHO)).toEqual([{ user: 'secret', db: 'bank', a: null }]);
      const [after] = (await driver.query(ID)) as [{ id: number }];
      expect(after.id).not.toBe(before.id);
    });
  });
});
