/**
 * What an observer says at a login, up to the one answer to it: its greeting, or an ERR in place of it; then OK or ERR, perhaps
 * behind a question for another proof.
 *
 * Reads bytes and says what they mean; who is behind them, and what is written, is the server session's business.
 */
import { PASSWORD_ITSELF, readAuthPacket } from '../wire/auth.ts';
import { WireError } from '../wire/bytes.ts';
import { EOF_MARK, ERR_MARK, OK_MARK } from '../wire/constants.ts';
import { type Packet, PacketReader } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';
import { type Ok, readErr, readObserverOk } from '../wire/ok.ts';
import { NATIVE_PASSWORD } from '../wire/scramble.ts';
import { type LoginState, readLoginState } from './login-state.ts';

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
  /** Another proof of who it is: the answer to `payload` goes out with the next sequence id. */
  | { readonly kind: 'question'; readonly payload: Buffer; readonly sequence: number }
  /** `payload`: the OK as it came. */
  | { readonly kind: 'accepted'; readonly payload: Buffer; readonly ok: Ok; readonly reported: LoginState | null };

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
    if (this.#isGreeted) return this.#answer(packet);
    this.#isGreeted = true;
    return greeting(packet.payload);
  }

  #answer({ payload, sequence }: Packet): LoginWord {
    if (payload[0] === ERR_MARK) {
      const copy = Buffer.from(payload);
      return { kind: 'refused', code: readErr(copy).code, payload: copy };
    }
    // Alone it asks for the proof of times that no observer knows.
    if (payload[0] === EOF_MARK && payload.length > 1) return question(payload, sequence);
    if (payload[0] !== OK_MARK) throw new WireError(`a login answered with 0x${(payload[0] ?? 0).toString(16)}`);
    if (this.#packets.pending > 0) throw new WireError('bytes that nobody asked for');
    const ok = readObserverOk(payload);
    return { kind: 'accepted', payload, ok, reported: ok.state && readLoginState(ok.state) };
  }
}

/** A password is never let through: the client would send it, by what it sees of TLS, over what it does not see. */
function question(payload: Buffer, sequence: number): LoginWord {
  const asked = readAuthPacket(payload, NATIVE_PASSWORD);
  if (asked.kind === 'switch' && PASSWORD_ITSELF.has(asked.plugin)) {
    throw new WireError(`a login answered with ${asked.plugin}, which asks for the password itself`);
  }
  return { kind: 'question', payload: Buffer.from(payload), sequence };
}

function greeting(payload: Buffer): LoginWord {
  if (payload[0] !== ERR_MARK) {
    const { threadId, scramble, capabilities } = readGreeting(payload);
    return { kind: 'greeting', threadId, scramble, capabilities };
  }
  const { code, message } = readErr(payload);
  return { kind: 'no greeting', code, why: `the observer refused: ${message}` };
}
