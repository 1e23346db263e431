/**
 * What the drivers of Node say (clients.md §4, §5).
 *
 * Data only.
 */
import type { Failures, Wording } from '../dialect.ts';
import { GENERAL, NONE, PASSED_THROUGH } from './words.ts';

function coded(code: string, message: string, fatal = true): Wording {
  return { ...NONE, code, message, fatal };
}

const CONNECTION_LOST = coded('PROTOCOL_CONNECTION_LOST', 'Connection lost: The server closed the connection.');
const ECONNRESET: Wording = { ...coded('ECONNRESET', 'read ECONNRESET'), errno: -104 };
const NODE_REFUSED: Wording = { ...coded('ECONNREFUSED', 'connect ECONNREFUSED %h:%p'), errno: -111 };

const NODE_CONNECT: Failures['connect'] = {
  refused: NODE_REFUSED,
  reset: null,
  'greeting fin': CONNECTION_LOST,
  'greeting rst': ECONNRESET,
  'login fin': CONNECTION_LOST,
  'login rst': ECONNRESET,
  timeout: coded('ETIMEDOUT', 'connect ETIMEDOUT'),
};

const CLOSED_STATE = coded('', "Can't add new command when connection is in closed state");

export const MYSQL2_FAILURES: Failures = {
  lostFin: CONNECTION_LOST,
  lostRst: ECONNRESET,
  unwritten: ECONNRESET,
  down: CLOSED_STATE,
  dead: CLOSED_STATE,
  malformed: coded('PROTOCOL_INCORRECT_PACKET_SEQUENCE', 'Unexpected packet'),
  connect: NODE_CONNECT,
  server: { ...PASSED_THROUGH, code: 'names', stateWithout: '' },
};

const AFTER_FATAL = coded('PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR', 'Cannot enqueue Query after fatal error.', false);

export const MYSQL_FAILURES: Failures = {
  ...MYSQL2_FAILURES,
  down: AFTER_FATAL,
  dead: AFTER_FATAL,
  malformed: coded('PROTOCOL_PACKETS_OUT_OF_ORDER', 'Packets out of order.'),
  connect: { ...NODE_CONNECT, timeout: coded('PROTOCOL_SEQUENCE_TIMEOUT', 'Handshake inactivity timeout') },
  server: {
    ...PASSED_THROUGH,
    code: 'names',
    unknownCode: 'UNKNOWN_CODE_PLEASE_REPORT',
    message: '%c: %m',
    messageAtLogin: '%c: %m',
    stateWithout: '',
  },
};

function sqlError(code: string, errno: number, sqlState: string, message: string): Wording {
  return {
    thrown: 'SqlError',
    code,
    errno,
    sqlState,
    message: `(conn:%i, no: ${errno}, SQLState: ${sqlState}) ${message}`,
    fatal: true,
  };
}

const SOCKET_CLOSED = sqlError('ER_SOCKET_UNEXPECTED_CLOSE', 45_009, '08S01', 'socket has unexpectedly been closed');
const COMMAND_CLOSED = sqlError(
  'ER_CMD_CONNECTION_CLOSED',
  45_013,
  '08S01',
  'Cannot execute new commands: connection closed',
);
const SQL_RESET: Wording = { ...ECONNRESET, thrown: 'SqlError', sqlState: GENERAL };

export const MARIADB_FAILURES: Failures = {
  lostFin: SOCKET_CLOSED,
  lostRst: SQL_RESET,
  unwritten: SQL_RESET,
  down: COMMAND_CLOSED,
  dead: COMMAND_CLOSED,
  malformed: SOCKET_CLOSED,
  connect: {
    refused: { ...NODE_REFUSED, thrown: 'SqlError', sqlState: GENERAL },
    reset: null,
    'greeting fin': SOCKET_CLOSED,
    'greeting rst': SQL_RESET,
    'login fin': SOCKET_CLOSED,
    'login rst': SQL_RESET,
    timeout: sqlError(
      'ER_CONNECTION_TIMEOUT',
      45_012,
      '08S01',
      'Connection timeout: failed to create socket after %tms',
    ),
  },
  server: {
    ...PASSED_THROUGH,
    code: 'names',
    unknownCode: 'UNKNOWN',
    message: '(conn:%i, no: %n, SQLState: %s) %m',
    messageAtLogin: '(conn:%i, no: %n, SQLState: %s) %m',
    // Class 70 counts as fatal although the connection goes on working (clients.md §3 F).
    fatalStates: ['08', '70'],
    thrown: [['', 'SqlError']],
  },
};

export const MARIADB_POOL_TIMEOUT: Wording = sqlError(
  'ER_GET_CONNECTION_TIMEOUT',
  45_028,
  GENERAL,
  'pool failed to retrieve a connection from pool (pool connections: active=0 idle=0 limit=10)',
);

export const NODE_TIMED_OUT: Wording = coded('PROTOCOL_SEQUENCE_TIMEOUT', 'Query inactivity timeout', false);
