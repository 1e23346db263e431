/**
 * What a statement does to data and to its session, as far as the judges follow it: the words of `vocabulary.ts`, read back.
 *
 * What is not understood has no effect here: a page may say anything else beside.
 */

/** A change of committed data that can be found again. */
export type Effect =
  | { readonly kind: 'pay'; readonly account: number; readonly amount: number }
  | { readonly kind: 'insert'; readonly table: string; readonly key: number };

const PAY = /^UPDATE bank\.account SET balance = balance ([-+]) (\d+) WHERE id = (\d+)$/i;
const INSERT = /^INSERT INTO bank\.(\w+) VALUES \((\d+), [^()]*\)$/i;

export function effectOf(sql: string): Effect | null {
  const pay = PAY.exec(sql);
  if (pay !== null) {
    return { kind: 'pay', account: Number(pay[3]), amount: Number(pay[2]) * (pay[1] === '-' ? -1 : 1) };
  }
  const insert = INSERT.exec(sql);
  return insert === null ? null : { kind: 'insert', table: insert[1]!.toLowerCase(), key: Number(insert[2]) };
}

/** A change of what a session keeps. */
export type Setting = { readonly name: string; readonly value: string };

const SET = /^SET (@?\w+) = (\d+)$/i;
const ASSIGN = /^SELECT 'm\d+', (@\w+) := (\d+)$/i;

export function settingOf(sql: string): Setting | null {
  const match = SET.exec(sql) ?? ASSIGN.exec(sql);
  return match === null ? null : { name: match[1]!.toLowerCase(), value: match[2]! };
}

const LIST = /^SELECT (.*?) FROM bank\.\w+$/i;
const PREPARE = /^PREPARE p FROM '(.*)'$/i;

/** The columns that a probe asks for; null if it is none. */
export function probeOf(sql: string): readonly string[] | null {
  const match = LIST.exec(sql);
  return match === null || !match[1]!.includes('@') ? null : match[1]!.toLowerCase().split(', ');
}

/** The statement behind `PREPARE p FROM`. */
export function preparedOf(sql: string): string | null {
  const match = PREPARE.exec(sql);
  return match === null ? null : match[1]!.replaceAll("''", "'");
}
