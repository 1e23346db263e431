/**
 * Where a response ends and what of it the client gets: a table of responses, each fed whole and cut in every way.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../../proxy/wire/bytes.ts';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { MAX_PACKET_PAYLOAD, type PacketWriter } from '../../proxy/wire/framing.ts';
import { PLAIN_OK, writeEof, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { type ResponseOptions, ResponseReader } from '../../proxy/wire/response.ts';
import { column, writeColumn, writeColumnCount } from '../../proxy/wire/result-set.ts';
import { writeSessionState } from '../../proxy/wire/session-state.ts';
import { cut, cutName, waysToCut } from './cuts.ts';
import { OBSERVER_LOGIN_OK, PLAIN_LOGIN_OK, SELCT_ERR, SELCT_EXTRA_OK, TRACKING_LOGIN_OK } from './fixtures.ts';
import { type Case, EXTRA_OK, eof, err, feed, OBSERVER, readerOf, Script } from './response-script.ts';

const NO_EXTRA: Partial<ResponseOptions> = { extraOk: false };

const STATE = writeSessionState({ system: [['autocommit', '0']], user: [['a', "'x'"]], database: 'shop' });
const MESSAGE = 'Rows matched: 1  Changed: 1  Warnings: 0';

function moreEof(out: PacketWriter): void {
  writeEof(out, 0x02 | STATUS.MORE_RESULTS);
}

/** A server asks for the file `a`. */
const LOCAL_INFILE = Buffer.of(2, 0, 0, 1, 0xfb, 0x61);

/** An OK between the results of a multi-statement: it passes untouched, blank and all. */
function moreOk(out: PacketWriter): void {
  writeObserverOk(out, { ...PLAIN_OK, affectedRows: 1, status: 0x22 | STATUS.MORE_RESULTS, message: MESSAGE });
}

