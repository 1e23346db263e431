/** Any whole numbers are a plan, and every plan is a page that says the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageText } from '../../simulator/hunt/page-text.ts';
import { GAPS, HEAD_CASES, latencyOf, type Plan, scriptOf } from '../../simulator/hunt/plan.ts';
import { planOf } from '../../simulator/hunt/run.ts';
import type { Script } from '../../simulator/hunt/scene.ts';
import { WORDS } from '../../simulator/hunt/vocabulary.ts';
import { readPage } from '../../simulator/scenario/page.ts';

const ANY = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 8 });
const ANY_PLAN: fc.Arbitrary<Plan> = fc.record({ head: ANY, steps: fc.array(ANY, { maxLength: 70, size: 'max' }) });
/** Numbers that mean something, mostly. */
const MEANT = fc.tuple(...[WORDS.length, 4, GAPS.length, 4, 6].map((n) => fc.nat({ max: n })));
const MEANT_PLAN: fc.Arbitrary<Plan> = fc.record({
  head: fc.tuple(...HEAD_CASES.map((n) => fc.nat({ max: n }))),
  steps: fc.array(MEANT, { maxLength: 70, size: 'max' }),
});

const VERDICT = { invariant: 'liveness', what: 'somebody\nwaits', at: 0, between: ['COMMIT', 'crash'] } as const;

function written(script: Script): string {
  return pageText(script, {
    title: 'A title',
    world: [],
    needs: [],
    verdict: VERDICT,
    why: 'It must.',
    replay: 'h1/0/0/',
  });
}

/** The page read back says what the script says. */
function expectSame(script: Script): void {
  const read = readPage('page.md', written(script));
  if (read.kind === 'mistakes') throw new Error(read.mistakes.map(({ line, what }) => `${line}: ${what}`).join('\n'));
  const [scenario, ...others] = read.page.scenarios;
  expect(others).toEqual([]);
  expect(scenario!.steps.map(({ action }) => action)).toEqual(script.steps);
  const { front } = scenario!;
  expect(front.cluster).toBe(script.front.cluster);
  expect(front.invariants).toEqual(['all']);
  // Who says nothing is not on the page; all others are as they were.
  const names = front.clients.map(({ name }) => name);
  expect(front.clients).toEqual(script.front.clients.filter(({ name }) => names.includes(name)));
}

/** There is no page without a block, nor a block without a step. */
function isPage({ steps }: Script): boolean {
  return steps.length > 0;
}

describe('a plan', () => {
  it('is made of any lists of whole numbers', () => {
    fc.assert(
      fc.property(ANY_PLAN, (plan) => {
        const script = scriptOf(plan);
        if (isPage(script)) expectSame(script);
        expect([0, 1, 3, 8]).toContain(latencyOf(plan));
      }),
      { numRuns: 60 },
    );
  });

  it('is a page that reads back without a mistake, and gives the same steps', () => {
    fc.assert(
      fc.property(MEANT_PLAN, (plan) => {
        const script = scriptOf(plan);
        if (isPage(script)) expectSame(script);
      }),
      { numRuns: 150 },
    );
  });

  it.each([1, 2, 3])('that is drawn from seed %i is one, too', (seed) => {
    for (let run = 0; run < 40; run += 1) expectSame(scriptOf(planOf(seed, run)));
  });

  it('says each word of the vocabulary', () => {
    const said = new Set<number>();
    for (let run = 0; run < 100; run += 1) for (const [word] of planOf(1, run).steps) said.add(word!);
    expect([...said].sort((a, b) => a - b)).toEqual([...WORDS.keys()]);
  });

  it('without a step more is the same plan without that step', () => {
    const { head, steps } = planOf(1, 0);
    const whole = scriptOf({ head, steps: steps.slice(0, 12) });
    const less = scriptOf({ head, steps: steps.slice(0, 11) });
    expect(whole.steps.slice(0, less.steps.length)).toEqual(less.steps);
  });
});
