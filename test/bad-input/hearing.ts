/**
 * What a server says to a client, packet by packet, as short texts: `greeting 7`, `OK`, `ERR 1064/42000 …`, `rows 1`.
 *
 * Classic EOF packets, text protocol. Knows no connection. Throws on what is no such packet.
 */
import { EOF_LIMIT, EOF_MARK, ERR_MARK, OK_MARK } from '../../proxy/wire/constants.ts';
import { PacketReader } from '../../proxy/wire/framing.ts';
import { readGreeting } from '../../proxy/wire/greeting.ts';
import { readErr } from '../../proxy/wire/ok.ts';

type Expecting =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'answer' }
  /** Column definitions, then an EOF. */
  | { readonly kind: 'columns' }
  | { readonly kind: 'rows' };

export class Hearing {
  /** All that was said, in order. */
  readonly said: string[] = [];
  readonly #reader = new PacketReader();
  #expecting: Expecting['kind'] = 'greeting';
  #rows = 0;

  hear(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let packet = this.#reader.next(); packet !== null; packet = this.#reader.next()) this.#packet(packet.payload);
  }

  /** Bytes of a packet that is not whole yet. */
  get pending(): number {
    return this.#reader.pending;
  }

  #packet(payload: Buffer): void {
    const mark = payload[0];
    if (mark === ERR_MARK) {
      const { code, sqlState, message } = readErr(payload);
      this.#say(`ERR ${code}/${sqlState} ${message}`);
      return;
    }
    const isEof = mark === EOF_MARK && payload.length < EOF_LIMIT;
    switch (this.#expecting) {
      case 'greeting':
        this.#say(`greeting ${readGreeting(payload).threadId}`);
        break;
      case 'answer':
        if (mark === OK_MARK) this.#say('OK');
        else this.#expecting = 'columns';
        break;
      case 'columns':
        if (isEof) this.#expecting = 'rows';
        break;
      case 'rows':
        if (isEof) this.#say(`rows ${this.#rows}`);
        else this.#rows += 1;
    }
  }

  #say(text: string): void {
    this.said.push(text);
    this.#expecting = 'answer';
    this.#rows = 0;
  }
}
