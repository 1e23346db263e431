/**
 * One connection of a client, from the SYN to its end: greeting, login, then one command after the other.
 *
 * The rule of the file (clients.md §12): a FIN or a RST of the server changes nothing by itself. What it means is
 * decided by the next command – after a RST the command cannot be written (`gone`, 2006); after a FIN it is written,
 * and then lost (`lost`, 2013).
 *
 * | state      | event                   | then                                              |
 * |------------|-------------------------|---------------------------------------------------|
 * | connecting | opened                  | greeting                                          |
 * |            | refused                 | over, `failed`                                    |
 * | greeting   | greeting                | greeted, `greeted`                                |
 * |            | ERR, FIN, RST           | over, `failed`                                    |
 * | greeted    | `login()`               | login                                             |
 * | login      | (the handshake first, if it is to have TLS)                                 |
 * |            | OK                      | ready, `ready`                                    |
 * |            | ERR, FIN, RST           | over, `failed`                                    |
 * | ready      | `command()`, no RST yet | busy                                              |
 * |            | `command()` after a RST | over, `gone`                                      |
 * |            | … after `endSending()`  | over, `gone`                                      |
 * | busy       | the whole answer        | ready, `answered`                                 |
 * |            | FIN, RST                | over, `lost`                                      |
 * |            | nothing for `patience`  | over, `gaveUp`; in greeting and login `failed`    |
 * | over       | –                       | –                                                 |
 *
 * Knows nothing of reconnecting, of scripts, or of printing.
 */
import type { Address, Clock, Connection, ConnectionEvents, Network, Timer } from '../../proxy/ports.ts';
import { ByteReader, WireError } from '../../proxy/wire/bytes.ts';
import { changeUserPayload } from '../../proxy/wire/change-user.ts';
import { CAP, COM, EOF_MARK, ERR_MARK, OK_MARK } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { type Greeting, readGreeting, SCRAMBLE_SIZE } from '../../proxy/wire/greeting.ts';
import { attribute, FILLER_SIZE, type Login, writeLogin, writeSslRequest } from '../../proxy/wire/login.ts';
import { readErr } from '../../proxy/wire/ok.ts';
import { writeProxyHeader } from '../../proxy/wire/proxy-header.ts';
import { NATIVE_PASSWORD, nativePassword, type Sha1 } from '../../proxy/wire/scramble.ts';
import { AnswerReader, type Result, SILENT } from './answer.ts';
import {
  type Dialect,
  goneError,
  greetingError,
  type LoginPhase,
  lostAtLogin,
  lostError,
  malformedError,
  noPluginError,
  noTlsError,
  refusedError,
  type ShownError,
  serverError,
} from './dialects.ts';

/** Who logs in, and where. */
export interface Account {
  readonly target: Address;
  /** The address to come from, where the network can give one. */
  readonly from: Address | null;
  readonly user: string;
  readonly password: string;
  readonly dialect: Dialect;
  /** It logs in over TLS, or not at all. */
  readonly tls?: boolean;
  /** How long it waits for the next byte of what is due, by which clock; null: for ever. */
  readonly patience?: { readonly clock: Clock; readonly readTimeout: number } | null;
  /** Through a load balancer, which says by the PROXY protocol that it comes from here. */
  readonly comesFrom?: Address | null;
}

/** What a line tells its owner. After `failed`, `gone`, `lost` or `gaveUp` it is over. */
export interface LineOwner {
  greeted(line: Line): void;
  ready(line: Line): void;
  failed(line: Line, error: ShownError): void;
  answered(line: Line, results: readonly Result[]): void;
  gone(line: Line, error: ShownError): void;
  lost(line: Line, error: ShownError): void;
  /** As `lost`, but nobody else has ended it: nothing came for as long as the account's `patience`, without which this is never told. */
  gaveUp?(line: Line, error: ShownError): void;
}

type State = 'connecting' | 'greeting' | 'greeted' | 'login' | 'ready' | 'busy' | 'over';

/** The one packet of a command: its byte, then its text. */
export function commandPayload(command: number, text: string): Buffer {
  const size = Buffer.byteLength(text);
  const payload = Buffer.allocUnsafe(1 + size);
  payload[0] = command;
  payload.write(text, 1, size);
  return payload;
}

export class Line implements ConnectionEvents {
  readonly #account: Account;
  readonly #sha1: Sha1;
  readonly #owner: LineOwner;
  readonly #connection: Connection;
  readonly #packets = new PacketReader();
  #state: State = 'connecting';
  /** What has been seen of the server's end. */
  #peer: 'open' | 'fin' | 'rst' = 'open';
  /** Our FIN is out, or will be behind what was written: what is written now goes nowhere. */
  #sent: 'open' | 'fin' = 'open';
  #greeting: Greeting | null = null;
  #capabilities = 0;
  /** What goes over TLS when the handshake is done. */
  #login: Login | null = null;
  #answer: AnswerReader | null = null;
  /** Until when the next byte must have come. */
  #timer: Timer | null = null;

