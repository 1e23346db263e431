/**
 * The prepared statements of a session: by number for the binary protocol, by name for PREPARE … FROM.
 *
 * A statement is parsed once. Knows neither bytes nor how anything is executed.
 */

import type { OpenCursor } from './outcome.ts';
import { refuse } from './refusal.ts';
import { Cursor } from './sql/cursor.ts';
import { parseStatement } from './sql/statements.ts';
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
  /** The types of the parameters, as bound last; null before the first EXECUTE. */
  types: readonly number[] | null = null;
  /** What SEND_LONG_DATA has brought for a parameter, piece by piece. */
  readonly long = new Map<number, Buffer[]>();
  cursor: OpenCursor | null = null;

  constructor(id: number, text: string, statement: Statement, parameters: number, database: string | null) {
    this.id = id;
    this.text = text;
    this.statement = statement;
    this.parameters = parameters;
    this.database = database;
  }

  /** What came by SEND_LONG_DATA and what a cursor has left is forgotten. */
  reset(): void {
    this.long.clear();
    this.cursor = null;
  }
}

export class PreparedStatements {
  readonly #byId = new Map<number, Prepared>();
  readonly #byName = new Map<string, Prepared>();
  #ids = 0;

  /** A `Refusal` if the text is not one statement that can be prepared. */
  add(text: string, database: string | null): Prepared {
    const made = prepare(this.#ids + 1, text, database);
    this.#ids += 1;
    this.#byId.set(made.id, made);
    return made;
  }

  find(id: number): Prepared | null {
    return this.#byId.get(id) ?? null;
  }

  remove(id: number): void {
    this.#byId.delete(id);
  }

  /** Case does not count in names. One of this name is dropped first, even if the new one is refused. */
  addNamed(name: string, text: string, database: string | null): Prepared {
    this.#byName.delete(name.toLowerCase());
    const made = prepare(0, text, database);
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
    this.#byName.delete(name.toLowerCase());
  }
}

function prepare(id: number, text: string, database: string | null): Prepared {
  const { statement, parameters, next } = parseStatement(text, 0, true);
  if (statement === null) throw refuse('EMPTY_QUERY');
  if (statement.kind === 'unbuilt') throw refuse('NOT_SUPPORTED');
  if (next >= 0) throw new Cursor(text, next).refusal();
  if (NEVER.has(statement.kind)) throw refuse('PREPARE_NOT_SUPPORTED');
  return new Prepared(id, text, statement, parameters, database);
}
