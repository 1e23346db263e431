/**
 * The rows of odp-relay.md that scenarios must prove: who may log in (1: its list, then its table, then what is said of the
 * proxy's own users; 2.2), and failures: 2.6 as far as logins are refused, 5.5, 5.6 and 6.2–6.4.
 */
import type { Sheet } from './sheet.ts';

const SHARDING = 'lock and sharding server sessions are not built';
const NO_VIP = 'tenants are not found by the address that a client connects to';
const PROTOCOL_2 = 'OB 2.0 and compression are not built: nothing is gathered in memory';

export const RELAY: Sheet = {
  name: 'odp-relay',
  tables: {
    '1': [
      'user@tenant#cluster:id, of which only the user is needed',
      'cluster:tenant:user:id, with the first of username_separator that occurs twice',
      'the id of a cluster is an integer: else close',
      'neither tenant nor cluster: sys in the first cluster, or proxy_tenant_name in rootservice_cluster_name',
      ['an observer is told user@tenant', 'a page does not see it; test/session/login.test.ts'],
      'an empty user: close',
      ['a logic tenant', SHARDING],
      ['SERVICE:', 'service names are not built'],
      'proxyro@sys: 1045, unless skip_proxyro_check',
      'enable_full_username: 1045 without tenant and cluster',
      ['a user of the cloud with tenant or cluster: 1045', NO_VIP],
      'unknown cluster: 4669',
      'unknown tenant: 1045 with the name in full',
      'the observer says no: its ERR',
      'not on the white list: close',
      ['client_max_connections', 'see 6.4'],
      'root@proxysys: its password',
      'inspector@proxysys: PING PROXY and no more',
      'anybody else of proxysys: 1045',
      'of proxysys: SET, BEGIN, COMMIT: OK; what is not the proxy’s: 5010',
      ['of proxysys: from nearby only', 'clients come from elsewhere on each arm; test/session/login.test.ts'],
    ],
    '2.2': [
      'a header of the PROXY protocol, or a request for TLS, before the login',
      'a login without TLS where it is forced: close',
    ],
    '2.6': ['8001, 8002, 5150, 4124, 4666, 4661 at a login: another observer', 'anything else: forwarded, then close'],
    '5.5': [
      'only what can be sent again: no transaction, no BEGIN, whole and short',
      'attempts: connect_observer_max_retries, 2 × replicas + 1',
      '5150, 8001, 8002, 4124, 5081 as an answer: another server; 4038: forwarded',
      'connect refused or too slow, EOF before the request was written: another server',
    ],
    '5.6': [
      ['dead, by the state of servers', 'the proxy does not ask for the state of servers yet'],
      'alive, by failures',
      'detect, by probes',
    ],
    '6.2': [
      'cannot connect, all retries used: close',
      'a login repeated, a database or a SET refused on a new server session',
      'idle bound server session closed, no transaction',
      'idle server session in the pool closed',
      'idle server session closed, transaction open',
      ['lock or sharding server session closed', SHARDING],
      'in flight, no byte of the answer: close, no retry',
      'in flight, half a result: what has come, then close',
      'no answer in time: close',
      'ERR from an observer: forwarded',
      'ERR 1153: forwarded, then close',
      'ERR 4401: close',
      'malformed answer: close',
      ['cluster deleted, graceful exit', 'clusters cannot be deleted, and there is no hot upgrade'],
    ],
    '6.3': [
      'client login: 10 s',
      'client idle: wait_timeout',
      'rest of a request: net_read_timeout',
      'writing to a client: net_write_timeout',
      'connect to an observer: short_async_task_timeout',
      'waiting for an answer: query_timeout, ob_query_timeout, and the delta',
      'DDL: none',
      'CALL: the time of the transaction, or none',
      ['internal command', 'ours take no time'],
      ['location lookup', 'the router does not look up yet'],
      'idle server session: wait_timeout',
      'any other: default_inactivity_timeout',
    ],
    '6.4': [
      'client_max_connections: 1203 at the login packet',
      'tenant limit: 1040',
      ['client_max_memory_size: 4080', PROTOCOL_2],
      ['session pool full: 8102', 'pools are not shared between clients'],
    ],
  },
};
