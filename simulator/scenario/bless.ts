/**
 * Blessing: writes what is printed into a page, where it is not what the page expects.
 *
 * The scenario runs twice, in worlds that differ in every id, address, port and pid. Lines that still agree stay as they
 * are, with their names; what is new is written as printed, and where the two worlds differ stands the name of it, if
 * one is bound, else `{_}`. So a page blessed in memory passes on sockets. Works on text: who reads and writes the file
 * is the edge's business.
 */
import { cellsOf, isBorder, isEtc, isRow, matchOne, significant } from './compare.ts';
import type { LabOptions } from './lab.ts';
import { splitLines } from './markdown.ts';
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
  return {
    line: first.step.line,
    title: 'two worlds give answers of different shape; nothing was written',
    detail: [...shown('1', first), ...shown('2', second)],
    blessable: false,
  };
}

/** The lines that this step's answer becomes; null if the two worlds cannot be told as one. */
function merge(first: StepRecord, second: StepRecord): string[] | null {
  const printed = significant(first.printed);
  const twin = significant(second.printed);
  if (printed.length !== twin.length) return null;
  const expected = first.expected.map(({ text }) => text).filter((text) => text.trim() !== '' && !isEtc(text));
  const pairs = pairLines(expected, printed, first.names);
  const prefix = first.step.byDialect.size > 0 && first.expected !== first.step.answer ? dialectPrefix(first) : '';
  return printed.map((line, index) => {
    const text = mergeLine(pairs.expected[index] ?? null, line, twin[index]!, first.names, second.names);
    return prefix + (prefix === '' ? escapeLine(text) : text);
  });
}

/** `@mariadb `, where the answer that was compared is that of a dialect. */
function dialectPrefix({ step, expected }: StepRecord): string {
  for (const [dialect, lines] of step.byDialect) if (lines === expected) return `@${dialect} `;
  return '';
}

function mergeLine(expected: string | null, printed: string, twin: string, first: Names, second: Names): string {
  if (expected === null) return generalize(printed, twin, first, second);
  if (matchOne(expected, printed, first) !== null && matchOne(expected, twin, second) !== null) return expected;
  const wanted = cellsOf(expected);
  const cells = cellsOf(printed);
  const twins = cellsOf(twin);
  const rows = isRow(expected) && isRow(printed) && isRow(twin);
  if (!rows || wanted.length !== cells.length || twins.length !== cells.length) {
    return generalize(printed, twin, first, second);
  }
  // Cell by cell: a name stays where only its neighbour has changed.
  return row(
    printed,
    cells.map((cell, index) => {
      const here = matchCell(wanted[index]!, cell, first);
      const there = matchCell(wanted[index]!, twins[index]!, second);
      return here !== null && there !== null
        ? wanted[index]!
        : generalizeText(cell, twins[index]!, first, second, true);
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
  return printed.map((line, index) => escapeLine(generalize(line, twin[index]!, first, second)));
}

/** A printed line, with a name or `{_}` where the two worlds differ. */
function generalize(printed: string, twin: string, first: Names, second: Names): string {
  if (printed === twin || isBorder(printed)) return escapeNames(printed);
  if (!isRow(printed) || !isRow(twin)) return generalizeText(printed, twin, first, second, false);
  const cells = cellsOf(printed);
  const twins = cellsOf(twin);
  if (cells.length !== twins.length) return '{_}';
  return row(
    printed,
    cells.map((cell, index) => generalizeText(cell, twins[index]!, first, second, true)),
  );
}

/** The cells in a row: on the side and as wide as they were printed, where they fit. */
function row(printed: string, cells: readonly string[]): string {
  const raw = printed.trim().slice(1, -1).split('|');
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
  if (words.length !== twins.length) return '{_}';
  return words
    .map((word, index) => {
      const other = twins[index]!;
      return word === other ? escapeNames(word) : (nameOf(word, other, first, second) ?? '{_}');
    })
    .join('')
    .replace(/(\{_\})+/g, '{_}');
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

function apply(text: string, edits: Edits): string {
  const lines = splitLines(text);
  const result: string[] = [];
  lines.forEach((line, index) => {
    const number = index + 1;
    if (!edits.removed.has(number)) result.push(line);
    result.push(...(edits.inserted.get(number) ?? []));
  });
  return result.join('\n');
}

/** What is wrong with a page that was blessed; empty if it can be read. */
export function rereads(file: string, text: string): readonly string[] {
  const read = readPage(file, text);
  return read.kind === 'page' ? [] : read.mistakes.map(({ line, what }) => `${file}:${line}: ${what}`);
}
