/** Text result sets: column definitions and rows, made and read back. */
import { describe, expect, test } from 'vitest';
import { WireError } from '../../proxy/wire/bytes.ts';
import { CHARSET, COLUMN, TYPE } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { column, readColumn, readRow, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';
import { cut, cutName, waysToCut } from './cuts.ts';

/** CONNECTION_ID() as an observer shows it: LONG, UNSIGNED. */
const ID = column('CONNECTION_ID()', TYPE.LONG, { flags: COLUMN.UNSIGNED, charset: CHARSET.BINARY, length: 10 });

describe('column', () => {
  test('in bytes', () => {
    const out = new PacketWriter(2);
    writeColumn(out, { ...ID, name: 'i', orgName: '' });
    expect(out.view().toString('hex')).toBe(
      [
        '17000002',
        '03646566',
        '00',
        '00',
        '00',
        '0169',
        '00',
        '0c',
        '3f00',
        '0a000000',
        '03',
        '2000',
        '00',
        '0000',
      ].join(''),
    );
  });

  test('is read back', () => {
    const full = {
      schema: 'shop',
      table: 'a',
      orgTable: 'account',
      name: 'Betrag in €',
      orgName: 'amount',
      charset: 45,
      length: 4_294_967_295,
      type: TYPE.NEWDECIMAL,
      flags: 0x8001,
      decimals: 31,
    };
    for (const it of [ID, full]) {
      const out = new PacketWriter(2);
      writeColumn(out, it);
      expect(readColumn(out.view().subarray(HEADER_SIZE))).toEqual(it);
    }
  });

  test('cut short, or with a short fixed part, it is malformed', () => {
    const out = new PacketWriter(2);
    writeColumn(out, ID);
    const payload = Buffer.from(out.view().subarray(HEADER_SIZE));
    for (let size = 0; size < payload.length - 2; size += 1) {
      expect(() => readColumn(payload.subarray(0, size)), `${size} bytes`).toThrow(WireError);
    }
    payload[payload.length - 13] = 0x0b;
    expect(() => readColumn(payload)).toThrow(new WireError('a column definition with a short fixed part'));
  });
});

describe('row', () => {
  test('in bytes', () => {
    const out = new PacketWriter(4);
    writeRow(out, ['1', '', null, 'ü', Buffer.of(0, 255)]);
    expect(out.view().toString('hex')).toBe('0a000004' + '0131' + '00' + 'fb' + '02c3bc' + '0200ff');
    expect(readRow(out.view().subarray(HEADER_SIZE), 5)).toEqual(['1', '', null, 'ü', '\0�']);
  });

  test.each([250, 251, 65_535, 65_536])('a cell of %d bytes', (size) => {
    const out = new PacketWriter(4);
    writeRow(out, ['x'.repeat(size), null]);
    expect(readRow(out.view().subarray(HEADER_SIZE), 2)).toEqual(['x'.repeat(size), null]);
  });

  test('too few or too many cells are malformed', () => {
    const payload = Buffer.from('01310132', 'hex');
    expect(readRow(payload, 2)).toEqual(['1', '2']);
    expect(() => readRow(payload, 1)).toThrow(new WireError('a row with 2 bytes too many'));
    expect(() => readRow(payload, 3)).toThrow(WireError);
    expect(() => readRow(Buffer.from('0531', 'hex'), 1)).toThrow(WireError);
  });
});

test('a result set is read packet by packet, whatever the cuts', () => {
  const out = new PacketWriter(1);
  writeColumnCount(out, 2);
  writeColumn(out, ID);
  writeColumn(out, column('name', TYPE.VAR_STRING));
  writeRow(out, ['1', 'x'.repeat(300)]);
  writeRow(out, [null, '']);
  const stream = out.view();
  for (const cuts of waysToCut(stream)) {
    const reader = new PacketReader();
    const payloads: Buffer[] = [];
    for (const piece of cut(stream, cuts)) {
      reader.push(piece);
      for (let it = reader.next(); it !== null; it = reader.next()) payloads.push(it.payload);
    }
    expect(payloads.length, cutName(cuts)).toBe(5);
    expect(payloads[0], cutName(cuts)).toEqual(Buffer.of(2));
    expect(readColumn(payloads[1]!), cutName(cuts)).toEqual(ID);
    expect(readColumn(payloads[2]!).name, cutName(cuts)).toBe('name');
    expect(readRow(payloads[3]!, 2), cutName(cuts)).toEqual(['1', 'x'.repeat(300)]);
    expect(readRow(payloads[4]!, 2), cutName(cuts)).toEqual([null, '']);
  }
});
