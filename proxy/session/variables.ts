/**
 * The yardstick for "changed": system variables and their default values in the form in which observers report them
 * (decisions.md 12: observer.md §8 in wire form, but ob_trx_timeout 100000000, ODP's built-in value).
 *
 * A table. Which of them a session has changed is `state.ts`'s to know.
 */

/** Hot variables have a version counter of their own; all others are cold (odp-relay.md §4.1). */
export type VariableClass = 'cold' | 'hot' | 'last insert id';

export interface VariableDefault {
  readonly value: string;
  /** As SHOW PROXYSESSION VARIABLES prints them, in its order (odp-sessions.md §2.5). */
  readonly flags: readonly ('invisible' | 'global_scope' | 'session_scope' | 'readonly' | 'nullable')[];
}

const HOT: ReadonlySet<string> = new Set(['autocommit', 'ob_log_level', 'ob_query_timeout', 'ob_last_schema_version']);

export function classOf(name: string): VariableClass {
  return HOT.has(name) ? 'hot' : name === 'last_insert_id' || name === 'identity' ? 'last insert id' : 'cold';
}

const BOTH: VariableDefault['flags'] = ['global_scope', 'session_scope'];
const GLOBAL: VariableDefault['flags'] = ['global_scope'];
const SESSION: VariableDefault['flags'] = ['session_scope'];
const READ_ONLY: VariableDefault['flags'] = ['global_scope', 'readonly'];
const SESSION_READ_ONLY: VariableDefault['flags'] = ['global_scope', 'session_scope', 'readonly'];
const HIDDEN: VariableDefault['flags'] = ['invisible', 'session_scope'];
const NULLABLE: VariableDefault['flags'] = ['global_scope', 'session_scope', 'nullable'];

