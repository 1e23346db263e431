/**
 * The cell codes of clients.md §0 for the drivers of other languages: what a statement came to, put into one word.
 *
 * An error has a code only if all that its caller sees is what clients.md §4 says: class, number, SQLSTATE and text.
 * Anything else is printed as it is, and so fits no cell.
 */
import type { ProgramError } from './client-program.ts';
import type { Answer } from './driver-clients.ts';
import type { ProgramName } from './program-clients.ts';

type Errors = Readonly<Record<string, ProgramError>>;

function error(name: string, errno: number | null, sqlState: string | null, message: string): ProgramError {
  return { class: name, errno, sqlState, message };
}

const INTERRUPTED = 'Query execution was interrupted';
const SERVER_LOST = 'Lost connection to server during query';
const MYSQL_LOST = 'Lost connection to MySQL server during query';
const SERVER_GONE = 'Server has gone away';
const MYSQL_GONE = 'MySQL server has gone away';
const RESET = "ConnectionResetError(104, 'Connection reset by peer')";

const PERL: Errors = {
  1317: error('DBI', 1317, '70100', INTERRUPTED),
  2013: error('DBI', 2013, 'HY000', SERVER_LOST),
  2006: error('DBI', 2006, 'HY000', SERVER_GONE),
};

const RUBY: Errors = {
  1317: error('Mysql2::Error', 1317, '70100', INTERRUPTED),
  2013: error('Mysql2::Error::ConnectionError', 2013, 'HY000', SERVER_LOST),
  2006: error('Mysql2::Error::ConnectionError', 2006, 'HY000', SERVER_GONE),
  NOTCONN: error('Mysql2::Error', null, null, 'MySQL client is not connected'),
};

/** What a lost connection raises differs with autoReconnect. */
function java(session: number, lost: string, sqlState: string): Errors {
  const closed = 'java.sql.SQLNonTransientConnectionException';
  const at = `(conn=${session})`;
  return {
    '1317ᵗ': error('java.sql.SQLTimeoutException', 1317, '70100', `${at} ${INTERRUPTED}`),
    EOS: error(lost, 0, sqlState, `${at} unexpected end of stream, read 0 bytes from 4 (socket was closed by server)`),
    JRESET: error(lost, 0, sqlState, `${at} Connection reset`),
    // When it writes.
    'JRESET by peer': error(lost, 0, sqlState, `${at} Connection reset by peer`),
    JCLOSED: error(closed, 1220, '08000', `${at} ${at} Connection is closed`),
  };
}

const ERRORS: Readonly<Record<ProgramName, (session: number) => Errors>> = {
  // It shows no SQLSTATE. Of a reset it says so in its text, in the middle of a statement and when it writes one.
  PyMySQL: () => ({
    1317: error('OperationalError', 1317, null, INTERRUPTED),
    2013: error('OperationalError', 2013, null, MYSQL_LOST),
    '2013 reset': error('OperationalError', 2013, null, `${MYSQL_LOST} ([Errno 104] Connection reset by peer)`),
    2006: error('OperationalError', 2006, null, `${MYSQL_GONE} (${RESET})`),
    IE0: error('InterfaceError', 0, null, ''),
  }),
  mysqli: () => ({
    1317: error('mysqli_sql_exception', 1317, '70100', INTERRUPTED),
    2006: error('mysqli_sql_exception', 2006, 'HY000', MYSQL_GONE),
  }),
  PDO: () => ({
    1317: {
      ...error('PDOException', 1317, '70100', `SQLSTATE[70100]: <<Unknown error>>: 1317 ${INTERRUPTED}`),
      code: '70100',
    },
    2006: {
      ...error('PDOException', 2006, 'HY000', `SQLSTATE[HY000]: General error: 2006 ${MYSQL_GONE}`),
      code: 'HY000',
    },
  }),
  'DBD::mysql ar=0': () => PERL,
  'DBD::mysql ar=1': () => PERL,
  ruby: () => RUBY,
  'ruby rc': () => RUBY,
  'C/J': (session) => java(session, 'java.sql.SQLNonTransientConnectionException', '08000'),
  'C/J aR': (session) => java(session, 'java.sql.SQLTransientConnectionException', 'HY000'),
};

/** `first` is the original session; ids only go up, so the n-th session opened later is `ok+n`. */
export function programCellOf(client: ProgramName, answer: Answer, first: number): string {
  if (answer.kind === 'rows') return answer.session === first ? 'ok' : `ok+${answer.session - first}`;
  const seen = answer.error as ProgramError;
  for (const [code, known] of Object.entries(ERRORS[client](answer.session))) {
    // The sheet has one code for both.
    if (same(known, seen)) return code.replace(' by peer', '');
  }
  return `??? ${JSON.stringify(seen)}`;
}

function same(a: ProgramError, b: ProgramError): boolean {
  return (
    a.class === b.class &&
    a.errno === b.errno &&
    a.sqlState === b.sqlState &&
    a.message === b.message &&
    a.code === b.code
  );
}
