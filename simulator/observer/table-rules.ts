/**
 * What a table must be: columns and keys once, keys of columns that are there, one AUTO_INCREMENT that is a key, defaults
 * that their columns can keep.
 */
import type { ColumnSpec, IndexSpec } from '../world/topology.ts';
import { STANDARD_COLLATION } from './charsets.ts';
import { PRIMARY, primaryOf } from './indexes.ts';
import { Refusal, refuse } from './refusal.ts';
import { Storing } from './storing.ts';
import type { Surroundings } from './surroundings.ts';
import { familyOf } from './types.ts';

/** Characters of a VARCHAR, at most: 65535 bytes less two, at four each. */
const MOST_VARCHAR = 16_383;
const MOST_CHAR = 255;
/** Characters of a name (MySQL 5.7; observer.md §1.1: an observer answers as such a server). */
const MOST_NAME = 64;

/** A `Refusal` 1059 if a database, table, column or key cannot be called so. */
export function expectShort(name: string): void {
  if ([...name].length > MOST_NAME) throw refuse('NAME_TOO_LONG', name);
}

export function checkedColumns(
  columns: readonly ColumnSpec[],
  indexes: readonly IndexSpec[],
  around: Surroundings,
): readonly ColumnSpec[] {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) throw refuse('DUPLICATE_COLUMN', name);
    seen.add(name.toLowerCase());
  }
  for (const spec of columns) checkColumn(spec, around);
  checkNumbered(columns, indexes);
  const primary = primaryOf(indexes, columns)?.columns.map((it) => it.toLowerCase()) ?? [];
  return columns.map((spec) =>
    primary.includes(spec.name.toLowerCase()) ? { ...spec, primaryKey: true, notNull: true } : spec,
  );
}

/** Texts that do not say their collation have that of their table. */
export function collatedColumns(columns: readonly ColumnSpec[], collation: string): readonly ColumnSpec[] {
  if (collation === STANDARD_COLLATION || collation === 'binary') return columns;
  return columns.map((spec) =>
    familyOf(spec.type) === 'text' && spec.collation === undefined ? { ...spec, collation } : spec,
  );
}

function checkColumn(spec: ColumnSpec, around: Surroundings): void {
  expectShort(spec.name);
  if (spec.type === 'VARCHAR' && spec.length! > MOST_VARCHAR) throw refuse('TOO_LONG_COLUMN', spec.name, MOST_VARCHAR);
  if (spec.type === 'CHAR' && spec.length !== undefined && spec.length > MOST_CHAR) {
    throw refuse('TOO_LONG_COLUMN', spec.name, MOST_CHAR);
  }
  checkSpecifier(spec);
  const isTime = spec.type === 'DATETIME' || spec.type === 'TIMESTAMP';
  if ((spec.defaultNow === true || spec.onUpdateNow === true) && !isTime) throw refuse('WRONG_DEFAULT', spec.name);
  if (spec.defaultValue === undefined) return;
  if (spec.defaultValue === null) {
    if (spec.notNull === true) throw refuse('WRONG_DEFAULT', spec.name);
    return;
  }
  try {
    new Storing(around, false).kept(spec.defaultValue, spec);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw refuse('WRONG_DEFAULT', spec.name);
  }
}

/** What MySQL says while it reads the statement: only a number can be counted up. */
export function checkSpecifier(spec: ColumnSpec): void {
  const family = familyOf(spec.type);
  if (spec.autoIncrement === true && family !== 'integer' && family !== 'double') {
    throw refuse('WRONG_COLUMN_SPECIFIER', spec.name);
  }
}

/** At most one AUTO_INCREMENT, and it is the first column of a key. */
function checkNumbered(columns: readonly ColumnSpec[], indexes: readonly IndexSpec[]): void {
  const numbered = columns.filter((it) => it.autoIncrement === true);
  if (numbered.length === 0) return;
  const name = numbered[0]!.name.toLowerCase();
  const primary = primaryOf(indexes, columns);
  const keys = primary === null ? indexes : [primary, ...indexes];
  if (numbered.length > 1 || !keys.some((it) => it.columns[0]?.toLowerCase() === name)) {
    throw refuse('WRONG_AUTO_INCREMENT');
  }
}

/** The keys with their names; one without is called after its first column. */
export function checkedIndexes(columns: readonly ColumnSpec[], indexes: readonly IndexSpec[]): readonly IndexSpec[] {
  const marked = columns.filter((it) => it.primaryKey === true).length;
  const said = indexes.filter((it) => it.name === PRIMARY).length;
  if (marked + said > 1) throw refuse('MULTIPLE_PRIMARY');
  const named: IndexSpec[] = [];
  for (const index of indexes) {
    const found = index.columns.map((name) => columnNamed(columns, name));
    named.push({ ...index, columns: found, name: index.name === '' ? freeName(found[0]!, named) : index.name });
  }
  const seen = new Set<string>();
  for (const { name } of named) {
    expectShort(name);
    if (seen.has(name.toLowerCase())) throw refuse('DUPLICATE_KEY_NAME', name);
    seen.add(name.toLowerCase());
  }
  return named;
}

function columnNamed(columns: readonly ColumnSpec[], name: string): string {
  const found = columns.find((it) => it.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw refuse('NO_SUCH_KEY_COLUMN', name);
  return found.name;
}

function freeName(column: string, taken: readonly IndexSpec[]): string {
  let name = column;
  for (let number = 2; taken.some((it) => it.name.toLowerCase() === name.toLowerCase()); number += 1) {
    name = `${column}_${number}`;
  }
  return name;
}
