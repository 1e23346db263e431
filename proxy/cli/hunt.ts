/**
 * `odplab hunt`: runs drawn from a seed, judged by invariants, until one is violated; what was found is made small and
 * handed over. `odplab replay`: one run again, from its string.
 *
 * The edge between the terminal and `simulator/hunt/`: flags, processes, progress, files, exit codes.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { Coverage, type Reached } from '../../simulator/hunt/coverage.ts';
import { attempt, type Finding, findingOf, replayRun } from '../../simulator/hunt/finding.ts';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import type { Verdict } from '../../simulator/hunt/judge.ts';
import { Picture } from '../../simulator/hunt/picture.ts';
import { odds, scriptOf } from '../../simulator/hunt/plan.ts';
import { NoReplay, parseReplay, type Recorded } from '../../simulator/hunt/replay-string.ts';
import { HUNT_RATES, planOf, type RunOptions, recordWorld, runSeeded } from '../../simulator/hunt/run.ts';
import { shrink, type Try } from '../../simulator/hunt/shrink.ts';
import { addTally, emptyTally, type Tally } from '../../simulator/hunt/tally.ts';
import { WORDS } from '../../simulator/hunt/vocabulary.ts';
import { CannotWrite, writeAtomically } from '../../simulator/scenario/files.ts';
import { makeFolder } from './findings-folder.ts';
import { UsageError } from './flags.ts';
import { HangWatch, HUNG, HUNG_WORKER, type Words } from './hang-watch.ts';
import { type HuntFlags, parseHuntFlags } from './hunt-flags.ts';
import { sha1 } from './run-target.ts';
import { SOCKETS } from './sockets-arm.ts';
import { Stop } from './stop.ts';
import { Survival } from './survival.ts';
import { TERMINAL, type TerminalIo } from './terminal.ts';

const HELP = `odplab hunt – find the interleaving that nobody has thought of, show it small, and keep it

Usage: odplab hunt [OPTIONS]          in a checkout: npm run hunt -- [OPTIONS]
       odplab replay STRING           in a checkout: npm run replay -- STRING

  --seed N            the same N, the same runs, on every machine (1)
  --runs N            so many runs, those of all shards and jobs together; or
  --time TIME         as long as this: 60s, 1h (60s)
  --run K             run K of the seed alone: what was found once, again
  --jobs N            so many processes (1)
  --shard I/N         only this part of the runs: run K of a seed is the same run in whichever shard and job
  --invariant NAME    judge by this one only; several with commas. There are:
${INVARIANTS.map(({ name }) => `                        ${name}`).join('\n')}
                      A machine that throws always ends the hunt (nothing-throws), whichever are named
  --out DIR           where a finding is written (findings)
  -h, --help          this text

A run is one to four applications, an administrator, a supervisor before the proxy and a simulated cluster: some fifty steps,
kills and faults among them, on links that delay, split and merge, all drawn from the seed. Judges watch it. On the first
violation the hunt stops, makes the run small, and hands over (a) a replay string, (b) a scenario page that fails in the
same way under npm run scenarios, and (c) a picture of the run.

Ctrl-C ends it early, and tells what was done so far; what is being made small is handed over as it is.

A run that does not come to its end, a loop inside one event, is told with its place after half a minute, and ends the hunt.

Exit codes: 0 nothing was found, 1 an invariant was violated or a run does not end, 2 wrong usage, 130 interrupted
`;

const REPLAY_HELP = `odplab replay – one run of a hunt again, from its string

Usage: odplab replay STRING           in a checkout: npm run replay -- STRING

Prints the picture of the run and what it ends with. The same string is the same run on every machine.

Exit codes: 0 all invariants hold, 1 one does not, 2 wrong usage
`;

const SECOND = 1000;
/** Between two lines of progress while a finding is made small. */
const SHRINKING = 2 * SECOND;
/** 128 + SIGINT. */
const INTERRUPTED = 130;

/**
 * V8 optimises a function when it has run so many bytes of its code, 67,584 unless told. A hunt calls some two thousand
 * functions, all of them hot soon: with a quarter it has a tenth more runs in its first minute, with an eighth no more.
 */
const OPTIMISE_AFTER = 16_000;