const CASES: readonly Case[] = [
  {
    name: 'OK',
    script: new Script().whole((out) => writeObserverOk(out, { ...PLAIN_OK, affectedRows: 1, status: 0x22 })),
    finalOk: { ...PLAIN_OK, affectedRows: 1, status: 0x22 },
    status: 0x22,
  },
  {
    name: 'OK with a message, tracking client',
    script: new Script().ok({ ...EXTRA_OK, affectedRows: 1, message: MESSAGE }, true),
    finalOk: { ...EXTRA_OK, affectedRows: 1, message: MESSAGE },
    status: 0x22,
  },
  {
    name: 'OK with a message, other client',
    options: { clientTracks: false },
    script: new Script().ok({ ...EXTRA_OK, affectedRows: 1, message: MESSAGE }, false),
    finalOk: { ...EXTRA_OK, affectedRows: 1, message: MESSAGE },
    status: 0x22,
  },
  {
    name: 'OK with session state, tracking client',
    script: new Script().ok({ ...EXTRA_OK, message: MESSAGE, state: STATE }, true),
    finalOk: { ...PLAIN_OK, status: 0x4022, message: MESSAGE, state: STATE },
    status: 0x4022,
  },
  {
    name: 'OK with session state, other client',
    options: { clientTracks: false },
    script: new Script().ok({ ...EXTRA_OK, state: STATE }, false),
    finalOk: { ...PLAIN_OK, status: 0x4022, state: STATE },
    status: 0x4022,
  },
  {
    name: 'OK of 12 bytes passes untouched, whatever the client negotiated',
    options: { clientTracks: false },
    script: new Script().whole((out) => writeObserverOk(out, EXTRA_OK)),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'OK of 13 bytes is rewritten',
    options: { clientTracks: false },
    script: new Script().ok({ ...EXTRA_OK, state: Buffer.alloc(0) }, false),
    finalOk: { ...PLAIN_OK, status: 0x4022, state: Buffer.alloc(0) },
    status: 0x4022,
  },
  {
    name: 'OK with an insert id of 64 bits',
    script: new Script().ok({ ...EXTRA_OK, lastInsertId: 2n ** 63n + 1n, affectedRows: 70_000 }, true),
    finalOk: { ...EXTRA_OK, lastInsertId: 2n ** 63n + 1n, affectedRows: 70_000 },
    status: 0x22,
  },
  {
    name: "the login's OK of §9.4, tracking client",
    script: new Script().add({ fate: 'whole', server: OBSERVER_LOGIN_OK, client: TRACKING_LOGIN_OK }),
    finalOk: { ...PLAIN_OK, status: 0x4022, state: OBSERVER_LOGIN_OK.subarray(-229) },
    status: 0x4022,
  },
  {
    name: "the login's OK of §9.4, other client",
    options: { clientTracks: false },
    script: new Script().add({ fate: 'whole', server: OBSERVER_LOGIN_OK, client: PLAIN_LOGIN_OK }),
    finalOk: { ...PLAIN_OK, status: 0x4022, state: OBSERVER_LOGIN_OK.subarray(-229) },
    status: 0x4022,
  },
  {
    name: 'ERR + OK of §9.5',
    script: new Script()
      .add({ fate: 'waits', server: SELCT_ERR, client: SELCT_ERR })
      .add({ fate: 'dropped', server: SELCT_EXTRA_OK, client: Buffer.alloc(0) }),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1064,
  },
  {
    name: 'ERR + OK that carries state',
    script: new Script().waits(err).extra({ state: STATE }),
    finalOk: { ...PLAIN_OK, status: 0x4022, state: STATE },
    status: 0x4022,
    errorCode: 1317,
  },
  {
    name: 'ERR + OK to a COM_INIT_DB',
    command: COM.INIT_DB,
    script: new Script().waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'result set without rows',
    script: new Script().columns('Id').waits(eof).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'result set of one row',
    script: new Script().columns('Id', 'User').row('1', 'root').waits(eof).extra({ status: 0x23, state: STATE }),
    finalOk: { ...PLAIN_OK, status: 0x4023, state: STATE },
    status: 0x4023,
  },
  {
    name: 'result set of many rows, whose sequence ids wrap',
    script: manyRows(new Script(200).columns('n'), 120).waits(eof).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'rows that start as an OK, NULL or an EOF do',
    script: new Script()
      .columns('a', 'b')
      .row('', 'an empty string first: 0x00')
      .row('', '')
      .row(null, 'x')
      .row(null, null)
      .passes((out) => out.packet(Buffer.from('fe010000000000000031', 'hex')))
      .passes((out) => out.packet(Buffer.from('fe0000000000000000', 'hex')))
      .waits(eof)
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'a result set of one empty string',
    script: new Script().columns('').row('').waits(eof).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: '251 columns: the count is longer than a byte',
    script: new Script()
      .columns(...Array.from({ length: 251 }, (_, i) => `c${i}`))
      .row(...Array.from({ length: 251 }, () => null))
      .waits(eof)
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'ERR in the middle of the rows',
    script: new Script().columns('a').row('1').row('2').waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'ERR between the columns',
    script: new Script()
      .whole((out) => writeColumnCount(out, 2))
      .passes((out) => writeColumn(out, column('a', TYPE.LONG)))
      .waits(err)
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'multi-statement: OK, result set, OK',
    script: new Script()
      .whole(moreOk)
      .columns('a')
      .row('1')
      .whole(moreEof)
      .ok({ ...EXTRA_OK, affectedRows: 2, message: MESSAGE }, true),
    finalOk: { ...EXTRA_OK, affectedRows: 2, message: MESSAGE },
    status: 0x22,
  },
  {
    name: 'multi-statement: result set, OK, result set',
    script: new Script().columns('a').row('1').whole(moreEof).whole(moreOk).columns('b').row('2').waits(eof).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'multi-statement that ends with an ERR',
    script: new Script().whole(moreOk).columns('a').whole(moreEof).waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'FIELD_LIST',
    command: COM.FIELD_LIST,
    script: new Script()
      .passes((out) => writeColumn(out, column('a', TYPE.LONG)))
      .passes((out) => writeColumn(out, column('b', TYPE.LONG)))
      .waits(eof)
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'FIELD_LIST of a table without columns',
    command: COM.FIELD_LIST,
    script: new Script().waits(eof).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'FIELD_LIST, refused',
    command: COM.FIELD_LIST,
    script: new Script().waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'STATISTICS with extra OK',
    command: COM.STATISTICS,
    options: { statisticsOk: true },
    script: new Script().waits((out) => out.packet(Buffer.from('Uptime: 12  Threads: 3'))).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'STATISTICS without extra OK',
    command: COM.STATISTICS,
    script: new Script().whole((out) => out.packet(Buffer.from('Uptime: 12  Threads: 3'))),
    finalOk: null,
    status: 0,
  },
  {
    name: 'STATISTICS, refused',
    command: COM.STATISTICS,
    script: new Script().waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'SHUTDOWN: an EOF alone',
    command: COM.SHUTDOWN,
    script: new Script().whole(eof),
    finalOk: null,
    status: 0x02,
  },
  {
    name: 'SET_OPTION: an EOF alone, as MySQL servers answer it',
    command: COM.SET_OPTION,
    script: new Script().whole(eof),
    finalOk: null,
    status: 0x02,
  },
  {
    name: 'SET_OPTION refused: ERR + OK',
    command: COM.SET_OPTION,
    script: new Script().waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'CHANGE_USER: OK',
    command: COM.CHANGE_USER,
    script: new Script().ok({ ...EXTRA_OK, state: STATE }, true),
    finalOk: { ...PLAIN_OK, status: 0x4022, state: STATE },
    status: 0x4022,
  },
  {
    name: "a MySQL server's OK, untouched",
    options: NO_EXTRA,
    script: new Script().whole((out) => writeOk(out, { ...PLAIN_OK, status: 0x4002, state: STATE }, true)),
    finalOk: { ...PLAIN_OK, status: 0x4002, state: STATE },
    status: 0x4002,
  },
  {
    name: "a MySQL server's OK to a client that does not track, untouched",
    options: { extraOk: false, clientTracks: false },
    script: new Script().whole((out) => writeOk(out, { ...PLAIN_OK, status: 0x02, message: MESSAGE }, false)),
    finalOk: { ...PLAIN_OK, status: 0x02, message: MESSAGE },
    status: 0x02,
  },
  {
    name: "a MySQL server's ERR",
    options: NO_EXTRA,
    script: new Script().whole(err),
    finalOk: null,
    status: 0,
    errorCode: 1317,
  },
  {
    name: "a MySQL server's result set",
    options: NO_EXTRA,
    script: new Script()
      .columns('a')
      .row('1')
      .whole((out) => writeEof(out, 0x23)),
    finalOk: null,
    status: 0x23,
  },
  {
    name: "a MySQL server's multi-statement",
    options: NO_EXTRA,
    script: new Script()
      .whole((out) => writeOk(out, { ...PLAIN_OK, affectedRows: 1, status: STATUS.MORE_RESULTS }, true))
      .columns('a')
      .row('1')
      .whole(eof),
    finalOk: null,
    status: 0x02,
  },
  {
    name: "a MySQL server's FIELD_LIST",
    command: COM.FIELD_LIST,
    options: NO_EXTRA,
    script: new Script().passes((out) => writeColumn(out, column('a', TYPE.LONG))).whole(eof),
    finalOk: null,
    status: 0x02,
  },
];

