/**
 * Requests of a client: where one begins and ends, and its first part for whoever must understand it.
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

export class RequestReader {
  #chunks: Buffer[] = [];
  #pending = 0;
  /** Of the request being streamed: payload bytes still to come of the packet under way. */
  #left = 0;
  /** Of the request being streamed: another packet continues it. */
  #continued = false;
  /** What is streamed is a file of LOAD DATA LOCAL: packets up to an empty one. */
  #file = false;

  /** Bytes that have arrived and were not handed out. */
  get pending(): number {
    return this.#pending;
  }

  /** A request was handed out by its first part, and its last byte was not yet. */
  get streaming(): boolean {
    return this.#left > 0 || this.#continued || this.#file;
  }

  /** No request comes next but the file that a server has asked for: `stream` gives it. */
  beginFile(): void {
    this.#file = true;
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
    this.#left = length - head;
    this.#continued = length === MAX_PACKET_PAYLOAD;
    return { sequence, packet, payload: packet.subarray(HEADER_SIZE), whole: false };
  }

  /** Appends to `out` what is here of the request being streamed; see `streaming` for whether that was the end of it. */
  stream(out: Buffer[]): void {
    while (this.streaming && this.#pending > 0) {
      if (this.#left > 0) {
        const chunk = this.#chunks[0]!;
        const view = this.#take(Math.min(chunk.length, this.#left));
        this.#left -= view.length;
        out.push(view);
      } else {
        if (this.#pending < HEADER_SIZE) return;
        const header = this.#take(HEADER_SIZE);
        this.#left = header.readUIntLE(0, 3);
        // An empty packet ends a file, unless it is the end of one of the greatest length.
        if (this.#left === 0 && !this.#continued) this.#file = false;
        this.#continued = this.#left === MAX_PACKET_PAYLOAD;
        out.push(header);
      }
    }
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
    this.#left = 0;
    this.#continued = false;
    this.#file = false;
  }

  #peek(count: number): Buffer {
    if (this.#chunks[0]!.length < count) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  /** Removes the first `count` bytes: a view where one chunk holds them, else a copy. */
  #take(count: number): Buffer {
    this.#pending -= count;
    const first = this.#chunks[0]!;
    if (first.length === count) {
      this.#chunks.shift();
      return first;
    }
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = whole.length > count ? [whole.subarray(count)] : [];
    return whole.subarray(0, count);
  }
}