/** What a hunt ends with. */
interface Hunted {
  readonly progress: Progress;
  readonly found: Found | null;
  readonly reached: Reached;
}

/** What was done so far. */
interface Progress extends Tally {
  runs: number;
}

interface Found {
  readonly run: number;
  readonly verdict: Verdict;
}

/** Runs the command; the answer is the exit code. */
export async function hunt(args: readonly string[], io: TerminalIo = TERMINAL): Promise<number> {
  try {
    const flags = parseHuntFlags(args);
    if (flags === 'help') {
      io.out(HELP);
      return 0;
    }
    if (flags.worker) return await work(flags, io);
    // Before the hunt: an hour later would be late to hear that there is nowhere to write.
    const leave = makeFolder('--out', flags.out);
    try {
      return await lead(flags, io);
    } finally {
      leave();
    }
  } catch (error) {
    if (error instanceof Hung) return HUNG;
    if (!(error instanceof UsageError)) throw error;
    io.err(`odplab hunt: ${error.message}\nodplab hunt --help explains.\n`);
    return 2;
  }
}

/** A worker has been ended because its run does not end. It has told so itself. */
class Hung extends Error {}

function wordsOf({ seed, worker }: HuntFlags): Words {
  return {
    what: `run {run} of seed ${seed}`,
    again: `npm run hunt -- --seed ${seed} --run {run}`,
    exitCode: worker ? HUNG_WORKER : HUNG,
  };
}

function optionsOf(flags: HuntFlags): RunOptions {
  const { invariants: names } = flags;
  return { sha1, invariants: names.length === 0 ? INVARIANTS : INVARIANTS.filter(({ name }) => names.includes(name)) };
}

async function lead(flags: HuntFlags, io: TerminalIo): Promise<number> {
  const options = optionsOf(flags);
  io.out(`${settingText(flags, options)}\n`);
  const began = performance.now();
  const teller = new Teller(io, began);
  const stop = Stop.bySignal();
  const { progress, found, reached } =
    flags.jobs === 1 ? await chase(flags, stop, (now) => teller.tell(now)) : await share(flags, stop, teller);
  const seconds = (performance.now() - began) / SECOND;
  const coverage = new Coverage();
  coverage.add(reached);
  const seen = `${summaryText(progress, seconds)}\n${coverage.lines().join('\n')}\n`;
  if (found === null) {
    stop.forget();
    io.out(`${seen}${stop.isAsked ? 'interrupted; until then ' : ''}nothing was found\n`);
    return stop.isAsked ? INTERRUPTED : 0;
  }
  io.out(`run ${found.run} of seed ${flags.seed}: ${found.verdict.invariant}: ${found.verdict.what}\nshrinking …\n`);
  const plan = planOf(flags.seed, found.run);
  const recorded: Recorded = { plan, world: await recordWorld(flags.seed, found.run, options) };
  const watch = new HangWatch({ ...wordsOf(flags), what: `a smaller form of run {run} of seed ${flags.seed}` });
  const smaller = breathing(attempt(options), stop, () => watch.begins(found.run));
  const small = await watch.until(() =>
    shrink(recorded, found.verdict, smaller, { told: teller.shrinking(), isEnough: () => stop.isAsked }),
  );
  stop.forget();
  if (stop.isAsked) io.out('interrupted: this is as small as it has become\n');
  const survival = new Survival();
  const finding = await findingOf(small, small.verdict, options, SOCKETS, (act) => survival.of(act));
  io.out(`${plan.steps.length} steps became ${finding.steps}, in ${small.runs} runs\n\n`);
  handOver(flags, found, finding, io);
  io.out(seen);
  if (survival.hasThrown) process.exit(1);
  return 1;
}

/** The string first: all else can be had from it again, so it must not be lost with a page that cannot be written. */
function handOver(flags: HuntFlags, found: Found, { page, picture, replay }: Finding, io: TerminalIo): void {
  io.out(`${picture.join('\n')}\n\n`);
  io.out(`the same run:   npm run replay -- ${replay}\n`);
  const file = join(flags.out, `${found.verdict.invariant}-${flags.seed}-${found.run}.md`);
  try {
    // Once more: another hunt may have taken it away that had made it, and found nothing.
    makeFolder('--out', flags.out);
    writeAtomically(file, page);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof CannotWrite)) throw error;
    io.err(`odplab hunt: ${error.message}\n`);
    return;
  }
  io.out(`the same page:  npm run scenarios -- ${file}\n`);
}

