/**
 * What drivers send at login and right behind it, as data (clients.md §8.1, §8.2).
 *
 * `test/client/driver-logins.test.ts` compares the packets with the sheet's, byte for byte.
 */
import type { LoginForm } from './dialect.ts';

type Attributes = LoginForm['attributes'];

const PLAIN: Omit<LoginForm, 'capabilities' | 'maxPacket' | 'charset'> = {
  alwaysDatabase: false,
  attributes: [],
  longBlock: false,
  startUp: [],
  ifAutocommit: null,
  startUpTogether: false,
};

const MIB = 1024 * 1024;

const LIBMARIADB: Attributes = [
  ['_os', 'Linux'],
  ['_client_name', 'libmariadb'],
  ['_pid', '%pid'],
  ['_client_version', '3.3.20'],
  ['_platform', 'x86_64'],
];
const SERVER_HOST: Attributes = [['_server_host', '%server']];

function named(program: string): Attributes {
  return [...LIBMARIADB, ['program_name', program], ...SERVER_HOST];
}

/** Batch form (no terminal). */
export const MARIADB_CLI: LoginForm = {
  ...PLAIN,
  capabilities: 0x00bf_a285,
  maxPacket: MIB,
  charset: 33,
  attributes: named('mysql'),
};

/** Batch form; its library asks for the version at every connect. */
export const OBCLIENT: LoginForm = {
  ...PLAIN,
  capabilities: 0x08bf_a285,
  maxPacket: 16 * MIB,
  charset: 33,
  attributes: [
    ['_os', 'Linux'],
    ['_client_name', 'libmariadb'],
    ['__mysql_client_type', '__ob_libobclient'],
    ['program_name', 'mysql'],
    ['_platform', 'x86_64'],
    ['_server_host', '%server'],
    ['__ob_client_attribute_capability_flag', '5'],
    ['_client_version', '2.2.10'],
    ['__client_port', '%port'],
    ['__client_ip', '%ip'],
    ['_pid', '%pid'],
    ['__ob_client_version', '2.2.10'],
    ['__proxy_capability_flag', '1360128'],
    ['__ob_client_name', 'OceanBase Connector/C'],
  ],
  startUp: ['select @@version_comment, @@version limit 1'],
};

export const MYSQLDB: LoginForm = {
  ...PLAIN,
  capabilities: 0x00be_a285,
  maxPacket: MIB,
  charset: 45,
  attributes: [...LIBMARIADB, ...SERVER_HOST],
  startUp: ['SET autocommit=0'],
};

export const DBD_MYSQL: LoginForm = {
  ...PLAIN,
  capabilities: 0x00be_a287,
  maxPacket: MIB,
  charset: 45,
  attributes: named('script.pl'),
};

export const DBD_MARIADB: LoginForm = {
  ...MYSQLDB,
  capabilities: 0x80be_a287,
  startUp: [
    "SET NAMES 'utf8mb4'",
    "SET character_set_server = 'utf8mb4'",
    "SET collation_connection = 'utf8mb4_unicode_ci'",
    "SET collation_server = 'utf8mb4_unicode_ci'",
  ],
};

export const RUBY: LoginForm = {
  ...PLAIN,
  capabilities: 0x80be_a285,
  maxPacket: MIB,
  charset: 33,
  attributes: named('script.rb'),
};

export const PYMYSQL: LoginForm = {
  ...PLAIN,
  capabilities: 0x003a_a205,
  maxPacket: 16 * MIB - 1,
  charset: 45,
  attributes: [
    ['_client_name', 'pymysql'],
    ['_pid', '%pid'],
    ['_client_version', '1.0.2'],
  ],
  ifAutocommit: 'SET AUTOCOMMIT = 0',
};

export const MYSQLI: LoginForm = {
  ...PLAIN,
  capabilities: 0x001a_a285,
  maxPacket: 3072 * MIB,
  charset: 'greeting',
  attributes: [['_client_name', 'mysqlnd'], ...SERVER_HOST],
};

export const PDO: LoginForm = { ...MYSQLI, capabilities: 0x001b_a285 };

export const MYSQL2: LoginForm = {
  ...PLAIN,
  capabilities: 0x08ba_f3cf,
  maxPacket: 0,
  charset: 224,
  alwaysDatabase: true,
  attributes: [
    ['_client_name', 'Node-MySQL-2'],
    ['_client_version', '3.24.6'],
  ],
};

export const KNEX: LoginForm = { ...MYSQL2, startUp: ['select version() as version'] };

export const MYSQL: LoginForm = {
  ...PLAIN,
  capabilities: 0x0006_f3cf,
  maxPacket: 0,
  charset: 33,
  alwaysDatabase: true,
};

export const MARIADB: LoginForm = {
  ...PLAIN,
  capabilities: 0x009e_a302,
  maxPacket: 1024 * MIB,
  charset: 224,
  attributes: [
    ['_client_name', 'MariaDB connector/Node'],
    ['_client_version', '3.5.4'],
    ['_os', 'linux'],
    ['_client_host', '%host'],
    ['_node_version', '20.20.2'],
  ],
  longBlock: true,
};

export const CONNECTORJ: LoginForm = {
  ...PLAIN,
  capabilities: 0x00be_a382,
  maxPacket: 1024 * MIB,
  charset: 'greeting',
  attributes: [
    ['_client_name', 'MariaDB Connector/J'],
    ['_client_version', '2.7.6'],
    ['_server_host', '%server'],
    ['_os', 'Linux'],
    ['_pid', '%pid'],
    ['_thread', '1'],
    ['_java_vendor', 'Debian'],
    ['_java_version', '17.0.15'],
  ],
  startUp: [
    "set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')",
    'SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment',
  ],
  startUpTogether: true,
};

export const GO: LoginForm = { ...PLAIN, capabilities: 0x000a_a285, maxPacket: 0, charset: 45 };
