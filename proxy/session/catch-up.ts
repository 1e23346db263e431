/**
 * What an observer is sent before a request so that it finds the client's state there: what it is to forget, database,
 * variables, BEGIN, PREPARE, in this order (odp-relay.md §3.9).
 */
import { COM } from '../wire/constants.ts';
import type { PrepareOk } from '../wire/prepared.ts';
import { CLIENT_KILLED } from '../wire/response.ts';
import { commandPacket } from './command-packet.ts';
import type { Forwarded } from './server-owner.ts';
import type { SessionState, Versions } from './state.ts';
import type { StatementServer } from './statements.ts';

/** What an ERR to a step means: the state cannot be restored; it is the answer to the request; nothing. */
type Refusal = 'fatal' | 'answer' | 'nothing';

/** A request of our own; its answer reaches nobody. */
interface Step {
  readonly packet: Buffer;
  readonly refusal: Refusal;
}

/** What became of a step: the next one can go; the request can; what the step was for, or the state, cannot be had. */
export type Progress = 'next' | 'caught up' | 'no answer' | 'no state';

export class CatchUp {
  readonly #server: StatementServer;
  /** How far the observer has followed. */
  readonly #versions: Versions;
  /** What it should have been told since. */
  #owed: Buffer[] = [];
  #steps: Step[] = [];
  #step: Step | null = null;
  #request: Forwarded | null = null;

  constructor(server: StatementServer, versions: Versions) {
    this.#server = server;
    this.#versions = versions;
  }

  /** Goes out before the next request; what the observer answers does not matter. */
  owe(packet: Buffer): void {
    this.#owed.push(packet);
  }

  /** True if there is something to be sent before this request. The observer counts as having followed from now on. */
  begin(request: Forwarded, state: SessionState): boolean {
    const { begin } = request;
    const unprepared = this.#unprepared(request);
    const versions = this.#versions;
    if (begin === null && unprepared === null && this.#owed.length === 0 && !state.isBehind(versions)) return false;
    const steps: Step[] = this.#owed.map((packet) => ({ packet, refusal: 'nothing' }));
    const database = state.databaseFor(versions);
    if (database !== null) steps.push({ packet: commandPacket(COM.INIT_DB, database), refusal: 'fatal' });
    const set = state.setFor(versions);
    if (set !== null) steps.push({ packet: commandPacket(COM.QUERY, set), refusal: 'fatal' });
    if (begin !== null) steps.push({ packet: begin, refusal: 'fatal' });
    // It could be prepared once: that it cannot any more is the answer to whatever was asked of it.
    if (unprepared !== null) steps.push({ packet: unprepared, refusal: 'answer' });
    this.#owed = [];
    state.synchronised(versions);
    this.#steps = steps;
    this.#request = request;
    return steps.length > 0;
  }

  /** The request that prepares what this one runs, if the observer has not seen it. */
  #unprepared({ command: asked, statement, named }: Forwarded): Buffer | null {
    const isNone = asked === COM.STMT_PREPARE;
    if (statement !== null) return isNone || statement.isOn(this.#server) ? null : statement.packet;
    return named === null || named.isOn(this.#server) ? null : named.packet;
  }

  /** The next step's packet. */
  next(): Buffer {
    this.#step = this.#steps.shift()!;
    return this.#step.packet;
  }

  /** The step under way has been answered. */
  answered(errorCode: number, prepared: PrepareOk | null): Progress {
    const { refusal } = this.#step!;
    if (errorCode === CLIENT_KILLED) return 'no state';
    if (errorCode !== 0 && refusal !== 'nothing') return refusal === 'answer' ? 'no answer' : 'no state';
    if (prepared !== null) this.#request!.statement!.preparedOn(this.#server, prepared);
    else if (refusal === 'answer') this.#request!.named!.preparedOn(this.#server);
    return this.#steps.length > 0 ? 'next' : 'caught up';
  }

  /** The request that waits behind the steps. */
  take(): Forwarded {
    const request = this.#request!;
    this.#request = null;
    return request;
  }
}
