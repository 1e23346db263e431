/**
 * Topologies as data: which clusters there are, with which zones, observers, tenants, users and tables.
 *
 * Plain data and one translation into what a proxy is told. Must never know how an observer works, nor addresses: those
 * are given where a world is built.
 */
import type { ClusterConfig, TenantConfig } from '../../proxy/config.ts';
import type { Address } from '../../proxy/ports.ts';

export interface ServerSpec {
  /** The server id, 1–4095; part of every session id (observer.md §2.1). */
  readonly id: number;
  readonly zone: string;
}

export interface UserSpec {
  readonly name: string;
  /** `''` is no password. */
  readonly password: string;
  /** Bits as in `ob_proxy_user_privilege` (`SUPERUSER`, `ORDINARY`). */
  readonly privilege: number;
}

/** Types of columns. */
export type ColumnType =
  | 'TINYINT'
  | 'SMALLINT'
  | 'MEDIUMINT'
  | 'INT'
  | 'BIGINT'
  | 'DECIMAL'
  | 'FLOAT'
  | 'DOUBLE'
  | 'CHAR'
  | 'VARCHAR'
  | 'TINYTEXT'
  | 'TEXT'
  | 'MEDIUMTEXT'
  | 'LONGTEXT'
  | 'BINARY'
  | 'VARBINARY'
  | 'TINYBLOB'
  | 'BLOB'
  | 'MEDIUMBLOB'
  | 'LONGBLOB'
  | 'DATE'
  | 'TIME'
  | 'DATETIME'
  | 'TIMESTAMP'
  | 'YEAR'
  | 'ENUM';

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly primaryKey?: boolean;
  readonly autoIncrement?: boolean;
  readonly notNull?: boolean;
  readonly unsigned?: boolean;
  /** Digits of a DECIMAL, display width of an integer, characters of a CHAR; not said: its type's own. */
  readonly length?: number;
  /** Digits behind the point; of a time, of its seconds. */
  readonly scale?: number;
  /** Of an ENUM. */
  readonly values?: readonly string[];
  /** As text; null is DEFAULT NULL, not said is none. */
  readonly defaultValue?: string | null;
  /** DEFAULT CURRENT_TIMESTAMP. */
  readonly defaultNow?: boolean;
  readonly onUpdateNow?: boolean;
  readonly comment?: string;
  /** Of a text: its collation; not said: utf8mb4_general_ci. */
  readonly collation?: string;
}

/** A key of a table. The primary one is called PRIMARY. */
export interface IndexSpec {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
}

