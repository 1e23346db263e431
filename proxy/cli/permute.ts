/**
 * `odplab run --permute`: every order of the labelled steps, and what comes of them, compared with the pages or written into
 * them.
 *
 * The edge between the terminal and `simulator/hunt/orders/`: pages, colours, exit codes.
 */
import { basename, join } from 'node:path';
import { checkOrders } from '../../simulator/hunt/orders/check-orders.ts';
import { isLabelled, type Pieces, piecesOf } from '../../simulator/hunt/orders/pieces.ts';
import type { Searched } from '../../simulator/hunt/orders/search.ts';
import { rereads } from '../../simulator/scenario/bless.ts';
import { blessOutcomes, type Found } from '../../simulator/scenario/bless-outcomes.ts';
import { CannotWrite, writeAtomically } from '../../simulator/scenario/files.ts';
import { printMistake } from '../../simulator/scenario/mistakes.ts';
import { outcomeLines } from '../../simulator/scenario/outcomes.ts';
import { counted, type Paint } from '../../simulator/scenario/report-spec.ts';
import type { Failure } from '../../simulator/scenario/runner.ts';
import { type Page, resultLabels, type Scenario } from '../../simulator/scenario/scenario.ts';
import { makeFolder } from './findings-folder.ts';
import { UsageError } from './flags.ts';
import { sha1 } from './run-target.ts';
import type { TerminalIo } from './terminal.ts';

export interface PermuteOptions {
  /** The most runs for one scenario. */
  readonly mostRuns: number;
  /** The folder for orders that violate an invariant. */
  readonly findings: string;
  readonly bless: boolean;
  readonly paint: Paint;
}

interface Task {
  readonly scenario: Scenario;
  readonly pieces: Pieces;
}

/** The exit code. */
export async function permute(
  pages: readonly Page[],
  wanted: (scenario: Scenario) => boolean,
  options: PermuteOptions,
  io: TerminalIo,
): Promise<number> {
  const scenarios = pages.flatMap((page) => page.scenarios).filter(wanted);
  const labelled = scenarios.filter(isLabelled);
  if (labelled.length === 0) {
    io.err(
      `odplab run --permute: no step of ${scenarios.length === 1 ? 'this scenario' : `these ${scenarios.length} scenarios`} has a label; \`[name] client> …\` gives it one\n`,
    );
    return 2;
  }
  const tasks = new Map<Page, Task[]>();
  let broken = false;
  for (const page of pages) {
    for (const scenario of page.scenarios.filter((it) => labelled.includes(it))) {
      const pieces = piecesOf(scenario);
      if ('mistakes' in pieces) {
        for (const mistake of pieces.mistakes) io.err(`${printMistake(mistake)}\n`);
        broken = true;
      } else {
        tasks.set(page, [...(tasks.get(page) ?? []), { scenario, pieces }]);
      }
    }
  }
  if (broken) return 2;
  const permuting = new Permuting(options, io);
  for (const [page, own] of tasks) await permuting.page(page, own);
  return permuting.end(scenarios.length - labelled.length);
}

class Permuting {
  readonly #options: PermuteOptions;
  readonly #io: TerminalIo;
  #scenarios = 0;
  #orders = 0n;
  #runs = 0;
  #failed = 0;
  #written = 0;

  constructor(options: PermuteOptions, io: TerminalIo) {
    this.#options = options;
    this.#io = io;
  }

  async page(page: Page, tasks: readonly Task[]): Promise<void> {
    this.#io.out(`${this.#options.paint('bold', page.file)}\n`);
    const found: Found[] = [];
    for (const task of tasks) {
      const one = await this.#scenario(page, task);
      if (one !== null) found.push(one);
    }
    if (found.length > 0) this.#write(page, found);
  }

