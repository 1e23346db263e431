/**
 * The drivers: which login, which words, which model, which pool (clients.md §0, §8, §12).
 *
 * Data only. The names are those of the sheet. Not measured there, and so ours: `C/J Hikari` (Hikari's documented
 * defaults over the measured Connector/J).
 */
import type { DriverDialect, LoginForm, Model, PoolForm } from './dialect.ts';
import * as login from './logins.ts';
import { GO_DEADLINE, GO_FAILURES } from './words/go.ts';
import {
  CONNECTORJ_FAILURES,
  CONNECTORJ_RECONNECTING_FAILURES,
  CONNECTORJ_TIMED_OUT,
  HIKARI_TIMEOUT,
} from './words/java.ts';
import {
  LIBMARIADB_FAILURES,
  MARIADB_CLI_FAILURES,
  MYSQLDB_FAILURES,
  OBCLIENT_FAILURES,
  RUBY_FAILURES,
} from './words/library.ts';
import {
  MARIADB_FAILURES,
  MARIADB_POOL_TIMEOUT,
  MYSQL_FAILURES,
  MYSQL2_FAILURES,
  NODE_TIMED_OUT,
} from './words/node.ts';
import { MYSQLI_FAILURES, PDO_FAILURES, PYMYSQL_FAILURES } from './words/scripts.ts';

/** CLI / libmariadb type: the next command finds out; who was told once stays down. */
const CLI: Model = {
  notices: 'next command',
  peeks: 'never',
  pipelines: false,
  checksSequence: false,
  afterLost: 'down',
  afterUnwritten: 'down',
  afterDown: 'down',
  reconnects: 'never',
  afterRefused: 'down',
  connectTimeout: null,
  paceAfterError: 'before',
  paceAfterRows: 'before',
  tellsFin: 'before',
  onTimeout: 'nothing',
  timedOut: null,
  kills: 'KILL',
  prepares: 'text',
};

/** Node type: a FIN or RST acts when it comes. */
const NODE: Model = { ...CLI, notices: 'at once', connectTimeout: 10_000 };
/** What `execute`, `prepare` and their like are in most drivers. */
const BINARY = { prepares: 'binary' } as const;

const MYSQL2: Model = { ...NODE, ...BINARY, onTimeout: 'forget', timedOut: NODE_TIMED_OUT };
const MYSQL: Model = { ...NODE, connectTimeout: null, onTimeout: 'close', timedOut: NODE_TIMED_OUT };
const MARIADB: Model = { ...NODE, ...BINARY, pipelines: true, connectTimeout: 1000 };

const CONNECTORJ: Model = { ...CLI, ...BINARY, onTimeout: 'kill query', timedOut: CONNECTORJ_TIMED_OUT };

const GO: Model = {
  ...CLI,
  ...BINARY,
  paceAfterError: 'either',
  paceAfterRows: 'either',
  onTimeout: 'close',
  timedOut: GO_DEADLINE,
};

/** Measured with statements typed on one line, or read from a file: between an answer and the next statement nothing but printing. */
const SKIPPING = { paceAfterError: 'before', paceAfterRows: 'after' } as const;

const ON_DEMAND: PoolForm = {
  limit: 10,
  minimum: 0,
  keeps: null,
  takes: 'newest',
  pingsAfter: null,
  retries: 0,
  evicts: [],
  maxLifetime: null,
  acquires: null,
};

const MARIADB_POOL: PoolForm = {
  ...ON_DEMAND,
  minimum: 10,
  takes: 'oldest',
  pingsAfter: 500,
  acquires: { timeout: 10_000, pause: 500, failed: MARIADB_POOL_TIMEOUT },
};

const GO_POOL: PoolForm = { ...ON_DEMAND, limit: 1_000_000, keeps: 2, takes: 'oldest', retries: 2 };

const HIKARI: PoolForm = {
  ...ON_DEMAND,
  minimum: 10,
  pingsAfter: 500,
  evicts: ['08'],
  maxLifetime: 1_800_000,
  acquires: { timeout: 30_000, pause: 1000, failed: HIKARI_TIMEOUT },
};

function driver(
  name: string,
  form: LoginForm,
  failures: DriverDialect['failures'],
  model: Model,
  pool: PoolForm | null = null,
): DriverDialect {
  return { name, login: form, failures, model, pool };
}

