/**
 * The sweep: marks and deadlines at the ticks of a grid, one timer, and none while there is nothing to do.
 */
import { expect, test } from 'vitest';
import { type Killable, type Perishable, Sweep } from '../../proxy/session/sweep.ts';
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
  return { clock, sweep, log, goTo, target };
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

test('a deadline is executed by the first tick at or after it', () => {
  const { clock, sweep, log, goTo, target } = scene();
  sweep.watch(target('on the grid'), 10_000);
  goTo(1);
  sweep.watch(target('beside it'), 10_000);
  expect(clock.armed).toBe(1);
  goTo(9_999);
  expect(log).toEqual([]);
  goTo(20_000);
  expect(log).toEqual(['10000 on the grid expired', '11000 beside it expired']);
  expect(clock.armed).toBe(0);
});

test('a mark arms an earlier tick than a deadline, and the deadline stays', () => {
  const { sweep, log, goTo, target } = scene();
  sweep.watch(target('slow'), 10_000);
  sweep.mark(target('fast'), 1);
  goTo(20_000);
  expect(log).toEqual(['1000 fast killed by 1', '10000 slow expired']);
});

test('who has gone is forgotten, and the timer with the last of them', () => {
  const { clock, sweep, log, goTo, target } = scene();
  const [a, b] = [target('a'), target('b')];
  sweep.watch(a, 10_000);
  sweep.mark(a, 1);
  sweep.mark(b, 1);
  sweep.forget(a);
  expect(clock.armed).toBe(1);
  sweep.forget(b);
  expect(clock.armed).toBe(0);
  sweep.watch(a, 10_000);
  sweep.unwatch(a);
  expect(clock.armed).toBe(0);
  goTo(30_000);
  expect(log).toEqual([]);
});
