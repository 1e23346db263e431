/**
 * The process list as views of the tenant sys (observer.md §4.4).
 *
 * What the simulation does not have is 0, empty or NULL: plans, resource counters, a load balancer between.
 */
import type { OtherSession } from './house.ts';
import { NO_DATABASE } from './process-list.ts';
import type { Value } from './sql/value.ts';
import type { Row } from './store.ts';
import { columns, rpcPort, type Scene, type Views } from './view.ts';

const GV =
  'SVR_IP SVR_PORT:BIGINT SQL_PORT:BIGINT ID:BIGINT USER HOST DB TENANT COMMAND TIME:BIGINT TOTAL_TIME:BIGINT STATE INFO ' +
  'PROXY_SESSID:BIGINT MASTER_SESSID:BIGINT USER_CLIENT_IP USER_HOST RETRY_CNT:BIGINT RETRY_INFO:BIGINT SQL_ID ' +
  'TRANS_ID:BIGINT THREAD_ID:BIGINT SSL_CIPHER TRACE_ID TRANS_STATE ACTION MODULE CLIENT_INFO LEVEL:BIGINT ' +
  'SAMPLE_PERCENTAGE:BIGINT RECORD_POLICY LB_VID:BIGINT LB_VIP LB_VPORT:BIGINT IN_BYTES:BIGINT OUT_BYTES:BIGINT ' +
  'USER_CLIENT_PORT:BIGINT';
const VIRTUAL =
  'id:BIGINT user tenant host db command sql_id time:BIGINT state info svr_ip svr_port:BIGINT sql_port:BIGINT ' +
  'proxy_sessid:BIGINT master_sessid:BIGINT user_client_ip user_host trans_id:BIGINT thread_id:BIGINT ssl_cipher trace_id ' +
  'trans_state total_time:BIGINT retry_cnt:BIGINT retry_info:BIGINT action module client_info sql_trace:BIGINT ' +
  'plan_id:BIGINT tenant_id:BIGINT effective_tenant_id:BIGINT level:BIGINT sample_percentage:BIGINT record_policy ' +
  'lb_vid:BIGINT lb_vip lb_vport:BIGINT in_bytes:BIGINT out_bytes:BIGINT user_client_port:BIGINT proxy_user service_name';

export const PROCESS_VIEWS: Views = {
  GV$OB_PROCESSLIST: listed(GV),
  __ALL_VIRTUAL_PROCESSLIST: listed(VIRTUAL),
  __ALL_VIRTUAL_SESSION_INFO: listed(VIRTUAL),
};

/** The same facts, in the order of a view's columns. */
function listed(text: string): Views[string] {
  const specs = columns(text);
  const names = specs.map((it) => it.name.toUpperCase());
  return {
    columns: specs,
    rows: (scene) =>
      scene.house.sessions().map((it): Row => {
        const facts = factsOf(it, scene);
        return names.map((name) => facts[name] ?? null);
      }),
  };
}

function factsOf({ identity, processRow: row }: OtherSession, { house }: Scene): Readonly<Record<string, Value>> {
  const server = house.servers.find((it) => it.id === identity.serverId);
  const tenant = BigInt(identity.tenant.spec.id);
  return {
    SVR_IP: row.ip,
    SVR_PORT: server === undefined ? null : rpcPort(server),
    SQL_PORT: BigInt(row.port),
    ID: BigInt(row.id),
    USER: row.user,
    HOST: row.host,
    DB: row.database ?? NO_DATABASE,
    TENANT: row.tenant,
    COMMAND: row.command,
    TIME: BigInt(row.seconds),
    TOTAL_TIME: BigInt(row.seconds),
    STATE: row.state,
    INFO: row.info,
    PROXY_SESSID: row.proxySessid,
    USER_CLIENT_IP: identity.clientIp,
    USER_HOST: '%',
    RETRY_CNT: 0n,
    RETRY_INFO: 0n,
    SQL_ID: '',
    TRANS_ID: 0n,
    THREAD_ID: 0n,
    TRANS_STATE: row.inTransaction ? 'ACTIVE' : '',
    ACTION: '',
    MODULE: '',
    CLIENT_INFO: '',
    SQL_TRACE: 0n,
    PLAN_ID: 0n,
    TENANT_ID: tenant,
    EFFECTIVE_TENANT_ID: tenant,
    LEVEL: 1n,
    SAMPLE_PERCENTAGE: 10n,
    RECORD_POLICY: 'SAMPLE_AND_SLOW_QUERY',
    IN_BYTES: 0n,
    OUT_BYTES: 0n,
    USER_CLIENT_PORT: 0n,
  };
}
