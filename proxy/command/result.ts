/**
 * Result sets as ODP makes them for its own commands (odp-sessions.md §2): classic EOF, status 0, charset 45 for every
 * column, no length, no flags, never UNSIGNED, decimals 255.
 */
import { errorAnswer } from '../session/answers.ts';
import { TYPE } from '../wire/constants.ts';
import { errorOf } from '../wire/errors.ts';
import { PacketWriter } from '../wire/framing.ts';
import { writeEof } from '../wire/ok.ts';
import { type Cell, column, writeColumn, writeColumnCount, writeRow } from '../wire/result-set.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'LONGLONG' | 'LONG';
}

/** `internal_cmd_mem_limited`: a longer result is replaced by ERR 4024; SHOW PROCESSLIST is exempt. */
export const RESULT_LIMIT = 16 * 1024 * 1024;
/** Scale −1, as ODP writes it. */
const DECIMALS = 0xff;

/** `sequence` is the request's. `limited` false: no cap on its size. */
export function resultSet(
  sequence: number,
  columns: readonly ResultColumn[],
  rows: readonly (readonly Cell[])[],
  limited = true,
): Buffer {
  const out = new PacketWriter(sequence + 1, 4096);
  writeColumnCount(out, columns.length);
  for (const { name, type } of columns) writeColumn(out, column(name, TYPE[type], { decimals: DECIMALS }));
  writeEof(out, 0);
  for (const row of rows) {
    writeRow(out, row);
    if (limited && out.length > RESULT_LIMIT) return errorAnswer(sequence, errorOf('BUFFER_NOT_ENOUGH'));
  }
  writeEof(out, 0);
  return out.view();
}

/** LIKE as ODP matches: case-sensitive, `%` and `_`, no escape character, and an empty pattern matches everything. */
export function matchesLike(text: string, pattern: string): boolean {
  if (pattern === '') return true;
  const letters = [...text];
  const wanted = [...pattern];
  let at = 0;
  let next = 0;
  // Where to go on if what follows the last `%` does not fit here: it takes one letter more. Earlier ones need no second look.
  let behindPercent = -1;
  let retryAt = 0;
  while (at < letters.length) {
    if (wanted[next] === '%') {
      next += 1;
      behindPercent = next;
      retryAt = at;
    } else if (wanted[next] === '_' || wanted[next] === letters[at]) {
      next += 1;
      at += 1;
    } else if (behindPercent >= 0) {
      retryAt += 1;
      at = retryAt;
      next = behindPercent;
    } else {
      return false;
    }
  }
  while (wanted[next] === '%') next += 1;
  return next === wanted.length;
}
