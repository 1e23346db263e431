/**
 * The matrix: clients of Node, Python, PHP, Perl, Ruby and Java and the command line before the proxy, each in modes A, B, D, F and G of
 * clients.md §3, at once and with pauses. What a run may come to is what the sheet's cell says, nothing else.
 */
import { afterAll, describe, expect } from 'vitest';
import { PACES } from './asked.ts';
import { allowed, MATRIX_NAMES, neededBy } from './matrix-clients.ts';
import { expectOwnObserverSessions, type Mode, runMatrix } from './matrix-run.ts';
import { Programs } from './program-clients.ts';
import { testWith } from './skip.ts';

const TABLES: readonly (readonly [Mode, what: string])[] = [
  ['A', 'it ends itself: 1317, then FIN'],
  ['B', 'an administrator ends it while its statement runs'],
  ['D', 'an administrator ends it while it is idle'],
  ['F', 'KILL QUERY'],
  ['G', 'an administrator ends it in the middle of a result'],
];

const programs = new Programs();
afterAll(() => programs.stop());

describe.each(TABLES)('table %s: %s', (mode) => {
  for (const pace of PACES) {
    for (const name of MATRIX_NAMES) {
      // Not measured.
      if (allowed(mode, name, pace).length === 0) continue;
      // With pauses together, for they mostly wait.
      testWith(neededBy(name), `${name}, ${pace}`, { concurrent: pace === '200 ms' }, async () => {
        const { cells, answers } = await runMatrix(mode, name, pace, programs);
        expect(allowed(mode, name, pace), cells).toContain(cells);
        expectOwnObserverSessions(answers);
      });
    }
  }
});
