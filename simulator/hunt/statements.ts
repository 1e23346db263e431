/**
 * What a statement does to data and to its session, as far as the judges follow it: the words of `vocabulary.ts`, read back.
 *
 * What is not understood has no effect here: a page may say anything else beside.
 */

/** A change of committed data that can be found again. */
export type Effect =
  | { readonly kind: 'pay'; readonly account: number; readonly amount: number }
  | { readonly kind: 'insert'; readonly table: string; readonly key: number };

const PAY = /^UPDATE (?:bank\.)?account SET balance = balance ([-+]) (\d+) WHERE id = (\d+)$/i;
const INSERT = /^INSERT INTO (?:bank\.)?(\w+) VALUES \((\d+), [^()]*\)(?:, \((\d+), [^()]*\))?$/i;

/** All of them or none. */
export function effectsOf(sql: string): readonly Effect[] {
  const pay = PAY.exec(sql);
  if (pay !== null) {
    return [{ kind: 'pay', account: Number(pay[3]), amount: Number(pay[2]) * (pay[1] === '-' ? -1 : 1) }];
  }
  const insert = INSERT.exec(sql);
  if (insert === null) return [];
  const [, table, ...keys] = insert;
  return keys
    .filter((it) => it !== undefined)
    .map((key) => ({ kind: 'insert', table: table!.toLowerCase(), key: Number(key) }));
}

/** It names two rows by one key. */
export function repeatsKey(sql: string): boolean {
  const [, , one, other] = INSERT.exec(sql) ?? [];
  return one !== undefined && one === other;
}

const SAVEPOINT = /^(SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK (?:WORK )?TO(?: SAVEPOINT)?) `?(\w+)`?$/i;

/** What is done to a place within a transaction. */
export interface SavepointWords {
  readonly does: 'set' | 'release' | 'return';
  readonly name: string;
}

const DOES = { SAVEPOINT: 'set', RELEASE: 'release', ROLLBACK: 'return' } as const;

export function savepointOf(sql: string): SavepointWords | null {
  const match = SAVEPOINT.exec(sql);
  if (match === null) return null;
  const [, words, name] = match;
  return { does: DOES[words!.toUpperCase().split(' ')[0] as keyof typeof DOES], name: name!.toLowerCase() };
}

const UNQUALIFIED = /^(?:SELECT .* FROM|UPDATE|INSERT INTO) account\b/i;

/** It finds its table by the session's database. */
export function needsDatabase(sql: string): boolean {
  return UNQUALIFIED.test(sql);
}

/** A change of what a session keeps. */
export type Setting = { readonly name: string; readonly value: string };

const SET = /^SET (?:@@(?:session\.)?|SESSION )?(@?\w+)\s*:?=\s*(\d+)$/i;
/** What is longer is long by its data: to look through it costs more than it tells. */
const LONGEST_READ = 1000;
/** They change what a probe shows, in whichever way they say it. */
const KEPT =
  /\bSET\b.*\b(autocommit|last_insert_id|identity|group_concat_max_len)\b|\b(last_insert_id)\s*\(\s*[^)\s]/is;
const ASSIGN = /^SELECT 'm\d+', (@\w+) := (\d+)$/i;
const INSERT_ID = /^SELECT 'm\d+', LAST_INSERT_ID\((\d+)\)$/i;
/** What LAST_INSERT_ID() gives, as a probe names it. */
export const LAST_INSERT_ID = 'last_insert_id()';
const AUTOCOMMIT = 'autocommit';

export function settingOf(sql: string): Setting | null {
  const id = INSERT_ID.exec(sql);
  if (id !== null) return { name: LAST_INSERT_ID, value: id[1]! };
  const match = SET.exec(sql) ?? ASSIGN.exec(sql);
  return match === null ? null : { name: probedAs(match[1]!), value: match[2]! };
}

/** A variable as a probe names it. */
function probedAs(variable: string): string {
  const name = variable.toLowerCase();
  return name === 'last_insert_id' || name === 'identity' ? LAST_INSERT_ID : name;
}

/** The name of what a statement changes in a way that is not understood; null: none. */
export function changedIn(sql: string): string | null {
  if (sql.length > LONGEST_READ || settingOf(sql) !== null) return null;
  const match = KEPT.exec(sql);
  const variable = match?.[1] ?? match?.[2];
  return variable === undefined ? null : probedAs(variable);
}

/** What it sets autocommit to; null: it does not. */
export function autocommitIn(sql: string): boolean | null {
  const setting = settingOf(sql);
  return setting?.name === AUTOCOMMIT ? setting.value === '1' : null;
}

const LIST = /^SELECT (.*?) FROM (?:bank\.)?\w+$/i;
const PREPARE = /^PREPARE p FROM '(.*)'$/i;

/** The columns that a probe asks for; null if it is none. */
export function probeOf(sql: string): readonly string[] | null {
  const match = LIST.exec(sql);
  if (match === null) return null;
  const columns = match[1]!.toLowerCase().split(', ');
  return columns.some((it) => it.startsWith('@') || it === LAST_INSERT_ID) ? columns : null;
}

/** The statement behind `PREPARE p FROM`. */
export function preparedOf(sql: string): string | null {
  const match = PREPARE.exec(sql);
  return match === null ? null : match[1]!.replaceAll("''", "'");
}
