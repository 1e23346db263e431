/**
 * Tries every planted bug from seeds 1, 2 and 3, and writes what came of it: `npm run planted`.
 *
 * For each which invariant found it, after how many runs and seconds, how small the page became, and whether the page fails
 * with the bug and passes without it, in memory and, where it needs no world, on sockets. `npm run planted -- NAME…` tries those
 * whose names contain one of these, and leaves the rest of the report as it was; `--quiet` tells what else notices them, `--until 'its room'` as far as that step (`quiet.ts`),
 * `--together` of all of them in one copy.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

function hunt(): void {
  const sound = new Copy();
  const rows = rowsBefore();
  try {
    for (const planted of wanted) {
      const copy = new Copy();
      try {
        copy.plant(planted);
        const trials = SEEDS.map((seed) => trial(copy, seed, ['--time', TIME]));
        const row = rowOf({ planted, trials, pages: pagesOf(copy, sound, trials) });
        rows.set(planted.name, row);
        process.stdout.write(`${textOf(row)}\n`);
        writeFileSync(REPORT, reportOf(PLANTED.map(({ name }) => rows.get(name)).filter((it) => it !== undefined)));
      } finally {
        copy.remove();
      }
    }
  } finally {
    sound.remove();
  }
}

/** Whether each page fails with the bug and passes without it; and how many of them are pages for memory alone. */
function pagesOf(copy: Copy, whole: Copy, trials: readonly Trial[]): string {
  const wrong: string[] = [];
  let notOnSockets = 0;
  for (const found of trials) {
    if (found.kind !== 'found') continue;
    if (copy.odplab(['run', '--arm', 'memory', found.page]).code !== 1) wrong.push('does not fail in memory');
    const inMemory = /^(?:choices:|needs: \[memory\])/m.test(readFileSync(found.page, 'utf8'));
    if (inMemory) notOnSockets += 1;
    else if (copy.odplab(['run', '--arm', 'sockets', found.page]).code !== 1) wrong.push('does not fail on sockets');
    if (whole.odplab(['run', found.page]).code !== 0) wrong.push('fails without the bug');
  }
  if (wrong.length > 0) return [...new Set(wrong)].join(', ');
  return notOnSockets === 0 ? 'yes' : `yes, ${notOnSockets} in memory only`;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function foundOf(trials: readonly Trial[]): (Trial & { kind: 'found' })[] {
  return trials.filter((it): it is Trial & { kind: 'found' } => it.kind === 'found');
}

/** A row of the report: its cells, each for all seeds. */
type Row = readonly [
  name: string,
  file: string,
  invariants: string,
  runs: string,
  seconds: string,
  steps: string,
  pages: string,
  quiet: string,
];

const SEED_MARK = ' · ';
const NOT_FOUND = 'not found';

function rowOf({ planted, trials, pages }: Line): Row {
  const found = foundOf(trials);
  const invariants = [...new Set(found.map(({ invariant }) => invariant))].join(', ');
  const each = (text: (it: Trial & { kind: 'found' }) => string): string =>
    trials.map((it) => (it.kind === 'found' ? text(it) : NOT_FOUND)).join(SEED_MARK);
  return [
    planted.name,
    planted.file,
    invariants,
    each(({ run }) => String(run + 1)),
    each(({ seconds }) => seconds.toFixed(1)),
    each(({ steps }) => String(steps)),
    pages,
    planted.quiet === undefined ? '' : `quiet, ${planted.quiet}`,
  ];
}

function textOf(row: Row): string {
  return `| ${row.join(' | ')} |`;
}

/** The rows that the report has, by the names of their bugs: what is not tried again stays as it was found. */
function rowsBefore(): Map<string, Row> {
  const rows = new Map<string, Row>();
  if (!existsSync(REPORT)) return rows;
  const known = new Map(PLANTED.map((it) => [it.name, it]));
  for (const line of readFileSync(REPORT, 'utf8').split('\n')) {
    const cells = line.split('|').slice(1, -1);
    const row = cells.map((it) => it.trim());
    const planted = known.get(row[0] ?? '');
    if (row.length !== ROW_CELLS || planted === undefined) continue;
    const quiet = planted.quiet === undefined ? '' : `quiet, ${planted.quiet}`;
    rows.set(planted.name, row.with(-1, quiet) as unknown as Row);
  }
  return rows;
}

const ROW_CELLS = 8;

/** The numbers in a cell, one for each seed that has found the bug. */
function numbersIn(cell: string): number[] {
  return cell
    .split(SEED_MARK)
    .filter((it) => it !== NOT_FOUND)
    .map(Number);
}

function reportOf(rows: readonly Row[]): string {
  const missed = rows.reduce((sum, row) => sum + row[4].split(NOT_FOUND).length - 1, 0);
  const seconds = rows.map((row) => median(numbersIn(row[4])));
  const steps = rows.flatMap((row) => numbersIn(row[5]));
  return [
    '# Planted bugs, and how the hunt finds them',
    '',
    'Written by `npm run planted`; the list is `test/hunt/mutants/`. Runs, seconds and steps are for the seeds 1, 2 and 3, on one core.',
    '',
    `${rows.length} bugs, ${rows.filter((row) => row[7] !== '').length} of them quiet; ${missed} not found within ${TIME}; ` +
      `${seconds.filter((it) => it <= 10).length} found within 10 s by the median seed; ` +
      `pages have ${median(steps)} steps at the median and ${Math.max(...steps)} at most.`,
    '',
    '| bug | file | found by | runs | seconds | steps | page fails with, passes without | |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(textOf),
    '',
  ].join('\n');
}

if (values.quiet !== true) hunt();
else if (values.together) process.stdout.write(`${quietText(wanted, hearingsOf(wanted, until))}\n`);
else for (const it of wanted) process.stdout.write(`${quietText([it], hearingsOf([it], until))}\n`);
