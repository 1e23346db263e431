/**
 * The system variables of an observer: names, defaults, who may set them, and their three forms (observer.md §8).
 *
 * A value is kept as the text that SHOW VARIABLES prints. The wire form is what an OK to a proxy carries: numbers for
 * ON/OFF and enumerations, collation numbers for character sets, else the text (observer.md §5, decisions.md 10). The
 * SQL form is what `@@x` gives. The proxy has a table of its own; this one must never be shared with it.
 */
import { collationByName, defaultCollation } from './charsets.ts';
import { refuse } from './refusal.ts';
import { bigOf, textOf, type Value } from './sql/value.ts';
import { modesText } from './sql-modes.ts';

/** How a variable's text is read and written. A list of words is an enumeration, numbered from `first`. */
type Kind =
  | 'switch'
  | 'integer'
  | 'number'
  | 'text'
  | 'charset'
  | 'collation'
  | 'modes'
  | { readonly words: readonly string[]; readonly first: number };

/**
 * `both`: has a global value that new sessions start from. `start`: so it has, and that is all a session gets of it.
 * `readOnly`: nobody sets it by SET.
 */
type Access = 'both' | 'start' | 'session' | 'global' | 'readOnly';

export interface Variable {
  readonly name: string;
  readonly index: number;
  readonly kind: Kind;
  readonly access: Access;
  readonly initial: string;
  /** Not in SHOW VARIABLES; travels in the OKs to a proxy. */
  readonly hidden: boolean;
}

const ROUTE_POLICIES: Kind = {
  words: ['READONLY_ZONE_FIRST', 'ONLY_READONLY_ZONE', 'UNMERGE_ZONE_FIRST', 'UNMERGE_FOLLOWER_FIRST'],
  first: 1,
};
const CONSISTENCY: Kind = { words: ['FROZEN', 'WEAK', 'STRONG'], first: 1 };
const BINLOG: Kind = { words: ['MIXED', 'STATEMENT', 'ROW'], first: 0 };
const CACHE: Kind = { words: ['OFF', 'ON', 'DEMAND'], first: 0 };
const COMPATIBILITY: Kind = { words: ['MYSQL', 'ORACLE'], first: 0 };

type Row = readonly [name: string, initial: string, kind: Kind, access: Access, hidden?: 'hidden'];

/** The version that `@@version` gives (decisions.md 1); `VERSION_NUMBER` is what `ob_version()` gives. */
export const VERSION_NUMBER = '4.2.1.0';
export const VERSION = `5.7.25-OceanBase_CE-v${VERSION_NUMBER}`;
const VERSION_COMMENT = `OceanBase_CE ${VERSION_NUMBER} (r100000102023092807-odplab) (Built Sep 28 2023 07:25:28)`;

