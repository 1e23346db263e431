/**
 * What a statement was answered, in a form in which two servers compare: read from packets, whoever sent them.
 */
import { STATUS } from '../../../proxy/wire/constants.ts';
import { readEof, readErr, readOk } from '../../../proxy/wire/ok.ts';
import { type Column, readColumn, readRow } from '../../../proxy/wire/result-set.ts';

export type Outcome =
  | {
      readonly kind: 'ok';
      readonly affectedRows: number;
      readonly lastInsertId: number;
      readonly warnings: number;
      readonly flags: Flags;
    }
  | {
      readonly kind: 'rows';
      readonly columns: readonly Column[];
      readonly rows: readonly Row[];
      readonly warnings: number;
      readonly flags: Flags;
    }
  | { readonly kind: 'error'; readonly code: number; readonly sqlState: string; readonly message: string };

export interface Row {
  readonly cells: readonly (string | null)[];
  /** The bytes of each cell, in hexadecimal digits; null where they are those of `cells` (the text protocol). */
  readonly bytes: readonly string[] | null;
}

/** What is asked of the status flags. */
export interface Flags {
  readonly inTransaction: boolean;
  readonly autocommit: boolean;
}

/** How a row is read: a text row, or a binary one. */
export type RowReader = (payload: Buffer, columns: readonly Column[]) => Row;

function flagsOf(status: number): Flags {
  return {
    inTransaction: (status & STATUS.IN_TRANS) !== 0,
    autocommit: (status & STATUS.AUTOCOMMIT) !== 0,
  };
}

const EOF_LENGTH = 9;

export function isEof(payload: Buffer): boolean {
  return payload[0] === 0xfe && payload.length < EOF_LENGTH;
}

function textRow(payload: Buffer, columns: readonly Column[]): Row {
  return { cells: readRow(payload, columns.length), bytes: null };
}

/** The outcome that these payloads are; null while some are missing. */
export function readOutcome(payloads: readonly Buffer[], readOne: RowReader = textRow): Outcome | null {
  const first = payloads[0];
  if (first === undefined) return null;
  if (first[0] === 0xff) return errorOutcome(first);
  if (first[0] === 0) {
    const { affectedRows, lastInsertId, warnings, status } = readOk(first, false);
    return { kind: 'ok', affectedRows, lastInsertId: Number(lastInsertId), warnings, flags: flagsOf(status) };
  }
  const last = payloads.at(-1)!;
  const count = first[0]!;
  const behind = payloads.slice(count + 2);
  if (behind.length === 0) return null;
  if (last[0] === 0xff) return errorOutcome(last);
  if (!isEof(last)) return null;
  const { status, warnings } = readEof(last);
  const columns = payloads.slice(1, count + 1).map((it) => readColumn(it));
  const rows = behind.slice(0, -1).map((it) => readOne(it, columns));
  return { kind: 'rows', columns, rows, warnings, flags: flagsOf(status) };
}

export function errorOutcome(payload: Buffer): Outcome {
  const { code, sqlState, message } = readErr(payload);
  return { kind: 'error', code, sqlState, message };
}
