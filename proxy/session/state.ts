/**
 * What a client session has changed – database, system variables, user variables – and how far each server session has
 * followed (odp-relay.md §4, decisions.md 12 and 17).
 *
 * Everything is learned from the OKs of observers, nothing from the text of SET statements. A counter per class goes up
 * when an OK reports a change; a server session is behind when its counter is smaller.
 */
import { COM } from '../wire/constants.ts';
import type { SessionState as Reported } from '../wire/session-state.ts';
import type { LoginState } from './login-state.ts';
import { type TimeLimits, timeLimitsOf } from './time-limits.ts';
import {
  CONSUMED,
  classOf,
  DEFAULTS,
  PARTITION_HIT,
  SET_TRX_EXECUTED,
  TRANSMISSION_CHECKSUM,
  type VariableClass,
} from './variables.ts';

/** The five counters of SHOW PROXYSESSION ATTRIBUTE, by what they are called there. */
export interface Versions {
  hotSystem: number;
  system: number;
  user: number;
  lastInsertId: number;
  database: number;
}

export function noVersions(): Versions {
  return { hotSystem: 0, system: 0, user: 0, lastInsertId: 0, database: 0 };
}

/** Which counter a class of variables has. */
const COUNTER: Record<VariableClass, keyof Versions> = {
  cold: 'system',
  hot: 'hotSystem',
  'last insert id': 'lastInsertId',
};

/** What a server session itself has reported about itself at its login. */
export interface ServerTraits {
  /** The observer's answer to the capabilities offered; 0 until it came. */
  capabilities: bigint;
  /** `ob_enable_transmission_checksum`: −1 unused, 0 off, 1 on. */
  checksumSwitch: number;
}

/** What the text of a statement means depends on these: where its tables are, and how it is read. */
export interface Meaning {
  readonly database: string | null;
  readonly sqlMode: string;
}

const SQL_MODE = 'sql_mode';

/** A bit mask without this many privileges means: not told, so everybody has all of them (odp-sessions.md §4.2). */
const ALL_PRIVILEGES = -1n;
/** SUPER and PROCESS in `ob_proxy_user_privilege`. */
const SUPER_BIT = 14n;
const PROCESS_BIT = 15n;

export class SessionState {
  readonly versions: Versions = noVersions();
  /** Null: none chosen, or dropped. */
  database: string | null = null;
  readonly #system = new Map<string, string>();
  readonly #user = new Map<string, string>();
  /** Read from the variables, and at which count of their changes. */
  #limits: TimeLimits = timeLimitsOf(this.#system);
  #limitsAt = 0;
  #privileges = ALL_PRIVILEGES;
  #globalVersion: string | null = null;
  /** Someone ran SET GLOBAL since the first login: every server session gets all variables from now on (decisions.md 17). */
  #sendAll = false;
  /** SET TRANSACTION has run: the transaction after it stays where it is. */
  pinned = false;
  /** The last answer has come from an observer that leads none of the statement's tables. */
  missed = false;

