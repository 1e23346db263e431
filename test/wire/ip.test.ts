/**
 * Addresses and networks: what is one, how it is written, who is in it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInNetwork, parseIp, parseNetwork, showIp } from '../../proxy/wire/ip.ts';

function shown(text: string): string | null {
  const ip = parseIp(text);
  return ip === null ? null : showIp(ip);
}

describe('addresses', () => {
  test.each([
    ['10.0.0.7', '10.0.0.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:db8:0:0:0:0:0:9', '2001:db8::9'],
    ['2001:DB8::A', '2001:db8::a'],
    // The longest row of zeros, of two equal ones the first; one alone is written (RFC 5952 §4.2).
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1'],
    // The same host.
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::ffff:a00:7', '10.0.0.7'],
  ])('%s is %s', (text, canonical) => {
    expect(shown(text)).toBe(canonical);
  });

  test.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.0.1',
    '10.0.0.256',
    '10.0.0.07',
    '010.0.0.7',
    '10.0.0.-1',
    ' 10.0.0.7',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    'g::',
    '10.0.0.7::',
    '::10.0.0.7:1',
    ':1:2:3:4:5:6:7',
  ])('%j is none', (text) => {
    expect(parseIp(text)).toBeNull();
  });

  test('what is written is read again', () => {
    const sizes = fc.constantFrom(4, 16).chain((size) => fc.uint8Array({ minLength: size, maxLength: size }));
    // Rows of zeros are rare by themselves.
    const bytes = fc.tuple(sizes, fc.nat(16), fc.nat(16)).map(([all, from, length]) => {
      return Buffer.from(all).fill(0, Math.min(from, all.length), Math.min(from + length, all.length));
    });
    fc.assert(
      fc.property(bytes, (ip) => {
        const text = showIp(ip);
        expect(showIp(parseIp(text)!)).toBe(text);
        if (!text.includes('.')) expect(parseIp(text)).toEqual(ip);
      }),
    );
  });
});

describe('networks', () => {
  test.each([
    ['10.0.0.0/8', ['10.255.0.1', '10.0.0.0', '::ffff:10.1.2.3'], ['11.0.0.0', '9.255.255.255', '::a00:1']],
    ['10.20.30.40', ['10.20.30.40'], ['10.20.30.41']],
    ['100.88.147.129/26', ['100.88.147.128', '100.88.147.191'], ['100.88.147.127', '100.88.147.192']],
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1'], ['10.0.0.2']],
    ['10.0.0.9/32', ['10.0.0.9'], ['10.0.0.8']],
    ['1.2.3.4/0', ['255.0.0.1'], ['::1']],
    ['2001:db8::/32', ['2001:db8:ffff::1'], ['2001:db9::', '32.1.13.184']],
    ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::']],
    ['::1', ['::1'], ['::2', '0.0.0.1']],
  ])('%s', (text, inside, outside) => {
    const network = parseNetwork(text)!;
    for (const ip of inside) expect([ip, isInNetwork(parseIp(ip)!, network)]).toEqual([ip, true]);
    for (const ip of outside) expect([ip, isInNetwork(parseIp(ip)!, network)]).toEqual([ip, false]);
  });

  test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/x', '10.0.0.0/-1', '/8', '10.0.0.0/8/8', 'here'])(
    '%j is none',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});
