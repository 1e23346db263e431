/**
 * Who asked what when, and what came back: a line each, and one hash over all of them.
 *
 * The lines are hashed in portions as they come, so a long run keeps only its last ones. Two runs are the same if and only
 * if their hashes are. Knows nothing of SQL.
 */
import type { Sha1 } from '../../../proxy/wire/scramble.ts';
import type { Outcome } from '../driver/dialect.ts';

/** Lines to a portion, and how many are kept to be looked at. */
const PORTION = 500;
const KEPT = 2000;

export interface Entry {
  /** Milliseconds since the fleet began. */
  readonly at: number;
  /** When the question was asked. */
  readonly since: number;
  readonly who: string;
  readonly threadId: number;
  readonly what: string;
  readonly outcome: Outcome;
}

export class History {
  readonly #sha1: Sha1;
  readonly #written: (text: string) => void;
  #digest: Buffer = Buffer.alloc(0);
  #portion: string[] = [];
  #kept: string[] = [];
  #count = 0;

  /** `written` gets the lines, in portions. */
  constructor(sha1: Sha1, written: (text: string) => void = ignore) {
    this.#sha1 = sha1;
    this.#written = written;
  }

  /** Lines noted so far. */
  get count(): number {
    return this.#count;
  }

  /** The last lines, the oldest first. */
  get last(): readonly string[] {
    return [...this.#kept, ...this.#portion].slice(-KEPT);
  }

  note(entry: Entry): void {
    this.#count += 1;
    this.#portion.push(lineOf(entry));
    if (this.#portion.length >= PORTION) this.#endPortion();
  }

  #endPortion(): void {
    this.#digest = this.#digestNow();
    this.#written(`${this.#portion.join('\n')}\n`);
    this.#kept = [...this.#kept, ...this.#portion].slice(-KEPT);
    this.#portion = [];
  }

  /** Ends the history: what is still to be written is. The hash of all lines, in hex. */
  close(): string {
    const hash = this.hash();
    if (this.#portion.length > 0) this.#endPortion();
    return hash;
  }

  /** Of all lines so far, in hex. */
  hash(): string {
    return this.#digestNow().toString('hex');
  }

  #digestNow(): Buffer {
    return this.#sha1(Buffer.concat([this.#digest, Buffer.from(this.#portion.join('\n'))]));
  }
}

function ignore(): void {}

/** `12.345 +3 ada7@56932 SELECT 1 → rows ["1"]`. */
function lineOf({ at, since, who, threadId, what, outcome }: Entry): string {
  const took = at === since ? '' : ` +${at - since}`;
  return `${at}${took} ${who}@${threadId} ${what} → ${outcomeText(outcome)}`;
}

function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'rows':
      return `rows ${outcome.rows.map((row) => JSON.stringify(row)).join(' ')}`;
    case 'ok':
      return `ok ${outcome.affectedRows}${outcome.lastInsertId === 0 ? '' : ` id ${outcome.lastInsertId}`}`;
    case 'prepared':
      return `prepared ${outcome.id} (${outcome.parameters})`;
    case 'error': {
      const { errno, code, sqlState, message } = outcome.error;
      return `error ${errno ?? '-'} ${code} ${sqlState} ${message}`;
    }
  }
}
