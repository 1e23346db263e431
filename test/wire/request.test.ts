/** Requests: whole ones, and long ones that are handed out by their first part and then streamed, whatever the cuts. */
import { describe, expect, test } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD, PacketWriter } from '../../proxy/wire/framing.ts';
import { EXECUTE_LIMIT, HEAD_LIMIT, type Request, RequestReader, WHOLE_LIMIT } from '../../proxy/wire/request.ts';
import { cut, cutName, waysToCut } from './cuts.ts';
import { KILL_QUERY, SELCT_QUERY } from './fixtures.ts';

function query(size: number, command: number = COM.QUERY): Buffer {
  const payload = Buffer.alloc(size, 'x');
  payload[0] = command;
  const out = new PacketWriter(0);
  out.packet(payload);
  return out.view();
}

/** All requests of the pieces: what was handed out first, and the request's bytes all together. */
function readAll(pieces: readonly Buffer[]): { first: Request; bytes: Buffer[] }[] {
  const reader = new RequestReader();
  const found: { first: Request; bytes: Buffer[] }[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (;;) {
      if (reader.streaming) reader.stream(found.at(-1)!.bytes);
      if (reader.streaming) break;
      const first = reader.next();
      if (first === null) break;
      found.push({ first, bytes: [first.packet] });
    }
  }
  expect(reader.pending).toBe(0);
  expect(reader.streaming).toBe(false);
  return found;
}

function check(requests: readonly Buffer[]): void {
  const stream = Buffer.concat(requests);
  for (const cuts of waysToCut(stream)) {
    const found = readAll(cut(stream, cuts));
    expect(found.length, cutName(cuts)).toBe(requests.length);
    for (const [i, { first, bytes }] of found.entries()) {
      const request = requests[i]!;
      expect(Buffer.concat(bytes).equals(request), cutName(cuts)).toBe(true);
      const isExecute = request[HEADER_SIZE] === COM.STMT_EXECUTE;
      const whole = request.length <= HEADER_SIZE + (isExecute ? EXECUTE_LIMIT : WHOLE_LIMIT);
      expect(first.whole, cutName(cuts)).toBe(whole);
      expect(first.payload.length, cutName(cuts)).toBe(
        whole ? request.length - HEADER_SIZE : isExecute ? EXECUTE_LIMIT : HEAD_LIMIT,
      );
      expect(first.payload[0], cutName(cuts)).toBe(request[HEADER_SIZE]);
      expect(first.sequence, cutName(cuts)).toBe(0);
    }
  }
}

test.each([WHOLE_LIMIT + 1, EXECUTE_LIMIT, EXECUTE_LIMIT + 1, 200_000])(
  'an EXECUTE of %d bytes is handed out with all that comes before its values',
  (size) => check([SELCT_QUERY, query(size, COM.STMT_EXECUTE), KILL_QUERY]),
);

test('requests one behind the other', () => {
  check([SELCT_QUERY, KILL_QUERY, query(1), SELCT_QUERY]);
});

test.each([WHOLE_LIMIT - 1, WHOLE_LIMIT, WHOLE_LIMIT + 1, 40_000])(
  'a request of %d bytes between two others',
  (size) => {
    check([SELCT_QUERY, query(size), KILL_QUERY]);
  },
);

describe('16 MiB', () => {
  test.each([MAX_PACKET_PAYLOAD, MAX_PACKET_PAYLOAD + 1, 2 * MAX_PACKET_PAYLOAD + 3])(
    'a request of %d bytes, in chunks',
    (size) => {
      const request = query(size);
      const stream = Buffer.concat([request, SELCT_QUERY]);
      const cuts: number[] = [];
      for (let at = 65_537; at < stream.length; at += 65_537) cuts.push(at);
      const found = readAll(cut(stream, cuts));
      expect(found.map(({ first }) => first.whole)).toEqual([false, true]);
      expect(Buffer.concat(found[0]!.bytes).equals(request)).toBe(true);
      expect(found[1]!.first.packet).toEqual(SELCT_QUERY);
    },
  );
});

