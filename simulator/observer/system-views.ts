/**
 * The views of the sys tenant in which tools and proxies find the cluster: servers, zones, tenants, who leads what.
 *
 * Each is a table made anew when it is asked for; the column names are OceanBase's (observer.md §9.2 and §9.3). No other
 * tenant has them. Of the location answers a proxy wants, `__all_virtual_proxy_schema` names every table once for each
 * replica, role 1 for the leader, and `__all_dummy` for "any server of the tenant".
 */
import type { SessionContext } from './context.ts';
import { dateTimeText, zoneOffset } from './date-time.ts';
import type { House } from './house.ts';
import type { LogStream } from './log-streams.ts';
import { PROCESS_VIEWS } from './process-views.ts';
import { SERVER_VIEWS } from './server-views.ts';
import type { TableName } from './sql/syntax.ts';
import { textOf, type Value } from './sql/value.ts';
import { type Row, Table } from './store.ts';
import type { Tenant } from './tenant.ts';
import { variable } from './variables.ts';
import { columns, rpcPort, type Scene, serversOf, type Views } from './view.ts';

const DATABASE = 'oceanbase';
const TIME_ZONE = variable('time_zone');
/** Real tablet ids of users' tables begin here. */
const FIRST_TABLET = 200_001n;
/** A table's replica, in `__all_virtual_proxy_schema`. */
const LEADER = 1n;
const FOLLOWER = 2n;

const VIEWS: Views = {
  ...SERVER_VIEWS,
  ...PROCESS_VIEWS,
  DBA_OB_SERVERS: {
    columns: columns(
      'SVR_IP SVR_PORT:BIGINT ID:BIGINT ZONE SQL_PORT:BIGINT WITH_ROOTSERVER STATUS START_SERVICE_TIME:DATETIME ' +
        'STOP_TIME:DATETIME BLOCK_MIGRATE_IN_TIME:DATETIME CREATE_TIME:DATETIME MODIFY_TIME:DATETIME BUILD_VERSION ' +
        'LAST_OFFLINE_TIME:DATETIME',
    ),
    rows: serverRows,
  },
  DBA_OB_ZONES: {
    columns: columns('ZONE CREATE_TIME:DATETIME MODIFY_TIME:DATETIME STATUS IDC REGION TYPE'),
    rows: ({ house, time }) => {
      const made = time(house.madeAt);
      return house.zones.map((zone) => [zone, made, made, 'ACTIVE', '', 'default_region', 'ReadWrite']);
    },
  },
  DBA_OB_TENANTS: {
    columns: columns(
      'TENANT_ID:BIGINT TENANT_NAME TENANT_TYPE CREATE_TIME:DATETIME MODIFY_TIME:DATETIME PRIMARY_ZONE LOCALITY ' +
        'COMPATIBILITY_MODE STATUS IN_RECYCLEBIN LOCKED TENANT_ROLE',
    ),
    rows: tenantRows,
  },
  CDB_OB_LS_LOCATIONS: {
    columns: columns(
      'CREATE_TIME:DATETIME MODIFY_TIME:DATETIME TENANT_ID:BIGINT LS_ID:BIGINT SVR_IP SVR_PORT:BIGINT SQL_PORT:BIGINT ' +
        'ZONE ROLE MEMBER_LIST PAXOS_REPLICA_NUMBER:BIGINT REPLICA_TYPE',
    ),
    rows: logStreamRows,
  },
  V$OB_PARAMETERS: {
    columns: columns('SVR_IP SVR_PORT:BIGINT ZONE SCOPE TENANT_ID:BIGINT NAME DATA_TYPE VALUE'),
    rows: ({ house }) =>
      house.servers.map((it) => [
        it.address.host,
        rpcPort(it),
        it.zone,
        'CLUSTER',
        null,
        'cluster',
        'STRING',
        house.clusterName,
      ]),
  },
  __ALL_VIRTUAL_PROXY_SCHEMA: {
    columns: columns(
      'tenant_name database_name table_name tablet_id:BIGINT svr_ip sql_port:BIGINT table_id:BIGINT role:BIGINT ' +
        'part_num:BIGINT replica_num:BIGINT table_type:BIGINT schema_version:BIGINT replica_type:BIGINT ' +
        'dup_replica_type:BIGINT memstore_percent:BIGINT spare1:BIGINT spare2:BIGINT spare3:BIGINT spare4 spare5 spare6 ' +
        'complex_table_type:BIGINT level1_decoded_db_name level1_decoded_table_name level2_decoded_db_name ' +
        'level2_decoded_table_name',
    ),
    rows: ({ house }) => house.tenants.flatMap((tenant) => locationRows(house, tenant)),
  },
};

