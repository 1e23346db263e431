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
import { type OutcomesBlock, readOutcomes } from './outcomes.ts';
import { type Page, resultLabels, type Scenario, type Step } from './scenario.ts';
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
  const transcripts = markdown.blocks.filter(({ kind }) => kind === 'transcript');
  if (transcripts.length === 0 && mistakes.list.length === 0) {
    mistakes.add(1, 'this page has no block; a scenario stands between ```odplab and ```');
  }
  const blocks = transcripts.map((block) => ({ block, steps: readSteps(block, front, mistakes) }));
  const setup = blocks.filter(({ block }) => block.heading === null).flatMap(({ steps }) => steps);
  const scenarios: Scenario[] = [];
  const outcomes = new OutcomesOfPage(markdown.blocks, mistakes);
  for (const [heading, { steps, end }] of sections(blocks)) {
    const name = heading?.name ?? markdown.title?.name ?? file;
    const line = heading?.line ?? transcripts[0]?.first ?? 1;
    const twin = scenarios.find((scenario) => scenario.name === name);
    if (twin !== undefined)
      mistakes.add(line, `two scenarios are called \`${name}\`; the other is in line ${twin.line}`);
    const all = heading === null ? steps : [...setup, ...steps];
    checkSteps(all, front, mistakes);
    scenarios.push({ file, name, line, front, steps: all, outcomes: outcomes.of(heading, all), end });
  }
  if (scenarios.length > 0) outcomes.expectAllTaken();
  if (mistakes.list.length > 0) return { kind: 'mistakes', mistakes: sorted(mistakes.list) };
  return { kind: 'page', page: { file, text, front, scenarios } };
}

/** The steps below a heading, and the line of the fence that closes the last block of them. */
interface Section {
  readonly steps: readonly Step[];
  readonly end: number;
}

/** The scenarios: by heading, or all blocks as one. */
function sections(
  blocks: readonly { readonly block: Block; readonly steps: readonly Step[] }[],
): Map<Heading | null, Section> {
  const found = new Map<Heading | null, Section>();
  const headed = blocks.some(({ block }) => block.heading !== null);
  for (const { block, steps } of blocks) {
    if (headed && block.heading === null) continue;
    const before = found.get(block.heading)?.steps ?? [];
    found.set(block.heading, { steps: [...before, ...steps], end: block.first + block.lines.length });
  }
  return found;
}

/** The blocks of outcomes, each of which belongs to the scenario above it. */
class OutcomesOfPage {
  readonly #blocks: readonly Block[];
  readonly #mistakes: Mistakes;
  readonly #taken = new Set<Block>();

  constructor(blocks: readonly Block[], mistakes: Mistakes) {
    this.#blocks = blocks.filter(({ kind }) => kind === 'outcomes');
    this.#mistakes = mistakes;
  }

  /** Those of the scenario with this heading; null if it has none. */
  of(heading: Heading | null, steps: readonly Step[]): OutcomesBlock | null {
    const [own, twin] = this.#blocks.filter((block) => block.heading === heading);
    if (own === undefined) return null;
    this.#taken.add(own);
    if (twin !== undefined) {
      this.#taken.add(twin);
      this.#mistakes.add(twin.first - 1, `a scenario has one block of outcomes; the other is in line ${own.first - 1}`);
    }
    if (steps.every(({ label }) => label === null)) {
      const right = 'label those that are to be put in every order: `[name] client> …`';
      this.#mistakes.add(own.first - 1, `no step of this scenario has a label, so there are no orders; ${right}`);
    }
    return readOutcomes(own, resultLabels(steps), this.#mistakes);
  }

  /** Once all scenarios have theirs. */
  expectAllTaken(): void {
    for (const block of this.#blocks) {
      if (this.#taken.has(block)) continue;
      const right = 'outcomes stand below the block whose steps they are of, under the same heading';
      this.#mistakes.add(block.first - 1, `these outcomes belong to no scenario; ${right}`);
    }
  }
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
