/**
 * One member of a fleet: runs its behaviour over its driver, again and again, and thinks in between.
 *
 * | state    | event                         | then                                                        |
 * |----------|-------------------------------|-------------------------------------------------------------|
 * | thinking | its timer                     | running: a new script                                       |
 * | running  | a step's outcome              | running: the next step                                      |
 * |          | the script's end              | thinking; a client that is down for good is replaced        |
 * | gone     | –                             | –                                                           |
 *
 * Drivers that connect again and go on without an error would run the second half of a transfer alone, in a new session,
 * committed. Real applications lose money that way; a fleet whose money is counted gives such a driver no transfers
 * (`keepsTransactions`).
 */
import type { Address, Choices, Timer } from '../../../proxy/ports.ts';
import { COM, TYPE } from '../../../proxy/wire/constants.ts';
import { executePayload } from '../../../proxy/wire/prepared.ts';
import type { DriverDialect, DriverError, Outcome } from '../driver/dialect.ts';
import { DriverClient, type DriverPorts, type Lease } from '../driver/driver-client.ts';
import { meansLost } from '../driver/wording.ts';
import { commandPayload } from '../line.ts';
import type { BehaviourSpec } from './behaviours.ts';
import type { History } from './history.ts';
import type { Ledger } from './ledger.ts';
import type { Person, Sizes } from './people.ts';
import { type Actor, KILL_SESSION, type Script, type Step } from './script.ts';

export interface MemberOptions {
  readonly person: Person;
  readonly name: string;
  readonly behaviour: BehaviourSpec;
  readonly dialect: DriverDialect;
  readonly target: Address;
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  readonly sizes: Sizes;
  readonly history: History;
  readonly ledger: Ledger;
  /** How many times as long as usual it thinks. */
  readonly ease: number;
  /** When the fleet began. */
  readonly start: number;
}

/** What members count, together. */
export interface Tally {
  statements: number;
  errors: number;
  /** Ids of the sessions that an administrator has ended, as far as she was told. */
  readonly killed: Set<string>;
  /** Sessions lost between BEGIN and the end of the transaction. */
  lostInTransaction: number;
  /** Errors by number, or by code or class where the driver gives none. */
  readonly byError: Map<string, number>;
  /** Runs that did what they meant to, by behaviour. */
  readonly done: Map<string, number>;
  readonly failed: Map<string, number>;
}

const NOTHING: Outcome = { kind: 'ok', affectedRows: 0, lastInsertId: 0 };

/** Steps in one run past which a script cannot be meant so. */
const MOST_STEPS = 1000;

export function keepsTransactions({ model, pool }: DriverDialect): boolean {
  // A lease from a pool is one session to its end.
  if (pool !== null || model.reconnects === 'never') return true;
  // Connector/J fails the first command that finds out; only the next has a new session.
  return model.reconnects === 'next command' && model.peeks === 'never';
}

export class Member implements Actor {
  readonly #options: MemberOptions;
  readonly #ports: DriverPorts;
  readonly #tally: Tally;
  #client: DriverClient | null = null;
  #lease: Lease | null = null;
  #script: Script | null = null;
  #steps = 0;
  #timer: Timer | null = null;
  #gone = false;
  #inTransaction = false;

  constructor(options: MemberOptions, ports: DriverPorts, tally: Tally) {
    this.#options = options;
    this.#ports = ports;
    this.#tally = tally;
  }

  get person(): Person {
    return this.#options.person;
  }

  get sizes(): Sizes {
    return this.#options.sizes;
  }

  get choices(): Choices {
    return this.#ports.choices;
  }

  get ledger(): Ledger {
    return this.#options.ledger;
  }

  get autocommits(): boolean {
    return !this.#options.dialect.login.startUp.includes('SET autocommit=0');
  }

  get prepares(): 'binary' | 'text' {
    return this.#options.dialect.model.prepares;
  }

  get threadId(): number {
    return (this.#lease ?? this.#client)?.threadId ?? 0;
  }

  /** `ada7 (transfer, mysql2 pool)`. */
  get title(): string {
    const { person, name, dialect } = this.#options;
    return `${person.nick} (${name}, ${dialect.name})`;
  }

  start(): void {
    this.#think();
  }

  /** Goes home in the middle of whatever it does. */
  stop(): void {
    this.#gone = true;
    this.#timer?.cancel();
    this.#client?.close();
    this.#client = null;
  }

  #think(): void {
    const { behaviour, ease } = this.#options;
    const pause = ease * (1 + this.choices.choose('fleet.think', behaviour.thinks));
    this.#timer = this.#ports.clock.after(pause, () => this.#run());
  }

