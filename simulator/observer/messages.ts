/**
 * The warnings and errors that a statement leaves, for SHOW WARNINGS, SHOW ERRORS and the counts in OK and EOF.
 *
 * Statements that only look at them leave them as they are.
 */
import type { Err } from '../../proxy/wire/ok.ts';

export interface Message {
  readonly level: 'Note' | 'Warning' | 'Error';
  readonly code: number;
  readonly text: string;
}

/** `max_error_count`. */
const MOST_KEPT = 64;

export class Messages {
  #kept: Message[] = [];
  /** What the statement before left: what SHOW WARNINGS shows, and what has begun does not hide. */
  #total = 0;
  #errors = 0;
  #areKept = false;

  get kept(): readonly Message[] {
    return this.#kept;
  }

  /** All of them, kept or not. */
  get count(): number {
    return this.#total;
  }

  get errors(): number {
    return this.#errors;
  }

  /** What OK and EOF say. */
  get told(): number {
    return this.#areKept ? 0 : this.#total;
  }

  /** Something begins. What keeps those of the statement before tells of none itself. */
  begin(areKept: boolean): void {
    this.#areKept = areKept;
    if (!areKept) this.#clear();
  }

  add(level: Message['level'], { code, message }: Err): void {
    this.#total += 1;
    if (level === 'Error') this.#errors += 1;
    if (this.#kept.length < MOST_KEPT) this.#kept.push({ level, code, text: message });
  }

  #clear(): void {
    if (this.#total === 0) return;
    this.#kept = [];
    this.#total = 0;
    this.#errors = 0;
  }
}
