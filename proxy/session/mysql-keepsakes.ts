/**
 * What a client has left in its server session, as far as its requests tell: what another one can be given again (SET
 * statements, the database), and whether there is anything that it cannot (prepared statements, temporary tables, locks,
 * user variables that a query has set).
 *
 * In doubt it cannot: a session that is replaced unseen must be the same for its client. Kept only where a lost server
 * session may be replaced at all, so most sessions pay nothing for it. Not learned from the server, as MySQL's trackers
 * tell a part of it only, and only if asked.
 */
import { COM } from '../wire/constants.ts';
import type { Request } from '../wire/request.ts';

/** More SET statements than a driver and an application say once; whoever says more has a habit of it. */
const MOST_SETS = 64;

/** Commands that leave nothing behind, whatever they are answered. */
const HARMLESS: ReadonlySet<number> = new Set([
  COM.PING,
  COM.STATISTICS,
  COM.INIT_DB,
  COM.FIELD_LIST,
  COM.PROCESS_INFO,
  COM.PROCESS_KILL,
  COM.REFRESH,
  COM.QUIT,
]);
/** Statements that leave nothing behind beyond their transaction, but for what `LEAVES` finds in them. */
const HARMLESS_STATEMENT =
  /^\s*(?:select|insert|update|delete|replace|show|describe|desc|explain|commit|rollback|begin|start\s+transaction|use|create|drop|alter|truncate|analyze|kill|with)\b/i;
const LEAVES = /:=|\binto\s+@|\btemporary\b|\bget_lock\b|\blast_insert_id\s*\(\s*[^)\s]|;\s*\S/i;
const SET = /^\s*set\b/i;
/** SETs of which nothing stays with the session. */
const SET_ELSEWHERE = /^\s*set\s+(?:global|persist|persist_only|password|@@global\.|@@persist)/i;
/** SETs that count for a transaction or a statement, or hold more than one statement. */
const SET_UNKNOWN = /^\s*set\s+(?:statement|transaction|role|resource|default)\b|;\s*\S/i;
/** Reads what the statement before has left: its answer would be another's. */
const LOOKS_BACK =
  /last_insert_id|found_rows|row_count|connection_id|\bwarnings\b|\berrors\b|@@(?:identity|insert_id|warning_count|error_count)|is_used_lock|release_/i;

export class Keepsakes {
  /** Requests that bring another server session to the client's state, in their order. */
  readonly sets: Buffer[] = [];
  #irreplaceable = false;
  #setLast = false;

  /** All that the client has left can be given to another server session. */
  get replaceable(): boolean {
    return !this.#irreplaceable;
  }

  /** A request goes to the server. */
  note({ payload, packet, whole }: Request): void {
    const command = payload[0];
    this.#setLast = false;
    if (command === COM.RESET_CONNECTION || command === COM.CHANGE_USER) {
      this.clear();
    } else if (command !== COM.QUERY) {
      if (command === undefined || !HARMLESS.has(command)) this.#irreplaceable = true;
    } else {
      this.#noteStatement(payload.toString('latin1', 1), packet, whole);
    }
  }

  #noteStatement(text: string, packet: Buffer, whole: boolean): void {
    if (HARMLESS_STATEMENT.test(text)) {
      if (LEAVES.test(text)) this.#irreplaceable = true;
    } else if (!SET_ELSEWHERE.test(text)) {
      if (!whole || !SET.test(text) || SET_UNKNOWN.test(text) || this.sets.length >= MOST_SETS)
        this.#irreplaceable = true;
      else {
        this.sets.push(Buffer.from(packet));
        this.#setLast = true;
      }
    }
  }

  /** The request noted last was answered with an ERR: a SET has set nothing. */
  refused(): void {
    if (this.#setLast) this.sets.pop();
    this.#setLast = false;
  }

  /** The client is as new. */
  clear(): void {
    this.sets.length = 0;
    this.#irreplaceable = false;
  }
}

/** The answer to this request does not depend on what ran before it. */
export function standsAlone({ payload }: Request): boolean {
  const command = payload[0];
  if (command !== COM.QUERY) return command === COM.STMT_PREPARE || (command !== undefined && HARMLESS.has(command));
  return !LOOKS_BACK.test(payload.toString('latin1', 1));
}
