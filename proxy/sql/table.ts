/**
 * Which table a statement is about, as far as routing wants to know: the first one that it names (odp-relay.md §5.1, §5.3).
 *
 * Not a parser: it looks at the words outside quotes and comments. A name that it takes for a table and that is none costs
 * nothing: the cluster does not know it, and the statement goes where one without a table goes. Runs only where the
 * tables of a tenant are led by several servers.
 */

/** A table as it was typed, without quotes, latin1; `database` null if none was said. */
export interface TableName {
  readonly database: string | null;
  readonly table: string;
}

/** Blanks and comments, a quoted name, a text, a word, a number, or any single character; an optimizer's hint is a comment. */
const TOKEN =
  /(?:[ \t\r\n\f]+|--(?=[ \t\r\n\f]|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|`((?:[^`]|``)*)`|('(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|$))|([A-Za-z_$\x80-\xff][\w$\x80-\xff]*)|\d[\w.$]*|([\s\S])/y;

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'other' };

const OTHER: Token = { kind: 'other' };

/** What comes before a table's name, by the word with which the statement begins. */
const BEFORE: Readonly<Record<string, ReadonlySet<string>>> = {
  SELECT: new Set(['FROM']),
  WITH: new Set(['FROM']),
  INSERT: new Set(['INSERT', 'INTO']),
  REPLACE: new Set(['REPLACE', 'INTO']),
  UPDATE: new Set(['UPDATE']),
  DELETE: new Set(['FROM']),
};

/** Words between that one and the name. */
const PASSED: ReadonlySet<string> = new Set([
  'LOW_PRIORITY',
  'HIGH_PRIORITY',
  'DELAYED',
  'IGNORE',
  'QUICK',
  'INTO',
  'FROM',
  'ONLY',
]);

/** A name that stands for "no table". */
const DUAL = 'DUAL';

class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token that is neither blank nor comment; null at the end. */
  next(): Token | null {
    while (this.#at < this.#text.length) {
      TOKEN.lastIndex = this.#at;
      const match = TOKEN.exec(this.#text)!;
      this.#at = TOKEN.lastIndex;
      const [, quoted, text, word, sign] = match;
      if (quoted !== undefined) return { kind: 'name', text: quoted.replaceAll('``', '`') };
      if (word !== undefined) return { kind: 'word', text: word };
      if (sign !== undefined) return { kind: 'sign', text: sign };
      if (text !== undefined || /^\d/.test(match[0])) return OTHER;
    }
    return null;
  }
}

/** Of `text` (latin1); null if it names none, or is of a kind that is not routed by tables. */
export function tableOf(text: string): TableName | null {
  const tokens = new Tokens(text);
  let first = tokens.next();
  while (first?.kind === 'sign' && first.text === '(') first = tokens.next();
  if (first?.kind !== 'word') return null;
  const start = first.text.toUpperCase();
  if (start === 'EXPLAIN' || start === 'DESC' || start === 'DESCRIBE') return null;
  const before = Object.hasOwn(BEFORE, start) ? BEFORE[start]! : null;
  if (before === null) return null;
  return new Search(tokens, before).run(start);
}

class Search {
  readonly #tokens: Tokens;
  readonly #before: ReadonlySet<string>;
  /** Of the parentheses that are open: whether a query stands in them, where FROM means a table. */
  readonly #open: boolean[] = [];

  constructor(tokens: Tokens, before: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#before = before;
  }

  run(start: string): TableName | null {
    let expects = this.#before.has(start);
    let token = this.#tokens.next();
    while (token !== null) {
      if (token.kind === 'sign') {
        if (token.text === '(') {
          const inside = this.#tokens.next();
          const isQuery = inside?.kind === 'word' && /^(?:select|with)$/i.test(inside.text);
          // `FROM (a JOIN b)`: still in front of a name.
          this.#open.push(isQuery || expects);
          if (isQuery) expects = false;
          token = inside;
          continue;
        }
        if (token.text === ')') this.#open.pop();
        else if (token.text === ';') return null;
        expects = false;
      } else if (expects && token.kind === 'word' && PASSED.has(token.text.toUpperCase())) {
        // One more word in front of the name.
      } else if (expects) {
        return token.kind === 'other' ? null : this.#name(token.text);
      } else if (token.kind === 'word') {
        expects = this.#before.has(token.text.toUpperCase()) && (this.#open.at(-1) ?? true);
      }
      token = this.#tokens.next();
    }
    return null;
  }

  #name(first: string): TableName | null {
    const dot = this.#tokens.next();
    if (dot?.kind !== 'sign' || dot.text !== '.') {
      return first.toUpperCase() === DUAL ? null : { database: null, table: first };
    }
    const second = this.#tokens.next();
    if (second?.kind !== 'word' && second?.kind !== 'name') return null;
    return { database: first, table: second.text };
  }
}
