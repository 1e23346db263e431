/**
 * The answer to one request, in the form that its peer expects (observer.md §5, decisions.md 14–15).
 *
 * Towards a proxy every ERR and every final EOF is followed by exactly one OK, in the same write; nothing follows an OK.
 * Towards a client it is plain MySQL. Knows no statement.
 */
import { writeBinaryRow } from '../../proxy/wire/binary-row.ts';
import { CHARSET, COLUMN, OBSERVER_OK_STATUS, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { type Err, type Ok, PLAIN_OK, writeEof, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { writePrepareOk } from '../../proxy/wire/prepared.ts';
import {
  type Cell,
  type Column,
  column,
  writeColumn,
  writeColumnCount,
  writeRow,
} from '../../proxy/wire/result-set.ts';
import type { SessionContext } from './context.ts';
import type { Peer } from './peer.ts';

/** What a `?` is, before a value is bound to it. */
const PARAMETER = column('?', TYPE.VAR_STRING, { orgName: '', charset: CHARSET.BINARY, flags: COLUMN.BINARY });

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

  /** A row of a prepared statement's result. */
  binaryRow(columns: readonly Column[], cells: readonly Cell[]): void {
    writeBinaryRow(this.out, columns, cells);
  }

  /** The EOF behind rows, or behind a list of columns; `flags` tell of a cursor. */
  eof(more = false, flags = 0): void {
    writeEof(this.out, this.#eofStatus(more) | flags, this.#warnings);
    if (!more) this.#extraOk();
  }

  /** The columns of a result whose rows will be fetched. */
  cursor(columns: readonly Column[]): void {
    writeColumnCount(this.out, columns.length);
    for (const it of columns) writeColumn(this.out, it);
    this.eof(false, STATUS.CURSOR_EXISTS);
  }

  /** A statement has been prepared; the extra OK ends it whatever it has (decisions.md 14). */
  prepared(id: number, parameters: number, columns: readonly Column[]): void {
    writePrepareOk(this.out, { id, parameters, columns: columns.length, warnings: this.#warnings });
    for (let i = 0; i < parameters; i += 1) writeColumn(this.out, PARAMETER);
    if (parameters > 0) writeEof(this.out, this.#eofStatus(false), this.#warnings);
    for (const it of columns) writeColumn(this.out, it);
    if (columns.length > 0) writeEof(this.out, this.#eofStatus(false), this.#warnings);
    this.#extraOk();
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
    return base | this.#progress(more) | this.#spelling;
  }

  /** NO_BACKSLASH_ESCAPES, which only clients hear of that are none of OceanBase's own (observer.md §5). */
  get #spelling(): number {
    return this.#peer.kind === 'direct' && this.#context.modes.noBackslashEscapes ? STATUS.NO_BACKSLASH_ESCAPES : 0;
  }

  /** AUTOCOMMIT always, off or on (observer.md §5). */
  #eofStatus(more: boolean): number {
    return STATUS.AUTOCOMMIT | this.#progress(more);
  }

  #progress(more: boolean): number {
    return (this.#context.transaction.isOpen ? STATUS.IN_TRANS : 0) | (more ? STATUS.MORE_RESULTS : 0);
  }
}
