/** The messages about prepared statements, and COM_CHANGE_USER: in bytes, read back, cut short. */
import { describe, expect, test } from 'vitest';
import { WireError } from '../../proxy/wire/bytes.ts';
import { changeUserPayload, readChangeUser } from '../../proxy/wire/change-user.ts';
import { TYPE } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { attribute, FILLER_SIZE, type Login } from '../../proxy/wire/login.ts';
import {
  type ExecuteFacts,
  executePayload,
  readExecute,
  readFetch,
  readLongData,
  readPrepareOk,
  readStatementId,
  writePrepareOk,
} from '../../proxy/wire/prepared.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';
import { cut, cutName, waysToCut } from './cuts.ts';

const NO_LONG: ReadonlyMap<number, readonly Buffer[]> = new Map();

function facts(parameters: number, more: Partial<ExecuteFacts> = {}): ExecuteFacts {
  return { parameters, types: null, long: NO_LONG, ...more };
}

describe('PREPARE_OK', () => {
  const it = { id: 7, columns: 2, parameters: 3, warnings: 0 };

  test('in bytes', () => {
    const out = new PacketWriter(1);
    writePrepareOk(out, it);
    expect(out.view().toString('hex')).toBe('0c000001' + '00' + '07000000' + '0200' + '0300' + '00' + '0000');
    expect(readPrepareOk(out.view().subarray(HEADER_SIZE))).toEqual(it);
  });

  test('cut short it is malformed, but for its warnings', () => {
    const out = new PacketWriter(1);
    writePrepareOk(out, it);
    const payload = out.view().subarray(HEADER_SIZE);
    for (let size = 1; size < 10; size += 1) {
      expect(() => readPrepareOk(payload.subarray(0, size)), `${size} bytes`).toThrow(WireError);
    }
    expect(readPrepareOk(payload.subarray(0, 10))).toEqual(it);
  });
});

describe('EXECUTE', () => {
  const TYPES = [TYPE.LONG, TYPE.VAR_STRING, TYPE.LONGLONG | 0x8000, TYPE.DOUBLE, TYPE.DATETIME, TYPE.NULL, TYPE.BLOB];
  const TEXTS = ['-5', 'ü', '18446744073709551615', '0.5', '2023-11-14 22:13:20', null, Buffer.of(1, 2)];
  const VALUES = [-5n, 'ü', 18446744073709551615n, 0.5, '2023-11-14 22:13:20', null, Buffer.of(1, 2)];

  test('in bytes', () => {
    expect(executePayload(9, 1, [TYPE.LONG, TYPE.VAR_STRING], ['5', null]).toString('hex')).toBe(
      '17' + '09000000' + '01' + '01000000' + '02' + '01' + '0300fd00' + '05000000',
    );
  });

  test('is read back, wherever the network cuts it', () => {
    const out = new PacketWriter(0);
    out.packet(executePayload(9, 0, TYPES, TEXTS));
    const stream = Buffer.from(out.view());
    for (const cuts of waysToCut(stream)) {
      const reader = new PacketReader();
      for (const piece of cut(stream, cuts)) reader.push(piece);
      const read = readExecute(reader.next()!.payload, facts(TYPES.length));
      expect(read, cutName(cuts)).toEqual({ id: 9, flags: 0, types: TYPES, values: VALUES });
    }
  });

  test('uses the types of the time before if it brings none', () => {
    const sent = executePayload(9, 0, [TYPE.LONG, TYPE.LONG], ['12', null], false);
    expect(sent.toString('hex')).toBe('1709000000000100000002000c000000');
    expect(readExecute(sent, facts(2, { types: [TYPE.LONG, TYPE.LONG] })).values).toEqual([12n, null]);
    expect(() => readExecute(sent, facts(2))).toThrow(new WireError('parameters without types'));
  });

  test('takes what SEND_LONG_DATA has brought', () => {
    const payload = executePayload(9, 0, [TYPE.BLOB, TYPE.LONG, TYPE.VAR_STRING], [undefined, '1', undefined]);
    const long = new Map([
      [0, [Buffer.of(1), Buffer.of(2)]],
      [2, [Buffer.from('a'), Buffer.from('b')]],
    ]);
    expect(readExecute(payload, facts(3, { long })).values).toEqual([Buffer.of(1, 2), 1n, 'ab']);
  });

  test('cut short it is malformed', () => {
    const payload = executePayload(9, 0, TYPES, TEXTS);
    for (let size = 1; size < payload.length; size += 1) {
      expect(() => readExecute(payload.subarray(0, size), facts(TYPES.length)), `${size} bytes`).toThrow(WireError);
    }
  });

  test('without parameters has nothing behind its head', () => {
    expect(readExecute(executePayload(3, 0, [], []), facts(0))).toEqual({ id: 3, flags: 0, types: [], values: [] });
  });
});

describe('the others', () => {
  test('name their statement, and what they want', () => {
    expect(readStatementId(Buffer.from('1904030201', 'hex'))).toBe(0x01020304);
    expect(readFetch(Buffer.from('1c0100000005000000', 'hex'))).toEqual({ id: 1, count: 5 });
    expect(readLongData(Buffer.from('1801000000020061ff', 'hex'))).toEqual({
      id: 1,
      parameter: 2,
      data: Buffer.of(0x61, 0xff),
    });
  });

  test('cut short they are malformed', () => {
    for (let size = 1; size < 9; size += 1) {
      expect(() => readFetch(Buffer.alloc(size))).toThrow(WireError);
      if (size < 7) expect(() => readLongData(Buffer.alloc(size))).toThrow(WireError);
      if (size < 5) expect(() => readStatementId(Buffer.alloc(size))).toThrow(WireError);
    }
  });
});

describe('COM_CHANGE_USER', () => {
  const FIRST: Login = {
    capabilities: 0x08bf_a285,
    maxPacket: 2 ** 24,
    charset: 45,
    filler: Buffer.alloc(FILLER_SIZE),
    user: 'root@sys',
    authResponse: Buffer.alloc(0),
    database: null,
    plugin: NATIVE_PASSWORD,
    attributes: null,
  };
  const NEXT: Login = {
    ...FIRST,
    user: 'app@shop',
    authResponse: Buffer.alloc(20, 7),
    database: 'bank',
    charset: 28,
    attributes: [attribute('a', 'b')],
  };

  test('is read as a login', () => {
    expect(readChangeUser(changeUserPayload(NEXT), FIRST)).toEqual(NEXT);
  });

  test('in bytes', () => {
    const payload = changeUserPayload({ ...NEXT, authResponse: Buffer.of(1), attributes: [] });
    expect(payload.toString('latin1')).toBe('\x11app@shop\0\x01\x01bank\0\x1c\0mysql_native_password\0\0');
  });

  test('may end behind the database: the charset is that of the login', () => {
    const payload = Buffer.from('\x11u\0\0db\0');
    expect(readChangeUser(payload, FIRST)).toEqual({ ...FIRST, user: 'u', database: 'db', plugin: null });
  });

  test('cut short within user or password it is malformed', () => {
    const payload = changeUserPayload(NEXT);
    for (let size = 1; size < 1 + 9 + 21; size += 1) {
      expect(() => readChangeUser(payload.subarray(0, size), FIRST), `${size} bytes`).toThrow(WireError);
    }
  });
});
