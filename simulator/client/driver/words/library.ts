/**
 * What drivers on the C libraries of OceanBase and MariaDB say (clients.md §4, §5): command lines, Python, Perl, Ruby.
 *
 * Data only.
 */
import { DIALECTS, type Dialect } from '../../dialects.ts';
import type { Failures, ServerErrorForm, Wording } from '../dialect.ts';
import { GENERAL, NONE, numbered, PASSED_THROUGH, PYTHON_CLASSES } from './words.ts';

/** The words are those of the command line on the same library. */
function library(texts: Dialect, server: ServerErrorForm, thrown: string): Failures {
  const lost = numbered(2013, GENERAL, texts.lost, thrown);
  const gone = numbered(2006, GENERAL, texts.gone, thrown);
  const refused = numbered(texts.refused.code, GENERAL, texts.refused.text, thrown);
  const greeting = `${texts.lostAt} '${texts.phases.greeting}', system error: `;
  const login = `${texts.lostAt} '${texts.phases.login}', system error: `;
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

/** Connector/C 3.3.9 and later believe a server none of these numbers (clients.md §3 M). */
const MISTRUSTING: ServerErrorForm = {
  ...PASSED_THROUGH,
  mistrusted: DIALECTS.mariadb.mistrusted,
};

export const OBCLIENT_FAILURES: Failures = library(DIALECTS.obclient, PASSED_THROUGH, '');

export const MARIADB_CLI_FAILURES: Failures = library(
  DIALECTS.mariadb,
  {
    ...MISTRUSTING,
    atGreeting: numbered(2002, GENERAL, `${DIALECTS.mariadb.beforeTls}%n - %m`),
  },
  '',
);

export const LIBMARIADB_FAILURES: Failures = library(DIALECTS.mariadb, MISTRUSTING, '');

export const MYSQLDB_FAILURES: Failures = library(
  DIALECTS.mariadb,
  { ...MISTRUSTING, thrown: PYTHON_CLASSES },
  'OperationalError',
);

const RUBY: Failures = library(
  DIALECTS.mariadb,
  { ...MISTRUSTING, thrown: [['', 'Mysql2::Error']] },
  'Mysql2::Error::ConnectionError',
);
const NOT_CONNECTED: Wording = { ...NONE, thrown: 'Mysql2::Error', message: 'MySQL client is not connected' };

export const RUBY_FAILURES: Failures = { ...RUBY, down: NOT_CONNECTED, dead: NOT_CONNECTED };
