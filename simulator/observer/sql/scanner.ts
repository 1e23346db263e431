/**
 * Tokens of SQL text: words, quoted names, numbers, strings, variables, operators.
 *
 * One pass over character codes, a token at a time, positions kept: a column is named by the text as typed, an error
 * names the text from the offending token on. Knows no grammar, no keyword's meaning.
 */

export type TokenKind =
  /** A bare word; `text` is as typed, `upper` in capitals. */
  | 'word'
  /** A name in backquotes, or in double quotes if they mean that; `text` is the name. */
  | 'quoted'
  /** Digits only. */
  | 'integer'
  /** Digits with a point. */
  | 'decimal'
  /** Digits with an exponent. */
  | 'float'
  /** `text` is the value, adjoining strings joined. */
  | 'string'
  /** `x'…'`, `0x…`, `b'…'` and `0b…`; `text` is the digits, an even count. */
  | 'bytes'
  /** `@name`; `text` is the name, in small letters (user variables do not tell case apart). */
  | 'user'
  /** `@@`; the words behind it are tokens of their own. */
  | 'system'
  /** An operator or a mark of punctuation; `text` is itself. */
  | 'mark'
  /** Nothing more, or something that is no token (an open string): then `text` is not empty. */
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** For words: the text in capitals; else `''`. */
  readonly upper: string;
  readonly start: number;
  readonly end: number;
}

const TAB = 9;
const NEWLINE = 10;
const BLANK = 32;
const DOUBLE = 34;
const HASH = 35;
const SINGLE = 39;
const STAR = 42;
const DASH = 45;
const POINT = 46;
const SLASH = 47;
const BANG = 33;
const AT = 64;
const BACKSLASH = 92;
const BACKQUOTE = 96;

/** Operators of more than one character, longest first. */
const LONG_MARKS: readonly string[] = ['<=>', '<<', '>>', '<=', '>=', '<>', '!=', ':=', '&&', '||'];

/** What stands for a character after a backslash; any other character stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  // For LIKE: the backslash stays.
  '%': '\\%',
  _: '\\_',
};

const HEX_WORD = /^0x[0-9a-fA-F]+$/;
const BIT_WORD = /^0b[01]+$/;

/** Eight bits are a byte; those that are missing in front are 0. */
function hexOfBits(bits: string): string {
  const whole = bits.padStart(Math.ceil(bits.length / 8) * 8, '0');
  return whole.replaceAll(/[01]{4}/g, (four) => Number.parseInt(four, 2).toString(16));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters, digits, `_`, `$`, and all beyond ASCII. */
function isWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code >= 128
  );
}

/** What of sql_mode changes how a text is read. */
export interface Spelling {
  /** `"…"` is a name. */
  readonly ansiQuotes: boolean;
  /** A backslash is a character like any other. */
  readonly noBackslashEscapes: boolean;
  /** `||` is CONCAT. */
  readonly pipesAsConcat: boolean;
}

export const PLAIN_SPELLING: Spelling = { ansiQuotes: false, noBackslashEscapes: false, pipesAsConcat: false };

export class Scanner {
  readonly text: string;
  readonly #spelling: Spelling;
  #at: number;
  /** Inside a comment of the form that MySQL executes: its end is to be skipped. */
  #executed = false;
  /** Where a comment without an end begins; −1 if there is none. */
  #openComment = -1;

  constructor(text: string, at = 0, spelling = PLAIN_SPELLING) {
    this.text = text;
    this.#spelling = spelling;
    this.#at = at;
  }

