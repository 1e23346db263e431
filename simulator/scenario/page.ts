/**
 * A page read whole: Markdown, front matter, blocks, steps – and every mistake in it.
 *
 * If no `##` heading has a block under it, the page is one scenario. Otherwise each `##` heading with a block is one, and
 * the blocks before the first are its set-up. Touches no file.
 */
import { checkSteps } from './check.ts';
import { readFrontMatter } from './front-matter.ts';
import { type Block, type Heading, readMarkdown } from './markdown.ts';
import { type Mistake, Mistakes } from './mistakes.ts';
import type { Page, Scenario, Step } from './scenario.ts';
import { readSteps } from './steps.ts';
import { readYaml } from './yaml.ts';

export type PageOrMistakes =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly Mistake[] };

/** `file` names the page in messages and reports. */
export function readPage(file: string, text: string): PageOrMistakes {
  const mistakes = new Mistakes(file);
  const markdown = readMarkdown(text, mistakes);
  const front = readFrontMatter(readYaml(markdown.front.lines, markdown.front.first, mistakes), mistakes);
  if (markdown.blocks.length === 0 && mistakes.list.length === 0) {
    mistakes.add(1, 'this page has no block; a scenario stands between ```odplab and ```');
  }
  const blocks = markdown.blocks.map((block) => ({ block, steps: readSteps(block, front, mistakes) }));
  const setup = blocks.filter(({ block }) => block.heading === null).flatMap(({ steps }) => steps);
  const scenarios: Scenario[] = [];
  for (const [heading, steps] of sections(blocks)) {
    const name = heading?.name ?? markdown.title?.name ?? file;
    const line = heading?.line ?? markdown.blocks[0]?.first ?? 1;
    const twin = scenarios.find((scenario) => scenario.name === name);
    if (twin !== undefined)
      mistakes.add(line, `two scenarios are called \`${name}\`; the other is in line ${twin.line}`);
    const all = heading === null ? steps : [...setup, ...steps];
    checkSteps(all, front, mistakes);
    scenarios.push({ file, name, line, front, steps: all });
  }
  if (mistakes.list.length > 0) return { kind: 'mistakes', mistakes: sorted(mistakes.list) };
  return { kind: 'page', page: { file, text, front, scenarios } };
}

/** The scenarios: by heading, or all blocks as one. */
function sections(
  blocks: readonly { readonly block: Block; readonly steps: readonly Step[] }[],
): Map<Heading | null, Step[]> {
  const found = new Map<Heading | null, Step[]>();
  const headed = blocks.some(({ block }) => block.heading !== null);
  for (const { block, steps } of blocks) {
    if (headed && block.heading === null) continue;
    found.set(block.heading, [...(found.get(block.heading) ?? []), ...steps]);
  }
  return found;
}

/** By line, each once: the steps of a set-up are checked for every scenario. */
function sorted(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Set<string>();
  const once = mistakes.filter(({ line, what }) => {
    const key = `${line} ${what}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return once.sort((a, b) => a.line - b.line);
}
