/**
 * Which rows of a table a statement is about.
 *
 * A condition that names the primary key's value is looked up; else all rows are read.
 */
import { evaluate, type Scope } from './evaluate.ts';
import type { Expression } from './sql/syntax.ts';
import { isTrue, type Value } from './sql/value.ts';
import { keyOfValue, type Row, type RowKey, type Table, type Transaction } from './store.ts';
import { keysThrough, readThrough } from './transaction-state.ts';

export interface Match {
  readonly key: RowKey;
  readonly row: Row;
}

/** The rows that fulfil `where` as the transaction sees them, in the order of their keys. */
export function matchingRows(
  table: Table,
  transaction: Transaction | null,
  where: Expression | null,
  scope: Scope,
): Match[] {
  const matches: Match[] = [];
  const only = where === null ? null : keyWanted(table, where, scope);
  const keys = only === null ? keysThrough(transaction, table) : [only];
  for (const key of keys) {
    const row = readThrough(transaction, table, key);
    if (row === null) continue;
    scope.row = row;
    if (where === null || isTrue(evaluate(where, scope))) matches.push({ key, row });
  }
  return matches;
}

/** The key that a condition asks for (`id = 1`, `id = 1 AND …`); null if it may be any. */
function keyWanted(table: Table, where: Expression, scope: Scope): RowKey | null {
  if (table.keyColumn < 0) return null;
  if (where.kind === 'and') return keyWanted(table, where.left, scope) ?? keyWanted(table, where.right, scope);
  if (where.kind !== 'compare' || where.operator !== '=') return null;
  return keyCompared(table, where.left, where.right, scope) ?? keyCompared(table, where.right, where.left, scope);
}

function keyCompared(table: Table, column: Expression, other: Expression, scope: Scope): RowKey | null {
  if (column.kind !== 'column' || table.indexOf(column.name) !== table.keyColumn) return null;
  if (other.kind !== 'literal' && other.kind !== 'parameter') return null;
  const value = evaluate(other, scope);
  return isOfColumn(value, table.columns[table.keyColumn]!.type) ? keyOfValue(value) : null;
}

/** True if a literal is of the type in which the column keeps its values, so that equal means the same key. */
function isOfColumn(value: Value, type: string): boolean {
  return typeof value === 'bigint'
    ? type === 'INT' || type === 'BIGINT'
    : typeof value === 'string' && type === 'VARCHAR';
}