  next(): Token {
    this.#skip();
    const start = this.#at;
    const text = this.text;
    if (this.#openComment >= 0) return this.#token('end', this.#openComment, text.slice(this.#openComment));
    // The end of a comment that is executed must come; what is missing stands at the end.
    if (start >= text.length) return this.#token('end', start, this.#executed ? '*/' : '');
    const code = text.charCodeAt(start);
    if (isDigit(code) || (code === POINT && isDigit(text.charCodeAt(start + 1)))) return this.#number(start);
    if (isWord(code)) return this.#word(start);
    if (this.#isQuote(code)) return this.#string(start);
    if (code === BACKQUOTE || code === DOUBLE) return this.#name(start, 'quoted', start);
    if (code === AT) return this.#variable(start);
    for (const mark of LONG_MARKS) {
      if (text.startsWith(mark, start)) {
        this.#at = start + mark.length;
        return this.#token('mark', start, mark);
      }
    }
    this.#at = start + 1;
    return this.#token('mark', start, text[start]!);
  }

  #token(kind: TokenKind, start: number, text: string): Token {
    return { kind, text, upper: '', start, end: this.#at };
  }

  /** What cannot be a token (an open string, an open name) ends the statement; its text is what stands there. */
  #broken(start: number): Token {
    this.#at = this.text.length;
    return this.#token('end', start, this.text.slice(start));
  }

  /** Blanks and comments. */
  #skip(): void {
    const text = this.text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === BLANK || (code >= TAB && code <= 13)) {
        this.#at += 1;
      } else if (code === HASH || (code === DASH && this.#isDashComment())) {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end + 1;
      } else if (code === SLASH && text.charCodeAt(this.#at + 1) === STAR) {
        if (text.charCodeAt(this.#at + 2) === BANG) {
          this.#executed = true;
          this.#at += 3;
          while (isDigit(text.charCodeAt(this.#at))) this.#at += 1;
        } else {
          const end = text.indexOf('*/', this.#at + 2);
          if (end < 0) this.#openComment = this.#at;
          this.#at = end < 0 ? text.length : end + 2;
        }
      } else if (this.#executed && code === STAR && text.charCodeAt(this.#at + 1) === SLASH) {
        this.#executed = false;
        this.#at += 2;
      } else {
        return;
      }
    }
  }

  /** `--` begins a comment only before a blank or the end of the text. */
  #isDashComment(): boolean {
    const text = this.text;
    if (text.charCodeAt(this.#at + 1) !== DASH) return false;
    const behind = text.charCodeAt(this.#at + 2);
    return Number.isNaN(behind) || behind <= BLANK;
  }

  #word(start: number): Token {
    const text = this.text;
    let at = start + 1;
    while (isWord(text.charCodeAt(at))) at += 1;
    this.#at = at;
    const word = text.slice(start, at);
    if (HEX_WORD.test(word)) return this.#bytes(start, word.slice(2));
    if (BIT_WORD.test(word)) return this.#bytes(start, hexOfBits(word.slice(2)));
    if ((word === 'x' || word === 'X') && text.charCodeAt(at) === SINGLE) {
      const digits = this.#quoted(at);
      return digits !== null && /^(?:[0-9a-fA-F]{2})*$/.test(digits) ? this.#bytes(start, digits) : this.#broken(start);
    }
    if ((word === 'b' || word === 'B') && text.charCodeAt(at) === SINGLE) {
      const bits = this.#quoted(at);
      return bits !== null && /^[01]*$/.test(bits) ? this.#bytes(start, hexOfBits(bits)) : this.#broken(start);
    }
    return { kind: 'word', text: word, upper: word.toUpperCase(), start, end: at };
  }

  #bytes(start: number, digits: string): Token {
    return this.#token('bytes', start, digits.length % 2 === 0 ? digits : `0${digits}`);
  }

  #number(start: number): Token {
    const text = this.text;
    let at = start;
    while (isDigit(text.charCodeAt(at))) at += 1;
    let kind: TokenKind = 'integer';
    if (text.charCodeAt(at) === POINT) {
      kind = 'decimal';
      at += 1;
      while (isDigit(text.charCodeAt(at))) at += 1;
    }
    const exponent = /^[eE][+-]?\d+/.exec(text.slice(at, at + 8));
    if (exponent !== null) {
      kind = 'float';
      at += exponent[0].length;
    }
    this.#at = at;
    // `1abc` is a word: names may begin with digits.
    if (kind === 'integer' && isWord(text.charCodeAt(at))) return this.#word(start);
    return this.#token(kind, start, text.slice(start, at));
  }

  /** A string begins. */
  #isQuote(code: number): boolean {
    return code === SINGLE || (code === DOUBLE && !this.#spelling.ansiQuotes);
  }

  #string(start: number): Token {
    const value = this.#quoted(start);
    if (value === null) return this.#broken(start);
    let whole = value;
    for (;;) {
      const end = this.#at;
      const executed = this.#executed;
      this.#skip();
      const code = this.text.charCodeAt(this.#at);
      const more = this.#isQuote(code) ? this.#quoted(this.#at) : null;
      if (more === null) {
        // What was skipped is skipped again, with the end of a comment that is executed.
        this.#at = end;
        this.#executed = executed;
        this.#openComment = -1;
        return this.#token('string', start, whole);
      }
      whole += more;
    }
  }

  /** The value of the string that starts at `start`; null if it has no end. */
  #quoted(start: number): string | null {
    const text = this.text;
    const quote = text.charCodeAt(start);
    let value = '';
    let from = start + 1;
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH && !this.#spelling.noBackslashEscapes && at + 1 < text.length) {
        const next = text[at + 1]!;
        value += text.slice(from, at) + (ESCAPES[next] ?? next);
        at += 1;
        from = at + 1;
      } else if (code === quote) {
        if (text.charCodeAt(at + 1) !== quote) {
          this.#at = at + 1;
          return value + text.slice(from, at);
        }
        value += text.slice(from, at + 1);
        at += 1;
        from = at + 1;
      }
    }
    return null;
  }

  /** A name in backquotes (or double ones), which are doubled inside. */
  #name(start: number, kind: TokenKind, tokenStart: number): Token {
    const text = this.text;
    const quote = text[start]!;
    let at = start + 1;
    for (;;) {
      at = text.indexOf(quote, at);
      if (at < 0) return this.#broken(tokenStart);
      if (text[at + 1] !== quote) break;
      at += 2;
    }
    this.#at = at + 1;
    return this.#token(kind, tokenStart, text.slice(start + 1, at).replaceAll(quote + quote, quote));
  }

  #variable(start: number): Token {
    const text = this.text;
    const code = text.charCodeAt(start + 1);
    if (code === AT) {
      this.#at = start + 2;
      return this.#token('system', start, '@@');
    }
    if (code === BACKQUOTE) {
      const name = this.#name(start + 1, 'user', start);
      return { ...name, text: name.text.toLowerCase() };
    }
    if (code === SINGLE || code === DOUBLE) {
      const name = this.#quoted(start + 1);
      return name === null ? this.#broken(start) : this.#token('user', start, name.toLowerCase());
    }
    let at = start + 1;
    while (isWord(text.charCodeAt(at)) || text.charCodeAt(at) === POINT) at += 1;
    this.#at = at;
    return this.#token('user', start, text.slice(start + 1, at).toLowerCase());
  }
}

/** The line, from 1, on which a position of a text stands. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = 0; at < position; at += 1) if (text.charCodeAt(at) === NEWLINE) line += 1;
  return line;
}
