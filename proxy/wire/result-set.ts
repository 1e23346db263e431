/**
 * Text result sets: column count, column definitions, EOF, rows, EOF. Always with EOF packets (DEPRECATE_EOF is never
 * negotiated through ODP, odp-relay.md §3.7).
 *
 * For whoever makes or must read a result. The relay forwards rows unread (`response.ts`).
 */
import { ByteReader, WireError } from './bytes.ts';
import { CHARSET } from './constants.ts';
import type { PacketWriter } from './framing.ts';

export interface Column {
  readonly schema: string;
  readonly table: string;
  readonly orgTable: string;
  readonly name: string;
  readonly orgName: string;
  readonly charset: number;
  /** Longest value, in bytes. */
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly decimals: number;
}

/** A column of a computed value; what is not said is empty or 0. */
export function column(name: string, type: number, more: Partial<Column> = {}): Column {
  return {
    schema: '',
    table: '',
    orgTable: '',
    name,
    orgName: name,
    charset: CHARSET.UTF8MB4_GENERAL_CI,
    length: 0,
    type,
    flags: 0,
    decimals: 0,
    ...more,
  };
}

/** A cell in the text protocol: its text, its bytes, or NULL. */
export type Cell = string | Buffer | null;

export function writeColumnCount(out: PacketWriter, count: number): void {
  out.begin();
  out.lenenc(count);
  out.end();
}

export function writeColumn(out: PacketWriter, it: Column): void {
  out.begin();
  out.lenencText('def');
  out.lenencText(it.schema);
  out.lenencText(it.table);
  out.lenencText(it.orgTable);
  out.lenencText(it.name);
  out.lenencText(it.orgName);
  out.u8(0x0c);
  out.u16(it.charset);
  out.u32(it.length);
  out.u8(it.type);
  out.u16(it.flags);
  out.u8(it.decimals);
  out.zeros(2);
  out.end();
}

export function readColumn(payload: Buffer): Column {
  const from = new ByteReader(payload);
  from.lenencBytes('catalog');
  const schema = from.lenencText('schema');
  const table = from.lenencText('table');
  const orgTable = from.lenencText('org table');
  const name = from.lenencText('column');
  const orgName = from.lenencText('org column');
  if (from.lenenc('fixed part') < 0x0c) throw new WireError('a column definition with a short fixed part');
  const charset = from.u16('charset');
  const length = from.u32('column length');
  const type = from.u8('column type');
  const flags = from.u16('column flags');
  return { schema, table, orgTable, name, orgName, charset, length, type, flags, decimals: from.u8('decimals') };
}

export function writeRow(out: PacketWriter, cells: readonly Cell[]): void {
  out.begin();
  for (const cell of cells) {
    if (cell === null) out.u8(0xfb);
    else if (typeof cell === 'string') out.lenencText(cell);
    else out.lenencBytes(cell);
  }
  out.end();
}

export function readRow(payload: Buffer, columns: number): (string | null)[] {
  const from = new ByteReader(payload);
  const cells: (string | null)[] = [];
  for (let i = 0; i < columns; i += 1) {
    const size = from.lenencOrNull('cell');
    cells.push(size === null ? null : from.text(size, 'cell'));
  }
  if (from.left > 0) throw new WireError(`a row with ${from.left} bytes too many`);
  return cells;
}
