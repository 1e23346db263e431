/**
 * The language of behaviours: a script is a generator that yields what its member is to do, and gets what came of it.
 *
 * Knows nothing of drivers; `member.ts` carries the steps out.
 */
import type { Choices } from '../../../proxy/ports.ts';
import type { Outcome } from '../driver/dialect.ts';
import type { Ledger } from './ledger.ts';
import type { Person, Sizes } from './people.ts';

export type Step =
  | { readonly do: 'ask'; readonly sql: string }
  /** By COM_STMT_PREPARE, COM_STMT_EXECUTE and COM_STMT_CLOSE. */
  | { readonly do: 'prepare'; readonly sql: string }
  | { readonly do: 'execute'; readonly id: number; readonly values: readonly number[] }
  | { readonly do: 'forget'; readonly id: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  /** A session for itself, until `give`: what a transaction needs where there is a pool. */
  | { readonly do: 'take' }
  | { readonly do: 'give' }
  /** Ends its client; the next question is asked by a new one. */
  | { readonly do: 'leave' };

/** Returns whether what was meant has been done, for all it knows. */
export type Script = Generator<Step, boolean, Outcome>;

/** What a script may know of the member it runs for. */
export interface Actor {
  readonly person: Person;
  readonly sizes: Sizes;
  readonly choices: Choices;
  /** Without BEGIN each statement is a transaction; some drivers switch that off at login. */
  readonly autocommits: boolean;
  /** How its driver prepares a statement. */
  readonly prepares: 'binary' | 'text';
  readonly ledger: Ledger;
  /** The thread id of its session. */
  readonly threadId: number;
}

export type Behaviour = (me: Actor) => Script;

/** What an administrator says before the id. */
export const KILL_SESSION = 'KILL PROXYSESSION ';

export const TAKE: Step = { do: 'take' };
export const GIVE: Step = { do: 'give' };
export const LEAVE: Step = { do: 'leave' };

export function ask(sql: string): Step {
  return { do: 'ask', sql };
}

export function wait(milliseconds: number): Step {
  return { do: 'wait', milliseconds };
}

/** Prepares a statement, executes it once with each of the rows of values, and drops it; ends at the first error. */
export function* repeated(me: Actor, sql: string, runs: readonly (readonly number[])[]): Script {
  return yield* me.prepares === 'binary' ? repeatedInBinary(sql, runs) : repeatedInText(sql, runs);
}

function* repeatedInBinary(sql: string, runs: readonly (readonly number[])[]): Script {
  const prepared = yield { do: 'prepare', sql };
  if (prepared.kind !== 'prepared') return false;
  const { id } = prepared;
  for (const values of runs) {
    const outcome = yield { do: 'execute', id, values };
    if (outcome.kind === 'error') return false;
  }
  yield { do: 'forget', id };
  return true;
}

function* repeatedInText(sql: string, runs: readonly (readonly number[])[]): Script {
  const prepared = yield ask(`PREPARE again FROM '${sql}'`);
  if (prepared.kind === 'error') return false;
  for (const values of runs) {
    const set = yield ask(`SET ${values.map((value, index) => `@v${index} = ${value}`).join(', ')}`);
    if (set.kind === 'error') return false;
    const outcome = yield ask(`EXECUTE again USING ${values.map((_, index) => `@v${index}`).join(', ')}`);
    if (outcome.kind === 'error') return false;
  }
  const dropped = yield ask('DEALLOCATE PREPARE again');
  return dropped.kind !== 'error';
}

/** A whole number from `from` to `to`. */
export function draw(me: Actor, site: string, from: number, to: number): number {
  return from + me.choices.choose(`fleet.${site}`, to - from + 1);
}

/** A transaction, and what has become of it. */
export type Transaction = Generator<Step, 'committed' | 'undone' | 'unknown', Outcome>;

/** All of it or nothing: any error means ROLLBACK. If COMMIT itself is not answered, nobody knows. */
export function* transaction(statements: readonly Step[]): Transaction {
  const taken = yield TAKE;
  if (taken.kind === 'error') return 'undone';
  const fate = yield* inside(statements);
  yield GIVE;
  return fate;
}

function* inside(statements: readonly Step[]): Transaction {
  const begun = yield ask('BEGIN');
  if (begun.kind === 'error') return 'undone';
  for (const step of statements) {
    const outcome = yield step;
    if (outcome.kind === 'error') {
      yield ask('ROLLBACK');
      return 'undone';
    }
  }
  const committed = yield ask('COMMIT');
  return committed.kind === 'error' ? 'unknown' : 'committed';
}

/** One statement that stands alone; where the driver does not autocommit, its caller does. */
export function* alone(me: Actor, sql: string): Script {
  if (!me.autocommits) return (yield* transaction([ask(sql)])) === 'committed';
  const outcome = yield ask(sql);
  return outcome.kind !== 'error';
}
