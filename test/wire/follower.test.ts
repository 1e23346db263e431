/**
 * Where the responses of a MySQL or MariaDB server end: a table of them in both forms, each cut in every way. The follower
 * must be done at the last byte and not before, whatever stands behind it.
 */
import { describe, expect, test } from 'vitest';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { type FollowerTerms, ResponseFollower } from '../../proxy/wire/follower.ts';
import { MAX_PACKET_PAYLOAD, PacketWriter } from '../../proxy/wire/framing.ts';
import { PLAIN_OK, writeEof, writeErr, writeOk } from '../../proxy/wire/ok.ts';
import { writePrepareOk } from '../../proxy/wire/prepared.ts';
import { column, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';
import { cut, cutName, waysToCut } from './cuts.ts';

const AUTOCOMMIT: number = STATUS.AUTOCOMMIT;
const MORE: number = STATUS.MORE_RESULTS;

/** A response under construction, on given terms. */
class Answer {
  readonly out = new PacketWriter(1);
  readonly #terms: FollowerTerms;

  constructor(terms: FollowerTerms) {
    this.#terms = terms;
  }

  ok(status = AUTOCOMMIT, affectedRows = 0, lastInsertId: number | bigint = 0): this {
    writeOk(this.out, { ...PLAIN_OK, status, affectedRows, lastInsertId, message: 'Rows matched: 1' }, false);
    return this;
  }

  err(code = 1064, message = 'no'): this {
    writeErr(this.out, { code, sqlState: '42000', message });
    return this;
  }

  raw(...bytes: number[]): this {
    this.out.packet(Buffer.from(bytes));
    return this;
  }

  count(count: number, follow = true): this {
    this.out.begin();
    this.out.lenenc(count);
    if (this.#terms.cacheMetadata) this.out.u8(follow ? 1 : 0);
    this.out.end();
    return this;
  }

  definitions(count: number): this {
    for (let i = 0; i < count; i += 1) writeColumn(this.out, column(`c${i}`, TYPE.VAR_STRING));
    return this;
  }

  /** The EOF behind definitions. */
  middle(status = AUTOCOMMIT): this {
    if (!this.#terms.deprecateEof) writeEof(this.out, status);
    return this;
  }

  columns(count: number, status = AUTOCOMMIT): this {
    return this.count(count).definitions(count).middle(status);
  }

  rows(...cells: (string | null)[]): this {
    for (const cell of cells) writeRow(this.out, [cell]);
    return this;
  }

  /** What ends rows. */
  end(status = AUTOCOMMIT): this {
    if (this.#terms.deprecateEof) this.raw(0xfe, 0, 0, status & 0xff, status >> 8, 0, 0);
    else writeEof(this.out, status);
    return this;
  }

  prepared(columns: number, parameters: number): this {
    writePrepareOk(this.out, { id: 7, columns, parameters, warnings: 0 });
    if (parameters > 0) this.definitions(parameters).middle();
    if (columns > 0) this.definitions(columns).middle();
    return this;
  }
}

interface Case {
  readonly name: string;
  readonly command?: number;
  readonly make: (answer: Answer, terms: FollowerTerms) => unknown;
  readonly status?: number;
  readonly errorCode?: number;
}

const CASES: readonly Case[] = [
  { name: 'OK', make: (it) => it.ok() },
  { name: 'OK in a transaction', make: (it) => it.ok(3), status: 3 },
  { name: 'OK with long numbers', make: (it) => it.ok(3, 70_000, 2n ** 63n + 1n), status: 3 },
  { name: 'OK with numbers of each length', make: (it) => it.ok(3, 2 ** 40, 300), status: 3 },
  { name: 'ERR', make: (it) => it.err(), status: 0, errorCode: 1064 },
  { name: 'a result', make: (it) => it.columns(2).rows('a', null, '').end() },
  { name: 'a result without rows', make: (it) => it.columns(1).end() },
  { name: 'a result in a transaction', make: (it) => it.columns(1).rows('x').end(3), status: 3 },
  { name: 'a result of 300 columns', make: (it) => it.columns(300).rows('x').end() },
  { name: 'a row that starts like an EOF, and one that does not', make: (it) => it.columns(1).rows('a', '\xfe').end() },
  { name: 'rows cut short by an ERR', make: (it) => it.columns(1, 0).rows('a').err(1317), status: 0, errorCode: 1317 },
  {
    name: 'several results',
    make: (it) =>
      it
        .columns(1)
        .rows('a')
        .end(AUTOCOMMIT | MORE)
        .ok(AUTOCOMMIT | MORE)
        .columns(1)
        .end(),
  },
  {
    name: 'a result, then an ERR',
    make: (it) => it.columns(1).rows('a').end(MORE).err(),
    status: MORE,
    errorCode: 1064,
  },
  {
    name: 'progress before an OK and among rows',
    make: (it) => it.raw(0xff, 0xff, 0xff, 1, 1, 2).ok(),
  },
  { name: 'a file, then OK', make: (it) => it.raw(0xfb, 0x61).ok() },
  {
    name: 'a file, then a result of the statement behind',
    make: (it) =>
      it
        .raw(0xfb, 0x61)
        .ok(AUTOCOMMIT | MORE)
        .columns(1)
        .end(),
  },
  { name: 'EOF as the whole answer', command: COM.DEBUG, make: (it) => writeEof(it.out, AUTOCOMMIT) },
  { name: 'SET_OPTION', command: COM.SET_OPTION, make: (it) => it.end() },
  { name: 'STATISTICS', command: COM.STATISTICS, make: (it) => it.raw(0x01, 0x02, 0x03), status: 0 },
  { name: 'FIELD_LIST', command: COM.FIELD_LIST, make: (it) => it.definitions(3).end() },
  { name: 'FIELD_LIST refused', command: COM.FIELD_LIST, make: (it) => it.err(1146), status: 0, errorCode: 1146 },
  { name: 'PREPARE of nothing', command: COM.STMT_PREPARE, make: (it) => it.prepared(0, 0), status: 0 },
  { name: 'PREPARE with parameters', command: COM.STMT_PREPARE, make: (it) => it.prepared(0, 2), status: 0 },
  { name: 'PREPARE with columns', command: COM.STMT_PREPARE, make: (it) => it.prepared(2, 0), status: 0 },
  { name: 'PREPARE with both', command: COM.STMT_PREPARE, make: (it) => it.prepared(2, 1), status: 0 },
  { name: 'PREPARE refused', command: COM.STMT_PREPARE, make: (it) => it.err(), status: 0, errorCode: 1064 },
  { name: 'EXECUTE with rows', command: COM.STMT_EXECUTE, make: (it) => it.columns(1).raw(0, 0, 1, 0x78).end() },
  {
    name: 'EXECUTE that opens a cursor',
    command: COM.STMT_EXECUTE,
    make: (it, terms) => {
      it.count(1).definitions(1);
      if (terms.deprecateEof) it.end(AUTOCOMMIT | STATUS.CURSOR_EXISTS);
      else it.middle(AUTOCOMMIT | STATUS.CURSOR_EXISTS);
    },
    status: AUTOCOMMIT | STATUS.CURSOR_EXISTS,
  },
  { name: 'FETCH', command: COM.STMT_FETCH, make: (it) => it.raw(0, 0, 1, 0x78).end() },
  { name: 'a command that nobody knows', command: 0x77, make: (it) => it.err(1047), status: 0, errorCode: 1047 },
  { name: 'a binary log until its end', command: COM.BINLOG_DUMP, make: (it) => it.raw(0, 1, 2, 3).raw(0, 9).end() },
];

const BOTH: readonly FollowerTerms[] = [
  { deprecateEof: false, cacheMetadata: false },
  { deprecateEof: true, cacheMetadata: false },
  { deprecateEof: false, cacheMetadata: true },
  { deprecateEof: true, cacheMetadata: true },
];

function termsName({ deprecateEof, cacheMetadata }: FollowerTerms): string {
  return `${deprecateEof ? 'DEPRECATE_EOF' : 'EOFs'}${cacheMetadata ? ', cached metadata' : ''}`;
}

/** What nobody asked for: it must not change what is known of the answer before it. */
const BEHIND = (() => {
  const out = new PacketWriter(0);
  writeErr(out, { code: 1927, sqlState: '70100', message: 'Connection was killed' });
  return out.view();
})();

for (const terms of BOTH) {
  describe(termsName(terms), () => {
    for (const { name, command = COM.QUERY, make, status = AUTOCOMMIT, errorCode = 0 } of CASES) {
      test(name, () => {
        const answer = new Answer(terms);
        make(answer, terms);
        const stream = answer.out.view();
        for (const cuts of waysToCut(stream)) {
          const follower = new ResponseFollower(terms);
          follower.expect(command);
          let seen = 0;
          for (const piece of cut(stream, cuts)) {
            expect(follower.done, `${cutName(cuts)}, after ${seen} of ${stream.length} bytes`).toBe(false);
            follower.follow(piece);
            seen += piece.length;
          }
          expect(
            { done: follower.done, status: follower.status, errorCode: follower.errorCode },
            cutName(cuts),
          ).toEqual({ done: true, status, errorCode });
          for (const piece of cut(BEHIND, [3])) follower.follow(piece);
          expect({ status: follower.status, errorCode: follower.errorCode }).toEqual({ status, errorCode });
          // The next answer is told from what came between.
          follower.expect(command);
          follower.follow(stream);
          expect(follower.done, `${cutName(cuts)}, again`).toBe(true);
        }
      });
    }
  });
}

test('definitions that MariaDB leaves out, as the client has them', () => {
  for (const deprecateEof of [false, true]) {
    const terms = { deprecateEof, cacheMetadata: true };
    const stream = new Answer(terms).count(3, false).middle().rows('a', 'b').end(3).out.view();
    for (const cuts of waysToCut(stream)) {
      const follower = new ResponseFollower(terms);
      follower.expect(COM.STMT_EXECUTE);
      for (const piece of cut(stream, cuts)) {
        expect(follower.done).toBe(false);
        follower.follow(piece);
      }
      expect([follower.done, follower.status]).toEqual([true, 3]);
    }
  }
});

test('a file is asked for once', () => {
  const follower = new ResponseFollower({ deprecateEof: true, cacheMetadata: false });
  follower.expect(COM.QUERY);
  follower.follow(Buffer.of(2, 0, 0, 1, 0xfb, 0x61));
  expect([follower.fileWanted, follower.done]).toEqual([true, false]);
});

test('rows of 16 MiB and more, whose continuations look like anything', () => {
  for (const deprecateEof of [false, true]) {
    const answer = new Answer({ deprecateEof, cacheMetadata: false }).columns(1);
    // The first continuation starts like the end of the rows, the second row has the greatest length exactly.
    const cell = Buffer.alloc(MAX_PACKET_PAYLOAD + 20, 0xfe);
    writeRow(answer.out, [cell]);
    writeRow(answer.out, [Buffer.alloc(MAX_PACKET_PAYLOAD - 4, 0xff)]);
    const stream = answer.end(3).out.view();
    for (const size of [64 * 1024, 1_000_003]) {
      const follower = new ResponseFollower({ deprecateEof, cacheMetadata: false });
      follower.expect(COM.QUERY);
      for (let at = 0; at < stream.length; at += size) {
        expect(follower.done).toBe(false);
        follower.follow(stream.subarray(at, at + size));
      }
      expect([follower.done, follower.status]).toEqual([true, 3]);
    }
  }
});

test('commands without an answer are done at once', () => {
  for (const command of [COM.QUIT, COM.STMT_CLOSE, COM.STMT_SEND_LONG_DATA]) {
    const follower = new ResponseFollower({ deprecateEof: false, cacheMetadata: false });
    follower.expect(command);
    expect(follower.done).toBe(true);
  }
});

test('a column count is written as this table writes it', () => {
  const out = new PacketWriter(1);
  writeColumnCount(out, 2);
  expect(new Answer({ deprecateEof: false, cacheMetadata: false }).count(2).out.view()).toEqual(out.view());
});
