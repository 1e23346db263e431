/**
 * Executing a statement: a table from its kind to the rule that does it.
 *
 * Executing takes no time and waits for nothing; what a statement waits for is in its outcome, how long it sleeps in the
 * context.
 */
import { Binder } from './bind.ts';
import type { SessionContext } from './context.ts';
import { describe } from './describe.ts';
import type { House } from './house.ts';
import { Names } from './names.ts';
import { DONE, type Outcome } from './outcome.ts';
import { QueryPlanner } from './query-planner.ts';
import { refuse } from './refusal.ts';
import { runAlterTable, runCreateIndex, runDropIndex, runRenameTable } from './run-alter.ts';
import { runDelete, runUpdate } from './run-changes.ts';
import {
  runCreateDatabase,
  runCreateLike,
  runCreateTable,
  runDropDatabase,
  runDropTable,
  runTruncate,
} from './run-definitions.ts';
import { runInsert } from './run-insert.ts';
import { runKill } from './run-kill.ts';
import { runSelect } from './run-select.ts';
import { runSet, runSetTransaction } from './run-settings.ts';
import { runShow } from './run-show.ts';
import { runAlterSystem } from './run-system.ts';
import { runBegin, runCommit, runRelease, runRollback, runRollbackTo, runSavepoint } from './run-transactions.ts';
import { frameFor } from './select-plan.ts';
import { looksAtMessages } from './sql/statements.ts';
import type { Expression, Statement, StatementKind } from './sql/syntax.ts';
import { textOf, type Value } from './sql/value.ts';

type Rule<S extends Statement> = (it: S, context: SessionContext, house: House) => Outcome;
type Of<K extends StatementKind> = Extract<Statement, { readonly kind: K }>;

const RULES: { readonly [K in StatementKind]: Rule<Of<K>> } = {
  select: runSelect,
  union: runSelect,
  set: runSet,
  'set transaction': runSetTransaction,
  begin: runBegin,
  commit: runCommit,
  rollback: runRollback,
  savepoint: runSavepoint,
  'rollback to': runRollbackTo,
  release: runRelease,
  prepare: runPrepare,
  execute: runExecute,
  deallocate: runDeallocate,
  use: runUse,
  show: runShow,
  kill: runKill,
  do: runDo,
  insert: runInsert,
  update: runUpdate,
  delete: runDelete,
  'create database': runCreateDatabase,
  'drop database': runDropDatabase,
  'create table': runCreateTable,
  'create table like': runCreateLike,
  'alter table': runAlterTable,
  'create index': runCreateIndex,
  'drop index': runDropIndex,
  'rename table': runRenameTable,
  'drop table': runDropTable,
  truncate: runTruncate,
  'alter system': runAlterSystem,
  unbuilt: refuseUnbuilt,
};

/** A `Refusal` if the statement cannot be done. */
export function execute(statement: Statement, context: SessionContext, house: House): Outcome {
  return (RULES[statement.kind] as Rule<Statement>)(statement, context, house);
}

function runUse(it: Of<'use'>, context: SessionContext): Outcome {
  context.use(it.database);
  return DONE;
}

function runDo(it: Of<'do'>, context: SessionContext, house: House): Outcome {
  constants(it.values, context, house);
  return DONE;
}

function runPrepare(it: Of<'prepare'>, context: SessionContext, house: House): Outcome {
  const [text] = constants([it.text], context, house);
  const made = context.prepared.addNamed(it.name, textOf(text ?? null) ?? 'NULL', context.database);
  context.bind(null);
  try {
    describe(made.statement, context, house);
  } catch (error) {
    context.prepared.removeNamed(it.name);
    throw error;
  }
  return DONE;
}

/** A prepared statement of a name, with user variables for its `?`. */
function runExecute(it: Of<'execute'>, context: SessionContext, house: House): Outcome {
  const { statement, parameters, database } = context.prepared.named(it.name, 'EXECUTE');
  if (it.values.length !== parameters) throw refuse('WRONG_ARGUMENTS', 'EXECUTE');
  context.bind(constants(it.values, context, house).map((value) => ({ value, type: null })));
  context.work(database);
  return execute(statement, context, house);
}

function runDeallocate(it: Of<'deallocate'>, context: SessionContext): Outcome {
  context.prepared.removeNamed(it.name);
  return DONE;
}

/** The values of expressions that are about no row. */
function constants(list: readonly Expression[], context: SessionContext, house: House): readonly Value[] {
  const binder = new Binder(context, new Names([], null), 'field list', new QueryPlanner(context, house));
  const frame = frameFor(context);
  return list.map((it) => binder.bind(it)).map((it) => it.value(frame));
}

/** True if a statement only looks at what the one before has left. What EXECUTE runs counts, not EXECUTE itself. */
export function keepsMessages(statement: Statement, context: SessionContext): boolean {
  if (statement.kind !== 'execute') return looksAtMessages(statement);
  const prepared = context.prepared.findNamed(statement.name);
  return prepared !== null && looksAtMessages(prepared.statement);
}

function refuseUnbuilt(it: Of<'unbuilt'>): Outcome {
  if (it.what === 'LOAD') throw refuse('NOT_SUPPORTED_DETAIL', 'LOAD DATA');
  throw refuse('NOT_SUPPORTED');
}
