/**
 * What the command-line client prints below a statement, as lines without an end: boxes, counts, errors.
 *
 * No times (they are dropped from expectations as well). One line is one line: control characters are made visible.
 */
import { COM, STATUS } from '../../proxy/wire/constants.ts';
import type { Result } from './answer.ts';
import { type Dialect, type ShownError, serverError } from './dialects.ts';
import { drawTable, drawVertically } from './table.ts';
import { printable } from './width.ts';

/** How rows are drawn: the box, the form of `\G`, or the box without its rows (the statement was interrupted, clients.md §7). */
export type RowForm = 'table' | 'vertical' | 'frame';

export function errorLine(error: ShownError): string {
  return `ERROR ${error.code} (${error.sqlState}): ${printable(error.message)}`;
}

/** The results of one command, one after the other. */
export function printResults(results: readonly Result[], dialect: Dialect, form: RowForm): string[] {
  const lines: string[] = [];
  for (const result of results) {
    switch (result.kind) {
      case 'error':
        lines.push(errorLine(serverError(dialect, result.error)));
        break;
      case 'text':
        lines.push(printable(result.text));
        break;
      case 'prepared':
        lines.push(`Statement ${result.id} prepared, ${count(result.parameters, 'parameter')}`);
        break;
      case 'ok':
        lines.push(`Query OK, ${count(result.ok.affectedRows, 'row')} affected${warnings(result.ok.warnings)}`);
        if (result.ok.message !== '') lines.push(printable(result.ok.message));
        break;
      case 'rows': {
        const { columns, rows } = result;
        if (rows.length === 0) {
          lines.push(`Empty set${warnings(result.warnings)}`);
          break;
        }
        if (form === 'vertical') lines.push(...drawVertically(columns, rows));
        else lines.push(...drawTable(columns, form === 'frame' ? [] : rows));
        lines.push(`${count(rows.length, 'row')} in set${warnings(result.warnings)}`);
        break;
      }
    }
  }
  return lines;
}

/** What a command that is no statement prints when it succeeds. */
export const SUCCESS: Readonly<Record<number, string>> = { [COM.INIT_DB]: 'Database changed', [COM.PING]: 'OK' };

/** What the client prints when it has reconnected, or connected again; `database` null is none. */
export function connectedLines(id: number, database: string | null): string[] {
  return [connectionIdLine(id), `Current database: ${printable(database ?? '*** NONE ***')}`, ''];
}

/** `Status flags: 0x0003 IN_TRANS, AUTOCOMMIT`. */
export function flagsLine(status: number): string {
  const names = Object.entries(STATUS).filter(([, bit]) => (status & bit) !== 0);
  const hex = status.toString(16).padStart(4, '0');
  return `Status flags: 0x${hex} ${names.map(([name]) => name).join(', ')}`.trimEnd();
}

/** Four blanks behind the colon, as the command line prints it. */
export function connectionIdLine(id: number): string {
  return `Connection id:    ${id}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function warnings(n: number): string {
  return n === 0 ? '' : `, ${count(n, 'warning')}`;
}
