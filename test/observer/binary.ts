/**
 * The binary protocol for a `TestClient`: prepare, execute, and what came back.
 */

import { readBinaryRow } from '../../proxy/wire/binary-row.ts';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { readErr } from '../../proxy/wire/ok.ts';
import { executePayload, readPrepareOk } from '../../proxy/wire/prepared.ts';
import { type Cell, type Column, readColumn } from '../../proxy/wire/result-set.ts';
import type { TestClient } from './pair.ts';

export interface PrepareAnswer {
  /** `ok`, or `ERR 1064 42000 text`. */
  readonly kind: string;
  readonly id: number;
  readonly parameters: number;
  readonly columns: readonly string[];
  /** The first byte of each packet. */
  readonly marks: readonly number[];
}

export function prepare(client: TestClient, sql: string | Buffer): PrepareAnswer {
  client.send(COM.STMT_PREPARE, sql);
  const packets = client.takeBytes().map((it) => it.subarray(4));
  const marks = packets.map((it) => it[0]!);
  const first = packets[0]!;
  if (first[0] === 0xff) return { kind: errText(first), id: 0, parameters: 0, columns: [], marks };
  const { id, parameters, columns } = readPrepareOk(first);
  const at = 1 + (parameters > 0 ? parameters + 1 : 0);
  const names = packets.slice(at, at + columns).map((it) => readColumn(it).name);
  return { kind: 'ok', id, parameters, columns: names, marks };
}

function errText(payload: Buffer): string {
  const { code, sqlState, message } = readErr(payload);
  return `ERR ${code} ${sqlState} ${message}`;
}

export interface ExecuteAnswer {
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of the EOF behind the columns, and of the one behind the rows. */
  readonly statuses: readonly number[];
  /** Packets behind the ERR or the last EOF. */
  readonly rest: readonly Buffer[];
}

/** Texts as VAR_STRING, or of the types given. */
export function execute(
  client: TestClient,
  id: number,
  values: readonly (string | Buffer | null | undefined)[] = [],
  types: readonly number[] = values.map(() => TYPE.VAR_STRING),
  flags = 0,
): ExecuteAnswer {
  client.send(COM.STMT_EXECUTE, executePayload(id, flags, types, values).subarray(1));
  return takeBinary(client);
}

export function takeBinary(client: TestClient): ExecuteAnswer {
  const packets = client.takeBytes().map((it) => it.subarray(4));
  const none = { columns: [], rows: [], statuses: [], rest: packets.slice(1) };
  const first = packets[0];
  if (first === undefined) return { kind: 'nothing', ...none };
  if (first[0] === 0) return { kind: 'ok', ...none };
  if (first[0] === 0xff) return { kind: errText(first), ...none };
  const count = first[0]!;
  const columns = packets.slice(1, 1 + count).map((it) => readColumn(it));
  const behind = packets.slice(1 + count);
  const status = behind[0]!.readUInt16LE(3);
  // With a cursor the columns are all there is.
  if ((status & STATUS.CURSOR_EXISTS) !== 0) {
    return { kind: 'rows', columns, rows: [], statuses: [status], rest: behind.slice(1) };
  }
  return rowsOf(columns, behind.slice(1), [status]);
}

/** Reads rows up to their EOF. */
export function rowsOf(columns: readonly Column[], packets: readonly Buffer[], statuses: number[]): ExecuteAnswer {
  const rows: Cell[][] = [];
  let at = 0;
  while (at < packets.length && packets[at]![0] === 0) {
    rows.push(readBinaryRow(packets[at]!, columns));
    at += 1;
  }
  const end = packets[at];
  if (end?.[0] === 0xfe) {
    statuses.push(end.readUInt16LE(3));
    at += 1;
  }
  return { kind: 'rows', columns, rows, statuses, rest: packets.slice(at) };
}
