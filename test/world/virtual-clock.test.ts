/** Virtual time: order, cancelling, and how the world walks through it. */
import { expect, test } from 'vitest';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { START, VirtualClock } from '../../simulator/world/virtual-clock.ts';
import { World } from '../../simulator/world/world.ts';

test('time stands until it is moved, and never goes back', () => {
  const clock = new VirtualClock();
  expect(clock.now()).toBe(START);
  clock.advanceTo(START + 5);
  expect(clock.now()).toBe(START + 5);
  expect(() => clock.advanceTo(START)).toThrow('never goes back');
});

test('next is the earliest deadline of what is armed', () => {
  const clock = new VirtualClock(0);
  expect(clock.next()).toBeUndefined();
  const first = clock.after(10, () => {});
  clock.after(20, () => {});
  expect(clock.next()).toBe(10);
  first.cancel();
  expect(clock.next()).toBe(20);
  expect(clock.armed).toBe(1);
});

test('thousands of timers, half of them cancelled, fire by time and then by arming', () => {
  const clock = new VirtualClock(0);
  const draw = new SeededChoices(7, {});
  const armed: { time: number; order: number }[] = [];
  const fired: { time: number; order: number }[] = [];
  for (let order = 0; order < 5000; order++) {
    const time = draw.choose('time', 300);
    const timer = clock.after(time, () => fired.push({ time, order }));
    if (draw.choose('cancel', 2) === 1) timer.cancel();
    else armed.push({ time, order });
  }
  expect(clock.armed).toBe(armed.length);
  for (let next = clock.next(); next !== undefined; next = clock.next()) {
    clock.advanceTo(next);
    clock.runDue();
  }
  expect(fired).toEqual(armed.sort((a, b) => a.time - b.time || a.order - b.order));
  expect(clock.armed).toBe(0);
});

test('what a timer arms for now waits until what is due has fired', () => {
  const clock = new VirtualClock(0);
  const log: string[] = [];
  clock.after(0, () => {
    log.push('a');
    clock.after(0, () => log.push('c'));
  });
  clock.after(0, () => log.push('b'));
  expect(clock.runDue()).toBe(true);
  expect(log).toEqual(['a', 'b']);
  expect(clock.runDue()).toBe(true);
  expect(log).toEqual(['a', 'b', 'c']);
  expect(clock.runDue()).toBe(false);
});

test('the world stops at each timer on the way', () => {
  const world = new World({ start: 0 });
  const log: number[] = [];
  for (let next = 1; next <= 4; next++) world.clock.after(next * 300, () => log.push(world.clock.now()));
  world.advance(1000);
  expect(log).toEqual([300, 600, 900]);
  expect(world.clock.now()).toBe(1000);
  expect(world.armedTimers).toBe(1);
  expect(world.idle).toBe(false);
  world.advance(200);
  expect(world.idle).toBe(true);
});

test('a world that never settles is found out', () => {
  const world = new World({ limit: 1000 });
  class Restless {
    again(): void {
      world.clock.after(0, () => this.again());
    }
  }
  new Restless().again();
  expect(() => world.settle()).toThrow('the world does not settle: 1000 deliveries and timers at 1700000000000 ms');
});

test('settle is not called from inside an event', () => {
  const world = new World();
  let error: unknown;
  world.clock.after(0, () => {
    try {
      world.settle();
    } catch (caught) {
      error = caught;
    }
  });
  world.settle();
  expect(String(error)).toContain('inside an event');
});
