/**
 * What drivers on the C libraries of OceanBase and MariaDB say (clients.md §4, §5): command lines, Python, Perl, Ruby.
 *
 * Data only.
 */
import type { Failures, ServerErrorForm, Wording } from '../dialect.ts';
import { GENERAL, NONE, numbered, PASSED_THROUGH, PYTHON_CLASSES } from './words.ts';

/** How one build of the C library words things. */
interface LibraryTexts {
  readonly gone: string;
  readonly lost: string;
  readonly lostAt: string;
  readonly refused: string;
  readonly malformed: string;
}

function library(texts: LibraryTexts, server: ServerErrorForm, thrown: string): Failures {
  const lost = numbered(2013, GENERAL, texts.lost, thrown);
  const gone = numbered(2006, GENERAL, texts.gone, thrown);
  const refused = numbered(2002, GENERAL, texts.refused, thrown);
  const greeting = `${texts.lostAt} 'handshake: reading initial communication packet', system error: `;
  const login = `${texts.lostAt} 'reading authorization packet', system error: `;
  return {
    lostFin: lost,
    lostRst: lost,
    unwritten: gone,
    down: gone,
    dead: gone,
    malformed: numbered(2027, GENERAL, texts.malformed, thrown),
    connect: {
      refused,
      reset: refused,
      'greeting fin': numbered(2013, GENERAL, `${greeting}115`, thrown),
      'greeting rst': numbered(2013, GENERAL, `${greeting}104`, thrown),
      'login fin': numbered(2013, GENERAL, `${login}11`, thrown),
      'login rst': numbered(2013, GENERAL, `${login}104`, thrown),
      timeout: null,
    },
    server,
  };
}

const LIBOBCLIENT: LibraryTexts = {
  gone: 'OceanBase server has gone away',
  lost: 'Lost connection to MySQL server during query',
  lostAt: 'Lost connection to MySQL server at',
  refused: "Can't connect to OceanBase server on '%h' (115)",
  malformed: 'Malformed packet',
};

const LIBMARIADB: LibraryTexts = {
  gone: 'Server has gone away',
  lost: 'Lost connection to server during query',
  lostAt: 'Lost connection to server at',
  refused: "Can't connect to server on '%h' (115)",
  malformed: 'Received malformed packet',
};

/** Connector/C 3.3.9 and later believe a server none of these numbers (clients.md §3 M). */
const MISTRUSTING: ServerErrorForm = {
  ...PASSED_THROUGH,
  mistrusted: [
    [2001, 2061],
    [5001, 5025],
  ],
};

export const OBCLIENT_FAILURES: Failures = library(LIBOBCLIENT, PASSED_THROUGH, '');

export const MARIADB_CLI_FAILURES: Failures = library(
  LIBMARIADB,
  {
    ...MISTRUSTING,
    atGreeting: numbered(
      2002,
      GENERAL,
      'Received error packet before completion of TLS handshake. The authenticity of the following error cannot be verified: %n - %m',
    ),
  },
  '',
);

export const LIBMARIADB_FAILURES: Failures = library(LIBMARIADB, MISTRUSTING, '');

export const MYSQLDB_FAILURES: Failures = library(
  LIBMARIADB,
  { ...MISTRUSTING, thrown: PYTHON_CLASSES },
  'OperationalError',
);

const RUBY: Failures = library(
  LIBMARIADB,
  { ...MISTRUSTING, thrown: [['', 'Mysql2::Error']] },
  'Mysql2::Error::ConnectionError',
);
const NOT_CONNECTED: Wording = { ...NONE, thrown: 'Mysql2::Error', message: 'MySQL client is not connected' };

export const RUBY_FAILURES: Failures = { ...RUBY, down: NOT_CONNECTED, dead: NOT_CONNECTED };
