/**
 * Writes outcomes into the text of a page: into the block that is there, or into a new one below the scenario's last
 * transcript. Every other line stays as it is. Works on text: who reads and writes the file is the edge's business.
 */
import { type OutcomeRow, outcomeLines } from './outcomes.ts';
import { resultLabels, type Scenario } from './scenario.ts';

export interface Found {
  readonly scenario: Scenario;
  readonly rows: readonly OutcomeRow[];
}

export function blessOutcomes(text: string, found: readonly Found[]): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const ending = /\r?\n$/.exec(lines[0] ?? '')?.[0] ?? '\n';
  // From the last to the first, so that the numbers of the lines above stay what they are.
  for (const { scenario, rows } of [...found].sort((a, b) => b.scenario.end - a.scenario.end)) {
    const { outcomes, end, steps } = scenario;
    const written = outcomeLines(resultLabels(steps), rows).map((line) => line + ending);
    if (outcomes !== null) {
      lines.splice(outcomes.first - 1, outcomes.lines, ...written);
      continue;
    }
    const fence = lines[end - 1]!;
    lines[end - 1] = fence.replace(/\r?\n?$/, ending);
    lines.splice(end, 0, ...['', '```odplab outcomes'].map((line) => line + ending), ...written, `\`\`\`${ending}`);
  }
  return lines.join('');
}
