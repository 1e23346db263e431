/**
 * Views of servers, units and logs, and those in which proxies of older clusters look (observer.md §9.2, §9.3).
 */
import type { House, ServerFacts } from './house.ts';
import type { Row } from './store.ts';
import { VARIABLES, wireForm } from './variables.ts';
import { columns, rpcPort, type Scene, serversOf, type Views } from './view.ts';

/** Microseconds of a millisecond: OceanBase's internal tables keep times in the former. */
const MICROS = 1000;
/** Types of `data_type`, as OceanBase numbers them. */
const INTEGER_TYPE = 5n;
const TEXT_TYPE = 22n;
/** Bits of `flags`: global and session scope, read only. */
const FLAGS: Readonly<Record<string, bigint>> = { both: 3n, start: 3n, session: 2n, global: 1n, readOnly: 7n };

export const SERVER_VIEWS: Views = {
  DBA_OB_UNITS: {
    columns: columns(
      'UNIT_ID:BIGINT TENANT_ID:BIGINT STATUS RESOURCE_POOL_ID:BIGINT UNIT_GROUP_ID:BIGINT CREATE_TIME:DATETIME ' +
        'MODIFY_TIME:DATETIME ZONE SVR_IP SVR_PORT:BIGINT UNIT_CONFIG_ID:BIGINT MAX_CPU:BIGINT MIN_CPU:BIGINT MEMORY_SIZE:BIGINT',
    ),
    rows: unitRows,
  },
  GV$OB_SERVERS: {
    columns: columns(
      'SVR_IP SVR_PORT:BIGINT ZONE SQL_PORT:BIGINT CPU_CAPACITY:BIGINT CPU_CAPACITY_MAX:BIGINT CPU_ASSIGNED:BIGINT ' +
        'MEM_CAPACITY:BIGINT MEM_ASSIGNED:BIGINT',
    ),
    rows: ({ house }) =>
      house.servers
        .filter((it) => it.state !== 'DOWN')
        .map((it) => [
          it.address.host,
          rpcPort(it),
          it.zone,
          BigInt(it.address.port),
          4n,
          4n,
          units(house, it),
          GIB,
          GIB,
        ]),
  },
  GV$OB_LOG_STAT: {
    columns: columns(
      'TENANT_ID:BIGINT LS_ID:BIGINT SVR_IP SVR_PORT:BIGINT ROLE PROPOSAL_ID:BIGINT CONFIG_VERSION ACCESS_MODE ' +
        'PAXOS_MEMBER_LIST PAXOS_REPLICA_NUMBER:BIGINT IN_SYNC',
    ),
    rows: logRows,
  },
  __ALL_VIRTUAL_PROXY_SERVER_STAT: {
    columns: columns('svr_ip svr_port:BIGINT zone start_service_time:BIGINT stop_time:BIGINT status'),
    rows: ({ house }) =>
      house.servers.map((it) => [
        it.address.host,
        BigInt(it.address.port),
        it.zone,
        it.state === 'SERVING' || it.state === 'STOPPING' ? micros(it.servesSince) : 0n,
        it.stoppedAt === null ? 0n : micros(it.stoppedAt),
        it.status.toLowerCase(),
      ]),
  },
  __ALL_VIRTUAL_ZONE_STAT: {
    columns: columns(
      'zone is_merging:BIGINT status:BIGINT server_count:BIGINT region spare1 spare2 spare3 spare4 spare5:BIGINT',
    ),
    rows: ({ house }) =>
      house.zones.map((zone) => {
        const count = BigInt(house.servers.filter((it) => it.zone === zone).length);
        return [zone, 0n, 2n, count, 'default_region', '', '', '', '', 0n];
      }),
  },
  __ALL_VIRTUAL_PROXY_SYS_VARIABLE: {
    columns: columns('name tenant_id:BIGINT data_type:BIGINT value modified_time:BIGINT flags:BIGINT'),
    rows: ({ house }) =>
      house.tenants.flatMap((tenant) =>
        VARIABLES.map(
          (it): Row => [
            it.name,
            BigInt(tenant.spec.id),
            it.kind === 'text' || it.kind === 'modes' ? TEXT_TYPE : INTEGER_TYPE,
            wireForm(it, tenant.globals[it.index]!),
            BigInt(tenant.globalVersion),
            FLAGS[it.access]!,
          ],
        ),
      ),
  },
  // No table here has partitions.
  __ALL_VIRTUAL_PROXY_PARTITION_INFO: {
    columns: columns(
      'tenant_name table_id:BIGINT part_level:BIGINT all_part_num:BIGINT template_num:BIGINT part_type:BIGINT ' +
        'part_num:BIGINT is_column_type:BIGINT part_space:BIGINT part_expr part_expr_bin part_range_type ' +
        'part_interval part_interval_bin interval_start interval_start_bin sub_part_type:BIGINT sub_part_num:BIGINT ' +
        'is_sub_column_type:BIGINT sub_part_space:BIGINT sub_part_expr sub_part_expr_bin sub_part_range_type',
    ),
    rows: () => [],
  },
};

const GIB = 1n << 30n;

function micros(milliseconds: number): bigint {
  return BigInt(milliseconds * MICROS);
}

/** How many units of tenants a server has. */
function units(house: House, { id }: ServerFacts): bigint {
  return BigInt(house.tenants.filter((tenant) => tenant.streams.replicas.includes(id)).length);
}

/** A unit of each tenant on each of its servers, one resource pool and one configuration a tenant. */
function unitRows({ house, time }: Scene): Row[] {
  const made = time(house.madeAt);
  const rows: Row[] = [];
  for (const tenant of house.tenants) {
    const id = BigInt(tenant.spec.id);
    for (const it of serversOf(house, tenant)) {
      const unit = BigInt(rows.length + 1);
      rows.push([unit, id, 'ACTIVE', id, id, made, made, it.zone, it.address.host, rpcPort(it), id, 1n, 1n, GIB]);
    }
  }
  return rows;
}

function logRows({ house }: Scene): Row[] {
  return house.tenants.flatMap((tenant) => {
    const servers = serversOf(house, tenant);
    const members = servers.map((it) => `${it.address.host}:${rpcPort(it)}:1`).join(',');
    return tenant.streams.all.flatMap((stream) =>
      servers
        .filter((it) => it.state !== 'DOWN')
        .map((it): Row => {
          const role = stream.leader === it.id ? 'LEADER' : 'FOLLOWER';
          const head = [BigInt(tenant.spec.id), BigInt(stream.id), it.address.host, rpcPort(it), role];
          return [...head, 1n, '{proposal_id:1, config_seq:1}', 'APPEND', members, BigInt(servers.length), 'YES'];
        }),
    );
  });
}
