/**
 * The grammar of REGEXP, as MySQL 5.7 documents it: Henry Spencer's extended expressions, with what servers before and
 * after it take besides (`\d`, `\w`, `\s`, `\b`, `(?:…)`, `+?`). References back and looks around are refused.
 *
 * A pattern becomes a program of few kinds of instruction (Thompson; `regexp.ts` runs it). Knows no text to match.
 */
import { refuse } from '../refusal.ts';
import { foldedWhole } from './collation.ts';

export type Assertion = 'start' | 'end' | 'word start' | 'word end' | 'word edge' | 'no word edge';

/** From one character to another, both with. */
export type Span = readonly [first: number, last: number];

export type Instruction =
  | { readonly kind: 'char'; readonly spans: readonly Span[]; readonly negated: boolean; readonly next: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'fork'; readonly next: number; readonly other: number }
  | { readonly kind: 'match' };

/** A pattern of repetitions inside repetitions would grow without end. */
const MOST_INSTRUCTIONS = 20_000;
/** RE_DUP_MAX of the library. */
const MOST_REPEATED = 255;
/** Brackets inside one another. */
const MOST_NESTED = 250;

const LAST = 0x10_ffff;
const ANY: readonly Span[] = [[0, LAST]];

function spansOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < text.length; i += 2) spans.push([text.charCodeAt(i), text.charCodeAt(i + 1)]);
  return spans;
}

const WORD = spansOf('azAZ09__');
const CLASSES: Readonly<Record<string, readonly Span[]>> = {
  alpha: spansOf('azAZ'),
  digit: spansOf('09'),
  alnum: spansOf('azAZ09'),
  upper: spansOf('AZ'),
  lower: spansOf('az'),
  space: spansOf('\t\r  '),
  blank: spansOf('\t\t  '),
  punct: spansOf('!/:@[`{~'),
  xdigit: spansOf('09afAF'),
  cntrl: spansOf('\0\x1f\x7f\x7f'),
  print: spansOf(' ~'),
  graph: spansOf('!~'),
};
/** Of no difference where case does not count. */
const CASES: ReadonlySet<string> = new Set(['upper', 'lower']);
const ESCAPED: Readonly<Record<string, readonly [spans: readonly Span[], negated: boolean]>> = {
  d: [CLASSES.digit!, false],
  D: [CLASSES.digit!, true],
  w: [WORD, false],
  W: [WORD, true],
  s: [CLASSES.space!, false],
  S: [CLASSES.space!, true],
};
const ESCAPED_ASSERTIONS: Readonly<Record<string, Assertion>> = { b: 'word edge', B: 'no word edge' };
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v' };

export function isWordCode(code: number): boolean {
  return WORD.some(([first, last]) => code >= first && code <= last);
}

/** The program of a pattern, and where it begins; for folded texts unless `exact`. A `Refusal` 1139 if it is none. */
export function parseRegexp(
  pattern: string,
  exact: boolean,
): { readonly program: readonly Instruction[]; readonly start: number } {
  const parser = new Parser([...(exact ? pattern : foldedPattern(pattern))], exact);
  const start = parser.whole();
  return { program: parser.program, start };
}

/** Classes and escapes keep their letters: `[[:alpha:]]`, `\d`. */
function foldedPattern(pattern: string): string {
  return pattern
    .split(/(\[:[<>a-z]*:\]|\\.)/s)
    .map((part, at) => (at % 2 === 1 ? part : foldedWhole(part)))
    .join('');
}

/** Built from its end: each part is told what comes behind it. */
type Part = (next: number) => number;

