/**
 * What the statements of one logged-in session work on: who it is, its variables, its database, its transaction.
 *
 * Knows neither the connection nor the order of requests (`session.ts`).
 */
import type { Clock } from '../../proxy/ports.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import type { UserSpec } from '../world/topology.ts';
import { zoneOffset } from './date-time.ts';
import type { LogStream } from './log-streams.ts';
import { Messages } from './messages.ts';
import { NextTransaction } from './next-transaction.ts';
import type { Peer } from './peer.ts';
import { PreparedStatements } from './prepared.ts';
import { Reach } from './reach.ts';
import { Refusal, refuse } from './refusal.ts';
import { SessionVariables } from './session-variables.ts';
import type { TableName, VariableScope } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import type { Database, Table, Transaction } from './store.ts';
import type { Parameter, Surroundings } from './surroundings.ts';
import { mayUseData, type Tenant } from './tenant.ts';
import { TransactionState } from './transaction-state.ts';
import { sqlForm, type Variable, variable } from './variables.ts';

const AUTOCOMMIT = variable('autocommit');
const TIME_ZONE = variable('time_zone');
const QUERY_TIMEOUT = variable('ob_query_timeout');
const LOCK_TIMEOUT = variable('ob_trx_lock_timeout');
const TRX_TIMEOUT = variable('ob_trx_timeout');
const TRX_IDLE_TIMEOUT = variable('ob_trx_idle_timeout');
const WAIT_TIMEOUT = variable('wait_timeout');
const MAX_ALLOWED_PACKET = variable('max_allowed_packet');
const LAST_INSERT_ID = variable('last_insert_id');
const SET_TRX_EXECUTED = variable('ob_proxy_set_trx_executed');
const READ_ONLY = variable('tx_read_only');
const TIMESTAMP = variable('timestamp');

/** The database that is made of what is known of the others (`information-schema.ts`). */
export const INFORMATION_SCHEMA = 'information_schema';

/** Microseconds of a millisecond: OceanBase's time limits are in the former. */
const MICROS = 1000;
/** Milliseconds of a second: MySQL's time limits are in the latter. */
const SECOND = 1000;

export interface Identity {
  readonly connectionId: number;
  readonly serverId: number;
  readonly user: UserSpec;
  readonly tenant: Tenant;
  readonly peer: Peer;
  /** An UPDATE counts the rows it found, not those it changed: the client set FOUND_ROWS. */
  readonly countsFound: boolean;
  /** The client set MULTI_STATEMENTS. */
  readonly severalStatements: boolean;
  /** Where the client is, as far as the session knows: `__client_ip`, or the other end of the connection. */
  readonly clientIp: string;
}

export class SessionContext implements Surroundings {
  readonly identity: Identity;
  readonly variables: SessionVariables;
  readonly transaction: TransactionState;
  readonly prepared = new PreparedStatements();
  readonly warnings = new Messages();
  readonly #clock: Clock;
  readonly #reach: Reach;
  readonly #next = new NextTransaction();
  #database: string | null;
  #working: string | null | undefined;
  #startedAt = 0;
  #sleepDue = 0;
  /** How long the running statement itself says it waits for a row, in milliseconds; null if it does not say. */
  #patience: number | null = null;
  /** What stands for the `?` of the running statement. */
  #parameters: readonly Parameter[] | null = null;
  rowCount = -1;
  foundRows = 0;
  /** The AUTO_INCREMENT value that the running statement made first; 0 if none. */
  #madeId = 0;
  /** The AUTO_INCREMENT value of the last row that it wrote; 0 if none. */
  #writtenId = 0;

  constructor(identity: Identity, database: string | null, clock: Clock) {
    this.identity = identity;
    this.variables = new SessionVariables(identity.tenant.globals);
    this.#database = database;
    this.#clock = clock;
    this.transaction = new TransactionState(identity.tenant.locks);
    this.#reach = new Reach(identity.tenant.streams, identity.serverId);
  }

  get connectionId(): number {
    return this.identity.connectionId;
  }

  /** The current one, or that of the prepared statement that runs. */
  get database(): string | null {
    return this.#working === undefined ? this.#database : this.#working;
  }

  /** The running statement was prepared when this was the current database; undefined: it was not, or is over. */
  work(database: string | null | undefined): void {
    this.#working = database;
  }

  get userAtHost(): string {
    return `${this.identity.user.name}@${this.identity.clientIp}`;
  }

  get account(): string {
    return `${this.identity.user.name}@%`;
  }

  get countsFound(): boolean {
    return this.identity.countsFound;
  }

  get maxAllowedPacket(): number {
    return this.variables.number(MAX_ALLOWED_PACKET);
  }

  get autocommit(): boolean {
    return this.variables.text(AUTOCOMMIT) === 'ON';
  }