const ROWS: readonly Row[] = [
  ['autocommit', 'ON', 'switch', 'both'],
  ['auto_increment_increment', '1', 'integer', 'both'],
  ['auto_increment_offset', '1', 'integer', 'both'],
  ['auto_increment_cache_size', '1000000', 'integer', 'both'],
  ['character_set_client', 'utf8mb4', 'charset', 'both'],
  ['character_set_connection', 'utf8mb4', 'charset', 'both'],
  ['character_set_database', 'utf8mb4', 'charset', 'both'],
  ['character_set_results', 'utf8mb4', 'charset', 'both'],
  ['character_set_server', 'utf8mb4', 'charset', 'both'],
  ['character_set_system', 'utf8mb4', 'charset', 'readOnly'],
  ['character_set_filesystem', 'binary', 'charset', 'both'],
  ['collation_connection', 'utf8mb4_general_ci', 'collation', 'both'],
  ['collation_database', 'utf8mb4_general_ci', 'collation', 'both'],
  ['collation_server', 'utf8mb4_general_ci', 'collation', 'both'],
  ['init_connect', '', 'text', 'global'],
  ['license', '', 'text', 'readOnly'],
  ['interactive_timeout', '28800', 'integer', 'both'],
  ['wait_timeout', '28800', 'integer', 'both'],
  ['net_read_timeout', '30', 'integer', 'both'],
  ['net_write_timeout', '60', 'integer', 'both'],
  ['connect_timeout', '10', 'integer', 'global'],
  ['lock_wait_timeout', '31536000', 'integer', 'both'],
  ['net_buffer_length', '16384', 'integer', 'start'],
  ['max_allowed_packet', '16777216', 'integer', 'start'],
  ['lower_case_table_names', '1', 'integer', 'readOnly'],
  ['sql_mode', 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER', 'modes', 'both'],
  ['tx_isolation', 'READ-COMMITTED', 'text', 'both'],
  ['transaction_isolation', 'READ-COMMITTED', 'text', 'both'],
  ['tx_read_only', 'OFF', 'switch', 'both'],
  ['transaction_read_only', 'OFF', 'switch', 'both'],
  ['read_only', 'OFF', 'switch', 'global'],
  ['system_time_zone', '+08:00', 'text', 'readOnly'],
  ['time_zone', '+08:00', 'text', 'both'],
  ['query_cache_size', '0', 'integer', 'global'],
  ['query_cache_type', 'OFF', CACHE, 'both'],
  ['have_query_cache', 'NO', 'text', 'readOnly'],
  ['have_ssl', 'YES', 'text', 'readOnly'],
  ['have_openssl', 'YES', 'text', 'readOnly'],
  ['performance_schema', 'OFF', 'switch', 'readOnly'],
  ['profiling', 'OFF', 'switch', 'both'],
  ['have_profiling', 'NO', 'text', 'readOnly'],
  ['max_connections', '2147483647', 'integer', 'global'],
  ['max_user_connections', '0', 'integer', 'both'],
  ['max_prepared_stmt_count', '16382', 'integer', 'global'],
  ['max_execution_time', '0', 'integer', 'both'],
  ['sql_select_limit', '9223372036854775807', 'integer', 'both'],
  ['sql_auto_is_null', 'OFF', 'switch', 'both'],
  ['sql_safe_updates', 'OFF', 'switch', 'both'],
  ['sql_warnings', 'OFF', 'switch', 'both'],
  ['sql_notes', 'ON', 'switch', 'both'],
  ['sql_quote_show_create', 'ON', 'switch', 'both'],
  ['foreign_key_checks', 'ON', 'switch', 'both'],
  ['unique_checks', 'ON', 'switch', 'both'],
  ['explicit_defaults_for_timestamp', 'ON', 'switch', 'both'],
  ['group_concat_max_len', '1024', 'integer', 'both'],
  ['div_precision_increment', '4', 'integer', 'both'],
  ['tmp_table_size', '16777216', 'integer', 'both'],
  ['default_storage_engine', 'OceanBase', 'text', 'both'],
  ['default_authentication_plugin', 'mysql_native_password', 'text', 'readOnly'],
  ['binlog_format', 'ROW', BINLOG, 'readOnly'],
  ['log_bin', 'ON', 'switch', 'readOnly'],
  ['server_id', '1', 'integer', 'global'],
  ['server_uuid', '7a1d4c06-8e52-11ee-9f0e-0242ac110002', 'text', 'readOnly'],
  ['protocol_version', '10', 'integer', 'readOnly'],
  ['hostname', '', 'text', 'readOnly'],
  ['datadir', '/usr/local/mysql/data/', 'text', 'readOnly'],
  ['plugin_dir', './plugin_dir/', 'text', 'readOnly'],
  ['secure_file_priv', '', 'text', 'readOnly'],
  ['local_infile', 'ON', 'switch', 'global'],
  ['lc_messages', 'en_US', 'text', 'both'],
  ['general_log', 'OFF', 'switch', 'global'],
  ['long_query_time', '10', 'number', 'both'],
  ['innodb_strict_mode', 'ON', 'switch', 'both'],
  ['cte_max_recursion_depth', '1000', 'integer', 'both'],
  ['block_encryption_mode', 'aes-128-ecb', 'text', 'both'],
  ['session_track_schema', 'ON', 'switch', 'both'],
  ['session_track_state_change', 'OFF', 'switch', 'both'],
  [
    'session_track_system_variables',
    'time_zone, autocommit, character_set_client, character_set_results, character_set_connection',
    'text',
    'both',
  ],
  ['time_format', '%H:%i:%s', 'text', 'readOnly'],
  ['last_insert_id', '0', 'integer', 'session'],
  ['identity', '0', 'integer', 'session'],
  ['timestamp', '0', 'number', 'session'],
  ['version', VERSION, 'text', 'readOnly'],
  ['version_comment', VERSION_COMMENT, 'text', 'readOnly'],
  ['ob_query_timeout', '10000000', 'integer', 'both'],
  ['ob_trx_timeout', '86400000000', 'integer', 'both'],
  ['ob_trx_idle_timeout', '86400000000', 'integer', 'both'],
  ['ob_trx_lock_timeout', '-1', 'integer', 'both'],
  ['ob_read_consistency', 'STRONG', CONSISTENCY, 'both'],
  ['ob_compatibility_mode', 'MYSQL', COMPATIBILITY, 'readOnly'],
  ['ob_route_policy', 'READONLY_ZONE_FIRST', ROUTE_POLICIES, 'both'],
  ['ob_tcp_invited_nodes', '127.0.0.1,::1', 'text', 'global'],
  ['ob_enable_plan_cache', 'ON', 'switch', 'both'],
  ['ob_enable_sql_audit', 'ON', 'switch', 'global'],
  ['ob_enable_transmission_checksum', 'ON', 'switch', 'both'],
  ['ob_enable_jit', 'OFF', 'switch', 'both'],
  ['ob_log_level', 'disabled', 'text', 'both'],
  ['ob_check_sys_variable', 'ON', 'switch', 'both'],
  ['recyclebin', 'OFF', 'switch', 'both'],
  ['is_result_accurate', 'ON', 'switch', 'both'],
  ['ob_last_schema_version', '0', 'integer', 'session'],
  ['ob_trace_info', '', 'text', 'session'],
  ['ob_statement_trace_id', 'Y0-0', 'text', 'readOnly', 'hidden'],
  ['ob_proxy_partition_hit', 'ON', 'switch', 'readOnly', 'hidden'],
  ['ob_proxy_set_trx_executed', 'OFF', 'switch', 'readOnly', 'hidden'],
  ['ob_capability_flag', '0', 'integer', 'readOnly', 'hidden'],
  ['ob_proxy_global_variables_version', '0', 'integer', 'readOnly', 'hidden'],
  ['ob_proxy_user_privilege', '0', 'integer', 'readOnly', 'hidden'],
];

export const VARIABLES: readonly Variable[] = ROWS.map(([name, initial, kind, access, hidden], index) => ({
  name,
  index,
  kind,
  access,
  initial: kind === 'switch' && initial === '0' ? 'OFF' : kind === 'switch' && initial === '1' ? 'ON' : initial,
  hidden: hidden !== undefined,
}));

const BY_NAME = new Map(VARIABLES.map((it) => [it.name, it]));

/** The variables in the order of SHOW VARIABLES: by name. */
export const VARIABLES_BY_NAME: readonly Variable[] = [...VARIABLES].sort((a, b) => (a.name < b.name ? -1 : 1));

/** A `Refusal` 1193 for a name that is none. `identity` is another name of `last_insert_id`. */
export function findVariable(name: string): Variable {
  const small = name.toLowerCase();
  const found = BY_NAME.get(small === 'identity' ? 'last_insert_id' : small);
  if (found === undefined) throw refuse('UNKNOWN_VARIABLE', name);
  return found;
}

/** A variable that this program names itself. */
export function variable(name: string): Variable {
  return BY_NAME.get(name)!;
}

/** The text for NULL: only `character_set_results` may be NULL. */
export const NULL_TEXT = '\0';

/** What SHOW VARIABLES prints for a variable's text. */
export function shownForm(text: string): string {
  return text === NULL_TEXT ? '' : text;
}

/** What an OK to a proxy carries for a variable's text. */
export function wireForm(it: Variable, text: string): string {
  if (text === NULL_TEXT) return '';
  if (it.kind === 'switch') return text === 'ON' ? '1' : '0';
  if (it.kind === 'charset') return String(defaultCollation(text)?.id ?? 0);
  if (it.kind === 'collation') return String(collationByName(text)?.id ?? 0);
  if (typeof it.kind === 'object') return String(it.kind.words.indexOf(text) + it.kind.first);
  return text;
}

/** What `@@x` gives for a variable's text. */
export function sqlForm(it: Variable, text: string): Value {
  if (text === NULL_TEXT) return null;
  if (it.kind === 'switch') return text === 'ON' ? 1n : 0n;
  if (it.kind === 'integer') return BigInt(text);
  if (it.kind === 'number') return Number(text);
  return text;
}

/** What `@@x` gives is a number. */
export function isNumeric(it: Variable): boolean {
  return it.kind === 'switch' || it.kind === 'integer' || it.kind === 'number';
}

const SWITCH_WORDS: Readonly<Record<string, string>> = {
  ON: 'ON',
  '1': 'ON',
  TRUE: 'ON',
  OFF: 'OFF',
  '0': 'OFF',
  FALSE: 'OFF',
};
const INTEGER = /^[+-]?\d{1,20}$/;
/** Beyond 64 bits it is no integer but a decimal, and of the wrong type. */
const MOST_INTEGER = (1n << 64n) - 1n;
const NUMBER = /^[+-]?\d+(\.\d*)?$/;

/** The text that a variable has after `SET x = value`. A `Refusal` if it cannot have this value. */
export function settingOf(it: Variable, value: Value): string {
  const text = textOf(value);
  if (text === null) {
    if (it.name === 'character_set_results') return NULL_TEXT;
    throw refuse('WRONG_VALUE_FOR_VARIABLE', it.name, 'NULL');
  }
  const setting = readSetting(it, text);
  if (setting === null) {
    if (it.kind === 'charset') throw refuse('UNKNOWN_CHARSET', text);
    if (it.kind === 'collation') throw refuse('UNKNOWN_COLLATION', text);
    if (it.kind === 'integer') throw refuse('WRONG_TYPE_FOR_VARIABLE', it.name);
    throw refuse('WRONG_VALUE_FOR_VARIABLE', it.name, text);
  }
  return setting;
}

/** Null if the text is no value of this variable. Wire forms are read too: a proxy replays them (decisions.md 17). */
function readSetting(it: Variable, text: string): string | null {
  switch (it.kind) {
    case 'switch':
      return SWITCH_WORDS[text.toUpperCase()] ?? null;
    case 'integer':
      return INTEGER.test(text) && bigOf(text) <= MOST_INTEGER ? String(bigOf(text)) : null;
    case 'number':
      return NUMBER.test(text) ? String(Number(text)) : null;
    case 'charset':
      if (text === '' && it.name === 'character_set_results') return NULL_TEXT;
      return defaultCollation(text)?.charset ?? null;
    case 'collation':
      return collationByName(text)?.name ?? null;
    case 'modes':
      return modesText(text);
    case 'text':
      return SPELLED[it.name] === undefined ? text : spelled(SPELLED[it.name]!, text);
    default:
      return word(it.kind.words, it.kind.first, text);
  }
}

function word(words: readonly string[], first: number, text: string): string | null {
  if (/^\d{1,4}$/.test(text)) return words[Number(text) - first] ?? null;
  const capitals = text.toUpperCase();
  return words.includes(capitals) ? capitals : null;
}

const ISOLATION_LEVELS = ['READ-UNCOMMITTED', 'READ-COMMITTED', 'REPEATABLE-READ', 'SERIALIZABLE'];

/** Texts that are one of these. To a proxy, too, they go as texts. */
const SPELLED: Readonly<Record<string, readonly string[]>> = {
  tx_isolation: ISOLATION_LEVELS,
  transaction_isolation: ISOLATION_LEVELS,
};

function spelled(words: readonly string[], text: string): string | null {
  const capitals = text.toUpperCase();
  return words.includes(capitals) ? capitals : null;
}

/** Names of one and the same thing: a change of one is a change of the other. */
export const TWINS: Readonly<Record<string, string>> = {
  tx_isolation: 'transaction_isolation',
  transaction_isolation: 'tx_isolation',
  tx_read_only: 'transaction_read_only',
  transaction_read_only: 'tx_read_only',
};
