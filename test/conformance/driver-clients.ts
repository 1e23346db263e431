/**
 * The four Node clients of the measurements behind one face: mysql2 and mariadb from npm, single and pooled.
 *
 * Which session served a statement is told by the thread id of the greeting that its connection got: the drivers show it
 * (`threadId`; pools tell with `acquire` whom they take). CONNECTION_ID() would not do, as behind ODP it is the observer's.
 * Every statement is awaited, so what follows it runs in the same turn of the event loop as the driver's callback.
 */
import type { EventEmitter } from 'node:events';
import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2';

export const CLIENT_NAMES = ['mysql2 conn', 'mysql2 pool', 'mariadb conn', 'mariadb pool'] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database?: string;
  readonly password?: string;
  /** TLS; the server must be signed by one of these. */
  readonly ssl?: { readonly ca: string };
}

/** What a statement came to, and on which session. */
export type Answer =
  | {
      readonly kind: 'rows';
      readonly session: number;
      readonly sql: string;
      readonly rows: unknown;
      /** The command line shows an error, reconnects by itself, and then shows rows: `2006⟳`. */
      readonly behind?: string;
    }
  | { readonly kind: 'error'; readonly session: number; readonly sql: string; readonly error: unknown };

export interface DriverClient {
  /** As the sheet calls it. */
  readonly name: string;
  /** The session that took the last statement. */
  readonly session: number;
  /** Sessions of which the driver has noticed that they are over; null: it only looks when it is asked for something. */
  readonly ended: ReadonlySet<number> | null;
  /** What the listener for errors of a single connection was told. */
  readonly told: readonly unknown[];
  /** How many connections it opens by itself beside the first, and how many of all are idle now. */
  readonly opensAhead: number;
  readonly idle: number;
  /** Never rejects. */
  query(sql: string): Promise<Answer>;
  /**
   * These will be asked behind the next statement, each at once when the one before was answered. Who is in another
   * process hands them in together with it; in ours the turn of the event loop is enough.
   */
  follow(statements: readonly string[]): void;
  close(): Promise<void>;
}

/** mariadb's pool opens its limit, 10, in the background (clients.md §8.2). */
const MARIADB_POOL_LIMIT = 10;

const OPEN: Readonly<Record<ClientName, (login: Login) => Promise<DriverClient>>> = {
  'mysql2 conn': openMysql2,
  'mysql2 pool': openMysql2Pool,
  'mariadb conn': openMariadb,
  'mariadb pool': openMariadbPool,
};

export function openClient(name: ClientName, login: Login): Promise<DriverClient> {
  return OPEN[name](login);
}

/** What all four share: the last session, those that are over, and an answer made of a promise. */
class Served {
  session = 0;
  readonly ended = new Set<number>();
  readonly told: unknown[] = [];

  get opensAhead(): number {
    return 0;
  }

  get idle(): number {
    return 0;
  }

  follow(): void {}

  protected async answer(sql: string, rows: Promise<unknown>): Promise<Answer> {
    try {
      const value = await rows;
      return { kind: 'rows', session: this.session, sql, rows: value };
    } catch (error) {
      return { kind: 'error', session: this.session, sql, error };
    }
  }
}

/** What both of mysql2 can do. */
interface Mysql2Asked {
  query(sql: string, done: (error: mysql2.QueryError | null, rows: unknown) => void): unknown;
}

function askMysql2(asked: Mysql2Asked, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    asked.query(sql, (error, rows) => {
      if (error === null) resolve(rows);
      else reject(error);
    });
  });
}

class Mysql2Connection extends Served implements DriverClient {
  readonly name = 'mysql2 conn';
  readonly #connection: mysql2.Connection;

  constructor(connection: mysql2.Connection) {
    super();
    this.#connection = connection;
    this.session = connection.threadId;
    // Without a listener the process would die of it (clients.md §10).
    connection.on('error', (error: unknown) => {
      this.told.push(error);
      // Of a reset it hears no end; over TLS neither, but of the close.
      this.ended.add(this.session);
    });
    // Between its 'end' and this a statement would be written into a socket that has been ended (EPIPE).
    const { stream } = connection as unknown as { readonly stream: EventEmitter };
    stream.once('close', () => this.ended.add(this.session));
  }

  query(sql: string): Promise<Answer> {
    return this.answer(sql, askMysql2(this.#connection, sql));
  }

  async close(): Promise<void> {
    this.#connection.destroy();
  }
}

async function openMysql2(login: Login): Promise<DriverClient> {
  const connection = mysql2.createConnection(login);
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', resolve);
    connection.once('error', reject);
  });
  return new Mysql2Connection(connection);
}

class Mysql2Pool extends Served implements DriverClient {
  readonly name = 'mysql2 pool';
  readonly #pool: mysql2.Pool;

  constructor(pool: mysql2.Pool) {
    super();
    this.#pool = pool;
    pool.on('acquire', (connection) => {
      this.session = connection.threadId;
    });
    pool.on('connection', (connection) => {
      connection.on('end', () => this.ended.add(connection.threadId));
      connection.on('error', () => this.ended.add(connection.threadId));
    });
  }

  query(sql: string): Promise<Answer> {
    return this.answer(sql, askMysql2(this.#pool, sql));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#pool.end(() => resolve()));
  }
}

async function openMysql2Pool(login: Login): Promise<DriverClient> {
  return new Mysql2Pool(mysql2.createPool(login));
}

class MariadbConnection extends Served implements DriverClient {
  readonly name = 'mariadb conn';
  readonly #connection: mariadb.Connection;

  constructor(connection: mariadb.Connection) {
    super();
    this.#connection = connection;
    this.session = connection.threadId ?? 0;
    // Without a listener the process would die of it (clients.md §10).
    connection.on('error', (error: unknown) => this.told.push(error));
    connection.on('end', () => this.ended.add(this.session));
  }

  query(sql: string): Promise<Answer> {
    return this.answer(sql, this.#connection.query(sql));
  }

  async close(): Promise<void> {
    this.#connection.destroy();
  }
}

async function openMariadb(login: Login): Promise<DriverClient> {
  return new MariadbConnection(await mariadb.createConnection(login));
}

class MariadbPool extends Served implements DriverClient {
  readonly name = 'mariadb pool';
  readonly #pool: mariadb.Pool;

  constructor(pool: mariadb.Pool) {
    super();
    this.#pool = pool;
    pool.on('acquire', (connection) => {
      this.session = connection.threadId ?? 0;
    });
    pool.on('connection', (connection) => {
      const session = connection.threadId ?? 0;
      connection.on('error', () => {});
      connection.on('end', () => this.ended.add(session));
    });
  }

  override get opensAhead(): number {
    return MARIADB_POOL_LIMIT - 1;
  }

  override get idle(): number {
    return this.#pool.idleConnections();
  }

  query(sql: string): Promise<Answer> {
    return this.answer(sql, this.#pool.query(sql));
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

async function openMariadbPool(login: Login): Promise<DriverClient> {
  return new MariadbPool(mariadb.createPool(login));
}
