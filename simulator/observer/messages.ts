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

  /** A statement that looks at them tells of none itself. */
  isLookedAt = false;

  /** What OK and EOF say. */
  get told(): number {
    return this.isLookedAt ? 0 : this.#total;
  }

  add(level: Message['level'], { code, message }: Err): void {
    this.#total += 1;
    if (level === 'Error') this.#errors += 1;
    if (this.#kept.length < MOST_KEPT) this.#kept.push({ level, code, text: message });
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#kept = [];
    this.#total = 0;
    this.#errors = 0;
  }
}
