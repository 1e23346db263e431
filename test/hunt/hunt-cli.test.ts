/** `odplab hunt` and `odplab replay` as a person calls them: flags, what is printed, exit codes; which run is which. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hunt, replay } from '../../proxy/cli/hunt.ts';
import { SOCKETS } from '../../proxy/cli/sockets-arm.ts';
import { Stop } from '../../proxy/cli/stop.ts';
import { SERVER_CELLS } from '../../proxy/session/server-state.ts';
import { KILL_ROWS } from '../../simulator/hunt/coverage.ts';
import { findingOf, replayRun } from '../../simulator/hunt/finding.ts';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import type { Plan } from '../../simulator/hunt/plan.ts';
import { printReplay } from '../../simulator/hunt/replay-string.ts';
import { planOf, recordWorld, runSeeded } from '../../simulator/hunt/run.ts';
import { WORDS } from '../../simulator/hunt/vocabulary.ts';
import { Transaction } from '../../simulator/observer/store.ts';
import type { ArmKind } from '../../simulator/scenario/arm.ts';
import { sha1 } from '../suite/pages.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-hunt-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function call(command: typeof hunt, ...args: string[]) {
  let out = '';
  let err = '';
  const code = await command(args, {
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    colours: false,
  });
  return { code, out, err };
}

/** The means of the last report: they tell which runs were played. */
function means(out: string): string {
  return out.match(/a run: .*/g)?.at(-1) ?? '';
}