export interface TableSpec {
  readonly name: string;
  /** The id of the server that leads it at first; not said: the lowest of the tenant's. */
  readonly leader?: number;
  readonly columns: readonly ColumnSpec[];
  /** Keys beyond a primary one of the columns marked so. */
  readonly indexes?: readonly IndexSpec[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface DatabaseSpec {
  readonly name: string;
  readonly tables: readonly TableSpec[];
}

export interface TenantSpec {
  readonly name: string;
  readonly id: number;
  /** Ids of the servers on which the tenant has a unit, and with it a replica of all its tables. */
  readonly servers: readonly number[];
  /** Servers that its unit has left: who learned the tenant's servers before that still tries them (ERROR 5150). */
  readonly formerServers?: readonly number[];
  readonly users: readonly UserSpec[];
  readonly databases: readonly DatabaseSpec[];
}

export interface ClusterSpec {
  readonly name: string;
  readonly zones: readonly string[];
  readonly servers: readonly ServerSpec[];
  readonly tenants: readonly TenantSpec[];
  /** A proxy is told the addresses of its servers alone, as by `-r`: neither tenants nor leaders. */
  readonly bare?: boolean;
}

export interface Topology {
  readonly clusters: readonly ClusterSpec[];
}

/** All privileges, SUPER and PROCESS among them (decisions.md 10). */
export const SUPERUSER = 65534;
/** No SUPER, no PROCESS (decisions.md 10). */
export const ORDINARY = 1974;

/** The tenant that every cluster has; its sessions may kill any other (observer.md §3.4). */
export const SYS_TENANT = 'sys';

const ROOT: UserSpec = { name: 'root', password: '', privilege: SUPERUSER };

const BANK: DatabaseSpec = {
  name: 'bank',
  tables: [
    {
      name: 'account',
      columns: [
        { name: 'id', type: 'INT', primaryKey: true, notNull: true },
        { name: 'owner', type: 'VARCHAR' },
        { name: 'balance', type: 'INT' },
      ],
      rows: [
        [1, 'alice', 100],
        [2, 'bob', 100],
        [3, 'carol', 100],
        [4, 'dave', 100],
      ],
    },
  ],
};

const [ACCOUNT] = BANK.tables;

/** The bank in three log streams: what one observer leads is another's follower. */
const SPREAD_BANK: DatabaseSpec = {
  name: 'bank',
  tables: [
    { ...ACCOUNT!, leader: 1 },
    {
      name: 'branch',
      leader: 2,
      columns: [
        { name: 'id', type: 'INT', primaryKey: true, notNull: true },
        { name: 'city', type: 'VARCHAR' },
      ],
      rows: [
        [1, 'Hangzhou'],
        [2, 'Beijing'],
      ],
    },
    {
      name: 'ledger',
      leader: 3,
      columns: [
        { name: 'id', type: 'INT', primaryKey: true, notNull: true, autoIncrement: true },
        { name: 'account', type: 'INT' },
        { name: 'amount', type: 'INT' },
      ],
      rows: [[1, 1, 100]],
    },
  ],
};

const TEST: DatabaseSpec = { name: 'test', tables: [] };
const OCEANBASE: DatabaseSpec = { name: 'oceanbase', tables: [] };

const SHOP_USERS: readonly UserSpec[] = [
  ROOT,
  { name: 'app', password: '', privilege: ORDINARY },
  { name: 'boss', password: '', privilege: SUPERUSER },
  { name: 'secret', password: 's3cret', privilege: ORDINARY },
];

/** The account with which a proxy looks up where tables are (observer.md §9.3); nobody gets in with it through a proxy. */
export const LOCATOR = 'proxyro';

const SYS_USERS: readonly UserSpec[] = [
  ROOT,
  { name: 'dba', password: '', privilege: ORDINARY },
  { name: LOCATOR, password: '', privilege: ORDINARY },
];

function sysTenant(servers: readonly number[]): TenantSpec {
  return { name: SYS_TENANT, id: 1, servers, users: SYS_USERS, databases: [OCEANBASE, TEST] };
}

function bankTenant(name: string, id: number, servers: readonly number[]): TenantSpec {
  return { name, id, servers, users: SHOP_USERS, databases: [BANK, TEST] };
}

const SPREAD: ClusterSpec = {
  name: 'obdemo',
  zones: ['zone1', 'zone2', 'zone3'],
  servers: [
    { id: 1, zone: 'zone1' },
    { id: 2, zone: 'zone2' },
    { id: 3, zone: 'zone3' },
    { id: 4, zone: 'zone1' },
  ],
  tenants: [
    sysTenant([1, 2, 3]),
    { ...bankTenant('shop', 1002, [1, 2, 3]), databases: [SPREAD_BANK, TEST] },
    { ...bankTenant('warehouse', 1004, [2, 3, 4]), formerServers: [1] },
  ],
};

/** The ready topologies, by the name that a scenario's `cluster:` gives. */
export const TOPOLOGIES = {
  /** decisions.md 2: one cluster, one zone, one observer, tenants sys and shop. */
  default: {
    clusters: [
      {
        name: 'obdemo',
        zones: ['zone1'],
        servers: [{ id: 1, zone: 'zone1' }],
        tenants: [sysTenant([1]), bankTenant('shop', 1002, [1])],
      },
    ],
  },
  /** Three observers in three zones, two user tenants on all of them; and a second, small cluster. */
  three: {
    clusters: [
      {
        name: 'obdemo',
        zones: ['zone1', 'zone2', 'zone3'],
        servers: [
          { id: 1, zone: 'zone1' },
          { id: 2, zone: 'zone2' },
          { id: 3, zone: 'zone3' },
        ],
        tenants: [sysTenant([1, 2, 3]), bankTenant('shop', 1002, [1, 2, 3]), bankTenant('warehouse', 1004, [1, 2, 3])],
      },
      {
        name: 'obother',
        zones: ['zone1'],
        servers: [{ id: 1, zone: 'zone1' }],
        tenants: [sysTenant([1]), bankTenant('shop', 1002, [1])],
      },
    ],
  },
  /**
   * Four observers in three zones. The tables of shop are led by different observers; warehouse has no unit on observer
   * 1, though proxies believe so: it has moved to observer 4.
   */
  spread: { clusters: [SPREAD] },
  /** The same, of which the proxy is told nothing but the addresses. */
  bare: { clusters: [{ ...SPREAD, bare: true }] },
} as const satisfies Record<string, Topology>;

export type TopologyName = keyof typeof TOPOLOGIES;

/** A table that a tenant has from the start; case does not count. */
export function findTable(tenant: TenantSpec, database: string, table: string): TableSpec | null {
  const home = tenant.databases.find((it) => it.name.toLowerCase() === database.toLowerCase());
  return home?.tables.find((it) => it.name.toLowerCase() === table.toLowerCase()) ?? null;
}

/** Who leads a table at first. */
export function firstLeader(tenant: TenantSpec, table?: TableSpec): number {
  return table?.leader ?? Math.min(...tenant.servers);
}

/** The server that leads all tables of a tenant at first; null if there are several (ODP's single leader, odp-relay.md §5.1). */
export function singleLeader(tenant: TenantSpec): number | null {
  const first = firstLeader(tenant);
  const tables = tenant.databases.flatMap((database) => database.tables);
  return tables.every((table) => firstLeader(tenant, table) === first) ? first : null;
}

/**
 * What a proxy is told of a cluster whose observers listen at `addresses` (server id → address). Of sys no leader is
 * known (decisions.md 33).
 */
export function clusterConfig(spec: ClusterSpec, addresses: ReadonlyMap<number, Address>): ClusterConfig {
  return {
    name: spec.name,
    servers: spec.servers.map((server) => {
      const address = addresses.get(server.id);
      if (address === undefined) throw new Error(`no address for observer ${server.id} of cluster ${spec.name}`);
      return { address };
    }),
    tenants: spec.bare ? null : tenantConfigs(spec),
  };
}

function tenantConfigs(spec: ClusterSpec): readonly TenantConfig[] {
  return spec.tenants.map((tenant) => {
    const known = [...(tenant.formerServers ?? []), ...tenant.servers].sort((a, b) => a - b);
    const leader = tenant.name === SYS_TENANT ? null : singleLeader(tenant);
    return {
      name: tenant.name,
      servers: known.map((id) => indexOfServer(spec, id)),
      leader: leader === null ? null : indexOfServer(spec, leader),
    };
  });
}

function indexOfServer(spec: ClusterSpec, id: number): number {
  const index = spec.servers.findIndex((server) => server.id === id);
  if (index < 0) throw new Error(`cluster ${spec.name} has no observer ${id}`);
  return index;
}
