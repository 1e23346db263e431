/**
 * The prepared statements of a session: by number for the binary protocol, by name for PREPARE … FROM.
 *
 * A statement is parsed once. Knows neither bytes nor how anything is executed.
 */

import type { OpenCursor } from './outcome.ts';
import { refuse } from './refusal.ts';
import { Cursor } from './sql/cursor.ts';
import type { Spelling } from './sql/scanner.ts';
import { type Parsed, parseStatement } from './sql/statements.ts';
import type { Statement, StatementKind } from './sql/syntax.ts';

/** Statements that have no prepared form (MySQL's list, ERROR 1295). */
const NEVER: ReadonlySet<StatementKind> = new Set<StatementKind>([
  'begin',
  'use',
  'savepoint',
  'rollback to',
  'release',
  'prepare',
  'execute',
  'deallocate',
]);

export class Prepared {
  /** 0 for one that has a name. */
  readonly id: number;
  readonly text: string;
  readonly statement: Statement;
  readonly parameters: number;
  /** The current database when it was prepared: its names go on meaning what they meant then, as in MySQL. */
  readonly database: string | null;
  /** How long its hint says it may take, in microseconds; null if it does not say. */
  readonly queryTimeout: number | null;
  /** The types of the parameters, as bound last; null before the first EXECUTE. */
  types: readonly number[] | null = null;
  /** What SEND_LONG_DATA has brought for a parameter, piece by piece. */
  readonly long = new Map<number, Buffer[]>();
  cursor: OpenCursor | null = null;

  constructor(id: number, text: string, parsed: Parsed & { readonly statement: Statement }, database: string | null) {
    this.id = id;
    this.text = text;
    this.statement = parsed.statement;
    this.parameters = parsed.parameters;
    this.queryTimeout = parsed.queryTimeout;
    this.database = database;
  }

  /** What came by SEND_LONG_DATA and what a cursor has left is forgotten. */
  reset(): void {
    this.long.clear();
    this.cursor = null;
  }
}

/** How many prepared statements there may be, of all sessions that share them (max_prepared_stmt_count). */
export interface PreparedQuota {
  readonly mostPrepared: number;
  preparedCount: number;
}

export class PreparedStatements {
  readonly #quota: PreparedQuota;
  readonly #byId = new Map<number, Prepared>();
  readonly #byName = new Map<string, Prepared>();
  #ids = 0;

  constructor(quota: PreparedQuota) {
    this.#quota = quota;
  }

  /** A `Refusal` if the text is not one statement that can be prepared, or if there are as many as may be. */
  add(text: string, database: string | null, spelling: Spelling): Prepared {
    const made = prepare(this.#ids + 1, text, database, spelling);
    this.#count();
    this.#ids += 1;
    this.#byId.set(made.id, made);
    return made;
  }

  #count(): void {
    const { mostPrepared, preparedCount } = this.#quota;
    if (preparedCount >= mostPrepared) throw refuse('TOO_MANY_PREPARED', mostPrepared);
    this.#quota.preparedCount += 1;
  }

  #drop(was: boolean): void {
    if (was) this.#quota.preparedCount -= 1;
  }

  removeAll(): void {
    this.#quota.preparedCount -= this.#byId.size + this.#byName.size;
    this.#byId.clear();
    this.#byName.clear();
  }

  find(id: number): Prepared | null {
    return this.#byId.get(id) ?? null;
  }

  remove(id: number): void {
    this.#drop(this.#byId.delete(id));
  }

  /** Case does not count in names. One of this name is dropped first, even if the new one is refused. */
  addNamed(name: string, text: string, database: string | null, spelling: Spelling): Prepared {
    this.#drop(this.#byName.delete(name.toLowerCase()));
    const made = prepare(0, text, database, spelling);
    this.#count();
    this.#byName.set(name.toLowerCase(), made);
    return made;
  }

  findNamed(name: string): Prepared | null {
    return this.#byName.get(name.toLowerCase()) ?? null;
  }

  named(name: string, command: string): Prepared {
    const found = this.findNamed(name);
    if (found === null) throw refuse('UNKNOWN_STATEMENT', name, command);
    return found;
  }

  removeNamed(name: string): void {
    this.named(name, 'DEALLOCATE PREPARE');
    this.#drop(this.#byName.delete(name.toLowerCase()));
  }
}

function prepare(id: number, text: string, database: string | null, spelling: Spelling): Prepared {
  const parsed = parseStatement(text, 0, true, spelling);
  const { statement, next } = parsed;
  if (statement === null) throw refuse('EMPTY_QUERY');
  if (statement.kind === 'unbuilt') throw refuse('NOT_SUPPORTED');
  if (next >= 0) throw new Cursor(text, next, false, spelling).refusal();
  if (NEVER.has(statement.kind)) throw refuse('PREPARE_NOT_SUPPORTED');
  return new Prepared(id, text, { ...parsed, statement }, database);
}
