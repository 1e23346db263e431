/**
 * `odplab run`: scenario pages against the proxy and a simulated cluster, on both arms.
 *
 * The edge between the terminal and `simulator/scenario/`: flags, files, colours, exit codes.
 */
import { createHash } from 'node:crypto';
import { parseArgs, styleText } from 'node:util';
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
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { type Mistake, printMistake } from '../../simulator/scenario/mistakes.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import { JUnitReporter } from '../../simulator/scenario/report-junit.ts';
import { counted, type Paint, SpecReporter } from '../../simulator/scenario/report-spec.ts';
import { TapReporter } from '../../simulator/scenario/report-tap.ts';
import type { Page, Scenario } from '../../simulator/scenario/scenario.ts';
import { type Reporter, runSuite, type SuiteOptions } from '../../simulator/scenario/suite.ts';
import { Trace } from '../../simulator/scenario/trace.ts';
import { SOCKETS } from './sockets-arm.ts';
import { TERMINAL, type TerminalIo } from './terminal.ts';

const HELP = `odplab run – runs scenario pages against the proxy and a simulated cluster

Usage: odplab run [PATH…] [OPTIONS]

  PATH                    pages (.md) or folders of pages; default: scenarios
  --arm memory|sockets|both
                          in memory, on real sockets, or each scenario on both (default)
  --grep TEXT             only scenarios whose file and name contain TEXT
  --list                  say which scenarios there are, and run none
  --bless                 write what is printed into the pages, where it is not what they expect
  --trace                 a line for every packet, FIN and RST, with its time
  --reporter spec|junit|tap
                          the form of the report; default: spec
  --output FILE           write the report there; a short one still goes to the terminal
  -h, --help              this text

A page is Markdown; what stands between \`\`\`odplab and \`\`\` is a transcript as a terminal shows it:

  ---
  clients:
    alice: root@sys#obdemo
  ---
  \`\`\`odplab
  alice> SELECT 1;
  \`\`\`

Run it with --bless and read what was written. The clock stands but for a line "! advance 1s".

Exit codes: 0 all passed, 1 a scenario failed, 2 wrong usage or a broken page
`;

const ARMS: Readonly<Record<string, readonly ArmKind[]>> = {
  memory: [MEMORY],
  sockets: [SOCKETS],
  both: [MEMORY, SOCKETS],
};

type ReporterMaker = (paint: Paint, arms: number) => Reporter;

const REPORTERS: Readonly<Record<string, ReporterMaker>> = {
  spec: (paint) => new SpecReporter(paint),
  junit: () => new JUnitReporter(new Date().toISOString().slice(0, 19)),
  tap: (_paint, arms) => new TapReporter(arms),
};

const DEFAULT_PATH = 'scenarios';

interface Flags {
  readonly paths: readonly string[];
  readonly arms: readonly ArmKind[];
  readonly reporter: ReporterMaker;
  readonly output: string | null;
  readonly grep: string;
  readonly action: 'run' | 'list' | 'bless';
  readonly trace: boolean;
}

/** Runs the command; the answer is the exit code. */
export async function run(args: readonly string[], io: TerminalIo = TERMINAL): Promise<number> {
  const flags = readFlags(args);
  if (flags === 'help') {
    io.out(HELP);
    return 0;
  }
  if (typeof flags === 'string') {
    io.err(`odplab run: ${flags}\nodplab run --help explains.\n`);
    return 2;
  }
  const { pages: files, missing } = findPages(flags.paths);
  for (const path of missing) io.err(`odplab run: there is no file or folder ${path}\n`);
  if (missing.length > 0) return 2;
  const { pages, mistakes } = readAll(files);
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

function readFlags(args: readonly string[]): Flags | 'help' | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const arms = Object.hasOwn(ARMS, values.arm) ? ARMS[values.arm] : undefined;
  if (arms === undefined) return `--arm ${values.arm}: there are ${Object.keys(ARMS).join(', ')}`;
  const reporter = Object.hasOwn(REPORTERS, values.reporter) ? REPORTERS[values.reporter] : undefined;
  if (reporter === undefined) return `--reporter ${values.reporter}: there are ${Object.keys(REPORTERS).join(', ')}`;
  return {
    paths: positionals.length === 0 ? [DEFAULT_PATH] : positionals,
    arms,
    reporter,
    output: values.output ?? null,
    grep: values.grep,
    action: values.list ? 'list' : values.bless ? 'bless' : 'run',
    trace: values.trace,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      arm: { type: 'string', default: 'both' },
      grep: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
      bless: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      reporter: { type: 'string', default: 'spec' },
      output: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

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

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

function stopwatch(): number {
  return performance.now();
}

async function runAll(
  pages: readonly Page[],
  scenarios: readonly Scenario[],
  flags: Flags,
  io: TerminalIo,
): Promise<number> {
  const sources = new Map(pages.map((page) => [page.file, splitLines(page.text)]));
  const base: SuiteOptions = {
    arms: flags.arms,
    deploy: deployLab,
    sha1,
    stopwatch,
    trace: flags.trace ? (file) => new Trace(sources.get(file) ?? []) : null,
  };
  const plain: Paint = (_colour, text) => text;
  const painted: Paint = io.colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : plain;
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
  const { output } = flags;
  if (output !== null && !tried(() => writeAtomically(output, report), io)) return 2;
  return summary.failed === 0 ? 0 : 1;
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
  flags: Flags,
  io: TerminalIo,
): Promise<number> {
  const kind = flags.arms[0]!;
  const unblessed = new Set<Scenario>();
  let answers = 0;
  for (const page of pages) {
    const only = page.scenarios.filter(wanted);
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