/** What is drawn, and how often: printed first, so that a report tells what was looked at. */
function settingText(flags: HuntFlags, { invariants }: RunOptions): string {
  const total = WORDS.reduce((sum, { weight }) => sum + weight, 0);
  const words = WORDS.map(({ name, weight }) => `${name} ${weight}`).join(', ');
  const rates = Object.entries(HUNT_RATES).map(([site, rate]) => `${site} ${rate}`);
  const { seed, shard, jobs } = flags;
  const part = shard.of === 1 ? '' : `, shard ${shard.index}/${shard.of}`;
  return [
    `seed ${seed}${part}, ${jobs} ${jobs === 1 ? 'process' : 'processes'}`,
    `steps, out of ${total}: ${words}`,
    ...odds(),
    `world, out of 1000: ${rates.join(', ')}`,
    `invariants: ${invariants.map(({ name }) => name).join(', ')}`,
  ].join('\n');
}

function summaryText({ runs, clients, answered, lost, kills, faults }: Progress, seconds: number): string {
  const mean = (count: number): string => (runs === 0 ? '0' : (count / runs).toFixed(1));
  return (
    `${runs} runs in ${seconds.toFixed(1)} s, ${(runs / seconds).toFixed(0)} a second; ` +
    `a run: ${mean(clients)} clients, ${mean(answered)} statements answered, ${mean(lost)} lost, ` +
    `${mean(kills)} kills of live sessions, ${mean(faults)} faults that took effect`
  );
}

function breathing(attempt: Try, stop: Stop, begins: () => void): Try {
  return async (plan, world) => {
    await stop.breathe();
    begins();
    return attempt(plan, world);
  };
}

/** Tells now and then how it goes. */
class Teller {
  readonly #io: TerminalIo;
  readonly #began: number;
  #next = SECOND;

  constructor(io: TerminalIo, began: number) {
    this.#io = io;
    this.#began = began;
  }