  get isSuper(): boolean {
    return ((this.#privileges >> SUPER_BIT) & 1n) === 1n;
  }

  get hasProcess(): boolean {
    return ((this.#privileges >> PROCESS_BIT) & 1n) === 1n;
  }

  /** As it goes into `__global_vars_version`; `0` before the first login. */
  get globalVersion(): string {
    return this.#globalVersion ?? '0';
  }

  /** Changed system variables, in the order in which they were first reported. */
  get system(): ReadonlyMap<string, string> {
    return this.#system;
  }

  /** User variables with their SQL literals. */
  get user(): ReadonlyMap<string, string> {
    return this.#user;
  }

  /** Of a statement that is prepared now. */
  get meaning(): Meaning {
    return { database: this.database, sqlMode: this.#system.get(SQL_MODE) ?? DEFAULTS.get(SQL_MODE)!.value };
  }

  get limits(): TimeLimits {
    const at = this.versions.system + this.versions.hotSystem;
    if (at !== this.#limitsAt) {
      this.#limits = timeLimitsOf(this.#system);
      this.#limitsAt = at;
    }
    return this.#limits;
  }

  /** The OK of the client's own login: what differs from the yardstick is a change. */
  learnFirstLogin(told: LoginState, traits: ServerTraits): void {
    if (told.privileges !== null) this.#privileges = told.privileges;
    if (told.globalVersion !== null) this.#globalVersion = told.globalVersion;
    learnTraits(told, traits);
    for (const [name, value] of told.changed) this.#setSystem(name, value);
    this.#learnUser(told.user);
    this.#learnDatabase(told.database);
  }

  /**
   * The session has begun anew, with the OK of a CHANGE_USER or RESET_CONNECTION: nothing of it is as it was, and the observer
   * reports all of it, as at the first login (observer.md §5). Privileges that it does not report are as before.
   */
  learnNewBeginning(command: number, reported: readonly LoginState[], traits: ServerTraits): void {
    if (this.#user.size > 0) this.versions.user += 1;
    this.#system.clear();
    this.#user.clear();
    if (command === COM.CHANGE_USER) this.database = null;
    this.#sendAll = false;
    this.#limitsAt = -1;
    this.pinned = false;
    for (const it of reported) this.learnFirstLogin(it, traits);
  }

  /** The OK of a login that repeats the first one on another server: it tells about the server, not about the client. */
  learnSavedLogin(told: LoginState, traits: ServerTraits): void {
    learnTraits(told, traits);
    const { globalVersion } = told;
    if (globalVersion !== null && this.#globalVersion !== null && globalVersion !== this.#globalVersion) {
      this.#sendAll = true;
    }
  }

  /** The OK of a statement: whatever it reports has changed. */
  learn(reported: Reported, traits: ServerTraits): void {
    for (const [name, value] of reported.system) {
      if (name === SET_TRX_EXECUTED) this.pinned = value === '1';
      else if (name === PARTITION_HIT) this.missed = value === '0';
      else if (!CONSUMED.has(name)) this.#setSystem(name, value);
      if (name === TRANSMISSION_CHECKSUM) traits.checksumSwitch = Number(value);
    }
    this.#learnUser(reported.user);
    this.#learnDatabase(reported.database);
  }

  /** True if a server session at these versions must be brought up to date before it serves. */
  isBehind(versions: Versions): boolean {
    const mine = this.versions;
    return (
      versions.database < mine.database ||
      versions.system < mine.system ||
      versions.hotSystem < mine.hotSystem ||
      versions.user < mine.user ||
      versions.lastInsertId < mine.lastInsertId
    );
  }

  /** The database to choose on a server session at these versions, or null if it has it. */
  databaseFor(versions: Versions): string | null {
    return versions.database < this.versions.database ? this.database : null;
  }

  /**
   * The SET that brings a server session at these versions up to date, or null if there is nothing to set (decisions.md
   * 17; order odp-relay.md §4.3: cold, hot, last_insert_id, user variables).
   */
  setFor(versions: Versions): string | null {
    const parts: string[] = [];
    for (const kind of ['cold', 'hot', 'last insert id'] as const) {
      const counter = COUNTER[kind];
      if (versions[counter] < this.versions[counter]) this.#appendSystem(kind, parts);
    }
    if (versions.user < this.versions.user)
      for (const [name, literal] of this.#user) parts.push(`@${name} = ${literal}`);
    return parts.length === 0 ? null : `SET ${parts.join(', ')}`;
  }

  #appendSystem(kind: VariableClass, parts: string[]): void {
    if (this.#sendAll) {
      for (const [name, { value, flags }] of DEFAULTS) {
        const settable = flags.includes('session_scope') && !flags.includes('readonly') && !CONSUMED.has(name);
        if (settable && classOf(name) === kind && !this.#system.has(name)) parts.push(`@@${name} = ${literal(value)}`);
      }
    }
    for (const [name, value] of this.#system) {
      if (classOf(name) === kind) parts.push(`@@${name} = ${isNull(name, value) ? 'NULL' : literal(value)}`);
    }
  }

  /** A server session has followed: it has the client's state. */
  synchronised(versions: Versions): void {
    Object.assign(versions, this.versions);
  }

  #setSystem(name: string, value: string): void {
    this.#system.set(name, value);
    this.versions[COUNTER[classOf(name)]] += 1;
  }

  #learnUser(reported: Reported['user']): void {
    for (const [name, value] of reported) {
      this.#user.set(name, value);
      this.versions.user += 1;
    }
  }

  #learnDatabase(reported: string | null): void {
    if (reported === null) return;
    this.database = reported === '' ? null : reported;
    this.versions.database += 1;
  }
}

function learnTraits({ capabilities, checksumSwitch }: LoginState, traits: ServerTraits): void {
  if (capabilities !== null) traits.capabilities = capabilities;
  if (checksumSwitch !== null) traits.checksumSwitch = checksumSwitch;
}

/** After the OK to it the session is as new: no variables, no statements, no transaction (odp-relay.md §2.8). */
export function beginsAnew(command: number): boolean {
  return command === COM.CHANGE_USER || command === COM.RESET_CONNECTION;
}

/** NULL is reported as an empty value (odp-relay.md §4.2). */
function isNull(name: string, value: string): boolean {
  return value === '' && DEFAULTS.get(name)?.flags.includes('nullable') === true;
}

/** A value in a SET: digits go bare, anything else quoted (decisions.md 17). */
export function literal(value: string): string {
  if (/^\d+$/.test(value)) return value;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
