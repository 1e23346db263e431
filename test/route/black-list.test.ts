/**
 * The black list (odp-relay.md §5.6): when a server is skipped, for how long, and what takes it off.
 */
import { describe, expect, test } from 'vitest';
import { type ConfigItems, DEFAULT_ITEMS } from '../../proxy/config.ts';
import { BlackList } from '../../proxy/route/black-list.ts';
import { VirtualClock } from '../../simulator/world/virtual-clock.ts';

const SERVERS = [1, 2, 3].map((host) => ({ host: `10.0.0.${host}`, port: 2881 }));
const [A, B] = SERVERS;

function scene(items: Partial<ConfigItems> = {}) {
  const clock = new VirtualClock();
  const list = new BlackList({ ...DEFAULT_ITEMS, ...items }, clock);
  return {
    list,
    pass: (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000),
    fail: (times: number) => {
      for (let i = 0; i < times; i += 1) list.failed(A!);
    },
    order: () => list.sorted([0, 1, 2], (it) => SERVERS[it]!),
  };
}

describe('a server is skipped', () => {
  test('after five failures in two minutes, and no other one is', () => {
    const { list, fail, pass, order } = scene();
    fail(4);
    expect([list.isEmpty, list.skips(A!), order()]).toEqual([true, false, [0, 1, 2]]);
    pass(119);
    fail(1);
    expect([list.isEmpty, list.skips(A!), list.skips(B!), order()]).toEqual([false, true, false, [1, 2, 0]]);
  });

  test('not if they lie further apart', () => {
    const { list, fail, pass } = scene();
    fail(4);
    pass(121);
    fail(4);
    expect(list.isEmpty).toBe(true);
    fail(1);
    expect(list.skips(A!)).toBe(true);
  });

  test('as the items say', () => {
    const { list, fail, pass } = scene({ congestion_failure_threshold: 2, congestion_retry_interval: 3_000 });
    fail(2);
    expect(list.skips(A!)).toBe(true);
    pass(3);
    expect(list.skips(A!)).toBe(false);
  });

  test('never, if it is switched off', () => {
    const { list, fail } = scene({ enable_congestion: false });
    fail(100);
    expect([list.isEmpty, list.skips(A!)]).toEqual([true, false]);
  });
});

describe('after 20 seconds it is tried again', () => {
  test('a failure then is 20 seconds more, without four others', () => {
    const { list, fail, pass } = scene();
    fail(5);
    pass(19.999);
    expect(list.skips(A!)).toBe(true);
    pass(0.001);
    expect(list.skips(A!)).toBe(false);
    fail(1);
    pass(19);
    expect(list.skips(A!)).toBe(true);
    pass(1);
    expect(list.skips(A!)).toBe(false);
  });

  test('an answer clears it: five more failures are needed', () => {
    const { list, fail, pass } = scene();
    fail(5);
    pass(20);
    list.answered(A!);
    expect(list.isEmpty).toBe(true);
    fail(4);
    expect(list.isEmpty).toBe(true);
    fail(1);
    expect(list.skips(A!)).toBe(true);
  });

  test('an answer earlier is too early: of a connection that was there before', () => {
    const { list, fail, pass } = scene();
    fail(5);
    pass(19);
    list.answered(A!);
    expect(list.skips(A!)).toBe(true);
    pass(1);
    expect(list.isEmpty).toBe(false);
  });
});

test('all of them: the order is as it was', () => {
  const { list, order } = scene();
  for (const server of SERVERS) for (let i = 0; i < 5; i += 1) list.failed(server);
  expect(order()).toEqual([0, 1, 2]);
});
