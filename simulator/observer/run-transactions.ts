/**
 * BEGIN, COMMIT, ROLLBACK and savepoints.
 */
import type { SessionContext } from './context.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import type { Statement } from './sql/syntax.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

export function runBegin(it: Of<'begin'>, context: SessionContext): Outcome {
  context.begin(it.readOnly);
  return DONE;
}

export function runCommit(_it: Of<'commit'>, context: SessionContext): Outcome {
  const { unknownCommit } = context.identity.tenant;
  if (unknownCommit !== null && context.transaction.hasChanges) {
    if (unknownCommit === 'kept') context.commit();
    else context.rollback();
    // Its session ends (observer.md §6.4).
    context.mustLeave = true;
    throw refuse('TRANSACTION_RESULT_UNKNOWN');
  }
  context.commit();
  return DONE;
}

export function runRollback(_it: Of<'rollback'>, context: SessionContext): Outcome {
  context.rollback();
  return DONE;
}

export function runSavepoint(it: Of<'savepoint'>, context: SessionContext): Outcome {
  context.save(it.name);
  return DONE;
}

export function runRollbackTo(it: Of<'rollback to'>, context: SessionContext): Outcome {
  context.transaction.rollbackTo(it.name);
  return DONE;
}

export function runRelease(it: Of<'release'>, context: SessionContext): Outcome {
  context.transaction.release(it.name);
  return DONE;
}
