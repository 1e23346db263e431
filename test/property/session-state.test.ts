/**
 * Whatever a client sets and prepares, and wherever its statements go: the server session that serves has exactly its state
 * (odp-relay.md §4). The model is a session that never goes anywhere (`twins.ts`).
 *
 * A failure prints seed and path of fast-check, the steps and the seed of the world's choices: with `fc.assert(…, { seed, path })`
 * or with the plan alone it is the same again.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { type Plan, plans } from './steps.ts';
import { SWITCHED_OFF } from './switched-off.ts';
import { Twins } from './twins.ts';

/** More of them on demand: `STATE_RUNS=20000 STATE_SEED=7`. */
const RUNS = Number(process.env.STATE_RUNS ?? 150);
const SEED = process.env.STATE_SEED === undefined ? {} : { seed: Number(process.env.STATE_SEED) };
/** Milliseconds for a run on a busy machine. */
const RUN_TIME = 200;

/** Runs the steps, as far as all is well. */
function lived([steps, seed]: Plan): Twins {
  const twins = new Twins(new SeededChoices(seed));
  for (const it of steps) if (!twins.step(it)) break;
  twins.finish();
  return twins;
}

test(
  'the state of a client is wherever its statements go',
  () => {
    const seen = { kills: 0, switches: 0, crashes: 0 };
    fc.assert(
      fc.property(plans, (plan) => {
        const twins = lived(plan);
        seen.kills += twins.kills;
        seen.crashes += twins.crashes;
        seen.switches += twins.served.size - 1;
        expect(twins.wrong).toBeNull();
      }),
      { numRuns: RUNS, ...SEED },
    );
    // It has not been true for want of anything that could go wrong.
    expect(seen.kills).toBeGreaterThan(RUNS / 3);
    expect(seen.crashes).toBeGreaterThan(RUNS / 15);
    expect(seen.switches).toBeGreaterThan(RUNS);
  },
  30_000 + RUNS * RUN_TIME,
);

const MOST_RUNS = 1000;

describe.each(SWITCHED_OFF)('$name', ({ apply }) => {
  test(`is noticed within ${MOST_RUNS} runs, and again from what is printed`, () => {
    const undo = apply();
    try {
      const property = fc.property(plans, (plan) => lived(plan).wrong === null);
      const found = fc.check(property, { numRuns: MOST_RUNS, seed: 1, endOnFailure: true });
      expect(found.failed).toBe(true);
      const { seed, counterexamplePath: path } = found;
      expect(fc.defaultReportMessage(found)).toContain(`{ seed: ${seed}, path: "${path}", endOnFailure: true }`);
      expect(fc.check(property, { seed, path: path!, endOnFailure: true }).failed).toBe(true);
      const [plan] = found.counterexample!;
      expect(lived(plan).wrong).not.toBeNull();
    } finally {
      undo();
    }
  }, 120_000);
});
