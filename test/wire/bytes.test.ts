/** Integers and texts of one payload: what `ByteWriter` makes, and that `ByteReader` reads it back and never past the end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, WireError } from '../../proxy/wire/bytes.ts';

/** Each width of a length-encoded integer at its borders. */
const LENENC: readonly (readonly [value: number, hex: string])[] = [
  [0, '00'],
  [1, '01'],
  [250, 'fa'],
  [251, 'fcfb00'],
  [252, 'fcfc00'],
  [255, 'fcff00'],
  [256, 'fc0001'],
  [65_535, 'fcffff'],
  [65_536, 'fd000001'],
  [2 ** 24 - 1, 'fdffffff'],
  [2 ** 24, 'fe0000000100000000'],
  [2 ** 32 - 1, 'feffffffff00000000'],
  [2 ** 32, 'fe0000000001000000'],
  [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f00'],
];

test.each(LENENC)('the length-encoded integer %d is %s', (value, hex) => {
  const out = new ByteWriter(1);
  out.lenenc(value);
  expect(out.view().toString('hex')).toBe(hex);
  const from = new ByteReader(out.view());
  expect(from.lenenc()).toBe(value);
  expect(from.left).toBe(0);
  const again = new ByteReader(out.view());
  expect(again.lenencInteger()).toBe(value);
  expect(again.left).toBe(0);
});

test('a length-encoded integer may be wider than it need be', () => {
  for (const hex of ['05', 'fc0500', 'fd050000', 'fe0500000000000000']) {
    const from = new ByteReader(Buffer.from(hex, 'hex'));
    expect(from.lenenc()).toBe(5);
    expect(from.left).toBe(0);
  }
});

test('an id of 64 bits is exact', () => {
  for (const [value, hex] of [
    [2n ** 53n, 'fe0000000000002000'],
    [2n ** 64n - 1n, 'feffffffffffffffff'],
    [7n, '07'],
    [300n, 'fc2c01'],
  ] as const) {
    const out = new ByteWriter();
    out.lenencInteger(value);
    expect(out.view().toString('hex')).toBe(hex);
    expect(BigInt(new ByteReader(out.view()).lenencInteger())).toBe(value);
  }
});

test('0xfb is the NULL of a row, and no length', () => {
  expect(new ByteReader(Buffer.of(0xfb)).lenencOrNull()).toBeNull();
  expect(() => new ByteReader(Buffer.of(0xfb)).lenenc('name')).toThrow(new WireError('name: NULL is no length'));
});

test('0xff and a length above 2^53 are no lengths', () => {
  expect(() => new ByteReader(Buffer.of(0xff)).lenenc()).toThrow(WireError);
  expect(() => new ByteReader(Buffer.from('fe0000000000002000', 'hex')).lenenc()).toThrow(WireError);
});

test('integers are little-endian', () => {
  const out = new ByteWriter(1);
  out.u8(0x01);
  out.u16(0x0302);
  out.u24(0x060504);
  out.u32(0xfa090807);
  out.u64(0xffeeddccbbaa9988n);
  expect(out.view().toString('hex')).toBe('0102030405060708' + '09fa8899aabbccddeeff');
  const from = new ByteReader(out.view());
  expect([from.u8(), from.u16(), from.u24(), from.u32(), from.u64()]).toEqual([
    0x01,
    0x0302,
    0x060504,
    0xfa090807,
    0xffeeddccbbaa9988n,
  ]);
  expect(from.left).toBe(0);
});

test('texts: NUL-terminated, length-encoded, up to the end', () => {
  const out = new ByteWriter(1);
  out.nulText('Zürich');
  out.lenencText('数据库');
  out.text('rest');
  const from = new ByteReader(out.view());
  expect(from.nulText()).toBe('Zürich');
  expect(from.lenencText()).toBe('数据库');
  expect(from.rest().toString()).toBe('rest');
});

test('a missing NUL is an error, unless the end may stand for it', () => {
  expect(() => new ByteReader(Buffer.from('abc')).nulText('user name')).toThrow(
    new WireError('user name: no NUL at its end'),
  );
  expect(new ByteReader(Buffer.from('abc')).nulText('user name', true)).toBe('abc');
});

test('texts and bytes are views of the payload', () => {
  const payload = Buffer.from('\x03abcd');
  const from = new ByteReader(payload);
  const view = from.lenencBytes();
  expect(view.buffer).toBe(payload.buffer);
  expect(view.byteOffset).toBe(payload.byteOffset + 1);
  expect(from.rest().byteOffset).toBe(payload.byteOffset + 4);
});

test('a reader never reads past its end, whatever it is asked', () => {
  const asks = ['u8', 'u16', 'u24', 'u32', 'u64', 'lenenc', 'lenencInteger', 'lenencBytes', 'nulBytes'] as const;
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 12 }),
      fc.array(fc.constantFrom(...asks), { size: 'max', maxLength: 6 }),
      (bytes, order) => {
        // The payload lies within a larger buffer, as a packet lies within its chunk.
        const whole = Buffer.concat([Buffer.alloc(4, 1), bytes, Buffer.alloc(20, 2)]);
        const from = new ByteReader(whole.subarray(4, 4 + bytes.length));
        try {
          for (const ask of order) {
            const value = from[ask]();
            if (Buffer.isBuffer(value)) expect(value.includes(2) && !bytes.includes(2)).toBe(false);
            expect(from.left).toBeGreaterThanOrEqual(0);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      },
    ),
  );
});

test('a writer grows, and gives a view from where it is asked', () => {
  const out = new ByteWriter(2);
  for (let i = 0; i < 1000; i += 1) out.u8(i & 0xff);
  expect(out.length).toBe(1000);
  expect(out.view(998)).toEqual(Buffer.of(998 & 0xff, 999 & 0xff));
  out.patch(0, Buffer.of(9));
  expect(out.view()[0]).toBe(9);
});
