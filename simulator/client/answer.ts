/**
 * The answer to one command, read packet by packet: the results of which it consists, in their order.
 *
 * Knows both protocols of rows, and nothing of connections, errors of the client's own, or printing.
 */
import { readBinaryRow } from '../../proxy/wire/binary-row.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { COM, EOF_LIMIT, EOF_MARK, ERR_MARK, LOCAL_INFILE_MARK, OK_MARK, STATUS } from '../../proxy/wire/constants.ts';
import { type Err, type Ok, readEof, readErr, readOk } from '../../proxy/wire/ok.ts';
import { readPrepareOk } from '../../proxy/wire/prepared.ts';
import { type Column, readColumn, readRow } from '../../proxy/wire/result-set.ts';
import type { Row } from './table.ts';

export type Result =
  | { readonly kind: 'ok'; readonly ok: Ok }
  | { readonly kind: 'error'; readonly error: Err }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'prepared'; readonly id: number; readonly parameters: number }
  | {
      readonly kind: 'rows';
      readonly columns: readonly Column[];
      readonly rows: readonly Row[];
      readonly warnings: number;
      /** Status flags of the EOF behind the rows. */
      readonly status: number;
    };

/**
 * | phase    | packet                    | then                                           |
 * |----------|---------------------------|------------------------------------------------|
 * | first    | OK                        | done, or first again (more results)            |
 * |          | a number of columns       | columns                                        |
 * | columns  | a column definition       | columns                                        |
 * |          | EOF                       | rows; for FIELD_LIST done                      |
 * | rows     | a row                     | rows                                           |
 * |          | EOF                       | done, or first again                           |
 * | text     | the text of STATISTICS    | done                                           |
 * | prepare  | PREPARE_OK                | prepared; with nothing to define done          |
 * | prepared | a definition              | prepared                                       |
 * |          | EOF                       | prepared; done behind the last list            |
 * | any      | ERR                       | done                                           |
 */
type Phase = 'first' | 'columns' | 'rows' | 'text' | 'prepare' | 'prepared' | 'done';

const FIRST_PHASE: Readonly<Record<number, Phase>> = {
  [COM.STATISTICS]: 'text',
  [COM.FIELD_LIST]: 'columns',
  [COM.STMT_PREPARE]: 'prepare',
};

/** Commands that are never answered. */
export const SILENT: ReadonlySet<number> = new Set([COM.QUIT, COM.STMT_CLOSE, COM.STMT_SEND_LONG_DATA]);

export class AnswerReader {
  readonly results: Result[] = [];
  readonly #tracked: boolean;
  readonly #command: number;
  #phase: Phase;
  #columns: Column[] = [];
  #rows: Row[] = [];
  /** Lists of definitions behind a PREPARE_OK that have not ended. */
  #lists = 0;

  /** `tracked`: OKs come in the form of SESSION_TRACK. */
  constructor(command: number, tracked: boolean) {
    this.#command = command;
    this.#tracked = tracked;
    this.#phase = FIRST_PHASE[command] ?? 'first';
  }

  get done(): boolean {
    return this.#phase === 'done';
  }

  /** Takes the payload of the next packet. A `WireError` if it has no place there. */
  packet(payload: Buffer): void {
    if (payload.length === 0) throw new WireError('an empty packet in an answer');
    const mark = payload[0]!;
    if (mark === ERR_MARK) {
      this.results.push({ kind: 'error', error: readErr(payload) });
      this.#phase = 'done';
      return;
    }
    const eof = mark === EOF_MARK && payload.length < EOF_LIMIT;
    switch (this.#phase) {
      case 'first':
        this.#first(payload, mark);
        break;
      case 'columns':
        if (eof) this.#phase = this.#command === COM.FIELD_LIST ? this.#endRows(payload) : 'rows';
        else this.#columns.push(readColumn(payload));
        break;
      case 'rows':
        if (eof) this.#phase = this.#endRows(payload);
        else this.#rows.push(this.#row(payload));
        break;
      case 'text':
        this.results.push({ kind: 'text', text: payload.toString('utf8') });
        this.#phase = 'done';
        break;
      case 'prepare':
        this.#prepared(payload);
        break;
      case 'prepared':
        if (eof) this.#lists -= 1;
        if (this.#lists === 0) this.#phase = 'done';
        break;
      case 'done':
        throw new WireError('a packet behind the answer');
    }
  }

  #first(payload: Buffer, mark: number): void {
    if (mark === OK_MARK) {
      const ok = readOk(payload, this.#tracked);
      this.results.push({ kind: 'ok', ok });
      this.#phase = ok.status & STATUS.MORE_RESULTS ? 'first' : 'done';
    } else if (mark === LOCAL_INFILE_MARK) {
      throw new WireError('LOAD DATA LOCAL was asked for');
    } else {
      this.#columns = [];
      this.#rows = [];
      this.#phase = 'columns';
    }
  }

  #row(payload: Buffer): Row {
    if (this.#command !== COM.STMT_EXECUTE) return readRow(payload, this.#columns.length);
    return readBinaryRow(payload, this.#columns).map((cell) => (Buffer.isBuffer(cell) ? cell.toString('utf8') : cell));
  }

  #prepared(payload: Buffer): void {
    const { id, parameters, columns } = readPrepareOk(payload);
    this.results.push({ kind: 'prepared', id, parameters });
    this.#lists = (parameters > 0 ? 1 : 0) + (columns > 0 ? 1 : 0);
    this.#phase = this.#lists === 0 ? 'done' : 'prepared';
  }

  #endRows(payload: Buffer): Phase {
    const { warnings, status } = readEof(payload);
    this.results.push({ kind: 'rows', columns: this.#columns, rows: this.#rows, warnings, status });
    return status & STATUS.MORE_RESULTS ? 'first' : 'done';
  }
}
