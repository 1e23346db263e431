/**
 * What PREPARE finds out about a statement: the columns of its rows, and what is wrong with its names.
 *
 * A statement is resolved when it is prepared, and again whenever it is executed: the tables may have changed. What
 * depends on values, on rows or on what is there already (a table of that name) is told by EXECUTE. Runs nothing.
 */
import type { Column } from '../../proxy/wire/result-set.ts';
import type { SessionContext } from './context.ts';
import type { House } from './house.ts';
import { checkChange } from './run-changes.ts';
import { checkInsert } from './run-insert.ts';
import { describeSelect } from './run-select.ts';
import { checkSet } from './run-settings.ts';
import { runShow } from './run-show.ts';
import type { Statement } from './sql/syntax.ts';
import { checkSpecifier, expectShort } from './table-rules.ts';

/** The columns that a statement's rows will have; none if it gives no rows. A `Refusal` if it cannot be prepared. */
export function describe(statement: Statement, context: SessionContext, house: House): readonly Column[] {
  switch (statement.kind) {
    case 'select':
      // As MariaDB: that the transaction only reads is told as soon as the tables are looked for.
      if (statement.lock !== null && !statement.lock.shares) context.expectWritable();
      return describeSelect(statement, context, house);
    case 'union':
      return describeSelect(statement, context, house);
    case 'show': {
      const outcome = runShow(statement, context, house);
      return outcome.kind === 'rows' ? outcome.columns : [];
    }
    case 'insert':
      checkInsert(statement, context, house);
      context.expectWritable();
      return [];
    case 'update':
    case 'delete':
      checkChange(statement, context, house);
      context.expectWritable();
      return [];
    case 'set':
      checkSet(statement, context);
      return [];
    case 'create table':
      for (const spec of statement.columns) {
        expectShort(spec.name);
        checkSpecifier(spec);
      }
      return [];
    default:
      return [];
  }
}
