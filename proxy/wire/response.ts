/**
 * Where a response ends, and which of its bytes the client gets (odp-relay.md §3.7, decisions.md 14–16).
 *
 * One `ResponseReader` serves one connection to a server, one response after the other. It walks packet headers; rows
 * are never looked into beyond their first byte. What passes unchanged is given out as views of the chunk it came in,
 * adjoining packets as one view. Held back until the extra OK behind it is whole: the ERR or the EOF that ends a
 * response. Taken out: that extra OK. Replaced: an OK that reports session state. Copied: only what spans two chunks
 * and must be understood.
 *
 * Knows nothing of sessions; what the final OK says is there for the caller to read (`finalOk`).
 */
import { WireError } from './bytes.ts';
import { COM, EOF_LIMIT, EOF_MARK, ERR_MARK, LOCAL_INFILE_MARK, MORE_AUTH_MARK, OK_MARK, STATUS } from './constants.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD } from './framing.ts';
import { type Ok, okForClient, readEof, readErr, readObserverOk, readOk } from './ok.ts';
import { type PrepareOk, readPrepareOk } from './prepared.ts';

/** How the server on the other side speaks, and what the client negotiated. */
export interface ResponseOptions {
  /** An OceanBase observer: every ERR and every final EOF is followed by one OK (decisions.md 14). */
  readonly extraOk: boolean;
  /** STATISTICS is followed by one as well: capability bit 9 was agreed. */
  readonly statisticsOk: boolean;
  /** The client gets OKs in the form of SESSION_TRACK. */
  readonly clientTracks: boolean;
}

/**
 * What the next packet is.
 *
 * | phase    | next packet                                | then                                             |
 * |----------|--------------------------------------------|--------------------------------------------------|
 * | first    | OK, ERR, or a column count                 | done / first (more results), extra, columns      |
 * |          | LOCAL INFILE; a question about a new user  | first: the client has the word (`asks`)          |
 * |          | EOF: SET_OPTION, SHUTDOWN, DEBUG           | done                                             |
 * | columns  | column definitions, then EOF               | rows; for FIELD_LIST and an opened cursor extra  |
 * | rows     | rows, then EOF or ERR                      | extra; first (more results)                      |
 * | lists    | PREPARE: parameters, EOF, columns, EOF     | extra                                            |
 * | text     | the string of STATISTICS                   | extra or done                                    |
 * | extra    | the OK behind an ERR or a final EOF        | done                                             |
 * | done     | nothing: a packet here was not asked for   | –                                                |
 */
type Phase = 'first' | 'columns' | 'rows' | 'lists' | 'text' | 'extra' | 'done';

/** Where the response to a command starts, if not with its first packet. */
const START: ReadonlyMap<number, Phase> = new Map([
  [COM.STATISTICS, 'text'],
  [COM.FIELD_LIST, 'columns'],
  [COM.STMT_FETCH, 'rows'],
]);

/** Bytes of a packet that must be there before it can be told what it is: its header and its first byte. */
const PEEK_SIZE = HEADER_SIZE + 1;
const NOTHING: Buffer = Buffer.alloc(0);
/** The observer has closed the client's session: ODP tells the client nothing, it closes (odp-relay.md §3.7 and §6.2). */
export const CLIENT_KILLED = 4401;
/** caching_sha2_password: the OK comes next, and nothing is wanted. */
const FAST_AUTH_DONE = 3;
const EMPTY_PACKET = 'an empty packet in a response';

/**
 * What becomes of a packet that had to be understood: `forward` it as it is, `withhold` it until the extra OK is there,
 * `release` what was withheld and drop this one; other bytes go out in its place, or are `replaced` and withheld already.
 */
type Fate = 'forward' | 'withhold' | 'release' | 'replaced' | Buffer;

