/**
 * Follows what a MySQL or MariaDB server answers, to know where a response ends and what its status flags are.
 *
 * Nothing is held back, taken out or changed: whoever has bytes forwards them as they came, and shows them here. So unlike
 * `response.ts`, which an observer's extra OKs need, this reader keeps at most the first bytes of the packet under way. It
 * knows both forms of a result's end (EOF, or an OK with 0xfe before it: DEPRECATE_EOF) and MariaDB's left-out column
 * definitions. It never fails: what it does not understand is the client's to judge.
 */
import { COM, EOF_LIMIT, EOF_MARK, ERR_MARK, LOCAL_INFILE_MARK, OK_MARK, STATUS } from './constants.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD } from './framing.ts';

/** What client and server have agreed on that changes where a response ends. */
export interface FollowerTerms {
  /** No EOF behind definitions, and rows end with an OK that starts 0xfe. */
  readonly deprecateEof: boolean;
  /** A column count is followed by a byte that says whether the definitions are. */
  readonly cacheMetadata: boolean;
}

/**
 * What the next packet is.
 *
 * | phase       | next packet                                    | then                                              |
 * |-------------|------------------------------------------------|---------------------------------------------------|
 * | first       | OK, ERR, EOF, LOCAL INFILE, or a column count  | done, first (more results, a file), definitions   |
 * | definitions | a counted number of them                       | columns' end, rows, or done (PREPARE)             |
 * | columns end | the EOF behind them                            | rows; done if a cursor was opened                 |
 * | rows        | rows, then EOF, OK or ERR                      | done, first (more results)                        |
 * | fields      | FIELD_LIST: definitions, then EOF, OK or ERR   | done                                              |
 * | prepared    | PREPARE_OK or ERR                              | definitions, done                                 |
 * | one         | whatever it is                                 | done                                              |
 * | stream      | events of a binary log, then EOF or ERR        | done                                              |
 * | done        | nothing: a packet here was not asked for       | done                                              |
 */
type Phase = 'first' | 'definitions' | 'columns end' | 'rows' | 'fields' | 'prepared' | 'one' | 'stream' | 'done';

/** Where the response to a command starts if not with `first`, which is what unknown commands are taken for as well. */
const START: ReadonlyMap<number, Phase> = new Map([
  [COM.STATISTICS, 'one'],
  [COM.FIELD_LIST, 'fields'],
  [COM.STMT_PREPARE, 'prepared'],
  [COM.STMT_FETCH, 'rows'],
  [COM.BINLOG_DUMP, 'stream'],
  [COM.BINLOG_DUMP_GTID, 'stream'],
  [COM.TABLE_DUMP, 'stream'],
  [COM.QUIT, 'done'],
  [COM.STMT_CLOSE, 'done'],
  [COM.STMT_SEND_LONG_DATA, 'done'],
]);

/** An OK's mark, two length-encoded integers of nine bytes and its flags: no packet needs a longer look. */
const PEEK_SIZE = 1 + 9 + 9 + 2;
/** In an ERR's place: MariaDB tells how far a statement has come, and goes on. */
const PROGRESS = 0xffff;

export class ResponseFollower {
  readonly #terms: FollowerTerms;
  #phase: Phase = 'done';
  /** Payload bytes still to come of the packet under way. */
  #left = 0;
  /** The packet under way has the greatest length: the next one continues it. */
  #continued = false;
  /** The start of a packet that lies across chunks: header and as much as a look needs. */
  readonly #start = Buffer.alloc(HEADER_SIZE + PEEK_SIZE);
  #startSize = 0;
  /** Definitions still to come, the EOFs between those of a PREPARE included. */
  #count = 0;
  #isPrepare = false;

  /** Status flags of the last OK or EOF. */
  status = 0;
  /** The number of the ERR that the response ended with, or 0. */
  errorCode = 0;
  /** The server has asked for a file; whoever sees to it sets it back. */
  fileWanted = false;

  constructor(terms: FollowerTerms) {
    this.#terms = terms;
  }

  /** The response is over, to its last byte. */
  get done(): boolean {
    return this.#phase === 'done' && this.#left === 0 && !this.#continued;
  }

  /** A request with this command byte has been sent: its response comes next. */
  expect(command: number): void {
    this.#phase = START.get(command) ?? 'first';
    this.#isPrepare = command === COM.STMT_PREPARE;
    this.errorCode = 0;
  }

