/**
 * Prepared statements of mysql2 and mariadb from npm (binary protocol), through the proxy and at the observer itself: the
 * same answers, whatever the types; and what a KILL does to them.
 */
import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cellOf } from './cells.ts';
import type { Answer, Login } from './driver-clients.ts';
import { DriverLab } from './driver-lab.ts';

const NAMES = ['mysql2 conn', 'mariadb conn'] as const;
type Name = (typeof NAMES)[number];
const PLACES = ['through the proxy', 'at the observer'] as const;

const BALANCE = 'SELECT balance FROM account WHERE id = ?';
const SLEEP = 'SELECT SLEEP(100)';
const MANY = 300;

/** One connection that prepares whatever it executes, and keeps it. */
interface Driver {
  readonly session: number;
  /** Rows, or what the driver gives for a change. */
  execute(sql: string, values?: readonly unknown[]): Promise<unknown>;
  query(sql: string): Promise<unknown>;
  close(): Promise<void>;
}

class Mysql2Driver implements Driver {
  readonly session: number;
  readonly #connection: mysql2.Connection;

  constructor(connection: mysql2.Connection) {
    this.#connection = connection;
    this.session = connection.threadId;
    // Without a listener the process would die of a FIN (clients.md §10).
    connection.on('error', () => {});
  }

  async execute(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    const [rows] = await this.#connection.promise().execute(sql, [...values] as mysql2.ExecuteValues);
    return rows;
  }

  async query(sql: string): Promise<unknown> {
    const [rows] = await this.#connection.promise().query(sql);
    return rows;
  }

  async close(): Promise<void> {
    this.#connection.destroy();
  }
}

class MariadbDriver implements Driver {
  readonly session: number;
  readonly connection: mariadb.Connection;

  constructor(connection: mariadb.Connection) {
    this.connection = connection;
    this.session = connection.threadId ?? 0;
    connection.on('error', () => {});
  }

  execute(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    return this.connection.execute(sql, [...values]);
  }

  query(sql: string): Promise<unknown> {
    return this.connection.query(sql);
  }

  async close(): Promise<void> {
    this.connection.destroy();
  }
}

async function openMariadb(login: Login): Promise<MariadbDriver> {
  return new MariadbDriver(await mariadb.createConnection({ ...login, bigIntAsNumber: true, insertIdAsNumber: true }));
}

async function open(name: Name, login: Login): Promise<Driver> {
  if (name === 'mariadb conn') return openMariadb(login);
  const connection = mysql2.createConnection(login);
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', () => resolve());
    connection.once('error', reject);
  });
  return new Mysql2Driver(connection);
}

let lab: DriverLab;
beforeAll(async () => {
  lab = await DriverLab.open();
});
afterAll(() => lab.close(null));

async function withDriver<T>(name: Name, login: Login, work: (driver: Driver) => Promise<T>): Promise<T> {
  const driver = await open(name, login);
  try {
    return await work(driver);
  } finally {
    await driver.close();
  }
}

/** How the statement came out, as a cell of clients.md §3. */
async function cell(name: Name, driver: Driver, answer: Promise<unknown>, sql: string): Promise<string> {
  const { session } = driver;
  const told: Answer = await answer.then(
    (rows) => ({ kind: 'rows', session, sql, rows }),
    (error: unknown) => ({ kind: 'error', session, sql, error }),
  );
  return cellOf(name, told, session);
}

async function errorOf(answer: Promise<unknown>): Promise<object> {
  return answer.then(
    () => ({}),
    ({ errno, sqlState }: { errno: unknown; sqlState: unknown }) => ({ errno, sqlState }),
  );
}