function manyRows(script: Script, count: number): Script {
  for (let i = 0; i < count; i += 1) script.row(`${i}`);
  return script;
}

describe('whatever the cuts, the client gets its bytes, in time and not before', () => {
  test.each(CASES)('$name', (it) => {
    const stream = it.script.server;
    for (const cuts of waysToCut(stream)) feed(it, cut(stream, cuts), cutName(cuts));
  });
});

describe('bytes behind the response are not used', () => {
  test.each(CASES)('$name', (it) => {
    const stream = it.script.server;
    const more = Buffer.concat([stream, SELCT_ERR]);
    for (const cuts of waysToCut(more)) {
      const reader = readerOf(it);
      const out: Buffer[] = [];
      let used = 0;
      for (const piece of cut(more, cuts)) used += reader.read(piece, out);
      expect(used, cutName(cuts)).toBe(stream.length);
      expect(Buffer.concat(out).equals(it.script.client), cutName(cuts)).toBe(true);
    }
  });
});

test('responses one behind the other, and nothing in between', () => {
  const reader = new ResponseReader(OBSERVER);
  const unasked: Buffer[] = [];
  expect(reader.read(SELCT_ERR, unasked)).toBe(0);
  expect(unasked).toEqual([]);
  for (const it of CASES.filter((one) => one.options === undefined)) {
    reader.expect(it.command ?? COM.QUERY);
    const out: Buffer[] = [];
    expect(reader.read(it.script.server, out), it.name).toBe(it.script.server.length);
    expect(Buffer.concat(out).equals(it.script.client), it.name).toBe(true);
    expect(reader.errorCode, it.name).toBe(it.errorCode ?? 0);
    expect(reader.finalOk, it.name).toEqual(it.finalOk);
  }
});

