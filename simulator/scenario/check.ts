/**
 * What only the order of the steps tells, found while reading: who waits, which names are bound, which links are held, who
 * cannot be connected, who reads again; with `check-cluster.ts`, who is down.
 *
 * Walks the steps of one scenario, set-up included, as the runner will.
 */
import type { DialectName } from '../client/dialects.ts';
import { ClusterChecker } from './check-cluster.ts';
import type { FrontMatter } from './front-matter.ts';
import { cellsOf, isRow } from './lines.ts';
import { listed, type Mistakes } from './mistakes.ts';
import { readTemplate, type Template } from './names.ts';
import { type Action, type AnswerLine, answerFor, isWaiting, placeName, type Step } from './scenario.ts';
import { templatesOf } from './typed.ts';

/** Before a server of the clients' own kind, and before each whose own lines stand in the steps. */
export function checkSteps(steps: readonly Step[], front: FrontMatter, mistakes: Mistakes): void {
  const servers = new Set(steps.flatMap(({ byDialect }) => [...byDialect.keys()]));
  for (const server of [null, ...servers]) {
    // OceanBase's own is that of every client that says nothing else.
    if (server === 'obclient') continue;
    const checker = new Checker(front, mistakes, server);
    for (const step of steps) checker.step(step);
  }
}

class Checker {
  readonly #order: readonly string[];
  readonly #dialects: ReadonlyMap<string, DialectName>;
  readonly #mistakes: Mistakes;
  /** Client → the line in which it began to wait. */
  readonly #waiting = new Map<string, number>();
  readonly #bound = new Set<string>();
  readonly #labels = new Map<string, number>();
  readonly #held = new Set<string>();
  readonly #cluster = new ClusterChecker();
  /** Clients that may be connected: whether they are, only the run tells. */
  readonly #connected = new Set<string>();
  /** Client → the line in which it was closed last. */
  readonly #closed = new Map<string, number>();
  /** Client → the line in which it stopped reading. */
  readonly #stalled = new Map<string, number>();
  /** The place in the order of declaration of the completion just above; −1 if the step above is none. */
  #completed = -1;
  /** Invariants are asked for in place of answers. */
  readonly #judged: boolean;

  /** `server`: the dialect of the server, whose lines hold for everybody; null is one that has none of its own. */
  constructor(front: FrontMatter, mistakes: Mistakes, server: DialectName | null) {
    this.#order = front.clients.map((client) => client.name);
    this.#dialects = new Map(front.clients.map((client) => [client.name, server ?? client.dialect]));
    this.#mistakes = mistakes;
    this.#judged = front.invariants.length > 0;
  }

  step(step: Step): void {
    this.#label(step);
    this.#before(step);
    this.#connection(step.line, step.action);
    this.#names(step);
    this.#after(step);
    const [first] = step.answer;
    if (this.#judged && (first !== undefined || step.action.kind === 'completed')) {
      const line = first?.line ?? step.line;
      this.#mistakes.add(line, 'a page with `invariants` says what must hold, and compares no answers: take this away');
    }
  }

