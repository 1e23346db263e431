/**
 * `odplab run`: scenario pages against the proxy and a simulated cluster, on both arms, or against somebody else's server.
 *
 * The edge between the terminal and `simulator/scenario/`: flags, files, colours, exit codes.
 */
import { styleText } from 'node:util';
import type { ArmKind } from '../../simulator/scenario/arm.ts';
import { blessPage, rereads } from '../../simulator/scenario/bless.ts';
import { deployLab } from '../../simulator/scenario/deployment.ts';
import {
  CannotWrite,
  expectWritable,
  findPages,
  type SourceFile,
  writeAtomically,
} from '../../simulator/scenario/files.ts';
import { splitLines } from '../../simulator/scenario/markdown.ts';
import { type Mistake, printMistake } from '../../simulator/scenario/mistakes.ts';
import { missing } from '../../simulator/scenario/needs.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import { counted, type Paint, SpecReporter } from '../../simulator/scenario/report-spec.ts';
import type { Failure } from '../../simulator/scenario/runner.ts';
import type { Page, Scenario } from '../../simulator/scenario/scenario.ts';
import { type Reporter, runSuite, type SuiteOptions } from '../../simulator/scenario/suite.ts';
import { Trace } from '../../simulator/scenario/trace.ts';
import { UsageError } from './flags.ts';
import { HELP, type RunFlags, readRunFlags } from './run-flags.ts';
import { reachTarget, sha1, UNREACHABLE } from './run-target.ts';
import { TERMINAL, type TerminalIo } from './terminal.ts';

/** Runs the command; the answer is the exit code. */
export async function run(args: readonly string[], io: TerminalIo = TERMINAL): Promise<number> {
  let flags: RunFlags | 'help';
  try {
    flags = readRunFlags(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`odplab run: ${error.message}\nodplab run --help explains.\n`);
    return 2;
  }
  if (flags === 'help') {
    io.out(HELP);
    return 0;
  }
  const { pages: files, missing: none } = findPages(flags.paths);
  for (const path of none) io.err(`odplab run: there is no file or folder ${path}\n`);
  if (none.length > 0) return 2;
  const { pages, mistakes } = readAll(files);
  mistakes.push(...(await unknownInvariants(pages)));
  for (const mistake of mistakes) io.err(`${printMistake(mistake)}\n`);
  if (mistakes.length > 0) return 2;
  const wanted = (scenario: Scenario) => `${scenario.file}: ${scenario.name}`.includes(flags.grep);
  const scenarios = pages.flatMap((page) => page.scenarios).filter(wanted);
  if (scenarios.length === 0) {
    const where = flags.paths.join(' ');
    io.err(
      `odplab run: no scenario in ${where}${flags.grep === '' ? '' : ` whose file and name contain '${flags.grep}'`}\n`,
    );
    return 2;
  }
  if (flags.action === 'list') {
    for (const { file, line, name } of scenarios) io.out(`${file}:${line}: ${name}\n`);
    return 0;
  }
  if (flags.permute !== null) return permuteAll(pages, wanted, flags, flags.permute, io);
  if (flags.action === 'bless') return bless(pages, wanted, flags, io);
  const { output } = flags;
  if (output !== null && !tried(() => expectWritable(output), io)) return 2;
  return runAll(pages, scenarios, flags, io);
}

/** False if a file could not be written, which is told then. */
function tried(act: () => void, io: TerminalIo): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof CannotWrite)) throw error;
    io.err(`odplab run: ${error.message}\n`);
    return false;
  }
}

/** Loaded only if it is asked for. */
async function permuteAll(
  pages: readonly Page[],
  wanted: (scenario: Scenario) => boolean,
  flags: RunFlags,
  how: NonNullable<RunFlags['permute']>,
  io: TerminalIo,
): Promise<number> {
  const { permute } = await import('./permute.ts');
  return permute(pages, wanted, { ...how, bless: flags.action === 'bless', paint: paintOf(io) }, io);
}

function paintOf({ colours }: TerminalIo): Paint {
  return colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : plain;
}

const plain: Paint = (_colour, text) => text;

function readAll(files: readonly SourceFile[]): { readonly pages: Page[]; readonly mistakes: Mistake[] } {
  const pages: Page[] = [];
  const mistakes: Mistake[] = [];
  for (const { path, text } of files) {
    const read = readPage(path, text);
    if (read.kind === 'page') pages.push(read.page);
    else mistakes.push(...read.mistakes);
  }
  return { pages, mistakes };
}

