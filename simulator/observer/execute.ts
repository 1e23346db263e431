/**
 * Executing a statement: a table from its kind to the rule that does it.
 *
 * Executing takes no time and waits for nothing; what a statement waits for is in its outcome, how long it sleeps in the
 * context.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import { checkNames, NO_SOURCE } from './columns.ts';
import type { SessionContext } from './context.ts';
import { evaluate, type Scope } from './evaluate.ts';
import type { House } from './house.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import { runDelete, runInsert, runUpdate } from './run-changes.ts';
import { runCreateDatabase, runCreateTable, runDropDatabase, runDropTable, runTruncate } from './run-definitions.ts';
import { runKill } from './run-kill.ts';
import { describeSelect, runSelect } from './run-select.ts';
import { runSet, runSetTransaction } from './run-settings.ts';
import { runShow } from './run-show.ts';
import { runAlterSystem } from './run-system.ts';
import { runBegin, runCommit, runRelease, runRollback, runRollbackTo, runSavepoint } from './run-transactions.ts';
import type { Statement, StatementKind } from './sql/syntax.ts';
import { textOf } from './sql/value.ts';

type Rule<S extends Statement> = (it: S, context: SessionContext, house: House) => Outcome;
type Of<K extends StatementKind> = Extract<Statement, { readonly kind: K }>;

const RULES: { readonly [K in StatementKind]: Rule<Of<K>> } = {
  select: runSelect,
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

function runDo(it: Of<'do'>, context: SessionContext): Outcome {
  const scope: Scope = { around: context, table: null, row: null, aggregates: null };
  for (const value of it.values) checkNames(value, NO_SOURCE, 'field list', context);
  for (const value of it.values) evaluate(value, scope);
  return DONE;
}

function runPrepare(it: Of<'prepare'>, context: SessionContext): Outcome {
  const text = textOf(evaluate(it.text, { around: context, table: null, row: null, aggregates: null }));
  context.prepared.addNamed(it.name, text ?? 'NULL');
  return DONE;
}

/** A prepared statement of a name, with user variables for its `?`. */
function runExecute(it: Of<'execute'>, context: SessionContext, house: House): Outcome {
  const { statement, parameters } = context.prepared.named(it.name, 'EXECUTE');
  if (it.values.length !== parameters) throw refuse('WRONG_ARGUMENTS', 'EXECUTE');
  const scope: Scope = { around: context, table: null, row: null, aggregates: null };
  context.bind(it.values.map((value) => evaluate(value, scope)));
  return execute(statement, context, house);
}

function runDeallocate(it: Of<'deallocate'>, context: SessionContext): Outcome {
  context.prepared.removeNamed(it.name);
  return DONE;
}

/** The columns that a statement's rows will have; none if it gives no rows. */
export function describe(statement: Statement, context: SessionContext, house: House): readonly Column[] {
  if (statement.kind === 'select') return describeSelect(statement, context, house);
  if (statement.kind !== 'show') return [];
  const outcome = runShow(statement, context, house);
  return outcome.kind === 'rows' ? outcome.columns : [];
}

function refuseUnbuilt(it: Of<'unbuilt'>): Outcome {
  if (it.what === 'LOAD') throw refuse('NOT_SUPPORTED_DETAIL', 'LOAD DATA');
  throw refuse('NOT_SUPPORTED');
}
