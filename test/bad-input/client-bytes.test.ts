/**
 * Whatever bytes clients send: nothing is ever thrown out of an event, and a minute after they have gone nothing is left.
 *
 * Arbitrary scripts of three clients, good packets and spoiled ones, in seeded worlds. `ODPLAB_SEED` gives a run again,
 * `ODPLAB_RUNS` makes it longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayLine, SEED } from './dice.ts';
import { NOTHING_LEFT, play } from './run-script.ts';
import { script } from './scripts.ts';

const RUNS = Number(process.env.ODPLAB_RUNS ?? 1000);

test(`${RUNS} scripts of bad clients`, { timeout: 60_000 + RUNS * 100 }, () => {
  fc.assert(
    fc.property(script, (it) => {
      expect(play(it)).toEqual(NOTHING_LEFT);
    }),
    {
      numRuns: RUNS,
      seed: SEED,
      reporter(details) {
        if (!details.failed) return;
        throw new Error(`${replayLine('client-bytes.test.ts')}\n${fc.defaultReportMessage(details)}`, {
          cause: details.errorInstance,
        });
      },
    },
  );
});
