/**
 * What an observer says at a login, up to the one answer to it: its greeting, or an ERR in place of it; then OK or ERR.
 *
 * Reads bytes and says what they mean; who is behind them, and what is written, is the server session's business.
 */
import { WireError } from '../wire/bytes.ts';
import { ERR_MARK, OK_MARK } from '../wire/constants.ts';
import { PacketReader } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';
import { type Ok, readErr, readObserverOk } from '../wire/ok.ts';
import { readSessionState, type SessionState } from '../wire/session-state.ts';

export type LoginWord =
  | {
      readonly kind: 'greeting';
      readonly threadId: number;
      readonly scramble: Buffer;
      readonly capabilities: number;
    }
  /** An ERR before any login. */
  | { readonly kind: 'no greeting'; readonly code: number; readonly why: string }
  /** `payload`: the ERR. What comes behind it, a bare OK and the FIN, is of no use. */
  | { readonly kind: 'refused'; readonly code: number; readonly payload: Buffer }
  /** `payload`: the OK as it came. */
  | { readonly kind: 'accepted'; readonly payload: Buffer; readonly ok: Ok; readonly reported: SessionState | null };

/** A login answer is read whole; this is far above the 6 KiB of all variables. */
const LOGIN_ANSWER_LIMIT = 1024 * 1024;

export class ServerLogin {
  readonly #packets = new PacketReader(LOGIN_ANSWER_LIMIT);
  #isGreeted = false;

  push(chunk: Buffer): void {
    this.#packets.push(chunk);
  }

  /** What lies behind the greeting, where TLS begins. */
  drain(): Buffer {
    return this.#packets.drain();
  }

  /** Null until more has come. Throws a `WireError` when it is malformed. */
  next(): LoginWord | null {
    const packet = this.#packets.next();
    if (packet === null) return null;
    if (this.#isGreeted) return this.#answer(packet.payload);
    this.#isGreeted = true;
    return greeting(packet.payload);
  }

  #answer(payload: Buffer): LoginWord {
    if (payload[0] === ERR_MARK) {
      const copy = Buffer.from(payload);
      return { kind: 'refused', code: readErr(copy).code, payload: copy };
    }
    if (payload[0] !== OK_MARK) throw new WireError(`a login answered with 0x${(payload[0] ?? 0).toString(16)}`);
    if (this.#packets.pending > 0) throw new WireError('bytes that nobody asked for');
    const ok = readObserverOk(payload);
    return { kind: 'accepted', payload, ok, reported: ok.state && readSessionState(ok.state) };
  }
}

function greeting(payload: Buffer): LoginWord {
  if (payload[0] !== ERR_MARK) {
    const { threadId, scramble, capabilities } = readGreeting(payload);
    return { kind: 'greeting', threadId, scramble, capabilities };
  }
  const { code, message } = readErr(payload);
  return { kind: 'no greeting', code, why: `the observer refused: ${message}` };
}
