/**
 * The cell codes of clients.md §0 for the Node drivers: what a statement came to, put into one word.
 *
 * An error has a code only if the whole object is the one of clients.md §4: code, errno, SQLSTATE, `fatal` and message.
 * Anything else is printed as it is, and so fits no cell.
 */
import type { Answer, ClientName } from './driver-clients.ts';

/** What is looked at of an error; a driver that leaves a field out has it undefined. */
interface ErrorFacts {
  readonly code: unknown;
  readonly errno: unknown;
  readonly sqlState: unknown;
  readonly fatal: unknown;
  readonly message: unknown;
}

/** A RST is found out reading, or writing. */
const RESET = /^(?:read|write) ECONNRESET$/;

type Library = 'mysql2' | 'mariadb';

function facts(code: unknown, errno: unknown, sqlState: unknown, fatal: unknown, message: unknown): ErrorFacts {
  return { code, errno, sqlState, fatal, message };
}

/** By cell code; the messages of `mariadb` name the session and the statement. */
const ERRORS: Readonly<Record<Library, (session: number, sql: string) => Readonly<Record<string, ErrorFacts>>>> = {
  mysql2: () => ({
    1317: facts('ER_QUERY_INTERRUPTED', 1317, '70100', undefined, 'Query execution was interrupted'),
    5010: facts(undefined, 5010, '21000', undefined, 'Unknown operator, bad internal cmd'),
    PCL: facts(
      'PROTOCOL_CONNECTION_LOST',
      undefined,
      undefined,
      true,
      'Connection lost: The server closed the connection.',
    ),
    RESET: facts('ECONNRESET', -104, undefined, true, RESET),
    CLOSED: facts(undefined, undefined, undefined, true, "Can't add new command when connection is in closed state"),
  }),
  mariadb: (session, sql) => ({
    1317: facts(
      'ER_QUERY_INTERRUPTED',
      1317,
      '70100',
      true,
      `(conn:${session}, no: 1317, SQLState: 70100) Query execution was interrupted\nsql: ${sql} - parameters:[]`,
    ),
    5010: facts(
      'UNKNOWN',
      5010,
      '21000',
      false,
      `(conn:${session}, no: 5010, SQLState: 21000) Unknown operator, bad internal cmd\nsql: ${sql} - parameters:[]`,
    ),
    45009: facts(
      'ER_SOCKET_UNEXPECTED_CLOSE',
      45009,
      '08S01',
      true,
      `(conn:${session}, no: 45009, SQLState: 08S01) socket has unexpectedly been closed`,
    ),
    RESET: facts('ECONNRESET', -104, 'HY000', true, RESET),
    45013: facts(
      'ER_CMD_CONNECTION_CLOSED',
      45013,
      '08S01',
      true,
      `Cannot execute new commands: connection closed\nsql: ${sql} - parameters:[]`,
    ),
  }),
};

/** `first` is the original session; ids only go up, so the n-th session opened later is `ok+n`. */
export function cellOf(client: ClientName, answer: Answer, first: number): string {
  if (answer.kind === 'rows') return answer.session === first ? 'ok' : `ok+${answer.session - first}`;
  const library: Library = client.startsWith('mysql2') ? 'mysql2' : 'mariadb';
  const seen = factsOf(answer.error);
  for (const [code, known] of Object.entries(ERRORS[library](answer.session, answer.sql))) {
    if (same(known, seen)) return code;
  }
  return `??? ${JSON.stringify(seen)}`;
}

/** The same for what is told to an `error` listener. */
export function errorCodeOf(client: ClientName, error: unknown, session: number): string {
  return cellOf(client, { kind: 'error', session, sql: '', error }, session);
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) throw new TypeError(`a driver gave something that is no error: ${String(error)}`);
  const { code, errno, sqlState, fatal } = error as Partial<ErrorFacts>;
  return facts(code, errno, sqlState, fatal, error.message);
}

function same(known: ErrorFacts, seen: ErrorFacts): boolean {
  const { message } = known;
  return (
    known.code === seen.code &&
    known.errno === seen.errno &&
    known.sqlState === seen.sqlState &&
    known.fatal === seen.fatal &&
    (message instanceof RegExp ? message.test(String(seen.message)) : message === seen.message)
  );
}
