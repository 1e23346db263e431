/**
 * Blessing: writes what is printed into a page, where it is not what the page expects.
 *
 * The scenario runs twice, in worlds that differ in every id, address, port and pid. Lines that still agree stay as they
 * are, with their names; what is new is written as printed, and where the two worlds differ stands the name of it, if
 * one is bound, else `{_}`. So a page blessed in memory passes on sockets. Works on text: who reads and writes the file
 * is the edge's business.
 */
import { matchOne } from './compare.ts';
import type { LabOptions } from './lab.ts';
import { cellsOf, isEtc, isRow, type Printed, readPrinted, significant } from './lines.ts';
import { escapeNames, type Names, signed } from './names.ts';
import { readPage } from './page.ts';
import { matchCell, pairLines } from './pairing.ts';
import type { Failure, StepRecord } from './runner.ts';
import { type AnswerLine, COMPLETED, type Page, type Scenario } from './scenario.ts';
import { escapeLine } from './steps.ts';
import { runInLab } from './suite.ts';

export interface Blessed {
  /** The page's new text; the old one if nothing changed. */
  readonly text: string;
  /** How many answers were written. */
  readonly answers: number;
  /** What could not be blessed: a person must look. */
  readonly failures: readonly { readonly scenario: Scenario; readonly failure: Failure }[];
}

/** Lines to take out of the file, and lines to put in behind others; numbers from 1. */
interface Edits {
  readonly removed: Set<number>;
  readonly inserted: Map<number, string[]>;
}

/** `only`: the scenarios to bless. */
export async function blessPage(
  page: Page,
  only: readonly Scenario[],
  lab: Omit<LabOptions, 'world'>,
): Promise<Blessed> {
  const edits: Edits = { removed: new Set(), inserted: new Map() };
  const failures: { scenario: Scenario; failure: Failure }[] = [];
  /** Lines of steps that are done: those of a set-up run once for every scenario. */
  const done = new Set<number>();
  let answers = 0;
  for (const scenario of only) {
    const first = await runInLab(scenario, { ...lab, world: 1 }, true, null);
    const second = await runInLab(scenario, { ...lab, world: 2 }, true, null);
    let disagreement: Failure | null = null;
    first.records.forEach((record, index) => {
      const twin = second.records[index];
      if (twin === undefined || done.has(record.step.line)) return;
      done.add(record.step.line);
      const outcome = blessStep(record, twin, edits);
      if (outcome === 'blessed') answers += 1;
      else if (outcome !== 'agrees') disagreement ??= outcome;
    });
    // An answer that differed is blessed now; whatever else went wrong is not.
    const rest = first.failures.filter((failure) => !failure.blessable);
    if (disagreement !== null) rest.push(disagreement);
    for (const failure of rest) failures.push({ scenario, failure });
  }
  return { text: answers === 0 ? page.text : apply(page.text, edits), answers, failures };
}

function blessStep(first: StepRecord, second: StepRecord, edits: Edits): 'agrees' | 'blessed' | Failure {
  const { step } = first;
  const last = Math.max(step.inputEnd, ...lineNumbers(first));
  if (first.outcome === 'void' && second.outcome === 'void') {
    for (let line = step.line; line <= last; line += 1) edits.removed.add(line);
    return 'blessed';
  }
  let blessed = false;
  if (first.outcome !== 'agrees' || second.outcome !== 'agrees') {
    const lines = merge(first, second);
    if (lines === null) return disagreement(first, second);
    rewrite(first, lines, edits);
    blessed = true;
  }
  for (const [index, { client, printed }] of first.unannounced.entries()) {
    const twin = second.unannounced[index];
    if (twin?.client !== client) return disagreement(first, second);
    const lines = generalizeAll(significant(printed), significant(twin.printed), first.names, second.names);
    if (lines === null) return disagreement(first, second);
    insert(edits, last, [`${client}> ${COMPLETED}`, ...lines]);
    blessed = true;
  }
  return blessed ? 'blessed' : 'agrees';
}

/** Line for line where there are as many as before, so that blank lines between them stay; else all of them in one. */
function rewrite(record: StepRecord, lines: readonly string[], edits: Edits): void {
  const { expected, step } = record;
  const numbers = expected.map(({ line }) => line);
  for (const line of numbers) edits.removed.add(line);
  if (numbers.length === lines.length) {
    lines.forEach((text, index) => {
      insert(edits, numbers[index]!, [text]);
    });
    return;
  }
  const all = new Set(lineNumbers(record));
  const first = numbers[0] ?? step.inputEnd + 1;
  for (let line = first; line < (numbers.at(-1) ?? 0); line += 1) if (!all.has(line)) edits.removed.add(line);
  insert(edits, first - 1, lines);
}