describe.each(PLACES)('%s', (place) => {
  const loginOf = () => (place === 'at the observer' ? lab.direct : lab.login);

  test.each(NAMES)('%s: values of all types come back', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      const made = new Date(2024, 1, 29, 12, 34, 56);
      const values = [
        7,
        -1.5,
        'aä\u{1f600}',
        null,
        true,
        Buffer.from([0, 0xff, 0x80, 0x62]),
        made,
        'x'.repeat(70_000),
        '',
      ];
      const sql = `SELECT ${values.map((_, i) => `? AS v${i}`).join(', ')}`;
      const [row] = (await driver.execute(sql, values)) as [Record<string, unknown>];
      expect(Object.values(row)).toEqual([
        7,
        -1.5,
        'aä\u{1f600}',
        null,
        1,
        Buffer.from([0, 0xff, 0x80, 0x62]),
        made,
        'x'.repeat(70_000),
        '',
      ]);
    });
  });

  test.each(NAMES)('%s: INSERT, SELECT, UPDATE, DELETE', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      const columns =
        'id BIGINT PRIMARY KEY, name VARCHAR(100), price DECIMAL(10,2), ratio DOUBLE, note TEXT, made DATETIME';
      await driver.query('DROP TABLE IF EXISTS things');
      await driver.query(`CREATE TABLE things (${columns})`);
      const insert = 'INSERT INTO things (id, name, price, ratio, note, made) VALUES (?, ?, ?, ?, ?, ?)';
      const made = new Date(2024, 1, 29, 12, 34, 56);
      expect(await driver.execute(insert, [1, 'O\'Neill "\\', '12.50', 0.25, 'n'.repeat(40_000), made])).toMatchObject({
        affectedRows: 1,
      });
      expect(await driver.execute(insert, [2, null, null, null, null, null])).toMatchObject({ affectedRows: 1 });
      const select = 'SELECT * FROM things WHERE id >= ? ORDER BY id';
      expect(await driver.execute(select, [1])).toEqual([
        { id: 1, name: 'O\'Neill "\\', price: '12.50', ratio: 0.25, note: 'n'.repeat(40_000), made },
        { id: 2, name: null, price: null, ratio: null, note: null, made: null },
      ]);
      expect(await driver.execute('UPDATE things SET name = ? WHERE id = ?', ['z', 2])).toMatchObject({
        affectedRows: 1,
      });
      expect(await driver.execute(select, [2])).toMatchObject([{ id: 2, name: 'z' }]);
      expect(await driver.execute('DELETE FROM things WHERE id < ?', [3])).toMatchObject({ affectedRows: 2 });
      expect(await driver.execute(select, [0])).toEqual([]);
    });
  });

  test.each(NAMES)('%s: what is refused at PREPARE and at EXECUTE', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      expect(await errorOf(driver.execute('SELCT ?', [1]))).toEqual({ errno: 1064, sqlState: '42000' });
      expect(await errorOf(driver.execute('BEGIN'))).toEqual({ errno: 1295, sqlState: 'HY000' });
      const twice = 'INSERT INTO account (id, owner, balance) VALUES (?, ?, ?)';
      expect(await errorOf(driver.execute(twice, [1, 'x', 1]))).toEqual({ errno: 1062, sqlState: '23000' });
      expect(await driver.execute(BALANCE, [1])).toEqual([{ balance: 100 }]);
    });
  });

  test.each(NAMES)('%s: many statements, many times, more than a driver keeps', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      for (let round = 0; round < 2; round += 1) {
        for (let i = 0; i < MANY; i += 1) {
          expect(await driver.execute(`SELECT ? + ${i} AS sum`, [round])).toEqual([{ sum: round + i }]);
        }
      }
    });
  });

  test.each(NAMES)('%s: sent without waiting for each other', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      const sums = Array.from({ length: 50 }, (_, i) => driver.execute('SELECT ? AS i', [i]));
      expect(await Promise.all(sums)).toEqual(Array.from({ length: 50 }, (_, i) => [{ i }]));
    });
  });

  test.each(NAMES)('%s: in a transaction that is rolled back', async (name) => {
    await withDriver(name, loginOf(), async (driver) => {
      await driver.query('BEGIN');
      await driver.execute('UPDATE account SET balance = balance - ? WHERE id = ?', [30, 1]);
      expect(await driver.execute(BALANCE, [1])).toEqual([{ balance: 70 }]);
      await driver.query('ROLLBACK');
      expect(await driver.execute(BALANCE, [1])).toEqual([{ balance: 100 }]);
    });
  });

  test('mariadb: prepare, executed twice, and closed', async () => {
    const { connection } = await openMariadb(loginOf());
    const prepared = await connection.prepare(BALANCE);
    expect(await prepared.execute([1])).toEqual([{ balance: 100 }]);
    expect(await prepared.execute([2])).toEqual([{ balance: 100 }]);
    prepared.close();
    expect(await connection.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await connection.end();
  });
});

describe('KILL', () => {
  test.each(NAMES)('%s: of the server session: the next EXECUTE prepares again', async (name) => {
    await withDriver(name, lab.login, async (driver) => {
      const id = 'SELECT CONNECTION_ID() AS id';
      const [before] = (await driver.query(id)) as [{ id: number }];
      for (let i = 0; i < 3; i += 1) {
        expect(await driver.execute(BALANCE, [1])).toEqual([{ balance: 100 }]);
        await lab.killServer(driver.session);
        expect(await driver.execute(BALANCE, [2])).toEqual([{ balance: 100 }]);
      }
      const [after] = (await driver.query(id)) as [{ id: number }];
      expect(after.id).not.toBe(before.id);
    });
  });

  /** Table D of clients.md §3, immediate. */
  test.each<[Name, string]>([
    ['mysql2 conn', 'ok · PCL · CLOSED'],
    ['mariadb conn', 'ok · 45009 · 45013'],
  ])('%s: of the idle client session: %s', async (name, cells) => {
    await withDriver(name, lab.login, async (driver) => {
      const sql = 'SELECT 1';
      // The statement is prepared before: so the next one is an EXECUTE.
      await driver.execute(sql);
      await lab.kill(driver.session);
      const seen = [await cell(name, driver, driver.execute(sql), sql)];
      lab.tick();
      for (let i = 0; i < 2; i += 1) seen.push(await cell(name, driver, driver.execute(sql), sql));
      expect(seen.join(' · ')).toBe(cells);
    });
  });

  /** Table B of clients.md §3, immediate. */
  test.each<[Name, string]>([
    ['mysql2 conn', 'PCL · CLOSED'],
    ['mariadb conn', '45009 · 45013'],
  ])('%s: of the client session while it executes: %s', async (name, cells) => {
    await withDriver(name, lab.login, async (driver) => {
      const answer = cell(name, driver, driver.execute(SLEEP), SLEEP);
      await lab.running(SLEEP);
      await lab.kill(driver.session);
      lab.tick();
      const seen = [await answer, await cell(name, driver, driver.execute(SLEEP), SLEEP)];
      expect(seen.join(' · ')).toBe(cells);
    });
  });

  test.each(NAMES)('%s: QUERY while it executes: 1317, and it goes on', async (name) => {
    await withDriver(name, lab.login, async (driver) => {
      const answer = errorOf(driver.execute(SLEEP));
      await lab.running(SLEEP);
      await lab.killQuery(driver.session);
      lab.poll();
      expect(await answer).toEqual({ errno: 1317, sqlState: '70100' });
      expect(await driver.execute(BALANCE, [1])).toEqual([{ balance: 100 }]);
    });
  });
});