describe('odplab hunt', () => {
  it('plays as many runs as it is told to, and finds nothing', async () => {
    const { code, out, err } = await call(hunt, '--seed', '1', '--runs', '5');
    expect(err).toBe('');
    expect(out).toMatch(/^seed 1, 1 process\nsteps, out of \d+: read \d+, /);
    expect(out).toMatch(/\npauses before a step, out of \d+: 0ms 60, /);
    expect(out).toMatch(/\nerrors of servers: \d+ of \d+ reached.*\nhow often: 1062 \d+, /);
    expect(out).toContain(`invariants: ${INVARIANTS.map(({ name }) => name).join(', ')}\n`);
    expect(out).toMatch(
      /\n5 runs in [\d.]+ s, \d+ a second; a run: [\d.]+ clients, [\d.]+ statements answered, .* faults that took effect\n/,
    );
    expect(out).toMatch(/\nnothing was found\n$/);
    expect(code).toBe(0);
  });

  it('plays one run at least, however late it is', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 1000;
      return now;
    });
    const { code, out } = await call(hunt, '--time', '1ms');
    expect(out).toMatch(/\n1 runs in .*\n(?:.*\n)*nothing was found\n$/);
    expect(code).toBe(0);
  });

  it('prints the same for the same seed', async () => {
    const [one, two, other] = [
      await call(hunt, '--seed', '7', '--runs', '3'),
      await call(hunt, '--seed', '7', '--runs', '3'),
      await call(hunt, '--seed', '8', '--runs', '3'),
    ];
    expect(means(two.out)).toBe(means(one.out));
    expect(means(other.out)).not.toBe(means(one.out));
  });

  it('tells what was never reached in words that can be told apart', async () => {
    const { out } = await call(hunt, '--runs', '1');
    const [, servers] = /\ncells of the server session: \d+ of \d+ reached; never (.*)\n/.exec(out)!;
    for (const cell of servers!.split('; ')) expect(SERVER_CELLS).toContain(cell);
    expect(servers).toContain('; securing + greeted; securing + lost');
    const [, rows] = /\nrows of the kill tables: \d+ of \d+ reached; never (.*)\n/.exec(out)!;
    const words = Object.entries(KILL_ROWS).map(([row, what]) => `${row} (${what})`);
    for (const row of rows!.split('; ')) expect(words).toContain(row);
    const [, errors] = /\nerrors of servers: \d+ of \d+ reached; never (.*)\n/.exec(out)!;
    expect(errors).toMatch(/^\d{4}(?:; \d{4})+$/);
  });

  it('explains itself', async () => {
    const { code, out } = await call(hunt, '--help');
    expect(out).toContain('Usage: odplab hunt [OPTIONS]');
    for (const { name } of INVARIANTS) expect(out).toContain(`  ${name}\n`);
    expect(out).toContain('always ends the hunt (nothing-throws)');
    expect(out).toMatch(/--runs N .*all shards and jobs together/);
    expect(code).toBe(0);
  });

  it.each([
    [['--seed', 'x'], '--seed x: a whole number from 0 to 1048575 is wanted'],
    [['--seed', '1048576'], '--seed 1048576: a whole number from 0 to 1048575 is wanted'],
    [['--seed', '-1'], '--seed -1: a whole number from 0 to 1048575 is wanted\n'],
    [['--seed=-1'], '--seed -1: a whole number from 0 to 1048575 is wanted\n'],
    [['--seed', '--runs', '1'], '--seed: its value is missing; --runs follows\n'],
    [['--runs', ''], "--runs '': a whole number from 1 to "],
    [['--runs', '0'], '--runs 0: a whole number from 1 to '],
    [['--time', 'soon'], '--time soon: write 500ms, 60s or 10m'],
    [['--time', '0s'], '--time 0s: no run is played in that time; give 1ms or more'],
    [['--time', '999us'], '--time 999us: no run is played in that time; give 1ms or more'],
    [
      ['--runs', '1', '--shard', '2/1000'],
      '--shard 2/1000: of --runs 1, which all shards share, this one has none; there are runs for shard 1\n',
    ],
    [['--runs', '3', '--shard', '4/4'], 'this one has none; there are runs for shards 1 to 3\n'],
    [['--jobs', '65'], '--jobs 65: a whole number from 1 to 64 is wanted'],
    [['--shard', '3/2'], '--shard 3/2: write i/n, from 1/n to n/n'],
    [['--run', 'x'], '--run x: a whole number from 0 to '],
    [['--run', '7', '--runs', '9'], '--run is one run of the seed: leave out --runs'],
    [['--run', '7', '--time', '9s'], '--run is one run of the seed: leave out --time'],
    [['--shard', '0/2'], '--shard 0/2: write i/n, from 1/n to n/n'],
    [['--invariant', 'peace'], '--invariant peace: there is none; there are right-answers, '],
    [['--invariant', ''], "--invariant '': there is none; there are right-answers, "],
    [['--invariant', 'liveness,'], "--invariant '': there is none; there are right-answers, "],
    [['--fast'], "Unknown option '--fast'"],
    [['here'], 'here'],
  ])('refuses %j with its mend', async (args, what) => {
    const { code, out, err } = await call(hunt, ...args);
    expect(err).toContain(what);
    expect(err).toMatch(/^odplab hunt: .*\nodplab hunt --help explains\.\n$/);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    ['file', 'it is no folder'],
    ['file/findings', 'what stands above it is no folder'],
    // A link that leads nowhere.
    ['link', 'it cannot be made there'],
  ])('refuses --out %s before it hunts', async (name, why) => {
    writeFileSync(join(folder, 'file'), '');
    if (!readdirSync(folder).includes('link')) symlinkSync(join(folder, 'nowhere', 'at', 'all'), join(folder, 'link'));
    const path = join(folder, name);
    const { code, out, err } = await call(hunt, '--runs', '1', '--out', path);
    expect(err).toBe(
      `odplab hunt: --out ${path}: ${why}; name a folder that can be written into\nodplab hunt --help explains.\n`,
    );
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('leaves no folder behind that nothing was written into, and none that was there', async () => {
    const there = join(folder, 'there');
    mkdirSync(there);
    for (const out of [join(there, 'two', 'new'), there])
      expect((await call(hunt, '--runs', '1', '--out', out)).code).toBe(0);
    expect(readdirSync(there)).toEqual([]);
  });

  it('judges by those invariants alone that it is told', async () => {
    const { out } = await call(hunt, '--runs', '1', '--invariant', 'liveness,ids-are-unique');
    expect(out).toContain('invariants: ids-are-unique, liveness\n');
  });
});

/** Answers what a hunt has played, by the worker's own reports. */
async function worked(...args: string[]) {
  vi.spyOn(Stop, 'byLeader').mockReturnValue(new Stop());
  const { out } = await call(hunt, '--worker', '--seed', '3', ...args);
  return JSON.parse(out.trim().split('\n').at(-1)!) as { progress: { runs: number; answered: number; kills: number } };
}