function lineNumbers({ step, expected }: StepRecord): number[] {
  const all: AnswerLine[] = [...expected, ...step.answer, ...[...step.byDialect.values()].flat()];
  return all.map(({ line }) => line);
}

function insert(edits: Edits, after: number, lines: readonly string[]): void {
  edits.inserted.set(after, [...(edits.inserted.get(after) ?? []), ...lines]);
}

function disagreement(first: StepRecord, second: StepRecord): Failure {
  const shown = (mark: string, record: StepRecord) =>
    significant(record.printed).map((text) => `      ${mark} ${text}`);
  const why = hasLiteralId(first) ? `; a literal id stands in line ${first.step.line}; bind it as {id} above` : '';
  return {
    line: first.step.line,
    title: `two worlds give answers of different shape${why}; nothing was written`,
    detail: [...shown('1', first), ...shown('2', second)],
    blessable: false,
  };
}

/** True for `KILL 5;` and the like: in a second world the session has another id. */
function hasLiteralId({ step: { action } }: StepRecord): boolean {
  if (action.kind !== 'input' || action.command.kind !== 'statement') return false;
  const typed = action.command.sql.map((part) => (typeof part === 'string' ? part : 'name')).join('');
  return /\bKILL\b[\s\S]*\b\d+\b|\bSHOW\s+PROXYSESSION\b[\s\S]*\b\d+\b|\b\d{5,}\b/i.test(typed);
}

/** The lines that this step's answer becomes; null if the two worlds cannot be told as one. */
function merge(first: StepRecord, second: StepRecord): string[] | null {
  const texts = significant(first.printed);
  const printed = readPrinted(texts);
  const twin = readPrinted(significant(second.printed));
  if (printed.length !== twin.length) return null;
  const expected = first.expected.map(({ text }) => text).filter((text) => text.trim() !== '' && !isEtc(text));
  const pairs = pairLines(expected, texts, first.names);
  const prefix = first.step.byDialect.size > 0 && first.expected !== first.step.answer ? dialectPrefix(first) : '';
  return allOrNothing(
    printed.map((line, index) => {
      const text = mergeLine(pairs.expected[index] ?? null, line, twin[index]!, first.names, second.names);
      return text === null ? null : prefix + (prefix === '' ? escapeLine(text) : text);
    }),
  );
}

function allOrNothing(lines: readonly (string | null)[]): string[] | null {
  const found = lines.filter((line) => line !== null);
  return found.length === lines.length ? found : null;
}

/** `@mariadb `, where the answer that was compared is that of a dialect. */
function dialectPrefix({ step, expected }: StepRecord): string {
  for (const [dialect, lines] of step.byDialect) if (lines === expected) return `@${dialect} `;
  return '';
}

function mergeLine(
  expected: string | null,
  printed: Printed,
  twin: Printed,
  first: Names,
  second: Names,
): string | null {
  if (expected === null) return generalize(printed, twin, first, second);
  if (matchOne(expected, printed, first) !== null && matchOne(expected, twin, second) !== null) return expected;
  const wanted = isRow(expected) ? cellsOf(expected) : [];
  if (printed.kind !== 'row' || twin.kind !== 'row' || wanted.length !== printed.cells.length) {
    return generalize(printed, twin, first, second);
  }
  if (twin.cells.length !== wanted.length) return null;
  // Cell by cell: a name stays where only its neighbour has changed.
  return row(
    printed.raw,
    printed.cells.map((cell, index) => {
      const here = matchCell(wanted[index]!, cell, first);
      const there = matchCell(wanted[index]!, twin.cells[index]!, second);
      return here !== null && there !== null
        ? wanted[index]!
        : generalizeText(cell, twin.cells[index]!, first, second, true);
    }),
  );
}

function generalizeAll(
  printed: readonly string[],
  twin: readonly string[],
  first: Names,
  second: Names,
): string[] | null {
  if (printed.length !== twin.length) return null;
  const others = readPrinted(twin);
  const lines = readPrinted(printed).map((line, index) => generalize(line, others[index]!, first, second));
  return allOrNothing(lines)?.map(escapeLine) ?? null;
}

