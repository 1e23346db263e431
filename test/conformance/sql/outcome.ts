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
      readonly rows: readonly (readonly (string | null)[])[];
      readonly warnings: number;
      readonly flags: Flags;
    }
  | { readonly kind: 'error'; readonly code: number; readonly sqlState: string; readonly message: string };

/** What is asked of the status flags. */
export interface Flags {
  readonly inTransaction: boolean;
  readonly autocommit: boolean;
}

function flagsOf(status: number): Flags {
  return {
    inTransaction: (status & STATUS.IN_TRANS) !== 0,
    autocommit: (status & STATUS.AUTOCOMMIT) !== 0,
  };
}

const EOF_LENGTH = 9;

function isEof(payload: Buffer): boolean {
  return payload[0] === 0xfe && payload.length < EOF_LENGTH;
}

/** The outcome that these payloads are; null while some are missing. */
export function readOutcome(payloads: readonly Buffer[]): Outcome | null {
  const first = payloads[0];
  if (first === undefined) return null;
  if (first[0] === 0xff) return errorOutcome(first);
  if (first[0] === 0) {
    const { affectedRows, lastInsertId, warnings, status } = readOk(first, false);
    return { kind: 'ok', affectedRows, lastInsertId: Number(lastInsertId), warnings, flags: flagsOf(status) };
  }
  const count = first[0]!;
  const rows: (string | null)[][] = [];
  for (let at = count + 2; at < payloads.length; at += 1) {
    const payload = payloads[at]!;
    if (payload[0] === 0xff) return errorOutcome(payload);
    if (isEof(payload)) {
      const { status, warnings } = readEof(payload);
      const columns = payloads.slice(1, count + 1).map((it) => readColumn(it));
      return { kind: 'rows', columns, rows, warnings, flags: flagsOf(status) };
    }
    rows.push(readRow(payload, count));
  }
  return null;
}

function errorOutcome(payload: Buffer): Outcome {
  const { code, sqlState, message } = readErr(payload);
  return { kind: 'error', code, sqlState, message };
}
