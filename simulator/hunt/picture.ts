/**
 * A run as a picture: a line per event, a column per client, and one for the cluster. What clients ask, what they are
 * told, what is done to whom; for reading beside the page.
 */
import type { Result } from '../client/answer.ts';
import type { ShownError } from '../client/dialects.ts';
import type { Judge, Sight } from './judge.ts';
import type { Disturbance, Life, Request } from './life.ts';

const TIME = 9;
const MOST_WIDTH = 44;

export class Picture implements Judge {
  readonly #actors: readonly string[];
  readonly #rows: { readonly at: number; readonly actor: string; readonly text: string }[] = [];
  #sight: Sight | null = null;
  #began: number | null = null;

  constructor(actors: readonly string[]) {
    this.#actors = [...actors, 'faults'];
  }

  /** As a judge that blames nobody. */
  follow(sight: Sight): this {
    this.#sight = sight;
    return this;
  }

  greeted({ client, csId }: Life): void {
    this.#add(client, `connected, id ${csId}`);
  }

  asks(request: Request): void {
    if (request.step !== null) this.#add(request.life.client, `→ ${request.sql || request.kind}`);
  }

  answered(request: Request, results: readonly Result[]): void {
    if (request.step !== null) this.#add(request.life.client, `← ${results.map(resultText).join('; ')}`);
  }

  lost({ life }: Request, { code }: ShownError): void {
    this.#add(life.client, `✗ ERROR ${code}, connection lost`);
  }

  refused(client: string, _life: Life | null, { code }: ShownError): void {
    this.#add(client, `✗ ERROR ${code} at login`);
  }

  left({ client }: Life): void {
    this.#add(client, 'leaves');
  }

  disturbed({ kind, client }: Disturbance): void {
    this.#add('faults', client === null ? kind : `${kind} ${client}`);
  }

  quiet(): void {
    this.#add('faults', 'over; all is quiet');
  }

  #add(actor: string, text: string): void {
    const now = this.#sight!.now();
    this.#began ??= now;
    this.#rows.push({ at: now - this.#began, actor, text });
  }

  /** `end`: what the verdict says. */
  lines(end: string): string[] {
    const seen = this.#actors.filter((actor) => this.#rows.some((row) => row.actor === actor));
    const widths = seen.map((actor) => {
      const longest = this.#rows.reduce(
        (most, row) => (row.actor === actor ? Math.max(most, row.text.length) : most),
        actor.length,
      );
      return Math.min(longest, MOST_WIDTH);
    });
    const lines = [`${'ms'.padStart(TIME)}  ${seen.map((actor, i) => actor.padEnd(widths[i]!)).join('  ')}`.trimEnd()];
    for (const { at, actor, text } of this.#rows) {
      const place = seen.indexOf(actor);
      const indent = widths.slice(0, place).reduce((sum, width) => sum + width + 2, 0);
      const shown = text.length > MOST_WIDTH && place < seen.length - 1 ? `${text.slice(0, MOST_WIDTH - 1)}…` : text;
      lines.push(`${String(at).padStart(TIME)}  ${' '.repeat(indent)}${shown}`);
    }
    return [...lines, `${' '.repeat(TIME)}  ${end}`];
  }
}

function resultText(result: Result): string {
  switch (result.kind) {
    case 'ok':
      return 'OK';
    case 'error':
      return `ERROR ${result.error.code}`;
    case 'rows':
      return result.rows.length === 1 ? shortRow(result.rows[0]!) : `${result.rows.length} rows`;
    default:
      return result.kind;
  }
}

function shortRow(row: readonly (string | null)[]): string {
  return row.map((cell) => (cell === null ? 'NULL' : cell.length > 12 ? `${cell.slice(0, 11)}…` : cell)).join(' | ');
}
