/**
 * The README's examples are true: its pages pass on both arms, its terminal lines are what the commands print.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../../proxy/cli/run.ts';
import { SOCKETS } from '../../proxy/cli/sockets-arm.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { printMistake } from '../../simulator/scenario/mistakes.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import { runCase } from '../../simulator/scenario/suite.ts';
import { readPages, sha1 } from '../suite/pages.ts';

const readme = readFileSync('README.md', 'utf8');
const pages = [...readme.matchAll(/^````markdown\n([\s\S]*?)^````$/gm)].map((match) => match[1]!);
// Without the pages, in which fences end that would begin one here.
const prose = readme.replaceAll(/^````markdown\n[\s\S]*?^````$/gm, '');
const transcripts = [...prose.matchAll(/^```\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

function scenariosOf(text: string): readonly Scenario[] {
  const read = readPage('README.md', text);
  if (read.kind === 'page') return read.page.scenarios;
  throw new Error(read.mistakes.map(printMistake).join('\n'));
}

async function expectPasses(scenario: Scenario): Promise<void> {
  for (const kind of [MEMORY, SOCKETS]) {
    const options = { arms: [kind], deploy: deployLab, sha1, stopwatch: () => 0, trace: null };
    expect((await runCase(scenario, kind, options)).failures).toEqual([]);
  }
}

test('there are pages and transcripts in it', () => {
  expect(pages.length).toBeGreaterThan(1);
  expect(transcripts.length).toBeGreaterThan(1);
});

test.each(pages.flatMap(scenariosOf).map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  async (_, scenario) => {
    await expectPasses(scenario);
  },
);

test('what it shows of `npm run scenarios` is there to be run, in that order, and as many', () => {
  const shown = transcripts.find((text) => text.includes('npm run scenarios'))!.split('\n');
  const real = readPages('scenarios').flatMap((page) => [page.file, ...page.scenarios.map((it) => `  ✓ ${it.name}`)]);
  const lines = shown
    .slice(shown.indexOf('…') + 1, shown.lastIndexOf('…'))
    .map((line) => line.replace(/ {2}memory \d+ ms, sockets \d+ ms$/, ''));
  expect(lines.length).toBeGreaterThan(2);
  const first = real.indexOf(lines[0]!);
  expect(lines).toEqual(real.slice(first, first + lines.length));
  const scenarios = real.filter((line) => line.startsWith('  ✓')).length;
  expect(shown.find((line) => line.includes(' passed'))).toContain(
    `${scenarios} scenarios, ${2 * scenarios} runs passed in `,
  );
});

test('what it shows of --permute is what is printed, and what the page says', async () => {
  const shown = transcripts.find((text) => text.startsWith('$ npm run -s scenarios -- --permute'))!.split('\n');
  const [command, ...lines] = shown.slice(0, shown.indexOf('…'));
  const path = command!.split(' ').at(-1)!;
  const said: string[] = [];
  await run(['--permute', path], { out: (text) => said.push(text), err() {}, colours: false });
  expect(said.join('')).toContain(lines.join('\n'));
  const table = transcripts.find((text) => text.startsWith('| orders |'))!;
  expect(readFileSync(path, 'utf8')).toContain(`\`\`\`odplab outcomes\n${table}\`\`\``);
});

test('what it shows of `npm run sql` is what the client prints', async () => {
  const shown = transcripts.find((text) => text.startsWith('obclient(root@sys)'))!;
  const steps = shown
    .replaceAll(/KILL PROXYSESSION \d+/g, 'KILL PROXYSESSION {id}')
    .replaceAll(/^Connection id: .*$/gm, 'Connection id:    {new != id}');
  const look = `obclient> SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id';
+----------------+-------+-----------+
| attribute_name | value | info      |
+----------------+-------+-----------+
| cs_id          | {id}  | cs common |
+----------------+-------+-----------+
1 row in set
`;
  const page = `---\nclients:\n  obclient: root@sys#obdemo\n---\n\n\`\`\`odplab\n${look}${steps}…\n\`\`\`\n`;
  for (const scenario of scenariosOf(page)) await expectPasses(scenario);
});
