/**
 * One TCP connection of a driver, from the SYN to its end. It reports what happened; what that means is `session.ts`'.
 *
 * | state      | event                        | then                                                        |
 * |------------|------------------------------|-------------------------------------------------------------|
 * | connecting | opened                       | greeting                                                    |
 * |            | refused                      | over, `failed`                                              |
 * | greeting   | greeting                     | login                                                       |
 * | greeting,  | ERR                          | over, `rejected`                                            |
 * | login      | FIN, RST                     | over, `failed`                                              |
 * | login      | OK                           | up, `ready`                                                 |
 * | up         | `send`                       | up; after a RST it says that nothing was written            |
 * |            | a whole answer               | up, `answered`                                              |
 * |            | FIN, RST with commands sent  | over, `lost`                                                |
 * |            | FIN, RST without             | noticed at once: over, `cut`; else remembered for `send`    |
 * | over       | –                            | –                                                           |
 *
 * Differs from the command line's `line.ts` in that it may have several commands under way and may notice an end at once.
 */
import type { Address, Connection, ConnectionEvents, Network } from '../../../proxy/ports.ts';
import { ByteReader, WireError } from '../../../proxy/wire/bytes.ts';
import { CAP, COM, EOF_MARK, ERR_MARK, OK_MARK } from '../../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../../proxy/wire/framing.ts';
import { type Greeting, readGreeting, SCRAMBLE_SIZE } from '../../../proxy/wire/greeting.ts';
import { readErr } from '../../../proxy/wire/ok.ts';
import { NATIVE_PASSWORD, nativePassword, type Sha1 } from '../../../proxy/wire/scramble.ts';
import { AnswerReader, type Result, SILENT } from '../answer.ts';
import type { ConnectFailure, DriverDialect, LoginForm } from './dialect.ts';
import { type Credentials, loginPacket, type Machine, sessionFlags } from './login-packet.ts';
import type { RawError } from './wording.ts';

export type Cut = 'fin' | 'rst';

/** Where a driver connects, and as whom. */
export interface Account extends Credentials {
  readonly target: Address;
  /** The address to come from, where the network can give one. */
  readonly from?: Address;
  readonly machine?: Machine;
}

/** After `failed`, `rejected`, `lost`, `malformed` and `cut` a link is over. */
export interface LinkOwner {
  ready(link: Link): void;
  failed(link: Link, failure: ConnectFailure): void;
  rejected(link: Link, raw: RawError, place: 'greeting' | 'login'): void;
  answered(link: Link, results: readonly Result[]): void;
  /** `begun`: a part of the oldest command's answer had come. */
  lost(link: Link, by: Cut, begun: boolean): void;
  malformed(link: Link): void;
  cut(link: Link, by: Cut): void;
}

type State = 'connecting' | 'greeting' | 'login' | 'up' | 'over';

const MACHINE: Machine = { pid: 11_111, hostName: 'vm' };

const MARK_OF_STATE = 0x23;

export class Link implements ConnectionEvents {
  readonly #form: LoginForm;
  readonly #account: Account;
  readonly #atOnce: boolean;
  readonly #strict: boolean;
  readonly #sha1: Sha1;
  readonly #owner: LinkOwner;
  readonly #connection: Connection;
  readonly #packets = new PacketReader();
  #state: State = 'connecting';
  #peer: 'open' | Cut = 'open';
  #greeting: Greeting | null = null;
  #tracked = false;
  /** The command bytes that wait for their answers; `#answer` reads that of the first. */
  readonly #flight: number[] = [];
  #answer: AnswerReader | null = null;
  #begun = false;
  /** The sequence number that the next packet of the answer should have. */
  #sequence = 1;

  constructor(dialect: DriverDialect, account: Account, network: Network, sha1: Sha1, owner: LinkOwner) {
    this.#form = dialect.login;
    this.#account = account;
    this.#atOnce = dialect.model.notices === 'at once';
    this.#strict = dialect.model.checksSequence;
    this.#sha1 = sha1;
    this.#owner = owner;
    const { target, from } = account;
    this.#connection = from === undefined ? network.connect(target, this) : network.connect(target, this, from);
  }

  /** The greeting's; 0 before it. */
  get threadId(): number {
    return this.#greeting?.threadId ?? 0;
  }

  get greetingStatus(): number {
    return this.#greeting?.status ?? 0;
  }

  /** What a look at the socket between two commands finds: it has ended, or something lies in it that nobody asked for. */
  get stale(): boolean {
    return this.#state === 'over' || this.#peer !== 'open' || this.#packets.pending > 0;
  }

  /** Sends one command, or several in one segment. False: nothing was written, and the link is over. */
  send(payloads: readonly Buffer[]): boolean {
    if (this.#state !== 'up' || this.#peer === 'rst') {
      this.#stop();
      return false;
    }
    const out = new PacketWriter(0, 64);
    const packets: Buffer[] = [];
    for (const payload of payloads) {
      const packet = payloads.length === 1 ? out : new PacketWriter(0, 64);
      packet.packet(payload);
      packets.push(packet.view());
      const command = payload[0] ?? -1;
      if (!SILENT.has(command)) this.#flight.push(command);
    }
    if (packets.length === 1) this.#connection.write(packets[0]!);
    else this.#connection.write(Buffer.concat(packets));
    this.#look();
    return true;
  }