  #label(step: Step): void {
    if (step.label === null) return;
    const before = this.#labels.get(step.label);
    if (before === undefined) this.#labels.set(step.label, step.line);
    else this.#mistakes.add(step.line, `the label [${step.label}] stands twice; the first is in line ${before}`);
  }

  #before(step: Step): void {
    const { action } = step;
    if (action.kind === 'completed') {
      this.#completion(step, action.client);
      return;
    }
    this.#completed = -1;
    const client = 'client' in action ? action.client : null;
    const since = client === null ? undefined : this.#waiting.get(client);
    if (action.kind === 'input' && action.command.kind === 'interrupt') {
      if (since === undefined) {
        this.#mistakes.add(step.line, `\`^C\` while ${client} waits for nothing; it needs a \`<waiting …>\` above`);
      }
    } else if (since !== undefined && NEEDS_NO_TASK.has(action.kind)) {
      const how = `\`${client}> <… completed>\`, or \`! close ${client}\``;
      this.#mistakes.add(
        step.line,
        `${client} still waits for the answer of line ${since}; above this line stands ${how}`,
      );
    } else if (action.kind === 'close' || action.kind === 'reset') {
      this.#waiting.delete(action.client);
    } else if (action.kind === 'hold' || action.kind === 'release') {
      this.#link(step, action);
    }
    const wrong = this.#cluster.step(action);
    if (wrong !== null) this.#mistakes.add(step.line, wrong);
  }

  #connection(line: number, action: Action): void {
    switch (action.kind) {
      case 'input':
        if (action.command.kind === 'quit') this.#connected.delete(action.client);
        else if (action.command.kind !== 'flags') this.#connected.add(action.client);
        break;
      case 'open':
      case 'login':
        this.#connected.add(action.client);
        break;
      case 'close':
      case 'reset': {
        const before = this.#closed.get(action.client);
        const why = before === undefined ? 'no line above connects it' : `it was closed in line ${before}, or has quit`;
        if (!this.#connected.delete(action.client)) {
          this.#mistakes.add(line, `${action.client} is not connected here: ${why}`);
        }
        this.#closed.set(action.client, line);
        break;
      }
      case 'half-close':
        if (this.#connected.has(action.client)) break;
        this.#mistakes.add(line, `${action.client} is not connected here: it has no side to end`);
        break;
      case 'stall': {
        const since = this.#stalled.get(action.client);
        if (since !== undefined)
          this.#mistakes.add(line, `${action.client} has stopped reading already, in line ${since}`);
        this.#stalled.set(action.client, line);
        break;
      }
      case 'read':
        if (this.#stalled.delete(action.client)) break;
        this.#mistakes.add(line, `${action.client} reads; above must stand \`! stall ${action.client}\``);
        break;
    }
  }

  #completion(step: Step, client: string): void {
    if (!this.#waiting.delete(client)) {
      this.#mistakes.add(
        step.line,
        `${client} waits for nothing here; above must stand a \`<waiting …>\` of ${client}`,
      );
    }
    const place = this.#order.indexOf(client);
    if (place < this.#completed) {
      const before = this.#order[this.#completed];
      this.#mistakes.add(
        step.line,
        `completions stand in the order in which clients are declared: ${client} before ${before}`,
      );
    }
    this.#completed = Math.max(place, this.#completed);
  }

  #link(step: Step, action: Action & { kind: 'hold' | 'release' }): void {
    const link = `${placeName(action.from)} -> ${placeName(action.to)}`;
    if (action.kind === 'hold') {
      if (this.#held.has(link)) this.#mistakes.add(step.line, `${link} is held already`);
      this.#held.add(link);
    } else if (!this.#held.delete(link)) {
      this.#mistakes.add(step.line, `${link} is not held; above must stand \`! hold ${link}\``);
    }
  }

  #answer(step: Step): readonly AnswerLine[] {
    const { action } = step;
    const dialect = 'client' in action ? this.#dialects.get(action.client) : undefined;
    return dialect === undefined ? step.answer : answerFor(step, dialect);
  }

  #names(step: Step): void {
    const { action } = step;
    if (action.kind === 'input') {
      for (const template of templatesOf(action.command)) this.#used(step.line, template);
    }
    for (const { line, text } of this.#answer(step)) {
      const templates = isRow(text) ? cellsOf(text).map(readTemplate) : [readTemplate(text)];
      for (const template of templates) this.#expected(line, template);
    }
  }

  /** Names in a statement must be bound. */
  #used(line: number, template: Template): void {
    for (const part of template) {
      if (typeof part === 'string') continue;
      if (part.kind === 'any' || part.kind === 'new') {
        this.#mistakes.add(
          line,
          'a statement takes names that are bound above; `{_}` and `{new != old}` stand in answers',
        );
      } else if (part.name.includes('.')) {
        this.#idOf(line, part.name);
      } else if (!this.#bound.has(part.name)) {
        this.#mistakes.add(
          line,
          `{${part.name}} is not bound above; an answer must show it first. A brace alone is written \`\\{\``,
        );
      }
    }
  }

  /** `{ada.cs}`: an id of a client, which only a page with `invariants` knows without asking. */
  #idOf(line: number, name: string): void {
    const [client = ''] = name.split('.');
    if (!this.#judged) {
      this.#mistakes.add(line, `{${name}} is for pages with \`invariants\`; here an answer must show the id first`);
    } else if (!this.#order.includes(client)) {
      this.#mistakes.add(line, `{${name}}: \`${client}\` is no client; declared are ${listed(this.#order)}`);
    }
  }

  /** Names in an answer bind, but for what they are compared with. */
  #expected(line: number, template: Template): void {
    let open = false;
    for (const part of template) {
      const free = typeof part !== 'string' && (part.kind === 'any' || !this.#bound.has(part.name));
      if (free && open)
        this.#mistakes.add(line, 'two names with nothing between them: nobody knows where the first ends');
      open = free;
      if (typeof part === 'string' || part.kind === 'any') continue;
      const needed = part.kind === 'new' ? part.old : part.kind === 'int64' ? part.name : null;
      if (needed !== null && !this.#bound.has(needed)) {
        this.#mistakes.add(line, `{${needed}} is not bound above; an answer must show it first`);
      }
      this.#bound.add(part.name);
    }
  }

  #after(step: Step): void {
    const { action } = step;
    const answer = this.#answer(step);
    const at = answer.findIndex(({ text }) => isWaiting(text));
    if (at < 0) return;
    const line = answer[at]!.line;
    const interrupt = action.kind === 'input' && action.command.kind === 'interrupt';
    if (answer.length > 1) {
      this.#mistakes.add(line, '`<waiting …>` is a whole answer; what comes later stands below `<… completed>`');
    } else if (interrupt || !WAITS.has(action.kind)) {
      this.#mistakes.add(line, 'only a statement, `! open` and `! login` can wait');
    } else if ('client' in action) {
      this.#waiting.set(action.client, step.line);
    }
  }
}

/** Actions that a client can only take when it waits for nothing. */
const NEEDS_NO_TASK: ReadonlySet<Action['kind']> = new Set<Action['kind']>(['input', 'open', 'login']);
const WAITS: ReadonlySet<Action['kind']> = NEEDS_NO_TASK;