  follow(chunk: Buffer): void {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, end - at);
        this.#left -= step;
        at += step;
      } else if (this.#startSize > 0 || end - at < HEADER_SIZE + PEEK_SIZE) {
        at = this.#gather(chunk, at);
      } else {
        const length = chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16);
        const isRow = this.#phase === 'rows' && !this.#continued && chunk[at + HEADER_SIZE]! < EOF_MARK;
        // Nearly all packets are rows, and need no more of a look.
        if (!isRow || length === 0 || length === MAX_PACKET_PAYLOAD) this.#begin(chunk, at + HEADER_SIZE, length);
        this.#left = length;
        at += HEADER_SIZE;
      }
    }
  }

  /** Takes of the chunk what the look at a packet still needs. Answers how far the chunk is used. */
  #gather(chunk: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const length = this.#startSize < HEADER_SIZE ? 0 : this.#start.readUIntLE(0, 3);
      const wanted = this.#startSize < HEADER_SIZE ? HEADER_SIZE : HEADER_SIZE + Math.min(length, PEEK_SIZE);
      if (this.#startSize === wanted && wanted >= HEADER_SIZE) {
        this.#startSize = 0;
        this.#begin(this.#start, HEADER_SIZE, length);
        this.#left = length - (wanted - HEADER_SIZE);
        return at;
      }
      if (at === chunk.length) return at;
      const step = Math.min(wanted - this.#startSize, chunk.length - at);
      chunk.copy(this.#start, this.#startSize, at, at + step);
      this.#startSize += step;
      at += step;
      // An empty payload needs no look beyond its header; a header just completed says how far the look goes.
    }
  }

  /** A packet begins: its payload of `length` bytes, or the first of them, stands at `at`. */
  #begin(bytes: Buffer, at: number, length: number): void {
    const continues = this.#continued;
    this.#continued = length === MAX_PACKET_PAYLOAD;
    if (continues || length === 0) return;
    const mark = bytes[at]!;
    switch (this.#phase) {
      case 'done':
        break;
      case 'rows':
      case 'fields':
      case 'stream':
        if (mark === ERR_MARK) this.#error(bytes, at, length);
        else if (mark === EOF_MARK && this.#isEnd(length)) this.#resultEnd(bytes, at, length);
        break;
      case 'definitions':
        this.#count -= 1;
        if (this.#count === 0)
          this.#phase = this.#isPrepare ? 'done' : this.#terms.deprecateEof ? 'rows' : 'columns end';
        break;
      case 'columns end':
        this.status = eofStatus(bytes, at);
        // A cursor was opened: its rows are fetched later.
        this.#phase = (this.status & STATUS.CURSOR_EXISTS) !== 0 ? 'done' : 'rows';
        break;
      case 'prepared':
        if (mark === ERR_MARK) this.#error(bytes, at, length);
        else this.#preparedOk(bytes, at);
        break;
      case 'one':
        this.#phase = 'done';
        if (mark === ERR_MARK) this.#error(bytes, at, length);
        break;
      case 'first':
        this.#first(bytes, at, length, mark);
    }
  }

  #first(bytes: Buffer, at: number, length: number, mark: number): void {
    if (mark === OK_MARK) {
      this.#ended(okStatus(bytes, at));
    } else if (mark === ERR_MARK) {
      this.#error(bytes, at, length);
    } else if (mark === LOCAL_INFILE_MARK) {
      // What comes next is the OK or ERR behind the file.
      this.fileWanted = true;
    } else if (mark === EOF_MARK && length < EOF_LIMIT) {
      this.#ended(eofStatus(bytes, at));
    } else {
      this.#columnCount(bytes, at);
    }
  }

  #columnCount(bytes: Buffer, at: number): void {
    const first = bytes[at]!;
    const size = lenencSize(first);
    // More than 65,535 columns there are not.
    this.#count = size === 1 ? first : bytes.readUInt16LE(at + 1);
    const follow = !this.#terms.cacheMetadata || bytes[at + size] === 1;
    if (follow && this.#count > 0) this.#phase = 'definitions';
    else this.#phase = this.#terms.deprecateEof ? 'rows' : 'columns end';
  }

  #preparedOk(bytes: Buffer, at: number): void {
    const columns = bytes.readUInt16LE(at + 5);
    const parameters = bytes.readUInt16LE(at + 7);
    const ends = this.#terms.deprecateEof ? 0 : (columns > 0 ? 1 : 0) + (parameters > 0 ? 1 : 0);
    this.#count = columns + parameters + ends;
    this.#phase = this.#count > 0 ? 'definitions' : 'done';
  }

  #isEnd(length: number): boolean {
    return this.#terms.deprecateEof ? length < MAX_PACKET_PAYLOAD : length < EOF_LIMIT;
  }

  #resultEnd(bytes: Buffer, at: number, length: number): void {
    // Both forms may come whatever was agreed: an EOF is too short to be an OK.
    this.#ended(length < 7 ? eofStatus(bytes, at) : okStatus(bytes, at));
  }

  #ended(status: number): void {
    this.status = status;
    this.#phase = (status & STATUS.MORE_RESULTS) !== 0 ? 'first' : 'done';
  }

  #error(bytes: Buffer, at: number, length: number): void {
    const code = length < 3 ? 0 : bytes.readUInt16LE(at + 1);
    if (code === PROGRESS) return;
    this.errorCode = code;
    this.#phase = 'done';
  }
}

/** How many bytes a length-encoded integer has that starts with this one. */
function lenencSize(first: number): number {
  return first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

/** The flags of an OK: behind the affected rows and the insert id. */
function okStatus(bytes: Buffer, at: number): number {
  const second = at + 1 + lenencSize(bytes[at + 1]!);
  const flags = second + lenencSize(bytes[second]!);
  return bytes[flags]! | (bytes[flags + 1]! << 8);
}

/** The flags of an EOF: behind the warnings. */
function eofStatus(bytes: Buffer, at: number): number {
  return bytes[at + 3]! | (bytes[at + 4]! << 8);
}