describe('zero-copy', () => {
  /** The chunk lies within a larger buffer, as those of a socket may. */
  function chunkOf(bytes: Buffer): Buffer {
    const slab = Buffer.alloc(bytes.length + 100);
    bytes.copy(slab, 50);
    return slab.subarray(50, 50 + bytes.length);
  }

  function expectView(view: Buffer | undefined, chunk: Buffer, from: number, to: number): void {
    expect(view?.buffer).toBe(chunk.buffer);
    expect([view!.byteOffset - chunk.byteOffset, view!.length]).toEqual([from, to - from]);
  }

  const rows = manyRows(new Script().columns('a', 'b'), 50);

  test('a whole result set is one view, without the extra OK', () => {
    const script = manyRows(new Script().columns('a', 'b'), 50).waits(eof).extra({ state: STATE });
    const chunk = chunkOf(script.server);
    const out: Buffer[] = [];
    readerOf({}).read(chunk, out);
    expect(out.length).toBe(1);
    expectView(out[0], chunk, 0, script.client.length);
  });

  test('rows alone are one view, the whole chunk', () => {
    const reader = readerOf({});
    const chunk = chunkOf(rows.server);
    const out: Buffer[] = [];
    reader.read(chunk, out);
    expect(out.length).toBe(1);
    expectView(out[0], chunk, 0, chunk.length);
  });

  test('a chunk that starts and ends in the middle of a row is one view', () => {
    const script = new Script().columns('a').row('x'.repeat(1000)).row('y'.repeat(1000)).row('z'.repeat(1000));
    const stream = script.server;
    const reader = readerOf({});
    const first = chunkOf(stream.subarray(0, 300));
    const second = chunkOf(stream.subarray(300, 2300));
    const out: Buffer[] = [];
    reader.read(first, out);
    reader.read(second, out);
    expect(out.length).toBe(2);
    expectView(out[0], first, 0, 300);
    expectView(out[1], second, 0, 2000);
  });

  test('of a row whose header is cut, only what came before the cut is copied', () => {
    const script = new Script().columns('a').row('x'.repeat(1000));
    const stream = script.server;
    const rowAt = stream.length - script.parts.at(-1)!.server.length;
    const reader = readerOf({});
    const out: Buffer[] = [];
    reader.read(stream.subarray(0, rowAt + 2), out);
    out.length = 0;
    const chunk = chunkOf(stream.subarray(rowAt + 2));
    reader.read(chunk, out);
    expect(out.map((view) => view.length)).toEqual([5, 1000 + 3 + 4 - 5]);
    expectView(out[1], chunk, 3, chunk.length);
  });

  test('ERR + OK: one view of the ERR', () => {
    const chunk = chunkOf(Buffer.concat([SELCT_ERR, SELCT_EXTRA_OK]));
    const out: Buffer[] = [];
    readerOf({}).read(chunk, out);
    expect(out.length).toBe(1);
    expectView(out[0], chunk, 0, SELCT_ERR.length);
  });

  test('an OK that passes is a view', () => {
    const chunk = chunkOf(CASES[0]!.script.server);
    const out: Buffer[] = [];
    readerOf({}).read(chunk, out);
    expect(out.length).toBe(1);
    expectView(out[0], chunk, 0, chunk.length);
  });

  test('a multi-statement that ends with a rewritten OK: one view, and the OK', () => {
    const script = new Script()
      .whole(moreOk)
      .columns('a')
      .row('1')
      .whole(moreEof)
      .ok({ ...EXTRA_OK, state: STATE }, true);
    const chunk = chunkOf(script.server);
    const out: Buffer[] = [];
    readerOf({}).read(chunk, out);
    expect(out.length).toBe(2);
    expectView(out[0], chunk, 0, script.server.length - script.parts.at(-1)!.server.length);
    expect(out[1]).toEqual(script.parts.at(-1)!.client);
  });

  test('the EOF in one chunk, the extra OK in the next: the rows go at once as a view, the EOF later as a copy', () => {
    const script = manyRows(new Script().columns('a'), 5).waits(eof).extra();
    const client = script.client;
    const reader = readerOf({});
    const chunk = chunkOf(client);
    const out: Buffer[] = [];
    reader.read(chunk, out);
    expect(out.length).toBe(1);
    expectView(out[0], chunk, 0, client.length - 9);
    chunk.fill(0xee);
    out.length = 0;
    reader.read(script.server.subarray(client.length), out);
    expect(out).toEqual([client.subarray(-9)]);
  });
});

