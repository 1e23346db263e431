/**
 * Rows in the binary protocol: a zero byte, a bitmap of the NULLs, then the values one after the other.
 *
 * The columns say how each value is written (`binary-value.ts`). Column count, definitions and EOFs are those of the
 * text protocol (`result-set.ts`).
 */
import { readBinaryValue, writeBinaryValue } from './binary-value.ts';
import { ByteReader, WireError } from './bytes.ts';
import { COLUMN } from './constants.ts';
import type { PacketWriter } from './framing.ts';
import type { Cell, Column } from './result-set.ts';

/** A row's bitmap begins with this many unused bits. */
const OFFSET = 2;

type Shape = Pick<Column, 'type' | 'flags'>;

/** `cells` as in the text protocol. */
export function writeBinaryRow(out: PacketWriter, columns: readonly Shape[], cells: readonly Cell[]): void {
  out.begin();
  out.u8(0);
  const bitmap = Buffer.alloc((columns.length + OFFSET + 7) >> 3);
  for (let i = 0; i < columns.length; i += 1) {
    if ((cells[i] ?? null) === null) bitmap[(i + OFFSET) >> 3]! |= 1 << ((i + OFFSET) & 7);
  }
  out.bytes(bitmap);
  for (let i = 0; i < columns.length; i += 1) {
    const cell = cells[i] ?? null;
    if (cell !== null) writeBinaryValue(out, columns[i]!.type, cell);
  }
  out.end();
}

/** The row's cells as the text protocol would have them; BLOBs as bytes. */
export function readBinaryRow(payload: Buffer, columns: readonly Shape[]): Cell[] {
  const from = new ByteReader(payload);
  if (from.u8('row') !== 0) throw new WireError('a binary row that does not begin with 0');
  const bitmap = from.bytes((columns.length + OFFSET + 7) >> 3, 'bitmap of NULLs');
  const cells: Cell[] = [];
  for (const [i, { type, flags }] of columns.entries()) {
    if ((bitmap[(i + OFFSET) >> 3]! & (1 << ((i + OFFSET) & 7))) !== 0) {
      cells.push(null);
      continue;
    }
    const value = readBinaryValue(from, type, (flags & COLUMN.UNSIGNED) !== 0);
    cells.push(Buffer.isBuffer(value) ? value : String(value).replace('e+', 'e'));
  }
  if (from.left > 0) throw new WireError(`a row with ${from.left} bytes too many`);
  return cells;
}
