/**
 * The report for people: a line for each scenario, the readable difference where one failed, a summary.
 *
 * Colours come through `paint`, so that a terminal edge decides whether there are any.
 */
import type { ArmName } from './arm.ts';
import type { CaseResult, Reporter, Summary } from './suite.ts';

export type Colour = 'green' | 'red' | 'dim' | 'bold' | 'yellow';
export type Paint = (colour: Colour, text: string) => string;

export class SpecReporter implements Reporter {
  readonly #paint: Paint;
  #file = '';

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  start(): string {
    return '';
  }

  scenario(results: readonly CaseResult[]): string {
    const { scenario } = results[0]!;
    const failed = results.filter(({ failures }) => failures.length > 0);
    let text = '';
    if (scenario.file !== this.#file) text += `${this.#paint('bold', scenario.file)}\n`;
    this.#file = scenario.file;
    const { skipped } = results[0]!;
    if (skipped !== null) {
      return `${text}  ${this.#paint('yellow', '-')} ${scenario.name}  ${this.#paint('yellow', `skipped: ${skipped}`)}\n`;
    }
    const mark = failed.length === 0 ? this.#paint('green', '✓') : this.#paint('red', '✗');
    const arms = results.map(armText).join(', ');
    text += `  ${mark} ${scenario.name}  ${this.#paint('dim', arms)}\n`;
    for (const result of results) {
      for (const line of result.trace) text += `    ${result.arm.padEnd(7)} ${line}\n`;
    }
    for (const result of failed) text += this.#failures(result);
    return text;
  }

  #failures({ scenario, arm, failures }: CaseResult): string {
    let text = '';
    for (const { line, title, detail } of failures) {
      text += `    ${this.#paint('red', `${scenario.file}:${line}: ${title}`)} (${arm})\n`;
      for (const row of detail) text += `    ${this.#difference(row)}\n`;
    }
    return text;
  }

  /** `- ` and `+ ` stand behind the line number. */
  #difference(row: string): string {
    const mark = /^ *\d* ([-+]) /.exec(row)?.[1];
    if (mark === undefined) return row;
    return this.#paint(mark === '-' ? 'red' : 'green', row);
  }

  end(summary: Summary): string {
    return `\n${summaryLine(summary, this.#paint)}\n`;
  }
}

function armText({ arm, milliseconds, skipped }: CaseResult): string {
  return skipped === null ? `${arm} ${Math.round(milliseconds)} ms` : `${arm} skipped: ${skipped}`;
}

/** A scenario runs once on each arm: both are counted. */
function summaryLine({ scenarios, cases, failed, skipped, milliseconds }: Summary, paint: Paint): string {
  const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
  const passed = paint('green', `${counted(cases - failed - skipped, 'run')} passed`);
  const bad = failed === 0 ? '' : `, ${paint('red', `${failed} failed`)}`;
  const left = skipped === 0 ? '' : `, ${paint('yellow', `${skipped} skipped`)}`;
  return `${counted(scenarios, 'scenario')}, ${passed}${bad}${left} in ${seconds}`;
}

/** `1 answer`, `2 answers`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A scenario on an arm, in one line: for TAP and JUnit. */
export function caseName(name: string, arm: ArmName): string {
  return `${name} (${arm})`;
}
