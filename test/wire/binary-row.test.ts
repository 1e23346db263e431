/** Rows of the binary protocol: made and read back, type by type, and cut short. */
import { describe, expect, test } from 'vitest';
import { readBinaryRow, writeBinaryRow } from '../../proxy/wire/binary-row.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { COLUMN, TYPE } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import type { Cell } from '../../proxy/wire/result-set.ts';
import { cut, cutName, waysToCut } from './cuts.ts';

interface Shape {
  readonly type: number;
  readonly flags: number;
}

function of(type: number, flags = 0): Shape {
  return { type, flags };
}

function written(columns: readonly Shape[], cells: readonly Cell[]): Buffer {
  const out = new PacketWriter(7);
  writeBinaryRow(out, columns, cells);
  return Buffer.from(out.view());
}

function payloadOf(columns: readonly Shape[], cells: readonly Cell[]): Buffer {
  return written(columns, cells).subarray(HEADER_SIZE);
}

/** The bytes of one value, behind the mark and the bitmap. */
const VALUES: readonly (readonly [name: string, shape: Shape, text: string, hex: string])[] = [
  ['TINY', of(TYPE.TINY), '-2', 'fe'],
  ['TINY UNSIGNED', of(TYPE.TINY, COLUMN.UNSIGNED), '254', 'fe'],
  ['SHORT', of(TYPE.SHORT), '-32768', '0080'],
  ['YEAR', of(TYPE.YEAR), '2023', 'e707'],
  ['INT24', of(TYPE.INT24), '-1', 'ffffffff'],
  ['LONG', of(TYPE.LONG), '-2147483648', '00000080'],
  ['LONG UNSIGNED', of(TYPE.LONG, COLUMN.UNSIGNED), '3221487617', '010004c0'],
  ['LONGLONG', of(TYPE.LONGLONG), '-9223372036854775808', '0000000000000080'],
  ['LONGLONG UNSIGNED', of(TYPE.LONGLONG, COLUMN.UNSIGNED), '18446744073709551615', 'ffffffffffffffff'],
  ['FLOAT', of(TYPE.FLOAT), '1.5', '0000c03f'],
  ['DOUBLE', of(TYPE.DOUBLE), '-0.1', '9a9999999999b9bf'],
  ['NEWDECIMAL', of(TYPE.NEWDECIMAL), '-1.50', '052d312e3530'],
  ['VAR_STRING', of(TYPE.VAR_STRING), 'ü', '02c3bc'],
  ['STRING, empty', of(TYPE.STRING), '', '00'],
  ['DATE', of(TYPE.DATE), '2023-11-14', '04e7070b0e'],
  ['DATE, none', of(TYPE.DATE), '0000-00-00', '00'],
  ['DATETIME', of(TYPE.DATETIME), '2023-11-14 22:13:20', '07e7070b0e160d14'],
  ['DATETIME at midnight', of(TYPE.DATETIME), '2023-11-14 00:00:00', '04e7070b0e'],
  ['DATETIME with a fraction', of(TYPE.DATETIME), '2023-11-14 00:00:00.000001', '0be7070b0e00000001000000'],
  ['TIMESTAMP, none', of(TYPE.TIMESTAMP), '0000-00-00 00:00:00', '00'],
  ['TIME', of(TYPE.TIME), '-25:01:02', '080101000000010102'],
  ['TIME with a fraction', of(TYPE.TIME), '00:00:00.500000', '0c000000000000000020a10700'],
  ['TIME, none', of(TYPE.TIME), '00:00:00', '00'],
];

describe('a value', () => {
  test.each(VALUES)('%s', (_, shape, text, hex) => {
    const payload = payloadOf([shape], [text]);
    expect(payload.toString('hex')).toBe(`0000${hex}`);
    expect(readBinaryRow(payload, [shape])).toEqual([text]);
  });

  test('a BLOB is bytes', () => {
    const payload = payloadOf([of(TYPE.BLOB)], [Buffer.of(0, 255)]);
    expect(payload.toString('hex')).toBe('00000200ff');
    expect(readBinaryRow(payload, [of(TYPE.BLOB)])).toEqual([Buffer.of(0, 255)]);
  });

  test('a number that is not whole is cut for a whole type', () => {
    for (const [text, read] of [
      ['1.9', '1'],
      ['-1e3', '-1000'],
      ['x', '0'],
    ] as const) {
      expect(readBinaryRow(payloadOf([of(TYPE.LONG)], [text]), [of(TYPE.LONG)])).toEqual([read]);
    }
  });

  test('what is no date, or of no known type, is refused', () => {
    for (const [type, text] of [
      [TYPE.DATETIME, 'now'],
      [TYPE.TIME, 'now'],
      [0x7f, 'x'],
    ] as const) {
      expect(() => payloadOf([of(type)], [text])).toThrow(WireError);
    }
    expect(() => readBinaryRow(Buffer.from('000005e7070b0e00', 'hex'), [of(TYPE.DATE)])).toThrow('a date of 5 bytes');
  });
});

describe('a row', () => {
  test('has a bitmap that begins with two unused bits', () => {
    const columns = Array.from({ length: 8 }, () => of(TYPE.TINY));
    const payload = payloadOf(columns, ['1', null, '3', '4', '5', '6', null, null]);
    expect(payload.toString('hex')).toBe('00' + '0803' + '0103040506');
    expect(readBinaryRow(payload, columns)).toEqual(['1', null, '3', '4', '5', '6', null, null]);
  });

  const columns = VALUES.map(([, shape]) => shape);
  const cells = VALUES.map(([, , text]) => text);

  test('of all types is read back wherever the network cuts it', () => {
    const stream = Buffer.concat([
      written(columns, cells),
      written(
        columns,
        columns.map(() => null),
      ),
    ]);
    for (const cuts of waysToCut(stream)) {
      const reader = new PacketReader();
      for (const piece of cut(stream, cuts)) reader.push(piece);
      const rows = [reader.next(), reader.next()].map((it) => readBinaryRow(it!.payload, columns));
      expect(rows, cutName(cuts)).toEqual([cells, columns.map(() => null)]);
    }
  });

  test('cut short, too long, or with another first byte, is malformed', () => {
    const payload = payloadOf(columns, cells);
    for (let size = 0; size < payload.length; size += 1) {
      expect(() => readBinaryRow(payload.subarray(0, size), columns), `${size} bytes`).toThrow(WireError);
    }
    expect(() => readBinaryRow(Buffer.concat([payload, Buffer.of(0)]), columns)).toThrow('1 bytes too many');
    expect(() => readBinaryRow(Buffer.concat([Buffer.of(1), payload.subarray(1)]), columns)).toThrow(WireError);
  });
});
