/**
 * A client of bytes: one command at a time, on a socket, and the whole answer awaited. It logs in with the flags it is
 * given, proves native passwords and sends the file that LOAD DATA LOCAL asks for.
 */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { readAuthPacket } from '../../../proxy/wire/auth.ts';
import { changeUserPayload } from '../../../proxy/wire/change-user.ts';
import { CAP, CHARSET, COM } from '../../../proxy/wire/constants.ts';
import { ResponseFollower } from '../../../proxy/wire/follower.ts';
import { PacketReader, PacketWriter } from '../../../proxy/wire/framing.ts';
import { readGreeting } from '../../../proxy/wire/greeting.ts';
import { attribute, FILLER_SIZE, type Login, writeLogin } from '../../../proxy/wire/login.ts';
import { NATIVE_PASSWORD, nativePassword } from '../../../proxy/wire/scramble.ts';
import { inTime } from '../until.ts';

const BASE =
  CAP.LONG_PASSWORD |
  CAP.LONG_FLAG |
  CAP.CONNECT_WITH_DB |
  CAP.LOCAL_FILES |
  CAP.PROTOCOL_41 |
  CAP.TRANSACTIONS |
  CAP.SECURE_CONNECTION |
  CAP.MULTI_STATEMENTS |
  CAP.MULTI_RESULTS |
  CAP.PS_MULTI_RESULTS |
  CAP.PLUGIN_AUTH |
  CAP.CONNECT_ATTRS;

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export class ByteClient {
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  readonly #payloads: Buffer[] = [];
  readonly #login: Login;
  #follower = new ResponseFollower({ deprecateEof: false, cacheMetadata: false });
  #scramble = Buffer.alloc(0);
  #ended = false;
  #arrived: () => void = () => {};
  /** Commands sent, by their first byte. */
  readonly sent: number[] = [];

  private constructor(port: number, account: Account, more: number) {
    this.#login = {
      capabilities: (BASE | more) >>> 0,
      maxPacket: 2 ** 30,
      charset: CHARSET.UTF8MB4_GENERAL_CI,
      filler: Buffer.alloc(FILLER_SIZE),
      user: account.user,
      authResponse: Buffer.alloc(0),
      database: account.database,
      plugin: NATIVE_PASSWORD,
      attributes: [attribute('program_name', 'mixed'), attribute('_os', 'any')],
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#follower.follow(chunk);
      this.#reader.push(chunk);
      for (let packet = this.#reader.next(); packet !== null; packet = this.#reader.next()) {
        this.#payloads.push(packet.payload);
      }
      this.#arrived();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#ended = true;
      this.#arrived();
    });
  }

  /** `more`: flags beside the usual. */
  static async connect(port: number, account: Account, more = 0): Promise<ByteClient> {
    const client = new ByteClient(port, account, more);
    const greeting = readGreeting(await client.#packet('the greeting'));
    client.#scramble = Buffer.from(greeting.scramble);
    const both = greeting.capabilities & client.#login.capabilities;
    const out = new PacketWriter(1);
    writeLogin(out, { ...client.#login, authResponse: client.#prove(account.password) });
    client.#socket.write(out.view());
    await client.#verdict(account.password, 3);
    client.#follower = new ResponseFollower({ deprecateEof: (both & CAP.DEPRECATE_EOF) !== 0, cacheMetadata: false });
    return client;
  }

  /** Sends a command; the payloads of its whole answer. `file`: what LOAD DATA LOCAL is to get, packet by packet. */
  async ask(payload: Buffer, file: readonly Buffer[] = []): Promise<readonly Buffer[]> {
    this.#payloads.length = 0;
    this.#follower.expect(payload[0]!);
    this.tell(payload);
    await this.#until(
      () => this.#follower.done || this.#follower.fileWanted,
      `the answer to ${payload.subarray(0, 80)}`,
    );
    if (this.#follower.fileWanted) {
      this.#follower.fileWanted = false;
      const out = new PacketWriter(2);
      for (const part of [...file, Buffer.alloc(0)]) out.packet(part);
      this.#socket.write(out.view());
      await this.#until(() => this.#follower.done, 'the answer to a file');
    }
    return this.#payloads.splice(0);
  }

  /** Sends a command that is never answered. */
  tell(payload: Buffer): void {
    this.sent.push(payload[0]!);
    const out = new PacketWriter(0, payload.length + 64);
    out.packet(payload);
    this.#socket.write(out.view());
  }

  /** COM_CHANGE_USER; fails if it is refused. */
  async become(account: Account): Promise<void> {
    const { user, database, password } = account;
    this.tell(changeUserPayload({ ...this.#login, user, database, authResponse: this.#prove(password) }));
    await this.#verdict(password, 2);
  }

  /** COM_QUIT; done when the server has closed. */
  async quit(): Promise<void> {
    this.tell(Buffer.of(COM.QUIT));
    await this.#until(() => this.#ended, 'the end');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #prove(password: string): Buffer {
    return nativePassword((data) => createHash('sha1').update(data).digest(), password, this.#scramble);
  }

  /** Until a login is accepted; `sequence` is that of the answer to a switch of plugin. */
  async #verdict(password: string, sequence: number): Promise<void> {
    for (;;) {
      const payload = await this.#packet('the verdict on a login');
      const packet = readAuthPacket(payload, NATIVE_PASSWORD);
      if (packet.kind === 'ok') return;
      if (packet.kind !== 'switch') throw new Error(`a login answered with ${payload.toString('latin1')}`);
      this.#scramble = Buffer.from(packet.data.subarray(0, 20));
      const out = new PacketWriter(sequence);
      out.packet(this.#prove(password));
      this.#socket.write(out.view());
    }
  }

  async #packet(what: string): Promise<Buffer> {
    await this.#until(() => this.#payloads.length > 0, what);
    return this.#payloads.shift()!;
  }

  async #until(isThere: () => boolean, what: string): Promise<void> {
    while (!isThere()) {
      if (this.#ended) throw new Error(`the connection has ended before ${what}`);
      await inTime(
        new Promise<void>((resolve) => {
          this.#arrived = resolve;
        }),
        what,
      );
    }
  }
}
