/**
 * One client twice: through the proxy before four observers, and a twin that talks to one observer directly. Both hear the
 * same answers; the twin's one session is the model of what the other's state must be, wherever the proxy sends a statement.
 * After each step the observer that has served last is asked what it has of the session.
 *
 * A kill of an idle server session, a switch to another server, a leader that moves, an observer that dies: the twin knows
 * none of these. What would end the client, as it should, is not done: then there were nothing to compare.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Choices, PLAIN } from '../../proxy/ports.ts';
import { routeAddress } from '../../proxy/session/own-values.ts';
import { COM } from '../../proxy/wire/constants.ts';
import type { DriverClient, Outcome } from '../../simulator/client/driver/driver-client.ts';
import { commandPayload } from '../../simulator/client/line.ts';
import type { SessionContext } from '../../simulator/observer/context.ts';
import { VARIABLES, variable } from '../../simulator/observer/variables.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { addressOf, type Shown, Side } from './side.ts';
import { SERVERS, type Step, TABLES, USER_VARIABLES } from './steps.ts';

const READ_ONLY_TRANSACTION = 1792;
const WRONG_ARGUMENTS = 1210;
const PREPARE_NOT_SUPPORTED = 1295;

const SECOND = 1000;
/** Longer than an election; longer than an observer is starting. */
const CRASH_TIME = 10 * SECOND;

const SET_TRX_EXECUTED = variable('ob_proxy_set_trx_executed');
const SEEN_VARIABLES = VARIABLES.filter((it) => !it.hidden);

/** After it a statement may not leave a server session, or will not when it has begun a transaction. */
const TIES = /^(BEGIN|START|SET TRANSACTION|SET autocommit = 0)/;
/** Answered by the proxy; a BEGIN that is held back is so still. */
const OWN = /^(BEGIN|START|DEALLOCATE|DROP PREPARE|SELECT @@tx_read_only)/;

export class Twins {
  readonly #real: Side;
  readonly #twin: Side;
  readonly #boss: DriverClient;
  /** What is wrong, in words; the first only. */
  wrong: string | null = null;
  /** Server sessions that have served, by their ids. */
  readonly served = new Set<number>();
  kills = 0;
  crashes = 0;
  /** A BEGIN has been answered, and no observer has been asked anything since. */
  #holds = false;
  /** Statements that long data were sent for: what was sent lies on one server session only. */
  readonly #long = new Set<number>();
  /** The observer that is dead. */
  #dead: number | null = null;

  constructor(choices: Choices = PLAIN) {
    const [spread] = TOPOLOGIES.spread.clusters;
    this.#real = new Side(spread, true, choices);
    // The same tables on one observer.
    const [plain] = TOPOLOGIES.default.clusters;
    const databases = spread.tenants
      .find((it) => it.name === 'shop')!
      .databases.map((database) => ({
        ...database,
        tables: database.tables.map((table) => ({ ...table, leader: 1 })),
      }));
    const tenants = plain.tenants.map((it) => (it.name === 'shop' ? { ...it, databases } : it));
    this.#twin = new Side({ ...plain, tenants }, false, PLAIN);
    this.#boss = this.#real.login('root@sys#obdemo', null);
    this.#say('SELECT 1');
  }

