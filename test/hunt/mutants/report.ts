/**
 * Tries every planted bug from seeds 1, 2 and 3, and writes what came of it: `npm run planted`.
 *
 * For each which invariant found it, after how many runs and seconds, how small the page became, and whether the page fails
 * with the bug and passes without it, in memory and, where it needs no world, on sockets. `npm run planted -- NAME…` tries those
 * whose names contain one of these; `--quiet` tells what else notices them, `--until 'its room'` as far as that step (`quiet.ts`),
 * `--together` of all of them in one copy.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Copy } from './copy.ts';
import { PLANTED, type Planted } from './planted.ts';
import { hearingsOf, quietText, STEP_NAMES } from './quiet.ts';
import { type Trial, trial } from './trial.ts';

const SEEDS = [1, 2, 3];
const TIME = '60s';
const REPORT = join(import.meta.dirname, '../PLANTED.md');

interface Line {
  readonly planted: Planted;
  readonly trials: readonly Trial[];
  readonly pages: string;
}

const { values, positionals: names } = parseArgs({
  options: { quiet: { type: 'boolean' }, until: { type: 'string' }, together: { type: 'boolean' } },
  allowPositionals: true,
});
const wanted = PLANTED.filter(({ name }) => names.length === 0 || names.some((it) => name.includes(it)));
if (wanted.length === 0) throw new Error(`no planted bug is called so: ${names.join(', ')}`);
const until = values.until ?? STEP_NAMES.at(-1)!;
if (!STEP_NAMES.includes(until)) throw new Error(`--until ${until}: there are ${STEP_NAMES.join(', ')}`);
if (values.quiet !== true) hunt();
else if (values.together) process.stdout.write(`${quietText(wanted, hearingsOf(wanted, until))}\n`);
else for (const it of wanted) process.stdout.write(`${quietText([it], hearingsOf([it], until))}\n`);

function hunt(): void {
  const sound = new Copy();
  const lines: Line[] = [];
  try {
    for (const planted of wanted) {
      const copy = new Copy();
      try {
        copy.plant(planted);
        const trials = SEEDS.map((seed) => trial(copy, seed, ['--time', TIME]));
        const line = { planted, trials, pages: pagesOf(copy, sound, trials) };
        lines.push(line);
        process.stdout.write(`${rowOf(line)}\n`);
      } finally {
        copy.remove();
      }
    }
  } finally {
    sound.remove();
  }
  if (names.length === 0) writeFileSync(REPORT, reportOf(lines));
}

/** Whether each page fails with the bug and passes without it. */
function pagesOf(copy: Copy, whole: Copy, trials: readonly Trial[]): string {
  const wrong: string[] = [];
  for (const found of trials) {
    if (found.kind !== 'found') continue;
    if (copy.odplab(['run', '--arm', 'memory', found.page]).code !== 1) wrong.push('does not fail in memory');
    const world = /^choices:/m.test(readFileSync(found.page, 'utf8'));
    if (!world && copy.odplab(['run', '--arm', 'sockets', found.page]).code !== 1)
      wrong.push('does not fail on sockets');
    if (whole.odplab(['run', found.page]).code !== 0) wrong.push('fails without the bug');
  }
  return wrong.length === 0 ? 'yes' : [...new Set(wrong)].join(', ');
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function foundOf(trials: readonly Trial[]): (Trial & { kind: 'found' })[] {
  return trials.filter((it): it is Trial & { kind: 'found' } => it.kind === 'found');
}

function rowOf({ planted, trials, pages }: Line): string {
  const found = foundOf(trials);
  const invariants = [...new Set(found.map(({ invariant }) => invariant))].join(', ');
  const each = (text: (it: Trial & { kind: 'found' }) => string): string =>
    trials.map((it) => (it.kind === 'found' ? text(it) : 'not found')).join(' · ');
  const cells = [
    planted.name,
    planted.file,
    invariants,
    each(({ run }) => String(run + 1)),
    each(({ seconds }) => seconds.toFixed(1)),
    each(({ steps }) => String(steps)),
    pages,
    planted.quiet === undefined ? '' : `quiet, ${planted.quiet}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function reportOf(all: readonly Line[]): string {
  const found = all.flatMap(({ trials }) => foundOf(trials));
  const missed = all.length * SEEDS.length - found.length;
  const seconds = all.map(({ trials }) => median(foundOf(trials).map((it) => it.seconds)));
  const steps = found.map((it) => it.steps);
  return [
    '# Planted bugs, and how the hunt finds them',
    '',
    'Written by `npm run planted`; the list is `test/hunt/mutants/`. Runs, seconds and steps are for the seeds 1, 2 and 3, on one core.',
    '',
    `${all.length} bugs, ${all.filter(({ planted }) => planted.quiet).length} of them quiet; ${missed} not found within ${TIME}; ` +
      `${seconds.filter((it) => it <= 10).length} found within 10 s by the median seed; ` +
      `pages have ${median(steps)} steps at the median and ${Math.max(...steps)} at most.`,
    '',
    '| bug | file | found by | runs | seconds | steps | page fails with, passes without | |',
    '|---|---|---|---|---|---|---|---|',
    ...all.map(rowOf),
    '',
  ].join('\n');
}
