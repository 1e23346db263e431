/**
 * The lines of a block as steps: prompts with what is typed at them, verbs, and the answers below.
 *
 * Only what one line or one step tells by itself is checked here; what depends on the steps before it is `check.ts`'.
 */

import type { DialectName } from '../client/dialects.ts';
import { isDialect } from '../client/dialects.ts';
import { readInput } from '../client/input.ts';
import type { FrontMatter } from './front-matter.ts';
import type { Block } from './markdown.ts';
import { listed, type Mistakes } from './mistakes.ts';
import { type Action, type AnswerLine, isCompleted, type Step } from './scenario.ts';
import { typedCommand } from './typed.ts';
import { readVerb } from './verbs.ts';

const LABEL = String.raw`(?:\[([A-Za-z][A-Za-z0-9_]*)\] )?`;
const PROMPT = new RegExp(String.raw`^${LABEL}([A-Za-z][A-Za-z0-9_]*)(?:\([^)]*\))?(?: ?\[[^\]]*\])?>(?: +(.*))?$`);
const VERB = new RegExp(`^${LABEL}!(?: +(.*))?$`);
const MORE = /^\s*(?:->|'>|">|`>|\/?\*>)(?: (.*))?$/;
const DIALECT_LINE = /^@([A-Za-z]+)(?: (.*))?$/;

/** True for a line that is read as a prompt, a verb or one dialect's answer: as an answer it needs a `\` in front. */
export function looksLikeInput(line: string): boolean {
  const text = line.trimEnd();
  return PROMPT.test(text) || VERB.test(text) || DIALECT_LINE.test(text);
}

interface Draft {
  readonly line: number;
  readonly label: string | null;
  readonly action: Action;
  readonly anyOrder: boolean;
  inputEnd: number;
  readonly answer: AnswerLine[];
  readonly byDialect: Map<DialectName, AnswerLine[]>;
}

/** Where the reader stands: between steps, inside a step's answer, or inside a statement that has not ended. */
type Place =
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'answer'; readonly step: Draft }
  | {
      readonly kind: 'statement';
      readonly line: number;
      readonly label: string | null;
      readonly client: string;
      text: string;
    };

export function readSteps(block: Block, front: FrontMatter, mistakes: Mistakes): Step[] {
  const reader = new StepReader(front, mistakes);
  block.lines.forEach((line, index) => {
    reader.line(line.trimEnd(), block.first + index);
  });
  return reader.end(block.first + block.lines.length);
}

class StepReader {
  readonly #front: FrontMatter;
  readonly #mistakes: Mistakes;
  readonly #steps: Draft[] = [];
  #place: Place = { kind: 'nowhere' };
  /** The line of an `! any order` whose step has not come. */
  #anyOrder: number | null = null;

  constructor(front: FrontMatter, mistakes: Mistakes) {
    this.#front = front;
    this.#mistakes = mistakes;
  }

  line(text: string, line: number): void {
    if (this.#place.kind === 'statement') {
      this.#more(this.#place, text, line);
      return;
    }
    if (text === '') return;
    const prompt = PROMPT.exec(text);
    if (prompt !== null) {
      this.#prompt(line, prompt[1] ?? null, prompt[2]!, prompt[3] ?? '');
      return;
    }
    const verb = VERB.exec(text);
    if (verb !== null) this.#verb(line, verb[1] ?? null, verb[2] ?? '');
    else this.#output(line, text);
  }

  end(line: number): Step[] {
    if (this.#place.kind === 'statement') {
      this.#mistakes.add(
        this.#place.line,
        'this statement has no end before the block ends; it needs a `;`, `\\g` or `\\G`',
      );
    }
    if (this.#anyOrder !== null)
      this.#mistakes.add(this.#anyOrder, '`! any order` stands before a statement; none follows');
    if (this.#steps.length === 0 && this.#mistakes.list.length === 0) {
      this.#mistakes.add(line - 1, 'this block has no step; write a prompt, such as `alice> SELECT 1;`');
    }
    return this.#steps;
  }

