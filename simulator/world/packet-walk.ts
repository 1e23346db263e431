/**
 * Walks a stream of MySQL packets from its start, and knows where each ends.
 *
 * A packet is three bytes of length (little-endian), one of sequence, and so many bytes. It must never know what is in it.
 */

const HEADER = 4;

export class PacketWalk {
  /** Header bytes seen of the packet under way. */
  #header = 0;
  #length = 0;
  /** Payload bytes still to come, once the header is complete. */
  #left = 0;

  /** In the middle of a packet. */
  get inside(): boolean {
    return this.#header > 0;
  }

  /** Takes bytes from `at` to the end of the packet under way, or to the end of the chunk; gives where it stopped. */
  step(chunk: Buffer, at: number): number {
    let next = at;
    while (this.#header < HEADER) {
      if (next === chunk.length) return next;
      if (this.#header < HEADER - 1) this.#length |= chunk[next]! << (8 * this.#header);
      this.#header++;
      next++;
      if (this.#header === HEADER) this.#left = this.#length;
    }
    const taken = Math.min(this.#left, chunk.length - next);
    this.#left -= taken;
    if (this.#left === 0) {
      this.#header = 0;
      this.#length = 0;
    }
    return next + taken;
  }
}
