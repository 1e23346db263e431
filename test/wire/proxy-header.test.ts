/**
 * Headers of the PROXY protocol: of every family, cut anywhere, and what is none.
 */
import { describe, expect, test } from 'vitest';
import { PROXY_HEADER_LIMIT, readProxyHeader, SIGNATURE, writeProxyHeader } from '../../proxy/wire/proxy-header.ts';
import { loginBytes, sslRequestBytes } from '../session/raw-client.ts';

const TARGET = { host: '172.30.140.64', port: 2883 };

/** A header as the protocol's specification lays it out (§2.2). */
function header(versionAndCommand: number, family: number, body: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([SIGNATURE, Buffer.of(versionAndCommand, family), length, body]);
}

function body(hex: string, tlvs = ''): Buffer {
  return Buffer.from(hex.replaceAll(/[\s·]/g, '') + tlvs.replaceAll(' ', ''), 'hex');
}

const IPV4 = body('cb007109 · ac1e8c40 · c822 · 0b43');
const IPV6 = body('20010db8000000000000000000000009 · 20010db8000000000000000000000001 · c823 · 0b43');
const MAPPED = body('00000000000000000000ffffcb007109 · 00000000000000000000ffffac1e8c40 · c822 · 0b43');
const UNIX = Buffer.concat([Buffer.from('/run/client.sock'.padEnd(108, '\0')), Buffer.alloc(108)]);
/** An authority, a unique id, and one of a vendor's own. */
const TLVS = '02 0007 62616e6b2e7476 05 0002 abcd ea 0003 010203';

describe('a header', () => {
  test.each([
    ['IPv4', header(0x21, 0x11, IPV4), { host: '203.0.113.9', port: 51234 }],
    ['IPv4 with TLVs', header(0x21, 0x11, Buffer.concat([IPV4, body('', TLVS)])), { host: '203.0.113.9', port: 51234 }],
    ['IPv6', header(0x21, 0x21, IPV6), { host: '2001:db8::9', port: 51235 }],
    ['IPv6 with TLVs', header(0x21, 0x21, Buffer.concat([IPV6, body('', TLVS)])), { host: '2001:db8::9', port: 51235 }],
    ['IPv4 written as IPv6', header(0x21, 0x21, MAPPED), { host: '203.0.113.9', port: 51234 }],
    // Nobody's IP address: that of the connection counts.
    ['UNIX', header(0x21, 0x31, UNIX), null],
    ['UNSPEC', header(0x21, 0x00, Buffer.alloc(0)), null],
    ['UNSPEC with something behind it', header(0x21, 0x00, IPV4), null],
    ['LOCAL', header(0x20, 0x00, Buffer.alloc(0)), null],
    ['LOCAL that names somebody', header(0x20, 0x11, IPV4), null],
    ['LOCAL of no family', header(0x20, 0xff, body('0102')), null],
  ])('%s, in every cut, with a login behind it', (_, bytes, client) => {
    for (let length = 1; length < bytes.length; length += 1) {
      expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ kind: 'more' });
    }
    for (const rest of [Buffer.alloc(0), loginBytes('app@shop')]) {
      const reading = readProxyHeader(Buffer.concat([bytes, rest]));
      expect(reading).toEqual({ kind: 'header', size: bytes.length, client });
    }
  });

  test('as it is written here', () => {
    expect(writeProxyHeader({ host: '203.0.113.9', port: 51234 }, TARGET)).toEqual(header(0x21, 0x11, IPV4));
    expect(writeProxyHeader({ host: '2001:db8::9', port: 51235 }, { host: '2001:db8::1', port: 2883 })).toEqual(
      header(0x21, 0x21, IPV6),
    );
    expect(writeProxyHeader(null, TARGET)).toEqual(header(0x20, 0x00, Buffer.alloc(0)));
    // One of each kind: both as IPv6.
    expect(readProxyHeader(writeProxyHeader({ host: '2001:db8::9', port: 1 }, TARGET))).toEqual({
      kind: 'header',
      size: 16 + 36,
      client: { host: '2001:db8::9', port: 1 },
    });
  });
});

describe('what is no header', () => {
  test.each([
    ['a login', loginBytes('app@shop')],
    ['a request for TLS', sslRequestBytes()],
    ['a packet that begins with the same byte', Buffer.of(0x0d, 0, 0, 1)],
    ['a packet that begins with the same two', Buffer.of(0x0d, 0x0a, 0, 1)],
    ['a packet of 80 bytes', Buffer.of(0x50, 0, 0, 1)],
    ['all but the last byte of the signature', Buffer.concat([SIGNATURE.subarray(0, 11), Buffer.of(0)])],
  ])('%s', (_, bytes) => {
    expect(readProxyHeader(bytes)).toEqual({ kind: 'none' });
  });
});

describe('a bad header', () => {
  test.each([
    ['version 1', Buffer.from('PROXY TCP4 203.0.113.9 172.30.140.64 51234 2883\r\n'), 'version 1'],
    ['version 3', header(0x31, 0x11, IPV4), 'its version is 3'],
    ['an unknown command', header(0x22, 0x11, IPV4), 'no command 2'],
    ['a datagram', header(0x21, 0x12, IPV4), '0x12'],
    ['an unknown family', header(0x21, 0x41, IPV4), '0x41'],
    ['too short for IPv4', header(0x21, 0x11, IPV4.subarray(1)), 'the addresses of IPv4 take 12 bytes, and it has 11'],
    ['too short for IPv6', header(0x21, 0x21, IPV4), 'the addresses of IPv6 take 36 bytes, and it has 12'],
    ['too short for UNIX', header(0x21, 0x31, IPV6), 'the addresses of UNIX take 216 bytes, and it has 36'],
  ])('%s is known by its first 16 bytes', (_, bytes, why) => {
    const reading = readProxyHeader(bytes.subarray(0, 16));
    expect(reading).toEqual({ kind: 'bad', why: expect.stringContaining(why) });
  });

  test('the longest is read, one longer is refused before it has come', () => {
    const longest = header(0x21, 0x11, Buffer.concat([IPV4, Buffer.alloc(PROXY_HEADER_LIMIT - 16 - 12)]));
    expect(readProxyHeader(longest)).toMatchObject({ kind: 'header', size: PROXY_HEADER_LIMIT });
    const longer = header(0x20, 0x00, Buffer.alloc(PROXY_HEADER_LIMIT - 15));
    expect(readProxyHeader(longer.subarray(0, 16))).toEqual({
      kind: 'bad',
      why: `it has ${PROXY_HEADER_LIMIT + 1} bytes, more than ${PROXY_HEADER_LIMIT}`,
    });
  });
});