  #run(): void {
    this.#script = this.#options.behaviour.script(this);
    this.#steps = 0;
    this.#next(NOTHING);
  }

  #next(outcome: Outcome): void {
    if (this.#gone) return;
    const step = this.#script!.next(outcome);
    if (step.done === true) this.#ran(step.value);
    else this.#do(step.value);
  }

  #do(step: Step): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new Error(`${this.title}: a script of more than ${MOST_STEPS} steps`);
    switch (step.do) {
      case 'ask':
        this.#ask(step.sql, commandPayload(COM.QUERY, step.sql));
        break;
      case 'prepare':
        this.#ask(`prepare ${step.sql}`, commandPayload(COM.STMT_PREPARE, step.sql));
        break;
      case 'execute':
        this.#ask(`execute ${step.id} (${step.values.join(', ')})`, execution(step.id, step.values));
        break;
      case 'forget':
        this.#ask(`close ${step.id}`, closing(step.id));
        break;
      case 'wait':
        this.#timer = this.#ports.clock.after(step.milliseconds, () => this.#next(NOTHING));
        break;
      case 'take':
        this.#connected().lease(
          (lease) => this.#took(lease),
          (outcome) => this.#next(outcome),
        );
        break;
      case 'give':
        this.#give();
        this.#next(NOTHING);
        break;
      case 'leave':
        this.#leave();
        this.#next(NOTHING);
        break;
    }
  }

  #ask(what: string, payload: Buffer): void {
    const since = this.#ports.clock.now();
    (this.#lease ?? this.#connected()).request(payload, (outcome) => this.#told(what, since, outcome));
  }

  #told(what: string, since: number, outcome: Outcome): void {
    const { history, person, start } = this.#options;
    this.#tally.statements += 1;
    if (outcome.kind === 'error') this.#failed(outcome.error);
    else if (what.startsWith(KILL_SESSION)) this.#tally.killed.add(what.slice(KILL_SESSION.length));
    if (what === 'BEGIN') this.#inTransaction = outcome.kind !== 'error';
    else if (what === 'COMMIT' || what === 'ROLLBACK') this.#inTransaction = false;
    const at = this.#ports.clock.now() - start;
    history.note({ at, since: since - start, who: person.nick, threadId: this.threadId, what, outcome });
    this.#next(outcome);
  }

  #failed(error: DriverError): void {
    const { errno, code, thrown } = error;
    const { byError } = this.#tally;
    this.#tally.errors += 1;
    const key = errno !== null && errno > 0 ? String(errno) : code || thrown || 'closed';
    byError.set(key, (byError.get(key) ?? 0) + 1);
    if (!this.#inTransaction || !meansLost(this.#options.dialect.failures, error)) return;
    this.#inTransaction = false;
    this.#tally.lostInTransaction += 1;
  }

  #took(lease: Lease): void {
    this.#lease = lease;
    this.#next(NOTHING);
  }

  #give(): void {
    this.#lease?.release();
    this.#lease = null;
  }

  #leave(): void {
    this.#give();
    this.#client?.close();
    this.#client = null;
  }

  #connected(): DriverClient {
    const { dialect, target, user, password, database } = this.#options;
    this.#client ??= new DriverClient(dialect, { target, user, password, database }, this.#ports);
    return this.#client;
  }

  #ran(done: boolean): void {
    const { name } = this.#options;
    const counts = done ? this.#tally.done : this.#tally.failed;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    this.#give();
    if (this.#client?.broken === true) this.#leave();
    this.#think();
  }
}

const NO_CURSOR = 0;

/** An EXECUTE with whole numbers. */
function execution(id: number, values: readonly number[]): Buffer {
  const types = values.map(() => TYPE.LONGLONG);
  return executePayload(id, NO_CURSOR, types, values.map(String));
}

function closing(id: number): Buffer {
  const payload = Buffer.alloc(5, COM.STMT_CLOSE);
  payload.writeUInt32LE(id, 1);
  return payload;
}
