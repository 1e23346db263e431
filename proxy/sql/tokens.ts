/**
 * A scanner over the tokens of ODP's own commands, by ODP's lexical rules (odp-sessions.md §1.2).
 *
 * It works on the statement as latin1 text (one character a byte). It is lenient where ODP is: unknown single characters,
 * parentheses and a few words are skipped. Not a scanner of SQL in general: it only has to be right for KILL and SHOW
 * PROXY…, and for finding words outside quotes and comments in everything else.
 */

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  /** An optional sign and 1–17 digits. */
  | { readonly kind: 'integer'; readonly value: bigint }
  /** Quoted in any of the three ways; `text` is what stands between the quotes, latin1. */
  | { readonly kind: 'string'; readonly text: string }
  /** What is no integer and no word: `5.0`, `5a`, `@x`, 18 digits. */
  | { readonly kind: 'odd'; readonly text: string }
  | { readonly kind: 'comma' }
  | { readonly kind: 'semicolon' }
  | { readonly kind: 'end' };

const COMMA: Token = { kind: 'comma' };
const SEMICOLON: Token = { kind: 'semicolon' };
const END: Token = { kind: 'end' };

/** More digits than this are not an integer to ODP. */
const MAX_DIGITS = 17;
/** Words that ODP's scanner skips wherever they stand. */
const SKIPPED_WORDS: ReadonlySet<string> = new Set([
  'INTO',
  'IGNORE',
  'LOW_PRIORITY',
  'HIGH_PRIORITY',
  'DELAYED',
  'COMMIT',
  'ROLLBACK',
]);

/** What begins a token that is no word and is not passed over: a delimiter, a quote, `@x`, `#x`. */
const NO_WORD: ReadonlySet<string> = new Set([';', ',', "'", '"', '`', '@', '#']);

const SPACE = 0x20;
const HASH = 0x23;
const DASH = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Letters, digits, `_`, `$` and every byte above ASCII. */
function isWordPart(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    isDigit(code) ||
    code === 0x5f ||
    code === 0x24 ||
    code >= 0x80
  );
}

export class Scanner {
  readonly #text: string;
  #at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Length of the blank at `at`: space, tab, CR, LF, FF, or the ideographic space (E3 80 80); 0 if there is none. */
  #blank(at: number): number {
    const code = this.#text.charCodeAt(at);
    if (code === SPACE || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d) return 1;
    if (code === 0xe3 && this.#text.charCodeAt(at + 1) === 0x80 && this.#text.charCodeAt(at + 2) === 0x80) return 3;
    return 0;
  }

  /** A letter, digit or the like at `at`; the bytes of the ideographic space are none. */
  #wordPart(at: number): boolean {
    return isWordPart(this.#text.charCodeAt(at)) && this.#blank(at) === 0;
  }

  /** Skips blanks only; answers whether there were any. */
  skipBlanks(): boolean {
    const start = this.#at;
    for (let size = this.#blank(this.#at); size > 0; size = this.#blank(this.#at)) this.#at += size;
    return this.#at > start;
  }

  /** Skips blanks and comments. */
  skipSpace(): void {
    while (this.skipBlanks() || this.#comment()) {
      // Both, in any order.
    }
  }

  #comment(): boolean {
    const text = this.#text;
    const at = this.#at;
    const code = text.charCodeAt(at);
    if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const end = text.indexOf('*/', at + 2);
      this.#at = end < 0 ? text.length : end + 2;
      return true;
    }
    if (code === DASH && text.charCodeAt(at + 1) === DASH) {
      if (at + 2 < text.length && this.#blank(at + 2) === 0) return false;
      return this.#line();
    }
    // `#word` up to the end of its line is a word to ODP's scanner; anything longer is a comment.
    if (code === HASH) {
      let end = at + 1;
      while (this.#wordPart(end)) end += 1;
      const wordOnly = end > at + 1 && (end === text.length || text.charCodeAt(end) === 0x0a);
      return wordOnly ? false : this.#line();
    }
    return false;
  }

  #line(): boolean {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
    return true;
  }

  /** If this word (in capitals) stands at the current place, not as part of a longer one: moves behind it. */
  eat(word: string): boolean {
    const end = this.#at + word.length;
    if (this.#text.slice(this.#at, end).toUpperCase() !== word || this.#wordPart(end)) return false;
    this.#at = end;
    return true;
  }

  /** The same, but digits or letters may follow at once (`KILL PROXYSESSION5`). */
  eatPrefix(word: string): boolean {
    const end = this.#at + word.length;
    if (this.#text.slice(this.#at, end).toUpperCase() !== word) return false;
    this.#at = end;
    return true;
  }

  back(at: number): void {
    this.#at = at;
  }

  /** Moves to the first letter, past blanks, comments and single characters that mean nothing; false if another token is first. */
  toWord(): boolean {
    for (;;) {
      this.skipSpace();
      const character = this.#text[this.#at];
      if (character === undefined || NO_WORD.has(character)) return false;
      if (isWordPart(character.charCodeAt(0))) return true;
      this.#at += 1;
    }
  }

  /** True if the word just read is called: a `(` follows. */
  calls(): boolean {
    const at = this.#at;
    this.skipSpace();
    const called = this.#text[this.#at] === '(';
    this.#at = at;
    return called;
  }

  /** The next token; blanks, comments, unknown characters and the skipped words are passed over. */
  next(): Token {
    for (;;) {
      this.skipSpace();
      const text = this.#text;
      const start = this.#at;
      if (start >= text.length) return END;
      const code = text.charCodeAt(start);
      const character = text[start]!;
      if (character === ';') {
        this.#at += 1;
        return SEMICOLON;
      }
      if (character === ',') {
        this.#at += 1;
        return COMMA;
      }
      if (character === "'" || character === '"' || character === '`') return this.#quoted(character);
      const signed = (character === '-' || character === '+') && isDigit(text.charCodeAt(start + 1));
      if (isDigit(code) || signed) return this.#number(start, signed);
      if (isWordPart(code) || character === '@' || code === HASH) {
        const token = this.#word(start);
        if (token.kind === 'word' && SKIPPED_WORDS.has(token.text.toUpperCase())) continue;
        return token;
      }
      this.#at += 1;
    }
  }

  #quoted(quote: string): Token {
    const text = this.#text;
    const start = this.#at + 1;
    let end = start;
    while (end < text.length && text[end] !== quote) end += text[end] === '\\' && quote !== '`' ? 2 : 1;
    if (end >= text.length) {
      this.#at = text.length;
      return { kind: 'odd', text: text.slice(start) };
    }
    this.#at = end + 1;
    return { kind: 'string', text: text.slice(start, end) };
  }

  #number(start: number, signed: boolean): Token {
    const text = this.#text;
    let end = start + (signed ? 1 : 0);
    const digits = end;
    while (isDigit(text.charCodeAt(end))) end += 1;
    const count = end - digits;
    let odd = count > MAX_DIGITS;
    while (this.#wordPart(end) || (text[end] === '.' && isDigit(text.charCodeAt(end + 1)))) {
      odd = true;
      end += 1;
    }
    this.#at = end;
    const shown = text.slice(start, end);
    return odd ? { kind: 'odd', text: shown } : { kind: 'integer', value: BigInt(shown.replace('+', '')) };
  }

  #word(start: number): Token {
    const text = this.#text;
    let end = start + 1;
    while (this.#wordPart(end) || text[end] === '@') end += 1;
    this.#at = end;
    const word = text.slice(start, end);
    return /^[@#]/.test(word) ? { kind: 'odd', text: word } : { kind: 'word', text: word };
  }
}
