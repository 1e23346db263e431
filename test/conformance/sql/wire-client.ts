/**
 * A client of the text protocol: one statement, one outcome. For a real server on a socket.
 */
import { connect, type Socket } from 'node:net';
import { CAP, CHARSET, COM } from '../../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../../proxy/wire/framing.ts';
import { readGreeting } from '../../../proxy/wire/greeting.ts';
import { writeLogin } from '../../../proxy/wire/login.ts';
import { NATIVE_PASSWORD } from '../../../proxy/wire/scramble.ts';
import { type Outcome, readOutcome } from './outcome.ts';

const FLAGS =
  CAP.LONG_PASSWORD | CAP.LONG_FLAG | CAP.PROTOCOL_41 | CAP.TRANSACTIONS | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH;

export class WireClient {
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  #payloads: Buffer[] = [];
  #arrived: (() => void) | null = null;

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
    readGreeting(client.#payloads.shift()!);
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
    const answer = await client.#outcome();
    if (answer.kind !== 'ok') throw new Error(`login: ${JSON.stringify(answer)}`);
    return client;
  }

  async query(sql: string): Promise<Outcome> {
    const out = new PacketWriter(0);
    out.packet(Buffer.concat([Buffer.of(COM.QUERY), Buffer.from(sql)]));
    this.#payloads = [];
    this.#socket.write(out.view());
    return this.#outcome();
  }

  async #outcome(): Promise<Outcome> {
    await this.#until(() => readOutcome(this.#payloads) !== null);
    const outcome = readOutcome(this.#payloads)!;
    this.#payloads = [];
    return outcome;
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
