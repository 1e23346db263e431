/**
 * What stands for TLS in memory: a hello of a few bytes each way, and then the bytes as they are.
 *
 * There is no cryptography in it; but it begins in the midst of a stream, its first bytes may come before one is told to
 * begin, cut anywhere, and something else may come in their place. It must never know the connection that it secures.
 */

/** They begin as those of TLS do, so that a reader of packets takes them for as much of one as it would outside. */
export const CLIENT_HELLO: Buffer = Buffer.from('\x16\x03\x01 in memory: client hello', 'latin1');
export const SERVER_HELLO: Buffer = Buffer.from('\x16\x03\x03 in memory: server hello', 'latin1');

const NOTHING = Buffer.alloc(0);

/** The handshake of one end: what it has got of the other's hello. */
export class MemoryHandshake {
  readonly #expected: Buffer;
  #got: Buffer = NOTHING;

  /** `accepted`: this end was connected to, and is TLS' server. */
  constructor(accepted: boolean) {
    this.#expected = accepted ? CLIENT_HELLO : SERVER_HELLO;
  }

  take(chunk: Buffer): void {
    this.#got = Buffer.concat([this.#got, chunk]);
  }

  get verdict(): 'waits' | 'done' | 'failed' {
    const length = Math.min(this.#got.length, this.#expected.length);
    if (this.#got.compare(this.#expected, 0, length, 0, length) !== 0) return 'failed';
    return length === this.#expected.length ? 'done' : 'waits';
  }

  /** What came behind the hello. */
  get rest(): Buffer {
    return this.#got.subarray(this.#expected.length);
  }
}
