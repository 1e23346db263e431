/**
 * What PyMySQL and the drivers on PHP's mysqlnd say (clients.md §4, §5).
 *
 * Data only.
 */
import type { Failures, Wording } from '../dialect.ts';
import { GENERAL, NONE, numbered, PASSED_THROUGH, PYTHON_CLASSES } from './words.ts';

const PY_LOST = 'Lost connection to MySQL server during query';
const INTERFACE_ERROR: Wording = { ...NONE, thrown: 'InterfaceError', errno: 0, message: '' };

function operational(errno: number, message: string): Wording {
  return numbered(errno, GENERAL, message, 'OperationalError');
}

export const PYMYSQL_FAILURES: Failures = {
  lostFin: operational(2013, PY_LOST),
  lostRst: operational(2013, `${PY_LOST} ([Errno 104] Connection reset by peer)`),
  unwritten: operational(2006, "MySQL server has gone away (ConnectionResetError(104, 'Connection reset by peer'))"),
  down: INTERFACE_ERROR,
  dead: INTERFACE_ERROR,
  malformed: operational(2013, PY_LOST),
  connect: {
    refused: operational(2003, "Can't connect to MySQL server on '%h' ([Errno 111] Connection refused)"),
    reset: operational(2003, "Can't connect to MySQL server on '%h' ([Errno 104] Connection reset by peer)"),
    'greeting fin': operational(2013, PY_LOST),
    'greeting rst': operational(2013, `${PY_LOST} ([Errno 104] Connection reset by peer)`),
    'login fin': operational(2013, PY_LOST),
    'login rst': operational(2013, `${PY_LOST} ([Errno 104] Connection reset by peer)`),
    timeout: null,
  },
  // Six characters are taken for `#08004`, whether they are there or not.
  server: { ...PASSED_THROUGH, thrown: PYTHON_CLASSES, skipsWithout: 6 },
};

function mysqlnd(thrown: string, text: string): Failures {
  const gone = numbered(2006, GENERAL, text, thrown);
  const reset = numbered(2002, GENERAL, 'Connection reset by peer', thrown);
  return {
    lostFin: gone,
    lostRst: gone,
    unwritten: gone,
    down: gone,
    dead: gone,
    malformed: gone,
    connect: {
      refused: numbered(2002, GENERAL, 'Connection refused', thrown),
      reset,
      'greeting fin': gone,
      'greeting rst': gone,
      'login fin': gone,
      'login rst': gone,
      timeout: null,
    },
    // The SQLSTATE of an ERR to the login is lost; without one in the greeting's place 08004 is made up.
    server: { ...PASSED_THROUGH, thrown: [['', thrown]], stateWithout: '08004', stateAtLogin: GENERAL },
  };
}

export const MYSQLI_FAILURES: Failures = mysqlnd('mysqli_sql_exception', 'MySQL server has gone away');

const PDO_TEXTS: Failures = mysqlnd('PDOException', 'SQLSTATE[HY000]: General error: 2006 MySQL server has gone away');

export const PDO_FAILURES: Failures = {
  ...PDO_TEXTS,
  server: {
    ...PDO_TEXTS.server,
    message: 'SQLSTATE[%s]: <<Unknown error>>: %n %m',
    messageAtLogin: 'SQLSTATE[HY000] [%n] %m',
  },
};
