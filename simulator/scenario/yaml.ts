/**
 * The subset of YAML that front matter is written in: two levels, one-line maps and lists, comments, quotes.
 *
 * Everything is text here; what a key means is `front-matter.ts`' business.
 */
import type { Mistakes } from './mistakes.ts';

export type Scalar = { readonly kind: 'text'; readonly text: string };
export type List = { readonly kind: 'list'; readonly items: readonly Item[] };
export type Map_ = { readonly kind: 'map'; readonly entries: readonly Entry[] };
/** What could not be read; its mistake has been told, and nobody need say more of it. */
export type Broken = { readonly kind: 'broken' };
export type Value = Scalar | List | Map_ | Broken;

export interface Item {
  readonly text: string;
  readonly line: number;
}

export interface Entry {
  readonly key: string;
  readonly line: number;
  readonly value: Value;
}

const KEY = /^([^\s:#'"[\]{},][^:]*?)\s*:(?:\s+(.*))?$/;

/** Reads `lines`, the first of which is line `first` of its file. */
export function readYaml(lines: readonly string[], first: number, mistakes: Mistakes): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = first + at;
    const text = withoutComment(lines[at]!);
    at += 1;
    if (text === '') continue;
    const match = /^\s/.test(text) ? null : KEY.exec(text);
    if (match === null) {
      mistakes.add(line, `\`${text.trim()}\` is no \`key: value\` at the start of a line`);
      continue;
    }
    const block: { text: string; line: number }[] = [];
    while (at < lines.length && /^(\s|$|- )/.test(lines[at]!)) {
      const inner = withoutComment(lines[at]!);
      if (inner.trim() !== '') block.push({ text: inner, line: first + at });
      at += 1;
    }
    const here = match[2] ?? '';
    if (here !== '' && block.length > 0) {
      mistakes.add(
        block[0]!.line,
        `\`${match[1]}\` has its value on its own line already; nothing may be indented under it`,
      );
    }
    const value = here === '' ? readBlock(block, mistakes) : readValue(here, line, mistakes);
    add(entries, { key: match[1]!, line, value }, mistakes);
  }
  return entries;
}

function add(entries: Entry[], entry: Entry, mistakes: Mistakes): void {
  const before = entries.find(({ key }) => key === entry.key);
  if (before === undefined) entries.push(entry);
  else mistakes.add(entry.line, `\`${entry.key}\` stands twice; the first is in line ${before.line}`);
}

/** The indented lines under a key: all `- item`, or all `key: value`. */
function readBlock(block: readonly { text: string; line: number }[], mistakes: Mistakes): Value {
  const first = block[0];
  if (first === undefined) return { kind: 'text', text: '' };
  if (first.text.trim().startsWith('- ')) {
    const items: Item[] = [];
    for (const { text, line } of block) {
      const item = text.trim();
      if (item.startsWith('- ')) items.push({ text: plain(item.slice(2).trim()), line });
      else mistakes.add(line, `\`${item}\` stands in a list; every line of it starts with \`- \``);
    }
    return { kind: 'list', items };
  }
  const indent = first.text.length - first.text.trimStart().length;
  const entries: Entry[] = [];
  for (const { text, line } of block) {
    const match = KEY.exec(text.trim());
    if (text.length - text.trimStart().length !== indent) {
      mistakes.add(line, 'there are two levels only; write the third on one line: `{ key: value, … }`');
    } else if (match === null) {
      mistakes.add(line, `\`${text.trim()}\` is no \`key: value\``);
    } else {
      add(entries, { key: plain(match[1]!), line, value: readValue(match[2] ?? '', line, mistakes) }, mistakes);
    }
  }
  return { kind: 'map', entries };
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };
const BROKEN: Broken = { kind: 'broken' };

/** A value on one line. In a one-line map the values may be one-line lists and maps again. */
function readValue(text: string, line: number, mistakes: Mistakes): Value {
  const open = text[0] ?? '';
  const close = CLOSING[open];
  if (close === undefined) return { kind: 'text', text: plain(text) };
  const parts = split(text);
  if (parts === null) {
    mistakes.add(line, `\`${text}\` is never closed; a list or map stands on one line and ends with \`${close}\``);
    return BROKEN;
  }
  if (open === '[') return readItems(parts, line, mistakes);
  const entries: Entry[] = [];
  for (const part of parts) {
    const match = KEY.exec(part);
    if (match === null) mistakes.add(line, `\`${part}\` is no \`key: value\` of a one-line map`);
    else {
      add(entries, { key: plain(match[1]!), line, value: readValue(match[2] ?? '', line, mistakes) }, mistakes);
    }
  }
  return { kind: 'map', entries };
}

function readItems(parts: readonly string[], line: number, mistakes: Mistakes): Value {
  const nested = parts.find((part) => Object.hasOwn(CLOSING, part[0]!));
  if (nested === undefined) return { kind: 'list', items: parts.map((part) => ({ text: plain(part), line })) };
  mistakes.add(line, `\`${nested}\` stands in a list; a list holds texts, and one that begins so needs quotes`);
  return BROKEN;
}

/**
 * The parts of a one-line list or map: cut at the commas that stand outside quotes and inner brackets. Empty parts are
 * dropped. Null if a quote or bracket is not closed, or if anything stands behind the last.
 */
function split(text: string): string[] | null {
  const parts: string[] = [];
  const open: string[] = [];
  let part = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const here = text[at]!;
    const inside = open.length > 1 || quote !== '';
    if (quote !== '') {
      if (here === quote) quote = '';
    } else if (here === '"' || here === "'") {
      // In the middle of a word it is no quote but itself.
      if (/[\s[{,]/.test(text[at - 1] ?? ' ')) quote = here;
    } else if (Object.hasOwn(CLOSING, here)) {
      open.push(CLOSING[here]!);
      if (open.length === 1) continue;
    } else if (here === ']' || here === '}') {
      if (open.pop() !== here || (open.length === 0 && at < text.length - 1)) return null;
      if (open.length === 0) break;
    } else if (here === ',' && !inside) {
      parts.push(part);
      part = '';
      continue;
    }
    part += here;
  }
  if (open.length > 0 || quote !== '') return null;
  return [...parts, part].map((it) => it.trim()).filter((it) => it !== '');
}

function plain(text: string): string {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  return quoted === null ? text : quoted[2]!;
}

/** Without a comment (`#` at the start or behind a blank, outside quotes), and without blanks at the end. */
function withoutComment(text: string): string {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const here = text[at]!;
    const before = text[at - 1] ?? ' ';
    if (quote !== '') {
      if (here === quote) quote = '';
    } else if ((here === '"' || here === "'") && /[\s[{,]/.test(before)) {
      quote = here;
    } else if (here === '#' && /\s/.test(before)) {
      return text.slice(0, at).trimEnd();
    }
  }
  return text.trimEnd();
}
