/**
 * A program: runs every scenario page in memory and prints one hash over all that was ever delivered: which link, which
 * bytes, FIN and RST. `same-bytes.test.ts` runs it in several processes.
 */
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { Lab } from '../../simulator/scenario/lab.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { runScenario } from '../../simulator/scenario/runner.ts';
import { readPages, sha1 } from './pages.ts';
import { WireTap } from './wire-tap.ts';

const tap = new WireTap();

for (const page of readPages('scenarios')) {
  for (const scenario of page.scenarios) {
    tap.note(`${scenario.file} ${scenario.name}`);
    const lab = await Lab.open(scenario.front, { kind: MEMORY, deploy: deployLab, sha1, world: 1, tap });
    const run = await runScenario(scenario, lab, { goOn: false, before() {} });
    await lab.close(run.held);
  }
}
console.log(tap.report());
