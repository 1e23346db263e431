/**
 * The flags of `odplab hunt` and `odplab replay`, read into plain data. What is wrong is said with its mend.
 */
import { parseArgs } from 'node:util';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import { RUNS, SEEDS } from '../../simulator/hunt/run.ts';
import { readDuration } from '../../simulator/scenario/duration.ts';
import { UsageError } from './flags.ts';
import { joinedFlags } from './joined-flags.ts';

export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

export interface HuntFlags {
  readonly seed: number;
  /** The number of the first run. */
  readonly first: number;
  /** Runs are numbered below this. */
  readonly runs: number;
  /** Real milliseconds after which no run is begun; null: no end. */
  readonly time: number | null;
  readonly jobs: number;
  readonly shard: Shard;
  /** Names of invariants; empty: all. */
  readonly invariants: readonly string[];
  /** Where findings are written. */
  readonly out: string;
  /** Another process reads what this one prints: a line of JSON for each report. */
  readonly worker: boolean;
}

const OPTIONS = {
  seed: { type: 'string' },
  runs: { type: 'string' },
  run: { type: 'string' },
  time: { type: 'string' },
  jobs: { type: 'string' },
  shard: { type: 'string' },
  invariant: { type: 'string', multiple: true },
  out: { type: 'string' },
  worker: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const MINUTE = 60_000;
/** In milliseconds. */
const SHORTEST = 1;
const MOST_JOBS = 64;
const DEFAULT_OUT = 'findings';

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinedFlags(args, OPTIONS), options: OPTIONS, allowPositionals: false, strict: true })
      .values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** An empty text would not be seen. */
function shown(text: string): string {
  return text === '' ? "''" : text;
}

export function parseHuntFlags(args: readonly string[]): HuntFlags | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const runs = values.runs === undefined ? null : whole('--runs', values.runs, 1, RUNS);
  const time = values.time === undefined ? null : duration(values.time);
  const single = values.run === undefined ? null : whole('--run', values.run, 0, RUNS - 1);
  const part = values.shard === undefined ? { index: 1, of: 1 } : shard(values.shard);
  const other = (['runs', 'time', 'jobs', 'shard'] as const).find((it) => single !== null && values[it] !== undefined);
  if (other !== undefined) throw new UsageError(`--run is one run of the seed: leave out --${other}`);
  // A worker may have nothing to do: its leader shares the shard out among so many jobs.
  if (runs !== null && part.index > runs && !values.worker) {
    const some = runs === 1 ? 'shard 1' : `shards 1 to ${runs}`;
    throw new UsageError(
      `--shard ${values.shard}: of --runs ${runs}, which all shards share, this one has none; there are runs for ${some}`,
    );
  }
  const invariants = (values.invariant ?? []).flatMap((it) => it.split(','));
  for (const name of invariants) {
    if (INVARIANTS.some((it) => it.name === name)) continue;
    throw new UsageError(
      `--invariant ${shown(name)}: there is none; there are ${INVARIANTS.map((it) => it.name).join(', ')}`,
    );
  }
  return {
    seed: values.seed === undefined ? 1 : whole('--seed', values.seed, 0, SEEDS - 1),
    first: single ?? 0,
    runs: single === null ? (runs ?? RUNS) : single + 1,
    time: time ?? (runs === null && single === null ? MINUTE : null),
    jobs: values.jobs === undefined ? 1 : whole('--jobs', values.jobs, 1, MOST_JOBS),
    shard: part,
    invariants,
    out: values.out ?? DEFAULT_OUT,
    worker: values.worker ?? false,
  };
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${flag} ${shown(text)}: a whole number from ${least} to ${most} is wanted`);
}

function duration(text: string): number {
  const value = readDuration(text);
  if (value === null) throw new UsageError(`--time ${shown(text)}: write 500ms, 60s or 10m`);
  if (value < SHORTEST)
    throw new UsageError(`--time ${text}: no run is played in that time; give ${SHORTEST}ms or more`);
  return value;
}

function shard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index < 1 || index > of) {
    throw new UsageError(`--shard ${shown(text)}: write i/n, from 1/n to n/n: this machine's part of the runs`);
  }
  return { index, of };
}
