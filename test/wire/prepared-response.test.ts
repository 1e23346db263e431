/**
 * Answers to PREPARE, EXECUTE with a cursor and FETCH: where they end, what of them the client gets and when, whatever the
 * cuts; and what they say of the statement.
 */
import { describe, expect, test } from 'vitest';
import { writeBinaryRow } from '../../proxy/wire/binary-row.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { type PacketWriter, PacketWriter as Writer } from '../../proxy/wire/framing.ts';
import { writeEof } from '../../proxy/wire/ok.ts';
import { type PrepareOk, readPrepareOk, writePrepareOk } from '../../proxy/wire/prepared.ts';
import { cut, cutName, waysToCut } from './cuts.ts';
import { type Case, EXTRA_OK, eof, err, feed, PREPARED_AS, readerOf, Script } from './response-script.ts';

const CURSOR = 0x02 | STATUS.CURSOR_EXISTS;
const LAST = 0x02 | STATUS.LAST_ROW_SENT;
const SERVER_ID = 0xfe_00_00_01;

function eofWith(status: number): (out: PacketWriter) => void {
  return (out) => writeEof(out, status);
}

/** The first is a number that is zero, so nearly all bytes of the row are 0x00; the last begins like an EOF, or an ERR. */
function binaryRow(text: string | null): (out: PacketWriter) => void {
  return (out) => writeBinaryRow(out, [INTEGER, INTEGER, TEXT], ['0', null, text]);
}
const INTEGER = { type: TYPE.LONG, flags: 0 };
const TEXT = { type: TYPE.VAR_STRING, flags: 0 };

function preparing(parameters: number, columns: number, extraOk: boolean): Case {
  const prepared: PrepareOk = { id: SERVER_ID, parameters, columns, warnings: 1 };
  const script = new Script();
  const lists = [parameters, columns].filter((count) => count > 0);
  script.prepared(prepared, lists.length > 0 || !extraOk ? 'whole' : 'waits');
  for (const [i, count] of lists.entries()) {
    script.definitions(count);
    if (i < lists.length - 1 || !extraOk) script.whole(eof);
    else script.waits(eof);
  }
  if (extraOk) script.extra();
  return {
    name: `PREPARE, ${parameters} parameters, ${columns} columns${extraOk ? '' : ', a MySQL server'}`,
    command: COM.STMT_PREPARE,
    options: { extraOk },
    script,
    finalOk: extraOk ? EXTRA_OK : null,
    status: extraOk ? EXTRA_OK.status : lists.length > 0 ? 0x02 : 0,
    prepared,
  };
}

const COUNTS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [3, 2],
] as const;

const CASES: readonly Case[] = [
  ...COUNTS.flatMap(([parameters, columns]) => [
    preparing(parameters, columns, true),
    preparing(parameters, columns, false),
  ]),
  {
    name: 'PREPARE, refused',
    command: COM.STMT_PREPARE,
    script: new Script().waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'PREPARE, refused by a MySQL server',
    command: COM.STMT_PREPARE,
    options: { extraOk: false },
    script: new Script().whole(err),
    finalOk: null,
    status: 0,
    errorCode: 1317,
  },
  {
    name: 'EXECUTE with binary rows',
    command: COM.STMT_EXECUTE,
    script: new Script().columns('a', 'b', 'c').passes(binaryRow('\u00fe')).passes(binaryRow(null)).waits(eof).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    eofStatus: 0x02,
  },
  {
    name: 'EXECUTE that opens a cursor: no rows',
    command: COM.STMT_EXECUTE,
    script: new Script()
      .whole((out) => out.packet(Buffer.of(2)))
      .definitions(2)
      .waits(eofWith(CURSOR))
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    eofStatus: CURSOR,
  },
  {
    name: 'EXECUTE that opens a cursor on a MySQL server',
    command: COM.STMT_EXECUTE,
    options: { extraOk: false },
    script: new Script()
      .whole((out) => out.packet(Buffer.of(1)))
      .definitions(1)
      .whole(eofWith(CURSOR)),
    finalOk: null,
    status: CURSOR,
    eofStatus: CURSOR,
  },
  {
    name: 'a text result is none with a cursor, whatever its first EOF says',
    script: new Script()
      .whole((out) => out.packet(Buffer.of(1)))
      .definitions(1)
      .whole(eofWith(CURSOR))
      .row('1')
      .waits(eof)
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
  },
  {
    name: 'FETCH: rows that start with 0x00, more to come',
    command: COM.STMT_FETCH,
    script: new Script()
      .passes(binaryRow('a'))
      .passes(binaryRow('\u00ff'.repeat(300)))
      .waits(eofWith(CURSOR))
      .extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    eofStatus: CURSOR,
  },
  {
    name: 'FETCH: the end',
    command: COM.STMT_FETCH,
    script: new Script().waits(eofWith(LAST)).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    eofStatus: LAST,
  },
  {
    name: 'FETCH, refused',
    command: COM.STMT_FETCH,
    script: new Script().waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: 'FETCH that breaks in the middle',
    command: COM.STMT_FETCH,
    script: new Script().passes(binaryRow('a')).waits(err).extra(),
    finalOk: EXTRA_OK,
    status: 0x22,
    errorCode: 1317,
  },
  {
    name: "FETCH, a MySQL server's",
    command: COM.STMT_FETCH,
    options: { extraOk: false },
    script: new Script().passes(binaryRow('a')).whole(eofWith(LAST)),
    finalOk: null,
    status: LAST,
    eofStatus: LAST,
  },
];