test('a request that lies in one chunk is a view of it', () => {
  const chunk = Buffer.concat([SELCT_QUERY, KILL_QUERY]);
  const reader = new RequestReader();
  reader.push(chunk);
  reader.next();
  const second = reader.next()!;
  expect(second.packet.buffer).toBe(chunk.buffer);
  expect(second.packet.byteOffset).toBe(chunk.byteOffset + SELCT_QUERY.length);
  expect(second.payload.toString('latin1', 1)).toBe('KILL PROXYSESSION 56932');
});

test('clear drops what has arrived, in the middle of a stream too', () => {
  const reader = new RequestReader();
  reader.push(query(40_000).subarray(0, 20_000));
  expect(reader.next()?.whole).toBe(false);
  reader.clear();
  expect([reader.pending, reader.streaming]).toEqual([0, false]);
  reader.push(SELCT_QUERY);
  expect(reader.next()?.packet).toEqual(SELCT_QUERY);
});

describe('a file, up to its empty packet, between two requests', () => {
  function packets(...sizes: number[]): Buffer {
    const parts: Buffer[] = [];
    for (const [i, size] of sizes.entries()) {
      const header = Buffer.alloc(HEADER_SIZE);
      header.writeUIntLE(size, 0, 3);
      header[3] = (i + 2) & 0xff;
      parts.push(header, Buffer.alloc(size, 0x61 + i));
    }
    return Buffer.concat(parts);
  }

  /** The request, the file, the next request; the file is expected when the first has been handed out. */
  function read(pieces: readonly Buffer[], label: string): Buffer {
    const reader = new RequestReader();
    const file: Buffer[] = [];
    const requests: string[] = [];
    for (const piece of pieces) {
      reader.push(piece);
      for (;;) {
        if (reader.streaming) reader.stream(file);
        if (reader.streaming) break;
        const next = reader.next();
        if (next === null) break;
        requests.push(next.payload.toString('latin1', 1));
        if (requests.length === 1) reader.expectFile();
      }
    }
    expect(requests, label).toEqual(['selct 1', 'KILL PROXYSESSION 56932']);
    expect([reader.pending, reader.streaming], label).toEqual([0, false]);
    return Buffer.concat(file);
  }

  test.each([[[0]], [[1, 0]], [[300, 20, 5, 0]], [[5000, 10_000, 0]]])('of packets of %j bytes', (sizes) => {
    const file = packets(...sizes);
    const stream = Buffer.concat([SELCT_QUERY, file, KILL_QUERY]);
    for (const cuts of waysToCut(stream)) {
      expect(read(cut(stream, cuts), cutName(cuts)).equals(file), cutName(cuts)).toBe(true);
    }
  });

  test('an empty packet that ends one of 16 MiB is not the end of the file', () => {
    const file = packets(MAX_PACKET_PAYLOAD, 0, 3, MAX_PACKET_PAYLOAD, 1, 0);
    const stream = Buffer.concat([SELCT_QUERY, file, KILL_QUERY]);
    const cuts: number[] = [];
    for (let at = 65_537; at < stream.length; at += 65_537) cuts.push(at);
    expect(read(cut(stream, cuts), 'in chunks').equals(file)).toBe(true);
  });

  test('packets that arrive together are one view', () => {
    const reader = new RequestReader();
    reader.expectFile();
    const chunk = packets(10, 20, 30);
    reader.push(chunk);
    const out: Buffer[] = [];
    reader.stream(out);
    expect(out).toHaveLength(1);
    expect(out[0]).toBe(chunk);
  });
});

test('what lies behind a request in two chunks is not copied', () => {
  const reader = new RequestReader();
  const stream = Buffer.concat([SELCT_QUERY, KILL_QUERY]);
  const rest = stream.subarray(6);
  reader.push(stream.subarray(0, 6));
  reader.push(rest);
  expect(reader.next()!.packet).toEqual(SELCT_QUERY);
  expect(reader.next()!.packet.buffer).toBe(rest.buffer);
});
