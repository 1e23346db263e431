/** Packets: headers, sequence ids, payloads of 16 MiB and more, limits; and that no cut of the stream makes a difference. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../../proxy/wire/bytes.ts';
import {
  HEADER_SIZE,
  MAX_PACKET_PAYLOAD,
  PacketReader,
  PacketTooLarge,
  PacketWriter,
} from '../../proxy/wire/framing.ts';
import { cut, cutName, waysToCut } from './cuts.ts';
import { CLIENT_LOGIN, GREETING, SELCT_ERR, SELCT_EXTRA_OK } from './fixtures.ts';

/** A payload whose bytes tell where they belong. */
function patterned(size: number): Buffer {
  const payload = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 64) payload.writeUInt32LE(at, at);
  return payload;
}

function readAll(reader: PacketReader): { sequence: number; payload: Buffer }[] {
  const found: { sequence: number; payload: Buffer }[] = [];
  for (let packet = reader.next(); packet !== null; packet = reader.next()) found.push(packet);
  return found;
}

test('a packet is a header of four bytes and its payload', () => {
  const out = new PacketWriter(7, 1);
  out.packet(Buffer.from('abc'));
  out.begin();
  out.end();
  expect(out.view().toString('hex')).toBe('03000007' + '616263' + '00000008');
  expect(out.sequence).toBe(9);
});

test('sequence ids wrap behind 255', () => {
  const out = new PacketWriter(254);
  for (const text of ['a', 'b', 'c']) out.packet(Buffer.from(text));
  const reader = new PacketReader();
  reader.push(out.view());
  expect(readAll(reader).map((packet) => packet.sequence)).toEqual([254, 255, 0]);
  expect(new PacketWriter(256).sequence).toBe(0);
});

test('a payload is a view of the chunk it came in', () => {
  const chunk = Buffer.from(GREETING);
  const reader = new PacketReader();
  reader.push(chunk);
  const payload = reader.next()!.payload;
  expect(payload.buffer).toBe(chunk.buffer);
  expect(payload.byteOffset).toBe(chunk.byteOffset + HEADER_SIZE);
  expect(reader.pending).toBe(0);
});

describe('whatever the cuts', () => {
  const stream = Buffer.concat([GREETING, Buffer.of(0, 0, 0, 9), CLIENT_LOGIN, SELCT_ERR, SELCT_EXTRA_OK]);
  const whole = new PacketReader();
  whole.push(stream);
  const expected = readAll(whole);

  test('the packets are those that were written', () => {
    expect(expected.map((packet) => packet.sequence)).toEqual([0, 9, 1, 1, 2]);
    const out = new PacketWriter(0);
    for (const packet of expected) out.packet(packet.payload);
    expect(out.length).toBe(stream.length);
  });

  test('the same packets come out, as early as they can', () => {
    for (const cuts of waysToCut(stream)) {
      const reader = new PacketReader();
      const found: { sequence: number; payload: Buffer }[] = [];
      for (const piece of cut(stream, cuts)) {
        reader.push(piece);
        found.push(...readAll(reader));
      }
      expect(found, cutName(cuts)).toEqual(expected);
      expect(reader.pending, cutName(cuts)).toBe(0);
    }
  });

  test('drain gives back what was not handed out', () => {
    for (const cuts of waysToCut(stream)) {
      const reader = new PacketReader();
      for (const piece of cut(stream, cuts)) reader.push(piece);
      reader.next();
      expect(reader.drain().equals(stream.subarray(GREETING.length)), cutName(cuts)).toBe(true);
      expect(reader.pending).toBe(0);
      expect(reader.drain().length).toBe(0);
    }
  });
});

