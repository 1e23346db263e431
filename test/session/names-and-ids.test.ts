/**
 * User names as ODP takes them, and the ids of sessions: how they are made and how a typed one is recognised.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsIds, ProxySessids, shownId } from '../../proxy/session/ids.ts';
import { canonicalName, parseUserName } from '../../proxy/session/user-name.ts';

describe('user names (odp-relay.md §1)', () => {
  test.each([
    // Standard.
    ['app', 'app@sys'],
    ['app@shop', 'app@shop'],
    ['app#obdemo', 'app@sys#obdemo'],
    ['app@shop#obdemo', 'app@shop#obdemo'],
    ['app@shop#obdemo:7', 'app@shop#obdemo:7'],
    ['app@shop#', 'app@shop'],
    ['app@@shop', 'app@@shop'],
    ['app@shop#ob#demo', 'app@shop#ob#demo'],
    ['a:b:c@shop', 'a:b:c@shop'],
    // Not standard: the first separator that occurs twice.
    ['obdemo:shop:app', 'app@shop#obdemo'],
    ['obdemo-shop-app', 'app@shop#obdemo'],
    ['obdemo.shop.app', 'app@shop#obdemo'],
    ['obdemo:shop:app:7', 'app@shop#obdemo:7'],
    ['obdemo-shop-app-7', 'app@shop#obdemo:7'],
    ['obdemo-shop-app:7', 'app@shop#obdemo:7'],
    ['obdemo.shop.app:7', 'app@shop#obdemo:7'],
    ['a.b.c:d:e', 'e@d#a.b.c'],
    ['a-b.c-d', 'd@b.c#a'],
    ['a-b', 'a-b@sys'],
    ['a:b', 'a:b@sys'],
    ['x-y-z', 'z@y#x'],
    // Not to be read.
    ['', null],
    ['@shop', null],
    ['#obdemo', null],
    ['app@shop#obdemo:x', null],
    ['app@shop#obdemo:', null],
    ['obdemo:shop:app:x', null],
    ['obdemo:shop:', null],
  ])('%j is %j', (typed, canonical) => {
    const name = parseUserName(typed);
    expect(name === null ? null : canonicalName(name)).toBe(canonical);
  });

  test('both forms of a name mean the same', () => {
    const word = fc.stringMatching(/^[a-z_]{1,8}$/);
    const id = fc.option(fc.nat(99_999));
    fc.assert(
      fc.property(word, word, word, id, fc.constantFrom(':', '-', '.'), (user, tenant, cluster, number, separator) => {
        const suffix = number === null ? '' : `:${number}`;
        const standard = parseUserName(`${user}@${tenant}#${cluster}${suffix}`);
        expect(parseUserName([cluster, tenant, user].join(separator) + suffix)).toEqual(standard);
        expect(standard).toEqual({ user, tenant, cluster, clusterId: number });
      }),
    );
  });

  test('no name is too odd', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '@', '#', ':', '-', '.', '7') }), (typed) => {
        const name = parseUserName(typed);
        if (name !== null) expect(name.user).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('cs_ids', () => {
  test('ascending from 1, wrapping in their field, never 0, never one in use', () => {
    const ids = new CsIds(0);
    expect([ids.next(new Set()), ids.next(new Set()), ids.next(new Set([3, 4]))]).toEqual([1, 2, 5]);
    const everything = { has: (id: number) => id !== 2 ** 22 - 1 && id !== 1 };
    let found: number | null = null;
    while (found === null) found = ids.next(everything);
    expect(found).toBe(2 ** 22 - 1);
    expect(ids.next(everything)).toBe(1);
  });

  test('after 1,000 collisions there is none', () => {
    const ids = new CsIds(0);
    let tried = 0;
    const full = {
      has() {
        tried += 1;
        return true;
      },
    };
    expect(ids.next(full)).toBeNull();
    expect(tried).toBe(1000);
  });

  test('never two alike among the living, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.array(fc.boolean(), { maxLength: 200, size: 'max' }), (proxyId, comes) => {
        const ids = new CsIds(proxyId);
        const living = new Set<number>();
        for (const come of comes) {
          if (come || living.size === 0) {
            const id = ids.next(living)!;
            expect(living.has(id)).toBe(false);
            expect(id >>> 23).toBe(proxyId);
            expect(id & 0x3f_ffff).not.toBe(0);
            expect(ids.recognise(BigInt(id))).toEqual({ kind: 'client', id });
            living.add(id);
          } else {
            living.delete([...living][0]!);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    [0, 0n, 'client'],
    [0, 4194303n, 'client'],
    [0, 4194304n, 'unavailable'],
    [0, -1n, 'unavailable'],
    [0, 2147483648n, 'observer'],
    [0, 4294967295n, 'observer'],
    [0, 4294967296n, 'unavailable'],
    [0, 6442450944n, 'unavailable'],
    [0, 99999999999999999n, 'unavailable'],
    [1, 8388609n, 'client'],
    [1, 4194304n, 'mismatch'],
    [1, 12582911n, 'client'],
    [255, 2147483647n, 'unavailable'],
    [255, 2143289343n, 'client'],
  ])('with proxy_id %d, %d is %s', (proxyId, typed, kind) => {
    expect(new CsIds(proxyId).recognise(typed).kind).toBe(kind);
  });
});

test('proxy_sessids: address, port and a counter that wraps', () => {
  const ids = new ProxySessids('172.30.140.64', 2883);
  for (let i = 1; i < 9; i++) ids.next();
  expect(ids.next()).toBe(12402504630519660553n);
  for (let i = 10; i <= 0xffff; i++) ids.next();
  expect([ids.next() & 0xffffn, ids.next() & 0xffffn]).toEqual([0n, 1n]);
  expect(new ProxySessids('::1', 2883).next()).toBe((2883n << 16n) | 1n);
});

test('ids in error texts are unsigned', () => {
  expect([-5n, 5n, -1n].map(shownId)).toEqual(['18446744073709551611', '5', '18446744073709551615']);
});