const ROWS: readonly (readonly [name: string, value: string, flags: VariableDefault['flags']])[] = [
  ['autocommit', '1', BOTH],
  ['auto_increment_increment', '1', BOTH],
  ['auto_increment_offset', '1', BOTH],
  ['auto_increment_cache_size', '1000000', BOTH],
  ['character_set_client', '45', BOTH],
  ['character_set_connection', '45', BOTH],
  ['character_set_database', '45', BOTH],
  ['character_set_results', '45', NULLABLE],
  ['character_set_server', '45', BOTH],
  ['character_set_system', '45', READ_ONLY],
  ['character_set_filesystem', '63', BOTH],
  ['collation_connection', '45', BOTH],
  ['collation_database', '45', BOTH],
  ['collation_server', '45', BOTH],
  ['init_connect', '', GLOBAL],
  ['license', '', READ_ONLY],
  ['interactive_timeout', '28800', BOTH],
  ['wait_timeout', '28800', BOTH],
  ['net_read_timeout', '30', BOTH],
  ['net_write_timeout', '60', BOTH],
  ['connect_timeout', '10', GLOBAL],
  ['lock_wait_timeout', '31536000', BOTH],
  ['net_buffer_length', '16384', SESSION_READ_ONLY],
  ['max_allowed_packet', '16777216', SESSION_READ_ONLY],
  ['lower_case_table_names', '1', READ_ONLY],
  ['sql_mode', 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER', BOTH],
  ['tx_isolation', 'READ-COMMITTED', BOTH],
  ['transaction_isolation', 'READ-COMMITTED', BOTH],
  ['tx_read_only', '0', BOTH],
  ['transaction_read_only', '0', BOTH],
  ['read_only', '0', GLOBAL],
  ['system_time_zone', '+08:00', READ_ONLY],
  ['time_zone', '+08:00', BOTH],
  ['query_cache_size', '0', GLOBAL],
  ['query_cache_type', '0', BOTH],
  ['have_query_cache', 'NO', READ_ONLY],
  ['have_ssl', 'YES', READ_ONLY],
  ['have_openssl', 'YES', READ_ONLY],
  ['performance_schema', '0', READ_ONLY],
  ['profiling', '0', BOTH],
  ['have_profiling', 'NO', READ_ONLY],
  ['max_connections', '2147483647', GLOBAL],
  ['max_user_connections', '0', BOTH],
  ['max_execution_time', '0', BOTH],
  ['sql_select_limit', '9223372036854775807', BOTH],
  ['sql_auto_is_null', '0', BOTH],
  ['sql_safe_updates', '0', BOTH],
  ['sql_warnings', '0', BOTH],
  ['sql_quote_show_create', '1', BOTH],
  ['foreign_key_checks', '1', BOTH],
  ['unique_checks', '1', BOTH],
  ['explicit_defaults_for_timestamp', '1', BOTH],
  ['group_concat_max_len', '1024', BOTH],
  ['div_precision_increment', '4', BOTH],
  ['tmp_table_size', '16777216', BOTH],
  ['default_storage_engine', 'OceanBase', BOTH],
  ['default_authentication_plugin', 'mysql_native_password', READ_ONLY],
  ['binlog_format', '2', SESSION_READ_ONLY],
  ['log_bin', '1', READ_ONLY],
  ['server_id', '1', GLOBAL],
  ['protocol_version', '10', READ_ONLY],
  ['hostname', '', READ_ONLY],
  ['datadir', '/usr/local/mysql/data/', READ_ONLY],
  ['plugin_dir', './plugin_dir/', READ_ONLY],
  ['secure_file_priv', '', GLOBAL],
  ['local_infile', '1', GLOBAL],
  ['lc_messages', 'en_US', BOTH],
  ['general_log', '0', GLOBAL],
  ['long_query_time', '10', BOTH],
  ['innodb_strict_mode', '1', BOTH],
  ['cte_max_recursion_depth', '1000', BOTH],
  ['block_encryption_mode', 'aes-128-ecb', BOTH],
  ['session_track_schema', '1', BOTH],
  ['session_track_state_change', '0', BOTH],
  [
    'session_track_system_variables',
    'time_zone, autocommit, character_set_client, character_set_results, character_set_connection',
    BOTH,
  ],
  ['time_format', '%H:%i:%s', READ_ONLY],
  ['last_insert_id', '0', SESSION],
  ['identity', '0', SESSION],
  ['timestamp', '0', SESSION],
  ['ob_query_timeout', '10000000', BOTH],
  ['ob_trx_timeout', '100000000', BOTH],
  ['ob_trx_idle_timeout', '86400000000', BOTH],
  ['ob_trx_lock_timeout', '-1', BOTH],
  ['ob_read_consistency', '3', BOTH],
  ['ob_compatibility_mode', '0', SESSION_READ_ONLY],
  ['ob_route_policy', '1', BOTH],
  ['ob_tcp_invited_nodes', '127.0.0.1,::1', GLOBAL],
  ['ob_enable_plan_cache', '1', BOTH],
  ['ob_enable_sql_audit', '1', GLOBAL],
  ['ob_enable_transmission_checksum', '1', BOTH],
  ['ob_enable_jit', '0', BOTH],
  ['ob_log_level', 'disabled', SESSION],
  ['ob_check_sys_variable', '1', BOTH],
  ['recyclebin', '0', BOTH],
  ['is_result_accurate', '1', BOTH],
  ['ob_statement_trace_id', 'Y0-0', HIDDEN],
  ['ob_proxy_partition_hit', '1', HIDDEN],
  ['ob_proxy_set_trx_executed', '0', HIDDEN],
  ['ob_last_schema_version', '0', SESSION],
  ['ob_trace_info', '', SESSION],
];

/** By name, in the order in which SHOW PROXYSESSION VARIABLES ALL lists them. */
export const DEFAULTS: ReadonlyMap<string, VariableDefault> = new Map(
  ROWS.map(([name, value, flags]) => [name, { value, flags }]),
);

/** The four that ODP lives on, by name (decisions.md 10). */
export const CAPABILITY_FLAG = 'ob_capability_flag';
export const TRANSMISSION_CHECKSUM = 'ob_enable_transmission_checksum';
export const GLOBAL_VARIABLES_VERSION = 'ob_proxy_global_variables_version';
export const USER_PRIVILEGE = 'ob_proxy_user_privilege';
/** SET TRANSACTION has been used: the next transaction stays on the last server session (odp-relay.md §3.4). */
export const SET_TRX_EXECUTED = 'ob_proxy_set_trx_executed';
/** 0: the observer that served the statement leads none of its tables (odp-relay.md §5.3). */
export const PARTITION_HIT = 'ob_proxy_partition_hit';

/** Reported, but never kept as a variable of the session (odp-relay.md §4.1). */
export const CONSUMED: ReadonlySet<string> = new Set([
  CAPABILITY_FLAG,
  GLOBAL_VARIABLES_VERSION,
  USER_PRIVILEGE,
  SET_TRX_EXECUTED,
  PARTITION_HIT,
  'ob_statement_trace_id',
  'ob_safe_weak_read_snapshot',
  'ob_client_reroute_info',
]);