describe('payloads of 16 MiB', () => {
  const sizes: readonly (readonly [size: number, packets: readonly number[]])[] = [
    [0xff_fffe, [0xff_fffe]],
    [0xff_ffff, [0xff_ffff, 0]],
    [0x100_0000, [0xff_ffff, 1]],
    [2 * 0xff_ffff, [0xff_ffff, 0xff_ffff, 0]],
    [2 * 0xff_ffff + 5, [0xff_ffff, 0xff_ffff, 5]],
  ];

  test.each(sizes)('%d bytes go out as packets of %j', (size, packets) => {
    const payload = patterned(size);
    const out = new PacketWriter(254);
    out.packet(Buffer.from('before'));
    out.packet(payload);
    out.packet(Buffer.from('behind'));
    const stream = out.view();

    let at = HEADER_SIZE + 6;
    let done = 0;
    for (const [index, length] of packets.entries()) {
      expect(stream.readUIntLE(at, 3)).toBe(length);
      expect(stream[at + 3]).toBe((255 + index) & 0xff);
      const bytes = stream.subarray(at + HEADER_SIZE, at + HEADER_SIZE + length);
      expect(bytes.equals(payload.subarray(done, done + length))).toBe(true);
      done += length;
      at += HEADER_SIZE + length;
    }
    expect(done).toBe(size);
    const behind = Buffer.concat([Buffer.of(6, 0, 0, (255 + packets.length) & 0xff), Buffer.from('behind')]);
    expect(stream.subarray(at).equals(behind)).toBe(true);

    const reader = new PacketReader();
    reader.push(stream);
    const found = readAll(reader);
    expect(found.map((packet) => packet.sequence)).toEqual([
      254,
      (254 + packets.length) & 0xff,
      (255 + packets.length) & 0xff,
    ]);
    expect(found[1]!.payload.equals(payload)).toBe(true);
  });

  test('whatever the cuts', () => {
    const payload = patterned(MAX_PACKET_PAYLOAD + 3);
    const out = new PacketWriter(0, 0x100_0100);
    out.packet(payload);
    const stream = out.view();
    // Each way costs two copies of 16 MiB, so only the cuts at the borders.
    const ways = waysToCut(stream).filter(
      (cuts) => cuts.length === 0 || cuts[0]! < 20 || Math.abs(cuts[0]! - MAX_PACKET_PAYLOAD - 4) < 9,
    );
    expect(ways.length).toBeGreaterThan(20);
    for (const cuts of ways) {
      const reader = new PacketReader();
      for (const piece of cut(stream, cuts)) {
        expect(reader.next(), cutName(cuts)).toBeNull();
        reader.push(piece);
      }
      expect(reader.next()?.payload.equals(payload), cutName(cuts)).toBe(true);
    }
  });

  test('many chunks', () => {
    const payload = patterned(2 * MAX_PACKET_PAYLOAD);
    const out = new PacketWriter(0);
    out.packet(payload);
    const reader = new PacketReader();
    for (let at = 0; at < out.length; at += 65_536) reader.push(out.view().subarray(at, at + 65_536));
    const packet = reader.next()!;
    expect(packet.sequence).toBe(2);
    expect(packet.payload.equals(payload)).toBe(true);
  });
});

describe('limits', () => {
  test('a payload of just the limit is taken', () => {
    const reader = new PacketReader(5);
    reader.push(Buffer.from('\x05\0\0\x00abcde'));
    expect(reader.next()!.payload.toString()).toBe('abcde');
  });

  test('a longer one is an error as soon as its header is there', () => {
    const reader = new PacketReader(5);
    reader.push(Buffer.of(6, 0, 0));
    expect(reader.next()).toBeNull();
    reader.push(Buffer.of(0));
    expect(() => reader.next()).toThrow(new PacketTooLarge('a packet of 6 bytes, where 5 are the most'));
  });

  test('continuations count together', () => {
    const reader = new PacketReader(MAX_PACKET_PAYLOAD + 2);
    reader.push(Buffer.of(0xff, 0xff, 0xff, 0));
    reader.push(Buffer.alloc(MAX_PACKET_PAYLOAD));
    expect(reader.next()).toBeNull();
    reader.push(Buffer.of(3, 0, 0, 1));
    expect(() => reader.next()).toThrow(WireError);
  });
});

test('any payloads, written and cut anyhow, are read back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { size: 'max', maxLength: 8 }),
      fc.array(fc.nat({ max: 400 }), { size: 'max', maxLength: 12 }),
      fc.integer({ min: 0, max: 255 }),
      (payloads, places, sequence) => {
        const out = new PacketWriter(sequence, 1);
        for (const payload of payloads) out.packet(payload);
        const cuts = [...new Set(places)].filter((at) => at > 0 && at < out.length).sort((a, b) => a - b);
        const reader = new PacketReader();
        const found: { sequence: number; payload: Buffer }[] = [];
        for (const piece of cut(out.view(), cuts)) {
          reader.push(piece);
          found.push(...readAll(reader));
        }
        const expected = payloads.map((payload, i) => ({
          sequence: (sequence + i) & 0xff,
          payload: Buffer.from(payload),
        }));
        expect(found).toEqual(expected);
      },
    ),
  );
});
