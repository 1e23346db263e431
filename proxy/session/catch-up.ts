/**
 * What an observer is sent before a request so that it finds the client's state there: what it is to forget, database,
 * variables, BEGIN, PREPARE, in this order (odp-relay.md §3.9).
 */
import { COM } from '../wire/constants.ts';
import type { PrepareOk } from '../wire/prepared.ts';
import { CLIENT_KILLED } from '../wire/response.ts';
import { commandPacket } from './command-packet.ts';
import type { Forwarded } from './server-owner.ts';
import { literal, type Meaning, type SessionState, type Versions } from './state.ts';
import type { StatementServer } from './statements.ts';

/** What an ERR to a step means: the state cannot be restored; it is the answer to the request; nothing. */
type Refusal = 'fatal' | 'answer' | 'nothing';

/** A request of our own; its answer reaches nobody. `prepares`: it is the PREPARE that it waits for. */
interface Step {
  readonly packet: Buffer;
  readonly refusal: Refusal;
  readonly prepares?: true;
}

/** What became of a step: the next one can go; the request can; what the step was for, or the state, cannot be had. */
export type Progress = 'next' | 'caught up' | 'no answer' | 'no state';

export class CatchUp {
  readonly #server: StatementServer;
  /** How far the observer has followed. */
  readonly #versions: Versions;
  /** What it should have been told since. */
  #owed: Step[] = [];
  #steps: Step[] = [];
  #step: Step | null = null;
  #request: Forwarded | null = null;

  constructor(server: StatementServer, versions: Versions) {
    this.#server = server;
    this.#versions = versions;
  }

  /** Goes out before the next request; what the observer answers does not matter. */
  owe(packet: Buffer): void {
    this.#owed.push({ packet, refusal: 'nothing' });
  }

  /** True if there is something to be sent before this request. The observer counts as having followed from now on. */
  begin(request: Forwarded, state: SessionState): boolean {
    const { begin } = request;
    const unprepared = this.#unprepared(request);
    const versions = this.#versions;
    if (begin === null && unprepared === null && this.#owed.length === 0 && !state.isBehind(versions)) return false;
    const steps = this.#owed;
    const database = state.databaseFor(versions);
    if (database !== null) steps.push({ packet: commandPacket(COM.INIT_DB, database), refusal: 'fatal' });
    const set = state.setFor(versions);
    if (set !== null) restore(set, state.meaning, steps);
    if (begin !== null) steps.push({ packet: begin, refusal: 'fatal' });
    if (unprepared !== null) prepareAgain(unprepared, state.meaning, steps);
    this.#owed = [];
    state.synchronised(versions);
    this.#steps = steps;
    this.#request = request;
    return steps.length > 0;
  }

  /** The request that prepares what this one runs, if the observer has not seen it. */
  #unprepared({ command: asked, statement, named }: Forwarded): Unprepared | null {
    const isNone = asked === COM.STMT_PREPARE;
    if (statement !== null) return isNone || statement.isOn(this.#server) ? null : statement;
    return named === null || named.isOn(this.#server) ? null : named;
  }

  /** The next step's packet. */
  next(): Buffer {
    this.#step = this.#steps.shift()!;
    return this.#step.packet;
  }

  /** The step under way has been answered. */
  answered(errorCode: number, prepared: PrepareOk | null): Progress {
    const { refusal, prepares } = this.#step!;
    if (errorCode === CLIENT_KILLED) return 'no state';
    if (errorCode !== 0 && refusal === 'fatal') return 'no state';
    if (errorCode !== 0 && refusal === 'answer') {
      // What was set for the PREPARE is set back before the next request.
      this.#owed = this.#steps.filter((it) => it.refusal === 'fatal');
      return 'no answer';
    }
    if (prepared !== null) this.#request!.statement!.preparedOn(this.#server, prepared);
    else if (prepares === true) this.#request!.named!.preparedOn(this.#server);
    return this.#steps.length > 0 ? 'next' : 'caught up';
  }

  /** The request that waits behind the steps. */
  take(): Forwarded {
    const request = this.#request!;
    this.#request = null;
    return request;
  }
}

/**
 * Values come as literals with backslashes. Where the client has set NO_BACKSLASH_ESCAPES they would not be read as they are
 * meant; whether this server session has heard of that is not known here, so what has one is sent without any mode.
 */
function restore(set: string, { sqlMode }: Meaning, steps: Step[]): void {
  const isPlain = !set.includes('\\');
  if (!isPlain) steps.push({ packet: modePacket(''), refusal: 'fatal' });
  const all = isPlain ? set : `${set}, ${modeAssignment(sqlMode)}`;
  steps.push({ packet: commandPacket(COM.QUERY, all), refusal: 'fatal' });
}

/** A prepared statement that the observer has not seen. */
interface Unprepared {
  readonly packet: Buffer;
  readonly meaning: Meaning;
}

/**
 * It could be prepared once: that it cannot any more is the answer to whatever was asked of it. Where it was prepared its names
 * and quotes go on meaning what they meant then, so they must here: the database and the `sql_mode` of that time are set for the
 * PREPARE, and then the client's again (≠ODP, which prepares it with whatever the client has by now).
 */
function prepareAgain({ packet, meaning }: Unprepared, now: Meaning, steps: Step[]): void {
  const then: Step[] = [];
  const back: Step[] = [];
  const { database, sqlMode } = meaning;
  // From a database to none there is no way.
  if (database !== null && now.database !== null && database !== now.database) {
    then.push({ packet: commandPacket(COM.INIT_DB, database), refusal: 'answer' });
    back.push({ packet: commandPacket(COM.INIT_DB, now.database), refusal: 'fatal' });
  }
  if (sqlMode !== now.sqlMode) {
    then.push({ packet: modePacket(sqlMode), refusal: 'answer' });
    back.push({ packet: modePacket(now.sqlMode), refusal: 'fatal' });
  }
  steps.push(...then, { packet, refusal: 'answer', prepares: true }, ...back);
}

function modePacket(sqlMode: string): Buffer {
  return commandPacket(COM.QUERY, `SET ${modeAssignment(sqlMode)}`);
}

function modeAssignment(sqlMode: string): string {
  return `@@sql_mode = ${literal(sqlMode)}`;
}
