/** Choices: the same seed is the same run, and a written list replays it. */
import { expect, test } from 'vitest';
import type { Choices } from '../../proxy/ports.ts';
import {
  parseChoices,
  printChoices,
  RecordedChoices,
  ReplayChoices,
  SeededChoices,
} from '../../simulator/world/choices.ts';
import { World } from '../../simulator/world/world.ts';
import { chatter } from './chatter.ts';

function draws(choices: Choices, n: number, count: number): number[] {
  return Array.from({ length: count }, () => choices.choose('site', n));
}

test('a seed gives these numbers, on every Node', () => {
  expect(draws(new SeededChoices(1), 1000, 8)).toMatchInlineSnapshot(`
    [
      806,
      987,
      498,
      171,
      239,
      156,
      289,
      35,
    ]
  `);
  expect(draws(new SeededChoices(2 ** 53 - 1), 1000, 8)).toMatchInlineSnapshot(`
    [
      593,
      176,
      221,
      821,
      122,
      800,
      860,
      865,
    ]
  `);
});

test('seeds that are no whole number are refused', () => {
  for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => new SeededChoices(seed)).toThrow(RangeError);
});

test('all cases come, about equally often; one case is no decision', () => {
  const choices = new SeededChoices(3);
  const counts = new Array<number>(7).fill(0);
  for (const value of draws(choices, 7, 70_000)) counts[value]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  expect(draws(choices, 1, 3)).toEqual([0, 0, 0]);
  expect(draws(choices, 0, 3)).toEqual([0, 0, 0]);
});

test('a rate says how often a site departs from the plain case', () => {
  const choices = new SeededChoices(4, { site: 100 });
  const odd = draws(choices, 5, 10_000).filter((value) => value !== 0).length;
  expect(Math.abs(odd - 1000)).toBeLessThan(150);
  expect(draws(new SeededChoices(4, { site: 0 }), 5, 100).every((value) => value === 0)).toBe(true);
});

test('a list is written and read back', () => {
  const list = [
    { site: 'net.next', index: 3, value: 1 },
    { site: 'a:b', index: 0, value: 12 },
  ];
  expect(printChoices(list)).toBe('net.next:3:1 a:b:0:12');
  expect(parseChoices(' net.next:3:1,\na:b:0:12 ')).toEqual(list);
  expect(parseChoices('')).toEqual([]);
  expect(() => parseChoices('net.next:3')).toThrow('site:index:value');
});

test('replay says 0 where the list says nothing, and stays below n', () => {
  const choices = new ReplayChoices(parseChoices('a:1:5 a:2:1'));
  expect([3, 3, 3, 3].map((n) => choices.choose('a', n))).toEqual([0, 2, 1, 0]);
  expect(choices.choose('b', 9)).toBe(0);
});

test('the same choices give the same bytes in the same pieces, from the seed, and from its written list', () => {
  for (let seed = 0; seed < 50; seed++) {
    const recorded = new RecordedChoices(new SeededChoices(seed));
    const first = chatter(new World({ choices: recorded }));
    expect(chatter(new World({ choices: new SeededChoices(seed) }))).toBe(first);
    const replay = new ReplayChoices(parseChoices(printChoices(recorded.list)));
    expect(chatter(new World({ choices: replay }))).toBe(first);
    if (seed > 0) expect(first).not.toBe(chatter(new World()));
  }
});