  #prompt(line: number, label: string | null, shown: string, text: string): void {
    const name = shown.toLowerCase();
    this.#place = { kind: 'nowhere' };
    const declared = this.#front.clients.map((client) => client.name);
    // Where none could be read, that has been told.
    const untold = declared.length > 0 || this.#mistakes.list.length === 0;
    if (!declared.includes(name) && untold) {
      const known = declared.length === 0 ? 'the front matter declares no client' : `declared are ${listed(declared)}`;
      this.#mistakes.add(
        line,
        `\`${shown}\` is no client: ${known}. An answer that looks like a prompt starts with \`\\\``,
      );
      // What follows is read all the same, for its own mistakes.
    }
    if (isCompleted(text)) this.#step(line, line, label, { kind: 'completed', client: name });
    else this.#typed(line, line, label, name, text);
  }

  /** What has been typed at a prompt so far; a statement may go on in the next lines. */
  #typed(line: number, inputEnd: number, label: string | null, client: string, text: string): void {
    const input = readInput(text);
    switch (input.kind) {
      case 'nothing':
        break;
      case 'unfinished':
        this.#place = { kind: 'statement', line, label, client, text };
        break;
      case 'mistake':
        this.#mistakes.add(line, input.what);
        this.#step(line, inputEnd, label, { kind: 'input', client, command: { kind: 'ping' } });
        break;
      case 'command':
        this.#step(line, inputEnd, label, { kind: 'input', client, command: typedCommand(input.command) });
        break;
    }
  }

  #more(place: Place & { kind: 'statement' }, text: string, line: number): void {
    const more = MORE.exec(text);
    if (more !== null) {
      this.#typed(place.line, line, place.label, place.client, `${place.text}\n${more[1] ?? ''}`);
      return;
    }
    if (text === '') return;
    this.#mistakes.add(
      line,
      `the statement of line ${place.line} has not ended: it needs a \`;\`, or this line a \`    -> \` in front`,
    );
    this.#place = { kind: 'nowhere' };
    // A prompt is read on from here; an answer has no step to belong to, which need not be said as well.
    if (PROMPT.test(text) || VERB.test(text)) this.line(text, line);
    else this.#step(place.line, line, place.label, { kind: 'input', client: place.client, command: { kind: 'ping' } });
  }

  #verb(line: number, label: string | null, text: string): void {
    this.#place = { kind: 'nowhere' };
    const verb = readVerb(text, this.#front);
    if (verb.kind === 'mistake') {
      this.#mistakes.add(line, verb.what);
    } else if (verb.kind === 'any order') {
      if (this.#anyOrder !== null) this.#mistakes.add(line, '`! any order` stands twice before one step');
      this.#anyOrder = line;
    } else {
      this.#step(line, line, label, verb);
    }
  }

  #step(line: number, inputEnd: number, label: string | null, action: Action): void {
    const anyOrder = this.#anyOrder !== null;
    if (anyOrder && action.kind !== 'input' && action.kind !== 'completed') {
      this.#mistakes.add(line, '`! any order` stands before a statement, not before a verb');
    }
    if (
      anyOrder &&
      action.kind === 'input' &&
      action.command.kind === 'statement' &&
      action.command.form === 'vertical'
    ) {
      this.#mistakes.add(line, '`! any order` compares the rows of a box; the form of `\\G` has none. End it with `;`');
    }
    this.#anyOrder = null;
    const step: Draft = { line, inputEnd, label, action, anyOrder, answer: [], byDialect: new Map() };
    this.#steps.push(step);
    this.#place = { kind: 'answer', step };
  }

  #output(line: number, text: string): void {
    if (this.#place.kind !== 'answer') {
      this.#mistakes.add(line, `\`${text.trim()}\` is an answer, but no step stands above it`);
      return;
    }
    const step = this.#place.step;
    const own = DIALECT_LINE.exec(text);
    if (own === null) {
      step.answer.push({ line, text: unescapeLine(text) });
      return;
    }
    const dialect = own[1]!;
    if (!isDialect(dialect)) {
      this.#mistakes.add(line, `\`@${dialect}\` is no dialect; there are \`@obclient\`, \`@mariadb\` and \`@mysql\``);
      return;
    }
    const lines = step.byDialect.get(dialect) ?? [];
    lines.push({ line, text: unescapeLine(own[2] ?? '') });
    step.byDialect.set(dialect, lines);
  }
}

/** Takes the `\` off that makes a line an answer; `\{` keeps it, where it does that and makes the brace literal. */
function unescapeLine(text: string): string {
  return text.startsWith('\\') && !text.startsWith('\\{') ? text.slice(1) : text;
}

/** The line as it must be written in a page to be read as this answer. */
export function escapeLine(text: string): string {
  const literal = text.startsWith('\\') && !text.startsWith('\\{');
  return literal || looksLikeInput(text) ? `\\${text}` : text;
}
