/**
 * Reading and writing the bytes of one payload: little-endian integers, length-encoded integers and texts.
 *
 * Knows nothing of packets (`framing.ts`) nor of what the bytes mean. `ByteReader` never reads past its end: a message
 * that is too short is a `WireError`, whoever sent it.
 */

/** What arrived is not what the protocol allows. The message names what was being read. */
export class WireError extends Error {
  override name = 'WireError';
}

/** Lengths above this need more digits than a JavaScript number has; nothing real sends them. */
const MAX_LENENC = Number.MAX_SAFE_INTEGER;

/** Texts of up to so many characters are written by a loop; their length is one byte. */
const SHORT_TEXT = 48;
const LAST_ASCII = 0x7f;

export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number, what: string): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      throw new WireError(`${what}: ${count} bytes needed, ${this.#bytes.length - at} left`);
    }
    this.#at = at + count;
    return at;
  }

  u8(what = 'u8'): number {
    return this.#bytes[this.#take(1, what)]!;
  }

  u16(what = 'u16'): number {
    return this.#bytes.readUInt16LE(this.#take(2, what));
  }

  u24(what = 'u24'): number {
    return this.#bytes.readUIntLE(this.#take(3, what), 3);
  }

  u32(what = 'u32'): number {
    return this.#bytes.readUInt32LE(this.#take(4, what));
  }

  u64(what = 'u64'): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8, what));
  }

  skip(count: number, what = 'bytes'): void {
    this.#take(count, what);
  }

  /** A view, not a copy. */
  bytes(count: number, what = 'bytes'): Buffer {
    const at = this.#take(count, what);
    return this.#bytes.subarray(at, at + count);
  }

  /** A view of all that is left. */
  rest(): Buffer {
    const at = this.#at;
    this.#at = this.#bytes.length;
    return this.#bytes.subarray(at);
  }

  /** A length-encoded integer; null is the NULL of a row (0xfb). */
  lenencOrNull(what = 'length'): number | null {
    const first = this.u8(what);
    if (first < 0xfb) return first;
    if (first === 0xfb) return null;
    if (first === 0xfc) return this.u16(what);
    if (first === 0xfd) return this.u24(what);
    if (first === 0xfe) {
      const value = this.u64(what);
      if (value > BigInt(MAX_LENENC)) throw new WireError(`${what}: ${value} is too large`);
      return Number(value);
    }
    throw new WireError(`${what}: 0xff is no length`);
  }

  lenenc(what = 'length'): number {
    const value = this.lenencOrNull(what);
    if (value === null) throw new WireError(`${what}: NULL is no length`);
    return value;
  }

  /** A length-encoded integer that is no length: a bigint where a number would not be exact (ids of 64 bits). */
  lenencInteger(what = 'integer'): number | bigint {
    if (this.#bytes[this.#at] !== 0xfe) return this.lenenc(what);
    this.skip(1, what);
    const value = this.u64(what);
    return value > BigInt(MAX_LENENC) ? value : Number(value);
  }

  /** A view of a length-encoded string. */
  lenencBytes(what = 'text'): Buffer {
    return this.bytes(this.lenenc(what), what);
  }

  lenencText(what = 'text'): string {
    return this.text(this.lenenc(what), what);
  }

  /** So many bytes of UTF-8. */
  text(count: number, what = 'text'): string {
    const at = this.#take(count, what);
    return count === 0 ? '' : this.#bytes.toString('utf8', at, at + count);
  }

  /** A view up to, without, the next NUL, which is consumed; with `lax` the end of the message may stand for the NUL. */
  nulBytes(what = 'text', lax = false): Buffer {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) {
      if (lax) return this.rest();
      throw new WireError(`${what}: no NUL at its end`);
    }
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return view;
  }

  nulText(what = 'text', lax = false): string {
    const from = this.#at;
    const end = this.#bytes.indexOf(0, from);
    if (end < 0) return this.nulBytes(what, lax).toString('utf8');
    this.#at = end + 1;
    return end === from ? '' : this.#bytes.toString('utf8', from, end);
  }
}

/** Bytes appended one after the other; grows as needed. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(size = 256) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#length;
  }

  /** Makes room, which may move `#bytes`: call it before `this.#bytes` is looked at, not as an argument of its methods. */
  #room(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#bytes.writeUInt16LE(value, at);
  }

  u24(value: number): void {
    const at = this.#room(3);
    this.#bytes.writeUIntLE(value, at, 3);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#bytes.writeUInt32LE(value >>> 0, at);
  }

  u64(value: bigint): void {
    const at = this.#room(8);
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  }

  zeros(count: number): void {
    const at = this.#room(count);
    const bytes = this.#bytes;
    for (let i = at; i < at + count; i += 1) bytes[i] = 0;
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }

  text(value: string): void {
    if (!this.#ascii(value)) this.#utf8(value, Buffer.byteLength(value));
  }

  /** Most texts are names and numbers: for these a loop costs a tenth of asking the system. False, and nothing written, for others. */
  #ascii(value: string): boolean {
    const size = value.length;
    if (size > SHORT_TEXT) return false;
    const at = this.#room(size);
    const bytes = this.#bytes;
    for (let i = 0; i < size; i += 1) {
      const code = value.charCodeAt(i);
      if (code > LAST_ASCII) {
        this.#length = at;
        return false;
      }
      bytes[at + i] = code;
    }
    return true;
  }

  #utf8(value: string, size: number): void {
    const at = this.#room(size);
    this.#bytes.write(value, at, size, 'utf8');
  }

  nulText(value: string): void {
    this.text(value);
    this.u8(0);
  }

  lenenc(value: number): void {
    if (value < 0xfb) {
      this.u8(value);
    } else if (value <= 0xffff) {
      this.u8(0xfc);
      this.u16(value);
    } else if (value <= 0xffffff) {
      this.u8(0xfd);
      this.u24(value);
    } else {
      this.u8(0xfe);
      this.u64(BigInt(value));
    }
  }

  lenencInteger(value: number | bigint): void {
    if (typeof value === 'number') {
      this.lenenc(value);
    } else if (value <= BigInt(MAX_LENENC)) {
      this.lenenc(Number(value));
    } else {
      this.u8(0xfe);
      this.u64(value);
    }
  }

  lenencBytes(value: Uint8Array): void {
    this.lenenc(value.length);
    this.bytes(value);
  }

  lenencText(value: string): void {
    if (value.length <= SHORT_TEXT) {
      const at = this.#length;
      this.u8(value.length);
      if (this.#ascii(value)) return;
      this.#length = at;
    }
    const size = Buffer.byteLength(value);
    this.lenenc(size);
    this.#utf8(value, size);
  }

  /** Overwrites bytes already written (a packet's header, once its length is known). */
  patch(at: number, value: Uint8Array): void {
    this.#bytes.set(value, at);
  }

  /** The same with an integer. */
  patchU8(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  patchU24(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value & 0xff;
    bytes[at + 1] = (value >> 8) & 0xff;
    bytes[at + 2] = (value >> 16) & 0xff;
  }

  /** A view of what was written from `start` on. */
  view(start = 0): Buffer {
    return this.#bytes.subarray(start, this.#length);
  }
}
