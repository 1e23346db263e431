/** OK in both its forms, EOF, ERR and the session state block: read and made, against decisions.md §9.4–9.6. */
import { describe, expect, test } from 'vitest';
import { WireError } from '../../proxy/wire/bytes.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import {
  PLAIN_OK,
  readEof,
  readErr,
  readObserverOk,
  readOk,
  writeEof,
  writeErr,
  writeObserverOk,
  writeOk,
} from '../../proxy/wire/ok.ts';
import { readSessionState, type SessionState, writeSessionState } from '../../proxy/wire/session-state.ts';
import {
  KILL_ERR,
  KILL_OK,
  OBSERVER_LOGIN_OK,
  PLAIN_LOGIN_OK,
  SELCT_ERR,
  SELCT_EXTRA_OK,
  TRACKING_LOGIN_OK,
} from './fixtures.ts';

const LOGIN_STATE: SessionState = {
  system: [
    ['autocommit', '1'],
    ['wait_timeout', '28800'],
    ['ob_query_timeout', '10000000'],
    ['ob_trx_timeout', '86400000000'],
    ['ob_enable_transmission_checksum', '1'],
    ['ob_capability_flag', '577'],
    ['ob_proxy_global_variables_version', '1700000000000000'],
    ['ob_proxy_user_privilege', '65534'],
  ],
  user: [],
  database: null,
};

function made(sequence: number, write: (out: PacketWriter) => void): string {
  const out = new PacketWriter(sequence, 8);
  write(out);
  return out.view().toString('hex');
}

describe('the OK of an observer', () => {
  const ok = readObserverOk(OBSERVER_LOGIN_OK.subarray(HEADER_SIZE));

  test('reads §9.4', () => {
    expect({ ...ok, state: null }).toEqual({ ...PLAIN_OK, status: 0x4022 });
    expect(readSessionState(ok.state!)).toEqual(LOGIN_STATE);
  });

  test('makes §9.4', () => {
    const state = writeSessionState(LOGIN_STATE);
    expect(made(2, (out) => writeObserverOk(out, { ...PLAIN_OK, status: 0x22, state }))).toBe(
      OBSERVER_LOGIN_OK.toString('hex'),
    );
  });

  test('what clients get of it is §9.4', () => {
    expect(made(2, (out) => writeOk(out, { ...ok, state: null }, true))).toBe(TRACKING_LOGIN_OK.toString('hex'));
    expect(made(2, (out) => writeOk(out, { ...ok, state: null }, false))).toBe(PLAIN_LOGIN_OK.toString('hex'));
  });

  test('the extra OK of §9.5', () => {
    expect(readObserverOk(SELCT_EXTRA_OK.subarray(HEADER_SIZE))).toEqual({ ...PLAIN_OK, status: 0x22 });
    expect(made(2, (out) => writeObserverOk(out, { ...PLAIN_OK, status: 0x4022 }))).toBe(
      SELCT_EXTRA_OK.toString('hex'),
    );
  });

  test('its message has one blank in front, which is not the message', () => {
    const message = 'Rows matched: 1  Changed: 1  Warnings: 0';
    const out = new PacketWriter(1);
    writeObserverOk(out, { ...PLAIN_OK, affectedRows: 1, message });
    expect(out.view()[HEADER_SIZE + 7]).toBe(message.length + 1);
    expect(readObserverOk(out.view().subarray(HEADER_SIZE)).message).toBe(message);
  });
});

describe('the OK to a client', () => {
  test('§9.6', () => {
    for (const tracked of [true, false]) {
      expect(made(1, (out) => writeOk(out, PLAIN_OK, tracked))).toBe(KILL_OK.toString('hex'));
      expect(readOk(KILL_OK.subarray(HEADER_SIZE), tracked)).toEqual(PLAIN_OK);
    }
  });

  test.each([true, false])('with a message; SESSION_TRACK negotiated: %s', (tracked) => {
    const ok = { ...PLAIN_OK, affectedRows: 300, lastInsertId: 70_000, status: 0x3, warnings: 2, message: 'Info ü' };
    const out = new PacketWriter(1);
    writeOk(out, ok, tracked);
    expect(readOk(out.view().subarray(HEADER_SIZE), tracked)).toEqual(ok);
    // Client libraries take the first byte for its length, also without SESSION_TRACK: none of its own may stand there.
    const text = Buffer.from('Info ü');
    expect(out.view().subarray(-text.length - 1)).toEqual(Buffer.concat([Buffer.of(text.length), text]));
  });

  test('the blank that an observer writes in place of a length is not its message', () => {
    const head = Buffer.of(0, 1, 0, 2, 0, 0, 0);
    const message = 'Rows matched: 1  Changed: 1  Warnings: 0';
    expect(readOk(Buffer.concat([head, Buffer.from(` ${message}`)]), false).message).toBe(message);
  });

  test('with state, in the standard form: one entry a pair', () => {
    const block = Buffer.concat([
      Buffer.from([0, 15, 10]),
      Buffer.from('autocommit'),
      Buffer.from([3]),
      Buffer.from('OFF'),
      Buffer.from([1, 5, 4]),
      Buffer.from('shop'),
    ]);
    const out = new PacketWriter(1);
    writeOk(out, { ...PLAIN_OK, status: 0x4000, state: block }, true);
    const ok = readOk(out.view().subarray(HEADER_SIZE), true);
    expect(ok.state).toEqual(block);
    expect(readSessionState(ok.state!)).toEqual({ system: [['autocommit', 'OFF']], user: [], database: 'shop' });
  });

  test('an insert id of 64 bits passes unharmed', () => {
    for (const lastInsertId of [2n ** 64n - 1n, 2n ** 53n, 2 ** 53 - 1]) {
      const out = new PacketWriter(1);
      writeObserverOk(out, { ...PLAIN_OK, lastInsertId, status: 0x22 });
      const ok = readObserverOk(out.view().subarray(HEADER_SIZE));
      expect(ok.lastInsertId).toBe(lastInsertId);
      for (const tracked of [true, false]) {
        const again = new PacketWriter(1);
        writeOk(again, ok, tracked);
        expect(readOk(again.view().subarray(HEADER_SIZE), tracked).lastInsertId).toBe(lastInsertId);
      }
    }
  });

  test('cut short before its message, it is malformed', () => {
    const payload = SELCT_EXTRA_OK.subarray(HEADER_SIZE);
    for (let size = 0; size < 7; size += 1) {
      expect(() => readObserverOk(payload.subarray(0, size)), `${size} bytes`).toThrow(WireError);
    }
    expect(readObserverOk(payload.subarray(0, 7))).toEqual({ ...PLAIN_OK, status: 0x22 });
  });
});

