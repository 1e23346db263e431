/**
 * A scripted observer: it keeps what a proxy sends it and answers with the bytes a test says. It knows no SQL.
 *
 * Answers are in the form an observer uses towards a proxy: an OK behind every ERR and every final EOF (decisions.md 14).
 */
import type { Address, Connection, ConnectionEvents, Listener, ListenerEvents } from '../../proxy/ports.ts';
import { CAP, COM, LOCAL_INFILE_MARK, OBSERVER_OK_STATUS, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { writeGreeting } from '../../proxy/wire/greeting.ts';
import { isSslRequest } from '../../proxy/wire/login.ts';
import { type Ok, PLAIN_OK, writeEof, writeErr, writeObserverOk } from '../../proxy/wire/ok.ts';
import { column, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';
import { writeSessionState } from '../../proxy/wire/session-state.ts';
import type { World } from '../../simulator/world/world.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';

export const SCRAMBLE = Buffer.from('abcdefghijklmnopqrst');
const GREETING_CAPABILITIES = CAP.PROTOCOL_41 | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH | CAP.CONNECT_ATTRS;

/** What an observer's OK may report. */
export interface Reported {
  readonly system?: readonly (readonly [string, string])[];
  readonly user?: readonly (readonly [string, string])[];
  readonly database?: string;
}

function observerOk(more: Partial<Ok>, reported: Reported | null): Ok {
  const state =
    reported === null
      ? null
      : writeSessionState({
          system: reported.system ?? [],
          user: reported.user ?? [],
          database: reported.database ?? null,
        });
  return { ...PLAIN_OK, status: OBSERVER_OK_STATUS, state, ...more };
}

/** An OK that is the whole answer. */
export function okBytes(more: Partial<Ok> = {}, reported: Reported | null = null): Buffer {
  const out = new PacketWriter(1);
  writeObserverOk(out, observerOk(more, reported));
  return out.view();
}

export const IN_TRANS: Partial<Ok> = { status: OBSERVER_OK_STATUS | STATUS.IN_TRANS };

/** An ERR and the extra OK behind it. */
export function errBytes(code: number, message: string, sequence = 1, status = OBSERVER_OK_STATUS): Buffer {
  const out = new PacketWriter(sequence);
  writeErr(out, { code, sqlState: 'HY000', message });
  writeObserverOk(out, observerOk({ status }, null));
  return out.view();
}

/** A result of one column, and the extra OK behind it. */
export function rowsBytes(name: string, rows: readonly string[], status = OBSERVER_OK_STATUS): Buffer {
  const out = new PacketWriter(1);
  writeColumnCount(out, 1);
  writeColumn(out, column(name, TYPE.VARCHAR));
  writeEof(out, status & ~STATUS.NO_INDEX_USED);
  for (const row of rows) writeRow(out, [row]);
  writeEof(out, status & ~STATUS.NO_INDEX_USED);
  writeObserverOk(out, observerOk({ status }, null));
  return out.view();
}

/** One connection of the proxy to the observer. */
export class ObserverConnection implements ConnectionEvents {
  readonly observer: ScriptedObserver;
  readonly connection: Connection;
  readonly threadId: number;
  /** The login packet as it came, header included. */
  login: Buffer | null = null;
  /** The request for TLS before it, header included. */
  sslRequest: Buffer | null = null;
  /** Requests in their order: `QUERY select 1`, `INIT_DB shop`, `QUIT`. */
  readonly requests: string[] = [];
  /** Bytes of every request's payload, in the same order. */
  readonly payloads: Buffer[] = [];
  /** Files that were sent to it whole, for a LOCAL INFILE of its own. */
  readonly files: Buffer[] = [];
  /** How it ended, as far as it is seen here: `''`, `FIN` or `RST`. */
  ended = '';
  readonly #reader = new PacketReader();
  /** The file under way. */
  #file: Buffer[] | null = null;

  constructor(observer: ScriptedObserver, connection: Connection, threadId: number) {
    this.observer = observer;
    this.connection = connection;
    this.threadId = threadId;
    const greeting = observer.greeting(threadId);
    if (greeting !== null) connection.write(greeting);
  }

  write(...chunks: Buffer[]): void {
    for (const chunk of chunks) this.connection.write(chunk);
  }

  /** Its answer to a request; one that asks for a file is followed by that file. */
  #reply(answer: Buffer | null): void {
    if (answer === null) return;
    if (answer[HEADER_SIZE] === LOCAL_INFILE_MARK) this.#file = [];
    this.write(answer);
  }

  /** A packet of a file: the empty one ends it. */
  #take(part: Buffer): void {
    if (part.length > 0) {
      this.#file!.push(Buffer.from(part));
      return;
    }
    const file = Buffer.concat(this.#file!);
    this.#file = null;
    this.files.push(file);
    this.#reply(this.observer.answer(`FILE ${file.length} bytes`, this));
  }

  data(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let packet = this.#reader.next(); packet !== null; packet = this.#reader.next()) {
      if (this.login === null && isSslRequest(packet.payload)) {
        this.sslRequest = Buffer.concat([Buffer.of(packet.payload.length, 0, 0, packet.sequence), packet.payload]);
        this.observer.goesSecure(this, this.#reader.drain());
        return;
      }
      if (this.login === null) {
        const out = new PacketWriter(packet.sequence);
        out.packet(packet.payload);
        this.login = Buffer.from(out.view());
        const answer = this.observer.loginAnswer(this);
        if (answer !== null) this.write(answer);
        continue;
      }
      if (this.#file !== null) {
        this.#take(packet.payload);
        continue;
      }
      const payload = Buffer.from(packet.payload);
      const asked = describe(payload);
      this.requests.push(asked);
      this.payloads.push(payload);
      this.observer.log.push(`${this.observer.name}/${this.threadId} ${asked}`);
      if (payload[0] === COM.QUIT) continue;
      this.#reply(this.observer.answer(asked, this));
    }
  }

  drain(): void {}
  flushed(): void {}

  end(): void {
    this.ended = 'FIN';
    this.observer.log.push(`${this.observer.name}/${this.threadId} FIN`);
    this.connection.end();
  }

  reset(): void {
    this.ended = 'RST';
  }

  closed(): void {}
}

function describe(payload: Buffer): string {
  if (payload.length === 0) return 'nothing';
  const command = payload[0]!;
  const name = Object.entries(COM).find(([, byte]) => byte === command)?.[0] ?? `0x${command.toString(16)}`;
  const text = payload.length > 200 ? `<${payload.length} bytes>` : payload.toString('utf8', 1);
  return text === '' ? name : `${name} ${text}`;
}

export class ScriptedObserver implements ListenerEvents {
  readonly name: string;
  readonly address: Address;
  readonly connections: ObserverConnection[] = [];
  /** What all observers of a stage have seen, in order. */
  readonly log: string[];
  readonly #listener: Listener;
  #nextThreadId: number;

  /** The greeting offers TLS. */
  offersTls = false;

  /** Answers to requests, by how the request is described; what is not said here is answered OK. Null: no answer. */
  answers: Record<string, Buffer | null> = {};

  constructor(world: World, name: string, address: Address, firstThreadId: number, log: string[]) {
    this.name = name;
    this.address = address;
    this.log = log;
    this.#nextThreadId = firstThreadId;
    this.#listener = world.network.listen(address, this);
  }

  /** From now on connections to it are refused. */
  down(): void {
    this.#listener.close();
  }

  get last(): ObserverConnection {
    return this.connections.at(-1)!;
  }

  greeting(threadId: number): Buffer | null {
    const out = new PacketWriter(0);
    writeGreeting(out, {
      version: '5.7.25-OceanBase_CE-v4.2.1.0',
      threadId,
      scramble: SCRAMBLE,
      capabilities: this.offersTls ? GREETING_CAPABILITIES | CAP.SSL : GREETING_CAPABILITIES,
      charset: 45,
      status: 2,
      plugin: NATIVE_PASSWORD,
    });
    return out.view();
  }

  /** It is asked for TLS. */
  goesSecure({ connection }: ObserverConnection, early: Buffer): void {
    connection.startTls(early);
  }

  loginAnswer(_connection: ObserverConnection): Buffer | null {
    return OBSERVER_LOGIN_OK;
  }

  answer(asked: string, _connection: ObserverConnection): Buffer | null {
    const answer = this.answers[asked];
    return answer === undefined ? okBytes() : answer;
  }

  listening(): void {}
  failed(code: string): void {
    throw new Error(`observer ${this.name} cannot listen: ${code}`);
  }
  closed(): void {}

  accept(connection: Connection): ConnectionEvents {
    const made = new ObserverConnection(this, connection, this.#nextThreadId);
    this.#nextThreadId += 1;
    this.connections.push(made);
    return made;
  }
}
