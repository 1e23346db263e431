/**
 * What is handed over when a hunt has found something: a replay string, a scenario page, a picture of the run.
 */
import type { Choices } from '../../proxy/ports.ts';
import type { ArmKind } from '../scenario/arm.ts';
import { deployLab } from '../scenario/deployment.ts';
import { MEMORY } from '../scenario/memory-arm.ts';
import { readPage } from '../scenario/page.ts';
import { ReplayChoices } from '../world/choices.ts';
import { INVARIANTS } from './invariants/all.ts';
import type { Invariant, Verdict } from './judge.ts';
import { judge } from './judged.ts';
import { pageText } from './page-text.ts';
import { Picture } from './picture.ts';
import { latencyOf, type Plan, scriptOf } from './plan.ts';
import { printReplay, type Recorded } from './replay-string.ts';
import { playPlan, type RunOptions } from './run.ts';
import { type Played, play } from './scene.ts';

export interface Finding {
  readonly replay: string;
  readonly page: string;
  readonly picture: readonly string[];
  /** Inputs and verbs of the page. */
  readonly steps: number;
}

/** Plays a recorded run; `picture` is told what happens. */
export function replayRun(
  { plan, world }: Recorded,
  options: RunOptions,
  picture: Picture | null = null,
): Promise<Played> {
  const choices = new ReplayChoices(world);
  if (picture === null) return playPlan(plan, choices, options);
  const looking: Invariant = { name: 'picture', why: 'It blames nobody.', judge: (sight) => picture.follow(sight) };
  const { sha1 } = options;
  const invariants = [looking, ...options.invariants];
  return play(scriptOf(plan), { kind: MEMORY, deploy: deployLab, sha1, invariants, choices, latency: latencyOf(plan) });
}

/** Does something that may throw where nobody can catch it; null if it did. */
export type Surviving = <T>(act: () => Promise<T>) => Promise<T | null>;

/** `sockets`: where the page is to fail, too; one that does not says that it needs links in memory. */
export async function findingOf(
  recorded: Recorded,
  verdict: Verdict,
  options: RunOptions,
  sockets: ArmKind,
  surviving: Surviving = (act) => act(),
): Promise<Finding> {
  const script = scriptOf(recorded.plan);
  const picture = new Picture(script.front.clients.map(({ name }) => name));
  await replayRun(recorded, options, picture);
  const why = INVARIANTS.find(({ name }) => name === verdict.invariant)?.why ?? 'The machines must not throw.';
  const replay = printReplay(recorded);
  const written = { title: titleOf(verdict), world: recorded.world, verdict, why, replay };
  const page = pageText(script, { ...written, needs: [] });
  // What throws in memory would throw in an event of a real socket, where nobody can say what has thrown: it is not tried.
  const isTried = verdict.invariant !== 'nothing-throws';
  const failsThere = async () => isTried && (await surviving(() => failsOn(sockets, page, verdict, options)));
  const needsMemory = recorded.world.length === 0 && (await failsThere()) !== true;
  return {
    replay,
    page: needsMemory ? pageText(script, { ...written, needs: ['memory'] }) : page,
    picture: picture.lines(`${verdict.invariant}: ${verdict.what}`),
    steps: script.steps.length,
  };
}

/** Whether the page fails there by the same invariant. */
async function failsOn(kind: ArmKind, text: string, { invariant }: Verdict, { sha1 }: RunOptions): Promise<boolean> {
  const read = readPage('finding.md', text);
  if (read.kind === 'mistakes') return true;
  const verdict = await judge(read.page.scenarios[0]!, { kind, deploy: deployLab, sha1 });
  return verdict?.invariant === invariant;
}

function titleOf({ invariant, between }: Verdict): string {
  const [wronged, disturbance] = between;
  const after = disturbance === '' ? '' : ` after ${disturbance}`;
  return `${invariant}${wronged === '' ? '' : `: ${wronged}`}${after}`;
}

/** A try of a shrinking: the plan in that world, judged. */
export function attempt(options: RunOptions): (plan: Plan, choices: Choices) => Promise<Verdict | null> {
  return async (plan, choices) => (await playPlan(plan, choices, options)).verdict;
}
