/**
 * Packets: a header of 3 bytes length and 1 byte sequence id, then the payload. A payload of 16 MiB − 1 bytes or more
 * goes out in several packets; the last of them is shorter than 16 MiB − 1, empty if need be.
 *
 * `PacketReader` hands out whole payloads (for whoever must understand them), `PacketWriter` makes packets. The relay
 * does not use `PacketReader` for results: `response.ts` walks their headers and forwards views.
 */
import { ByteWriter, WireError } from './bytes.ts';

export const HEADER_SIZE = 4;
/** A packet with this payload length is continued in the next one. */
export const MAX_PACKET_PAYLOAD = 0xff_ffff;
/** What `PacketReader` takes as one payload unless told: MySQL's largest max_allowed_packet. */
export const MAX_PAYLOAD = 1024 * 1024 * 1024;

/** A whole payload. It is a view of the chunk it arrived in, unless it spanned several: copy what outlives the event. */
export interface Packet {
  /** The sequence id of its (last) packet, 0–255. */
  readonly sequence: number;
  readonly payload: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** A payload beyond the reader's limit. */
export class PacketTooLarge extends WireError {
  override name = 'PacketTooLarge';
}

export class PacketReader {
  /** The largest payload taken, in bytes. */
  limit: number;
  /** What has arrived and was not handed out: several chunks while a payload is incomplete, else one. */
  #chunks: Buffer[] = [];
  #first = 0;
  #available = 0;

  /** `limit`: the largest payload taken, in bytes; a longer one is a `PacketTooLarge` as soon as its header is read. */
  constructor(limit: number = MAX_PAYLOAD) {
    this.limit = limit;
  }

  /** Bytes held back: an incomplete packet, or packets not asked for yet. */
  get pending(): number {
    return this.#available;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.length;
  }

  /** The next whole payload, or null until more has arrived. */
  next(): Packet | null {
    let size = 0;
    let at = 0;
    let parts = 0;
    for (;;) {
      if (this.#available < at + HEADER_SIZE) return null;
      const length = this.#byte(at) | (this.#byte(at + 1) << 8) | (this.#byte(at + 2) << 16);
      const sequence = this.#byte(at + 3);
      size += length;
      if (size > this.limit) throw new PacketTooLarge(`a packet of ${size} bytes, where ${this.limit} are the most`);
      at += HEADER_SIZE + length;
      parts += 1;
      if (length < MAX_PACKET_PAYLOAD) {
        if (this.#available < at) return null;
        return { sequence, payload: parts === 1 ? this.#take(at, HEADER_SIZE) : this.#join(at, parts) };
      }
    }
  }

  /** All that is pending, as it arrived; the reader is empty afterwards. */
  drain(): Buffer {
    return this.#available === 0 ? NOTHING : this.#take(this.#available);
  }

  #byte(at: number): number {
    let index = at + this.#first;
    for (const chunk of this.#chunks) {
      if (index < chunk.length) return chunk[index]!;
      index -= chunk.length;
    }
    throw new WireError('read past what has arrived');
  }

  /** Removes the first `count` bytes; those behind the first `skipped` are a view where one chunk holds all, else a copy. */
  #take(count: number, skipped = 0): Buffer {
    const head = this.#chunks[0]!;
    const end = this.#first + count;
    this.#available -= count;
    if (end <= head.length) {
      const view = head.subarray(this.#first + skipped, end);
      if (end === head.length) {
        this.#chunks.shift();
        this.#first = 0;
      } else {
        this.#first = end;
      }
      return view;
    }
    const whole = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      const chunk = this.#chunks[0]!;
      const size = Math.min(chunk.length - this.#first, count - filled);
      chunk.copy(whole, filled, this.#first, this.#first + size);
      filled += size;
      this.#first += size;
      if (this.#first === chunk.length) {
        this.#chunks.shift();
        this.#first = 0;
      }
    }
    return skipped === 0 ? whole : whole.subarray(skipped);
  }

  #join(count: number, parts: number): Buffer {
    const raw = this.#take(count);
    const payload = Buffer.allocUnsafe(count - parts * HEADER_SIZE);
    let from = 0;
    let to = 0;
    while (from < raw.length) {
      const length = raw.readUIntLE(from, 3);
      raw.copy(payload, to, from + HEADER_SIZE, from + HEADER_SIZE + length);
      from += HEADER_SIZE + length;
      to += length;
    }
    return payload;
  }
}

/** Packets one after the other, with ascending sequence ids, as one buffer: one answer, one write. */
export class PacketWriter extends ByteWriter {
  #sequence: number;
  #start = -1;

  /** `sequence`: the id of the first packet (an answer's is the request's plus one). */
  constructor(sequence: number, size = 256) {
    super(size);
    this.#sequence = sequence & 0xff;
  }

  /** The id the next packet will get. */
  get sequence(): number {
    return this.#sequence;
  }

  begin(): void {
    this.#start = this.length;
    this.zeros(HEADER_SIZE);
  }

  end(): void {
    const start = this.#start;
    const size = this.length - start - HEADER_SIZE;
    if (size < MAX_PACKET_PAYLOAD) {
      this.patchU24(start, size);
      this.patchU8(start + 3, this.#sequence);
      this.#sequence = (this.#sequence + 1) & 0xff;
      return;
    }
    const payload = Buffer.from(this.view(start + HEADER_SIZE));
    let from = 0;
    let packet: Buffer;
    this.patch(start, Buffer.of(0xff, 0xff, 0xff, this.#sequence));
    do {
      packet = payload.subarray(from, from + MAX_PACKET_PAYLOAD);
      const header = Buffer.of(
        packet.length & 0xff,
        (packet.length >> 8) & 0xff,
        (packet.length >> 16) & 0xff,
        this.#sequence,
      );
      if (from < MAX_PACKET_PAYLOAD) {
        this.patch(start, header);
      } else {
        // What the single run of bytes did not have room for: the headers of the continuations move everything behind.
        this.zeros(HEADER_SIZE);
        this.patch(start + HEADER_SIZE + from + (from / MAX_PACKET_PAYLOAD - 1) * HEADER_SIZE, header);
        this.patch(start + HEADER_SIZE + from + (from / MAX_PACKET_PAYLOAD) * HEADER_SIZE, packet);
      }
      this.#sequence = (this.#sequence + 1) & 0xff;
      from += MAX_PACKET_PAYLOAD;
    } while (packet.length === MAX_PACKET_PAYLOAD);
  }

  /** One packet with this payload. */
  packet(payload: Uint8Array): void {
    this.begin();
    this.bytes(payload);
    this.end();
  }
}
