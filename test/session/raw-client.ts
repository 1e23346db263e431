/**
 * A raw client: it sends the bytes a test says and keeps what comes back. It logs in by itself only when asked to.
 */
import type { Address, Connection, ConnectionEvents } from '../../proxy/ports.ts';
import { CAP, COM, EOF_LIMIT, EOF_MARK, ERR_MARK, OK_MARK } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { readGreeting } from '../../proxy/wire/greeting.ts';
import { type Login, writeLogin, writeSslRequest } from '../../proxy/wire/login.ts';
import { readErr, readOk } from '../../proxy/wire/ok.ts';
import { readColumn, readRow } from '../../proxy/wire/result-set.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';
import type { World } from '../../simulator/world/world.ts';

export const PROXY: Address = { host: '172.30.140.64', port: 2883 };

/** Without SESSION_TRACK, so OKs are short. */
export const LOGIN_FLAGS =
  CAP.LONG_PASSWORD | CAP.PROTOCOL_41 | CAP.TRANSACTIONS | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH | CAP.MULTI_RESULTS;

function loginOf(user: string, more: Partial<Login>): Login {
  return {
    capabilities: LOGIN_FLAGS,
    maxPacket: 0x100_0000,
    charset: 45,
    filler: Buffer.alloc(23),
    user,
    authResponse: Buffer.alloc(0),
    database: null,
    plugin: NATIVE_PASSWORD,
    attributes: null,
    ...more,
  };
}

/** `sequence`: behind a request for TLS it is 2. */
export function loginBytes(user: string, more: Partial<Login> = {}, sequence = 1): Buffer {
  const out = new PacketWriter(sequence);
  writeLogin(out, loginOf(user, more));
  return out.view();
}

/** The flags of a client that wants TLS. */
export const TLS_FLAGS: Partial<Login> = { capabilities: LOGIN_FLAGS | CAP.SSL };

export function sslRequestBytes(): Buffer {
  const out = new PacketWriter(1);
  writeSslRequest(out, loginOf('', TLS_FLAGS));
  return out.view();
}

/** A request: its command byte and its argument. */
export function requestBytes(command: number, argument: string | Buffer = ''): Buffer {
  const out = new PacketWriter(0);
  out.packet(Buffer.concat([Buffer.of(command), Buffer.from(argument)]));
  return out.view();
}

export function queryBytes(text: string): Buffer {
  return requestBytes(COM.QUERY, text);
}

export class RawClient implements ConnectionEvents {
  readonly connection: Connection;
  /** What has happened to the connection: `FIN`, `RST`, `closed`. */
  readonly events: string[] = [];
  /** The thread id of the greeting. */
  csId = 0;
  #received: Buffer[] = [];
  #answersFin: boolean;

  /** `answersFin` false: the FIN of the proxy is left without one of ours. */
  constructor(world: World, from?: Address, answersFin = true) {
    this.#answersFin = answersFin;
    this.connection = world.network.connect(PROXY, this, from);
  }

  send(...chunks: Buffer[]): void {
    for (const chunk of chunks) this.connection.write(chunk);
  }

  /** How many bytes wait to be taken. */
  get size(): number {
    return this.#received.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** All bytes that have come since the last call. */
  take(): Buffer {
    const all = Buffer.concat(this.#received);
    this.#received = [];
    return all;
  }

  /** The same, read: a word or two for each packet that ends an answer, the rows of a result between. */
  read(): string[] {
    const reader = new PacketReader();
    reader.push(this.take());
    const said: string[] = [];
    let columns = -1;
    let rowsFollow = false;
    let defined = 0;
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      const { payload, sequence } = packet;
      const isEof = payload[0] === EOF_MARK && payload.length < EOF_LIMIT;
      if (payload[0] === ERR_MARK) {
        const err = readErr(payload);
        said.push(`${sequence} ERR ${err.code}/${err.sqlState} ${err.message}`);
        columns = -1;
        rowsFollow = false;
      } else if (columns < 0 && payload[0] === OK_MARK) {
        const ok = readOk(payload, false);
        said.push(`${sequence} OK ${ok.affectedRows} 0x${ok.status.toString(16)}`);
      } else if (columns < 0) {
        columns = payload[0]!;
        defined = 0;
      } else if (isEof && !rowsFollow) {
        rowsFollow = true;
      } else if (isEof) {
        said.push(`${sequence} EOF 0x${payload.readUInt16LE(3).toString(16)}`);
        columns = -1;
        rowsFollow = false;
      } else if (rowsFollow) {
        said.push(readRow(payload, columns).join('|'));
      } else {
        defined += 1;
        said.push(`column ${readColumn(payload).name}`);
        if (defined > columns) throw new Error('more columns than announced');
      }
    }
    if (reader.pending > 0) said.push(`… ${reader.pending} bytes`);
    return said;
  }

  /** Reads the greeting, which must be all that has come. */
  greet(): void {
    const bytes = this.take();
    this.csId = readGreeting(bytes.subarray(HEADER_SIZE)).threadId;
  }

  data(chunk: Buffer): void {
    this.#received.push(Buffer.from(chunk));
  }

  drain(): void {}
  flushed(): void {}

  end(): void {
    this.events.push('FIN');
    if (this.#answersFin) this.connection.end();
  }

  reset(): void {
    this.events.push('RST');
  }

  closed(): void {
    this.events.push('closed');
  }
}
