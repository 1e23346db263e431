/**
 * Whatever is played, in whatever world: the invariants hold. The hunt draws its plans by weights from a seed; here fast-check
 * draws any lists of numbers at all, which are plans too. A failure prints the string that replays it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import { GAPS, HEAD_CASES, type Plan } from '../../simulator/hunt/plan.ts';
import { printReplay } from '../../simulator/hunt/replay-string.ts';
import { HUNT_RATES, playPlan } from '../../simulator/hunt/run.ts';
import { WORDS } from '../../simulator/hunt/vocabulary.ts';
import { RecordedChoices, SeededChoices } from '../../simulator/world/choices.ts';
import { sha1 } from '../client/fake-server.ts';

const RUNS = 200;
const MOST_CASES = 8;
const MOST_STEPS = 60;
const WORLDS = 1_000_000;

const step = fc.tuple(
  fc.nat(WORDS.length - 1),
  fc.nat(HEAD_CASES[1] - 1),
  // A pause of seconds before every step would make all of them strangers.
  fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(GAPS.length - 1) }),
  fc.nat(MOST_CASES),
  fc.nat(MOST_CASES),
);
const plans: fc.Arbitrary<Plan> = fc.record({
  head: fc.tuple(...HEAD_CASES.map((cases) => fc.nat(cases - 1))),
  steps: fc.array(step, { maxLength: MOST_STEPS, size: 'max' }),
});

test('the invariants hold', async () => {
  let answered = 0;
  let kills = 0;
  let faults = 0;
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(WORLDS), async (plan, seed) => {
      const world = new RecordedChoices(new SeededChoices(seed, HUNT_RATES));
      const { verdict, tally } = await playPlan(plan, world, { sha1, invariants: INVARIANTS });
      answered += tally.answered;
      kills += tally.kills;
      faults += tally.faults;
      const replay = verdict === null ? '' : `npm run replay -- ${printReplay({ plan, world: world.list })}`;
      expect(verdict, replay).toBeNull();
    }),
    { numRuns: RUNS },
  );
  // It has not been true for want of anything that could go wrong.
  expect(answered).toBeGreaterThan(5 * RUNS);
  expect(kills).toBeGreaterThan(RUNS / 4);
  expect(faults).toBeGreaterThan(RUNS);
}, 60_000);
