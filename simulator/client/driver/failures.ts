/**
 * What each family of drivers says when something fails, word for word (clients.md §4, §5, §6).
 *
 * Data only; who uses which is in `drivers.ts`.
 */
import type { Failures, ServerErrorForm, Wording } from './dialect.ts';

const GENERAL = 'HY000';
const NONE: Omit<Wording, 'message'> = { thrown: '', code: '', errno: null, sqlState: '', fatal: false };

function numbered(errno: number, sqlState: string, message: string, thrown = ''): Wording {
  return { ...NONE, thrown, errno, sqlState, message };
}

const PASSED_THROUGH: ServerErrorForm = {
  message: '%m',
  messageAtLogin: '%m',
  code: 'none',
  unknownCode: '',
  fatalStates: [],
  thrown: [],
  mistrusted: [],
  atGreeting: null,
  stateWithout: GENERAL,
  stateAtLogin: null,
  skipsWithout: 0,
};

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

const PYTHON_CLASSES: ServerErrorForm['thrown'] = [
  ['42', 'ProgrammingError'],
  ['23', 'IntegrityError'],
  ['', 'OperationalError'],
];

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

function java(thrown: string, lostState: string): Failures {
  const eos = numbered(
    0,
    lostState,
    '(conn=%i) unexpected end of stream, read 0 bytes from 4 (socket was closed by server)',
    thrown,
  );
  const reset = numbered(0, lostState, '(conn=%i) Connection reset', thrown);
  const closed = numbered(
    1220,
    '08000',
    '(conn=%i) (conn=%i) Connection is closed',
    'SQLNonTransientConnectionException',
  );
  const where = 'Could not connect to address=(host=%h)(port=%p)(type=master) : ';
  const eosAt = javaConnect(
    `${where}Could not connect to %h:%p : unexpected end of stream, read 0 bytes from 4 (socket was closed by server)`,
  );
  const resetAt = javaConnect(`${where}Could not connect to %h:%p : Connection reset`);
  return {
    lostFin: eos,
    lostRst: reset,
    unwritten: reset,
    down: closed,
    dead: closed,
    malformed: eos,
    connect: {
      refused: javaConnect(`${where}Socket fail to connect to host:%h, port:%p. Connection refused`),
      reset: null,
      'greeting fin': eosAt,
      'greeting rst': resetAt,
      'login fin': eosAt,
      'login rst': resetAt,
      timeout: null,
    },
    server: {
      ...PASSED_THROUGH,
      message: '(conn=%i) %m',
      messageAtLogin: `${where}(conn=%i) %m`,
      thrown: [
        ['70100', 'SQLTimeoutException'],
        ['08', 'SQLNonTransientConnectionException'],
        ['28', 'SQLInvalidAuthorizationSpecException'],
        ['42', 'SQLSyntaxErrorException'],
        ['23', 'SQLIntegrityConstraintViolationException'],
        ['40', 'SQLTransactionRollbackException'],
        ['HY', 'SQLTransientConnectionException'],
        ['', 'SQLException'],
      ],
      atGreeting: javaConnect("Could not connect to HostAddress{host='%h', port=%p, type='master'}. %m"),
    },
  };
}

function javaConnect(message: string): Wording {
  return numbered(-1, '08000', message, 'SQLNonTransientConnectionException');
}

export const CONNECTORJ_FAILURES: Failures = java('SQLNonTransientConnectionException', '08000');
export const CONNECTORJ_RECONNECTING_FAILURES: Failures = java('SQLTransientConnectionException', GENERAL);

export const CONNECTORJ_TIMED_OUT: Wording = numbered(
  1317,
  '70100',
  '(conn=%i) Query timed out',
  'SQLTimeoutException',
);

export const HIKARI_TIMEOUT: Wording = numbered(
  0,
  '08000',
  'HikariPool-1 - Connection is not available, request timed out after 30000ms.',
  'SQLTransientConnectionException',
);

const INVALID: Wording = { ...NONE, thrown: 'mysql.ErrInvalidConn', message: 'invalid connection' };
const BAD: Wording = { ...NONE, thrown: 'driver.ErrBadConn', message: 'driver: bad connection' };

export const GO_FAILURES: Failures = {
  lostFin: INVALID,
  lostRst: INVALID,
  unwritten: BAD,
  down: BAD,
  dead: { ...NONE, thrown: 'sql.ErrConnDone', message: 'sql: connection is already closed' },
  malformed: INVALID,
  connect: {
    refused: { ...NONE, thrown: '*net.OpError', message: 'dial tcp %h:%p: connect: connection refused' },
    reset: { ...NONE, thrown: '*net.OpError', message: 'dial tcp %h:%p: connect: connection reset by peer' },
    'greeting fin': BAD,
    'greeting rst': BAD,
    'login fin': INVALID,
    'login rst': INVALID,
    timeout: null,
  },
  server: {
    ...PASSED_THROUGH,
    message: 'Error %n: %m',
    messageAtLogin: 'Error %n: %m',
    thrown: [['', '*mysql.MySQLError']],
  },
};

export const GO_DEADLINE: Wording = {
  ...NONE,
  thrown: 'context.deadlineExceededError',
  message: 'context deadline exceeded',
};

export const NODE_TIMED_OUT: Wording = coded('PROTOCOL_SEQUENCE_TIMEOUT', 'Query inactivity timeout', false);
