/**
 * What Wireshark's MySQL dissector reads from recordings: every packet with its fields, as `tshark` prints them (PDML).
 *
 * Single bits of a flag field are left out, as the field itself is there, and so is where things stand in a frame:
 * how the bytes were cut into segments must not matter.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FrameOwner, writePcap } from './pcap.ts';
import type { Recording, Said } from './recorder.ts';

export interface Field {
  /** Without `mysql.` in front: `field.name`, `row.text`. */
  readonly name: string;
  /** As tshark shows it; of a text above `LONG` only a hash. */
  readonly text: string;
  /** The bytes it was read from, in hex; the same above `LONG`. */
  readonly bytes: string;
}

/** A packet as the dissector reads it. */
export interface Dissected {
  readonly from: Said['from'];
  /** What the dissector takes it for: `field packet`, `response OK`; of a request its command. */
  readonly kind: string;
  readonly fields: readonly Field[];
  readonly malformed: boolean;
}

/** Characters of a field's line; 16 MiB of text make one of 64. */
const LONG = 4096;
const NEWLINE = 0x0a;
const CLOSING = 0x3e;
const PACKET = /^ {2}<proto name="mysql" showname="MySQL Protocol(?: - )?([^"]*)"/;
const FIELD =
  /^ *<field name="(mysql\.|mariadb\.|_ws\.expert\.message")([\w.]*)"?(?:.*? show="([^"]*)")?(?:.*? value="([0-9a-f]*)")?/s;
const FRAME = /^ {4}<field name="num" .*? show="(\d+)"/;

/** One list for each recording, in order. */
export async function dissect(recordings: readonly Recording[]): Promise<readonly (readonly Dissected[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'odplab-tshark-'));
  try {
    const file = join(folder, 'capture.pcap');
    const reading = new Reading(recordings.length, writePcap(file, recordings));
    // tshark's own files are looked for in the folder, so a person's settings change nothing.
    const child = spawn('tshark', ['-r', file, '-Y', 'mysql', '-T', 'pdml', '-J', 'mysql _ws.malformed'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C.UTF-8', HOME: folder, XDG_CONFIG_HOME: folder, WIRESHARK_CONFIG_DIR: folder },
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stdout.on('data', (chunk: Buffer) => reading.push(chunk));
    const code = await ended;
    if (code !== 0) throw new Error(`tshark ended with ${code}`);
    return reading.packets;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Open {
  readonly from: Said['from'];
  kind: string;
  readonly fields: Field[];
  malformed: boolean;
}

/** PDML, element by element, as it comes. */
class Reading {
  readonly packets: Open[][];
  readonly #owners: readonly FrameOwner[];
  #owner: FrameOwner = { connection: 0, from: 'client' };
  /** The packet that fields belong to; null outside one. */
  #open: Open | null = null;
  /** The start of an element that goes on: in the next chunk, or behind a newline in a text. */
  #rest: Buffer[] = [];

  constructor(connections: number, owners: readonly FrameOwner[]) {
    this.packets = Array.from({ length: connections }, () => []);
    this.#owners = owners;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, to + 1)) {
      // Texts stand there with their newlines, but with no `>`.
      const before = to > from ? chunk[to - 1] : this.#rest.at(-1)?.at(-1);
      if (before !== CLOSING) continue;
      const end = chunk.subarray(from, to);
      this.#element(this.#rest.length === 0 ? end : Buffer.concat([...this.#rest.splice(0), end]));
      from = to + 1;
    }
    if (from < chunk.length) this.#rest.push(chunk.subarray(from));
  }

  #element(bytes: Buffer): void {
    // A bit of a field that has been read.
    if (bytes.includes('unmaskedvalue="')) return;
    const line = bytes.toString('utf8');
    if (line.startsWith('  <proto')) {
      this.#proto(line);
      return;
    }
    const field = FIELD.exec(line);
    if (field !== null && this.#open !== null) {
      const name = field[1] === '_ws.expert.message' ? 'expert' : field[2]!;
      if (name === 'command') this.#open.kind = /showname="Command: ([^"]*)"/.exec(line)?.[1] ?? '';
      this.#open.fields.push({ name, text: short(field[3] ?? ''), bytes: short(field[4] ?? '') });
      return;
    }
    const frame = FRAME.exec(line);
    if (frame !== null) this.#owner = this.#owners[Number(frame[1]) - 1]!;
  }

  #proto(line: string): void {
    const packets = this.packets[this.#owner.connection]!;
    const packet = PACKET.exec(line);
    if (packet !== null) {
      this.#open = { from: this.#owner.from, kind: packet[1]!, fields: [], malformed: false };
      packets.push(this.#open);
    } else if (line.includes('"_ws.malformed"')) {
      const last = packets.at(-1);
      if (last !== undefined) last.malformed = true;
      this.#open = null;
    } else {
      this.#open = null;
    }
  }
}

/** A long one as its hash. */
export function short(text: string): string {
  return text.length <= LONG ? text : createHash('sha1').update(text).digest('hex');
}

/** A packet in one line, to be compared and read. */
export function lineOf(packet: Dissected): string {
  const fields = packet.fields.map(({ name, text, bytes }) => `${name}=${text}${bytes === '' ? '' : `/${bytes}`}`);
  return `${packet.from}: ${packet.kind}${packet.malformed ? ' MALFORMED' : ''} ${fields.join(' ')}`;
}
