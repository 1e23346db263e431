/**
 * Responses for tests: a list of parts, and of each part is known what the client gets for it. So after every chunk it can
 * be said what must have gone out by then – rows at once – and what must not: an ERR or EOF before its extra OK is whole.
 */
import { expect } from 'vitest';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { type Ok, PLAIN_OK, writeEof, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { type PrepareOk, writePrepareOk } from '../../proxy/wire/prepared.ts';
import { type ResponseOptions, ResponseReader } from '../../proxy/wire/response.ts';
import { column, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';

/** What happens to a part: it goes out while it arrives, or once it is whole, or waits for the part behind it; or is dropped. */
export type Fate = 'passes' | 'whole' | 'waits' | 'dropped';

export interface Part {
  readonly fate: Fate;
  readonly server: Buffer;
  readonly client: Buffer;
}

/** A response under construction: parts with ascending sequence ids. */
export class Script {
  readonly parts: Part[] = [];
  #sequence: number;

  constructor(sequence = 1) {
    this.#sequence = sequence;
  }

  #part(fate: Fate, write: (out: PacketWriter) => void): this {
    const out = new PacketWriter(this.#sequence, 64);
    write(out);
    this.#sequence = out.sequence;
    const server = out.view();
    return this.add({ fate, server, client: fate === 'dropped' ? Buffer.alloc(0) : server });
  }

  add(part: Part): this {
    this.parts.push(part);
    return this;
  }

  /** A packet that goes to the client unread. */
  passes(write: (out: PacketWriter) => void): this {
    return this.#part('passes', write);
  }

  /** A packet that is understood, and forwarded as it is. */
  whole(write: (out: PacketWriter) => void): this {
    return this.#part('whole', write);
  }

  waits(write: (out: PacketWriter) => void): this {
    return this.#part('waits', write);
  }

  columns(...names: string[]): this {
    this.whole((out) => writeColumnCount(out, names.length));
    for (const name of names) this.passes((out) => writeColumn(out, column(name, TYPE.VAR_STRING)));
    return this.whole((out) => writeEof(out, 0x02));
  }

  row(...cells: (string | null)[]): this {
    return this.passes((out) => writeRow(out, cells));
  }

  /** The extra OK. */
  extra(ok: Partial<Ok> = {}): this {
    return this.#part('dropped', (out) => writeObserverOk(out, { ...PLAIN_OK, status: 0x22, ...ok }));
  }

  /** The OK that is the response, as an observer sends it and as a client gets it. */
  ok(ok: Ok, clientTracks: boolean): this {
    const server = new PacketWriter(this.#sequence);
    writeObserverOk(server, ok);
    const client = new PacketWriter(this.#sequence);
    const status = ok.state === null ? ok.status : ok.status | STATUS.SESSION_STATE_CHANGED;
    writeOk(client, { ...ok, status, state: null }, clientTracks);
    return this.add({ fate: 'whole', server: server.view(), client: client.view() });
  }

  /** PREPARE_OK; the client gets it under the id `PREPARED_AS`, at once if definitions follow. */
  prepared(it: PrepareOk, fate: Fate): this {
    const server = new PacketWriter(this.#sequence);
    writePrepareOk(server, it);
    const client = new PacketWriter(this.#sequence);
    writePrepareOk(client, { ...it, id: PREPARED_AS });
    this.#sequence = server.sequence;
    return this.add({ fate, server: server.view(), client: client.view() });
  }

  /** Definitions of parameters or columns. */
  definitions(count: number): this {
    for (let i = 0; i < count; i += 1) this.passes((out) => writeColumn(out, column(`c${i}`, TYPE.VAR_STRING)));
    return this;
  }

  get server(): Buffer {
    return Buffer.concat(this.parts.map((part) => part.server));
  }

  get client(): Buffer {
    return Buffer.concat(this.parts.map((part) => part.client));
  }
}

/** The id of the proxy's own in all cases. */
export const PREPARED_AS = 0x01020304;

export interface Case {
  readonly name: string;
  readonly command?: number;
  readonly options?: Partial<ResponseOptions>;
  readonly script: Script;
  readonly finalOk: Ok | null;
  readonly status: number;
  readonly errorCode?: number;
  readonly prepared?: PrepareOk;
  /** Not looked at unless told. */
  readonly eofStatus?: number;
}

export const OBSERVER: ResponseOptions = { extraOk: true, statisticsOk: false, clientTracks: true };
export const EXTRA_OK: Ok = { ...PLAIN_OK, status: 0x22 };

export function err(out: PacketWriter): void {
  writeErr(out, errorOf('QUERY_INTERRUPTED'));
}

export function eof(out: PacketWriter): void {
  writeEof(out, 0x02);
}

export function readerOf({ options, command }: Pick<Case, 'options' | 'command'>): ResponseReader {
  const reader = new ResponseReader({ ...OBSERVER, ...options });
  reader.expect(command ?? COM.QUERY, PREPARED_AS);
  return reader;
}

/** The fewest and the most client bytes that may have gone out when `arrived` bytes of the response are here. */
function dueAfter(parts: readonly Part[], arrived: number): readonly [least: number, most: number] {
  let start = 0;
  let due = 0;
  let waiting = 0;
  for (const part of parts) {
    const end = start + part.server.length;
    if (end > arrived) {
      // A row goes out as it comes; of its header and first byte it may be that not all is here to tell it by.
      const partial = part.fate === 'passes' ? arrived - start : 0;
      return [due + Math.max(0, partial - HEADER_SIZE), due + partial];
    }
    if (part.fate === 'waits') {
      waiting = part.client.length;
    } else {
      due += waiting + part.client.length;
      waiting = 0;
    }
    start = end;
  }
  return [due, due];
}

/** Feeds the pieces one by one, each spoiled as soon as it was read: nothing may be kept as a view. */
export function feed(it: Case, pieces: readonly Buffer[], label: string): void {
  const { script } = it;
  const expected = script.client;
  const reader = readerOf(it);
  let arrived = 0;
  let sent = 0;
  for (const piece of pieces) {
    expect(reader.done, label).toBe(false);
    const chunk = Buffer.from(piece);
    const out: Buffer[] = [];
    expect(reader.read(chunk, out), label).toBe(chunk.length);
    const bytes = Buffer.concat(out);
    chunk.fill(0xee);
    arrived += chunk.length;
    if (!bytes.equals(expected.subarray(sent, sent + bytes.length))) {
      expect(bytes.toString('hex'), label).toBe(expected.toString('hex', sent, sent + bytes.length));
    }
    sent += bytes.length;
    const [least, most] = dueAfter(script.parts, arrived);
    if (sent < least || sent > most)
      expect.fail(`${label}: after ${arrived} bytes ${sent} sent, not ${least} to ${most}`);
  }
  expect(sent, label).toBe(expected.length);
  expect(reader.done, label).toBe(true);
  expect(reader.finalOk, label).toEqual(it.finalOk);
  expect(reader.status, label).toBe(it.status);
  expect(reader.errorCode, label).toBe(it.errorCode ?? 0);
  expect(reader.prepared, label).toEqual(it.prepared ?? null);
  if (it.eofStatus !== undefined) expect(reader.eofStatus, label).toBe(it.eofStatus);
}
