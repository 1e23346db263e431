/**
 * Whatever arrives, a reader gives a value or a `WireError`, never anything else: no RangeError of a Buffer, no endless
 * loop. The bytes are random ones, and true messages with a few bytes spoiled.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../../proxy/wire/bytes.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader } from '../../proxy/wire/framing.ts';
import { readGreeting } from '../../proxy/wire/greeting.ts';
import { isSslRequest, readLogin } from '../../proxy/wire/login.ts';
import { readEof, readErr, readObserverOk, readOk } from '../../proxy/wire/ok.ts';
import { RequestReader } from '../../proxy/wire/request.ts';
import { ResponseReader } from '../../proxy/wire/response.ts';
import { readColumn, readRow } from '../../proxy/wire/result-set.ts';
import { readSessionState } from '../../proxy/wire/session-state.ts';
import {
  CLIENT_LOGIN,
  GREETING,
  KILL_ERR,
  MEASURED_LOGINS,
  OBSERVER_LOGIN,
  OBSERVER_LOGIN_OK,
  SELCT_ERR,
  SELCT_EXTRA_OK,
} from './fixtures.ts';

const TRUE_MESSAGES: readonly Buffer[] = [
  GREETING,
  CLIENT_LOGIN,
  OBSERVER_LOGIN,
  OBSERVER_LOGIN_OK,
  SELCT_ERR,
  SELCT_EXTRA_OK,
  KILL_ERR,
  ...MEASURED_LOGINS.map((it) => it.packet),
];

/** A true message with up to four bytes spoiled and its end cut off. */
const spoiled = fc
  .record({
    message: fc.constantFrom(...TRUE_MESSAGES),
    edits: fc.array(fc.tuple(fc.nat({ max: 500 }), fc.integer({ min: 0, max: 255 })), { size: 'max', maxLength: 4 }),
    missing: fc.nat({ max: 40 }),
  })
  .map(({ message, edits, missing }) => {
    const bytes = Buffer.from(message.subarray(0, message.length - Math.min(missing, message.length)));
    for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });

/** Bytes as lengths and marks of the protocol are: small ones and those above 0xfa, more often than others. */
const telling = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0xfa, max: 0xff }), fc.nat({ max: 255 }));
const random = fc.array(telling, { size: 'max', maxLength: 64 }).map((bytes) => Buffer.from(bytes));

const anyBytes = fc.oneof(random, spoiled);

function valueOrWireError(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
}

describe('a value or a WireError', () => {
  const readers: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
    readGreeting,
    readLogin,
    isSslRequest,
    readObserverOk,
    readEof,
    readErr,
    readColumn,
    readSessionState,
    'readOk tracked': (bytes) => readOk(bytes, true),
    'readOk not tracked': (bytes) => readOk(bytes, false),
    'readRow of 3': (bytes) => readRow(bytes, 3),
  };

  test.each(Object.keys(readers))('%s', (name) => {
    const read = readers[name]!;
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        valueOrWireError(() => read(bytes));
        if (bytes.length > HEADER_SIZE) valueOrWireError(() => read(bytes.subarray(HEADER_SIZE)));
      }),
      { numRuns: 400 },
    );
  });

  test('PacketReader', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { size: 'max', maxLength: 5 }), fc.nat({ max: 300 }), (chunks, limit) => {
        const reader = new PacketReader(limit);
        valueOrWireError(() => {
          for (const chunk of chunks) {
            reader.push(chunk);
            while (reader.next() !== null);
          }
          reader.drain();
        });
      }),
      { numRuns: 400 },
    );
  });

  test('RequestReader', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { size: 'max', maxLength: 5 }), (chunks) => {
        const reader = new RequestReader();
        valueOrWireError(() => {
          for (const chunk of chunks) {
            reader.push(chunk);
            if (reader.streaming) reader.stream([]);
            while (!reader.streaming && reader.next() !== null);
          }
        });
      }),
      { numRuns: 400 },
    );
  });

  test('ResponseReader', () => {
    const command = fc.constantFrom(COM.QUERY, COM.FIELD_LIST, COM.STATISTICS, COM.INIT_DB);
    const options = fc.record({ extraOk: fc.boolean(), statisticsOk: fc.boolean(), clientTracks: fc.boolean() });
    // Packets whose headers are true, so that the reader gets further than its first one.
    const framed = anyBytes.map((bytes) =>
      Buffer.concat([Buffer.of(bytes.length & 0xff, bytes.length >> 8, 0, 1), bytes]),
    );
    fc.assert(
      fc.property(
        command,
        options,
        fc.array(fc.oneof(anyBytes, framed, framed), { size: 'max', maxLength: 6 }),
        (byte, how, chunks) => {
          const reader = new ResponseReader(how);
          reader.expect(byte);
          valueOrWireError(() => {
            for (const chunk of chunks) {
              const used = reader.read(chunk, []);
              expect(used).toBeLessThanOrEqual(chunk.length);
              if (used < chunk.length) expect(reader.done).toBe(true);
            }
          });
        },
      ),
      { numRuns: 1000 },
    );
  });
});
