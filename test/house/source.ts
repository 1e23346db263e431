/**
 * A TypeScript file as the house rules look at it: without its comments, without the contents of its texts, and with the
 * list of what it imports.
 *
 * Not a parser: one pass over the characters that knows comments, quotes, templates and regular expressions. What is
 * taken out becomes blanks, so that a position in `code` is the same position in the file.
 */

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface Source {
  /** The first block comment, if the file starts with one; else empty. Line breaks and stars are single blanks. */
  readonly firstComment: string;
  /** What is left when comments and the insides of texts and regular expressions are blanked. */
  readonly code: string;
  /** The insides of regular expressions and texts; all else is blanked. */
  readonly texts: string;
  readonly imports: readonly Import[];
}

/** Behind these a slash divides; behind anything else it starts a regular expression. */
const VALUE_END = /[\w$)\]}'"`]$/;
/** Words that end like a value and are none. */
const NO_VALUE = /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|instanceof|yield|await|else|do)$/;

/** `from '…'` of import and export, `import '…'`, `import('…')`; texts are blanked, so nothing in one can look so. */
const IMPORT = /(?<![.\w$#])(?:from\s*|import\s*\(?\s*)(['"])( *)\1/g;

export function readSource(text: string): Source {
  const code = text.split('');
  const texts = text.replaceAll(/[^\n]/g, ' ').split('');
  /** For every template that is open: how many braces are open inside its `${`. */
  const templates: number[] = [];
  let at = 0;
  /** The end of the code before this position, without comments and texts, to tell what a slash is. */
  let significant = '';
  while (at < text.length) {
    const char = text[at]!;
    const two = text.slice(at, at + 2);
    if (two === '//' || two === '/*') {
      const found = two === '//' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2) + 2;
      const end = found < (two === '//' ? 0 : at + 4) ? text.length : found;
      blank(code, at, end);
      at = end;
    } else if (char === "'" || char === '"') {
      at = quoted(at, char);
      significant = char;
    } else if (char === '`') {
      at = template(at + 1);
    } else if (char === '}' && templates.at(-1) === 0) {
      templates.pop();
      at = template(at + 1);
    } else if (char === '/' && startsExpression(significant.trimEnd())) {
      at = expression(at);
      significant = ')';
    } else {
      const open = templates.length - 1;
      if (open >= 0 && char === '{') templates[open]! += 1;
      if (open >= 0 && char === '}') templates[open]! -= 1;
      significant = (significant + char).slice(-16);
      at += 1;
    }
  }
  const blanked = code.join('');
  const comment = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text);
  return {
    firstComment: (comment?.[1] ?? '').replaceAll(/[\s*]+/g, ' ').trim(),
    code: blanked,
    texts: texts.join(''),
    imports: importsOf(text, blanked),
  };

  function quoted(start: number, quote: string): number {
    let end = start + 1;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    take(start + 1, end);
    return end + 1;
  }

  /** From behind a backtick, or behind the brace that closes `${…}`, to the end of the template or the next `${`. */
  function template(start: number): number {
    let end = start;
    while (end < text.length && text[end] !== '`' && text.slice(end, end + 2) !== '${') {
      end += text[end] === '\\' ? 2 : 1;
    }
    take(start, end);
    significant = text[end] === '`' ? '`' : '{';
    if (text[end] === '`') return end + 1;
    templates.push(0);
    return end + 2;
  }

  function expression(start: number): number {
    let end = start + 1;
    let inClass = false;
    while (end < text.length && text[end] !== '\n' && (inClass || text[end] !== '/')) {
      if (text[end] === '[') inClass = true;
      else if (text[end] === ']') inClass = false;
      end += text[end] === '\\' ? 2 : 1;
    }
    take(start + 1, end);
    return end + 1;
  }

  function take(start: number, end: number): void {
    for (let i = start; i < end && i < text.length; i += 1) texts[i] = text[i]!;
    blank(code, start, end);
  }
}

function blank(chars: string[], start: number, end: number): void {
  for (let i = start; i < end && i < chars.length; i += 1) if (chars[i] !== '\n') chars[i] = ' ';
}

function importsOf(text: string, code: string): Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(IMPORT)) {
    const end = match.index + match[0].length - 1;
    found.push({ specifier: text.slice(end - match[2]!.length, end), line: lineOf(text, match.index) });
  }
  return found;
}

function startsExpression(before: string): boolean {
  return !VALUE_END.test(before) || NO_VALUE.test(before);
}

export function lineOf(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}
