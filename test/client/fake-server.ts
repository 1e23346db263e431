/**
 * A server without a database: greets, takes every login, and answers commands as a test scripts it.
 *
 * For tests of clients and of the scenario runner. It knows packets, and nothing of proxies or observers.
 */
import { createHash } from 'node:crypto';
import type { Address, Connection, ConnectionEvents, Listener, Network } from '../../proxy/ports.ts';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { type Greeting, writeGreeting } from '../../proxy/wire/greeting.ts';
import { type Login, readLogin } from '../../proxy/wire/login.ts';
import { PLAIN_OK, writeEof, writeErr, writeOk } from '../../proxy/wire/ok.ts';
import {
  type Cell,
  type Column,
  column,
  writeColumn,
  writeColumnCount,
  writeRow,
} from '../../proxy/wire/result-set.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD, type Sha1 } from '../../proxy/wire/scramble.ts';

export const sha1: Sha1 = (data) => createHash('sha1').update(data).digest();

export const SERVER: Address = { host: '10.0.0.1', port: 2883 };
export const FIRST_ID = 56_932;

/** What a test may decide; what it leaves out is the friendly case. */
export interface Script {
  accepted?(session: FakeSession): void;
  login?(session: FakeSession): void;
  /** `text` is the statement of a COM_QUERY, else the command byte in hex with what follows it. */
  command?(session: FakeSession, text: string): void;
}

export class FakeServer {
  readonly sessions: FakeSession[] = [];
  readonly script: Script;
  readonly #listener: Listener;

  /** `listening` is told where, for a port that the system chooses. */
  constructor(
    network: Network,
    script: Script,
    address: Address = SERVER,
    listening: (bound: Address) => void = () => {},
  ) {
    this.script = script;
    this.#listener = network.listen(address, {
      listening,
      failed(code) {
        throw new Error(code);
      },
      accept: (connection) => {
        const session = new FakeSession(this, connection, FIRST_ID + this.sessions.length);
        this.sessions.push(session);
        return session;
      },
      closed() {},
    });
  }

  /** Every command that any session received, start-up queries included. */
  get commands(): string[] {
    return this.sessions.flatMap((session) => session.commands);
  }

  stop(): void {
    this.#listener.close();
    for (const session of this.sessions) session.connection.close();
  }
}

export class FakeSession implements ConnectionEvents {
  readonly id: number;
  readonly connection: Connection;
  readonly commands: string[] = [];
  login: Login | null = null;
  /** The login packet as it came, header included. */
  loginBytes = '';
  /** What has been heard of the client: `fin`, `rst`. */
  heard = '';
  readonly #server: FakeServer;
  readonly #packets = new PacketReader();
  #sequence = 1;

  constructor(server: FakeServer, connection: Connection, id: number) {
    this.#server = server;
    this.connection = connection;
    this.id = id;
    if (server.script.accepted === undefined) this.greet();
    else server.script.accepted(this);
  }

  greet(more: Partial<Greeting> = {}): this {
    const out = new PacketWriter(0);
    writeGreeting(out, {
      version: '5.6.25',
      threadId: this.id,
      scramble: CONSTANT_SCRAMBLE,
      capabilities: 0x009f_f7df,
      charset: 46,
      status: 0,
      plugin: NATIVE_PASSWORD,
      ...more,
    });
    this.connection.write(out.view());
    return this;
  }

  data(chunk: Buffer): void {
    this.#packets.push(chunk);
    for (;;) {
      const packet = this.#packets.next();
      if (packet === null) return;
      this.#sequence = packet.sequence + 1;
      if (this.login === null) this.#login(Buffer.from(packet.payload), packet.sequence);
      else this.#command(packet.payload);
    }
  }

  #login(payload: Buffer, sequence: number): void {
    this.login = readLogin(payload);
    const header = Buffer.alloc(4);
    header.writeUIntLE(payload.length, 0, 3);
    header[3] = sequence;
    this.loginBytes = Buffer.concat([header, payload]).toString('hex');
    if (this.#server.script.login === undefined) this.ok();
    else this.#server.script.login(this);
  }

  #command(payload: Buffer): void {
    const text = payload[0] === COM.QUERY ? payload.toString('utf8', 1) : payload.toString('hex');
    this.commands.push(text);
    if (payload[0] === COM.QUIT) return;
    if (text === 'select @@version_comment limit 1') this.rows(['@@version_comment'], [['fake']]);
    else if (text === 'SELECT DATABASE()') this.rows(['DATABASE()'], [[this.login?.database ?? null]]);
    else if (this.#server.script.command === undefined) this.rows(['CONNECTION_ID()'], [[String(this.id)]]);
    else this.#server.script.command(this, text);
  }

  ok(more: Partial<typeof PLAIN_OK> = {}): this {
    const out = this.#out();
    writeOk(out, { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, ...more }, true);
    return this.#send(out);
  }

  err(code: number, sqlState: string, message: string): this {
    const out = this.#out();
    writeErr(out, { code, sqlState, message });
    return this.#send(out);
  }

  /** Columns of text that may be NULL, or as they are given. */
  rows(columns: readonly (string | Column)[], rows: readonly (readonly Cell[])[], status = 0, warnings = 0): this {
    const out = this.#out();
    writeColumnCount(out, columns.length);
    for (const it of columns) writeColumn(out, typeof it === 'string' ? column(it, TYPE.VAR_STRING) : it);
    writeEof(out, STATUS.AUTOCOMMIT);
    for (const row of rows) writeRow(out, row);
    writeEof(out, STATUS.AUTOCOMMIT | status, warnings);
    return this.#send(out);
  }

  /** Column definitions and one row, and nothing more. */
  halfOfRows(): this {
    const out = this.#out();
    writeColumnCount(out, 1);
    writeColumn(out, column('a', TYPE.VAR_STRING));
    writeEof(out, STATUS.AUTOCOMMIT);
    writeRow(out, ['1']);
    return this.#send(out);
  }

  raw(bytes: Buffer): this {
    this.connection.write(bytes);
    return this;
  }

  fin(): void {
    this.connection.end();
  }

  close(): void {
    this.connection.close();
  }

  rst(): void {
    this.connection.reset();
  }

  #out(): PacketWriter {
    return new PacketWriter(this.#sequence);
  }

  #send(out: PacketWriter): this {
    this.#sequence = out.sequence;
    this.connection.write(Buffer.from(out.view()));
    return this;
  }

  drain(): void {}
  flushed(): void {}

  end(): void {
    this.heard += 'fin ';
    this.connection.end();
  }

  reset(): void {
    this.heard += 'rst ';
  }

  closed(): void {}
}
