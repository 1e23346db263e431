/**
 * A program: plays fifty runs of a hunt from their strings and prints one hash over these, all that was ever delivered, and
 * how they ended.
 * `same-bytes.test.ts` runs it in several processes.
 */
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import { latencyOf, scriptOf } from '../../simulator/hunt/plan.ts';
import { parseReplay, printReplay } from '../../simulator/hunt/replay-string.ts';
import { planOf, recordWorld } from '../../simulator/hunt/run.ts';
import { play } from '../../simulator/hunt/scene.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { ReplayChoices } from '../../simulator/world/choices.ts';
import { sha1 } from '../suite/pages.ts';
import { WireTap } from '../suite/wire-tap.ts';

const SEED = 1;
const RUNS = 50;

const tap = new WireTap();

const options = { sha1, invariants: INVARIANTS };
for (let run = 0; run < RUNS; run += 1) {
  const string = printReplay({ plan: planOf(SEED, run), world: await recordWorld(SEED, run, options) });
  const { plan, world } = parseReplay(string);
  const played = await play(scriptOf(plan), {
    ...options,
    kind: MEMORY,
    deploy: deployLab,
    choices: new ReplayChoices(world),
    latency: latencyOf(plan),
    tap,
  });
  tap.note(`${string} ${JSON.stringify(played)}`);
}
console.log(tap.report());
