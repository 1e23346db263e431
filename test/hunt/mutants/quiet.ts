/**
 * Whether anything but a hunt notices planted bugs: the scenarios, and the tests outside `test/property` and `test/hunt`.
 *
 * What passes has ended with exit code 0, and nothing is tried twice. Cheapest first, and the first thing that notices ends it.
 * Bugs marked `in company` were planted in one copy with others that are marked so, and there each scenario on both arms and each
 * test file has passed: file by file, and not always in one run.
 */
import { Copy, type Outcome } from './copy.ts';
import type { Planted } from './planted.ts';

/** What was tried, and what noticed the bug there; null: nothing did. */
export interface Hearing {
  readonly step: string;
  readonly noticed: string | null;
  readonly seconds: number;
}

/** What was found out about bugs that were planted together, as lines of text. */
export function quietText(planted: readonly Planted[], hearings: readonly Hearing[]): string {
  const { step, noticed } = hearings.at(-1)!;
  const times = hearings.map((it) => `${it.step} ${it.seconds.toFixed(0)} s`).join(', ');
  const verdict =
    noticed !== null
      ? `noticed by ${step}: ${noticed}`
      : step === STEP_NAMES.at(-1)
        ? 'quiet'
        : `quiet as far as ${step}`;
  return `${planted.map(({ name }) => name).join('\n')}\n    ${verdict} (${times})`;
}

interface Step {
  readonly name: string;
  run(copy: Copy, room: string): Outcome;
  /** The first thing in the output that has failed. */
  readonly failure: RegExp;
}

/** Other than hunts and properties; of real clients only those that `npm test` has. */
const OTHERS = ['--exclude', 'test/property/**', '--exclude', 'test/hunt/**'];
const ROOM = 'its room';
const SCENARIO = /^ +✗ (.+?)(?: {2}|$)/m;
const TEST = /^ FAIL +(.+)$/m;

/** As `npm run scenarios` does it, one arm after the other; then the tests of the bug's own room; then all. */
const STEPS: readonly Step[] = [
  { name: 'scenarios in memory', run: (copy) => copy.odplab(['run', '--arm', 'memory']), failure: SCENARIO },
  { name: 'scenarios on sockets', run: (copy) => copy.odplab(['run', '--arm', 'sockets']), failure: SCENARIO },
  { name: ROOM, run: (copy, room) => copy.vitest([`test/${room}/`, ...OTHERS]), failure: TEST },
  { name: 'all tests', run: (copy) => copy.vitest(OTHERS), failure: TEST },
];

export const STEP_NAMES: readonly string[] = STEPS.map(({ name }) => name);

/** `proxy/wire/ok.ts` is tested in `test/wire`. */
function roomOf({ file }: Planted): string {
  return file.split('/')[1]!;
}

/**
 * All of them in one copy, most often one alone, as far as this step. That several are quiet together says of each that nothing
 * noticed it in this company; that it is quiet alone, too, is likely and not the same.
 */
export function hearingsOf(planted: readonly Planted[], last: string): Hearing[] {
  const hearings: Hearing[] = [];
  const copy = new Copy('source and tests');
  try {
    for (const it of planted) copy.plant(it);
    for (const { name, run, failure } of STEPS) {
      // Bugs of several rooms have none of their own.
      if (name === ROOM && planted.length > 1) continue;
      const { code, out, seconds } = run(copy, roomOf(planted[0]!));
      const noticed = code === 0 ? null : (failure.exec(out)?.[1] ?? `exit code ${code}: ${out.slice(-500)}`);
      hearings.push({ step: name, noticed, seconds });
      if (noticed !== null || name === last) break;
    }
  } finally {
    copy.remove();
  }
  return hearings;
}
