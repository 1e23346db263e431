/**
 * Every scenario page passes, on both arms, with the real proxy before the real simulator: what `npm run scenarios` runs.
 */
import { expect, test } from 'vitest';
import { SOCKETS } from '../../proxy/cli/sockets-arm.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { runCase } from '../../simulator/scenario/suite.ts';
import { readPages, sha1 } from './pages.ts';

const pages = readPages('scenarios');

test.each([MEMORY, SOCKETS])('$name', async (kind) => {
  const failed: unknown[] = [];
  for (const scenario of pages.flatMap((page) => page.scenarios)) {
    const options = { arms: [kind], deploy: deployLab, sha1, stopwatch: () => 0, trace: null };
    const { failures } = await runCase(scenario, kind, options);
    if (failures.length > 0) failed.push({ file: scenario.file, name: scenario.name, failures });
  }
  expect(failed).toEqual([]);
});