  /** Both do it, and are compared; false once something was wrong. */
  step(step: Step): boolean {
    const { kind } = step;
    switch (kind) {
      case 'say':
        if (!(this.#long.size > 0 && TIES.test(step.sql))) this.#say(step.sql);
        break;
      case 'visit':
        this.#visit(step.table);
        break;
      case 'route':
        this.#route(step.server);
        break;
      case 'prepare':
        this.#long.delete(step.slot);
        this.#both(`preparing ${step.text}`, (side) => side.prepare(step.slot, step.text), OWN.test(step.text));
        break;
      case 'execute':
        this.#long.delete(step.slot);
        this.#both(`statement ${step.slot}`, (side) => side.execute(step.slot, step.given, step.again));
        break;
      case 'long data':
        this.#longData(step.slot, step.parameter, step.piece);
        break;
      case 'reset':
        this.#long.delete(step.slot);
        this.#both('a reset', (side) => side.reset(step.slot), true);
        break;
      case 'close':
        this.#long.delete(step.slot);
        for (const side of [this.#real, this.#twin]) side.close(step.slot);
        break;
      case 'change user': {
        this.#long.clear();
        const { user, password, database, charset } = step;
        this.#both(`a change to ${user}`, (side) => side.changeUser(user, password, database, charset));
        break;
      }
      case 'reset connection':
        this.#long.clear();
        this.#both('a reset of the connection', (side) => side.beginAnew());
        break;
      case 'set option':
        this.#both('an option', (side) => side.setOption(step.on));
        break;
      case 'kill':
        this.#kill(step.which);
        break;
      case 'lead':
        this.#lead(step.table, step.server);
        break;
      case 'crash':
        this.#crash(step.server);
    }
    return this.wrong === null;
  }

  /** All leaders are asked once more, and the client itself asks for all that it can see. */
  finish(): void {
    for (const table of TABLES.keys()) if (this.wrong === null) this.#visit(table);
    for (const sql of QUESTIONS) if (this.wrong === null) this.#say(sql);
  }

  #say(sql: string): void {
    const isBegin = /^(BEGIN|START)/.test(sql);
    // Inside a transaction it goes to the observer.
    if (isBegin && !this.#model.transaction.isOpen) this.#holds = true;
    this.#both(sql, (side) => side.say(sql), OWN.test(sql));
  }

  #visit(table: number): void {
    this.#say(`SELECT COUNT(*) FROM bank.${TABLES[table % TABLES.length]}`);
  }

  /** `own`: the proxy answers it. Null: there was nothing to ask. */
  #both(what: string, ask: (side: Side) => Outcome | null, own = false): void {
    const seen = ask(this.#real);
    const due = ask(this.#twin);
    if (due === null) return;
    // A DEALLOCATE of what is not there goes to an observer; a BEGIN cannot be prepared.
    if (!own || (seen!.kind === 'error' && errorOf(seen!) !== PREPARE_NOT_SUPPORTED)) this.#holds = false;
    if (!alike(seen!, due)) this.#complain(`${what} gave ${shown(seen!)}, where ${shown(due)} was due`);
    // Prepared again for it and refused: what was set for that is set back before the next statement.
    else if (errorOf(seen!) !== READ_ONLY_TRANSACTION) this.#compare(what);
  }

  /** The observer of the server session that served last has what the twin's has. */
  #compare(what: string): void {
    const sessions = this.#real.serverSessions(this.#boss);
    if (sessions === null) this.#complain(`after ${what}: the client has been ended`);
    const last = sessions?.find(({ isLast }) => isLast);
    if (last === undefined) return;
    const seen = this.#real.contextOf(last.serverSessid);
    if (seen === null) {
      this.#complain(`after ${what}: no observer has the server session ${last.serverSessid}`);
      return;
    }
    this.served.add(last.serverSessid);
    const difference = differenceOf(seen, this.#model, this.#holds);
    if (difference !== null) this.#complain(`after ${what}: ${difference}`);
  }

  #complain(what: string): void {
    this.wrong ??= what;
  }

  get #model(): SessionContext {
    return this.#twin.contextOf(this.#twin.client.threadId)!;
  }

  get #sessions(): readonly Shown[] {
    return this.#real.serverSessions(this.#boss) ?? [];
  }

  /** A transaction is open at an observer, or the next one must be there. */
  get #stays(): boolean {
    const { transaction, variables } = this.#model;
    return (transaction.isOpen && !this.#holds) || variables.text(SET_TRX_EXECUTED) === 'ON';
  }

  #longData(slot: number, parameter: number, piece: string): void {
    // Pieces do not take a BEGIN along, nor is there one to come that could begin elsewhere.
    const mayMove = this.#holds || (!this.#model.autocommit && !this.#model.transaction.isOpen);
    if (mayMove) return;
    let is = false;
    for (const side of [this.#real, this.#twin]) is = side.longData(slot, parameter, piece);
    if (!is) return;
    // What an observer has then is seen with the next statement: it may have refused to prepare the one that it is for.
    this.#long.add(slot);
  }

  #route(server: number): void {
    if (this.#stays || this.#dead === server) return;
    this.#real.say(`SET @obproxy_route_addr = ${routeAddress(addressOf(server))}`);
    this.#say('SELECT 1');
  }

  /** In a transaction not the one that it is open on; and the one that has long data stays. */
  #kill(which: number | 'all'): void {
    if (this.#long.size > 0) return;
    const { threadId } = this.#real.client;
    const idle = this.#sessions.filter(({ isLast }) => !(isLast && this.#stays));
    if (idle.length === 0) return;
    const victims = which === 'all' ? idle : [idle[which % idle.length]!];
    for (const { ssId } of victims) {
      const outcome = this.#real.ask(commandPayload(COM.QUERY, `KILL PROXYSESSION ${threadId} ${ssId}`), this.#boss);
      if (outcome.kind !== 'ok') this.#complain(`the kill of ${ssId} gave ${shown(outcome)}`);
      this.kills += 1;
    }
    this.#pass(SECOND);
    const left = this.#sessions;
    const undead = victims.find(({ ssId }) => left.some((it) => it.ssId === ssId));
    if (undead !== undefined) this.#complain(`the server session ${undead.ssId} was killed, and is there`);
    // The one used last may be the one that is gone: what asks for it would end the client.
    this.#visit(0);
  }

  #lead(table: number, server: number): void {
    // Those of its changes would be lost.
    if (this.#stays || this.#dead !== null) return;
    this.#real.cluster.switchLeader('shop', 'bank', TABLES[table % TABLES.length]!, server);
    this.#real.world.settle();
  }

  #crash(server: number): void {
    // A transaction would age meanwhile, also one of which the proxy only knows.
    if (this.#stays || this.#holds || this.#long.size > 0) return;
    if (this.#dead !== null) {
      this.#real.cluster.restart(this.#dead);
      this.#dead = null;
    } else {
      this.#dead = SERVERS[(server - 1) % SERVERS.length]!;
      this.#real.cluster.crash(this.#dead);
      this.crashes += 1;
    }
    this.#pass(CRASH_TIME);
    this.#visit(0);
  }

  #pass(milliseconds: number): void {
    this.#real.world.advance(milliseconds);
    this.#twin.world.advance(milliseconds);
  }
}

/** What a client can ask of its own state. */
const QUESTIONS = [
  `SELECT ${USER_VARIABLES.map((name) => `@${name}`).join(', ')}, DATABASE(), LAST_INSERT_ID(), CURRENT_USER()`,
  'SHOW SESSION VARIABLES',
];

/** The first thing that an observer has otherwise than the model; null if there is none. `holds`: a BEGIN may be missing. */
function differenceOf(seen: SessionContext, due: SessionContext, holds: boolean): string | null {
  const user = [seen.identity.user.name, due.identity.user.name] as const;
  if (user[0] !== user[1]) return differs('the user', ...user);
  if (seen.database !== due.database) return differs('the database', seen.database, due.database);
  for (const it of SEEN_VARIABLES) {
    if (seen.variables.text(it) !== due.variables.text(it)) {
      return differs(`@@${it.name}`, seen.variables.text(it), due.variables.text(it));
    }
  }
  if (seen.lastInsertId !== due.lastInsertId)
    return differs('LAST_INSERT_ID()', String(seen.lastInsertId), String(due.lastInsertId));
  for (const name of USER_VARIABLES) {
    const values = [seen.variables.user(name), due.variables.user(name)] as const;
    if (!isDeepStrictEqual(...values)) return differs(`@${name}`, ...values.map((it) => `${typeof it} ${it}`));
  }
  const open = [seen.transaction.isOpen, due.transaction.isOpen && !holds] as const;
  if (open[0] !== open[1]) return differs('a transaction', ...open.map((it) => (it ? 'open' : 'none')));
  return null;
}

function differs(what: string, seen?: string | null, due?: string | null): string {
  return `${what} is ${seen ?? 'NULL'}, where ${due ?? 'NULL'} was due`;
}

/** A statement is refused for what is found first: prepared again, that the transaction only reads; else its arguments. */
function alike(seen: Outcome, due: Outcome): boolean {
  const isFoundFirst = errorOf(seen) === READ_ONLY_TRANSACTION && errorOf(due) === WRONG_ARGUMENTS;
  return isFoundFirst || shown(seen) === shown(due);
}

function errorOf(outcome: Outcome): number | null {
  return outcome.kind === 'error' ? outcome.error.errno : null;
}

function shown(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'rows':
      return JSON.stringify(outcome.rows, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    case 'ok':
      return `OK ${outcome.affectedRows} ${outcome.lastInsertId}`;
    case 'error':
      return `ERROR ${outcome.error.errno} ${outcome.error.message}`;
    case 'prepared':
      return `prepared with ${outcome.parameters} parameters`;
  }
}