class Parser {
  readonly program: Instruction[] = [{ kind: 'match' }];
  readonly #text: readonly string[];
  readonly #exact: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: readonly string[], exact: boolean) {
    this.#text = text;
    this.#exact = exact;
  }

  whole(): number {
    const part = this.#alternatives();
    if (this.#at < this.#text.length) throw wrong('parentheses not balanced');
    return part(0);
  }

  #add(it: Instruction): number {
    if (this.program.length >= MOST_INSTRUCTIONS) throw wrong('out of memory');
    return this.program.push(it) - 1;
  }

  #take(wanted: string): boolean {
    if (this.#text[this.#at] !== wanted) return false;
    this.#at += 1;
    return true;
  }

  #alternatives(): Part {
    this.#depth += 1;
    if (this.#depth > MOST_NESTED) throw wrong('out of memory');
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    this.#depth -= 1;
    return (next) => {
      let at = branches.at(-1)!(next);
      for (let i = branches.length - 2; i >= 0; i -= 1)
        at = this.#add({ kind: 'fork', next: branches[i]!(next), other: at });
      return at;
    };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === '|' || next === ')') break;
      parts.push(this.#repeated(this.#one()));
    }
    return (next) => {
      let at = next;
      for (let i = parts.length - 1; i >= 0; i -= 1) at = parts[i]!(at);
      return at;
    };
  }

  #repeated(first: Part): Part {
    let part = first;
    for (;;) {
      const bounds = this.#bounds();
      if (bounds === null) return part;
      // Which of several matches is taken changes nothing: only whether there is one is asked.
      this.#take('?');
      const inner = part;
      part = (next) => this.#times(inner, bounds, next);
    }
  }

  /** Null if no repetition stands here. */
  #bounds(): readonly [least: number, most: number] | null {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const from = this.#at;
    if (!this.#take('{')) return null;
    const least = this.#number();
    const open = this.#take(',');
    const most = open ? (this.#number() ?? Number.POSITIVE_INFINITY) : least;
    // `{` is itself where no count follows.
    if (least === null || most === null || !this.#take('}')) {
      this.#at = from;
      return null;
    }
    if (least > MOST_REPEATED || (Number.isFinite(most) && (most > MOST_REPEATED || most < least))) {
      throw wrong('invalid repetition count(s)');
    }
    return [least, most];
  }

  #number(): number | null {
    let digits = '';
    while (/^\d$/.test(this.#text[this.#at] ?? '')) {
      digits += this.#text[this.#at]!;
      this.#at += 1;
    }
    return digits === '' ? null : Number(digits);
  }

  #times(part: Part, [least, most]: readonly [number, number], next: number): number {
    let at = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.#add({ kind: 'fork', next: 0, other: next });
      this.program[loop] = { kind: 'fork', next: part(loop), other: next };
      at = loop;
    } else {
      for (let i = least; i < most; i += 1) at = this.#add({ kind: 'fork', next: part(at), other: next });
    }
    for (let i = 0; i < least; i += 1) at = part(at);
    return at;
  }

  #one(): Part {
    const character = this.#text[this.#at]!;
    this.#at += 1;
    switch (character) {
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw wrong('repetition-operator operand invalid');
        const part = this.#alternatives();
        if (!this.#take(')')) throw wrong('parentheses not balanced');
        return part;
      }
      case '.':
        return this.#chars(ANY, false);
      case '^':
        return this.#assertion('start');
      case '$':
        return this.#assertion('end');
      case '*':
      case '+':
      case '?':
        throw wrong('repetition-operator operand invalid');
      case '[':
        return this.#bracket();
      case '\\':
        return this.#escaped();
      default:
        return this.#chars([[character.codePointAt(0)!, character.codePointAt(0)!]], false);
    }
  }

  #chars(spans: readonly Span[], negated: boolean): Part {
    return (next) => this.#add({ kind: 'char', spans, negated, next });
  }

  #assertion(what: Assertion): Part {
    return (next) => this.#add({ kind: 'assert', what, next });
  }

  #escaped(): Part {
    const character = this.#text[this.#at];
    if (character === undefined) throw wrong('trailing backslash (\\)');
    this.#at += 1;
    const known = ESCAPED[character];
    if (known !== undefined) return this.#chars(known[0], known[1]);
    const assertion = ESCAPED_ASSERTIONS[character];
    if (assertion !== undefined) return this.#assertion(assertion);
    if (/^[1-9]$/.test(character)) throw wrong('invalid backreference number');
    const code = this.#literal(character);
    return this.#chars([[code, code]], false);
  }

  /** What a character behind a backslash stands for. */
  #literal(character: string): number {
    return (CONTROLS[character] ?? (this.#exact ? character : foldedWhole(character))).codePointAt(0)!;
  }

  #bracket(): Part {
    const rest = this.#text.slice(this.#at, this.#at + 6).join('');
    if (rest === '[:<:]]' || rest === '[:>:]]') {
      this.#at += 6;
      return this.#assertion(rest === '[:<:]]' ? 'word start' : 'word end');
    }
    const negated = this.#take('^');
    const spans: Span[] = [];
    for (let first = true; first || !this.#take(']'); first = false) {
      if (this.#at >= this.#text.length) throw wrong('brackets ([ ]) not balanced');
      this.#member(spans);
    }
    return this.#chars(spans, negated);
  }

  /** A character, a range, a class. */
  #member(into: Span[]): void {
    if (this.#text[this.#at] === '[' && this.#text[this.#at + 1] === ':') {
      const end = this.#text.indexOf(']', this.#at);
      const name = this.#text.slice(this.#at + 2, Math.max(0, end - 1)).join('');
      const known = Object.hasOwn(CLASSES, name) ? CLASSES[name]! : null;
      if (known === null || this.#text[end - 1] !== ':') throw wrong('invalid character class');
      this.#at = end + 1;
      into.push(...(this.#exact || !CASES.has(name) ? known : CLASSES.alpha!));
      return;
    }
    const first = this.#memberCode(into);
    if (first === null) return;
    if (this.#text[this.#at] !== '-' || (this.#text[this.#at + 1] ?? ']') === ']') {
      into.push([first, first]);
      return;
    }
    this.#at += 1;
    const last = this.#memberCode(into);
    if (last === null || last < first) throw wrong('invalid character range');
    into.push([first, last]);
  }

  /** Null for `\d` and its like, which are put in. */
  #memberCode(into: Span[]): number | null {
    const character = this.#text[this.#at]!;
    this.#at += 1;
    const escaped = this.#text[this.#at];
    if (character !== '\\' || escaped === undefined) return character.codePointAt(0)!;
    this.#at += 1;
    const known = ESCAPED[escaped];
    if (known === undefined) return this.#literal(escaped);
    if (known[1]) throw wrong('invalid character class');
    into.push(...known[0]);
    return null;
  }
}

function wrong(what: string): Error {
  return refuse('WRONG_REGEXP', what);
}
