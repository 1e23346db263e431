/**
 * A program: runs every scenario page in memory and prints one hash over all that was ever delivered: which link, which
 * bytes, FIN and RST. `same-bytes.test.ts` runs it in several processes.
 */
import { createHash } from 'node:crypto';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { Lab } from '../../simulator/scenario/lab.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { runScenario } from '../../simulator/scenario/runner.ts';
import type { Link, Tap } from '../../simulator/world/gates.ts';
import { readPages, sha1 } from './pages.ts';

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

for (const page of readPages('scenarios')) {
  for (const scenario of page.scenarios) {
    hash.update(`${scenario.file} ${scenario.name}\n`);
    const lab = await Lab.open(scenario.front, { kind: MEMORY, deploy: deployLab, sha1, world: 1, tap });
    const run = await runScenario(scenario, lab, { goOn: false, before() {} });
    await lab.close(run.held);
  }
}
console.log(JSON.stringify({ hash: hash.digest('hex'), events, bytes }));