const ALL = [
  driver('obclient', login.OBCLIENT, OBCLIENT_FAILURES, { ...CLI, reconnects: 'aloud' }),
  driver('obclient -skip', login.OBCLIENT, OBCLIENT_FAILURES, { ...CLI, ...SKIPPING }),
  driver('mariadb CLI', login.MARIADB_CLI, MARIADB_CLI_FAILURES, {
    ...CLI,
    reconnects: 'aloud',
    paceAfterError: 'either',
    paceAfterRows: 'either',
  }),
  driver('mariadb CLI -skip', login.MARIADB_CLI, MARIADB_CLI_FAILURES, { ...CLI, ...SKIPPING }),
  driver('MySQLdb', login.MYSQLDB, MYSQLDB_FAILURES, {
    ...CLI,
    paceAfterError: 'either',
    paceAfterRows: 'either',
  }),
  driver('DBD::mysql ar=0', login.DBD_MYSQL, LIBMARIADB_FAILURES, {
    ...CLI,
    paceAfterError: 'after',
    paceAfterRows: 'after',
  }),
  driver('DBD::mysql ar=1', login.DBD_MYSQL, LIBMARIADB_FAILURES, { ...CLI, reconnects: 'silently again' }),
  driver('DBD::MariaDB', login.DBD_MARIADB, LIBMARIADB_FAILURES, {
    ...CLI,
    paceAfterError: 'after',
    paceAfterRows: 'after',
  }),
  driver('ruby', login.RUBY, RUBY_FAILURES, {
    ...CLI,
    afterLost: 'dead',
    afterUnwritten: 'dead',
    paceAfterError: 'either',
    paceAfterRows: 'either',
    ...BINARY,
  }),
  driver('ruby rc', login.RUBY, RUBY_FAILURES, {
    ...CLI,
    peeks: 'always',
    reconnects: 'next command',
    paceAfterError: 'either',
    paceAfterRows: 'either',
    ...BINARY,
  }),
  driver('PyMySQL', login.PYMYSQL, PYMYSQL_FAILURES, {
    ...CLI,
    paceAfterError: 'either',
    paceAfterRows: 'after',
    checksSequence: true,
    kills: 'COM_PROCESS_KILL',
  }),
  driver('mysqli', login.MYSQLI, MYSQLI_FAILURES, {
    ...CLI,
    checksSequence: true,
    kills: 'COM_PROCESS_KILL',
    ...BINARY,
  }),
  driver('PDO', login.PDO, PDO_FAILURES, { ...CLI, checksSequence: true }),
  driver('mysql2 conn', login.MYSQL2, MYSQL2_FAILURES, MYSQL2),
  driver('mysql2 pool', login.MYSQL2, MYSQL2_FAILURES, MYSQL2, ON_DEMAND),
  driver('knex', login.KNEX, MYSQL2_FAILURES, MYSQL2, ON_DEMAND),
  driver('mysql conn', login.MYSQL, MYSQL_FAILURES, MYSQL),
  driver(
    'mysql pool',
    login.MYSQL,
    MYSQL_FAILURES,
    { ...MYSQL, connectTimeout: 10_000 },
    { ...ON_DEMAND, takes: 'oldest', pingsAfter: 0 },
  ),
  driver('mariadb conn', login.MARIADB, MARIADB_FAILURES, MARIADB),
  driver('mariadb pool', login.MARIADB, MARIADB_FAILURES, { ...MARIADB, tellsFin: 'either' }, MARIADB_POOL),
  driver('C/J', login.CONNECTORJ, CONNECTORJ_FAILURES, CONNECTORJ),
  driver('C/J aR', login.CONNECTORJ, CONNECTORJ_RECONNECTING_FAILURES, {
    ...CONNECTORJ,
    reconnects: 'next command',
    afterRefused: 'dead',
  }),
  driver('C/J Hikari', login.CONNECTORJ, CONNECTORJ_FAILURES, CONNECTORJ, HIKARI),
  driver('go DB', login.GO, GO_FAILURES, { ...GO, peeks: 'taken' }, GO_POOL),
  driver('go Conn', login.GO, GO_FAILURES, { ...GO, afterUnwritten: 'dead', afterDown: 'dead' }),
] as const;

/** All of them, in the order of the sheet. */
export const DRIVERS: readonly DriverDialect[] = ALL;

const BY_NAME: ReadonlyMap<string, DriverDialect> = new Map(ALL.map((dialect) => [dialect.name, dialect]));

/** The driver of that name; throws if there is none. */
export function driverNamed(name: string): DriverDialect {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new Error(`no driver is called ${name}; there are ${[...BY_NAME.keys()].join(', ')}`);
  return found;
}
