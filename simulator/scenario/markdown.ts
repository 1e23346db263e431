/**
 * A page as Markdown: its front matter, its headings, its `odplab` blocks. All else is prose.
 *
 * A fence of backticks at column 0 whose first word is `odplab` opens a block; what stands in other fences is skipped,
 * so that a page can quote a page. A fence that is nearly one is a mistake: a scenario must not vanish without a word.
 * Knows nothing of what is in a block.
 */
import { Mistakes } from './mistakes.ts';

export interface Heading {
  readonly name: string;
  readonly line: number;
}

export interface Block {
  /** The `##` heading above it; null before the first. */
  readonly heading: Heading | null;
  /** The line of its first content line, from 1. */
  readonly first: number;
  readonly lines: readonly string[];
  /** What stands in it: a transcript, or what comes of its steps in every order. */
  readonly kind: 'transcript' | 'outcomes';
}

export interface Markdown {
  readonly front: { readonly first: number; readonly lines: readonly string[] };
  /** The first `#` heading. */
  readonly title: Heading | null;
  readonly blocks: readonly Block[];
  /** Fences that open a block or nearly do. */
  readonly fences: number;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;
const WORD = 'odplab';
const OUTCOMES = 'outcomes';
/** So many letters may be wrong, missing or too many, and the word was still meant. */
const SLIPS = 2;

/** Without the byte order mark that some editors put in front. */
export function splitLines(text: string): string[] {
  return text.replace(/^\ufeff/, '').split(/\r?\n/);
}

/** True if a page may stand in this text: else it is a document like any other. */
export function holdsPage(text: string): boolean {
  // Most documents have no such word; the others must be read, for they may only quote a page.
  if (!splitLines(text).some((line) => wordOf(FENCE.exec(line)?.[3] ?? '') !== 'other')) return false;
  const mistakes = new Mistakes('');
  return readMarkdown(text, mistakes).fences > 0 || mistakes.list.length > 0;
}

export function readMarkdown(text: string, mistakes: Mistakes): Markdown {
  const lines = splitLines(text);
  const front = readFront(lines, mistakes);
  let fences = 0;
  const blocks: Block[] = [];
  let title: Heading | null = null;
  let heading: Heading | null = null;
  for (let at = front.end; at < lines.length; at += 1) {
    const line = lines[at]!;
    const section = /^(##?)\s+(.*?)\s*#*\s*$/.exec(line);
    if (section !== null) {
      const found = { name: section[2]!, line: at + 1 };
      if (section[1] === '##') heading = found;
      else title ??= found;
      continue;
    }
    const fence = FENCE.exec(line);
    if (fence === null || (fence[2]![0] === '`' && fence[3]!.includes('`'))) continue;
    const [, indent, mark, info] = fence as unknown as [string, string, string, string];
    const word = wordOf(info);
    if (word !== 'other') fences += 1;
    const slip = slipOf(indent, mark, info, word);
    if (slip !== null) mistakes.add(at + 1, slip);
    if (indent !== '') continue;
    const end = closingFence(lines, at + 1, mark);
    if (end < 0) {
      mistakes.add(at + 1, `this fence is never closed; it needs a line of ${mark} alone`);
      break;
    }
    const words = info.trim().split(/\s+/);
    if (slip === null && word === 'exact') {
      const kind = words[1] === OUTCOMES ? OUTCOMES : 'transcript';
      const rest = words.slice(kind === OUTCOMES ? 2 : 1).join(' ');
      if (rest !== '') {
        const right = `the fence is \`\`\`${WORD}, or \`\`\`${WORD} ${OUTCOMES}`;
        mistakes.add(at + 1, `\`${rest}\` behind \`${WORD}\` means nothing; ${right}`);
      }
      blocks.push({ heading, first: at + 2, lines: lines.slice(at + 1, end), kind });
    }
    at = end;
  }
  return { front: { first: 2, lines: front.lines }, title, blocks, fences };
}

type Word = 'exact' | 'nearly' | 'other';

/** Whether the first word behind a fence is ours. */
function wordOf(info: string): Word {
  const shown = info.trim().split(/\s+/)[0]!;
  if (shown === WORD) return 'exact';
  const letters = /[A-Za-z]+/.exec(shown)?.[0].toLowerCase() ?? '';
  return distance(letters, WORD) <= SLIPS ? 'nearly' : 'other';
}

/** What is wrong with a fence that was meant to open a block; null if nothing is, or if it was not. */
function slipOf(indent: string, mark: string, info: string, word: Word): string | null {
  if (word === 'other') return null;
  const right = `a block is opened by \`\`\`${WORD}`;
  if (word === 'nearly') return `\`${info.trim().split(/\s+/)[0]}\` behind a fence is not our word; ${right}`;
  if (mark.startsWith('~')) return `a fence of ~ opens no block; ${right}`;
  return indent === '' ? null : `this fence is indented; ${right} at the start of the line`;
}

/** How many letters must be changed, put in or taken out to make one word of the other. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > SLIPS) return SLIPS + 1;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** Front matter stands between two lines `---`, the first of which is the first of the page. */
function readFront(
  lines: readonly string[],
  mistakes: Mistakes,
): { readonly end: number; readonly lines: readonly string[] } {
  if (lines[0]?.trimEnd() !== '---') return { end: 0, lines: [] };
  for (let at = 1; at < lines.length; at += 1) {
    if (lines[at]!.trimEnd() === '---') return { end: at + 1, lines: lines.slice(1, at) };
  }
  mistakes.add(1, 'the front matter is never closed; it needs a second line `---`');
  // Nobody knows where it was to end: what follows is neither front matter nor page.
  return { end: lines.length, lines: [] };
}

function closingFence(lines: readonly string[], from: number, opening: string): number {
  const mark = opening[0]!;
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at]!.trimEnd();
    if (line.length >= opening.length && line === mark.repeat(line.length)) return at;
  }
  return -1;
}
