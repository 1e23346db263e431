/**
 * What the statements of a session reach: the log streams of the tables they name, and those that its transaction has
 * changed.
 *
 * Any observer of the tenant serves a table that another one leads: it asks the leader itself, and the client sees no
 * error. Without a leader the statement waits for one (observer.md §9.4). Knows neither the transaction nor its data.
 */
import { LeaderMissing, type LogStream, type LogStreams } from './log-streams.ts';
import { refuse } from './refusal.ts';
import type { Table } from './store.ts';

export class Reach {
  readonly #streams: LogStreams;
  readonly #server: number;
  /** Tables that the running statement has named and not reached for. */
  #named: Table[] = [];
  readonly #changed = new Set<LogStream>();
  /** Those among them that only the running statement has changed. */
  #fresh: LogStream[] = [];
  /** Whether one of the tables that the running statement has reached for is led here; null: it has named none. */
  #hit: boolean | null = null;

  constructor(streams: LogStreams, server: number) {
    this.#streams = streams;
    this.#server = server;
  }

  /** A statement begins, for the first time or after a wait. */
  begin(): void {
    this.#named.length = 0;
    this.#fresh.length = 0;
    this.#hit = null;
  }

  /** It has come to an observer that leads none of its tables: a proxy did not know better. */
  get missed(): boolean {
    return this.#hit === false;
  }

  /** What the statement did is taken back; it may have met a row that is locked, and have to wait. */
  undo(): void {
    for (const stream of this.#fresh) this.#changed.delete(stream);
    this.#fresh.length = 0;
  }

  name(table: Table): void {
    this.#named.push(table);
  }

  /**
   * The statement reads, or changes, the tables that it has named. A `LeaderMissing` if one of them has no leader now, a
   * `Refusal` 4038 where that is let out.
   */
  take(changes: boolean): void {
    for (const table of this.#named) {
      const stream = this.#streams.of(table.database, table.name);
      if (this.#streams.notMasterEscapes && stream.leader !== this.#server) throw refuse('NOT_MASTER');
      if (stream.leader === null) throw new LeaderMissing(stream);
      this.#hit = this.#hit === true || stream.leader === this.#server;
      if (!changes || this.#changed.has(stream)) continue;
      this.#changed.add(stream);
      this.#fresh.push(stream);
    }
    this.#named.length = 0;
  }

  /** The transaction that goes on has changed something there. */
  hasChanged(stream: LogStream): boolean {
    return this.#changed.has(stream);
  }

  /** The transaction is over. */
  forget(): void {
    this.#changed.clear();
  }
}
