/**
 * A failed comparison for people: expected and printed lines side by side, with the line of the page, and what the names
 * stood for.
 */
import { align, arrange } from './compare.ts';
import { significant } from './lines.ts';
import type { Names } from './names.ts';
import type { AnswerLine } from './scenario.ts';

/** Lines of agreement shown around a difference. */
const CONTEXT = 3;

/** `-` is expected and missing, `+` was printed and not expected. Where order does not count, rows are shown beside theirs. */
export function difference(
  expected: readonly AnswerLine[],
  printed: readonly string[],
  names: Names,
  anyOrder: boolean,
): string[] {
  const wanted = expected.filter(({ text }) => text.trim() !== '');
  const texts = wanted.map(({ text }) => text);
  const actual = anyOrder ? arrange(texts, printed, names) : significant(printed);
  const aligned = align(texts, actual, names);
  const shown = aligned.lines.map((it) => {
    if (it.kind === 'extra') return { mark: '+', line: '', text: actual[it.actual]! };
    const { line, text } = wanted[it.expected]!;
    return { mark: it.kind === 'same' ? ' ' : '-', line: String(line), text };
  });
  const lines: string[] = [];
  let hidden = 0;
  shown.forEach(({ mark, line, text }, at) => {
    const near = shown.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((other) => other.mark !== ' ');
    if (!near) {
      hidden += 1;
      return;
    }
    if (hidden > 0) lines.push(`        ${hidden} more that agree`);
    hidden = 0;
    lines.push(`${line.padStart(5)} ${mark} ${text}`);
  });
  if (hidden > 0) lines.push(`        ${hidden} more that agree`);
  if (wanted.length === 0) lines.unshift('      - (nothing)');
  if (actual.length === 0) lines.push('      + (nothing)');
  return [...lines, ...boundNames(aligned.names)];
}

function boundNames(names: Names): string[] {
  if (names.size === 0) return [];
  const list = [...names].map(([name, value]) => `{${name}} = ${value}`);
  return [`      where ${list.join(', ')}`];
}