  /** What is to be written into the page; null if nothing is. */
  async #scenario(page: Page, { scenario, pieces }: Task): Promise<Found | null> {
    const { paint, bless, mostRuns } = this.#options;
    const checked = await checkOrders(scenario, pieces, { sha1, mostRuns, front: frontLines(page) });
    const { searched, runs, rows, failure, uncounted } = checked;
    const whole = searched?.leftOut === 0n;
    const blesses = bless && whole && (failure !== null || scenario.outcomes === null);
    const unwritten = bless && searched !== null && !whole && (failure !== null || scenario.outcomes === null);
    const bad = (failure !== null && !blesses) || unwritten;
    this.#scenarios += 1;
    this.#runs += runs;
    if (bad) this.#failed += 1;
    const mark = bad ? paint('red', '✗') : paint('green', '✓');
    this.#line(`  ${mark} ${scenario.name}${searched === null ? '' : `  ${paint('dim', told(searched))}`}`);
    if (uncounted !== null) {
      this.#line(`    without committed-stays, which cannot count \`${oneLine(uncounted)}\``);
    }
    if (searched !== null) {
      this.#orders += searched.orders;
      if (!whole) {
        const mend = unwritten ? ', so nothing is written' : '';
        this.#line(`    ${paint('yellow', `${leftText(searched)}${mend}: ${runsText(runs)} (--max ${mostRuns})`)}`);
      }
    }
    if (failure !== null && !blesses) this.#failure(scenario, failure);
    if (checked.page !== null) this.#handOver(scenario, checked.page);
    if (searched !== null && scenario.outcomes === null && !bless) {
      const lines = outcomeLines(resultLabels(scenario.steps), rows);
      for (const line of lines) this.#line(`    ${line}`);
      this.#line(`    ${paint('dim', 'the page says nothing of this; --bless writes it there')}`);
    }
    return blesses ? { scenario, rows } : null;
  }

  #failure({ file }: Scenario, { line, title, detail }: Failure): void {
    const { paint } = this.#options;
    this.#line(`    ${paint('red', `${file}:${line}: ${title}`)}`);
    for (const row of detail) {
      const mark = /^ *\d* ([-+]) /.exec(row)?.[1];
      this.#line(`    ${mark === undefined ? row : paint(mark === '-' ? 'red' : 'green', row)}`);
    }
  }

  /** The order as a page of its own; it has been told, so that a folder that cannot be made ends nothing. */
  #handOver({ file, line }: Scenario, text: string): void {
    const { findings } = this.#options;
    const path = join(findings, `permute-${basename(file, '.md')}-${line}.md`);
    try {
      makeFolder('--findings', findings);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#io.err(`odplab run: ${error.message}\n`);
      return;
    }
    if (this.#writes(path, text)) this.#line(`    the same order as a page:  npm run scenarios -- ${path}`);
  }

  #write(page: Page, found: readonly Found[]): void {
    const text = blessOutcomes(page.text, found);
    if (!this.#writes(page.file, text)) {
      this.#failed += found.length;
      return;
    }
    this.#written += found.length;
    this.#line(`  outcomes of ${counted(found.length, 'scenario')} written; read them: git diff`);
  }

  /** False if it could not be written, which is told then. */
  #writes(file: string, text: string): boolean {
    const broken = rereads(file, text);
    for (const line of broken) this.#io.err(`${line} (in the page as it would be; nothing was written)\n`);
    if (broken.length > 0) return false;
    try {
      writeAtomically(file, text);
      return true;
    } catch (error) {
      if (!(error instanceof CannotWrite)) throw error;
      this.#io.err(`odplab run: ${error.message}\n`);
      return false;
    }
  }

  end(unlabelled: number): number {
    const { paint, bless } = this.#options;
    const bad = this.#failed === 0 ? '' : `, ${paint('red', `${this.#failed} failed`)}`;
    const others = unlabelled === 0 ? '' : `, ${unlabelled} without labels`;
    const saved = this.#orders - BigInt(this.#runs);
    const spared = saved > 0n && this.#failed === 0 ? `, ${saved} fewer than orders` : '';
    this.#line(
      `\n${counted(this.#scenarios, 'scenario')}${bad}${others}: ${ordersText(this.#orders)} in ${counted(this.#runs, 'run')}${spared}`,
    );
    if (bless && this.#written === 0 && this.#failed === 0) this.#line('nothing to bless');
    return this.#failed === 0 ? 0 : 1;
  }

  #line(text: string): void {
    this.#io.out(`${text}\n`);
  }
}

/** The lines between the fences of the front matter. */
function frontLines({ text }: Page): readonly string[] {
  return /^---\r?\n([\s\S]*?)^---\s*$/m.exec(text)?.[1]?.trimEnd().split(/\r?\n/) ?? [];
}

/** `1 order`, `2 orders`; there may be more than a number holds. */
function ordersText(count: bigint): string {
  return `${count} order${count === 1n ? '' : 's'}`;
}

/** How many orders, in how many runs; those of the steps are only told where all of them were looked at. */
function told({ orders, pieceOrders, leftOut, ended, met }: Searched): string {
  const hasPlaces = leftOut === 0n && orders > pieceOrders;
  const places = hasPlaces ? ` (${pieceOrders} of the steps, and where sweep and FIN fall)` : '';
  const seen = met === 0 ? '' : `, ${met} of them as far as a state already seen`;
  return `${ordersText(orders)}${places} in ${counted(ended + met, 'run')}${seen}`;
}

/** Orders that differ in where sweep and FIN fall are counted one by one: there are more of them than orders of the steps. */
function leftText({ orders, pieceOrders, leftOut }: Searched): string {
  const hasPlaces = orders + leftOut > pieceOrders;
  const places = hasPlaces
    ? ` (orders differ in where sweep and FIN fall, too; the steps alone have ${pieceOrders})`
    : '';
  return `at least ${ordersText(leftOut)} left out${places}`;
}

/** `1 run was made`, `2 runs were made` */
function runsText(runs: number): string {
  return `${counted(runs, 'run')} ${runs === 1 ? 'was' : 'were'} made`;
}

function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim();
}
