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
  /** root@proxysys may come from any address, not only from private ones and loopback. */
  readonly skip_proxy_sys_private_check: boolean;
  /** SHA-1 in hex of root@proxysys' password; empty: no password. */
  readonly obproxy_sys_password: string;
  /** TLS is offered to clients, if the network has a certificate. */
  readonly enable_client_ssl: boolean;
  /** TLS to those observers that offer it. */
  readonly enable_server_ssl: boolean;
  /** JSON, as in ODP: `{"using_ssl":"ENABLE_FORCE"}` turns logins without TLS away. */
  readonly ssl_attributes: string;
  /** SHA-1 in hex of the password with which the proxy itself, as proxyro@sys, asks a cluster where tables are; empty: none. */
  readonly observer_sys_password: string;
}

export const DEFAULT_ITEMS: ConfigItems = {
  mysql_version: '5.6.25',
  kill_sweep_interval: 1000,
  client_max_connections: 8192,
  proxy_id: 0,
  skip_proxy_sys_private_check: false,
  obproxy_sys_password: '',
  enable_client_ssl: false,
  enable_server_ssl: false,
  ssl_attributes: '',
  observer_sys_password: '',
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
