/**
 * Columns, keys and tables in words, as SHOW and information_schema write them (MySQL 5.7).
 */
import type { ColumnSpec } from '../world/topology.ts';
import { STANDARD_COLLATION } from './charsets.ts';
import type { Key } from './indexes.ts';
import type { Value } from './sql/value.ts';
import type { Table } from './store.ts';
import { familyOf, widthOf } from './types.ts';

export const CHARSET = 'utf8mb4';

/** The collation of a column; null if it is no text. */
export function collationText(spec: ColumnSpec): string | null {
  return isTextColumn(spec) ? (spec.collation ?? STANDARD_COLLATION) : null;
}

/** `int(11) unsigned`. */
export function typeText(spec: ColumnSpec): string {
  const name = spec.type.toLowerCase();
  const sign = spec.unsigned === true ? ' unsigned' : '';
  switch (spec.type) {
    case 'DECIMAL':
      return `${name}(${widthOf(spec)},${spec.scale ?? 0})${sign}`;
    case 'FLOAT':
    case 'DOUBLE':
      return spec.length === undefined ? `${name}${sign}` : `${name}(${spec.length},${spec.scale ?? 0})${sign}`;
    case 'TIME':
    case 'DATETIME':
    case 'TIMESTAMP':
      return (spec.scale ?? 0) > 0 ? `${name}(${spec.scale})` : name;
    case 'ENUM':
      return `enum(${spec.values!.map((it) => `'${it.replaceAll("'", "''")}'`).join(',')})`;
    case 'DATE':
      return name;
    default:
      return /(TEXT|BLOB)$/.test(spec.type) ? name : `${name}(${widthOf(spec)})${sign}`;
  }
}

export function isTextColumn(spec: ColumnSpec): boolean {
  return familyOf(spec.type) === 'text';
}

/** The default as SHOW COLUMNS shows it; null for none. */
export function defaultText(spec: ColumnSpec): string | null {
  if (spec.defaultNow === true) return `CURRENT_TIMESTAMP${(spec.scale ?? 0) > 0 ? `(${spec.scale})` : ''}`;
  const said = spec.defaultValue;
  if (said === undefined || said === null) return null;
  if (spec.type !== 'DECIMAL') return said;
  const [whole, fraction = ''] = said.split('.') as [string, string | undefined];
  const scale = spec.scale ?? 0;
  return scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0').slice(0, scale)}`;
}

export function extraText(spec: ColumnSpec): string {
  if (spec.autoIncrement === true) return 'auto_increment';
  return spec.onUpdateNow === true
    ? `on update CURRENT_TIMESTAMP${(spec.scale ?? 0) > 0 ? `(${spec.scale})` : ''}`
    : '';
}

export function isRequired(spec: ColumnSpec): boolean {
  return spec.notNull === true || spec.primaryKey === true;
}

/** PRI, UNI, MUL or nothing. */
export function keyText(table: Table, index: number): string {
  if (table.primary?.columns.includes(index) === true) return 'PRI';
  const first = table.secondary.keys.filter((it) => it.columns[0] === index);
  const alone = first.find((it) => it.unique && it.columns.length === 1);
  if (alone === undefined) return first.length > 0 ? 'MUL' : '';
  return table.primary === null && isRequired(table.columns[index]!) && table.secondary.keys[0] === alone
    ? 'PRI'
    : 'UNI';
}

export function allKeys(table: Table): readonly Key[] {
  return table.primary === null ? table.secondary.keys : [table.primary, ...table.secondary.keys];
}

export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function quotedText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

function columnText(spec: ColumnSpec, ofTable: string): string {
  const parts = [`  ${quotedName(spec.name)} ${typeText(spec)}`];
  const collation = collationText(spec);
  if (collation !== null && collation !== ofTable) parts.push(`CHARACTER SET ${CHARSET} COLLATE ${collation}`);
  const required = isRequired(spec);
  if (required) parts.push('NOT NULL');
  else if (spec.type === 'TIMESTAMP') parts.push('NULL');
  if (spec.autoIncrement === true) parts.push('AUTO_INCREMENT');
  const shown = defaultText(spec);
  if (spec.defaultNow === true) parts.push(`DEFAULT ${shown}`);
  else if (shown !== null) parts.push(`DEFAULT ${quotedText(shown)}`);
  else if (!required && !/(TEXT|BLOB)$/.test(spec.type)) parts.push('DEFAULT NULL');
  if (spec.onUpdateNow === true) parts.push(`ON UPDATE ${extraText(spec).slice('on update '.length)}`);
  if (spec.comment !== undefined && spec.comment !== '') parts.push(`COMMENT ${quotedText(spec.comment)}`);
  return parts.join(' ');
}

/** A character set, and the collation if it is not the standard one. */
export function collationWords(collation: string): string {
  return collation === STANDARD_COLLATION ? CHARSET : `${collation.replace(/_.*/, '')} COLLATE = ${collation}`;
}

/** SHOW CREATE TABLE. An observer writes its own options behind the bracket; here only the one that reads back. */
export function createText(table: Table): string {
  const lines = table.columns.map((spec) => columnText(spec, table.collation));
  for (const key of allKeys(table)) {
    const columns = key.columns.map((it) => quotedName(table.columns[it]!.name)).join(', ');
    const word = key === table.primary ? 'PRIMARY KEY' : `${key.unique ? 'UNIQUE KEY' : 'KEY'} ${quotedName(key.name)}`;
    lines.push(`  ${word} (${columns})`);
  }
  const next = table.nextNumber > 1n && table.columns.some((it) => it.autoIncrement === true);
  const number = next ? `AUTO_INCREMENT = ${table.nextNumber} ` : '';
  const comment = table.comment === '' ? '' : ` COMMENT = ${quotedText(table.comment)}`;
  return `CREATE TABLE ${quotedName(table.name)} (\n${lines.join(',\n')}\n) ${number}DEFAULT CHARSET = ${collationWords(table.collation)}${comment}`;
}

/** `NUMERIC_PRECISION` and `NUMERIC_SCALE`. */
export function precisionOf(spec: ColumnSpec): readonly [Value, Value] {
  const digits: Readonly<Record<string, bigint>> = { TINYINT: 3n, SMALLINT: 5n, MEDIUMINT: 7n, INT: 10n, BIGINT: 19n };
  if (spec.type === 'BIGINT' && spec.unsigned === true) return [20n, 0n];
  const whole = digits[spec.type];
  if (whole !== undefined) return [whole, 0n];
  if (spec.type === 'DECIMAL') return [BigInt(widthOf(spec)), BigInt(spec.scale ?? 0)];
  if (spec.type === 'FLOAT') return [12n, null];
  return spec.type === 'DOUBLE' ? [22n, null] : [null, null];
}

/** Characters and bytes of a text column. */
export function lengthsOf(spec: ColumnSpec): readonly [Value, Value] {
  const family = familyOf(spec.type);
  if (family !== 'text' && family !== 'binary') return [null, null];
  const width = BigInt(widthOf(spec));
  const bySize = family === 'binary' || spec.type.endsWith('TEXT');
  return [width, bySize ? width : width * 4n];
}
