/**
 * A session on a real server, on a socket: one command at a time.
 */
import { connect, type Socket } from 'node:net';
import { CAP, CHARSET } from '../../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../../proxy/wire/framing.ts';
import { readGreeting } from '../../../proxy/wire/greeting.ts';
import { writeLogin } from '../../../proxy/wire/login.ts';
import { NATIVE_PASSWORD } from '../../../proxy/wire/scramble.ts';
import { type IsWhole, isOutcome, type ServerSession } from './server-session.ts';

const FLAGS =
  CAP.LONG_PASSWORD | CAP.LONG_FLAG | CAP.PROTOCOL_41 | CAP.TRANSACTIONS | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH;

export class WireClient implements ServerSession {
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  #payloads: Buffer[] = [];
  #arrived: (() => void) | null = null;
  threadId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let packet = this.#reader.next(); packet !== null; packet = this.#reader.next()) {
        this.#payloads.push(Buffer.from(packet.payload));
      }
      this.#arrived?.();
    });
  }

  /** Logged in as root without a password. */
  static async connect(port: number): Promise<WireClient> {
    const client = new WireClient(connect(port, '127.0.0.1'));
    await client.#until(() => client.#payloads.length > 0);
    client.threadId = readGreeting(client.#payloads.shift()!).threadId;
    const out = new PacketWriter(1);
    writeLogin(out, {
      capabilities: FLAGS,
      maxPacket: 2 ** 24,
      charset: CHARSET.UTF8MB4_GENERAL_CI,
      filler: Buffer.alloc(23),
      user: 'root',
      authResponse: Buffer.alloc(0),
      database: null,
      plugin: NATIVE_PASSWORD,
      attributes: [],
    });
    client.#socket.write(out.view());
    const [answer] = await client.answer(isOutcome);
    if (answer![0] !== 0) throw new Error(`login: ${answer!.toString('latin1')}`);
    return client;
  }

  ask(command: number, body: string | Buffer, isWhole: IsWhole): Promise<readonly Buffer[]> {
    this.tell(command, body);
    return this.answer(isWhole);
  }

  tell(command: number, body: string | Buffer): void {
    const out = new PacketWriter(0);
    out.packet(Buffer.concat([Buffer.of(command), Buffer.from(body)]));
    this.#payloads = [];
    this.#socket.write(out.view());
  }

  /** What the last command was answered, when it is whole. */
  async answer(isWhole: IsWhole): Promise<readonly Buffer[]> {
    await this.#until(() => isWhole(this.#payloads));
    const payloads = this.#payloads;
    this.#payloads = [];
    return payloads;
  }

  /** The same, if it is whole by now. */
  take(isWhole: IsWhole): readonly Buffer[] | null {
    if (!isWhole(this.#payloads)) return null;
    const payloads = this.#payloads;
    this.#payloads = [];
    return payloads;
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
