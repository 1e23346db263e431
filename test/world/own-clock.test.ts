/** A host's own clock: it goes with the world's, and what it is ahead fires what is due, in order, soon and once. */
import { expect, test } from 'vitest';
import { OwnClock } from '../../simulator/world/own-clock.ts';
import { World } from '../../simulator/world/world.ts';

function bench() {
  const world = new World();
  const clock = new OwnClock(world.clock);
  const fired: string[] = [];
  return { world, clock, fired, began: clock.now() };
}

test('without a jump it is the clock of the world', () => {
  const { world, clock, fired, began } = bench();
  clock.after(20, () => fired.push('20'));
  const cancelled = clock.after(10, () => fired.push('10'));
  cancelled.cancel();
  world.advance(19);
  expect(clock.now() - began).toBe(19);
  expect(fired).toEqual([]);
  world.advance(1);
  expect(fired).toEqual(['20']);
});

test('a jump lets fire what is due by then, in the order in which it was due, and not from inside the call', () => {
  const { world, clock, fired, began } = bench();
  clock.after(30, () => fired.push('30'));
  clock.after(10, () => fired.push('10'));
  clock.after(50, () => fired.push('50'));
  clock.jump(40);
  expect(clock.now() - began).toBe(40);
  expect(fired).toEqual([]);
  world.settle();
  expect(fired).toEqual(['10', '30']);
  world.advance(9);
  expect(fired).toEqual(['10', '30']);
  world.advance(1);
  expect(fired).toEqual(['10', '30', '50']);
  expect(world.armedTimers).toBe(0);
});

test('what is armed behind a jump takes its time, and what is cancelled behind one never fires', () => {
  const { world, clock, fired } = bench();
  const early = clock.after(10, () => fired.push('early'));
  clock.jump(3_600_000);
  early.cancel();
  clock.after(10, () => fired.push('late'));
  world.advance(9);
  expect(fired).toEqual([]);
  world.advance(1);
  expect(fired).toEqual(['late']);
  expect(world.armedTimers).toBe(0);
});

test('nobody else hears of it', () => {
  const { world, clock, fired } = bench();
  const other = new OwnClock(world.clock);
  other.after(10, () => fired.push('other'));
  world.clock.after(10, () => fired.push('world'));
  clock.jump(100);
  world.settle();
  expect(fired).toEqual([]);
  world.advance(10);
  expect(fired).toEqual(['other', 'world']);
});
