/**
 * Executing a statement: a table from its kind to the rule that does it.
 *
 * Executing takes no time and waits for nothing; what a statement waits for is in its outcome, how long it sleeps in the
 * context.
 */
import { checkNames, NO_SOURCE } from './columns.ts';
import type { SessionContext } from './context.ts';
import { evaluate, type Scope } from './evaluate.ts';
import type { House } from './house.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import { runDelete, runInsert, runUpdate } from './run-changes.ts';
import { runCreateDatabase, runCreateTable, runDropDatabase, runDropTable, runTruncate } from './run-definitions.ts';
import { runKill } from './run-kill.ts';
import { runSelect } from './run-select.ts';
import { runSet, runSetTransaction } from './run-settings.ts';
import { runShow } from './run-show.ts';
import { runAlterSystem } from './run-system.ts';
import type { Statement, StatementKind } from './sql/syntax.ts';

type Rule<S extends Statement> = (it: S, context: SessionContext, house: House) => Outcome;
type Of<K extends StatementKind> = Extract<Statement, { readonly kind: K }>;

const RULES: { readonly [K in StatementKind]: Rule<Of<K>> } = {
  select: runSelect,
  set: runSet,
  'set transaction': runSetTransaction,
  begin: runBegin,
  commit: runCommit,
  rollback: runRollback,
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

function runBegin(it: Of<'begin'>, context: SessionContext): Outcome {
  context.begin(it.readOnly);
  return DONE;
}

function runCommit(_it: Of<'commit'>, context: SessionContext): Outcome {
  context.commit();
  return DONE;
}

function runRollback(_it: Of<'rollback'>, context: SessionContext): Outcome {
  context.rollback();
  return DONE;
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

function refuseUnbuilt(): Outcome {
  throw refuse('NOT_SUPPORTED');
}