  /** A clean end: COM_QUIT, then FIN. Behind a command without an answer, or before the login, FIN only. */
  quit(): void {
    if (this.#state === 'up' && this.#peer !== 'rst' && this.#flight.length === 0) {
      const out = new PacketWriter(0, 8);
      out.packet(Buffer.of(COM.QUIT));
      this.#connection.write(out.view());
      this.#stop();
    } else {
      this.hangUp();
    }
  }

  /** FIN without a word; nothing is reported any more. */
  hangUp(): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#connection.close();
  }

  opened(): void {
    if (this.#state === 'connecting') this.#state = 'greeting';
  }

  refused(): void {
    this.#fail('refused');
  }

  data(chunk: Buffer): void {
    if (this.#state === 'over') return;
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

  #look(): void {
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (this.#state === 'over') return;
      this.#stop();
      this.#owner.malformed(this);
      return;
    }
    if (this.#peer !== 'open') this.#noMore(this.#peer);
    else if (this.#atOnce && this.#state === 'up' && this.#flight.length === 0 && this.#packets.pending > 0) {
      // Nobody asked: such drivers give a connection up that speaks out of turn.
      this.#stop();
      this.#owner.cut(this, 'fin');
    }
  }

  /** One packet further; false when there is none, or none is expected. */
  #step(): boolean {
    const expects =
      this.#state === 'greeting' || this.#state === 'login' || (this.#state === 'up' && this.#flight.length > 0);
    if (!expects) return false;
    const packet = this.#packets.next();
    if (packet === null) return false;
    if (this.#state === 'greeting') this.#greet(packet.payload);
    else if (this.#state === 'login') this.#loginAnswer(packet.payload, packet.sequence);
    else this.#answerPacket(packet.payload, packet.sequence);
    return true;
  }

  #greet(payload: Buffer): void {
    if (payload[0] === ERR_MARK) {
      this.#reject(payload, 'greeting');
      return;
    }
    // A copy: the scramble outlives this chunk.
    const greeting = readGreeting(Buffer.from(payload));
    this.#greeting = greeting;
    this.#state = 'login';
    this.#tracked = (sessionFlags(this.#form, greeting, this.#account.database) & CAP.SESSION_TRACK) !== 0;
    const { target, machine = MACHINE } = this.#account;
    const { host, port } = this.#connection.local;
    const ends = { server: target.host, ip: host, port };
    this.#connection.write(loginPacket(this.#form, greeting, this.#account, machine, ends, this.#sha1));
  }

  #loginAnswer(payload: Buffer, sequence: number): void {
    if (payload[0] === OK_MARK) {
      this.#state = 'up';
      this.#owner.ready(this);
    } else if (payload[0] === ERR_MARK) {
      this.#reject(payload, 'login');
    } else if (payload[0] === EOF_MARK && payload.length > 1) {
      this.#switchPlugin(payload, sequence);
    } else {
      throw new WireError('neither OK nor ERR behind the login');
    }
  }

  #switchPlugin(payload: Buffer, sequence: number): void {
    const from = new ByteReader(payload, 1);
    if (from.nulText('plugin', true) !== NATIVE_PASSWORD) throw new WireError('a plugin that no driver here knows');
    const out = new PacketWriter(sequence + 1, 32);
    out.packet(nativePassword(this.#sha1, this.#account.password, from.rest().subarray(0, SCRAMBLE_SIZE)));
    this.#connection.write(out.view());
  }

  #reject(payload: Buffer, place: 'greeting' | 'login'): void {
    const { code, sqlState, message } = readErr(payload);
    const sent = payload[3] === MARK_OF_STATE;
    this.#stop();
    this.#owner.rejected(this, { errno: code, sqlState: sent ? sqlState : null, message }, place);
  }

  #answerPacket(payload: Buffer, sequence: number): void {
    if (this.#strict && sequence !== this.#sequence) {
      this.#stop();
      this.#owner.lost(this, 'fin', false);
      return;
    }
    this.#sequence = (sequence + 1) & 0xff;
    this.#answer ??= new AnswerReader(this.#flight[0]!, this.#tracked);
    const answer = this.#answer;
    answer.packet(payload);
    this.#begun = true;
    if (!answer.done) return;
    this.#flight.shift();
    this.#answer = null;
    this.#begun = false;
    this.#sequence = 1;
    this.#owner.answered(this, answer.results);
  }

  #noMore(by: Cut): void {
    switch (this.#state) {
      case 'connecting':
      case 'greeting':
        this.#fail(`greeting ${by}`);
        break;
      case 'login':
        this.#fail(`login ${by}`);
        break;
      case 'up':
        if (this.#flight.length > 0) {
          const begun = this.#begun;
          this.#stop();
          this.#owner.lost(this, by, begun);
        } else if (this.#atOnce) {
          this.#stop();
          this.#owner.cut(this, by);
        }
        break;
      case 'over':
        break;
    }
  }

  #fail(failure: ConnectFailure): void {
    if (this.#state === 'over') return;
    this.#stop();
    this.#owner.failed(this, failure);
  }

  /** Ends our side. `end`, not `close`: a command written behind the server's FIN does go out (clients.md §2). */
  #stop(): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#connection.end();
  }

  #over(): void {
    this.#state = 'over';
    this.#flight.length = 0;
    this.#answer = null;
  }
}
