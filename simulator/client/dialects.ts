/**
 * How the command-line clients differ, as data: what they send at login and start-up, their texts, their habits.
 *
 * Measured texts: clients.md §2, §4, §5, §7, §8 (obclient 2.2.13, `mariadb` 10.11); Oracle's are read in public source
 * ([read] there). Knows nothing of connections or of printing.
 */

export type DialectName = 'obclient' | 'mariadb' | 'mysql';

/** An error of the client's own, or one of the server's as the client shows it. */
export interface ShownError {
  readonly code: number;
  readonly sqlState: string;
  readonly message: string;
}

/** The stages of a login in which a connection can be lost; the key is a field of `Dialect.phases`. */
export type LoginPhase = 'greeting' | 'sending' | 'login';

export interface Dialect {
  readonly name: DialectName;

  /** The login packet (clients.md §8.1, decisions.md §9.2). */
  readonly capabilities: number;
  readonly maxPacket: number;
  readonly charset: number;
  readonly attributes: readonly (readonly [name: string, value: string])[];

  /** Sent after the first login, before anything else; the answers are not shown. */
  readonly startUp: readonly string[];
  /** After a reconnect `SELECT DATABASE()` is asked before the statement goes out again (obclient, clients.md §2). */
  readonly asksDatabase: boolean;

  /** 2006: the command could not be written. */
  readonly gone: string;
  /** 2013: the command was written, and then the connection ended. */
  readonly lost: string;
  /** 2013 during a login; the phase and the system's error number follow. */
  readonly lostAt: string;
  readonly phases: Readonly<Record<LoginPhase, string>>;
  /** The number and text of a connection that was refused; `%h` is the host, `%p` the port. */
  readonly refused: { readonly code: number; readonly text: string };
  /** 2027. */
  readonly malformed: string;
  /** ERR numbers of the server that this client takes for a malformed packet (clients.md §3 M). */
  readonly mistrusted: readonly (readonly [from: number, to: number])[];
  /** An ERR in the greeting's place is shown as 2002, with this in front of it (clients.md §5 J); empty: shown as it is. */
  readonly beforeTls: string;

  /** What the first and each later Ctrl-C prints (clients.md §7). */
  readonly interrupted: readonly [first: string, later: string];
}

const OBCLIENT: Dialect = {
  name: 'obclient',
  capabilities: 0x08bf_a285,
  maxPacket: 16 * 1024 * 1024,
  charset: 45,
  attributes: [
    ['_client_name', 'libmariadb'],
    ['__mysql_client_type', '__ob_libobclient'],
    ['__ob_client_name', 'OceanBase Connector/C'],
  ],
  // One, as the obclient of the product page (decisions.md 31).
  startUp: ['select @@version_comment limit 1'],
  asksDatabase: true,
  gone: 'OceanBase server has gone away',
  lost: 'Lost connection to MySQL server during query',
  lostAt: 'Lost connection to MySQL server at',
  phases: {
    greeting: 'handshake: reading initial communication packet',
    sending: 'sending authentication information',
    login: 'reading authorization packet',
  },
  refused: { code: 2002, text: "Can't connect to OceanBase server on '%h' (115)" },
  malformed: 'Malformed packet',
  mistrusted: [],
  beforeTls: '',
  interrupted: ['Ctrl-C -- query killed. Continuing normally.', 'Ctrl-C -- query killed. Continuing normally.'],
};

const MARIADB: Dialect = {
  name: 'mariadb',
  capabilities: 0x00bf_a285,
  maxPacket: 1024 * 1024,
  charset: 33,
  attributes: [
    ['_client_name', 'libmariadb'],
    ['_client_version', '3.3.20'],
    ['program_name', 'mysql'],
  ],
  startUp: ['select @@version_comment limit 1'],
  asksDatabase: false,
  gone: 'Server has gone away',
  lost: 'Lost connection to server during query',
  lostAt: 'Lost connection to server at',
  phases: {
    greeting: 'handshake: reading initial communication packet',
    sending: 'sending authentication information',
    login: 'reading authorization packet',
  },
  refused: { code: 2002, text: "Can't connect to server on '%h' (115)" },
  malformed: 'Received malformed packet',
  mistrusted: [
    [2001, 2061],
    [5001, 5025],
  ],
  beforeTls:
    'Received error packet before completion of TLS handshake. The authenticity of the following error cannot be verified: ',
  interrupted: ['Ctrl-C -- query killed.', 'Ctrl-C -- connection killed.'],
};

