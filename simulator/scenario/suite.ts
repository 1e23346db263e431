/**
 * Runs many scenarios, each on every arm that was asked for, and tells a reporter as they end.
 *
 * A scenario has passed on an arm if no step failed and nothing was left behind. Knows no files, no terminal, no sockets.
 */
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { Refused, Unreachable } from './administrator.ts';
import type { ArmKind, ArmName } from './arm.ts';
import { type Deploy, Lab, type LabOptions } from './lab.ts';
import { NEEDS } from './need-names.ts';
import { type Failure, type Run, runScenario, stackOf } from './runner.ts';
import type { Scenario, Step } from './scenario.ts';
import type { Trace } from './trace.ts';

/** A scenario on one arm. */
export interface CaseResult {
  readonly scenario: Scenario;
  readonly arm: ArmName;
  readonly failures: readonly Failure[];
  /** Why it was not run; null if it was. */
  readonly skipped: string | null;
  readonly milliseconds: number;
  /** Empty unless it was asked for. */
  readonly trace: readonly string[];
}

export interface Summary {
  readonly scenarios: number;
  /** A scenario on each arm. */
  readonly cases: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
}

/** Each call answers with text for the report, ends of lines included. */
export interface Reporter {
  start(scenarios: number): string;
  /** One scenario has ended, on all its arms. */
  scenario(results: readonly CaseResult[]): string;
  end(summary: Summary): string;
}

export interface SuiteOptions {
  readonly arms: readonly ArmKind[];
  readonly deploy: Deploy;
  readonly sha1: Sha1;
  /** Real milliseconds, for reports only. */
  stopwatch(): number;
  /** A new trace for each case; null: none. */
  readonly trace: ((file: string) => Trace) | null;
  /** Why a scenario cannot be run on these arms; null if it can. Left out: all can. */
  skip?(scenario: Scenario): string | null;
  /** Plays a page that says what must hold; null if it does. Left out: such pages fail. */
  judge?(scenario: Scenario, kind: ArmKind, trace: Trace | null): Promise<Failure | null>;
}

/** Passed and failed, by the results of every scenario in turn. */
export async function runSuite(
  scenarios: readonly Scenario[],
  options: SuiteOptions,
  reporter: Reporter,
  write: (text: string) => void,
): Promise<Summary> {
  const began = options.stopwatch();
  let cases = 0;
  let failed = 0;
  let skipped = 0;
  write(reporter.start(scenarios.length));
  for (const scenario of scenarios) {
    const results: CaseResult[] = [];
    const why = options.skip?.(scenario) ?? null;
    for (const kind of options.arms) {
      const here = why ?? memoryMissing(scenario, kind);
      results.push(here === null ? await runCase(scenario, kind, options) : skippedCase(scenario, kind, here));
    }
    cases += results.length;
    skipped += results.filter((result) => result.skipped !== null).length;
    failed += results.filter((result) => result.failures.length > 0).length;
    write(reporter.scenario(results));
  }
  const summary = { scenarios: scenarios.length, cases, failed, skipped, milliseconds: options.stopwatch() - began };
  write(reporter.end(summary));
  return summary;
}

export async function runCase(scenario: Scenario, kind: ArmKind, options: SuiteOptions): Promise<CaseResult> {
  const began = options.stopwatch();
  const trace = options.trace?.(scenario.file) ?? null;
  const { deploy, sha1 } = options;
  if (scenario.front.invariants.length > 0) {
    const failure = (await options.judge?.(scenario, kind, trace)) ?? null;
    return {
      scenario,
      arm: kind.name,
      failures: failure === null ? [] : [failure],
      skipped: null,
      milliseconds: options.stopwatch() - began,
      trace: trace?.lines ?? [],
    };
  }
  const lab: LabOptions = { kind, deploy, sha1, world: 1, ...(trace === null ? {} : { tap: trace }) };
  const run = await runInLab(scenario, lab, false, trace);
  return {
    scenario,
    arm: kind.name,
    failures: run.failures,
    skipped: null,
    milliseconds: options.stopwatch() - began,
    trace: trace?.lines ?? [],
  };
}

/** A recorded world is one of links in memory: real ones take their own time. */
function memoryMissing({ front, steps }: Scenario, kind: ArmKind): string | null {
  if (kind.name === 'memory') return null;
  if (front.invariants.length > 0 && front.choices.length > 0) return 'its world (`choices:`) is one in memory';
  const needs = [...front.needs, ...steps.flatMap(({ action }) => (action.kind === 'needs' ? action.what : []))];
  return needs.includes('memory') ? `needs ${NEEDS.memory}` : null;
}

function skippedCase(scenario: Scenario, kind: ArmKind, why: string): CaseResult {
  return { scenario, arm: kind.name, failures: [], skipped: why, milliseconds: 0, trace: [] };
}

/** Opens a lab, runs the scenario, closes the lab. What is left there is a failure like any other, as is an error of ours. */
export async function runInLab(
  scenario: Scenario,
  options: LabOptions,
  goOn: boolean,
  trace: Trace | null,
): Promise<Run> {
  const last = scenario.steps.at(-1)?.line ?? scenario.line;
  let lab: Lab;
  try {
    lab = await Lab.open(scenario.front, options);
  } catch (error) {
    return { failures: [thrown(error, scenario.line, 'the world could not be made')], records: [], held: [] };
  }
  trace?.begin(lab.arm.clock);
  const run = await runScenario(scenario, lab, { goOn, before: (step: Step) => trace?.step(step) });
  try {
    const left = await lab.close(run.held);
    // Who has failed may well have left something; that would only bury the reason.
    if (left.length === 0 || run.failures.length > 0) return run;
    return {
      ...run,
      failures: [{ line: last, title: 'something is left when all clients have gone', detail: left, blessable: false }],
    };
  } catch (error) {
    if (run.failures.length > 0) return run;
    return { ...run, failures: [thrown(error, last, 'the world could not be ended')] };
  }
}

function thrown(error: unknown, line: number, title: string): Failure {
  const others = error instanceof Refused || error instanceof Unreachable;
  return { line, title, detail: others ? [`      ${error.message}`] : stackOf(error), blessable: false };
}
