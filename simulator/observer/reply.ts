/**
 * The answer to one request, in the form that its peer expects (observer.md §5, decisions.md 14–15).
 *
 * Towards a proxy every ERR and every final EOF is followed by exactly one OK, in the same write; nothing follows an OK.
 * Towards a client it is plain MySQL. Knows no statement.
 */
import { OBSERVER_OK_STATUS, STATUS } from '../../proxy/wire/constants.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { type Err, type Ok, PLAIN_OK, writeEof, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { type Cell, type Column, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';
import type { SessionContext } from './context.ts';
import type { Peer } from './peer.ts';

/** The count of warnings has two bytes. */
const MOST_WARNINGS = 0xffff;

export class Reply {
  readonly out: PacketWriter;
  readonly #context: SessionContext;
  readonly #peer: Peer;

  /** `sequence`: of the first packet. */
  constructor(context: SessionContext, sequence: number) {
    this.out = new PacketWriter(sequence);
    this.#context = context;
    this.#peer = context.identity.peer;
  }

  /** `more`: another result follows; then nothing is reported yet. */
  ok(affectedRows: number, message: string, more = false): void {
    this.#writeOk({
      ...PLAIN_OK,
      affectedRows,
      lastInsertId: this.#context.insertedId,
      message,
      warnings: this.#warnings,
      status: this.#okStatus(more),
      state: more ? null : this.#context.variables.takeReport(this.#peer),
    });
  }

  err(err: Err): void {
    writeErr(this.out, err);
    this.#extraOk();
  }

  head(columns: readonly Column[]): void {
    writeColumnCount(this.out, columns.length);
    for (const it of columns) writeColumn(this.out, it);
    writeEof(this.out, this.#eofStatus(false), this.#warnings);
  }

  row(cells: readonly Cell[]): void {
    writeRow(this.out, cells);
  }

  /** The EOF behind rows, or behind a list of columns. */
  eof(more = false): void {
    writeEof(this.out, this.#eofStatus(more), this.#warnings);
    if (!more) this.#extraOk();
  }

  /** The string of COM_STATISTICS; its OK only if the proxy asked for it. */
  text(text: string): void {
    this.out.packet(Buffer.from(text));
    if (this.#peer.kind === 'proxy' && this.#peer.statisticsOk) this.#extraOk();
  }

  #extraOk(): void {
    if (this.#peer.kind !== 'proxy') return;
    const state = this.#context.variables.takeReport(this.#peer);
    writeObserverOk(this.out, { ...PLAIN_OK, status: this.#okStatus(false), state });
  }

  #writeOk(ok: Ok): void {
    if (this.#peer.kind === 'proxy') {
      writeObserverOk(this.out, ok);
      return;
    }
    const status = ok.state === null ? ok.status : ok.status | STATUS.SESSION_STATE_CHANGED;
    writeOk(this.out, { ...ok, status }, this.#peer.tracks);
  }

  get #warnings(): number {
    return Math.min(MOST_WARNINGS, this.#context.warnings.told);
  }

  /** NO_INDEX_USED always; AUTOCOMMIT while it is on. */
  #okStatus(more: boolean): number {
    const base = this.#context.autocommit ? OBSERVER_OK_STATUS : OBSERVER_OK_STATUS & ~STATUS.AUTOCOMMIT;
    return base | this.#progress(more);
  }

  /** AUTOCOMMIT always, off or on (observer.md §5). */
  #eofStatus(more: boolean): number {
    return STATUS.AUTOCOMMIT | this.#progress(more);
  }

  #progress(more: boolean): number {
    return (this.#context.transaction.isOpen ? STATUS.IN_TRANS : 0) | (more ? STATUS.MORE_RESULTS : 0);
  }
}