/** The view of a name, filled; null if that is none, or none for this tenant. */
export function systemView(name: TableName, context: SessionContext, house: House): Table | null {
  const { database } = name.database === null ? context : name;
  if (!context.identity.tenant.isSys || database?.toLowerCase() !== DATABASE) return null;
  const capitals = name.name.toUpperCase();
  if (!Object.hasOwn(VIEWS, capitals)) return null;
  const view = VIEWS[capitals]!;
  const ahead = zoneOffset(textOf(context.systemValue(TIME_ZONE, 'session')) ?? '');
  const table = new Table(DATABASE, name.name, view.columns);
  const rows = view.rows({
    house,
    now: context.times.startedAt,
    time: (milliseconds) => dateTimeText(milliseconds + ahead),
  });
  for (const row of rows) table.put(table.keyOf(row), row);
  return table;
}

/** The first server bears the root service, as long as nobody asks for more. */
function serverRows({ house, time }: Scene): Row[] {
  const made = time(house.madeAt);
  return house.servers.map((it, index) => [
    it.address.host,
    rpcPort(it),
    BigInt(it.id),
    it.zone,
    BigInt(it.address.port),
    index === 0 ? 'YES' : 'NO',
    it.status,
    it.state === 'SERVING' || it.state === 'STOPPING' ? time(it.servesSince) : null,
    it.stoppedAt === null ? null : time(it.stoppedAt),
    null,
    made,
    time(it.since),
    '4.2.1.0',
    it.state === 'DOWN' ? time(it.since) : null,
  ]);
}

function tenantRows({ house, time }: Scene): Row[] {
  const made = time(house.madeAt);
  return house.tenants.map((tenant) => {
    const zones = serversOf(house, tenant).map((it) => it.zone);
    return [
      BigInt(tenant.spec.id),
      tenant.name,
      tenant.isSys ? 'SYS' : 'USER',
      made,
      made,
      tenant.isSys ? 'RANDOM' : zones.join(';'),
      zones.map((zone) => `FULL{1}@${zone}`).join(', '),
      'MYSQL',
      'NORMAL',
      'NO',
      'NO',
      'PRIMARY',
    ];
  });
}

function logStreamRows({ house, time }: Scene): Row[] {
  const made = time(house.madeAt);
  return house.tenants.flatMap((tenant) => {
    const servers = serversOf(house, tenant);
    const members = servers.map((it) => `${it.address.host}:${rpcPort(it)}:1`).join(',');
    return tenant.streams.all.flatMap((stream) =>
      servers.map(
        (it): Row => [
          made,
          made,
          BigInt(tenant.spec.id),
          BigInt(stream.id),
          it.address.host,
          rpcPort(it),
          BigInt(it.address.port),
          it.zone,
          stream.leader === it.id ? 'LEADER' : 'FOLLOWER',
          members,
          BigInt(servers.length),
          'FULL',
        ],
      ),
    );
  });
}

function locationRows(house: House, tenant: Tenant): Row[] {
  const [own] = tenant.streams.all;
  const rows = replicaRows(house, tenant, DATABASE, '__all_dummy', 0n, own!);
  let tablet = FIRST_TABLET;
  for (const database of tenant.store.databases) {
    for (const table of database.tables) {
      const stream = tenant.streams.of(database.name, table.name);
      rows.push(...replicaRows(house, tenant, database.name, table.name, tablet, stream));
      tablet += 1n;
    }
  }
  return rows;
}

function replicaRows(
  house: House,
  tenant: Tenant,
  database: string,
  table: string,
  tablet: bigint,
  stream: LogStream,
): Row[] {
  const servers = serversOf(house, tenant);
  return servers.map((it): Value[] => [
    tenant.name,
    database,
    table,
    tablet,
    it.address.host,
    BigInt(it.address.port),
    tablet,
    stream.leader === it.id ? LEADER : FOLLOWER,
    1n,
    BigInt(servers.length),
    // A user's table is 3, a system table 0, as in OceanBase's schema.
    tablet === 0n ? 0n : 3n,
    BigInt(tenant.globalVersion),
    0n,
    0n,
    100n,
    0n,
    0n,
    0n,
    '',
    '',
    '',
    0n,
    '',
    '',
    '',
    '',
  ]);
}