const MYSQL: Dialect = {
  name: 'mysql',
  capabilities: 0x00bf_a285,
  maxPacket: 16 * 1024 * 1024,
  charset: 45,
  attributes: [
    ['_client_name', 'libmysql'],
    ['program_name', 'mysql'],
  ],
  startUp: ['select @@version_comment limit 1'],
  asksDatabase: false,
  gone: 'MySQL server has gone away',
  lost: 'Lost connection to MySQL server during query',
  lostAt: 'Lost connection to MySQL server at',
  phases: {
    greeting: 'reading initial communication packet',
    sending: 'sending authentication information',
    login: 'reading authorization packet',
  },
  refused: { code: 2003, text: "Can't connect to MySQL server on '%h:%p' (111)" },
  malformed: 'Malformed packet',
  mistrusted: [],
  beforeTls: '',
  interrupted: ['^C -- query aborted', '^C -- query aborted'],
};

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { obclient: OBCLIENT, mariadb: MARIADB, mysql: MYSQL };

/** OceanBase's own, where MySQL has another thing: there a command would have to say how many attributes it has. */
const ORACLE_MODE = 0x0800_0000;

/** The client as it greets a server of this make: what only OceanBase knows is not claimed before others. */
export function forServer(dialect: Dialect, server: DialectName): Dialect {
  if (server === 'obclient') return dialect;
  return { ...dialect, capabilities: (dialect.capabilities & ~ORACLE_MODE) >>> 0 };
}

export function isDialect(name: string): name is DialectName {
  return Object.hasOwn(DIALECTS, name);
}

const GENERAL = 'HY000';

/** Numbers of the client library, the same in all dialects. */
export const CLIENT_ERROR = {
  GONE: 2006,
  LOST: 2013,
  MALFORMED: 2027,
  NOT_PREPARED: 2030,
  NO_PLUGIN: 2059,
  BEFORE_TLS: 2002,
  SSL: 2026,
} as const;

/**
 * What `errno` says in the text of a connection lost during login: stale values after a FIN (clients.md §5 H), ECONNRESET
 * after a RST. A packet that cannot be sent because our own FIN is out is EPIPE.
 */
const AFTER_FIN: Readonly<Record<LoginPhase, number>> = { greeting: 115, sending: 32, login: 11 };
const AFTER_RST = 104;
const TIMED_OUT = 110;

export function goneError(dialect: Dialect): ShownError {
  return { code: CLIENT_ERROR.GONE, sqlState: GENERAL, message: dialect.gone };
}

export function lostError(dialect: Dialect): ShownError {
  return { code: CLIENT_ERROR.LOST, sqlState: GENERAL, message: dialect.lost };
}

/** The library's, for a statement that was never prepared, or on a connection that is gone (CR_NO_PREPARE_STMT). */
export function notPreparedError(): ShownError {
  return { code: CLIENT_ERROR.NOT_PREPARED, sqlState: GENERAL, message: 'Statement not prepared' };
}

export function malformedError(dialect: Dialect): ShownError {
  return { code: CLIENT_ERROR.MALFORMED, sqlState: GENERAL, message: dialect.malformed };
}

export function lostAtLogin(dialect: Dialect, phase: LoginPhase, by: 'fin' | 'rst' | 'silence'): ShownError {
  const number = by === 'fin' ? AFTER_FIN[phase] : by === 'rst' ? AFTER_RST : TIMED_OUT;
  const message = `${dialect.lostAt} '${dialect.phases[phase]}', system error: ${number}`;
  return { code: CLIENT_ERROR.LOST, sqlState: GENERAL, message };
}

export function refusedError(dialect: Dialect, host: string, port: number): ShownError {
  const message = dialect.refused.text.replace('%h', host).replace('%p', String(port));
  return { code: dialect.refused.code, sqlState: GENERAL, message };
}

/** Connector/C's for whatever goes wrong with TLS; what follows the colon depends on the library. */
export function noTlsError(why: string): ShownError {
  return { code: CLIENT_ERROR.SSL, sqlState: GENERAL, message: `TLS/SSL error: ${why}` };
}

export function noPluginError(plugin: string): ShownError {
  const message = `Authentication plugin '${plugin}' cannot be loaded`;
  return { code: CLIENT_ERROR.NO_PLUGIN, sqlState: GENERAL, message };
}

/** An ERR of the server as this client shows it. */
export function serverError(dialect: Dialect, error: ShownError): ShownError {
  const mistrusted = dialect.mistrusted.some(([from, to]) => error.code >= from && error.code <= to);
  return mistrusted ? malformedError(dialect) : error;
}

/** An ERR that came where the greeting should have. */
export function greetingError(dialect: Dialect, error: ShownError): ShownError {
  if (dialect.beforeTls === '') return error;
  const message = `${dialect.beforeTls}${error.code} - ${error.message}`;
  return { code: CLIENT_ERROR.BEFORE_TLS, sqlState: GENERAL, message };
}
