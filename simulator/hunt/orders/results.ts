/**
 * What became of each step, in a word: `OK`, `2 rows`, an error's number, `2013`, `2006, OK` for a client that reconnects and
 * asks again, `waiting` for who never has an answer. Numbers and no texts: two orders are told apart by what a program sees.
 *
 * A follower of the scene, which says who is at which step, and a judge that blames nobody.
 */
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import type { Invariant, Judge } from '../judge.ts';
import { type Life, lastOf, type Request } from '../life.ts';
import type { Follower } from '../scene.ts';

/** A step that has no answer. */
export const WAITING_WORD = 'waiting';

/** How a step is told of; the other words are numbers of errors. */
const OK_WORD = 'OK';

export class Results implements Follower, Judge {
  /** For the witness. */
  readonly invariant: Invariant = { name: 'results', why: 'It blames nobody.', judge: () => this };
  /** What each client is at. */
  readonly #at = new Map<string, number>();
  /** By step. */
  readonly #words = new Map<number, string[]>();
  readonly #over = new Set<number>();
  readonly #printed: (step: number, client: string, lines: readonly string[]) => void;

  /** `printed` hears what each client prints. */
  constructor(printed: (step: number, client: string, lines: readonly string[]) => void) {
    this.#printed = printed;
  }

  /** Whether the step was answered. */
  isOver(step: number): boolean {
    return this.#over.has(step);
  }

  of(step: number): string {
    const words = this.#words.get(step) ?? [];
    if (!this.#over.has(step)) return [...words, WAITING_WORD].join(', ');
    return words.length === 0 ? OK_WORD : words.join(', ');
  }

  begins(step: number, client: string): void {
    this.#at.set(client, step);
    this.#words.set(step, []);
  }

  ended(step: number, client: string, lines: readonly string[]): void {
    this.#over.add(step);
    this.#at.delete(client);
    this.#printed(step, client, lines);
  }

  answered(request: Request, results: readonly Result[]): void {
    if (request.step !== null) this.#add(request.life.client, wordOf(lastOf(results)));
  }

  lost(request: Request, { code }: ShownError): void {
    if (request.step !== null) this.#add(request.life.client, String(code));
  }

  refused(client: string, _life: Life | null, { code }: ShownError): void {
    this.#add(client, String(code));
  }

  #add(client: string, word: string): void {
    const step = this.#at.get(client);
    if (step !== undefined) this.#words.get(step)!.push(word);
  }
}

function wordOf(result: Result | undefined): string {
  switch (result?.kind) {
    case 'error':
      return String(result.error.code);
    case 'rows':
      return result.rows.length === 1 ? '1 row' : `${result.rows.length} rows`;
    default:
      return OK_WORD;
  }
}
