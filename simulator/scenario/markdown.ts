/**
 * A page as Markdown: its front matter, its headings, its `odplab` blocks. All else is prose.
 *
 * A fence of backticks at column 0 whose first word is `odplab` opens a block; what stands in other fences is skipped,
 * so that a page can quote a page. Knows nothing of what is in a block.
 */
import type { Mistakes } from './mistakes.ts';

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
}

export interface Markdown {
  readonly front: { readonly first: number; readonly lines: readonly string[] };
  /** The first `#` heading. */
  readonly title: Heading | null;
  readonly blocks: readonly Block[];
}

const FENCE = /^(`{3,}|~{3,})\s*(.*)$/;
const WORD = 'odplab';

export function splitLines(text: string): string[] {
  return text.split(/\r?\n/);
}

export function readMarkdown(text: string, mistakes: Mistakes): Markdown {
  const lines = splitLines(text);
  const front = readFront(lines, mistakes);
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
    if (fence === null || (fence[1]![0] === '`' && fence[2]!.includes('`'))) continue;
    const end = closingFence(lines, at + 1, fence[1]!);
    if (end < 0) {
      mistakes.add(at + 1, `this fence is never closed; it needs a line of ${fence[1]} alone`);
      break;
    }
    const words = fence[2]!.trim().split(/\s+/);
    if (fence[1]![0] === '`' && words[0] === WORD) {
      if (words.length > 1) {
        mistakes.add(
          at + 1,
          `\`${words.slice(1).join(' ')}\` behind \`${WORD}\` means nothing; the fence is \`\`\`${WORD}`,
        );
      }
      blocks.push({ heading, first: at + 2, lines: lines.slice(at + 1, end) });
    }
    at = end;
  }
  return { front: { first: 2, lines: lines.slice(1, Math.max(1, front.end - 1)) }, title, blocks };
}

/** Front matter stands between two lines `---`, the first of which is the first of the page. */
function readFront(lines: readonly string[], mistakes: Mistakes): { readonly end: number } {
  if (lines[0]?.trimEnd() !== '---') return { end: 0 };
  for (let at = 1; at < lines.length; at += 1) {
    if (lines[at]!.trimEnd() === '---') return { end: at + 1 };
  }
  mistakes.add(1, 'the front matter is never closed; it needs a second line `---`');
  return { end: lines.length };
}

function closingFence(lines: readonly string[], from: number, opening: string): number {
  const mark = opening[0]!;
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at]!.trimEnd();
    if (line.length >= opening.length && line === mark.repeat(line.length)) return at;
  }
  return -1;
}