it('run K of a seed is the same run in whichever shard', async () => {
  const options = { sha1, invariants: INVARIANTS };
  const single: number[] = [];
  for (let run = 0; run < 6; run += 1) single.push((await runSeeded(3, run, options)).tally.answered);
  const halves = [await worked('--runs', '6', '--shard', '1/2'), await worked('--runs', '6', '--shard', '2/2')];
  expect(halves.map(({ progress }) => progress.runs)).toEqual([3, 3]);
  expect(halves.map(({ progress }) => progress.answered)).toEqual([
    single[0]! + single[2]! + single[4]!,
    single[1]! + single[3]! + single[5]!,
  ]);
  // A job of a shard is a shard of its own: 1/2 with two jobs is 1/4 and 3/4.
  const quarter = await worked('--runs', '6', '--shard', '3/4');
  expect(quarter.progress.answered).toBe(single[2]);
  // More jobs than runs: some have none, and say so.
  expect((await worked('--runs', '2', '--shard', '3/4')).progress.runs).toBe(0);
});

/** What was never committed is there all the same. */
function keepRolledBack(): void {
  vi.spyOn(Transaction.prototype, 'rollback').mockImplementation(function (this: Transaction) {
    this.commit();
  });
}

/** BEGIN, INSERT, ROLLBACK. */
const ROLLED_BACK: Plan = { head: [], steps: ['begin', 'insert', 'rollback'].map((it) => [wordAt(it)]) };

function wordAt(name: string): number {
  return WORDS.findIndex((it) => it.name === name);
}

it('plays one run of a seed alone', async () => {
  const [third] = [await call(hunt, '--seed', '3', '--run', '2')];
  const { tally } = await runSeeded(3, 2, { sha1, invariants: INVARIANTS });
  expect(third.out).toMatch(/\n1 runs in /);
  expect(means(third.out)).toContain(`, ${tally.answered.toFixed(1)} statements answered, `);
});

describe('a violation', () => {
  it('is made small, written as a page, and replayed from its string', async () => {
    keepRolledBack();
    const out = join(folder, 'findings');
    const hunted = await call(hunt, '--seed', '1', '--runs', '50', '--invariant', 'committed-stays', '--out', out);
    expect(hunted.code).toBe(1);
    expect(hunted.out).toMatch(
      /\nrun \d+ of seed 1: committed-stays: .*\nshrinking …\n(?:\d+ steps, after \d+ runs …\n)*\d+ steps became \d, in \d+ runs\n/,
    );
    const [file] = readdirSync(out);
    expect(file).toMatch(/^committed-stays-1-\d+\.md$/);
    const string = /npm run replay -- (\S+)\n/.exec(hunted.out)![1]!;
    expect(readFileSync(join(out, file!), 'utf8')).toContain(`Found by a hunt: \`npm run replay -- ${string}\``);
    const again = await call(replay, string);
    expect(again.out).toContain('committed-stays: ');
    expect(again.code).toBe(1);
    vi.restoreAllMocks();
    const mended = await call(replay, string);
    expect(mended.out).toContain('all invariants hold');
    expect(mended.code).toBe(0);
  }, 120_000);
});

/** A hunt that finds something, and whose folder is changed meanwhile. */
async function huntWhile(out: string, changed: () => void) {
  keepRolledBack();
  const stop = new Stop();
  vi.spyOn(Stop, 'bySignal').mockReturnValue(stop);
  let [said, err] = ['', ''];
  vi.spyOn(stop, 'isAsked', 'get').mockImplementation(() => said.includes('shrinking …'));
  const io = {
    out(text: string) {
      said += text;
      if (text.includes('shrinking …')) changed();
    },
    err(text: string) {
      err += text;
    },
    colours: false,
  };
  const code = await hunt(['--seed', '1', '--runs', '50', '--invariant', 'committed-stays', '--out', out], io);
  return { code, out: said, err };
}

it('what was found is not lost with a page that cannot be written', async () => {
  const path = join(folder, 'lost');
  const { code, out, err } = await huntWhile(path, () => {
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
  });
  expect(err).toBe(`odplab hunt: --out ${path}: it is no folder; name a folder that can be written into\n`);
  expect(out).toMatch(/\nthe same run: {3}npm run replay -- h1\/\S+\n\d+ runs in /);
  expect(code).toBe(1);
});

it('a folder that is gone meanwhile is made again', async () => {
  const path = join(folder, 'again');
  const { code, out, err } = await huntWhile(path, () => rmSync(path, { recursive: true }));
  expect(err).toBe('');
  expect(out).toContain(`\nthe same page:  npm run scenarios -- ${path}`);
  expect(readdirSync(path)).toHaveLength(1);
  expect(code).toBe(1);
});