describe('whatever the cuts, the client gets its bytes, in time and not before', () => {
  test.each(CASES)('$name', (it) => {
    const stream = it.script.server;
    for (const cuts of waysToCut(stream)) feed(it, cut(stream, cuts), cutName(cuts));
  });
});

test('the client sees its own id and nothing else is changed', () => {
  const { script } = preparing(1, 1, true);
  const { id, ...rest } = readPrepareOk(script.client.subarray(4));
  expect(id).toBe(PREPARED_AS);
  expect(rest).toEqual({ parameters: 1, columns: 1, warnings: 1 });
  expect(script.client.subarray(9).equals(script.server.subarray(9, script.client.length))).toBe(true);
});

test('what an answer said is forgotten with the next request', () => {
  const reader = readerOf({ command: COM.STMT_PREPARE });
  reader.read(preparing(0, 0, true).script.server, []);
  expect(reader.prepared?.id).toBe(SERVER_ID);
  reader.expect(COM.STMT_EXECUTE);
  expect(reader.prepared).toBeNull();
  reader.read(new Script().columns('a').waits(eofWith(LAST)).extra().server, []);
  expect(reader.eofStatus).toBe(LAST);
  reader.expect(COM.STMT_FETCH);
  expect(reader.eofStatus).toBe(0);
});

describe('malformed', () => {
  const bare = new Writer(1);
  writePrepareOk(bare, { id: 1, parameters: 0, columns: 0, warnings: 0 });
  const more = new Writer(1);
  writePrepareOk(more, { id: 1, parameters: 1, columns: 0, warnings: 0 });
  test.each<[string, Buffer, number]>([
    ['a PREPARE_OK that is too short', Buffer.of(5, 0, 0, 1, 0, 1, 0, 0, 0), COM.STMT_PREPARE],
    ['an EOF in place of the extra OK', Buffer.concat([bare.view(), Buffer.of(1, 0, 0, 2, 0xfe)]), COM.STMT_PREPARE],
    ['an ERR behind an EOF of FETCH', Buffer.of(5, 0, 0, 1, 0xfe, 0, 0, 2, 0, 3, 0, 0, 2, 0xff, 1, 0), COM.STMT_FETCH],
    ['an empty packet among definitions', Buffer.concat([more.view(), Buffer.of(0, 0, 0, 2)]), COM.STMT_PREPARE],
  ])('%s', (_, stream, command) => {
    for (const cuts of waysToCut(stream)) {
      const reader = readerOf({ command });
      expect(() => {
        for (const piece of cut(stream, cuts)) reader.read(piece, []);
      }, cutName(cuts)).toThrow(WireError);
    }
  });
});
