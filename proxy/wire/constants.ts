/**
 * The numbers of the protocol by name: capability flags, status flags, commands, column types, charsets.
 *
 * A table and nothing else.
 */

/** Capability flags of greeting and login. */
export const CAP = {
  LONG_PASSWORD: 0x1,
  FOUND_ROWS: 0x2,
  LONG_FLAG: 0x4,
  CONNECT_WITH_DB: 0x8,
  NO_SCHEMA: 0x10,
  COMPRESS: 0x20,
  ODBC: 0x40,
  LOCAL_FILES: 0x80,
  IGNORE_SPACE: 0x100,
  PROTOCOL_41: 0x200,
  INTERACTIVE: 0x400,
  SSL: 0x800,
  IGNORE_SIGPIPE: 0x1000,
  TRANSACTIONS: 0x2000,
  RESERVED: 0x4000,
  SECURE_CONNECTION: 0x8000,
  MULTI_STATEMENTS: 0x1_0000,
  MULTI_RESULTS: 0x2_0000,
  PS_MULTI_RESULTS: 0x4_0000,
  PLUGIN_AUTH: 0x8_0000,
  CONNECT_ATTRS: 0x10_0000,
  PLUGIN_AUTH_LENENC: 0x20_0000,
  CAN_HANDLE_EXPIRED_PASSWORDS: 0x40_0000,
  SESSION_TRACK: 0x80_0000,
  DEPRECATE_EOF: 0x100_0000,
  OPTIONAL_RESULTSET_METADATA: 0x200_0000,
  ZSTD_COMPRESSION: 0x400_0000,
  QUERY_ATTRIBUTES: 0x800_0000,
} as const;

/** MariaDB's own, in the last four bytes of a login's filler and before the greeting's second scramble. */
export const MARIADB_CAP = {
  PROGRESS: 0x1,
  STMT_BULK_OPERATIONS: 0x4,
  EXTENDED_METADATA: 0x8,
  CACHE_METADATA: 0x10,
  BULK_UNIT_RESULTS: 0x20,
} as const;

/** Status flags of OK and EOF. */
export const STATUS = {
  IN_TRANS: 0x1,
  AUTOCOMMIT: 0x2,
  MORE_RESULTS: 0x8,
  NO_GOOD_INDEX_USED: 0x10,
  NO_INDEX_USED: 0x20,
  CURSOR_EXISTS: 0x40,
  LAST_ROW_SENT: 0x80,
  NO_BACKSLASH_ESCAPES: 0x200,
  SESSION_STATE_CHANGED: 0x4000,
} as const;

/** What an observer's OK starts from (observer.md §5): AUTOCOMMIT and NO_INDEX_USED. */
export const OBSERVER_OK_STATUS = 0x22;

/** Commands: the first byte of a request. */
export const COM = {
  SLEEP: 0x00,
  QUIT: 0x01,
  INIT_DB: 0x02,
  QUERY: 0x03,
  FIELD_LIST: 0x04,
  CREATE_DB: 0x05,
  DROP_DB: 0x06,
  REFRESH: 0x07,
  SHUTDOWN: 0x08,
  STATISTICS: 0x09,
  PROCESS_INFO: 0x0a,
  CONNECT: 0x0b,
  PROCESS_KILL: 0x0c,
  DEBUG: 0x0d,
  PING: 0x0e,
  TIME: 0x0f,
  DELAYED_INSERT: 0x10,
  CHANGE_USER: 0x11,
  BINLOG_DUMP: 0x12,
  TABLE_DUMP: 0x13,
  CONNECT_OUT: 0x14,
  REGISTER_SLAVE: 0x15,
  STMT_PREPARE: 0x16,
  STMT_EXECUTE: 0x17,
  STMT_SEND_LONG_DATA: 0x18,
  STMT_CLOSE: 0x19,
  STMT_RESET: 0x1a,
  SET_OPTION: 0x1b,
  STMT_FETCH: 0x1c,
  DAEMON: 0x1d,
  BINLOG_DUMP_GTID: 0x1e,
  RESET_CONNECTION: 0x1f,
  /** OceanBase's own: a piece of a parameter, as SEND_LONG_DATA sends it, but answered (odp-relay.md §3.7). */
  STMT_SEND_PIECE_DATA: 0xa2,
} as const;

const COM_NAMES: readonly string[] = (() => {
  const names: string[] = [];
  for (const [name, byte] of Object.entries(COM)) names[byte] = name;
  return names;
})();

/** `COM_QUERY` for 3; `COM_0x7f` for a byte that is no command. */
export function commandName(byte: number): string {
  return `COM_${COM_NAMES[byte] ?? `0x${byte.toString(16).padStart(2, '0')}`}`;
}

/** Column types of a result set. */
export const TYPE = {
  DECIMAL: 0x00,
  TINY: 0x01,
  SHORT: 0x02,
  LONG: 0x03,
  FLOAT: 0x04,
  DOUBLE: 0x05,
  NULL: 0x06,
  TIMESTAMP: 0x07,
  LONGLONG: 0x08,
  INT24: 0x09,
  DATE: 0x0a,
  TIME: 0x0b,
  DATETIME: 0x0c,
  YEAR: 0x0d,
  VARCHAR: 0x0f,
  BIT: 0x10,
  NEWDECIMAL: 0xf6,
  BLOB: 0xfc,
  VAR_STRING: 0xfd,
  STRING: 0xfe,
} as const;

/** Flags of a column. */
export const COLUMN = {
  NOT_NULL: 0x1,
  PRIMARY_KEY: 0x2,
  BLOB: 0x10,
  UNSIGNED: 0x20,
  BINARY: 0x80,
  AUTO_INCREMENT: 0x200,
} as const;

/** Collation ids that we name ourselves. */
export const CHARSET = {
  UTF8MB4_GENERAL_CI: 45,
  UTF8MB4_BIN: 46,
  BINARY: 63,
} as const;

/** First bytes that tell what a packet of a response is. */
export const OK_MARK = 0x00;
export const MORE_AUTH_MARK = 0x01;
export const LOCAL_INFILE_MARK = 0xfb;
export const EOF_MARK = 0xfe;
export const ERR_MARK = 0xff;
/** An EOF is shorter than this; a longer packet that starts with 0xfe is a row. */
export const EOF_LIMIT = 9;
