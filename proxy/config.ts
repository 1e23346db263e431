/**
 * What a proxy is told when it is made: where it listens, which clusters there are, ODP's configuration items.
 *
 * Plain data. Reading flags and files is `cli`'s work; what an item does is said where it is used.
 */
import type { Address } from './ports.ts';

/** A server of a cluster: an observer's SQL address. */
export interface ServerConfig {
  readonly address: Address;
}

export interface TenantConfig {
  readonly name: string;
  /** Where the tenant has a unit: indexes into the cluster's `servers`, in the order in which a plain choice takes them. */
  readonly servers: readonly number[];
  /** The server that leads all its partitions, an index into `servers` of the cluster; null if they are spread or not known. */
  readonly leader: number | null;
}

export interface ClusterConfig {
  readonly name: string;
  /** What its servers are; `mysql` (MariaDB too) only as the one cluster of a proxy (decisions.md 18). */
  readonly type?: 'oceanbase' | 'mysql';
  readonly servers: readonly ServerConfig[];
  /** Null for a bare server list: any tenant name is tried on any of the servers (decisions.md 13). */
  readonly tenants: readonly TenantConfig[] | null;
}

/** ODP's configuration items that this proxy knows, by ODP's names (odp-relay.md §9.1). Times are milliseconds. */
export interface ConfigItems {
  /** The server version in the greeting. */
  readonly mysql_version: string;
  /** Between two ticks of the sweep that ends killed connections; ODP: 1 s, not configurable there. */
  readonly kill_sweep_interval: number;
  /** Most client sessions that may log in; 0 is no limit. */
  readonly client_max_connections: number;
  /** 0–255; part of every cs_id (odp-sessions.md §3.1). */
  readonly proxy_id: number;
  /** Characters that divide `cluster:tenant:user`, with `;` between them, in the order in which they are tried. */
  readonly username_separator: string;
  /** Who does not type tenant and cluster is turned away. */
  readonly enable_full_username: boolean;
  /** The tenant of who types neither tenant nor cluster, in `rootservice_cluster_name`; empty: sys, in the first cluster. */
  readonly proxy_tenant_name: string;
  readonly rootservice_cluster_name: string;
  /** The proxy's own account in a cluster, proxyro@sys, may log in from outside. */
  readonly skip_proxyro_check: boolean;
  /** `shop#obdemo=10.0.0.0/8|192.168.1.7;…`: from where people may log in to a tenant; one that is not named is open. */
  readonly white_list: string;
  /** `shop#obdemo=200;…`: most client sessions of a tenant; one that is not named has no limit. */
  readonly resource_max_connections: string;
  /** Who may say by the PROXY protocol (version 2) for whom it connects, as in `white_list`; empty: nobody (not ODP's). */
  readonly proxy_protocol_networks: string;
  /** root@proxysys may come from any address, not only from private ones and loopback. */
  readonly skip_proxy_sys_private_check: boolean;
  /** SHA-1 in hex of root@proxysys' password; empty: no password. */
  readonly obproxy_sys_password: string;
  /** The same of inspector@proxysys; empty: there is none. */
  readonly inspector_password: string;
  /** TLS is offered to clients, if the network has a certificate. */
  readonly enable_client_ssl: boolean;
  /** TLS to those observers that offer it. */
  readonly enable_server_ssl: boolean;
  /** JSON, as in ODP: `{"using_ssl":"ENABLE_FORCE"}` turns logins without TLS away. */
  readonly ssl_attributes: string;
  /** SHA-1 in hex of the password with which the proxy itself, as proxyro@sys, asks a cluster where tables are; empty: none. */
  readonly observer_sys_password: string;
  /** Time for a TCP connection to an observer; then the next one is tried. */
  readonly short_async_task_timeout: number;
  /** Added to a statement's own time-out, so that the observer's ERR comes before the proxy gives up. */
  readonly observer_query_timeout_delta: number;
  /** The longest that anybody waits for anything that has no other limit. */
  readonly default_inactivity_timeout: number;
  /** Attempts at the least before a request is given up (odp-relay.md §5.5). */
  readonly connect_observer_max_retries: number;
  /** Servers that fail are skipped for a while (odp-relay.md §5.6). */
  readonly enable_congestion: boolean;
  /** So many failures … */
  readonly congestion_failure_threshold: number;
  /** … within this time, and a server is skipped … */
  readonly congestion_fail_window: number;
  /** … for so long. */
  readonly congestion_retry_interval: number;
  /** Before this has passed, an answer does not count in favour of a server that has failed. */
  readonly min_keep_congestion_interval: number;
  /** A client that gives up while a connection is being made speaks against that server after this time. */
  readonly min_congested_connect_timeout: number;
  /**
   * Servers are probed, and dead ones found by it: 0 none, 1 those with server sessions, 2 all of clusters with clients. ODP's
   * default is 1; here it is 0 (≠ODP), or a connection each second would stand in everybody's trace.
   */
  readonly server_detect_mode: number;
  /** So many probes in a row that miss, and a server is dead. */
  readonly server_detect_fail_threshold: number;
  /** From one probe of a server to the next. */
  readonly server_detect_refresh_interval: number;
  /** The greeting must have come so long after the probe has begun to connect. */
  readonly detect_server_timeout: number;
}

export const DEFAULT_ITEMS: ConfigItems = {
  mysql_version: '5.6.25',
  kill_sweep_interval: 1000,
  client_max_connections: 8192,
  proxy_id: 0,
  username_separator: ':;-;.',
  enable_full_username: false,
  proxy_tenant_name: '',
  rootservice_cluster_name: 'undefined',
  skip_proxyro_check: false,
  white_list: '',
  resource_max_connections: '',
  proxy_protocol_networks: '',
  skip_proxy_sys_private_check: false,
  obproxy_sys_password: '',
  inspector_password: '',
  enable_client_ssl: false,
  enable_server_ssl: false,
  ssl_attributes: '',
  observer_sys_password: '',
  short_async_task_timeout: 5_000,
  observer_query_timeout_delta: 20_000,
  default_inactivity_timeout: 180_000_000,
  connect_observer_max_retries: 3,
  enable_congestion: true,
  congestion_failure_threshold: 5,
  congestion_fail_window: 120_000,
  congestion_retry_interval: 20_000,
  min_keep_congestion_interval: 20_000,
  min_congested_connect_timeout: 100,
  server_detect_mode: 0,
  server_detect_fail_threshold: 3,
  server_detect_refresh_interval: 1_000,
  detect_server_timeout: 5_000,
};

export interface ProxyConfig {
  readonly listen: Address;
  readonly clusters: readonly ClusterConfig[];
  readonly items: ConfigItems;
  /** The IPv4 in every proxy_sessid (odp-sessions.md §3.3). */
  readonly localIp: string;
  /** Of users of a MySQL server: a lost idle server session of theirs is replaced unseen. Without: nobody's is. */
  readonly passwords?: ReadonlyMap<string, string>;
  /** Shown as `pid` and `tid`. */
  readonly pid: number;
}
