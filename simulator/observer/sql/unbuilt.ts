/**
 * What an observer knows and the simulated one does not do: ERROR 1235. What nobody knows is ERROR 1064, and not here.
 *
 * Only the words that tell the two apart are looked at; what follows them is not read.
 */
import { type Refusal, refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import type { Statement } from './syntax.ts';

/** What CREATE, ALTER, DROP and SHOW CREATE may be followed by (MySQL 5.7, "Data Definition Statements", and an observer's). */
const OBJECTS: ReadonlySet<string> = new Set(
  (
    'AGGREGATE ALGORITHM DATABASE DEFINER EVENT EXTERNAL FULLTEXT FUNCTION INSTANCE LOGFILE OR OUTLINE PACKAGE PROCEDURE ' +
    'PUBLIC RESOURCE RESTORE ROLE SCHEMA SEQUENCE SERVER SPATIAL SQL SYNONYM TABLEGROUP TABLESPACE TENANT TRIGGER TYPE ' +
    'USER VIEW'
  ).split(' '),
);

/** First words of whole statements, and what must follow; null: anything. */
const STATEMENTS: ReadonlyMap<string, readonly string[] | null> = new Map<string, readonly string[] | null>([
  ['ANALYZE', ['TABLE', 'LOCAL', 'NO_WRITE_TO_BINLOG']],
  ['CALL', null],
  ['CHECK', ['TABLE']],
  ['EXPLAIN', null],
  ['FLUSH', null],
  ['GRANT', null],
  ['HELP', null],
  ['LOAD', ['DATA', 'XML', 'INDEX']],
  ['OPTIMIZE', ['TABLE', 'LOCAL', 'NO_WRITE_TO_BINLOG', 'TENANT']],
  ['PURGE', null],
  ['REVOKE', null],
  ['WITH', null],
  ['XA', ['START', 'BEGIN', 'END', 'PREPARE', 'COMMIT', 'ROLLBACK', 'RECOVER']],
]);

/** The error of an object that cannot be made, changed or shown. */
export function objectRefusal(from: Cursor): Refusal {
  if (from.peek().kind !== 'word' || !OBJECTS.has(from.peek().upper)) return from.refusal();
  from.take();
  return from.atEnd || from.peek().kind === 'end' ? from.refusal() : refuse('NOT_SUPPORTED');
}

/** A statement that is known by its first word; a `Refusal` if it is none. */
export function parseUnbuilt(from: Cursor): Statement {
  const first = from.peek();
  const wanted = STATEMENTS.get(first.upper);
  if (wanted === undefined) throw from.refusal();
  from.take();
  if (from.atEnd || (wanted !== null && !wanted.includes(from.peek().upper))) throw from.refusal();
  while (!from.atEnd) {
    // A text with an open string is no statement, whatever its first word.
    if (from.peek().kind === 'end') throw from.refusal();
    from.take();
  }
  return { kind: 'unbuilt', what: first.upper };
}
