/**
 * Executing a statement: a table from its kind to the rule that does it.
 *
 * Executing takes no time and waits for nothing; what a statement waits for is in its outcome, how long it sleeps in the
 * context.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import { Binder } from './bind.ts';
import type { SessionContext } from './context.ts';
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
import { describeSelect, runSelect } from './run-select.ts';
import { runSet, runSetTransaction } from './run-settings.ts';
import { runShow } from './run-show.ts';
import { frameFor } from './select-plan.ts';
import type { Statement, StatementKind } from './sql/syntax.ts';

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

function runDo(it: Of<'do'>, context: SessionContext, house: House): Outcome {
  const binder = new Binder(context, new Names([], null), 'field list', new QueryPlanner(context, house));
  const values = it.values.map((value) => binder.bind(value));
  for (const value of values) value.value(frameFor(context));
  return DONE;
}

/** The columns that a statement's rows will have; none if it gives no rows. */
export function describe(statement: Statement, context: SessionContext, house: House): readonly Column[] {
  if (statement.kind === 'select' || statement.kind === 'union') return describeSelect(statement, context, house);
  if (statement.kind !== 'show') return [];
  const outcome = runShow(statement, context, house);
  return outcome.kind === 'rows' ? outcome.columns : [];
}

function refuseUnbuilt(): Outcome {
  throw refuse('NOT_SUPPORTED');
}