export class ResponseReader {
  readonly #options: ResponseOptions;
  #phase: Phase = 'done';
  #command: number = COM.QUERY;
  /** Payload bytes of the packet under way that are yet to come and need no look: rows, column definitions. */
  #skip = 0;
  /** The packet under way has the greatest length: the next one continues it and is not looked at. */
  #continued = false;
  /** The start of a packet that could not yet be told, copied from the chunks before: `#heldSize` bytes, with room for more. */
  #held: Buffer = NOTHING;
  #heldSize = 0;
  /** The ERR or EOF that waits for its extra OK, copied from a chunk before. */
  #withheld: Buffer = NOTHING;

  /** The OK that closed the response: the response itself, or the extra one. Null where there is none (a MySQL server's EOF). */
  finalOk: Ok | null = null;
  /** The session states of all OKs of the response, a multi-statement's earlier ones included, in their order. */
  readonly reported: Buffer[] = [];
  /** Status flags of the last OK or EOF of the response. */
  status = 0;
  /** Those of its last EOF: what they say of a cursor is not repeated in the extra OK. */
  eofStatus = 0;
  /** The number of the ERR that the response ended with, or 0. */
  errorCode = 0;
  /**
   * The server waits for the client: for a file (packets up to an empty one), or for one packet. Whoever reads it sets it back
   * to null.
   */
  asks: 'file' | 'packet' | null = null;
  /** What it says when it waits for one packet: its payload. */
  question: Buffer | null = null;
  /** The server's answer to PREPARE; null until it has come. */
  prepared: PrepareOk | null = null;

  /** The id by which the client is to know the statement that it prepares. */
  #preparedAs = 0;
  /** Lists of definitions still to come in the answer to PREPARE. */
  #lists = 0;

  constructor(options: ResponseOptions) {
    this.#options = options;
  }

  get done(): boolean {
    return this.#phase === 'done';
  }

  /**
   * A request with this command byte has been sent: its response comes next. `preparedAs` is the id by which the client is
   * to know the statement of a PREPARE.
   */
  expect(command: number, preparedAs = 0): void {
    this.#phase = START.get(command) ?? 'first';
    this.#command = command;
    this.#preparedAs = preparedAs;
    this.asks = null;
    this.question = null;
    this.prepared = null;
    this.finalOk = null;
    this.reported.length = 0;
    this.status = 0;
    this.eofStatus = 0;
    this.errorCode = 0;
  }

