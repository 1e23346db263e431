/** The names that Node's drivers give to numbers of the server; what they do not know has none. */

const NAMES: Readonly<Record<number, string>> = {
  1040: 'ER_CON_COUNT_ERROR',
  1044: 'ER_DBACCESS_DENIED_ERROR',
  1045: 'ER_ACCESS_DENIED_ERROR',
  1046: 'ER_NO_DB_ERROR',
  1048: 'ER_BAD_NULL_ERROR',
  1049: 'ER_BAD_DB_ERROR',
  1050: 'ER_TABLE_EXISTS_ERROR',
  1051: 'ER_BAD_TABLE_ERROR',
  1053: 'ER_SERVER_SHUTDOWN',
  1054: 'ER_BAD_FIELD_ERROR',
  1062: 'ER_DUP_ENTRY',
  1064: 'ER_PARSE_ERROR',
  1094: 'ER_NO_SUCH_THREAD',
  1095: 'ER_KILL_DENIED_ERROR',
  1146: 'ER_NO_SUCH_TABLE',
  1193: 'ER_UNKNOWN_SYSTEM_VARIABLE',
  1205: 'ER_LOCK_WAIT_TIMEOUT',
  1213: 'ER_LOCK_DEADLOCK',
  1227: 'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  1235: 'ER_NOT_SUPPORTED_YET',
  1295: 'ER_UNSUPPORTED_PS',
  1305: 'ER_SP_DOES_NOT_EXIST',
  1317: 'ER_QUERY_INTERRUPTED',
  1927: 'ER_CONNECTION_KILLED',
};

export function errorName(errno: number, unknown: string): string {
  return NAMES[errno] ?? unknown;
}
