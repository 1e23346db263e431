/** Runs a page given as text against the fake deployment, for the tests of this folder. */
import { readPage } from '../../simulator/scenario/page.ts';
import type { Failure } from '../../simulator/scenario/runner.ts';
import type { Page } from '../../simulator/scenario/scenario.ts';
import { runInLab } from '../../simulator/scenario/suite.ts';
import { FAKE_LAB } from './fake-deployment.ts';

export const HEAD =
  '---\nclients:\n  alice: app@shop#obdemo\n  bob: root@sys#obdemo\n  carla: { login: x, dialect: mariadb }\n---\n';

/** A page with one block, whose first line is line 8 of the page. */
export function pageOf(block: string): string {
  return `${HEAD}\`\`\`odplab\n${block}\n\`\`\`\n`;
}

export function read(text: string): Page {
  const result = readPage('page.md', text);
  if (result.kind === 'mistakes')
    throw new Error(result.mistakes.map(({ line, what }) => `${line}: ${what}`).join('\n'));
  return result.page;
}

/** The failures of the page's scenarios, in order. */
export async function runPage(text: string): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const scenario of read(text).scenarios) {
    failures.push(...(await runInLab(scenario, { ...FAKE_LAB, world: 1 }, false, null)).failures);
  }
  return failures;
}

/** The first failure, as text. */
export async function failureOf(block: string): Promise<string> {
  const [failure] = await runPage(pageOf(block));
  if (failure === undefined) return 'passed';
  return [`${failure.line}: ${failure.title}`, ...failure.detail].join('\n');
}
