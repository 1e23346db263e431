/**
 * Where an observer is known to differ from MariaDB: each with its line of `observer.md` (or of MySQL 5.7, which an
 * observer follows where MariaDB went its own way).
 *
 * A difference turns what MariaDB says into what an observer says. What is not here must be the same.
 */
import { COLUMN, TYPE } from '../../../proxy/wire/constants.ts';
import type { Column } from '../../../proxy/wire/result-set.ts';
import type { Outcome } from './outcome.ts';
import type { Preparation } from './prepared.ts';

export interface Difference {
  readonly what: string;
  readonly source: string;
  /** What an observer answers where MariaDB answers this; null if the difference is not about it. */
  observer(sql: string, mariadb: Outcome): Outcome | null;
  /** The same, if the difference shows when the statement is prepared: `executed` is what MariaDB answers afterwards. */
  prepared?(sql: string, mariadb: Preparation, executed: Outcome | null): Answers | null;
}

/** What PREPARE was answered, and EXECUTE; null if there was none. */
export interface Answers {
  readonly preparation: Preparation;
  readonly executed: Outcome | null;
}

/** Not of one statement: see `asObserverIn`. */
const ABORTED = {
  what: 'after a deadlock every statement is 1213 until ROLLBACK, in MariaDB the transaction is gone',
  source: 'observer.md §6.2: "every later statement returns 1213 again until ROLLBACK"',
  answer: { kind: 'error', code: 1213, sqlState: 'HY000', message: 'Deadlock' },
  observer: () => null,
} as const;

export const DIFFERENCES: readonly Difference[] = [
  ABORTED,
  {
    what: 'a deadlock has SQLSTATE HY000, in MariaDB 40001',
    source: 'observer.md §6.2: "1213, SQLSTATE HY000 (not 40001)"',
    observer: (_sql, it) => (it.kind === 'error' && it.code === DEADLOCK ? { ...it, sqlState: 'HY000' } : null),
  },
  {
    what: 'the EOF of a result set has AUTOCOMMIT set, off or on',
    source: 'observer.md §5: "in the final EOF of a result set AUTOCOMMIT is always set"',
    observer: (_sql, it) =>
      it.kind === 'rows' && !it.flags.autocommit ? { ...it, flags: { ...it.flags, autocommit: true } } : null,
  },
  {
    what: 'a text that is no number is 1366 with SQLSTATE HY000, in MariaDB 22007',
    source: 'MySQL 5.7 error reference, 1366; observer.md §6.3: an observer has the codes and states of MySQL 5.7',
    observer: (_sql, it) => (it.kind === 'error' && it.code === 1366 ? { ...it, sqlState: 'HY000' } : null),
  },
  {
    what: 'a TIMESTAMP column is not UNSIGNED',
    source: 'MySQL 5.7, Field_timestampf; observer.md §1.1: an observer answers as a 5.7 server',
    observer: (_sql, it) =>
      it.kind === 'rows' && it.columns.some((column) => column.type === TYPE.TIMESTAMP)
        ? { ...it, columns: it.columns.map((column) => (column.type === TYPE.TIMESTAMP ? signed(column) : column)) }
        : null,
  },
  {
    what: 'a derived table without an alias is 1248, in MariaDB a syntax error',
    source: 'MySQL 5.7 error reference, 1248; observer.md §1.1: an observer answers as a 5.7 server',
    observer: (sql, it) =>
      it.kind === 'error' && it.code === 1064 && /from \(select[^)]*\)$/i.test(sql) ? { ...it, code: 1248 } : null,
  },
  {
    what: 'ALTER TABLE tells of no rows, also where MariaDB copies the table',
    source:
      'observer.md §5: affected rows are those of DML; an observer changes a schema without copying in the statement',
    observer: (sql, it) =>
      it.kind === 'ok' && /^alter table/i.test(sql) && it.affectedRows > 0 ? { ...it, affectedRows: 0 } : null,
  },
  {
    what: 'a SHOW is resolved when it is prepared: its columns are known then, and a database that is not there',
    source: 'observer.md §4.1: the columns of a SHOW come from the resolver (ob_show_resolver.cpp)',
    observer: () => null,
    prepared: (sql, it, executed) => {
      if (it.kind !== 'prepared' || executed === null || !/^show/i.test(sql)) return null;
      if (executed.kind === 'error') return { preparation: executed, executed: null };
      if (executed.kind !== 'rows' || !MESSAGES.test(sql)) return null;
      return { preparation: { ...it, columns: executed.columns }, executed };
    },
  },
];

/** Whether a session's transaction was ended by a deadlock, and it has not said ROLLBACK yet. */
export type Standing = 'as told' | 'aborted';

const DEADLOCK = 1213;

/** What an observer answers to a session of this standing, and the standing afterwards. */
export function asObserverIn(sql: string, mariadb: Outcome, standing: Standing): readonly [Outcome, Standing] {
  const it = asObserver(sql, mariadb);
  if (it.kind === 'error' && it.code === DEADLOCK) return [it, 'aborted'];
  if (standing === 'as told' || /^rollback$/i.test(sql)) return [it, 'as told'];
  return [ABORTED.answer, standing];
}

/** SHOW WARNINGS, SHOW ERRORS. */
const MESSAGES = /^show (?:warnings|errors)/i;

function signed(column: Column): Column {
  return { ...column, flags: column.flags & ~COLUMN.UNSIGNED };
}

/** What an observer answers, by all differences. */
export function asObserver(sql: string, mariadb: Outcome): Outcome {
  let it = mariadb;
  for (const difference of DIFFERENCES) it = difference.observer(sql, it) ?? it;
  return it;
}

/** The same of a statement that is prepared and executed. */
export function asObserverPrepared(sql: string, mariadb: Answers): Answers {
  const { preparation: made, executed } = mariadb;
  let it: Answers = {
    preparation: made.kind === 'prepared' ? { ...made, columns: described(sql, made.columns) } : asObserver(sql, made),
    executed: executed === null ? null : asObserver(sql, executed),
  };
  for (const { prepared } of DIFFERENCES) it = prepared?.(sql, it.preparation, it.executed) ?? it;
  return it;
}

/** Columns are described alike by PREPARE and by EXECUTE. */
function described(sql: string, columns: readonly Column[]): readonly Column[] {
  const flags = { inTransaction: false, autocommit: true };
  const it = asObserver(sql, { kind: 'rows', columns, rows: [], warnings: 0, flags });
  return it.kind === 'rows' ? it.columns : columns;
}
