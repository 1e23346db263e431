/**
 * What the statements of one logged-in session work on: who it is, its variables, its database, its transaction.
 *
 * Knows neither the connection nor the order of requests (`session.ts`).
 */
import type { Clock } from '../../proxy/ports.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import type { UserSpec } from '../world/topology.ts';
import type { NumberSteps } from './auto-numbers.ts';
import { zoneOffset } from './date-time.ts';
import { Effort } from './effort.ts';
import type { LogStream } from './log-streams.ts';
import { Messages } from './messages.ts';
import { NextTransaction } from './next-transaction.ts';
import type { Peer } from './peer.ts';
import { PreparedStatements } from './prepared.ts';
import { Random } from './random.ts';
import { Reach } from './reach.ts';
import { Refusal, refuse } from './refusal.ts';
import { SessionVariables } from './session-variables.ts';
import type { TableName, VariableScope } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import { modesOf, type SqlModes } from './sql-modes.ts';
import type { Database, Table, Transaction } from './store.ts';
import type { Counting, Parameter, Surroundings } from './surroundings.ts';
import { mayUseDatabase, type Tenant } from './tenant.ts';
import { TimeLimits } from './time-limits.ts';
import { TransactionState } from './transaction-state.ts';
import { sqlForm, type Variable, variable } from './variables.ts';

const AUTOCOMMIT = variable('autocommit');
const TIME_ZONE = variable('time_zone');
const MAX_ALLOWED_PACKET = variable('max_allowed_packet');
const LAST_INSERT_ID = variable('last_insert_id');
const PARTITION_HIT = variable('ob_proxy_partition_hit');
const SET_TRX_EXECUTED = variable('ob_proxy_set_trx_executed');
const READ_ONLY = variable('tx_read_only');
const TIMESTAMP = variable('timestamp');
const SQL_MODE = variable('sql_mode');
const NUMBER_INCREMENT = variable('auto_increment_increment');
const NUMBER_OFFSET = variable('auto_increment_offset');
const DIV_PRECISION = variable('div_precision_increment');

