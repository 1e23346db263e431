/** The report as JUnit XML: a suite for each page, a case for each scenario and arm (conventions.md §2). */
import { printChoices } from '../world/choices.ts';
import { caseName } from './report-spec.ts';
import type { CaseResult, Reporter, Summary } from './suite.ts';

export class JUnitReporter implements Reporter {
  readonly #timestamp: string;
  readonly #results: CaseResult[] = [];

  /** `timestamp`: when the run began, ISO 8601. */
  constructor(timestamp: string) {
    this.#timestamp = timestamp;
  }

  start(): string {
    return '';
  }

  scenario(results: readonly CaseResult[]): string {
    this.#results.push(...results);
    return '';
  }

  /** Everything at once: the numbers stand in the first line. */
  end({ cases, failed, skipped, milliseconds }: Summary): string {
    const pages = new Map<string, CaseResult[]>();
    for (const result of this.#results) {
      const page = pages.get(result.scenario.file) ?? [];
      page.push(result);
      pages.set(result.scenario.file, page);
    }
    let text = '<?xml version="1.0" encoding="UTF-8"?>\n';
    text += `<testsuites name="odplab" tests="${cases}" failures="${failed}" errors="0" skipped="${skipped}" time="${seconds(milliseconds)}">\n`;
    for (const [file, results] of pages) text += this.#suite(file, results);
    return `${text}</testsuites>\n`;
  }

  #suite(file: string, results: readonly CaseResult[]): string {
    const failed = results.filter(({ failures }) => failures.length > 0).length;
    const skipped = results.filter((result) => result.skipped !== null).length;
    const time = seconds(results.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    const counts = `tests="${results.length}" failures="${failed}" errors="0" skipped="${skipped}"`;
    let text = `  <testsuite name="${attribute(file)}" ${counts} time="${time}" timestamp="${this.#timestamp}">\n`;
    for (const result of results) text += testCase(result);
    return `${text}  </testsuite>\n`;
  }
}

function testCase({ scenario, arm, failures, skipped, milliseconds, trace }: CaseResult): string {
  const { file, name, line, front } = scenario;
  const where = `classname="${attribute(file)}" name="${attribute(caseName(name, arm))}" file="${attribute(file)}" line="${line}"`;
  let text = `    <testcase ${where} time="${seconds(milliseconds)}">\n`;
  text += `      <properties><property name="arm" value="${arm}"/>`;
  if (front.choices.length > 0) text += `<property name="choices" value="${attribute(printChoices(front.choices))}"/>`;
  text += '</properties>\n';
  if (skipped !== null) text += `      <skipped message="${attribute(skipped)}"/>\n`;
  for (const failure of failures) {
    const message = attribute(`${file}:${failure.line}: ${failure.title}`);
    text += `      <failure message="${message}" type="difference">${content(failure.detail.join('\n'))}</failure>\n`;
  }
  if (trace.length > 0) text += `      <system-out>${content(trace.join('\n'))}</system-out>\n`;
  return `${text}    </testcase>\n`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** Text between tags. What XML 1.0 cannot hold at all is shown as its code. */
function content(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, (it) => `\\u${hex(it)}`)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, (it) => `\\u${hex(it)}`);
}

function attribute(text: string): string {
  return content(text)
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\r', '&#13;');
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}
