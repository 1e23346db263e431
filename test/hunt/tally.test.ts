/** What a hunt counts of a run: clients that came, and faults that took effect, not all that were tried. */
import { expect, test } from 'vitest';
import { play } from '../../simulator/hunt/scene.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import { sha1 } from '../suite/pages.ts';

async function tallyOf(...steps: string[]) {
  const text = `---
cluster: three
clients:
  ada: { login: app@shop#obdemo, database: bank, read_timeout: 30s }
  bob: app@shop#obdemo
invariants: all
---
# A run

\`\`\`odplab
${steps.join('\n')}
\`\`\`
`;
  const read = readPage('page.md', text);
  if (read.kind === 'mistakes') throw new Error(read.mistakes.map(({ what }) => what).join('\n'));
  const { front, steps: lines } = read.page.scenarios[0]!;
  const script = { front, steps: lines.map(({ action }) => action) };
  return (await play(script, { kind: MEMORY, deploy: deployLab, sha1, invariants: [] })).tally;
}

const ONE = 'ada> SELECT 1;';
const HOME = 'shop.bank.account';

test.each([
  [0, [ONE]],
  [1, [ONE, '! close ada']],
  // Who is connected is known by the connection, not by what the page has said: this one is broken.
  [1, [ONE, '! sever ada proxy', '! half-close ada']],
  [1, [ONE, '! stall ada']],
  [0, ['! stall ada', '! read ada', ONE]],
  [1, [ONE, '! sever ada proxy']],
  [0, [ONE, '! sever bob proxy']],
  [1, [ONE, '! partition proxy ada', '! repair proxy ada']],
  [0, ['! partition proxy observer 3', '! repair proxy observer 3']],
  [1, ['ada> SELECT SLEEP(2);', '! jump ada 60s']],
  [0, ['ada> SELECT SLEEP(2);', '! jump ada 10s']],
  [0, [ONE, '! jump ada 60s']],
  [0, [ONE, `! leader ${HOME} observer 1`]],
  [1, [ONE, `! leader ${HOME} observer 2`]],
  [2, [ONE, `! leader ${HOME} observer 2`, `! leader ${HOME} observer 2`, `! leader ${HOME} observer 1`]],
  // To come back from a fault is none.
  [1, [ONE, '! crash observer 3', '! advance 1s', '! restart observer 3']],
])('%i faults took effect in %j', async (faults, steps) => {
  expect((await tallyOf(...steps)).faults).toBe(faults);
});

test('clients are counted once, and only those who came', async () => {
  expect((await tallyOf(ONE, 'ada> quit', 'ada> SELECT 2;')).clients).toBe(1);
  expect((await tallyOf(ONE, 'bob> SELECT 2;')).clients).toBe(2);
});
