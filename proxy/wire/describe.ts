/**
 * One line per packet, for people: what `--trace` prints.
 *
 * A `Conversation` is fed what both ends of one connection say and tells from the course of it what each packet is. It
 * only looks on, so it must never fail: what cannot be read becomes `N bytes: hex…`. Not for the hot path: packets are
 * gathered whole.
 */
import { ByteReader, WireError } from './bytes.ts';
import { CAP, COM, EOF_LIMIT, EOF_MARK, ERR_MARK, LOCAL_INFILE_MARK, OK_MARK, STATUS } from './constants.ts';
import { MAX_PACKET_PAYLOAD, type Packet, PacketReader } from './framing.ts';
import { readGreeting } from './greeting.ts';
import { isSslRequest, readLogin } from './login.ts';
import { type Ok, readEof, readObserverOk, readOk } from './ok.ts';
import {
  describeColumn,
  describeCommand,
  describeEof,
  describeErr,
  describeGreeting,
  describeLogin,
  describeOk,
  describeRow,
  describeSwitch,
  quote,
  raw,
} from './printable.ts';

/** Who speaks. */
export type Speaker = 'client' | 'server';

/** Where the conversation stands; in `command` the client asks and the server answers. `encrypted`: nothing can be read, unless `secured` is said. */
type Phase = 'greeting' | 'login' | 'verdict' | 'command' | 'encrypted';

/** What the server's next packet is, within the answer to one command. `parameters` is PREPARE's first list. */
type Answer = 'first' | 'parameters' | 'columns' | 'rows';

/** Commands that are never answered. */
const SILENT: ReadonlySet<number> = new Set([COM.QUIT, COM.STMT_CLOSE, COM.STMT_SEND_LONG_DATA]);
/** Commands whose rows come in the binary form. */
const BINARY: ReadonlySet<number> = new Set([COM.STMT_EXECUTE, COM.STMT_FETCH]);