/** Milliseconds of a second. */
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
  readonly times: TimeLimits;
  readonly prepared: PreparedStatements;
  readonly warnings = new Messages();
  readonly effort: Effort;
  readonly #clock: Clock;
  readonly #reach: Reach;
  readonly #next = new NextTransaction();
  #database: string | null;
  #working: string | null | undefined;
  #sleepDue = 0;
  #random: Random | null = null;
  /** What stands for the `?` of the running statement. */
  #parameters: readonly Parameter[] | null = null;
  /** The session ends when the running request has been answered. */
  mustLeave = false;
  /** How many rows the last query would have given without its LIMIT, if it said SQL_CALC_FOUND_ROWS; null if not. */
  calculatedRows: number | null = null;
  /** The running statement stores values, and does not say IGNORE: what is wrong with them is refused. */
  isStoring = false;
  rowCount = -1;
  foundRows = 0;
  /** The AUTO_INCREMENT value that the running statement made first; 0 if none. */
  #madeId = 0n;
  /** The AUTO_INCREMENT value of the last row that it wrote; 0 if none. */
  #writtenId = 0n;

  constructor(identity: Identity, database: string | null, clock: Clock) {
    this.identity = identity;
    this.variables = new SessionVariables(identity.tenant.globals);
    this.#database = database;
    this.#clock = clock;
    this.transaction = new TransactionState(identity.tenant.locks);
    this.times = new TimeLimits(this.variables, this.transaction);
    this.effort = new Effort(this.times);
    this.prepared = new PreparedStatements(identity.tenant);
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

  get modes(): SqlModes {
    return modesOf(this.variables.text(SQL_MODE));
  }

  get counting(): Counting {
    return {
      divisionDigits: this.variables.number(DIV_PRECISION),
      signedDifference: this.modes.noUnsignedSubtraction,
    };
  }

  get numberSteps(): NumberSteps {
    const { variables } = this;
    return { increment: BigInt(variables.text(NUMBER_INCREMENT)), offset: BigInt(variables.text(NUMBER_OFFSET)) };
  }

  dividedByZero(): void {
    if (!this.modes.errorForDivisionByZero) return;
    if (this.isStoring && this.modes.isStrict) throw refuse('DIVISION_BY_ZERO');
    this.warn(errorOf('DIVISION_BY_ZERO'));
  }

  get autocommit(): boolean {
    return this.variables.text(AUTOCOMMIT) === 'ON';
  }

  /** SET timestamp holds the clock, in seconds, until it is set to 0. */
  get statementTime(): number {
    const held = this.variables.number(TIMESTAMP);
    return (held === 0 ? this.times.startedAt : Math.round(held * SECOND)) + this.zone;
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

  random(): number {
    this.#random ??= new Random(this.connectionId);
    return this.#random.next();
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
    this.times.start(this.#clock.now());
    this.#working = undefined;
    this.#next.startStatement();
    this.restartStatement();
  }

  /** After a wait: all but its time begins again. */
  restartStatement(): void {
    this.#sleepDue = 0;
    this.isStoring = false;
    this.calculatedRows = null;
    this.#reach.begin();
    if (!this.transaction.isOpen) this.#reach.forget();
    this.#madeId = 0n;
    this.#writtenId = 0n;
    this.transaction.startStatement();
  }

  /** It has succeeded. With autocommit a statement that has read or written was a transaction. */
  endStatement(): void {
    this.transaction.endStatement();
    if (this.#next.endStatement() && !this.transaction.isOpen) this.#specifiedIsOver();
    // Each miss counts for a proxy, also one behind another (observer.md §5).
    if (this.#reach.missed) this.variables.report(PARTITION_HIT, 'OFF');
    else this.variables.set(PARTITION_HIT, 'ON');
  }

  /** It has failed, or is to be tried again: what it did is taken back, with its locks. */
  undoStatement(): void {
    this.#reach.undo();
    this.transaction.undoStatement();
  }

  /** LAST_INSERT_ID(n). */
  setLastInsertId(id: bigint): void {
    this.#madeId = id;
    this.variables.set(LAST_INSERT_ID, String(id));
  }

  /** What the OK says: the value made first, else the one written last. The wire has no sign: −5 is 2^64 − 5 there. */
  get insertedId(): bigint {
    return BigInt.asUintN(64, this.#madeId === 0n ? this.#writtenId : this.#madeId);
  }

  /** A row of this number was written that has it from elsewhere: the OK says it, LAST_INSERT_ID() does not. */
  touched(id: bigint): void {
    this.#writtenId = id;
  }

  /** An AUTO_INCREMENT value was made; the first of a statement counts. */
  inserted(id: bigint): void {
    if (this.#madeId !== 0n) return;
    this.#madeId = id;
    this.variables.set(LAST_INSERT_ID, String(id));
  }

  use(name: string): void {
    const { tenant, user } = this.identity;
    const found = tenant.databaseName(name);
    if (found === null) throw refuse('UNKNOWN_DATABASE', name);
    if (!mayUseDatabase(user, found)) throw refuse('DATABASE_ACCESS_DENIED', user.name, '%', found);
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
    return this.transaction.forReading(this.autocommit, this.times.transactionDeadline, this.#isReadOnly);
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
    return this.transaction.forWriting(this.autocommit, this.times.transactionDeadline, this.#isReadOnly);
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
    this.transaction.save(name, this.transaction.forWriting(false, this.times.transactionDeadline, this.#isReadOnly));
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
    this.transaction.begin(readOnly ?? this.#next.isReadOnly(this.#readsOnly), this.times.transactionDeadline);
    this.#next.forget();
  }

  /** A `Refusal` 6002 if it was aborted, or has lasted too long. */
  commit(): void {
    if (this.#clock.now() >= this.transaction.deadline) this.transaction.expire();
    this.#next.forget();
    this.#specifiedIsOver();
    this.transaction.commit();
  }

  /** The session is over, or begins anew: nothing of it may stay. */
  end(): void {
    this.rollback();
    this.prepared.removeAll();
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