describe('session state', () => {
  const FULL: SessionState = {
    system: [['autocommit', '0']],
    user: [
      ['a', "'x'"],
      ['b', 'NULL'],
    ],
    database: 'shop',
  };

  test('user variables stand behind `__NULL`, the database behind them', () => {
    const block = writeSessionState(FULL);
    expect(block.includes(Buffer.from('065f5f4e554c4c065f5f4e554c4c', 'hex'))).toBe(true);
    expect(block.subarray(-4).toString('hex')).toBe('02020131');
    expect(block.subarray(-11, -4).toString('hex')).toBe('01050473686f70');
    expect(readSessionState(block)).toEqual(FULL);
  });

  test.each<SessionState>([
    { system: [], user: [], database: null },
    { system: [], user: [['a', '1']], database: null },
    { system: [], user: [], database: '' },
    { system: [['x', '']], user: [], database: 'd' },
    { system: [], user: [['__NULL', '1']], database: null },
  ])('%j is read back', (state) => {
    expect(readSessionState(writeSessionState(state))).toEqual(state);
  });

  test('a block of 300 variables, longer than one byte can say', () => {
    const system = Array.from({ length: 300 }, (_, i): [string, string] => [`variable_${i}`, `value ${i}`]);
    const state = { system, user: [], database: null };
    expect(readSessionState(writeSessionState(state))).toEqual(state);
  });

  test('cut short anywhere but between two entries, it is malformed', () => {
    const block = writeSessionState(FULL);
    const borders = new Set([0, block.length - 11, block.length - 4, block.length]);
    for (let size = 0; size <= block.length; size += 1) {
      if (borders.has(size)) expect(() => readSessionState(block.subarray(0, size))).not.toThrow();
      else expect(() => readSessionState(block.subarray(0, size)), `${size} bytes`).toThrow(WireError);
    }
  });

  test('an entry of another type is refused', () => {
    expect(() => readSessionState(Buffer.of(9, 1, 0))).toThrow(new WireError('session state of type 9'));
  });
});

describe('ERR', () => {
  test('reads and makes §9.5 and §9.6', () => {
    const syntax = readErr(SELCT_ERR.subarray(HEADER_SIZE));
    expect([syntax.code, syntax.sqlState, syntax.message.slice(-23)]).toEqual([
      1064,
      '42000',
      " near 'selct 1' at line 1".slice(-23),
    ]);
    expect(made(1, (out) => writeErr(out, syntax))).toBe(SELCT_ERR.toString('hex'));
    const killed = readErr(KILL_ERR.subarray(HEADER_SIZE));
    expect(killed).toEqual({ code: 1317, sqlState: '70100', message: 'Query execution was interrupted' });
    expect(made(1, (out) => writeErr(out, killed))).toBe(KILL_ERR.toString('hex'));
  });

  test('one without SQLSTATE, as before a login', () => {
    expect(readErr(Buffer.from('\xff\x10\x04Too many connections', 'latin1'))).toEqual({
      code: 1040,
      sqlState: 'HY000',
      message: 'Too many connections',
    });
    expect(readErr(Buffer.from('\xff\x10\x04#080', 'latin1')).message).toBe('#080');
    expect(readErr(Buffer.from('\xff\x10\x04', 'latin1')).message).toBe('');
  });

  test('one without its number is malformed', () => {
    expect(() => readErr(Buffer.of(0xff, 1))).toThrow(WireError);
  });
});

test('EOF', () => {
  expect(made(5, (out) => writeEof(out, 0x22, 3))).toBe('05000005fe03002200');
  expect(readEof(Buffer.from('fe03002200', 'hex'))).toEqual({ warnings: 3, status: 0x22 });
  expect(() => readEof(Buffer.from('fe030022', 'hex'))).toThrow(WireError);
});