describe('16 MiB', () => {
  /** A row whose first byte says NULL (as good as any) and whose other bytes, those of its continuation too, look like ERRs. */
  function rowOf(size: number): Buffer {
    const payload = Buffer.alloc(size, 0xff);
    payload[0] = 0xfb;
    return payload;
  }

  test.each([
    [MAX_PACKET_PAYLOAD - 1, 'is one packet'],
    [MAX_PACKET_PAYLOAD, 'is continued by an empty packet'],
    [MAX_PACKET_PAYLOAD + 1, 'is continued by one byte'],
    [MAX_PACKET_PAYLOAD + 5, 'is continued by five bytes'],
  ])('a row of %d bytes %s', (size) => {
    const row = rowOf(size);
    const script = new Script(255)
      .columns('a')
      .row('1')
      .passes((out) => out.packet(row))
      .row('2')
      .waits(eof)
      .extra();
    const stream = script.server;
    const expected = script.client;
    for (const cuts of waysToCut(stream)) {
      const reader = readerOf({});
      const out: Buffer[] = [];
      for (const piece of cut(stream, cuts)) reader.read(piece, out);
      expect(reader.done, cutName(cuts)).toBe(true);
      let at = 0;
      for (const view of out) {
        // What is a view of the right place need not be compared.
        const same = view.buffer === stream.buffer && view.byteOffset === stream.byteOffset + at;
        if (!same) expect(view.equals(expected.subarray(at, at + view.length)), cutName(cuts)).toBe(true);
        at += view.length;
      }
      expect(at, cutName(cuts)).toBe(expected.length);
    }
  });

  test('an OK with megabytes of state is read in time that grows with its length only', () => {
    const state = writeSessionState({ system: [], user: [['a', `'${'x'.repeat(8_000_000)}'`]], database: null });
    const script = new Script().ok({ ...EXTRA_OK, state }, true);
    const stream = script.server;
    const reader = readerOf({});
    const out: Buffer[] = [];
    for (let at = 0; at < stream.length; at += 4096) reader.read(stream.subarray(at, at + 4096), out);
    expect(Buffer.concat(out)).toEqual(script.client);
    expect(reader.finalOk?.state?.equals(state)).toBe(true);
  });
});

/** Feeds the server's bytes in two parts, with the client's word between them, each cut at every place; what the client gets. */
function dialogue(command: number, before: Buffer, after: Buffer, asks: ResponseReader['asks'], client: Buffer): void {
  for (const first of waysToCut(before)) {
    for (const second of [[], ...waysToCut(after)]) {
      const reader = readerOf({ command });
      const out: Buffer[] = [];
      const label = `${cutName(first)}, ${cutName(second)}`;
      for (const piece of cut(before, first)) {
        expect(reader.asks, label).toBe(null);
        expect(reader.read(piece, out), label).toBe(piece.length);
      }
      expect(reader.asks, label).toBe(asks);
      reader.asks = null;
      expect(reader.done, label).toBe(false);
      expect(Buffer.concat(out).equals(before), label).toBe(true);
      for (const piece of cut(after, second)) reader.read(piece, out);
      expect([reader.asks, reader.done], label).toEqual([null, true]);
      expect(Buffer.concat(out).equals(Buffer.concat([before, client])), label).toBe(true);
    }
  }
}

