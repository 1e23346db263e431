/**
 * One run of a hunt: run k of seed N, always the same.
 */
import type { Choices } from '../../proxy/ports.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { deployLab } from '../scenario/deployment.ts';
import { MEMORY } from '../scenario/memory-arm.ts';
import { type Choice, type Rates, RecordedChoices, SeededChoices, WORLD_RATES } from '../world/choices.ts';
import { type Coverage, Explorer } from './coverage.ts';
import type { Invariant } from './judge.ts';
import { drawPlan, latencyOf, type Plan, scriptOf } from './plan.ts';
import { type Played, play } from './scene.ts';

/** How often links are slow, out of 1,000: else a run is all waiting. */
export const HUNT_RATES: Rates = { ...WORLD_RATES, 'net.delay': 250 };

/** Seeds are below this, so that a seed, a run's number and one of two lists make one number. */
export const SEEDS = 2 ** 20;
export const RUNS = 2 ** 31;

export interface RunOptions {
  readonly sha1: Sha1;
  readonly invariants: readonly Invariant[];
  /** Notes what is reached. */
  readonly coverage?: Coverage;
}

function choicesOf(seed: number, run: number, list: 0 | 1): SeededChoices {
  return new SeededChoices((seed * RUNS + run) * 2 + list, HUNT_RATES);
}

export function planOf(seed: number, run: number): Plan {
  return drawPlan(choicesOf(seed, run, 0));
}

/** The world of a run. */
export function worldOf(seed: number, run: number): SeededChoices {
  return choicesOf(seed, run, 1);
}

export function runSeeded(seed: number, run: number, options: RunOptions): Promise<Played> {
  return playPlan(planOf(seed, run), worldOf(seed, run), options);
}

/** The world of a run as a list. */
export async function recordWorld(seed: number, run: number, options: RunOptions): Promise<readonly Choice[]> {
  const recorder = new RecordedChoices(worldOf(seed, run));
  await playPlan(planOf(seed, run), recorder, options);
  return recorder.list;
}

export function playPlan(plan: Plan, choices: Choices, options: RunOptions): Promise<Played> {
  const { coverage, ...rest } = options;
  const given = { kind: MEMORY, deploy: deployLab, ...rest, choices, latency: latencyOf(plan) };
  if (coverage === undefined) return play(scriptOf(plan), given);
  const explorer = new Explorer(coverage);
  const looking: Invariant = { name: 'coverage', why: 'It blames nobody.', judge: (sight) => explorer.follow(sight) };
  return play(scriptOf(plan), { ...given, invariants: [...rest.invariants, looking], journal: explorer });
}