  tell(progress: Progress): void {
    const passed = performance.now() - this.#began;
    if (passed < this.#next) return;
    // Often at first, then ever more rarely: an hour gives some forty lines.
    this.#next = Math.max(this.#next + SECOND, this.#next * 1.25);
    this.#io.out(`${summaryText(progress, passed / SECOND)}\n`);
  }

  /** Tells how small it has become. */
  shrinking(): (runs: number, steps: number) => void {
    let last = performance.now();
    return (runs, steps) => {
      if (performance.now() - last < SHRINKING) return;
      last = performance.now();
      this.#io.out(`${steps} steps, after ${runs} runs …\n`);
    };
  }
}

/** The runs of this shard, one after the other, in this process. */
function chase(flags: HuntFlags, stop: Stop, told: (progress: Progress) => void): Promise<Hunted> {
  setFlagsFromString(`--interrupt-budget=${OPTIMISE_AFTER}`);
  const watch = new HangWatch(wordsOf(flags));
  return watch.until(() => playRuns(flags, stop, told, watch));
}

async function playRuns(
  flags: HuntFlags,
  stop: Stop,
  told: (progress: Progress) => void,
  watch: HangWatch,
): Promise<Hunted> {
  const coverage = new Coverage();
  const options = { ...optionsOf(flags), coverage };
  const progress: Progress = { runs: 0, ...emptyTally() };
  const { seed, shard } = flags;
  const end = flags.time === null ? Number.POSITIVE_INFINITY : performance.now() + flags.time;
  for (
    let run = flags.first + shard.index - 1;
    // One in any case: who has looked at nothing must not say that nothing was found.
    run < flags.runs && (progress.runs === 0 || performance.now() < end) && !stop.isAsked;
    run += shard.of
  ) {
    watch.begins(run);
    const { verdict, tally } = await runSeeded(seed, run, options);
    progress.runs += 1;
    addTally(progress, tally);
    if (verdict !== null) return { progress, found: { run, verdict }, reached: coverage.reached };
    told(progress);
    const breath = stop.breathe();
    if (breath !== undefined) await breath;
  }
  return { progress, found: null, reached: coverage.reached };
}

type Report = { readonly kind: 'progress'; readonly progress: Progress } | ({ readonly kind: 'end' } & Hunted);

/** How often a worker reports, in milliseconds. */
const REPORTS = 500;

async function work(flags: HuntFlags, io: TerminalIo): Promise<number> {
  let last = performance.now();
  const send = (report: Report): void => io.out(`${JSON.stringify(report)}\n`);
  const ended = await chase(flags, Stop.byLeader(), (progress) => {
    if (performance.now() - last < REPORTS) return;
    last = performance.now();
    send({ kind: 'progress', progress });
  });
  send({ kind: 'end', ...ended });
  return 0;
}

/** The same with several processes, each with a part of the shard. The first finding ends all. */
async function share(flags: HuntFlags, stop: Stop, teller: Teller): Promise<Hunted> {
  const coverage = new Coverage();
  const parts: Progress[] = [];
  let found: Found | null = null;
  const workers = Array.from({ length: flags.jobs }, (_, job) => spawnWorker(flags, job));
  stop.whenAsked(() => {
    for (const worker of workers) worker.stdin.end();
  });
  const ends = workers.map(
    (worker, job) =>
      new Promise<void>((resolve, reject) => {
        let ended = false;
        createInterface({ input: worker.stdout }).on('line', (line) => {
          const report = JSON.parse(line) as Report;
          parts[job] = report.progress;
          teller.tell(sum(parts));
          if (report.kind !== 'end') return;
          ended = true;
          coverage.add(report.reached);
          if (report.found === null || found !== null) return;
          found = report.found;
          for (const other of workers) if (other !== worker) other.kill();
        });
        worker.on('error', reject);
        worker.on('close', (code) => {
          if (ended || found !== null) resolve();
          else if (code === HUNG_WORKER) reject(new Hung());
          else reject(new Error(`a worker of the hunt ended with code ${code}`));
        });
      }),
  );
  try {
    await Promise.all(ends);
  } finally {
    // Where one has failed, the others are of no use.
    for (const worker of workers) worker.kill();
  }
  return { progress: sum(parts), found, reached: coverage.reached };
}

function spawnWorker(flags: HuntFlags, job: number) {
  const { shard, jobs, seed, runs, time, invariants } = flags;
  const part = `${shard.index + shard.of * job}/${shard.of * jobs}`;
  const args = ['hunt', '--worker', '--seed', String(seed), '--shard', part, '--runs', String(runs)];
  if (time !== null) args.push('--time', `${Math.round(time)}ms`);
  for (const name of invariants) args.push('--invariant', name);
  return spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

function sum(parts: readonly (Progress | undefined)[]): Progress {
  const all: Progress = { runs: 0, ...emptyTally() };
  for (const part of parts) {
    if (part === undefined) continue;
    all.runs += part.runs;
    addTally(all, part);
  }
  return all;
}

/** Runs the command; the answer is the exit code. */
export async function replay(args: readonly string[], io: TerminalIo = TERMINAL): Promise<number> {
  const [text, ...rest] = args;
  if (text === '--help' || text === '-h') {
    io.out(REPLAY_HELP);
    return 0;
  }
  try {
    if (text === undefined || rest.length > 0) throw new NoReplay('one replay string is wanted');
    const recorded = parseReplay(text);
    const picture = new Picture(scriptOf(recorded.plan).front.clients.map(({ name }) => name));
    const watch = new HangWatch({ what: 'this run', again: `npm run replay -- ${text}`, exitCode: HUNG });
    watch.begins(0);
    const { verdict } = await watch.until(() => replayRun(recorded, { sha1, invariants: INVARIANTS }, picture));
    const end = verdict === null ? 'all invariants hold' : `${verdict.invariant}: ${verdict.what}`;
    io.out(`${picture.lines(end).join('\n')}\n`);
    return verdict === null ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NoReplay)) throw error;
    io.err(`odplab replay: ${error.message}\nodplab replay --help explains.\n`);
    return 2;
  }
}