/** A printed line, with a name or `{_}` where the two worlds differ; null if they have nothing in common. */
function generalize(printed: Printed, twin: Printed, first: Names, second: Names): string | null {
  if (printed.text === twin.text) return escapeNames(printed.text);
  if (printed.kind === 'border' && twin.kind === 'border')
    return printed.columns === twin.columns ? printed.text : null;
  if (printed.kind === 'row' && twin.kind === 'row') {
    if (printed.cells.length !== twin.cells.length) return null;
    return row(
      printed.raw,
      printed.cells.map((cell, index) => generalizeText(cell, twin.cells[index]!, first, second, true)),
    );
  }
  if (printed.kind !== 'text' || twin.kind !== 'text' || errorCode(printed.text) !== errorCode(twin.text)) return null;
  const text = generalizeText(printed.text, twin.text, first, second, false);
  // It would take any answer whatever.
  return text.trim() === '{_}' ? null : text;
}

/** The code of an `ERROR 1094 (HY000): …`; null for any other line. */
function errorCode(text: string): string | null {
  return /^ERROR (\d+)/.exec(text)?.[1] ?? null;
}

/** The cells in a row: on the side and as wide as they were printed, where they fit. */
function row(raw: readonly string[], cells: readonly string[]): string {
  const padded = cells.map((cell, index) => {
    const width = raw[index]!.length - 2;
    return /^ {2}/.test(raw[index]!) && raw[index]!.endsWith(' ') && !raw[index]!.endsWith('  ')
      ? ` ${cell.padStart(width)} `
      : ` ${cell.padEnd(width)} `;
  });
  return `|${padded.join('|')}|`;
}

/** Words and what stands between them: a name inside a text takes no blanks. */
const WORDS = /[A-Za-z0-9_.]+|[^A-Za-z0-9_.]+/g;

function generalizeText(text: string, twin: string, first: Names, second: Names, whole: boolean): string {
  if (text === twin) return escapeNames(text);
  const name = nameOf(text, twin, first, second);
  if (name !== null) return name;
  const words = text.match(WORDS) ?? [];
  const twins = twin.match(WORDS) ?? [];
  // A cell without blanks is one value: an address with its port, a number with its sign.
  if (whole && !/\s/.test(text)) return '{_}';
  if (words.length !== twins.length) return aroundDifference(words, twins);
  return words
    .map((word, index) => {
      const other = twins[index]!;
      return word === other ? escapeNames(word) : (nameOf(word, other, first, second) ?? '{_}');
    })
    .join('')
    .replace(/(\{_\})+/g, '{_}');
}

/** What they begin and end with alike, and `{_}` for what is between. */
function aroundDifference(words: readonly string[], twins: readonly string[]): string {
  const most = Math.min(words.length, twins.length);
  let start = 0;
  while (start < most && words[start] === twins[start]) start += 1;
  let end = 0;
  while (end < most - start && words.at(-1 - end) === twins.at(-1 - end)) end += 1;
  const head = escapeNames(words.slice(0, start).join(''));
  return `${head}{_}${escapeNames(words.slice(words.length - end).join(''))}`;
}

/** The name that stands for this value in both worlds, itself or read as signed. */
function nameOf(value: string, twin: string, first: Names, second: Names): string | null {
  for (const [name, bound] of first) {
    const other = second.get(name);
    if (other === undefined) continue;
    if (bound === value && other === twin) return `{${name}}`;
    if (signed(bound) === value && signed(other) === twin) return `{${name} as int64}`;
  }
  return null;
}

/** Every line keeps its own ending; a new one ends as the line does behind which it stands. */
function apply(text: string, edits: Edits): string {
  let result = '';
  let ending = '\n';
  (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).forEach((line, index) => {
    ending = /\r?\n$/.exec(line)?.[0] ?? ending;
    if (!edits.removed.has(index + 1)) result += line;
    for (const added of edits.inserted.get(index + 1) ?? []) result += added + ending;
  });
  return result;
}

/** What is wrong with a page that was blessed; empty if it can be read. */
export function rereads(file: string, text: string): readonly string[] {
  const read = readPage(file, text);
  return read.kind === 'page' ? [] : read.mistakes.map(({ line, what }) => `${file}:${line}: ${what}`);
}