describe('in the middle the client has the word', () => {
  const okPacket = new Script(3).whole((out) => writeObserverOk(out, EXTRA_OK)).server;
  const AUTH_SWITCH = Buffer.concat([Buffer.of(22, 0, 0, 1, 0xfe), Buffer.from('mysql_native_password')]);
  const OLD_AUTH_SWITCH = Buffer.of(1, 0, 0, 1, 0xfe);

  test.each([
    ['a file, then OK', COM.QUERY, LOCAL_INFILE, okPacket, 'file', okPacket],
    ['a file, then ERR + OK', COM.QUERY, LOCAL_INFILE, Buffer.concat([SELCT_ERR, SELCT_EXTRA_OK]), 'file', SELCT_ERR],
    ['a file for the first of two statements', COM.QUERY, LOCAL_INFILE, twoResults(), 'file', twoResults()],
    ['an auth switch, then OK', COM.CHANGE_USER, AUTH_SWITCH, okPacket, 'packet', okPacket],
    ['the old auth switch', COM.CHANGE_USER, OLD_AUTH_SWITCH, okPacket, 'packet', okPacket],
    [
      'an auth switch, then ERR + OK',
      COM.CHANGE_USER,
      AUTH_SWITCH,
      Buffer.concat([SELCT_ERR, SELCT_EXTRA_OK]),
      'packet',
      SELCT_ERR,
    ],
    ['more auth data', COM.CHANGE_USER, Buffer.of(2, 0, 0, 1, 1, 4), okPacket, 'packet', okPacket],
  ] as const)('%s', (_, command, before, after, asks, client) => dialogue(command, before, after, asks, client));

  test('the fast way of caching_sha2_password: an OK follows, and nothing is asked', () => {
    const reader = readerOf({ command: COM.CHANGE_USER });
    const out: Buffer[] = [];
    const stream = Buffer.concat([Buffer.of(2, 0, 0, 1, 1, 3), okPacket]);
    expect(reader.read(stream, out)).toBe(stream.length);
    expect([reader.asks, reader.done]).toEqual([null, true]);
    expect(Buffer.concat(out)).toEqual(stream);
  });

  function twoResults(): Buffer {
    return new Script(3).whole(moreOk).whole((out) => writeObserverOk(out, EXTRA_OK)).server;
  }
});

describe('4401: the client is closed without a word, what came before it goes out', () => {
  test.each([
    ['in place of an answer', new Script(), Buffer.alloc(0)],
    ['among the rows', new Script().columns('a').row('1').row('2'), null],
    ['behind a result', new Script().columns('a').row('1').whole(moreEof), null],
  ] as const)('%s', (_, script, nothing) => {
    const before = nothing ?? script.server;
    const killed = new Script(9).waits((out) => writeErr(out, { code: 4401, sqlState: 'HY000', message: '' })).extra();
    const stream = Buffer.concat([before, killed.server]);
    for (const cuts of waysToCut(stream)) {
      const reader = readerOf({ command: COM.QUERY });
      const out: Buffer[] = [];
      for (const piece of cut(stream, cuts)) reader.read(piece, out);
      expect([reader.errorCode, reader.done], cutName(cuts)).toEqual([4401, true]);
      expect(Buffer.concat(out).equals(before), cutName(cuts)).toBe(true);
    }
  });
});

type Broken = [name: string, stream: Buffer, options?: Partial<ResponseOptions>, command?: number];

