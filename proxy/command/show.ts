/**
 * SHOW PROXYSESSION, its ATTRIBUTE, STAT and VARIABLES, and SHOW PROCESSLIST (odp-sessions.md §2 and §8).
 *
 * Reads sessions, changes none.
 */
import { CAPABILITY } from '../session/observer-login.ts';
import type { SeenServer, SeenServers, SeenSession } from '../session/seen.ts';
import type { Versions } from '../session/state.ts';
import { literal } from '../session/state.ts';
import { classOf, DEFAULTS, type VariableDefault } from '../session/variables.ts';
import type { SessionDetail } from '../sql/command.ts';
import type { Cell } from '../wire/result-set.ts';
import { matchesLike, type ResultColumn } from './result.ts';
import { STAT_NAMES } from './stat-names.ts';

export type Row = readonly Cell[];

/** What the proxy shows of its own process. */
export interface ProcessFacts {
  readonly pid: number;
  /** The thread that accepted the connection: there is one, so it is the process. */
  readonly tid: number;
}

/** Every session that can be seen is in this state (odp-sessions.md §2.3). */
const READ_STATE = 'MCS_ACTIVE_READER';
/** A database that was not chosen is this text, not NULL. */
const NO_DATABASE = 'NULL';
/** A longer value of a variable is replaced (odp-sessions.md §2.5). */
const VALUE_LIMIT = 128;
const TOO_LONG = '---value length is large then 128bytes---';

function columns(type: ResultColumn['type'], ...names: string[]): ResultColumn[] {
  return names.map((name) => ({ name, type }));
}

export const SESSION_COLUMNS: readonly ResultColumn[] = [
  ...columns('LONGLONG', 'proxy_sessid', 'Id'),
  ...columns('VARCHAR', 'Cluster', 'Tenant', 'User', 'Host', 'db'),
  ...columns('LONGLONG', 'trans_count', 'svr_session_count'),
  ...columns('VARCHAR', 'state'),
  ...columns('LONGLONG', 'tid'),
  ...columns('LONG', 'pid', 'using_ssl'),
];

export const PROCESS_COLUMNS: readonly ResultColumn[] = [
  ...columns('LONGLONG', 'Id'),
  ...columns('VARCHAR', 'Tenant', 'User', 'Host', 'db'),
  ...columns('LONGLONG', 'trans_count', 'svr_session_count'),
  ...columns('VARCHAR', 'state'),
  ...columns('LONGLONG', 'tid'),
  ...columns('LONG', 'pid'),
];

export const DETAIL_COLUMNS: Record<SessionDetail, readonly ResultColumn[]> = {
  ATTRIBUTE: columns('VARCHAR', 'attribute_name', 'value', 'info'),
  STAT: [...columns('VARCHAR', 'stat_name'), ...columns('LONGLONG', 'value')],
  VARIABLES: columns('VARCHAR', 'variable_name', 'value', 'info', 'modified_type', 'sys_variable_flag'),
  'VARIABLES ALL': columns('VARCHAR', 'variable_name', 'value', 'info', 'modified_type', 'sys_variable_flag'),
};

interface Names {
  readonly cluster: string;
  readonly tenant: string;
  readonly user: string;
}

/** All empty before the login packet has been read and its cluster found. */
function namesOf(session: SeenSession): Names {
  const identity = session.identity;
  if (identity === null) return { cluster: '', tenant: '', user: '' };
  return { cluster: identity.cluster?.name ?? '', tenant: identity.name.tenant, user: identity.name.user };
}

function databaseOf(session: SeenSession): string {
  return session.state.database === null ? NO_DATABASE : readable(session.state.database);
}

