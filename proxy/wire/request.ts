/**
 * Requests of a client: where one begins and ends, and its first part for whoever must understand it; and the file that it
 * sends when a server asks for it (LOAD DATA LOCAL).
 *
 * A request up to `WHOLE_LIMIT` is handed out when it is whole, as a view of the chunk it arrived in if it lies in one.
 * A longer one (up to gigabytes: 16 MiB packets and their continuations) is handed out by its first part as soon as that
 * is there, and `stream` then gives the rest as views while it arrives: ODP's "tunnel" (odp-relay.md §3.1). The first part
 * of an EXECUTE is longer: it has the types of all parameters.
 */
import { COM } from './constants.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD } from './framing.ts';

/** A longer request is passed on while it is still arriving: ODP's `tunnel_request_size_threshold`, 8 KiB. */
export const WHOLE_LIMIT = 8 * 1024;
/** How much of such a request can be understood: ODP's `request_buffer_length`, 4 KiB. */
export const HEAD_LIMIT = 4 * 1024;

/**
 * An EXECUTE up to its values: command, id, flags, iteration count, then of at most 65,535 parameters a bit and two bytes of
 * type each, and a byte between.
 */
export const EXECUTE_LIMIT = 10 + 8192 + 1 + 2 * 65_535;

export interface Request {
  readonly sequence: number;
  /** The bytes of the request that are here, headers included: all of them, or its first part. */
  readonly packet: Buffer;
  /** Its first payload bytes: the command and as much of its argument as is here. */
  readonly payload: Buffer;
  /** False: more is to come, through `stream`. */
  readonly whole: boolean;
}

/**
 * What is handed out as views while it arrives: the rest of a request, or a file: packets up to an empty one (one that ends a
 * packet of 16 MiB is not that).
 */
type Streamed = 'nothing' | 'request' | 'file';

export class RequestReader {
  #chunks: Buffer[] = [];
  #pending = 0;
  #streamed: Streamed = 'nothing';
  /** Of what is streamed: bytes still to come of the header under way; 0 within a payload. */
  #headerLeft = 0;
  /** Payload bytes still to come of the packet under way; while its header comes, its length so far. */
  #left = 0;
  /** The packet under way has the greatest length: another one continues it. */
  #continued = false;
  /** The packet under way, with what continues it, is the last one. */
  #last = false;

  /** Bytes that have arrived and were not handed out. */
  get pending(): number {
    return this.#pending;
  }

  /** A request was handed out by its first part, or a file is to come, and its last byte was not yet handed out. */
  get streaming(): boolean {
    return this.#streamed !== 'nothing';
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#pending += chunk.length;
  }

  /** The header of the next request, before the rest of it is here; null until it is. */
  header(): { readonly length: number; readonly sequence: number } | null {
    if (this.#pending < HEADER_SIZE) return null;
    const head = this.#peek(HEADER_SIZE);
    return { length: head.readUIntLE(0, 3), sequence: head[3]! };
  }

  /** The next request, or null until enough of it has arrived. Not to be called while one is being streamed. */
  next(): Request | null {
    const header = this.header();
    if (header === null) return null;
    const { length, sequence } = header;
    const size = HEADER_SIZE + length;
    if (length > WHOLE_LIMIT && this.#pending === HEADER_SIZE) return null;
    const isExecute = length > WHOLE_LIMIT && this.#peek(HEADER_SIZE + 1)[HEADER_SIZE] === COM.STMT_EXECUTE;
    if (length <= (isExecute ? EXECUTE_LIMIT : WHOLE_LIMIT)) {
      if (this.#pending < size) return null;
      const packet = this.#take(size);
      return { sequence, packet, payload: packet.subarray(HEADER_SIZE), whole: true };
    }
    const head = isExecute ? EXECUTE_LIMIT : HEAD_LIMIT;
    if (this.#pending < HEADER_SIZE + head) return null;
    const packet = this.#take(HEADER_SIZE + head);
    this.#streamed = 'request';
    this.#headerLeft = 0;
    this.#left = length - head;
    this.#continued = length === MAX_PACKET_PAYLOAD;
    this.#last = true;
    return { sequence, packet, payload: packet.subarray(HEADER_SIZE), whole: false };
  }

  /** What comes next is no request but a file, to be streamed. */
  expectFile(): void {
    this.#streamed = 'file';
    this.#headerLeft = HEADER_SIZE;
    this.#left = 0;
    this.#continued = false;
  }

  /** Appends to `out` what is here of what is being streamed; see `streaming` for whether that was the end of it. */
  stream(out: Buffer[]): void {
    while (this.streaming && this.#pending > 0) out.push(this.#take(this.#walk(this.#chunks[0]!)));
  }

  /** How much of a chunk belongs to what is being streamed. */
  #walk(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerLeft > 0) {
        // Three bytes of length, the lowest first, and the sequence id.
        if (this.#headerLeft > 1) this.#left |= chunk[at]! << (8 * (HEADER_SIZE - this.#headerLeft));
        this.#headerLeft -= 1;
        at += 1;
        if (this.#headerLeft > 0) continue;
        if (!this.#continued) this.#last = this.#streamed === 'request' || this.#left === 0;
        this.#continued = this.#left === MAX_PACKET_PAYLOAD;
      } else {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
      }
      if (this.#left > 0) continue;
      if (this.#last && !this.#continued) {
        this.#streamed = 'nothing';
        return at;
      }
      this.#headerLeft = HEADER_SIZE;
    }
    return at;
  }

  /** What has arrived and was not handed out, as it came: nothing is left here. */
  drain(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.clear();
    return all;
  }

  /** Drops all that has arrived. */
  clear(): void {
    this.#chunks = [];
    this.#pending = 0;
    this.#streamed = 'nothing';
  }

  #peek(count: number): Buffer {
    if (this.#chunks[0]!.length < count) this.#join(count);
    return this.#chunks[0]!;
  }

  /** Removes the first `count` bytes: a view where one chunk holds them, else a copy. */
  #take(count: number): Buffer {
    this.#pending -= count;
    const first = this.#peek(count);
    if (first.length === count) {
      this.#chunks.shift();
      return first;
    }
    this.#chunks[0] = first.subarray(count);
    return first.subarray(0, count);
  }

  /** The first `count` bytes become one chunk; what lies behind them is not copied. */
  #join(count: number): void {
    const whole = Buffer.allocUnsafe(count);
    let filled = 0;
    let used = 0;
    while (filled < count) {
      const chunk = this.#chunks[used]!;
      const step = Math.min(chunk.length, count - filled);
      chunk.copy(whole, filled, 0, step);
      filled += step;
      if (step === chunk.length) used += 1;
      else this.#chunks[used] = chunk.subarray(step);
    }
    this.#chunks.splice(0, used, whole);
  }
}
