/** The report as TAP 14: a test point for each scenario and arm, with a YAML block where it failed. */
import { caseName } from './report-spec.ts';
import type { CaseResult, Reporter } from './suite.ts';

export class TapReporter implements Reporter {
  readonly #arms: number;
  #number = 0;

  /** `arms`: how many test points a scenario has; the plan comes first. */
  constructor(arms: number) {
    this.#arms = arms;
  }

  start(scenarios: number): string {
    return `TAP version 14\n1..${scenarios * this.#arms}\n`;
  }

  scenario(results: readonly CaseResult[]): string {
    return results.map((result) => this.#point(result)).join('');
  }

  #point({ scenario, arm, failures, skipped, milliseconds, trace }: CaseResult): string {
    this.#number += 1;
    const verdict = failures.length === 0 ? 'ok' : 'not ok';
    // A `#` starts a directive, a backslash escapes: neither may come from a heading.
    const name = caseName(`${scenario.file}: ${scenario.name}`, arm).replace(/[\\#]/g, '\\$&');
    let text = `${verdict} ${this.#number} - ${name}\n`;
    if (skipped !== null) return `${verdict} ${this.#number} - ${name} # SKIP ${skipped}\n`;
    for (const line of trace) text += `# ${line}\n`;
    if (failures.length === 0) return text;
    const { line, title, detail } = failures[0]!;
    text += '  ---\n';
    text += `  message: ${JSON.stringify(title)}\n`;
    text += '  severity: fail\n';
    text += `  duration_ms: ${milliseconds.toFixed(3)}\n`;
    text += `  at:\n    file: ${JSON.stringify(scenario.file)}\n    line: ${line}\n`;
    // The number says how far the block is indented: its first line may begin with blanks of its own.
    text += '  difference: |2\n';
    // Control characters are not allowed in YAML.
    for (const row of detail) text += `    ${row.replace(/[\u0000-\u001f\u007f]/g, '?')}\n`;
    return `${text}  ...\n`;
  }

  end(): string {
    return '';
  }
}
