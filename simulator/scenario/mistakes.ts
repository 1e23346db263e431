/**
 * What is wrong in a scenario page, found before anything runs: `file:line: what is wrong, and what would be right`.
 *
 * Collected, not thrown: a page tells all its mistakes at once.
 */

export interface Mistake {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

export function printMistake(mistake: Mistake): string {
  return `${mistake.file}:${mistake.line}: ${mistake.what}`;
}

/** The mistakes of one page. */
export class Mistakes {
  readonly list: Mistake[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  add(line: number, what: string): void {
    this.list.push({ file: this.#file, line, what });
  }
}

/** `a, b and c`, each in backticks: for "there are …". */
export function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
