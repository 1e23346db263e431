/** The two drivers of Node as callers. Both see their socket end, and what they are told of it is part of what they see. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Socket } from 'node:net';
import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2';
import { inTime } from '../until.ts';
import { type Caller, type JobLogin, nameless, Refused, type Variant } from './caller.ts';

const LOOPBACK = '127.0.0.1';

interface Failure {
  readonly code?: string | number | null;
  readonly errno?: number;
  readonly sqlState?: string | null;
  readonly fatal?: boolean;
  readonly message?: string;
}

function failed(error: unknown): string {
  const { code, errno, sqlState, fatal, message } = error as Failure;
  return nameless(JSON.stringify({ error: { code, errno, sqlState, fatal, message } }));
}

async function seen(task: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await task(), (_, value) => (typeof value === 'bigint' ? String(value) : value));
  } catch (error) {
    return failed(error);
  }
}

/** Of rows of one text each. */
async function digest(rows: AsyncIterable<unknown>): Promise<unknown> {
  let count = 0;
  const bytes = createHash('sha256');
  for await (const row of rows) {
    count += 1;
    bytes.update(String(Object.values(row as object)[0]));
  }
  return { rows: [[String(count), bytes.digest('hex')]] };
}

/** What a connection was told, until it is over. */
class Ending {
  readonly told: string[] = [];
  readonly #over: Promise<void>;
  #ended!: () => void;

  constructor() {
    this.#over = new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  tell(what: string): void {
    this.told.push(what);
  }

  end(): void {
    this.#ended();
  }

  async noticed(): Promise<readonly string[]> {
    await inTime(this.#over, 'a connection to end');
    return this.told;
  }
}

export async function openMysql2(login: JobLogin, variant: Variant): Promise<Caller> {
  const connection = mysql2.createConnection({ ...login, host: LOOPBACK });
  const ending = new Ending();
  const socket = (connection as unknown as { stream: Socket }).stream;
  socket.on('end', () => ending.tell('socket: end'));
  socket.on('error', (error: NodeJS.ErrnoException) => ending.tell(`socket: ${error.code}`));
  socket.on('close', (broken) => {
    ending.tell(`socket: closed${broken ? ', broken' : ''}`);
    ending.end();
  });
  await new Promise<void>((resolve, reject) => {
    connection.once('connect', resolve);
    connection.once('error', (error) => reject(new Refused(failed(error))));
  });
  connection.on('error', (error) => ending.tell(failed(error)));
  const promised = connection.promise();
  return {
    session: connection.threadId,
    query: (sql) =>
      seen(async () => {
        const files = variant === 'files' ? { infileStreamFactory: createReadStream } : {};
        const [rows] = await promised.query({ sql, ...files });
        return rows;
      }),
    execute: (sql, values) => seen(async () => (await promised.execute(sql, [...values]))[0]),
    large: (sql) => seen(() => digest(connection.query(sql).stream())),
    changeUser: (user, password, database) => seen(() => promised.changeUser({ user, password, database })),
    has: async (call) => call in connection,
    noticed: () => ending.noticed(),
    close: async () => connection.destroy(),
  };
}

export async function openMariadb(login: JobLogin, variant: Variant): Promise<Caller> {
  const options = { ...login, host: LOOPBACK, permitLocalInfile: variant === 'files' };
  const connection = await mariadb.createConnection(options).catch((error: unknown) => {
    throw new Refused(failed(error));
  });
  const ending = new Ending();
  connection.on('error', (error) => ending.tell(failed(error)));
  connection.on('end', () => {
    ending.tell('end');
    ending.end();
  });
  return {
    session: connection.threadId,
    query: (sql) => seen(() => connection.query(sql)),
    execute: (sql, values) => seen(() => connection.execute(sql, [...values])),
    large: (sql) => seen(() => digest(connection.queryStream(sql))),
    changeUser: (user, password, database) => seen(() => connection.changeUser({ user, password, database })),
    has: async (call) => call in connection,
    noticed: () => ending.noticed(),
    close: async () => connection.destroy(),
  };
}

/** mysql2, whose socket is not read from its first answer to a query on; `query` gives the number of rows. */
export async function openStalled(login: JobLogin) {
  const connection = mysql2.createConnection({ ...login, host: LOOPBACK });
  await connection.promise().query('DO 1');
  const socket = (connection as unknown as { stream: Socket }).stream;
  const sent = new Promise<void>((resolve) => {
    socket.once('data', () => {
      socket.pause();
      resolve();
    });
  });
  return {
    sent,
    caller: {
      query: async (sql: string) => ((await connection.promise().query(sql))[0] as unknown[]).length,
      goOn: () => socket.resume(),
      close: async () => connection.destroy(),
    },
  };
}
