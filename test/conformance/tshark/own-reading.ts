/**
 * What our own decoder (`proxy/wire`) reads from a recording, packet by packet, under the names of Wireshark's fields – and
 * the same fields of what Wireshark reads, to be compared.
 *
 * Left out where Wireshark 4.0 reads something else than is there (each told at its place below): then a packet's length
 * and number are all that is compared.
 */
import { ByteReader } from '../../../proxy/wire/bytes.ts';
import {
  CAP,
  COM,
  EOF_LIMIT,
  EOF_MARK,
  ERR_MARK,
  LOCAL_INFILE_MARK,
  OK_MARK,
  STATUS,
} from '../../../proxy/wire/constants.ts';
import { MAX_PACKET_PAYLOAD, type Packet, PacketReader } from '../../../proxy/wire/framing.ts';
import { readGreeting } from '../../../proxy/wire/greeting.ts';
import { readLogin } from '../../../proxy/wire/login.ts';
import { readEof, readErr, readOk } from '../../../proxy/wire/ok.ts';
import { readPrepareOk, readStatementId } from '../../../proxy/wire/prepared.ts';
import { type Column, readColumn } from '../../../proxy/wire/result-set.ts';
import type { Dissected } from './dissection.ts';
import type { Recording, Said } from './recorder.ts';
import { binaryRow, column, counted, eof, hex, hex16, nulled, type Told } from './told.ts';

export interface OwnPacket {
  readonly from: Said['from'];
  /** Null: only its length and number are. */
  readonly told: readonly Told[] | null;
  readonly length: number;
  readonly number: number;
}

/** Wireshark's value is its bytes, not what it shows. */
const BY_BYTES: ReadonlySet<string> = new Set([
  'version',
  'user',
  'schema',
  'query',
  'sqlstate',
  'error.message',
  'message',
  'field.db',
  'field.table',
  'field.org_table',
  'field.name',
  'field.org_name',
  'row.text',
  'row.nullbuffer',
  'exec.field.string',
]);
const FROM_CLIENT: ReadonlySet<string> = new Set(['user', 'command', 'query', 'stmt_id']);
const FROM_SERVER: ReadonlySet<string> = new Set([
  ...BY_BYTES,
  'thread_id',
  'response_code',
  'affected_rows',
  'insert_id',
  'warnings',
  'server_status',
  'error_code',
  'stmt_id',
  'num_fields',
  'num_params',
  'field.charsetnr',
  'field.length',
  'field.type',
  'field.flags',
  'field.decimals',
  'exec.field.null',
  'exec.field.tiny',
  'exec.field.unsigned_tiny',
  'exec.field.short',
  'exec.field.unsigned_short',
  'exec.field.long',
  'exec.field.unsigned_long',
  'exec.field.longlong',
  'exec.field.unsigned_longlong',
]);

