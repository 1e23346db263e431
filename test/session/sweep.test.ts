/**
 * The sweep: marks and deadlines at the ticks of a grid, one timer, and none while there is nothing to do.
 */
import { expect, test } from 'vitest';
import type { Deadline, Perishable } from '../../proxy/session/deadlines.ts';
import { type Killable, Sweep } from '../../proxy/session/sweep.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { VirtualClock } from '../../simulator/world/virtual-clock.ts';

const INTERVAL = 1000;

function scene() {
  const clock = new VirtualClock(5_000_123);
  const start = clock.now();
  const sweep = new Sweep(clock, INTERVAL);
  const log: string[] = [];
  /** Moves to `time` after the start, stopping at every timer. */
  function goTo(time: number): void {
    for (let next = clock.next(); next !== undefined && next <= start + time; next = clock.next()) {
      clock.advanceTo(next);
      clock.runDue();
    }
    clock.advanceTo(start + time);
  }
  function target(name: string): Killable & Perishable {
    return {
      killed: (by) => log.push(`${clock.now() - start} ${name} killed by ${by}`),
      expired: () => log.push(`${clock.now() - start} ${name} expired`),
    };
  }
  function watch(name: string, delay: number): Deadline {
    const deadline = sweep.deadline(target(name));
    deadline.set(delay);
    return deadline;
  }
  return { clock, sweep, log, goTo, target, watch };
}

test('a mark is executed by the first tick after it; the first marker counts', () => {
  const { clock, sweep, log, goTo, target } = scene();
  const a = target('a');
  goTo(1400);
  expect(clock.armed).toBe(0);
  sweep.mark(a, 7);
  sweep.mark(a, 8);
  expect(clock.armed).toBe(1);
  goTo(1999);
  expect(log).toEqual([]);
  goTo(2000);
  expect(log).toEqual(['2000 a killed by 7']);
  expect(clock.armed).toBe(0);
  // On a tick: the next one.
  sweep.mark(a, 9);
  goTo(5000);
  expect(log).toEqual(['2000 a killed by 7', '3000 a killed by 9']);
});

test('marks in their order, one timer for all', () => {
  const { clock, sweep, log, goTo, target } = scene();
  for (const name of ['c', 'a', 'b']) sweep.mark(target(name), 1);
  expect(clock.armed).toBe(1);
  goTo(1000);
  expect(log.map((line) => line.split(' ')[1])).toEqual(['c', 'a', 'b']);
});

test('a mark set by a killed one waits for the next tick', () => {
  const { sweep, log, goTo, target } = scene();
  const b = target('b');
  sweep.mark({ killed: () => sweep.mark(b, 2) }, 1);
  goTo(1000);
  expect(log).toEqual([]);
  goTo(2000);
  expect(log).toEqual(['2000 b killed by 2']);
});

test('a wait set by a killed one, while no other runs, is not over in the same tick', () => {
  const { sweep, log, goTo, watch } = scene();
  sweep.mark({ killed: () => watch('a', 5_000) }, 1);
  goTo(1000);
  expect(log).toEqual([]);
  goTo(6000);
  expect(log).toEqual(['6000 a expired']);
});

test('a deadline is executed by the first tick at or after it', () => {
  const { clock, log, goTo, watch } = scene();
  watch('on the grid', 10_000);
  goTo(1);
  watch('beside it', 10_000);
  expect(clock.armed).toBe(1);
  goTo(9_999);
  expect(log).toEqual([]);
  goTo(20_000);
  expect(log).toEqual(['10000 on the grid expired', '11000 beside it expired']);
  expect(clock.armed).toBe(0);
});

test('a mark arms an earlier tick than a deadline, and the deadline stays', () => {
  const { sweep, log, goTo, target, watch } = scene();
  watch('slow', 10_000);
  sweep.mark(target('fast'), 1);
  goTo(20_000);
  expect(log).toEqual(['1000 fast killed by 1', '10000 slow expired']);
});