export class Conversation {
  /** The server is an observer and the client a proxy: OKs come in the proxy form, and one more behind every ERR and last EOF. */
  readonly #observerSide: boolean;
  readonly #readers: Readonly<Record<Speaker, PacketReader>> = {
    client: new PacketReader(),
    server: new PacketReader(),
  };
  #phase: Phase = 'greeting';
  #offered = 0;
  #tracks = false;
  /** Commands without a whole answer, the oldest first (a client may send several at once). */
  #asked: number[] = [];
  #answer: Answer = 'first';
  /** PREPARE: a list of columns follows that of the parameters. */
  #columnsFollow = false;
  /** The sequence id of an extra OK, if one is to come; −1 if not. */
  #extra = -1;

  constructor(observerSide: boolean) {
    this.#observerSide = observerSide;
  }

  /** One line for each packet that this chunk completes. */
  feed(speaker: Speaker, chunk: Buffer): string[] {
    if (this.#phase === 'encrypted') return [`${chunk.length} bytes encrypted`];
    const reader = this.#readers[speaker];
    // The chunk is its owner's: what waits for the rest of a packet must be a copy.
    reader.push(Buffer.from(chunk));
    const lines: string[] = [];
    for (let packet = next(reader); packet !== null; packet = next(reader)) {
      lines.push(this.#line(speaker, packet));
      if (this.#encrypted()) return [...lines, ...this.end(speaker)];
    }
    return lines;
  }

  /** What is fed from here on has been decrypted: the login comes now. */
  secured(): void {
    if (this.#phase === 'encrypted') this.#phase = 'login';
  }

  /** The speaker will say no more: a line for the packet that did not become whole, if there is one. */
  end(speaker: Speaker): string[] {
    const left = this.#readers[speaker].drain();
    return left.length === 0 ? [] : [`incomplete, ${raw(left)}`];
  }

  #encrypted(): boolean {
    return this.#phase === 'encrypted';
  }

  #line(speaker: Speaker, packet: Packet): string {
    try {
      if (packet.payload.length === 0) return raw(packet.payload);
      return speaker === 'client' ? this.#client(packet) : this.#server(packet);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // An answer that cannot be read was one all the same. (Every change of state below comes after the reading.)
      if (speaker === 'server' && this.#phase === 'command' && this.#answer === 'first') this.#done();
      return raw(packet.payload);
    }
  }

  #client({ sequence, payload }: Packet): string {
    if (this.#phase === 'greeting' || this.#phase === 'login') {
      if (isSslRequest(payload)) {
        this.#phase = 'encrypted';
        return 'SSLRequest';
      }
      this.#phase = 'verdict';
      const login = readLogin(payload);
      this.#tracks = (login.capabilities & this.#offered & CAP.SESSION_TRACK) !== 0;
      return describeLogin(login);
    }
    // The sequence id of its first packet: anything but 0 goes on with something (authentication, LOCAL INFILE).
    const first = (sequence - Math.floor(payload.length / MAX_PACKET_PAYLOAD)) & 0xff;
    if (this.#phase === 'verdict' || first !== 0) return raw(payload);
    const command = payload[0]!;
    if (!SILENT.has(command)) {
      if (this.#asked.length === 0) this.#answer = 'first';
      this.#asked.push(command);
    }
    return describeCommand(payload);
  }

  #server({ sequence, payload }: Packet): string {
    const mark = payload[0]!;
    const extra = this.#extra === sequence && mark === OK_MARK;
    this.#extra = -1;
    if (extra) return `extra ${this.#ok(payload)}`;
    if (this.#phase === 'greeting') {
      this.#phase = 'login';
      if (mark === ERR_MARK) return describeErr(payload);
      const greeting = readGreeting(payload);
      this.#offered = greeting.capabilities;
      return describeGreeting(greeting);
    }
    if (mark === ERR_MARK) {
      // An ERR nobody asked for (a shutdown) answers no command.
      const unasked = this.#phase === 'command' && this.#asked.length === 0;
      const line = describeErr(payload);
      if (!unasked) this.#last(sequence);
      return unasked ? `${line} (unasked)` : line;
    }
    if (this.#phase !== 'command') {
      if (mark === OK_MARK) this.#phase = 'command';
      return mark === OK_MARK ? this.#ok(payload) : mark === EOF_MARK ? describeSwitch(payload) : raw(payload);
    }
    const command = this.#asked[0];
    if (command === undefined) return `${mark === OK_MARK ? this.#ok(payload) : raw(payload)} (unasked)`;
    const isEof = mark === EOF_MARK && payload.length < EOF_LIMIT;
    if (this.#answer === 'first') return this.#first(command, sequence, payload, isEof);
    if (isEof) return this.#eof(command, sequence, payload);
    if (this.#answer === 'rows') return BINARY.has(command) ? `binary row ${raw(payload)}` : describeRow(payload);
    return describeColumn(this.#answer === 'parameters' ? 'parameter' : 'column', payload);
  }

  #first(command: number, sequence: number, payload: Buffer, isEof: boolean): string {
    const mark = payload[0]!;
    if (command === COM.STATISTICS) {
      this.#last(sequence);
      return quote(payload);
    }
    if (command === COM.STMT_PREPARE && mark === OK_MARK) return this.#prepared(sequence, payload);
    if (command === COM.FIELD_LIST || command === COM.STMT_FETCH) {
      this.#answer = command === COM.FIELD_LIST ? 'columns' : 'rows';
      if (isEof) return this.#eof(command, sequence, payload);
      return command === COM.STMT_FETCH ? `binary row ${raw(payload)}` : describeColumn('column', payload);
    }
    if (mark === OK_MARK) {
      const ok = this.#read(payload);
      if ((ok.status & STATUS.MORE_RESULTS) === 0) this.#done();
      return describeOk(ok);
    }
    if (mark === LOCAL_INFILE_MARK) return `LOCAL INFILE ${quote(payload.subarray(1))}`;
    if (mark === EOF_MARK && command === COM.CHANGE_USER) return describeSwitch(payload);
    if (isEof) {
      const line = describeEof(payload);
      this.#done();
      return line;
    }
    const count = new ByteReader(payload).lenenc('columns');
    this.#answer = 'columns';
    return `columns ${count}`;
  }

  #eof(command: number, sequence: number, payload: Buffer): string {
    const line = describeEof(payload);
    const { status } = readEof(payload);
    if (this.#answer === 'parameters' && this.#columnsFollow) {
      this.#answer = 'columns';
    } else if (
      command === COM.STMT_PREPARE ||
      command === COM.FIELD_LIST ||
      (status & STATUS.CURSOR_EXISTS && this.#answer === 'columns')
    ) {
      this.#last(sequence);
    } else if (this.#answer === 'columns') {
      this.#answer = 'rows';
    } else if (status & STATUS.MORE_RESULTS) {
      this.#answer = 'first';
    } else {
      this.#last(sequence);
    }
    return line;
  }

  #prepared(sequence: number, payload: Buffer): string {
    const from = new ByteReader(payload, 1);
    const id = from.u32('statement id');
    const columns = from.u16('columns');
    const parameters = from.u16('parameters');
    this.#columnsFollow = columns > 0;
    if (parameters > 0) this.#answer = 'parameters';
    else if (columns > 0) this.#answer = 'columns';
    else this.#last(sequence);
    return `prepared ${id} columns=${columns} parameters=${parameters}`;
  }

  /** The answer ends here, but for the extra OK of an observer. */
  #last(sequence: number): void {
    this.#done();
    if (this.#observerSide) this.#extra = (sequence + 1) & 0xff;
  }

  #done(): void {
    this.#asked.shift();
    this.#answer = 'first';
  }

  #read(payload: Buffer): Ok {
    return this.#observerSide ? readObserverOk(payload) : readOk(payload, this.#tracks);
  }

  #ok(payload: Buffer): string {
    return describeOk(this.#read(payload));
  }
}

/** The next packet. Bytes that are no packets come out as one, so that the trace goes on. */
function next(reader: PacketReader): Packet | null {
  try {
    return reader.next();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { sequence: 0, payload: reader.drain() };
  }
}
