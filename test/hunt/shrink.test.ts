/** Shrinking, on a toy with a race planted in it: what is left is what the race needs, and it is still the same failure. */
import { describe, expect, it } from 'vitest';
import type { Choices } from '../../proxy/ports.ts';
import type { Verdict } from '../../simulator/hunt/judge.ts';
import { GAP_AT, GAPS, type Plan, scriptOf } from '../../simulator/hunt/plan.ts';
import { parseReplay, printReplay } from '../../simulator/hunt/replay-string.ts';
import { shrink, type Try } from '../../simulator/hunt/shrink.ts';
import { WORDS } from '../../simulator/hunt/vocabulary.ts';
import { type Choice, RecordedChoices, ReplayChoices, SeededChoices } from '../../simulator/world/choices.ts';

/** Steps of the toy, by their first number; the second is who does it. */
const READ = 0;
const OPEN = 1;
const WRITE = 2;
const KILL = 3;
const NOISE = 4;

const DELAY = 'toy.delay';
const LATE = 2;

function blamed(invariant: string, ...between: [string, string]): Verdict {
  return { invariant, what: 'planted', at: 0, between };
}

/**
 * Each step draws a delay. Who opens, writes and is killed while the write is late has found the race; a write by
 * somebody who has opened nothing is another failure, which must never be taken for it.
 */
async function toy({ steps }: Plan, world: Choices): Promise<Verdict | null> {
  const open = new Set<number>();
  const late = new Set<number>();
  let wrong: Verdict | null = null;
  for (const [kind = READ, who = 0] of steps) {
    const delay = world.choose(DELAY, 4);
    if (kind === OPEN) open.add(who);
    if (kind === WRITE && !open.has(who)) wrong ??= blamed('other', 'WRITE', '');
    if (kind === WRITE && open.has(who) && delay >= LATE) late.add(who);
    if (kind === KILL && late.has(who)) return blamed('race', 'WRITE', 'KILL');
  }
  return wrong;
}

interface Found {
  readonly plan: Plan;
  readonly world: readonly Choice[];
  readonly verdict: Verdict;
}

/** A long plan that fails by the race, in the world where it does. */
async function found(seed: number): Promise<Found> {
  for (let number = seed * 10_000; ; number += 1) {
    const draw = new SeededChoices(number, {});
    const steps = Array.from({ length: 50 }, () => [
      draw.choose('kind', NOISE + 1),
      draw.choose('who', 4),
      draw.choose('pad', 9),
    ]);
    const plan = { head: [draw.choose('head', 5), 3], steps };
    const recorder = new RecordedChoices(new SeededChoices(number + 5000, { [DELAY]: 300 }));
    const verdict = await toy(plan, recorder);
    if (verdict?.invariant === 'race') return { plan, world: recorder.list, verdict };
  }
}

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

describe('a race among fifty steps', () => {
  it.each(SEEDS)('of seed %i is shrunk to the three that it needs, and to one decision of the world', async (seed) => {
    const { plan, world, verdict } = await found(seed);
    const small = await shrink({ plan, world }, verdict, toy);
    // Who does it must be the same in all three: one alone cannot be made smaller.
    const who = small.plan.steps[0]![1]!;
    expect(small.plan.steps).toEqual([
      [OPEN, who, 0],
      [WRITE, who, 0],
      [KILL, who, 0],
    ]);
    expect(small.plan.head).toEqual([0, 0]);
    expect(small.world).toEqual([{ site: DELAY, index: 1, value: LATE }]);
    expect(small.verdict).toEqual(verdict);
    expect(await toy(small.plan, new ReplayChoices(small.world))).toEqual(verdict);
  });

  it('ends in the same place each time, and tells how it gets on', async () => {
    const { plan, world, verdict } = await found(1);
    const told: number[] = [];
    const one = await shrink({ plan, world }, verdict, toy, { told: (_runs, steps) => told.push(steps) });
    const two = await shrink({ plan, world }, verdict, toy);
    expect(two).toEqual(one);
    expect(told.at(-1)).toBe(3);
    expect(told).toEqual([...told].sort((a, b) => b - a));
  });
});

