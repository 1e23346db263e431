/** Greeting and login: the example bytes of decisions.md §9 and the measured packets of clients.md §8.1, read and made. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ByteReader, WireError } from '../../proxy/wire/bytes.ts';
import { CAP } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { readGreeting, writeGreeting } from '../../proxy/wire/greeting.ts';
import { attribute, FILLER_SIZE, isSslRequest, type Login, readLogin, writeLogin } from '../../proxy/wire/login.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD, nativePassword } from '../../proxy/wire/scramble.ts';
import { cut, cutName, waysToCut } from './cuts.ts';
import {
  CLIENT_LOGIN,
  GREETING,
  MEASURED_LOGINS,
  MEASURED_PASSWORD,
  MEASURED_SCRAMBLE,
  OBSERVER_LOGIN,
} from './fixtures.ts';

const ODP_GREETING = {
  version: '5.6.25',
  threadId: 56932,
  scramble: CONSTANT_SCRAMBLE,
  capabilities: 0x009f_f7df,
  charset: 46,
  status: 0,
  plugin: NATIVE_PASSWORD,
};

const BASE_LOGIN: Login = {
  capabilities: 0x08bf_a285,
  maxPacket: 16 * 1024 * 1024,
  charset: 45,
  filler: Buffer.alloc(FILLER_SIZE),
  user: 'root@sys#obdemo',
  authResponse: Buffer.alloc(0),
  database: null,
  plugin: NATIVE_PASSWORD,
  attributes: [
    attribute('_client_name', 'libmariadb'),
    attribute('__mysql_client_type', '__ob_libobclient'),
    attribute('__ob_client_name', 'OceanBase Connector/C'),
  ],
};

const TO_OBSERVER: Login = {
  ...BASE_LOGIN,
  user: 'root@sys',
  attributes: [
    attribute('__ob_client_name', 'OceanBase Connector/C'),
    attribute('__mysql_client_type', '__ob_proxy'),
    attribute('__connection_id', '3221562906'),
    attribute('__proxy_connection_id', '12402504630519660553'),
    attribute('__cluster_name', 'obdemo'),
    attribute('__global_vars_version', '0'),
    attribute('__proxy_capability_flag', '1706583'),
    attribute('__client_ip', '192.0.2.10'),
    attribute('__proxy_version', '4.3.1.0'),
    attribute('__client_addr_port', '63882'),
    attribute('__client_session_id', '56932'),
    attribute('__client_connect_time', '1700000000000000'),
  ],
};

function made(sequence: number, write: (out: PacketWriter) => void): Buffer {
  const out = new PacketWriter(sequence, 16);
  write(out);
  return out.view();
}

describe('greeting', () => {
  test('reads §9.1', () => {
    expect(readGreeting(GREETING.subarray(HEADER_SIZE))).toEqual(ODP_GREETING);
  });

  test('makes §9.1', () => {
    expect(made(0, (out) => writeGreeting(out, ODP_GREETING)).toString('hex')).toBe(GREETING.toString('hex'));
  });

  test('a thread id above 2^31 and the highest capability stay unsigned', () => {
    const greeting = { ...ODP_GREETING, threadId: 0xc004_0001, capabilities: 0x809f_f7df };
    const packet = made(0, (out) => writeGreeting(out, greeting));
    expect(readGreeting(packet.subarray(HEADER_SIZE))).toEqual(greeting);
  });

  test('cut short anywhere before the plugin, it is malformed', () => {
    const payload = GREETING.subarray(HEADER_SIZE);
    const pluginAt = payload.indexOf(NATIVE_PASSWORD);
    for (let size = 0; size < pluginAt; size += 1) {
      expect(() => readGreeting(payload.subarray(0, size)), `${size} bytes`).toThrow(WireError);
    }
    expect(readGreeting(payload.subarray(0, payload.length - 1)).plugin).toBe(NATIVE_PASSWORD);
  });

  test('protocol 9 and an ERR in its place are none', () => {
    expect(() => readGreeting(Buffer.of(9, 0))).toThrow(
      new WireError('a greeting of protocol 9, where 10 was expected'),
    );
    expect(() => readGreeting(Buffer.from('\xff\x10\x04Too many connections', 'latin1'))).toThrow(WireError);
  });
});

describe('login', () => {
  test('reads §9.2 and §9.3', () => {
    expect(readLogin(CLIENT_LOGIN.subarray(HEADER_SIZE))).toEqual(BASE_LOGIN);
    expect(readLogin(OBSERVER_LOGIN.subarray(HEADER_SIZE))).toEqual(TO_OBSERVER);
  });

  test('makes §9.2 and §9.3', () => {
    expect(made(1, (out) => writeLogin(out, BASE_LOGIN)).toString('hex')).toBe(CLIENT_LOGIN.toString('hex'));
    expect(made(1, (out) => writeLogin(out, TO_OBSERVER)).toString('hex')).toBe(OBSERVER_LOGIN.toString('hex'));
  });

  const EXPECTED: Readonly<Record<string, readonly [flags: number, charset: number, attributes: number | null]>> = {
    mysql2: [0x08ba_f3cf, 224, 2],
    mysql: [0x0006_f3cf, 33, null],
    mariadb: [0x009e_a302, 224, 5],
    PyMySQL: [0x003a_a205, 45, 3],
    mysqli: [0x001a_a285, 46, 2],
    go: [0x000a_a285, 45, null],
    'C/J': [0x00be_a382, 46, 8],
    'mariadb CLI (batch)': [0x00bf_a285, 33, 7],
    'obclient (batch)': [0x08bf_a285, 33, 14],
  };

  test.each(MEASURED_LOGINS)('$client: read to its last byte, and made again', ({ client, user, packet }) => {
    const login = readLogin(packet.subarray(HEADER_SIZE));
    const [capabilities, charset, attributes] = EXPECTED[client]!;
    expect(login.user).toBe(user);
    expect(login.capabilities).toBe(capabilities);
    expect(login.charset).toBe(charset);
    expect(login.attributes?.length ?? null).toBe(attributes);
    expect(login.database).toBe(capabilities & CAP.CONNECT_WITH_DB ? '' : null);
    expect(login.plugin).toBe(capabilities & CAP.PLUGIN_AUTH ? NATIVE_PASSWORD : null);
    expect(login.authResponse).toEqual(nativePassword(sha1, MEASURED_PASSWORD, MEASURED_SCRAMBLE));
    const again = made(packet[3]!, (out) => writeLogin(out, login));
    if (client === 'mariadb') {
      // It writes the length of its attributes, 106, as `fc 6a 00`: read gladly, made shorter.
      expect(packet.includes(Buffer.of(0xfc, 0x6a, 0))).toBe(true);
      expect(again.length).toBe(packet.length - 2);
      expect(readLogin(again.subarray(HEADER_SIZE))).toEqual(login);
    } else {
      expect(again.toString('hex')).toBe(packet.toString('hex'));
    }
  });

  test.each(MEASURED_LOGINS)('$client: whatever the cuts', ({ packet }) => {
    const expected = readLogin(packet.subarray(HEADER_SIZE));
    for (const cuts of waysToCut(packet)) {
      const reader = new PacketReader();
      const pieces = cut(packet, cuts);
      for (const piece of pieces) {
        expect(reader.next()).toBeNull();
        reader.push(piece);
      }
      expect(readLogin(reader.next()!.payload), cutName(cuts)).toEqual(expected);
    }
  });

  test('a database and a binary attribute', () => {
    const login: Login = {
      ...BASE_LOGIN,
      capabilities: BASE_LOGIN.capabilities | CAP.CONNECT_WITH_DB,
      authResponse: nativePassword(sha1, 'secret', CONSTANT_SCRAMBLE),
      database: 'Zürich',
      attributes: [{ name: '__proxy_scramble', value: Buffer.of(0, 255, 1, 254, 0) }],
    };
    const packet = made(1, (out) => writeLogin(out, login));
    expect(readLogin(packet.subarray(HEADER_SIZE))).toEqual(login);
  });

  test('CONNECT_WITH_DB with nothing there is an empty name', () => {
    const login: Login = {
      ...BASE_LOGIN,
      capabilities: CAP.PROTOCOL_41 | CAP.SECURE_CONNECTION | CAP.CONNECT_WITH_DB,
      database: '',
      plugin: null,
      attributes: null,
    };
    const packet = made(1, (out) => writeLogin(out, login));
    expect(readLogin(packet.subarray(HEADER_SIZE, packet.length - 1))).toEqual(login);
  });

  test('an auth response that ends with NUL', () => {
    const login: Login = {
      ...BASE_LOGIN,
      capabilities: CAP.PROTOCOL_41,
      authResponse: Buffer.from('12345678'),
      plugin: null,
      attributes: null,
    };
    const packet = made(1, (out) => writeLogin(out, login));
    expect(readLogin(packet.subarray(HEADER_SIZE))).toEqual(login);
  });

  test('attributes are cut short: they count as none', () => {
    const payload = CLIENT_LOGIN.subarray(HEADER_SIZE);
    const block = 100;
    for (let missing = 1; missing < block; missing += 1) {
      expect(readLogin(payload.subarray(0, payload.length - missing)).attributes, `${missing} missing`).toEqual([]);
    }
    const spoiled = Buffer.from(payload);
    spoiled[payload.length - block] = 0xfa;
    expect(readLogin(spoiled).attributes).toEqual([]);
  });

  test('cut short before its attributes, it is malformed', () => {
    const payload = CLIENT_LOGIN.subarray(HEADER_SIZE);
    const pluginAt = payload.indexOf(NATIVE_PASSWORD);
    for (let size = 0; size < pluginAt; size += 1) {
      expect(() => readLogin(payload.subarray(0, size)), `${size} bytes`).toThrow(WireError);
    }
  });

  test('the protocol before 4.1 is refused', () => {
    const old = Buffer.from(CLIENT_LOGIN.subarray(HEADER_SIZE));
    old.writeUInt32LE(0x0005, 0);
    expect(() => readLogin(old)).toThrow(new WireError('a login of the protocol before 4.1'));
  });

  test('an SSLRequest is the first 32 bytes of a login with the SSL flag', () => {
    const start = Buffer.from(CLIENT_LOGIN.subarray(HEADER_SIZE, HEADER_SIZE + 32));
    expect(isSslRequest(start)).toBe(false);
    start.writeUInt32LE((start.readUInt32LE(0) | CAP.SSL) >>> 0, 0);
    expect(isSslRequest(start)).toBe(true);
    expect(isSslRequest(start.subarray(0, 31))).toBe(false);
    expect(isSslRequest(Buffer.alloc(0))).toBe(false);
  });

  test('the fixtures use up every byte', () => {
    for (const packet of [GREETING, CLIENT_LOGIN, OBSERVER_LOGIN, ...MEASURED_LOGINS.map((it) => it.packet)]) {
      expect(new ByteReader(packet).u24()).toBe(packet.length - HEADER_SIZE);
    }
  });
});

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