/** State is kept byte for byte; what is shown is utf8. */
function readable(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The TCP peer, also where the PROXY protocol names another: its address is in ATTRIBUTE (odp-sessions.md §2.1). */
function hostOf(session: SeenSession): string {
  const { host, port } = session.connection.remote;
  return `${host}:${port}`;
}

export function sessionRow(session: SeenSession, facts: ProcessFacts): Row {
  const { cluster, tenant, user } = namesOf(session);
  return [
    String(session.proxySessid),
    String(session.csId),
    cluster,
    tenant,
    user,
    hostOf(session),
    databaseOf(session),
    '0',
    String(session.servers.count),
    READ_STATE,
    String(facts.tid),
    String(facts.pid),
    session.connection.secure ? '1' : '0',
  ];
}

export function processRow(session: SeenSession, facts: ProcessFacts): Row {
  const row = sessionRow(session, facts);
  return [row[1]!, ...row.slice(3, 12)];
}

/** The rows of one of the details, those whose name matches. `own`: the caller asks about its own session. */
export function detailRows(
  session: SeenSession,
  detail: SessionDetail,
  like: string | null,
  own: boolean,
  facts: ProcessFacts,
): Row[] {
  const rows = DETAIL_ROWS[detail](session, own, facts);
  return like === null ? rows : rows.filter((row) => matchesLike(String(row[0]), like));
}

const DETAIL_ROWS: Record<SessionDetail, (session: SeenSession, own: boolean, facts: ProcessFacts) => Row[]> = {
  ATTRIBUTE: attributeRows,
  STAT: () => STAT_NAMES.map((name) => [name, '0']),
  VARIABLES: (session) => [...changedRows(session), ...userRows(session)],
  'VARIABLES ALL': (session) => [...allRows(session), ...userRows(session)],
};

// --- ATTRIBUTE (odp-sessions.md §2.2) ----------------------------------------------------------------------------------

function attributeRows(session: SeenSession, own: boolean, facts: ProcessFacts): Row[] {
  const { cluster, tenant, user } = namesOf(session);
  const { host, port } = session.client;
  const common: [string, string][] = [
    // Signed here, unsigned in the list (odp-sessions.md §10, 6).
    ['proxy_sessid', String(BigInt.asIntN(64, session.proxySessid))],
    ['cs_id', String(session.csId)],
    ['cluster', cluster],
    ['tenant', tenant],
    ['user', user],
    ['host_ip', host],
    ['host_port', String(port)],
    ['db', databaseOf(session)],
    ['total_trans_cnt', '0'],
    ['svr_session_cnt', String(session.servers.count)],
    ['active', String(own || session.active)],
    ['read_state', READ_STATE],
    ['tid', String(facts.tid)],
    ['pid', String(facts.pid)],
    ['idc_name', ''],
  ];
  const rows = [
    ...withInfo('cs common', common),
    ...withInfo('cs stat', [
      ['modified_time', '0'],
      ['reported_time', '0'],
    ]),
    ...withInfo('cs var version', versionRows(session.state.versions)),
  ];
  const { bound, current, pool } = session.servers;
  const last = session.serverSide.lastInsertServer;
  if (bound !== null)
    rows.push(...serverRows(session.servers, bound, bound === last ? 'last used && lii ss' : 'last used ss'));
  if (current !== null)
    rows.push(...serverRows(session.servers, current, current === last ? 'curr used && lii ss' : 'curr used ss'));
  for (const [index, server] of pool.entries()) {
    rows.push(
      ...serverRows(session.servers, server, `${server === last ? 'ss pool && lii ss' : 'ss pool'} [${index}]`),
    );
  }
  return rows;
}

function withInfo(info: string, rows: readonly (readonly [string, string])[]): Row[] {
  return rows.map(([name, value]) => [name, value, info]);
}

function versionRows(versions: Versions): [string, string][] {
  return [
    ['hot_sys_var_version', String(versions.hotSystem)],
    ['sys_var_version', String(versions.system)],
    ['user_var_version', String(versions.user)],
    ['last_insert_id_version', String(versions.lastInsertId)],
    ['db_name_version', String(versions.database)],
  ];
}

function serverRows(servers: SeenServers, server: SeenServer, info: string): Row[] {
  const attached = servers.current === server;
  return withInfo(info, [
    ['server_ip', server.address.host],
    ['server_port', String(server.address.port)],
    ['server_sessid', String(server.serverSessid)],
    ['ss_id', String(server.ssId)],
    ['state', attached ? 'MSS_ACTIVE' : servers.bound === server ? 'MSS_KA_CLIENT_SLAVE' : 'MSS_KA_SHARED'],
    ['transact_count', String(server.transactCount)],
    ['server_trans_stat', attached ? '1' : '0'],
    ...versionRows(server.versions),
    ['is_checksum_supported', bit(server, CAPABILITY.CHECKSUM)],
    ['is_safe_read_weak_supported', bit(server, CAPABILITY.SAFE_WEAK_READ)],
    ['is_checksum_switch_supported', bit(server, CAPABILITY.CHECKSUM_SWITCH)],
    ['checksum_switch', String(server.traits.checksumSwitch)],
    ['enable_extra_ok_packet_for_stats', bit(server, CAPABILITY.STATISTICS_OK)],
  ]);
}

function bit(server: SeenServer, capability: bigint): string {
  return server.hasCapability(capability) ? '1' : '0';
}

// --- VARIABLES (odp-sessions.md §2.5) ----------------------------------------------------------------------------------

const MODIFIED = {
  cold: 'cold modified vars',
  hot: 'hot modified vars',
  'last insert id': 'last insert id modified vars',
} as const;

function changedRows(session: SeenSession): Row[] {
  const rows: Row[] = [];
  for (const [name, value] of session.state.system) {
    rows.push([name, shown(literal(value)), 'changed sys var', MODIFIED[classOf(name)], flagText(DEFAULTS.get(name))]);
  }
  return rows;
}

function allRows(session: SeenSession): Row[] {
  // The built-in defaults are an observer's; a MySQL server's variables are nowhere known.
  if (session.identity?.cluster?.type === 'mysql') return [];
  const changed = session.state.system;
  const rows: Row[] = [];
  for (const [name, fallback] of DEFAULTS) {
    const value = changed.get(name);
    const modified = value === undefined ? '' : MODIFIED[classOf(name)];
    rows.push([name, shown(literal(value ?? fallback.value)), 'sys var', modified, flagText(fallback)]);
  }
  for (const [name, value] of changed) {
    if (!DEFAULTS.has(name)) rows.push([name, shown(literal(value)), 'sys var', MODIFIED[classOf(name)], '']);
  }
  return rows;
}

function userRows(session: SeenSession): Row[] {
  return [...session.state.user].map(([name, value]) => [readable(name), shown(value), 'user var', '', '']);
}

function shown(value: string): string {
  return value.length > VALUE_LIMIT ? TOO_LONG : readable(value);
}

/** Each flag with a blank in front, joined by `&&`. */
function flagText(variable: VariableDefault | undefined): string {
  return (variable?.flags ?? []).map((flag) => ` && ${flag}`).join('');
}