  /**
   * Reads a chunk. What the client gets is appended to `out`. Answers how many bytes of the chunk belong to the response:
   * fewer than its length only when the response is done and more has come. Throws a `WireError` when it is malformed.
   */
  read(chunk: Buffer, out: Buffer[]): number {
    const end = chunk.length;
    let at = 0;
    if (this.#heldSize > 0) {
      at = this.#resume(chunk, out);
      if (at < 0) return end;
    }
    // [from, at) goes to the client as one view; the withheld packet, if it lies in this chunk, starts at `withheldAt`.
    let from = at;
    let withheldAt = -1;
    while (at < end) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, end - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      if (this.#phase === 'done') break;
      const left = end - at;
      const length = left < HEADER_SIZE ? -1 : chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16);
      if (this.#continued ? length >= 0 : left >= PEEK_SIZE && this.#passes(chunk[at + HEADER_SIZE]!, length)) {
        this.#continued = length === MAX_PACKET_PAYLOAD;
        this.#skip = length;
        at += HEADER_SIZE;
        continue;
      }
      if (left < PEEK_SIZE || left < HEADER_SIZE + length) {
        if (length === 0) throw new WireError(EMPTY_PACKET);
        this.#held = Buffer.from(chunk.subarray(at));
        this.#heldSize = left;
        break;
      }
      const next = at + HEADER_SIZE + length;
      const fate = this.#fate(chunk.subarray(at, next));
      if (fate === 'withhold') {
        withheldAt = at;
      } else if (fate !== 'forward') {
        if (fate !== 'replaced') this.#release(out);
        if (at > from) out.push(chunk.subarray(from, at));
        if (typeof fate === 'object') out.push(fate);
        from = next;
        withheldAt = -1;
      }
      at = next;
    }
    const to = withheldAt >= 0 ? withheldAt : at;
    if (to > from) out.push(chunk.subarray(from, to));
    if (withheldAt >= 0) this.#withheld = Buffer.from(chunk.subarray(withheldAt, at));
    return this.#heldSize > 0 ? end : at;
  }

  /** The packet whose start was held goes on in this chunk. Answers how much of it was used, −1 if more is needed. */
  #resume(chunk: Buffer, out: Buffer[]): number {
    let used = 0;
    for (;;) {
      const need = this.#needed();
      if (this.#heldSize >= need) break;
      if (used === chunk.length) return -1;
      if (this.#held.length < need) {
        // Once the length is known there is room for the whole packet, so a long one is not copied again with each chunk.
        const grown = Buffer.allocUnsafe(need);
        this.#held.copy(grown, 0, 0, this.#heldSize);
        this.#held = grown;
      }
      const step = Math.min(need - this.#heldSize, chunk.length - used);
      chunk.copy(this.#held, this.#heldSize, used, used + step);
      this.#heldSize += step;
      used += step;
    }
    const held = this.#held.subarray(0, this.#heldSize);
    this.#held = NOTHING;
    this.#heldSize = 0;
    const length = held.readUIntLE(0, 3);
    if (this.#continued || this.#passes(held[HEADER_SIZE]!, length)) {
      this.#continued = length === MAX_PACKET_PAYLOAD;
      this.#skip = HEADER_SIZE + length - held.length;
      out.push(held);
      return used;
    }
    const fate = this.#fate(held);
    if (fate === 'withhold') {
      this.#withheld = held;
    } else if (fate !== 'replaced') {
      this.#release(out);
      if (fate !== 'release') out.push(fate === 'forward' ? held : fate);
    }
    return used;
  }

  /** How many bytes of the packet held must be there to go on with it. */
  #needed(): number {
    const held = this.#held;
    if (this.#heldSize < HEADER_SIZE || this.#continued) return HEADER_SIZE;
    const length = held.readUIntLE(0, 3);
    if (length === 0) throw new WireError(EMPTY_PACKET);
    if (this.#heldSize < PEEK_SIZE) return PEEK_SIZE;
    return this.#passes(held[HEADER_SIZE]!, length) ? PEEK_SIZE : HEADER_SIZE + length;
  }

  #release(out: Buffer[]): void {
    if (this.#withheld.length === 0) return;
    out.push(this.#withheld);
    this.#withheld = NOTHING;
  }

  /** True for a packet that goes to the client unread: a row or a column definition. */
  #passes(firstByte: number, length: number): boolean {
    if (length === 0) throw new WireError(EMPTY_PACKET);
    if (this.#phase !== 'rows' && this.#phase !== 'columns' && this.#phase !== 'lists') return false;
    return firstByte !== ERR_MARK && (firstByte !== EOF_MARK || length >= EOF_LIMIT);
  }

  /** Reads a whole packet that had to be understood, and moves to the next phase. */
  #fate(packet: Buffer): Fate {
    const payload = packet.subarray(HEADER_SIZE);
    if (payload.length >= MAX_PACKET_PAYLOAD) throw new WireError('an OK, ERR or EOF of 16 MiB');
    const mark = payload[0]!;
    if (this.#phase === 'extra') {
      if (mark !== OK_MARK) throw new WireError('no OK behind an ERR or EOF, as observers send to a proxy');
      this.finalOk = this.#kept(readObserverOk(payload));
      this.status = this.finalOk.status;
      this.#phase = 'done';
      return 'release';
    }
    if (mark === ERR_MARK) {
      this.errorCode = readErr(payload).code;
      if (this.errorCode === CLIENT_KILLED && this.#options.extraOk) {
        this.#phase = 'done';
        return 'release';
      }
      return this.#last(this.#options.extraOk);
    }
    switch (this.#phase) {
      case 'first':
        return this.#first(packet, mark);
      case 'columns':
        if (this.#command === COM.FIELD_LIST) return this.#lastEof(payload);
        // A cursor was opened: its rows are fetched later.
        if (this.#command === COM.STMT_EXECUTE && (readEof(payload).status & STATUS.CURSOR_EXISTS) !== 0) {
          return this.#lastEof(payload);
        }
        this.#phase = 'rows';
        return 'forward';
      case 'lists':
        this.#lists -= 1;
        return this.#lists > 0 ? 'forward' : this.#lastEof(payload);
      case 'rows':
        if ((readEof(payload).status & STATUS.MORE_RESULTS) === 0) return this.#lastEof(payload);
        this.#phase = 'first';
        return 'forward';
      default:
        return this.#last(this.#options.statisticsOk);
    }
  }

  /** The last packet of a response, but for the extra OK if there is to be one. */
  #last(extra: boolean): Fate {
    this.#phase = extra ? 'extra' : 'done';
    return extra ? 'withhold' : 'forward';
  }

  #lastEof(payload: Buffer): Fate {
    this.status = readEof(payload).status;
    this.eofStatus = this.status;
    return this.#last(this.#options.extraOk);
  }

  /** PREPARE_OK with the id that the client gets in place of the server's. */
  #prepareOk(packet: Buffer): Fate {
    this.prepared = readPrepareOk(packet.subarray(HEADER_SIZE));
    const copy = Buffer.from(packet);
    copy.writeUInt32LE(this.#preparedAs, HEADER_SIZE + 1);
    this.#lists = (this.prepared.parameters > 0 ? 1 : 0) + (this.prepared.columns > 0 ? 1 : 0);
    if (this.#lists > 0) {
      this.#phase = 'lists';
      return copy;
    }
    if (this.#last(this.#options.extraOk) === 'forward') return copy;
    this.#withheld = copy;
    return 'replaced';
  }

  #first(packet: Buffer, mark: number): Fate {
    const payload = packet.subarray(HEADER_SIZE);
    if (mark === OK_MARK && this.#command === COM.STMT_PREPARE) return this.#prepareOk(packet);
    if (mark === OK_MARK) {
      const ok = this.#options.extraOk ? readObserverOk(payload) : readOk(payload, this.#options.clientTracks);
      this.status = ok.status;
      const whole = this.#kept(ok);
      if (ok.status & STATUS.MORE_RESULTS) return 'forward';
      this.finalOk = whole;
      this.#phase = 'done';
      if (!this.#options.extraOk) return 'forward';
      const answer = okForClient(packet, ok, this.#options.clientTracks);
      return answer === packet ? 'forward' : answer;
    }
    if (this.#command === COM.CHANGE_USER) return this.#authentication(payload, mark);
    if (mark === LOCAL_INFILE_MARK) {
      if (this.#command !== COM.QUERY) throw new WireError('LOCAL INFILE to what is no statement');
      this.asks = 'file';
      return 'forward';
    }
    // SHUTDOWN and DEBUG; SET_OPTION too, where ODP, who expects an OK, would wait for ever (odp-relay.md §11.29).
    if (mark === EOF_MARK && payload.length < EOF_LIMIT) {
      this.status = readEof(payload).status;
      this.#phase = 'done';
      return 'forward';
    }
    this.#phase = 'columns';
    return 'forward';
  }

  /** The server wants to know more before it lets the new user in: another method, or more data of the one there is. */
  #authentication(payload: Buffer, mark: number): Fate {
    if (mark !== EOF_MARK && mark !== MORE_AUTH_MARK) throw new WireError(`a change of user answered with ${mark}`);
    const isOver = mark === MORE_AUTH_MARK && payload.length === 2 && payload[1] === FAST_AUTH_DONE;
    if (!isOver) {
      this.asks = 'packet';
      this.question = Buffer.from(payload);
    }
    return 'forward';
  }

  /** An OK that outlives its chunk: its session state is a copy, else 30 bytes of an idle session would keep 64 KiB alive. */
  #kept(ok: Ok): Ok {
    if (ok.state === null) return ok;
    const state = Buffer.from(ok.state);
    this.reported.push(state);
    return { ...ok, state };
  }
}
