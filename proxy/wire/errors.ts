/**
 * The error table: number, SQLSTATE and text of every ERR that the proxy or an observer makes.
 *
 * An OceanBase error without a MySQL number goes out as its absolute value (observer.md §3.3). `%s` stands for the
 * arguments in their order. Sources: odp-sessions.md §7, odp-relay.md §1 and §6, observer.md §1.4, §3.3 and §6.3.
 */
import type { Err } from './ok.ts';

const TABLE = {
  // Sessions and KILL
  UNKNOWN_THREAD: [1094, 'HY000', 'Unknown thread id: %s'],
  NOT_OWNER: [1095, 'HY000', 'You are not owner of thread %s'],
  QUERY_INTERRUPTED: [1317, '70100', 'Query execution was interrupted'],
  SESSION_INTERRUPTED: [5066, 'HY000', 'Session interrupted'],
  BAD_INTERNAL_COMMAND: [5010, '21000', 'Unknown operator, bad internal cmd'],
  COMMAND_VALUE_TOO_LONG: [8007, 'HY000', 'internal cmd value is too long'],
  PACKET_TOO_LARGE: [1153, '08S01', "Got a packet bigger than 'max_allowed_packet' bytes"],
  INTERNAL_ERROR: [4016, 'HY000', 'Internal error'],
  BUFFER_NOT_ENOUGH: [4024, 'HY000', 'Buffer not enough'],
  // Login
  ACCESS_DENIED: [1045, '42000', "Access denied for user '%s'@'%s' (using password: %s)"],
  DATABASE_ACCESS_DENIED: [1044, '42000', "Access denied for user '%s'@'%s' to database '%s'"],
  UNKNOWN_DATABASE: [1049, '42000', "Unknown database '%s'"],
  CLUSTER_NOT_EXIST: [4669, 'HY000', 'cluster not exist'],
  CLUSTER_NO_MATCH: [4666, 'HY000', "cluster name does not match to '%s'"],
  TENANT_NOT_IN_SERVER: [5150, 'HY000', 'Tenant not in this server'],
  SERVER_IS_INIT: [8001, '08004', 'Server is initializing'],
  SERVER_IS_STOPPING: [8002, '08004', 'Server is stopping'],
  TOO_MANY_SESSIONS: [1203, '42000', 'Too many sessions'],
  TOO_MANY_CONNECTIONS: [1040, '08004', 'Too many connections'],
  // Before a MySQL server (2002, 2003, 2006, 2013 are the clients' own numbers, clients.md §1)
  SERVER_UNREACHABLE: [1429, 'HY000', 'Unable to connect to foreign data source: the proxy cannot reach %s'],
  INSECURE_TRANSPORT: [
    3159,
    'HY000',
    "caching_sha2_password asks for the password itself, which goes over TLS on both sides of the proxy only: log in to the server directly once, so that it keeps the password's hash in its cache",
  ],
  // Statements
  NOT_SUPPORTED: [1235, '0A000', 'Not supported feature or function'],
  LAST_SESSION_INVALID: [4637, 'HY000', 'last session is invalid'],
  NOT_SUPPORTED_DETAIL: [1235, '0A000', '%s not supported'],
  PREPARE_NOT_SUPPORTED: [1295, 'HY000', 'This command is not supported in the prepared statement protocol yet'],
  SYNTAX: [
    1064,
    '42000',
    "You have an error in your SQL syntax; check the manual that corresponds to your OceanBase version for the right syntax to use near '%s' at line %s",
  ],
  NO_DATABASE: [1046, '3D000', 'No database selected'],
  UNKNOWN_VARIABLE: [1193, 'HY000', "Unknown system variable '%s'"],
  READ_ONLY_VARIABLE: [1238, 'HY000', "Variable '%s' is a read only variable"],
  WRONG_VALUE_FOR_VARIABLE: [1231, '42000', "Variable '%s' can't be set to the value of '%s'"],
  UNKNOWN_TABLE: [1146, '42S02', "Table '%s' doesn't exist"],
  TABLE_EXISTS: [1050, '42S01', "Table '%s' already exists"],
  DATABASE_EXISTS: [1007, 'HY000', "Can't create database '%s'; database exists"],
  UNKNOWN_COLUMN: [1054, '42S22', "Unknown column '%s' in '%s'"],
  DUPLICATE_ENTRY: [1062, '23000', "Duplicate entry '%s' for key '%s'"],
  COLUMN_COUNT: [1136, '21S01', "Column count doesn't match value count at row %s"],
  UNKNOWN_FUNCTION: [1305, '42000', 'FUNCTION %s does not exist'],
  QUERY_TIMEOUT: [
    4012,
    'HY000',
    'Timeout, query has reached the maximum query timeout: %s(us), maybe you can adjust the session variable ob_query_timeout or query_timeout hint, and try again.',
  ],
  EMPTY_QUERY: [1065, '42000', 'Query was empty'],
  PARAMETER_COUNT: [1582, '42000', "Incorrect parameter count in the call to native function '%s'"],
  UNKNOWN_CHARSET: [1115, '42000', "Unknown character set: '%s'"],
  UNKNOWN_COLLATION: [1273, 'HY000', "Unknown collation: '%s'"],
  COLLATION_MISMATCH: [1253, '42000', "COLLATION '%s' is not valid for CHARACTER SET '%s'"],
  WRONG_TYPE_FOR_VARIABLE: [1232, '42000', "Incorrect argument type to variable '%s'"],
  SESSION_READ_ONLY_VARIABLE: [1621, 'HY000', "SESSION variable '%s' is read-only. Use SET GLOBAL to assign the value"],
  TOO_MANY_PREPARED: [1461, '42000', "Can't create more than max_prepared_stmt_count statements (current value: %s)"],
  SESSION_VARIABLE: [1228, 'HY000', "Variable '%s' is a SESSION variable and can't be used with SET GLOBAL"],
  GLOBAL_VARIABLE: [1229, 'HY000', "Variable '%s' is a GLOBAL variable and should be set with SET GLOBAL"],
  NO_PRIVILEGE: [1227, '42501', 'Access denied; you need (at least one of) the %s privilege(s) for this operation'],
  DROP_UNKNOWN_DATABASE: [1008, 'HY000', "Can't drop database '%s'; database doesn't exist"],
  DROP_UNKNOWN_TABLE: [1051, '42S02', "Unknown table '%s'"],
  NO_TABLES_USED: [1096, 'HY000', 'No tables used'],
  COLUMN_TWICE: [1110, '42000', "Column '%s' specified twice"],
  COLUMN_NOT_NULL: [1048, '23000', "Column '%s' cannot be null"],
  WRONG_VALUE_FOR_COLUMN: [1366, 'HY000', "Incorrect %s value: '%s' for column '%s' at row %s"],
  // Values, tables, keys
  OUT_OF_RANGE: [1690, '22003', "%s value is out of range in '%s'"],
  OUT_OF_RANGE_FOR_COLUMN: [1264, '22003', "Out of range value for column '%s' at row %s"],
  TOO_LONG_FOR_COLUMN: [1406, '22001', "Data too long for column '%s' at row %s"],
  TRUNCATED_FOR_COLUMN: [1265, '01000', "Data truncated for column '%s' at row %s"],
  WRONG_TIME_FOR_COLUMN: [1292, '22007', "Incorrect %s value: '%s' for column '%s' at row %s"],
  RESULT_TOO_LONG: [1301, 'HY000', 'Result of %s() was larger than max_allowed_packet (%s) - truncated'],
  TRUNCATED_VALUE: [1292, '22007', "Truncated incorrect %s value: '%s'"],
  WRONG_VALUE_FOR_FUNCTION: [1411, 'HY000', "Incorrect %s value: '%s' for function %s"],
  DATETIME_OVERFLOW: [1441, '22008', 'Datetime function: %s field overflow'],
  DIVISION_BY_ZERO: [1365, '22012', 'Division by 0'],
  SAFE_UPDATE: [
    1175,
    'HY000',
    'You are using safe update mode and you tried to update a table without a WHERE that uses a KEY column',
  ],
  NOT_GROUPED: [1055, '42000', "'%s' is not in GROUP BY"],
  NOT_GROUPED_AT_ALL: [
    1140,
    '42000',
    "In aggregated query without GROUP BY, expression #%s of SELECT list contains nonaggregated column '%s'; this is incompatible with sql_mode=only_full_group_by",
  ],
  NO_DEFAULT: [1364, 'HY000', "Field '%s' doesn't have a default value"],
  AMBIGUOUS_COLUMN: [1052, '23000', "Column '%s' in %s is ambiguous"],
  NOT_UNIQUE_TABLE: [1066, '42000', "Not unique table/alias: '%s'"],
  ALIAS_NEEDED: [1248, '42000', 'Every derived table must have its own alias'],
  OPERAND_COLUMNS: [1241, '21000', 'Operand should contain %s column(s)'],
  SUBQUERY_ROWS: [1242, '21000', 'Subquery returns more than 1 row'],
  UNION_COLUMNS: [1222, '21000', 'The used SELECT statements have a different number of columns'],
  WRONG_ARGUMENTS: [1210, 'HY000', 'Incorrect arguments to %s'],
  WRONG_REGEXP: [1139, '42000', "Got error '%s' from regexp"],
  DUPLICATE_COLUMN: [1060, '42S21', "Duplicate column name '%s'"],
  DUPLICATE_KEY_NAME: [1061, '42000', "Duplicate key name '%s'"],
  MULTIPLE_PRIMARY: [1068, '42000', 'Multiple primary key defined'],
  NO_SUCH_KEY_COLUMN: [1072, '42000', "Key column '%s' doesn't exist in table"],
  CANNOT_DROP: [1091, '42000', "Can't DROP '%s'; check that column/key exists"],
  ALL_COLUMNS_GONE: [1090, '42000', "You can't delete all columns with ALTER TABLE; use DROP TABLE instead"],
  WRONG_AUTO_INCREMENT: [
    1075,
    '42000',
    'Incorrect table definition; there can be only one auto column and it must be defined as a key',
  ],
  WRONG_DEFAULT: [1067, '42000', "Invalid default value for '%s'"],
  WRONG_COLUMN_SPECIFIER: [1063, '42000', "Incorrect column specifier for column '%s'"],
  NAME_TOO_LONG: [1059, '42000', "Identifier name '%s' is too long"],
  TOO_BIG_PRECISION: [1426, '42000', "Too big precision %s specified for '%s'. Maximum is %s"],
  TOO_BIG_SCALE: [1425, '42000', "Too big scale %s specified for '%s'. Maximum is %s"],
  SCALE_OVER_PRECISION: [1427, '42000', "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '%s')"],
  TOO_LONG_COLUMN: [1074, '42000', "Column length too big for column '%s' (max = %s); use BLOB or TEXT instead"],
  WRONG_GROUP_FIELD: [1056, '42000', "Can't group on '%s'"],
  WRONG_USAGE: [1221, 'HY000', 'Incorrect usage of %s and %s'],
  UNKNOWN_TIME_ZONE: [1298, 'HY000', "Unknown or incorrect time zone: '%s'"],
  UNKNOWN_VIRTUAL_TABLE: [1109, '42S02', "Unknown table '%s' in %s"],
  CAST_TO_UNSIGNED: [1105, 'HY000', "Cast to unsigned converted negative integer to it's positive complement"],
  CUT_BY_GROUP_CONCAT: [1260, 'HY000', 'Row %s was cut by GROUP_CONCAT()'],
  WRONG_AGGREGATE_USE: [1111, 'HY000', 'Invalid use of group function'],
  TRANSACTION_IN_PROGRESS: [
    1568,
    '25001',
    "Transaction characteristics can't be changed while a transaction is in progress",
  ],
  READ_ONLY_TRANSACTION: [1792, '25006', 'Cannot execute statement in a READ ONLY transaction'],
  DEADLOCK: [1213, 'HY000', 'Deadlock'],
  TRANSACTION_TIMEOUT: [
    4012,
    '25000',
    'Transaction timeout occurred, please rollback the transaction, set the variable ob_trx_timeout to a larger value and then restart the transaction',
  ],
  TRANSACTION_IDLE_TIMEOUT: [
    6002,
    '25000',
    'Transaction idle timeout occurred, please rollback the transaction, set the variable ob_trx_idle_timeout to a larger value and then restart the transaction',
  ],
  TRANSACTION_RESULT_UNKNOWN: [4012, '25000', 'Transaction result is unknown'],
  TRANSACTION_ROLLED_BACK: [6002, '40000', 'Transaction rollbacked'],
  UNKNOWN_SAVEPOINT: [1305, '42000', 'SAVEPOINT %s does not exist'],
  STATEMENT_HANDLE: [1243, 'HY007', 'Unknown prepared statement handle'],
  CURSOR_NOT_EXIST: [6309, 'HY000', 'cursor not exist'],
  UNKNOWN_STATEMENT: [1243, 'HY000', 'Unknown prepared statement handler (%s) given to %s'],
  NO_OPEN_CURSOR: [1421, 'HY000', 'The statement (%s) has no open cursor.'],
  // The cluster
  TRANSACTION_NEEDS_ROLLBACK: [6002, '25000', 'transaction needs rollback'],
  NOT_MASTER: [4038, 'HY000', 'The observer or zone is not the master'],
  LOCK_WAIT_TIMEOUT: [1205, 'HY000', 'Lock wait timeout exceeded; try restarting transaction'],
} as const satisfies Record<string, readonly [code: number, sqlState: string, text: string]>;

export type ErrorName = keyof typeof TABLE;

/** The ERR of this name, its `%s` filled in. */
export function errorOf(name: ErrorName, ...values: readonly (string | number | bigint)[]): Err {
  const [code, sqlState, text] = TABLE[name];
  let next = 0;
  return { code, sqlState, message: text.replaceAll('%s', () => String(values[next++] ?? '')) };
}
