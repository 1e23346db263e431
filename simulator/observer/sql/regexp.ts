/**
 * Matching a regular expression in a time that grows with the text and never faster (Thompson's simulation: all states
 * that the text so far may have led to are kept side by side, so nothing is ever tried twice).
 *
 * Says how much work it is while it is done: a pattern has many states. Knows no SQL.
 */
import { CHARACTERS_OF_TURN, foldedWhole, type Spender } from './collation.ts';
import { type Assertion, type Instruction, isWordCode, parseRegexp, type Span } from './regexp-parser.ts';

/** What stands for no character, before the text and behind it. */
const NONE = -1;

export class Regexp {
  readonly #program: readonly Instruction[];
  readonly #start: number;
  readonly #exact: boolean;
  /** The states of this place and of the next, and where each was noted last. */
  #now: number[] = [];
  #later: number[] = [];
  readonly #noted: Int32Array;
  #work = 0;

  /** `exact`: case and accents count. A `Refusal` 1139 if the pattern is none. */
  constructor(pattern: string, exact: boolean) {
    const { program, start } = parseRegexp(pattern, exact);
    this.#program = program;
    this.#start = start;
    this.#exact = exact;
    this.#noted = new Int32Array(program.length);
  }

  /** True if it matches somewhere in the text. */
  test(text: string, effort: Spender): boolean {
    const whole = this.#exact ? text : foldedWhole(text);
    this.#noted.fill(-1);
    this.#now = [];
    let before = NONE;
    let place = 0;
    for (let at = 0; ; place += 1) {
      const code = at < whole.length ? whole.codePointAt(at)! : NONE;
      // It may begin at each place.
      if (this.#follow(this.#start, place, before, code, this.#now)) return true;
      if (this.#work >= CHARACTERS_OF_TURN) {
        effort.spend(Math.ceil(this.#work / 4));
        this.#work = 0;
      }
      if (code === NONE) return false;
      at += code > 0xffff ? 2 : 1;
      if (this.#step(code, place + 1, at < whole.length ? whole.codePointAt(at)! : NONE)) return true;
      before = code;
    }
  }

  /** Takes a character; true if that was the end of a match. */
  #step(code: number, place: number, behind: number): boolean {
    this.#later.length = 0;
    for (const state of this.#now) {
      this.#work += 1;
      const it = this.#program[state]!;
      if (it.kind !== 'char' || isIn(code, it.spans) === it.negated) continue;
      if (this.#follow(it.next, place, code, behind, this.#later)) return true;
    }
    [this.#now, this.#later] = [this.#later, this.#now];
    return false;
  }

  /** Notes all states that are reached without a character; true if the end is among them. */
  #follow(from: number, place: number, before: number, behind: number, into: number[]): boolean {
    const open = [from];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (this.#noted[state] === place) continue;
      this.#noted[state] = place;
      this.#work += 1;
      const it = this.#program[state]!;
      switch (it.kind) {
        case 'match':
          return true;
        case 'fork':
          open.push(it.other, it.next);
          break;
        case 'assert':
          if (holds(it.what, before, behind)) open.push(it.next);
          break;
        case 'char':
          into.push(state);
          break;
      }
    }
    return false;
  }
}

function isIn(code: number, spans: readonly Span[]): boolean {
  for (const [first, last] of spans) if (code >= first && code <= last) return true;
  return false;
}

function holds(what: Assertion, before: number, behind: number): boolean {
  const left = isWordCode(before);
  const right = isWordCode(behind);
  switch (what) {
    case 'start':
      return before === NONE;
    case 'end':
      return behind === NONE;
    case 'word start':
      return !left && right;
    case 'word end':
      return left && !right;
    case 'word edge':
      return left !== right;
    case 'no word edge':
      return left === right;
  }
}
