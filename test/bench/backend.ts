/**
 * The benchmark's backend, a process of its own: a server that answers from ready-made bytes, so that it is never what is
 * measured. To a proxy it speaks as an observer does (extra OK), to anybody else as MySQL does.
 *
 * `SELECT 1` gives one row; `BIG n` gives n MiB in rows of 1 KiB.
 */
import { createServer, type Socket } from 'node:net';
import { CAP, COM, TYPE } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { writeGreeting } from '../../proxy/wire/greeting.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import { PLAIN_OK, writeEof, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { column, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';

const STATUS = 0x22;
/** One write of the big answer: 64 rows of 1 KiB. */
const ROWS_PER_CHUNK = 64;
const ROW_TEXT = 'x'.repeat(1017);

function head(out: PacketWriter): void {
  writeColumnCount(out, 1);
  writeColumn(out, column('1', TYPE.LONGLONG));
  writeEof(out, 2);
}

function tail(out: PacketWriter, toProxy: boolean): void {
  writeEof(out, 2);
  if (toProxy) writeObserverOk(out, { ...PLAIN_OK, status: STATUS });
}

function oneRow(toProxy: boolean): Buffer {
  const out = new PacketWriter(1);
  head(out);
  writeRow(out, ['1']);
  tail(out, toProxy);
  return out.view();
}

const ANSWERS = { proxy: oneRow(true), client: oneRow(false) };

class Served {
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  #loggedIn = false;
  #toProxy = false;
  /** Chunks of a big answer still to be written. */
  #chunks = 0;

  constructor(socket: Socket, id: number) {
    this.#socket = socket;
    const out = new PacketWriter(0);
    const capabilities =
      CAP.PROTOCOL_41 | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH | CAP.CONNECT_ATTRS | CAP.SESSION_TRACK;
    writeGreeting(out, {
      version: '5.7.25',
      threadId: 0xc0040000 + id,
      scramble: CONSTANT_SCRAMBLE,
      capabilities,
      charset: 46,
      status: 0,
      plugin: NATIVE_PASSWORD,
    });
    socket.write(out.view());
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('drain', () => this.#more());
    socket.on('error', () => {});
  }

  #data(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let packet = this.#reader.next(); packet !== null; packet = this.#reader.next()) {
      if (!this.#loggedIn) this.#logIn(packet.payload);
      else if (packet.payload[0] === COM.QUIT) this.#socket.end();
      else if (packet.payload[1] === 0x42) this.#big(Number(packet.payload.toString('latin1', 5)));
      else this.#socket.write(this.#toProxy ? ANSWERS.proxy : ANSWERS.client);
    }
  }

  #logIn(payload: Buffer): void {
    const login = readLogin(payload);
    this.#toProxy = login.attributes?.some((it) => it.value.toString() === '__ob_proxy') ?? false;
    this.#loggedIn = true;
    const out = new PacketWriter(2);
    if (this.#toProxy) writeObserverOk(out, { ...PLAIN_OK, status: STATUS });
    else writeOk(out, { ...PLAIN_OK, status: STATUS }, false);
    this.#socket.write(out.view());
  }

  #big(mebibytes: number): void {
    const out = new PacketWriter(1);
    head(out);
    this.#socket.write(out.view());
    this.#chunks = mebibytes * (1024 / ROWS_PER_CHUNK);
    this.#more();
  }

  #more(): void {
    while (this.#chunks > 0) {
      this.#chunks -= 1;
      const out = new PacketWriter(4, ROWS_PER_CHUNK * 1024 + 64);
      for (let i = 0; i < ROWS_PER_CHUNK; i += 1) writeRow(out, [ROW_TEXT]);
      if (this.#chunks === 0) tail(out, this.#toProxy);
      if (!this.#socket.write(out.view())) return;
    }
  }
}

let connections = 0;
const server = createServer({ noDelay: true, highWaterMark: 64 * 1024 }, (socket) => {
  connections += 1;
  new Served(socket, connections);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('disconnect', () => process.exit());
