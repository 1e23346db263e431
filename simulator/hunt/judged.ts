/**
 * A page that says what must hold (`invariants:`) in place of what is printed: its steps are played before judges.
 */
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { ArmKind } from '../scenario/arm.ts';
import type { Deploy } from '../scenario/lab.ts';
import type { Mistake } from '../scenario/mistakes.ts';
import type { Failure } from '../scenario/runner.ts';
import type { Page, Scenario } from '../scenario/scenario.ts';
import type { Tap } from '../world/gates.ts';
import { INVARIANTS } from './invariants/all.ts';
import type { Verdict } from './judge.ts';
import { play } from './scene.ts';

export interface JudgedOptions {
  readonly kind: ArmKind;
  readonly deploy: Deploy;
  readonly sha1: Sha1;
  readonly tap?: Tap;
  /** Told before each step. */
  before?(step: number): void;
}

/** Plays the page; null if all that must hold holds. */
export async function judge(scenario: Scenario, options: JudgedOptions): Promise<Verdict | null> {
  const { front, steps } = scenario;
  const wanted = INVARIANTS.filter(({ name }) => front.invariants.includes(name) || front.invariants.includes('all'));
  const { verdict } = await play(
    { front, steps: steps.map(({ action }) => action) },
    { ...options, invariants: wanted },
  );
  return verdict;
}

/** What is wrong with a page's `invariants:`; null if all that it names exist. */
export function unknownInvariant({ file, front, scenarios }: Page): Mistake | null {
  const known = ['all', ...INVARIANTS.map(({ name }) => name)];
  const wrong = front.invariants.find((name) => !known.includes(name));
  if (wrong === undefined) return null;
  const line = scenarios[0]?.line ?? 1;
  return { file, line, what: `there is no invariant \`${wrong}\`; there are ${known.join(', ')}` };
}

/** What a report says of a verdict. */
export function failureOf(scenario: Scenario, { invariant, what, at, between }: Verdict): Failure {
  const [wronged, disturbance] = between;
  const detail = [`      ${at} ms after the beginning: ${what}`];
  if (wronged !== '' || disturbance !== '') {
    detail.push(`      between ${wronged || 'nobody in particular'} and ${disturbance || 'nothing done to anybody'}`);
  }
  return { line: scenario.line, title: `the invariant ${invariant} does not hold`, detail, blessable: false };
}