it('what is being made small is handed over as it is when somebody interrupts', async () => {
  keepRolledBack();
  const stop = new Stop();
  vi.spyOn(Stop, 'bySignal').mockReturnValue(stop);
  let said = '';
  vi.spyOn(stop, 'isAsked', 'get').mockImplementation(() => said.includes('shrinking …'));
  const out = (text: string): void => {
    said += text;
  };
  const flags = ['--seed', '1', '--runs', '50', '--invariant', 'committed-stays', '--out', join(folder, 'large')];
  expect(await hunt(flags, { out, err: out, colours: false })).toBe(1);
  expect(said).toContain('\nshrinking …\ninterrupted: this is as small as it has become\n');
  const [, steps] = /\n(\d+) steps became (\d+), in 0 runs\n/.exec(said)!.slice(1).map(Number);
  expect(steps).toBeGreaterThan(20);
  expect((await call(replay, /npm run replay -- (\S+)\n/.exec(said)![1]!)).out).toContain('committed-stays: ');
});

it('a page that holds on sockets says that it needs memory, and one that fails there does not', async () => {
  keepRolledBack();
  const options = { sha1, invariants: INVARIANTS };
  const found = { plan: ROLLED_BACK, world: [] };
  const { verdict } = await replayRun(found, options);
  expect(verdict?.invariant).toBe('committed-stays');
  const fails = await findingOf(found, verdict!, options, SOCKETS);
  expect(fails.page).toContain('\ninvariants: all\n---\n');
  const holds: ArmKind = {
    name: 'sockets',
    make(arm) {
      vi.restoreAllMocks();
      return SOCKETS.make(arm);
    },
  };
  expect((await findingOf(found, verdict!, options, holds)).page).toContain(
    '\ninvariants: all\nneeds: [memory]\n---\n',
  );
});

it('a machine that throws ends it, whatever it judges by; on real sockets it would end the process', async () => {
  vi.spyOn(Transaction.prototype, 'rollback').mockImplementation(() => {
    throw new Error('a bug');
  });
  const out = join(folder, 'thrown');
  const { code, ...said } = await call(hunt, '--runs', '50', '--invariant', 'liveness', '--out', out);
  expect(said.err).toBe('');
  expect(said.out).toMatch(/\nrun \d+ of seed 1: nothing-throws: Error: a bug\n/);
  // Nobody else has the project where it is here.
  expect(said.out).toMatch(/\n {4}at .*\((?:proxy|simulator)\//);
  expect(said.out).not.toContain(join(import.meta.dirname, '../..'));
  const [file] = readdirSync(out);
  expect(file).toMatch(/^nothing-throws-1-\d+\.md$/);
  expect(readFileSync(join(out, file!), 'utf8')).toContain('\nneeds: [memory]\n---\n');
  expect(code).toBe(1);
}, 60_000);

describe('odplab replay', () => {
  it('shows a run as a picture, the same each time', async () => {
    const options = { sha1, invariants: INVARIANTS };
    const string = printReplay({ plan: planOf(1, 4), world: await recordWorld(1, 4, options) });
    const one = await call(replay, string);
    expect(one.err).toBe('');
    expect(one.out).toMatch(/^ {7}ms {2}\w+/);
    expect(one.out).toContain('over; all is quiet');
    expect(one.out).toMatch(/ all invariants hold\n$/);
    expect(one.code).toBe(0);
    expect((await call(replay, string)).out).toBe(one.out);
  });

  it('explains itself', async () => {
    const { code, out } = await call(replay, '--help');
    expect(out).toContain('Usage: odplab replay STRING');
    expect(code).toBe(0);
  });

  it.each([
    [[], 'one replay string is wanted'],
    [['h1/0/0/', 'h1/0/0/'], 'one replay string is wanted'],
    [['h0/0/0/'], 'this replay string has the format h0'],
    [['nonsense'], 'a replay string is '],
  ])('refuses %j', async (args, what) => {
    const { code, err } = await call(replay, ...args);
    expect(err).toContain(what);
    expect(err).toMatch(/^odplab replay: .*\nodplab replay --help explains\.\n$/);
    expect(code).toBe(2);
  });
});