test('deadlines of any length, in the order of their ends, with one timer', () => {
  const { clock, log, goTo, watch } = scene();
  for (const delay of [8 * 3_600_000, 30_000, 5_000, 60_000, 5_500, 1]) watch(`${delay} ms`, delay);
  expect(clock.armed).toBe(1);
  goTo(9 * 3_600_000);
  expect(log).toEqual([
    '1000 1 ms expired',
    '5000 5000 ms expired',
    '6000 5500 ms expired',
    '30000 30000 ms expired',
    '60000 60000 ms expired',
    '28800000 28800000 ms expired',
  ]);
  expect(clock.armed).toBe(0);
});

test('put off, drawn nearer, lifted and set again, it expires when it was set for last', () => {
  const { log, goTo, watch } = scene();
  const off = watch('put off', 5_000);
  const near = watch('drawn nearer', 60_000);
  const lifted = watch('lifted', 5_000);
  const again = watch('set again', 5_000);
  goTo(1_000);
  off.set(20_000);
  near.set(2_000);
  lifted.lift();
  again.lift();
  again.set(10_000);
  goTo(3_600_000);
  expect(log).toEqual(['3000 drawn nearer expired', '11000 set again expired', '21000 put off expired']);
});

test('set anew with every statement for an hour, it wakes nobody but once in its length', () => {
  const { clock, log, goTo, watch } = scene();
  const deadline = watch('busy', 30_000);
  let ticks = 0;
  const { runDue } = clock;
  clock.runDue = () => {
    ticks += 1;
    return runDue.call(clock);
  };
  for (let time = 0; time < 3_600_000; time += 100) {
    goTo(time);
    deadline.set(30_000);
  }
  expect(log).toEqual([]);
  expect(ticks).toBeLessThanOrEqual(3_600_000 / 30_000);
});

test('0 is no deadline, and one that is over cannot be set', () => {
  const { clock, log, goTo, watch } = scene();
  expect(watch('none', 0).due).toBe(Number.POSITIVE_INFINITY);
  const over = watch('over', 1_000);
  over.end();
  over.set(1_000);
  expect(clock.armed).toBe(0);
  goTo(10_000);
  expect(log).toEqual([]);
});

test('who has gone is forgotten, and the timer with the last of them', () => {
  const { clock, sweep, log, goTo, target, watch } = scene();
  const [a, b] = [target('a'), target('b')];
  const deadline = watch('a', 10_000);
  sweep.mark(a, 1);
  sweep.mark(b, 1);
  sweep.forget(a);
  deadline.end();
  expect(clock.armed).toBe(1);
  sweep.forget(b);
  expect(clock.armed).toBe(0);
  watch('c', 10_000).end();
  expect(clock.armed).toBe(0);
  goTo(30_000);
  expect(log).toEqual([]);
});

test('many at random against a plain list', () => {
  const { clock, log, goTo, watch } = scene();
  const random = new SeededChoices(7);
  const expected: (number | null)[] = [];
  const deadlines = Array.from({ length: 200 }, (_, index) => {
    expected.push(null);
    return watch(String(index), 100_000_000);
  });
  for (let round = 0; round < 100; round += 1) {
    const now = clock.now() - 5_000_123;
    for (let i = 0; i < 50; i += 1) {
      const index = random.choose('which', deadlines.length);
      const delay = random.choose('delay', 3) === 0 ? 0 : 1 + random.choose('delay', 90_000);
      deadlines[index]!.set(delay);
      expected[index] =
        delay === 0 ? null : Math.max(Math.ceil((now + delay) / 1000), Math.floor(now / 1000) + 1) * 1000;
    }
    goTo(now + random.choose('pause', 4_000));
    const passed = clock.now() - 5_000_123;
    const due = expected.flatMap((at, index) => (at !== null && at <= passed ? [`${at} ${index} expired`] : []));
    expect([...log].sort()).toEqual(due.sort());
    log.length = 0;
    for (const [index, at] of expected.entries()) if (at !== null && at <= passed) expected[index] = null;
  }
});