describe('malformed', () => {
  const columnsAndRow = new Script().columns('a').row('1').server;
  const hugeOk = Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 1), Buffer.alloc(MAX_PACKET_PAYLOAD)]);
  const broken: readonly Broken[] = [
    ['an ERR behind an ERR', Buffer.concat([SELCT_ERR, SELCT_ERR])],
    ['an EOF behind an ERR', Buffer.concat([SELCT_ERR, Buffer.of(5, 0, 0, 2, 0xfe, 0, 0, 2, 0)])],
    [
      'a row behind the last EOF',
      Buffer.concat([columnsAndRow, Buffer.of(5, 0, 0, 5, 0xfe, 0, 0, 2, 0, 2, 0, 0, 6, 1, 0x31)]),
    ],
    ['an empty packet', Buffer.of(0, 0, 0, 1)],
    ['an empty packet among the rows', Buffer.concat([columnsAndRow, Buffer.of(0, 0, 0, 5)])],
    ['an empty packet in place of the extra OK', Buffer.concat([SELCT_ERR, Buffer.of(0, 0, 0, 2)])],
    ['an OK that is too short', Buffer.of(3, 0, 0, 1, 0, 0, 0)],
    ['an extra OK that is too short', Buffer.concat([SELCT_ERR, Buffer.of(1, 0, 0, 2, 0)])],
    ['an OK whose state block is longer than it', Buffer.of(10, 0, 0, 1, 0, 0, 0, 0x22, 0x40, 0, 0, 0, 5, 0)],
    ['an ERR without a number', Buffer.of(2, 0, 0, 1, 0xff, 1)],
    ['an EOF that is too short', Buffer.concat([columnsAndRow, Buffer.of(2, 0, 0, 5, 0xfe, 0)])],
    ['LOCAL INFILE to an EXECUTE', LOCAL_INFILE, {}, COM.STMT_EXECUTE],
    ['LOCAL INFILE to an INIT_DB', LOCAL_INFILE, {}, COM.INIT_DB],
    ['rows to a CHANGE_USER', columnsAndRow, {}, COM.CHANGE_USER],
    ['an OK of 16 MiB', hugeOk],
    ['an empty packet in a response without extra OKs', Buffer.of(0, 0, 0, 1), NO_EXTRA],
    ['an empty STATISTICS', Buffer.of(0, 0, 0, 1), {}, COM.STATISTICS],
    ['a FIELD_LIST that ends with half an EOF', Buffer.of(1, 0, 0, 1, 0xfe), {}, COM.FIELD_LIST],
  ];

  test.each<Broken>([...broken])('%s', (_, stream, options = {}, command = COM.QUERY) => {
    for (const cuts of waysToCut(stream)) {
      const reader = readerOf({ options, command });
      expect(() => {
        for (const piece of cut(stream, cuts)) reader.read(piece, []);
      }, cutName(cuts)).toThrow(WireError);
    }
  });
});

test('any response of many results, cut anyhow', () => {
  const cell = fc.oneof(fc.constant(null), fc.string({ maxLength: 8 }), fc.constant('x'.repeat(300)));
  const result = fc.oneof(fc.constant(null), fc.array(cell, { size: 'max', maxLength: 12 }));
  fc.assert(
    fc.property(
      fc.array(result, { size: 'max', maxLength: 4 }),
      fc.constantFrom('ok', 'err', 'eof'),
      fc.boolean(),
      fc.array(fc.nat({ max: 2000 }), { size: 'max', maxLength: 20 }),
      (results, end, clientTracks, places) => {
        const script = new Script();
        for (const rows of results) {
          if (rows === null) {
            script.whole(moreOk);
          } else {
            script.columns('a');
            for (const row of rows) script.row(row);
            script.whole(moreEof);
          }
        }
        if (end === 'ok') script.ok({ ...EXTRA_OK, message: MESSAGE, state: STATE }, clientTracks);
        else if (end === 'err') script.waits(err).extra();
        else script.columns('a').row('1').waits(eof).extra();
        const stream = script.server;
        const cuts = [...new Set(places)].filter((at) => at > 0 && at < stream.length).sort((a, b) => a - b);
        const finalOk = end === 'ok' ? { ...PLAIN_OK, status: 0x4022, message: MESSAGE, state: STATE } : EXTRA_OK;
        feed(
          {
            name: 'any',
            options: { clientTracks },
            script,
            finalOk,
            status: finalOk.status,
            errorCode: end === 'err' ? 1317 : 0,
          },
          cut(stream, cuts),
          cuts.join(' '),
        );
      },
    ),
  );
});
