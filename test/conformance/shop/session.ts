/**
 * A session of a client that is given SQL: mysql2 and mariadb from npm. (The command line is in `command-line.ts`.)
 *
 * `text` is COM_QUERY with the values written into it by the driver; `prepared` is PREPARE and EXECUTE wherever a server
 * can prepare (it says 1295 where it cannot). It must never know what the statements are for.
 */
import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2';
import type { Login } from '../driver-clients.ts';
import type { Rows } from './shop.ts';
import type { Value } from './tables.ts';

export type Protocol = 'text' | 'prepared';

export interface Answer {
  /** Empty for what has none. */
  readonly rows: Rows;
  /** Of a change: how many rows. */
  readonly changed: number;
  readonly insertId: number;
}

export interface Session {
  /** Rejects with an error that has an `errno`. `undefined` among the values is not for here. */
  run(sql: string, values?: readonly Value[]): Promise<Answer>;
  close(): Promise<void>;
}

/** The text of a value that came from a server. */
export function textOf(value: unknown): string | null {
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new Error(`a value of a type that nobody asked for: ${typeof value}`);
}

export const PREPARE_NOT_SUPPORTED = 1295;

/** Prepared where it can be, by trying. */
export async function preparedOrText<T>(prepared: () => Promise<T>, text: () => Promise<T>): Promise<T> {
  try {
    return await prepared();
  } catch (error) {
    if ((error as { readonly errno?: number }).errno !== PREPARE_NOT_SUPPORTED) throw error;
    return text();
  }
}

interface Changed {
  readonly affectedRows: number;
  readonly insertId: number | bigint;
}

function answerOf(result: unknown): Answer {
  if (Array.isArray(result)) {
    const rows = result.map((row: Readonly<Record<string, unknown>>) => Object.values(row).map(textOf));
    return { rows, changed: 0, insertId: 0 };
  }
  const { affectedRows, insertId } = result as Changed;
  return { rows: [], changed: affectedRows, insertId: Number(insertId) };
}

/** How a driver runs a statement with its values. */
type Way = (sql: string, values: readonly Value[]) => Promise<Answer>;

function sessionOf(protocol: Protocol, text: Way, prepared: Way, close: () => Promise<void>): Session {
  return {
    run: (sql, values = []) =>
      protocol === 'text'
        ? text(sql, values)
        : preparedOrText(
            () => prepared(sql, values),
            () => text(sql, values),
          ),
    close,
  };
}

export async function openMysql2(login: Login, protocol: Protocol): Promise<Session> {
  const connection = await mysql2.createConnection({ ...login, dateStrings: true }).promise();
  await connection.connect();
  return sessionOf(
    protocol,
    async (sql, values) => answerOf((await connection.query(sql, [...values]))[0]),
    async (sql, values) => answerOf((await connection.execute(sql, [...values] as mysql2.ExecuteValues))[0]),
    () => connection.end(),
  );
}

export async function openMariadb(login: Login, protocol: Protocol): Promise<Session> {
  const connection = await mariadb.createConnection({ ...login, dateStrings: true });
  return sessionOf(
    protocol,
    async (sql, values) => answerOf(await connection.query(sql, [...values])),
    async (sql, values) => answerOf(await connection.execute(sql, [...values])),
    () => connection.end(),
  );
}
