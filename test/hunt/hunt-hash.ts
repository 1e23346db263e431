/**
 * A program: plays fifty runs of a hunt and prints one hash over all that was ever delivered, and how they ended.
 * `same-bytes.test.ts` runs it in several processes.
 */
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import { latencyOf, scriptOf } from '../../simulator/hunt/plan.ts';
import { planOf, worldOf } from '../../simulator/hunt/run.ts';
import { play } from '../../simulator/hunt/scene.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { sha1 } from '../suite/pages.ts';
import { WireTap } from '../suite/wire-tap.ts';

const SEED = 1;
const RUNS = 50;

const tap = new WireTap();

for (let run = 0; run < RUNS; run += 1) {
  const plan = planOf(SEED, run);
  const played = await play(scriptOf(plan), {
    kind: MEMORY,
    deploy: deployLab,
    sha1,
    invariants: INVARIANTS,
    choices: worldOf(SEED, run),
    latency: latencyOf(plan),
    tap,
  });
  tap.note(`${run} ${JSON.stringify(played)}`);
}
console.log(tap.report());