  constructor(account: Account, network: Network, sha1: Sha1, owner: LineOwner) {
    this.#account = account;
    this.#sha1 = sha1;
    this.#owner = owner;
    this.#connection =
      account.from === null
        ? network.connect(account.target, this)
        : network.connect(account.target, this, account.from);
  }

  /** The thread id of the greeting; 0 before it. */
  get connectionId(): number {
    return this.#greeting?.threadId ?? 0;
  }

  /** The greeting's version text; empty before it. */
  get serverVersion(): string {
    return this.#greeting?.version ?? '';
  }

  /** Answers the greeting; only in state greeted. */
  login(database: string | null): void {
    const { dialect, user, password, tls } = this.#account;
    const greeting = this.#greeting!;
    if (tls && (greeting.capabilities & CAP.SSL) === 0) {
      this.#fail(noTlsError('SSL is required, but the server does not support it'));
      return;
    }
    // What the server does not offer is not claimed; PLUGIN_AUTH_LENENC is, whatever it offers (clients.md §8.1).
    const offered = greeting.capabilities | ~(CAP.SESSION_TRACK | CAP.CONNECT_ATTRS | CAP.PLUGIN_AUTH);
    const withDatabase = database === null ? 0 : CAP.CONNECT_WITH_DB;
    this.#capabilities = ((dialect.capabilities & offered) | withDatabase | (tls ? CAP.SSL : 0)) >>> 0;
    const login: Login = {
      capabilities: this.#capabilities,
      maxPacket: dialect.maxPacket,
      charset: dialect.charset,
      filler: Buffer.alloc(FILLER_SIZE),
      user,
      authResponse: nativePassword(this.#sha1, password, greeting.scramble),
      database,
      plugin: NATIVE_PASSWORD,
      attributes: dialect.attributes.map(([name, value]) => attribute(name, value)),
    };
    this.#state = 'login';
    if (this.#sent === 'fin') {
      this.#fail(lostAtLogin(dialect, 'sending', 'fin'));
      return;
    }
    const out = new PacketWriter(1);
    this.#waits();
    if (tls) writeSslRequest(out, login);
    else writeLogin(out, login);
    this.#connection.write(out.view());
    if (tls && this.#peer === 'open') {
      this.#login = login;
      this.#connection.startTls(this.#packets.drain());
    }
    this.#look();
  }

  secured(): void {
    if (this.#state !== 'login' || this.#login === null) return;
    const out = new PacketWriter(2);
    writeLogin(out, this.#login);
    this.#connection.write(out.view());
  }

  tlsFailed(why: string): void {
    if (this.#state === 'login') this.#fail(noTlsError(why));
  }

  /** Sends a command; its outcome is reported, possibly before this returns. Only in state ready or over. */
  command(payload: Buffer): void {
    if (this.#state === 'over' || this.#peer === 'rst' || this.#sent === 'fin') {
      this.#over();
      this.#owner.gone(this, goneError(this.#account.dialect));
      return;
    }
    const out = new PacketWriter(0, payload.length + 8);
    out.packet(payload);
    this.#connection.write(out.view());
    if (SILENT.has(payload[0] ?? -1)) {
      this.#owner.answered(this, []);
      return;
    }
    this.#answer = new AnswerReader(payload[0] ?? -1, (this.#capabilities & CAP.SESSION_TRACK) !== 0);
    this.#state = 'busy';
    this.#waits();
    this.#look();
  }

  /** The packet by which the session becomes another user's, who has no password; `line` must have logged in. */
  changeUser(user: string, database: string | null): Buffer {
    const { dialect } = this.#account;
    return Buffer.from(
      changeUserPayload({
        capabilities: this.#capabilities,
        maxPacket: dialect.maxPacket,
        charset: dialect.charset,
        filler: Buffer.alloc(FILLER_SIZE),
        user,
        authResponse: Buffer.alloc(0),
        database,
        plugin: NATIVE_PASSWORD,
        attributes: dialect.attributes.map(([name, value]) => attribute(name, value)),
      }),
    );
  }

  /** A clean end: COM_QUIT, then FIN. */
  quit(): void {
    if (this.#state === 'ready' && this.#peer !== 'rst') {
      const out = new PacketWriter(0, 8);
      out.packet(Buffer.of(COM.QUIT));
      this.#connection.write(out.view());
    }
    this.#stop();
  }

  /** FIN without a word; nothing is reported. */
  hangUp(): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#connection.close();
  }

  /** FIN of our side alone; what the server still says is reported. */
  endSending(): void {
    if (this.#state === 'over') return;
    this.#sent = 'fin';
    this.#connection.end();
  }

  /** RST; nothing is reported. */
  abort(): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#connection.reset();
  }

  opened(): void {
    if (this.#state === 'connecting') this.#state = 'greeting';
    this.#waits();
    const { comesFrom } = this.#account;
    if (comesFrom) this.#connection.write(writeProxyHeader(comesFrom, this.#connection.remote));
  }

  refused(): void {
    const { dialect, target } = this.#account;
    this.#fail(refusedError(dialect, target.host, target.port));
  }

  data(chunk: Buffer): void {
    if (this.#state === 'over') return;
    if (this.#timer !== null) this.#waits();
    this.#packets.push(chunk);
    this.#look();
  }

  drain(): void {}
  flushed(): void {}

  end(): void {
    this.#peer = 'fin';
    this.#look();
  }

  reset(): void {
    this.#peer = 'rst';
    this.#look();
  }

  closed(): void {
    if (this.#peer === 'open') this.#peer = 'fin';
    this.#look();
  }

  /** Goes on with what has arrived; where that is not enough and nothing more can come, the line is lost. */
  #look(): void {
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#malformed();
      return;
    }
    if (this.#peer !== 'open') this.#noMore(this.#peer);
  }

  /** One packet further; false when there is none, or none is expected. */
  #step(): boolean {
    if (this.#state !== 'greeting' && this.#state !== 'login' && this.#state !== 'busy') return false;
    const packet = this.#packets.next();
    if (packet === null) return false;
    if (this.#state === 'greeting') this.#greet(packet.payload);
    else if (this.#state === 'login') this.#loginAnswer(packet.payload, packet.sequence);
    else this.#answerPacket(packet.payload);
    return true;
  }

  #greet(payload: Buffer): void {
    if (payload[0] === ERR_MARK) {
      this.#fail(greetingError(this.#account.dialect, readErr(payload)));
      return;
    }
    // A copy: the scramble outlives this chunk.
    this.#greeting = readGreeting(Buffer.from(payload));
    this.#has();
    this.#state = 'greeted';
    this.#owner.greeted(this);
  }

  #loginAnswer(payload: Buffer, sequence: number): void {
    if (payload[0] === OK_MARK) {
      this.#has();
      this.#state = 'ready';
      this.#owner.ready(this);
    } else if (payload[0] === ERR_MARK) {
      this.#fail(serverError(this.#account.dialect, readErr(payload)));
    } else if (payload[0] === EOF_MARK && payload.length > 1) {
      this.#switchPlugin(payload, sequence);
    } else {
      throw new WireError('neither OK nor ERR behind the login');
    }
  }

  /** The server wants another way to prove the password; only one is known here. */
  #switchPlugin(payload: Buffer, sequence: number): void {
    const from = new ByteReader(payload, 1);
    const plugin = from.nulText('plugin', true);
    if (plugin !== NATIVE_PASSWORD) {
      this.#fail(noPluginError(plugin));
      return;
    }
    const out = new PacketWriter(sequence + 1, 32);
    out.packet(nativePassword(this.#sha1, this.#account.password, from.rest().subarray(0, SCRAMBLE_SIZE)));
    this.#connection.write(out.view());
  }

  #answerPacket(payload: Buffer): void {
    const answer = this.#answer!;
    answer.packet(payload);
    if (!answer.done) return;
    this.#answer = null;
    this.#has();
    this.#state = 'ready';
    this.#owner.answered(this, answer.results);
  }

  #noMore(by: 'fin' | 'rst'): void {
    const { dialect } = this.#account;
    if (this.#state === 'busy') {
      this.#stop();
      this.#owner.lost(this, lostError(dialect));
      return;
    }
    const phase = LOGIN_PHASE[this.#state];
    if (phase !== undefined) this.#fail(lostAtLogin(dialect, phase, by));
  }

  /** From now on the next byte is waited for. */
  #waits(): void {
    const { patience } = this.#account;
    if (patience === undefined || patience === null) return;
    this.#timer?.cancel();
    this.#timer = patience.clock.after(patience.readTimeout, () => this.#tooLate());
  }

  /** What was due has come, or nothing is waited for any more. */
  #has(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** The library closes the connection, and shows what it would show of a lost one (CR_SERVER_LOST). */
  #tooLate(): void {
    const { dialect } = this.#account;
    const phase = LOGIN_PHASE[this.#state];
    this.#over();
    this.#connection.close();
    if (phase === undefined) this.#owner.gaveUp?.(this, lostError(dialect));
    else this.#owner.failed(this, lostAtLogin(dialect, phase, 'silence'));
  }

  #malformed(): void {
    const error = malformedError(this.#account.dialect);
    if (this.#state === 'busy') {
      this.#stop();
      this.#owner.lost(this, error);
    } else {
      this.#fail(error);
    }
  }

  #fail(error: ShownError): void {
    if (this.#state === 'over') return;
    this.#stop();
    this.#owner.failed(this, error);
  }

  /** Ends our side. `end`, not `close`: a command written behind the server's FIN does go out (clients.md §2). */
  #stop(): void {
    this.#over();
    this.#connection.end();
  }

  #over(): void {
    this.#has();
    this.#state = 'over';
    this.#answer = null;
  }
}

const LOGIN_PHASE: Partial<Record<State, LoginPhase>> = {
  connecting: 'greeting',
  greeting: 'greeting',
  login: 'login',
};
