/**
 * A tenant: its users, its data, its global variables. Shared by all observers of the cluster.
 *
 * Knows no session and no connection.
 */
import { writeSessionState } from '../../proxy/wire/session-state.ts';
import {
  type ColumnSpec,
  ORDINARY,
  SYS_TENANT,
  type TableSpec,
  type TenantSpec,
  type UserSpec,
} from '../world/topology.ts';
import type { LockWaits } from './locks.ts';
import type { LogStreams } from './log-streams.ts';
import type { PreparedQuota } from './prepared.ts';
import { parseDecimal, rounded, type Value } from './sql/value.ts';
import { type Database, type Row, Store, Table } from './store.ts';
import { familyOf } from './types.ts';
import { shownForm, VARIABLES, type Variable, variable, wireForm } from './variables.ts';

/** Bits of a user's privileges, as in `ob_proxy_user_privilege` (odp-sessions.md §4.2). */
const SUPER = 1 << 14;
const PROCESS = 1 << 15;

/** Any of ALTER, CREATE, DELETE, DROP, INSERT, UPDATE, SELECT, INDEX: what an ordinary user has. */
const DATA = ORDINARY;

/** The database that is made of what is known of the others (`information-schema.ts`). */
export const INFORMATION_SCHEMA = 'information_schema';

/** True if a user may choose a database: privileges are for all of them or for none here, and nobody needs one for information_schema. */
export function mayUseDatabase(user: UserSpec, name: string): boolean {
  return name === INFORMATION_SCHEMA || (user.privilege & DATA) !== 0;
}

export function isSuper(user: UserSpec): boolean {
  return (user.privilege & SUPER) !== 0;
}

/** PROCESS is for seeing others' sessions only (observer.md §3.4). */
export function maySeeAll(user: UserSpec): boolean {
  return (user.privilege & PROCESS) !== 0;
}

/** The schema version that every tenant starts with, in the form of real ones: microseconds since 1970 (decisions.md §9.4). */
const FIRST_GLOBAL_VERSION = 1_700_000_000_000_000;
/** Real schema versions go up in eights. */
const VERSION_STEP = 8;

/** A COMMIT whose result is unknown: its changes are there in the end, or are not (observer.md §6.4). */
export type UnknownCommit = 'kept' | 'lost';

const PREPARED_LIMIT = variable('max_prepared_stmt_count');

export class Tenant implements PreparedQuota {
  readonly spec: TenantSpec;
  readonly store = new Store();
  readonly streams: LogStreams;
  readonly locks: LockWaits;
  readonly isSys: boolean;
  /** The texts of all variables, by their index: what a new session starts with. */
  readonly globals: string[] = VARIABLES.map((it) => it.initial);
  /** How many prepared statements its sessions have. */
  preparedCount = 0;
  #globalVersion = FIRST_GLOBAL_VERSION;
  /** Login blocks by what they depend on; building one is most of what a login costs. */
  readonly #logins = new Map<string, Buffer>();

  /** What becomes of a COMMIT whose client is told that nobody knows; null: every COMMIT has a result. */
  readonly unknownCommit: UnknownCommit | null;

  constructor(spec: TenantSpec, streams: LogStreams, locks: LockWaits, unknownCommit: UnknownCommit | null = null) {
    this.spec = spec;
    this.unknownCommit = unknownCommit;
    this.streams = streams;
    this.locks = locks;
    this.isSys = spec.name === SYS_TENANT;
    for (const database of spec.databases) {
      const made = this.store.add(database.name);
      for (const table of database.tables) addTable(made, table);
    }
  }

  get name(): string {
    return this.spec.name;
  }

  get mostPrepared(): number {
    return Number(this.globals[PREPARED_LIMIT.index]);
  }

  findUser(name: string): UserSpec | null {
    return this.spec.users.find((it) => it.name === name) ?? null;
  }

  /** The database that a login, USE or COM_INIT_DB means, in its own spelling; null if there is none. */
  databaseName(wanted: string): string | null {
    if (wanted.toLowerCase() === INFORMATION_SCHEMA) return INFORMATION_SCHEMA;
    return this.store.find(wanted)?.name ?? null;
  }

  /** SET GLOBAL: new sessions start with it, and proxies hear of a new version (odp-relay.md §4.3). */
  setGlobal(variable: Variable, text: string): void {
    if (this.globals[variable.index] === text) return;
    this.globals[variable.index] = text;
    this.#globalVersion += VERSION_STEP;
    this.#logins.clear();
  }

  /** What proxies compare to see whether a SET GLOBAL came between two of their logins. */
  get globalVersion(): number {
    return this.#globalVersion;
  }

  /**
   * The state block of the login OK to a proxy: every variable of the new session, its database (observer.md §5). `key`
   * names all that the values depend on beyond the tenant: the same content is always the same buffer. `withheld` is a
   * variable that is left out; the same one for the whole life of a tenant.
   */
  loginBlock(key: string, values: readonly string[], database: string | null, withheld: string | null): Buffer {
    let block = this.#logins.get(key);
    if (block === undefined) {
      block = blockOf(values, database, withheld);
      this.#logins.set(key, block);
    }
    return block;
  }

  /** What SHOW GLOBAL VARIABLES prints. */
  shownGlobal(variable: Variable): string {
    return shownForm(this.globals[variable.index]!);
  }
}

interface Block {
  readonly values: readonly string[];
  readonly database: string | null;
  readonly withheld: string | null;
  readonly bytes: Buffer;
}

/** Blocks of all tenants: a run of a hunt has a new cluster, with the same variables as ever. */
const BLOCKS: Block[] = [];
const MOST_BLOCKS = 64;

function blockOf(values: readonly string[], database: string | null, withheld: string | null): Buffer {
  for (const it of BLOCKS) {
    if (it.database === database && it.withheld === withheld && areSame(it.values, values)) return it.bytes;
  }
  const told = VARIABLES.filter((it) => it.name !== withheld);
  const system = told.map((it) => [it.name, wireForm(it, values[it.index]!)] as const);
  const bytes = writeSessionState({ system, user: [], database });
  BLOCKS.unshift({ values: [...values], database, withheld, bytes });
  if (BLOCKS.length > MOST_BLOCKS) BLOCKS.pop();
  return bytes;
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

function addTable(database: Database, spec: TableSpec): void {
  const table = new Table(database.name, spec.name, spec.columns, spec.indexes);
  for (const cells of spec.rows) {
    const row: Row = cells.map((cell, index) => cellValue(cell, spec.columns[index]!));
    const key = table.keyOf(row);
    table.put(key, row);
    if (typeof key === 'bigint' && key >= table.nextNumber) table.nextNumber = key + 1n;
  }
  database.add(table);
}

/** A cell of a topology in the form in which its column keeps it. */
function cellValue(cell: string | number | null, spec: ColumnSpec): Value {
  if (cell === null) return null;
  switch (familyOf(spec.type)) {
    case 'decimal':
      return rounded(parseDecimal(String(cell)), spec.scale ?? 0);
    case 'integer':
      return BigInt(cell);
    case 'double':
      return Number(cell);
    case 'binary':
      return Buffer.from(String(cell));
    default:
      return String(cell);
  }
}