/** The judges are loaded only for pages that ask for them. */
async function unknownInvariants(pages: readonly Page[]): Promise<Mistake[]> {
  const judged = pages.filter(({ front }) => front.invariants.length > 0);
  if (judged.length === 0) return [];
  const { unknownInvariant } = await import('../../simulator/hunt/judged.ts');
  return judged.map(unknownInvariant).filter((it) => it !== null);
}

function stopwatch(): number {
  return performance.now();
}

async function runAll(
  pages: readonly Page[],
  scenarios: readonly Scenario[],
  flags: RunFlags,
  io: TerminalIo,
): Promise<number> {
  const sources = new Map(pages.map((page) => [page.file, splitLines(page.text)]));
  const reached = flags.target === null ? null : await reachTarget(flags.target, scenarios, io);
  if (typeof reached === 'number') return reached;
  const base: SuiteOptions = {
    arms: flags.arms,
    deploy: reached?.deploy ?? deployLab,
    sha1,
    stopwatch,
    judge: judgePage,
    skip: (scenario) => (reached === null ? null : missing(scenario, reached.ground)),
    trace: flags.trace ? (file) => new Trace(sources.get(file) ?? []) : null,
  };
  const painted = paintOf(io);
  let report = '';
  const toFile = flags.output !== null;
  const reporter = flags.reporter(toFile ? plain : painted, flags.arms.length);
  // With the report in a file the terminal still shows how it goes.
  const beside = toFile ? new SpecReporter(painted) : null;
  const summary = await runSuite(
    scenarios,
    base,
    beside === null
      ? reporter
      : both(beside, reporter, (text) => {
          report += text;
        }),
    io.out,
  );
  await reached?.leave();
  const { output } = flags;
  if (output !== null && !tried(() => writeAtomically(output, report), io)) return 2;
  if (reached?.lost) {
    io.err(`odplab run: ${flags.target!.address.host}:${flags.target!.address.port} could not be reached any more\n`);
    return UNREACHABLE;
  }
  return summary.failed === 0 ? 0 : 1;
}

async function judgePage(scenario: Scenario, kind: ArmKind, trace: Trace | null): Promise<Failure | null> {
  const { judge, failureOf } = await import('../../simulator/hunt/judged.ts');
  const verdict = await judge(scenario, {
    kind,
    deploy: deployLab,
    sha1,
    ...(trace === null ? {} : { tap: trace, before: (step: number) => trace.step(scenario.steps[step]!) }),
  });
  return verdict === null ? null : failureOf(scenario, verdict);
}

/** Two reporters: what the first says is shown, what the second says goes to `write`. */
function both(shown: Reporter, written: Reporter, write: (text: string) => void): Reporter {
  return {
    start(scenarios) {
      write(written.start(scenarios));
      return shown.start(scenarios);
    },
    scenario(results) {
      write(written.scenario(results));
      return shown.scenario(results);
    },
    end(summary) {
      write(written.end(summary));
      return shown.end(summary);
    },
  };
}

/** Writes the pages anew, on the first arm that was asked for: memory, unless it is sockets alone. */
async function bless(
  pages: readonly Page[],
  wanted: (scenario: Scenario) => boolean,
  flags: RunFlags,
  io: TerminalIo,
): Promise<number> {
  const kind = flags.arms[0]!;
  const unblessed = new Set<Scenario>();
  let answers = 0;
  for (const page of pages) {
    // A page with invariants has no answers.
    const only = page.front.invariants.length > 0 ? [] : page.scenarios.filter(wanted);
    if (only.length === 0) continue;
    const blessed = await blessPage(page, only, { kind, deploy: deployLab, sha1 });
    for (const { scenario, failure } of blessed.failures) {
      io.err(`${scenario.file}:${failure.line}: ${failure.title} (${scenario.name})\n`);
      for (const line of failure.detail) io.err(`    ${line}\n`);
      unblessed.add(scenario);
    }
    if (blessed.text === page.text) continue;
    const broken = rereads(page.file, blessed.text);
    for (const line of broken) io.err(`${line} (in the page as it would be; nothing was written)\n`);
    if (broken.length > 0 || !tried(() => writeAtomically(page.file, blessed.text), io)) {
      for (const scenario of only) unblessed.add(scenario);
      continue;
    }
    io.out(`${page.file}: ${counted(blessed.answers, 'answer')} written\n`);
    answers += blessed.answers;
  }
  if (answers > 0) io.out('read what was written: git diff\n');
  if (unblessed.size > 0) {
    const names = [...unblessed].map(({ file, line, name }) => `${file}:${line}: ${name}`);
    io.out(`${counted(answers, 'answer')} written, ${counted(unblessed.size, 'scenario')} not: ${names.join(', ')}\n`);
  } else if (answers === 0) {
    io.out('nothing to bless\n');
  }
  return unblessed.size > 0 ? 1 : 0;
}