it('a failure of another kind is never kept', async () => {
  const seen: string[] = [];
  const { plan, world, verdict } = await found(2);
  const watching: Try = async (tried, choices) => {
    const result = await toy(tried, choices);
    if (result !== null) seen.push(result.invariant);
    return result;
  };
  const small = await shrink({ plan, world }, verdict, watching);
  // It met the other one on its way: dropping the OPEN alone makes it.
  expect(seen).toContain('other');
  expect(small.verdict.invariant).toBe('race');
});

it('what never fails again is left as it was', async () => {
  const { plan, world, verdict } = await found(3);
  const small = await shrink({ plan, world }, verdict, async () => null);
  expect(small.plan).toEqual(plan);
  expect(small.world).toEqual(world);
  expect(small.verdict).toEqual(verdict);
});

it('a failure that is everywhere costs a bounded number of runs', async () => {
  const { plan, world, verdict } = await found(4);
  let runs = 0;
  const always: Try = async () => {
    runs += 1;
    return verdict;
  };
  const small = await shrink({ plan, world }, verdict, always);
  expect(small.plan.steps).toEqual([]);
  expect(runs).toBeLessThan(6100);
});

/** Who is killed must be looked at two seconds later: how long that takes is told by the pauses between. */
async function patient({ steps }: Plan, world: Choices): Promise<Verdict | null> {
  let passed: number | null = null;
  for (const step of steps) {
    world.choose(DELAY, 4);
    if (passed !== null) passed += GAPS[step[GAP_AT] ?? 0]!;
    if (step[0] === KILL) passed ??= 0;
    else if (passed !== null && passed >= 2000) return blamed('patience', 'READ', 'KILL');
  }
  return null;
}

it('steps that only let time pass are joined to one long pause', async () => {
  const hundreds = GAPS.indexOf(200);
  const steps = [[KILL, 1, 0], ...Array.from({ length: 12 }, () => [READ, 1, hundreds])];
  const small = await shrink({ plan: { head: [0], steps }, world: [] }, blamed('patience', 'READ', 'KILL'), patient);
  expect(small.plan.steps).toEqual([
    [KILL, 0, 0],
    [READ, 0, GAPS.indexOf(3000)],
  ]);
});

it('of a step that is several actions those stay that are needed', async () => {
  const word = WORDS.findIndex(({ name }) => name === 'savepoint');
  const plan: Plan = { head: [0, 2], steps: [[0], [word, 1, 3, 0, 2], [0]] };
  const said = (it: Plan): string[] => scriptOf(it).steps.map((action) => JSON.stringify(action));
  const goesBack = async (it: Plan): Promise<Verdict | null> => {
    const all = said(it);
    const [set, back] = ['"SAVEPOINT s"', '"ROLLBACK TO s"'].map((sql) => all.findIndex((text) => text.includes(sql)));
    return set! >= 0 && back! > set! ? blamed('back', 'ROLLBACK TO', '') : null;
  };
  expect(said(plan)).toHaveLength(7);
  const small = await shrink({ plan, world: [] }, blamed('back', 'ROLLBACK TO', ''), goesBack);
  expect(said(small.plan)).toHaveLength(2);
  // A string says so, too.
  const again = parseReplay(printReplay(small)).plan;
  expect(said(again)).toEqual(said(small.plan));
});

/** Four writes in one and the same run must be cut, which is rare: a world in which little is cut hardly ever shows it. */
async function cut({ steps }: Plan, world: Choices): Promise<Verdict | null> {
  let cuts = 0;
  for (const [kind = READ] of steps) {
    const where = world.choose('net.split', 9);
    if (kind === WRITE && where > 0) cuts += 1;
    if (cuts === 4) return blamed('cut', 'WRITE', '');
  }
  return null;
}

it('what needs many cuts is not left long because few worlds cut', async () => {
  const steps = Array.from({ length: 40 }, (_, index) => [index % 2 === 0 ? WRITE : READ]);
  const recorder = new RecordedChoices(new SeededChoices(1, { 'net.split': 500 }));
  const verdict = await cut({ head: [], steps }, recorder);
  const small = await shrink({ plan: { head: [], steps }, world: recorder.list }, verdict!, cut);
  // Eight where all worlds are the usual ones.
  expect(small.plan.steps.length).toBeLessThan(6);
});
