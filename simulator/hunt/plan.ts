/**
 * The plan of a run: small whole numbers, drawn from choices, and the script that they mean.
 *
 * The head is the cluster and the cast; each step is a list of its own, so that one step may be taken away and the others
 * stay what they are, and of a step that is several actions some. A missing number is 0, the plain case; one that is too large is the largest there is. Any lists of
 * whole numbers are a plan: that is what shrinking needs.
 */
import type { Choices } from '../../proxy/ports.ts';
import type { Action } from '../scenario/scenario.ts';
import { TOPOLOGIES, type TopologyName } from '../world/topology.ts';
import { type Cast, castOf, MOST_APPLICATIONS, NAMES } from './cast.ts';
import type { Script } from './scene.ts';
import { Sense } from './sense.ts';
import { WORDS } from './vocabulary.ts';

export interface Plan {
  readonly head: readonly number[];
  readonly steps: readonly (readonly number[])[];
}

/** The head: topology, applications − 1, the first one's name, dialects, the longest delay. */
export const HEAD_CASES = [3, MOST_APPLICATIONS, NAMES, 81, 4] as const;

const CLUSTERS: readonly TopologyName[] = ['default', 'three', 'spread'];
/** The longest way from one host to another, in milliseconds. */
const LATENCIES = [0, 1, 3, 8] as const;
/** Milliseconds that pass before a step. */
export const GAPS = [0, 1, 2, 3, 5, 8, 20, 200, 1000, 3000] as const;

/** The place of the pause before it in a step's numbers. */
export const GAP_AT = 2;

/** The place of what is left out, a bit for each action of a step that has several: none where it is drawn. */
export const LEFT_OUT_AT = 5;

/** A run's length, in steps. */
const FEWEST_STEPS = 41;
const MORE_STEPS = 17;

/** Out of so many steps, how many follow at once, and how many after a pause of human length. */
const GAP_WEIGHTS = [60, 12, 12, 8, 5, 5, 3, 2, 2, 1] as const;
const CLUSTER_WEIGHTS = [2, 2, 4] as const;

/** What is drawn beside the words, and how often: a line for each, for who is told before a hunt begins. */
export function odds(): readonly string[] {
  const weighted = (what: string, weights: readonly number[], names: readonly (string | number)[]): string =>
    `${what}, out of ${weights.reduce((sum, it) => sum + it, 0)}: ${names.map((it, i) => `${it} ${weights[i]}`).join(', ')}`;
  return [
    `length: ${FEWEST_STEPS} to ${FEWEST_STEPS + MORE_STEPS - 1} steps of 1 to ${MOST_APPLICATIONS} applications, each as likely`,
    weighted('clusters', CLUSTER_WEIGHTS, CLUSTERS),
    weighted(
      'pauses before a step',
      GAP_WEIGHTS,
      GAPS.map((it) => `${it}ms`),
    ),
    `longest delay of a link, each as likely: ${LATENCIES.map((it) => `${it}ms`).join(', ')}`,
  ];
}

const WORD_WEIGHTS = WORDS.map(({ weight }) => weight);

/** An index, as likely as its weight. */
function weighed(choices: Choices, site: string, weights: readonly number[]): number {
  const total = weights.reduce((sum, it) => sum + it, 0);
  let left = choices.choose(site, total);
  let index = 0;
  while (left >= weights[index]!) {
    left -= weights[index]!;
    index += 1;
  }
  return index;
}

export function drawPlan(choices: Choices): Plan {
  const head = [
    weighed(choices, 'plan.cluster', CLUSTER_WEIGHTS),
    choices.choose('plan.applications', MOST_APPLICATIONS),
    choices.choose('plan.name', NAMES),
    choices.choose('plan.dialects', HEAD_CASES[3]),
    choices.choose('plan.latency', LATENCIES.length),
  ];
  const count = FEWEST_STEPS + choices.choose('plan.steps', MORE_STEPS);
  const steps: number[][] = [];
  for (let i = 0; i < count; i += 1) {
    const word = weighed(choices, 'plan.word', WORD_WEIGHTS);
    const [a, b] = WORDS[word]!.cases;
    steps.push([
      word,
      choices.choose('plan.who', MOST_APPLICATIONS),
      weighed(choices, 'plan.gap', GAP_WEIGHTS),
      choices.choose('plan.a', a),
      choices.choose('plan.b', b),
    ]);
  }
  return { head, steps };
}

/** The number at a place, made one of so many cases. */
function at(list: readonly number[], index: number, cases: number): number {
  return Math.min(list[index] ?? 0, cases - 1);
}

/** The longest delay of the plan's links, in milliseconds. */
export function latencyOf({ head }: Plan): number {
  return LATENCIES[at(head, 4, LATENCIES.length)]!;
}

/** Who plays, and where. */
interface Stage {
  readonly topology: TopologyName;
  readonly cast: Cast;
}

function stageOf({ head }: Plan): Stage {
  const topology = CLUSTERS[at(head, 0, HEAD_CASES[0])]!;
  const applications = 1 + at(head, 1, HEAD_CASES[1]);
  return { topology, cast: castOf(applications, at(head, 2, HEAD_CASES[2]), at(head, 3, HEAD_CASES[3])) };
}

/** What a step says, nothing left out. */
function saidBy(step: readonly number[], index: number, { topology, cast }: Stage): readonly Action[] {
  const word = WORDS[at(step, 0, WORDS.length)]!;
  const [a, b] = word.cases;
  const said = word.say({
    cast,
    topology,
    who: at(step, 1, cast.applications.length),
    a: at(step, 3, a),
    b: at(step, 4, b),
    mark: index + 1,
  });
  if (said === null) return [];
  return Array.isArray(said) ? said : [said as Action];
}

/** Of how many actions a step is made. */
export function actionsIn(plan: Plan, place: number): number {
  return saidBy(plan.steps[place]!, place, stageOf(plan)).length;
}

/** What the plan says, step by step. What makes no sense where it stands is left out. */
export function scriptOf(plan: Plan): Script {
  const stage = stageOf(plan);
  const { topology, cast } = stage;
  const sense = new Sense(TOPOLOGIES[topology].clusters[0].servers.length);
  const steps: Action[] = [];
  for (const [index, step] of plan.steps.entries()) {
    const leftOut = step[LEFT_OUT_AT] ?? 0;
    const said = saidBy(step, index, stage);
    const wanted = leftOut === 0 ? said : said.filter((_action, i) => ((leftOut >> i) & 1) === 0);
    const actions = wanted.filter((it) => sense.allows(it));
    if (actions.length === 0) continue;
    const gap = GAPS[at(step, GAP_AT, GAPS.length)]!;
    if (gap > 0) steps.push({ kind: 'advance', milliseconds: gap });
    steps.push(...actions);
  }
  const clients = [...cast.applications, cast.administrator, cast.supervisor];
  return {
    front: {
      clients,
      cluster: topology,
      items: {},
      observer: {},
      needs: [],
      tags: [],
      since: '',
      covers: [],
      choices: [],
      invariants: ['all'],
    },
    steps,
  };
}
