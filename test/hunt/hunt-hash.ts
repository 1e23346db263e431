/**
 * A program: plays fifty runs of a hunt and prints one hash over all that was ever delivered, and how they ended.
 * `same-bytes.test.ts` runs it in several processes.
 */
import { createHash } from 'node:crypto';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import { latencyOf, scriptOf } from '../../simulator/hunt/plan.ts';
import { planOf, worldOf } from '../../simulator/hunt/run.ts';
import { play } from '../../simulator/hunt/scene.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import type { Link, Tap } from '../../simulator/world/gates.ts';
import { sha1 } from '../suite/pages.ts';

const SEED = 1;
const RUNS = 50;

const hash = createHash('sha256');
let events = 0;
let bytes = 0;

function note(what: string, link: Link): void {
  events += 1;
  hash.update(`${what} ${link.id} ${link.from} ${link.to}\n`);
}

const tap: Tap = {
  connected: (link) => note('connected', link),
  refused: (link) => note('refused', link),
  data(link, chunk) {
    note(`data ${chunk.length}`, link);
    bytes += chunk.length;
    hash.update(chunk);
  },
  fin: (link) => note('FIN', link),
  rst: (link) => note('RST', link),
};

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
  hash.update(`${run} ${JSON.stringify(played)}\n`);
}
console.log(JSON.stringify({ hash: hash.digest('hex'), events, bytes }));