/** A packet as a line, to be compared. */
export function ownLine(packet: OwnPacket): string {
  const { from, length, number, told } = packet;
  return [`${from} ${number}: ${length} bytes`, ...(told ?? []).map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** The same of Wireshark's reading, with those fields that ours tells. */
export function sharkLine({ from, kind, fields }: Dissected, own: OwnPacket): string {
  const told: Told[] = [];
  const wanted = from === 'client' ? FROM_CLIENT : FROM_SERVER;
  let length = -1;
  let number = -1;
  for (const { name, text, bytes } of fields) {
    if (name === 'packet_length') length = Number(text);
    else if (name === 'packet_number') number = Number(text);
    // Now it is the one, now the other: the message of an OK.
    else if (name === 'message' && bytes === '') continue;
    else if (own.told !== null && kind.startsWith('response OK') && name === 'payload') told.push(['message', bytes]);
    else if (own.told !== null && wanted.has(name))
      told.push([name, BY_BYTES.has(name) && bytes !== '' ? bytes : text]);
  }
  return ownLine({ from, length, number, told: own.told === null ? null : told });
}

/** What the server's next packet is, within an answer. `lost`: Wireshark has lost the thread until the next command. */
type Phase = 'greeting' | 'verdict' | 'first' | 'parameters' | 'columns' | 'rows' | 'lost';

/** Commands that are never answered. */
const SILENT: ReadonlySet<number> = new Set([COM.QUIT, COM.STMT_CLOSE, COM.STMT_SEND_LONG_DATA]);
const WITH_TEXT: ReadonlySet<number> = new Set([COM.QUERY, COM.STMT_PREPARE]);
const WITH_ID: ReadonlySet<number> = new Set([
  COM.STMT_EXECUTE,
  COM.STMT_SEND_LONG_DATA,
  COM.STMT_CLOSE,
  COM.STMT_RESET,
  COM.STMT_FETCH,
]);

/** An OK without rows, insert id and message. */
const SHORT_OK = 7;

/** Every packet of a recording. */
export function ownReading(recording: Recording): readonly OwnPacket[] {
  const reading = new OwnReading();
  for (const { from, bytes } of recording) reading.feed(from, bytes);
  return reading.packets;
}

class OwnReading {
  readonly packets: OwnPacket[] = [];
  readonly #readers = { client: new PacketReader(), server: new PacketReader() };
  #phase: Phase = 'greeting';
  #offered = 0;
  #agreed = 0;
  #command = 0;
  /** Definitions still to come, of parameters or columns. */
  #left = 0;
  /** PREPARE: how many of columns come behind those of parameters. */
  #columnsFollow = 0;
  #columns: Column[] = [];
  /** The client is sending a file. */
  #file = false;

  feed(from: Said['from'], bytes: Buffer): void {
    const reader = this.#readers[from];
    reader.push(bytes);
    for (let packet = reader.next(); packet !== null; packet = reader.next()) this.#packet(from, packet);
  }

  #packet(from: Said['from'], packet: Packet): void {
    const { payload, sequence } = packet;
    const told = from === 'client' ? this.#client(packet) : this.#server(payload);
    const parts = Math.floor(payload.length / MAX_PACKET_PAYLOAD);
    if (parts === 0) {
      this.packets.push({ from, length: payload.length, number: sequence, told });
      return;
    }
    // Wireshark takes each part for a packet of its own.
    this.#phase = 'lost';
    for (let i = 0; i <= parts; i += 1) {
      const length = i < parts ? MAX_PACKET_PAYLOAD : payload.length - parts * MAX_PACKET_PAYLOAD;
      this.packets.push({ from, length, number: (sequence - parts + i) & 0xff, told: null });
    }
  }

  #client({ payload, sequence }: Packet): readonly Told[] | null {
    if (this.#phase === 'greeting') {
      const login = readLogin(payload);
      this.#agreed = login.capabilities & this.#offered;
      this.#phase = 'verdict';
      return [['user', nulled(login.user)]];
    }
    // Wireshark takes the packets of a file for commands, and their answer for that of the last of them.
    if (this.#file) this.#phase = 'lost';
    if (this.#file && payload.length === 0) this.#file = false;
    if (this.#phase === 'lost' && sequence > 0) return null;
    if (this.#phase === 'verdict' && sequence > 0) return null;
    const command = payload[0]!;
    const told: Told[] = [['command', String(command)]];
    if (!SILENT.has(command)) {
      this.#command = command;
      this.#phase = command === COM.CHANGE_USER ? 'verdict' : 'first';
    }
    if (command === COM.CHANGE_USER) told.push(['user', nulled(new ByteReader(payload, 1).nulText())]);
    if (WITH_TEXT.has(command)) told.push(['query', hex(payload.subarray(1))]);
    if (WITH_ID.has(command)) told.push(['stmt_id', String(readStatementId(payload))]);
    return told;
  }

  #server(payload: Buffer): readonly Told[] | null {
    const mark = payload[0]!;
    if (this.#phase === 'lost') return null;
    if (this.#phase === 'greeting') {
      const { version, threadId, status, capabilities } = readGreeting(payload);
      this.#offered = capabilities;
      return [
        ['version', nulled(version)],
        ['thread_id', String(threadId)],
        ['server_status', hex16(status)],
      ];
    }
    if (mark === ERR_MARK) return this.#error(payload);
    if (this.#phase === 'verdict') return mark === OK_MARK ? this.#ok(payload) : null;
    if (this.#phase === 'first') return this.#first(payload, mark);
    if (this.#phase === 'rows') {
      const isLong = (this.#agreed & CAP.DEPRECATE_EOF) !== 0;
      if (mark === EOF_MARK && payload.length < EOF_LIMIT + (isLong ? MAX_PACKET_PAYLOAD : 0)) {
        const end = isLong ? this.#ok(payload) : eof(payload);
        if (((isLong ? readOk(payload, false) : readEof(payload)).status & STATUS.MORE_RESULTS) !== 0)
          this.#phase = 'first';
        return end;
      }
      return this.#row(payload);
    }
    return this.#definition(payload, mark);
  }

  #definition(payload: Buffer, mark: number): readonly Told[] | null {
    if (this.#left === 0 && mark === EOF_MARK && payload.length < EOF_LIMIT) {
      this.#defined((readEof(payload).status & STATUS.CURSOR_EXISTS) !== 0);
      return eof(payload);
    }
    const it = readColumn(payload);
    if (this.#phase === 'columns') this.#columns.push(it);
    if (this.#command !== COM.FIELD_LIST) this.#left -= 1;
    if (this.#left === 0 && (this.#agreed & CAP.DEPRECATE_EOF) !== 0) this.#defined(false);
    return column(it);
  }

  /** All definitions of a list are here. */
  #defined(cursor: boolean): void {
    if (this.#phase === 'parameters' && this.#columnsFollow > 0) {
      this.#phase = 'columns';
      this.#left = this.#columnsFollow;
    } else {
      const rows = this.#command === COM.QUERY || (this.#command === COM.STMT_EXECUTE && !cursor);
      this.#phase = rows ? 'rows' : 'first';
    }
  }

  #first(payload: Buffer, mark: number): readonly Told[] | null {
    // Wireshark takes a fetched row for an OK: it does not remember the columns.
    if (this.#command === COM.STMT_FETCH) {
      if (mark !== EOF_MARK || payload.length >= EOF_LIMIT) return null;
      return payload.length < SHORT_OK ? eof(payload) : this.#ok(payload);
    }
    if (this.#command === COM.STATISTICS) return [['message', hex(payload)]];
    if (mark === OK_MARK && this.#command === COM.STMT_PREPARE) return this.#prepared(payload);
    if (mark === OK_MARK) return this.#ok(payload);
    if (mark === LOCAL_INFILE_MARK) {
      this.#file = true;
      return null;
    }
    if (mark === EOF_MARK && payload.length < EOF_LIMIT)
      return payload.length < SHORT_OK ? eof(payload) : this.#ok(payload);
    this.#columns = [];
    this.#phase = 'columns';
    if (this.#command === COM.FIELD_LIST) return this.#definition(payload, mark);
    this.#left = new ByteReader(payload).lenenc('columns');
    return [['num_fields', String(this.#left)]];
  }

  #prepared(payload: Buffer): readonly Told[] {
    const { id, columns, parameters, warnings } = readPrepareOk(payload);
    this.#columns = [];
    this.#columnsFollow = columns;
    this.#left = parameters > 0 ? parameters : columns;
    if (this.#left > 0) this.#phase = parameters > 0 ? 'parameters' : 'columns';
    return [
      ['response_code', '0x00'],
      ['stmt_id', String(id)],
      ['num_fields', String(columns)],
      ['num_params', String(parameters)],
      ['warnings', String(warnings)],
    ];
  }

  #error(payload: Buffer): readonly Told[] {
    this.#phase = 'first';
    const { code, sqlState, message } = readErr(payload);
    const told: Told[] = [
      ['response_code', '0xff'],
      ['error_code', String(code)],
      ['sqlstate', hex(Buffer.from(sqlState))],
    ];
    return [...told, ['error.message', hex(Buffer.from(message))]];
  }

  #ok(payload: Buffer): readonly Told[] {
    const tracks = (this.#agreed & CAP.SESSION_TRACK) !== 0;
    const { affectedRows, lastInsertId, status, warnings, message } = readOk(payload, tracks);
    if (this.#phase === 'verdict') this.#phase = 'first';
    const told: Told[] = [
      ['response_code', payload[0] === OK_MARK ? '0x00' : '0xfe'],
      ['affected_rows', String(affectedRows)],
    ];
    if (lastInsertId) told.push(['insert_id', String(lastInsertId)]);
    told.push(['server_status', hex16(status)], ['warnings', String(warnings)]);
    const text = Buffer.from(message);
    // Without SESSION_TRACK Wireshark takes the length for a part of it: also where it is a 0, and all there is.
    if (message !== '') told.push(['message', tracks ? hex(text) : counted(text)]);
    else if (!tracks && payload.at(-1) === 0 && payload.length === SHORT_OK + 1) told.push(['message', '00']);
    return told;
  }

  #row(payload: Buffer): readonly Told[] | null {
    if (this.#command === COM.STMT_EXECUTE) return binaryRow(payload, this.#columns);
    // Wireshark takes it for a binary row: its first cell is empty.
    if (payload[0] === 0) return null;
    const from = new ByteReader(payload);
    const told: Told[] = [];
    for (let i = 0; i < this.#columns.length; i += 1) {
      const size = from.lenencOrNull('cell');
      told.push(['row.text', size === null ? 'NULL' : hex(from.bytes(size))]);
    }
    return told;
  }
}