  /** SET timestamp holds the clock, in seconds, until it is set to 0. */
  get statementTime(): number {
    const held = this.variables.number(TIMESTAMP);
    return (held === 0 ? this.#startedAt : Math.round(held * MICROS)) + this.zone;
  }

  get zone(): number {
    return zoneOffset(this.variables.text(TIME_ZONE));
  }

  get warningCount(): number {
    return this.warnings.count;
  }

  get errorCount(): number {
    return this.warnings.errors;
  }

  warn(err: Err, level: 'Warning' | 'Note' = 'Warning'): void {
    this.warnings.add(level, err);
  }

  /** What stands for the `?` of a prepared statement; null while it is only described. */
  bind(values: readonly Parameter[] | null): void {
    this.#parameters = values;
  }

  parameter(index: number): Parameter | undefined {
    return this.#parameters?.[index];
  }

  /** When the running statement has taken too long (ob_query_timeout, observer.md §6.1). */
  get deadline(): number {
    return this.#startedAt + this.queryTimeout / MICROS;
  }

  /** In microseconds. */
  get queryTimeout(): number {
    return this.variables.number(QUERY_TIMEOUT);
  }

  /** When the running statement, or the transaction it belongs to, has taken too long. */
  get limit(): number {
    return Math.min(this.deadline, this.transaction.deadline);
  }

  /** When the running statement has waited too long for a row: its own NOWAIT or WAIT, or ob_trx_lock_timeout (−1: no limit). */
  get lockLimit(): number {
    if (this.#patience !== null) return this.#startedAt + this.#patience;
    const micros = this.variables.number(LOCK_TIMEOUT);
    return micros < 0 ? Number.POSITIVE_INFINITY : this.#startedAt + micros / MICROS;
  }

  /** NOWAIT, WAIT n. */
  waitAtMost(milliseconds: number): void {
    this.#patience = milliseconds;
  }

  /** How long the session may sleep, in milliseconds; wait_timeout 0 is no limit (observer.md §6.1). */
  get idleLimit(): number {
    const seconds = this.variables.number(WAIT_TIMEOUT);
    return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * SECOND;
  }

  /** How long it may sleep in a transaction before that is aborted, in milliseconds. */
  get transactionIdleLimit(): number {
    return this.variables.number(TRX_IDLE_TIMEOUT) / MICROS;
  }

  /** When a transaction that begins now has lasted too long. */
  get #transactionDeadline(): number {
    return this.#startedAt + this.variables.number(TRX_TIMEOUT) / MICROS;
  }

  systemValue(it: Variable, scope: VariableScope): Value {
    if (scope === 'session') return this.variables.value(it);
    return sqlForm(it, this.identity.tenant.globals[it.index]!);
  }

  userValue(name: string): Value {
    return this.variables.user(name);
  }

  assignUser(name: string, value: Value): void {
    this.variables.setUser(name, value);
  }

  sleep(milliseconds: number): void {
    this.#sleepDue += milliseconds;
  }

  /** How long what has been evaluated since the last call sleeps, in milliseconds. */
  takeSleep(): number {
    const due = this.#sleepDue;
    this.#sleepDue = 0;
    return due;
  }

  /** What LAST_INSERT_ID() gives: the variable, which a proxy sets where the id was not made (odp-relay.md §4.3). */
  get lastInsertId(): bigint {
    return BigInt(this.variables.text(LAST_INSERT_ID));
  }

  startStatement(): void {
    this.#startedAt = this.#clock.now();
    this.#patience = null;
    this.#working = undefined;
    this.#next.startStatement();
    this.restartStatement();
  }

  /** After a wait: all but its time begins again. */
  restartStatement(): void {
    this.#sleepDue = 0;
    this.#reach.begin();
    if (!this.transaction.isOpen) this.#reach.forget();
    this.#madeId = 0;
    this.#writtenId = 0;
    this.transaction.startStatement();
  }

  /** It has succeeded. With autocommit a statement that has read or written was a transaction. */
  endStatement(): void {
    this.transaction.endStatement();
    if (this.#next.endStatement() && !this.transaction.isOpen) this.#specifiedIsOver();
  }

  /** It has failed, or is to be tried again: what it did is taken back, with its locks. */
  undoStatement(): void {
    this.#reach.undo();
    this.transaction.undoStatement();
  }

  /** LAST_INSERT_ID(n). */
  setLastInsertId(id: bigint): void {
    this.#madeId = Number(id);
    this.variables.set(LAST_INSERT_ID, String(id));
  }

  /** What the OK says: the value made first, else the one written last. */
  get insertedId(): number {
    return this.#madeId === 0 ? this.#writtenId : this.#madeId;
  }

  /** A row of this number was written that has it from elsewhere: the OK says it, LAST_INSERT_ID() does not. */
  touched(id: bigint): void {
    this.#writtenId = Number(id);
  }

  /** An AUTO_INCREMENT value was made; the first of a statement counts. */
  inserted(id: bigint): void {
    if (this.#madeId !== 0) return;
    this.#madeId = Number(id);
    this.variables.set(LAST_INSERT_ID, String(id));
  }

  use(name: string): void {
    const virtual = name.toLowerCase() === INFORMATION_SCHEMA;
    const found = virtual ? INFORMATION_SCHEMA : this.identity.tenant.store.find(name)?.name;
    if (found === undefined) throw refuse('UNKNOWN_DATABASE', name);
    if (!virtual && !mayUseData(this.identity.user)) {
      throw refuse('DATABASE_ACCESS_DENIED', this.identity.user.name, '%', found);
    }
    if (this.#database === found) return;
    this.#database = found;
    this.variables.databaseChanged(found);
  }

  /** The current database has been dropped. */
  leaveDatabase(): void {
    this.#database = null;
    this.variables.databaseChanged('');
  }

  /** The database of a name, or the current one. */
  databaseOf(name: string | null): Database {
    const wanted = name ?? this.database;
    if (wanted === null) throw refuse('NO_DATABASE');
    const found = this.identity.tenant.store.find(wanted);
    if (found === null) throw refuse('UNKNOWN_DATABASE', wanted);
    return found;
  }

  table(name: TableName): Table {
    const wanted = name.database ?? this.database;
    if (wanted === null) throw refuse('NO_DATABASE');
    const found = this.findTable(name);
    if (found === null) throw refuse('UNKNOWN_TABLE', `${wanted}.${name.name}`);
    this.#reach.name(found);
    return found;
  }

  /** The table of that name; null if there is none. */
  findTable(name: TableName): Table | null {
    const wanted = name.database ?? this.database;
    return wanted === null ? null : (this.identity.tenant.store.find(wanted)?.find(name.name) ?? null);
  }

  reading(): Transaction | null {
    this.#checkAge();
    this.#reach.take(false);
    if (!this.transaction.isOpen) this.#next.run();
    return this.transaction.forReading(this.autocommit, this.#transactionDeadline, this.#isReadOnly);
  }

  writing(): Transaction {
    this.expectWritable();
    return this.sharing();
  }

  /** A `Refusal` 1792 if the transaction only reads. */
  expectWritable(): void {
    if (this.#isReadOnly) throw refuse('READ_ONLY_TRANSACTION');
  }

  /** To lock rows that will only be read: LOCK IN SHARE MODE, which a transaction that only reads may say. */
  sharing(): Transaction {
    this.#checkAge();
    this.#reach.take(true);
    if (!this.transaction.isOpen) this.#next.run();
    return this.transaction.forWriting(this.autocommit, this.#transactionDeadline, this.#isReadOnly);
  }

  /** Of the transaction that is open, else of the one that would begin now. */
  get #isReadOnly(): boolean {
    return this.transaction.isOpen ? this.transaction.isReadOnly : this.#next.isReadOnly(this.#readsOnly);
  }

  /** What the session has said of all its transactions. */
  get #readsOnly(): boolean {
    return this.variables.text(READ_ONLY) === 'ON';
  }

  /** A `Refusal` 4012 if the transaction has lasted too long. */
  #checkAge(): void {
    if (this.#clock.now() >= this.transaction.deadline) throw new Refusal(this.transaction.expire());
  }

  /** SAVEPOINT. Without a transaction to come back to it says nothing, as in MySQL. */
  save(name: string): void {
    if (this.autocommit && !this.transaction.isOpen) return;
    this.#checkAge();
    this.transaction.save(name, this.transaction.forWriting(false, this.#transactionDeadline, this.#isReadOnly));
  }

  /** A log stream has lost its leader: an open transaction that has changed something there is aborted (observer.md §9.4). */
  leaderLost(stream: LogStream, cause: Err): boolean {
    if (!this.transaction.isIdling || !this.#reach.hasChanged(stream)) return false;
    this.transaction.abort(cause);
    return true;
  }

  /** `readOnly`: null if it does not say. */
  begin(readOnly: boolean | null): void {
    if (this.#clock.now() >= this.transaction.deadline) this.transaction.expire();
    this.#reach.forget();
    this.transaction.begin(readOnly ?? this.#next.isReadOnly(this.#readsOnly), this.#transactionDeadline);
    this.#next.forget();
  }

  /** A `Refusal` 6002 if it was aborted, or has lasted too long. */
  commit(): void {
    if (this.#clock.now() >= this.transaction.deadline) this.transaction.expire();
    this.#next.forget();
    this.#specifiedIsOver();
    this.transaction.commit();
  }

  rollback(): void {
    this.transaction.rollback();
    this.#next.forget();
    this.#specifiedIsOver();
  }

  /** SET TRANSACTION for the next one only: a proxy must stay on this session for it. `readOnly` null: not said. */
  specifyTransaction(readOnly: boolean | null): void {
    if (this.transaction.isOpen) throw refuse('TRANSACTION_IN_PROGRESS');
    this.#next.specify(readOnly);
    this.variables.set(SET_TRX_EXECUTED, 'ON');
  }

  /** The transaction that was specified is over: a proxy may leave this session again. */
  #specifiedIsOver(): void {
    this.variables.set(SET_TRX_EXECUTED, 'OFF');
  }
}
