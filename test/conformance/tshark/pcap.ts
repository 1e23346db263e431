/**
 * Recordings as a file that Wireshark reads (libpcap's format, raw IPv4): each a TCP connection to port 3306, from its SYN
 * to its FINs, every chunk in segments of its own.
 *
 * Checksums are left 0; Wireshark does not look at them unless told to.
 */
import { writeFileSync } from 'node:fs';
import type { Recording, Said } from './recorder.ts';

/** Whose frame it is. */
export interface FrameOwner {
  /** The number of the recording, from 0. */
  readonly connection: number;
  readonly from: Said['from'];
}

/** The first client's; each connection has one of its own. */
const FIRST_PORT = 20_000;
/** What Wireshark takes for MySQL without being told. */
const SERVER_PORT = 3306;

const MAGIC = 0xa1b2c3d4;
const SNAP_LENGTH = 0x4_0000;
const LINK_RAW = 101;
const IP_SIZE = 20;
const TCP_SIZE = 20;
const HEADERS = IP_SIZE + TCP_SIZE;
/** An IPv4 packet has a length of 16 bits. */
const MOST = 0xffff - HEADERS;
const WINDOW = 0xffff;

const FIN = 0x01;
const SYN = 0x02;
const PSH = 0x08;
const ACK = 0x10;

const CLIENT_HOST = Buffer.of(10, 0, 0, 1);
const SERVER_HOST = Buffer.of(10, 0, 0, 2);

/** Writes the file; the owner of each of its frames, in order. */
export function writePcap(file: string, recordings: readonly Recording[]): readonly FrameOwner[] {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(SNAP_LENGTH, 16);
  head.writeUInt32LE(LINK_RAW, 20);
  const capture = new Capture();
  for (const [i, recording] of recordings.entries()) capture.connection(i, recording);
  writeFileSync(file, Buffer.concat([head, ...capture.bytes]));
  return capture.owners;
}

const NOTHING = Buffer.alloc(0);

class Capture {
  readonly bytes: Buffer[] = [];
  readonly owners: FrameOwner[] = [];
  /** Microseconds; one more with each frame. */
  #time = 0;
  #connection = 0;
  /** The next sequence number of each side. */
  #next = { client: 0, server: 0 };

  connection(connection: number, recording: Recording): void {
    this.#connection = connection;
    this.#next = { client: 0, server: 0 };
    this.#frame('client', SYN, NOTHING);
    this.#frame('server', SYN | ACK, NOTHING);
    this.#frame('client', ACK, NOTHING);
    for (const { from, bytes } of recording) {
      for (let at = 0; at < bytes.length; at += MOST) this.#frame(from, PSH | ACK, bytes.subarray(at, at + MOST));
    }
    this.#frame('client', FIN | ACK, NOTHING);
    this.#frame('server', FIN | ACK, NOTHING);
    this.#frame('client', ACK, NOTHING);
  }

  #frame(from: Said['from'], flags: number, bytes: Buffer): void {
    const head = Buffer.alloc(16 + HEADERS);
    const size = HEADERS + bytes.length;
    head.writeUInt32LE(Math.floor(this.#time / 1e6), 0);
    head.writeUInt32LE(this.#time % 1e6, 4);
    head.writeUInt32LE(size, 8);
    head.writeUInt32LE(size, 12);
    const fromClient = from === 'client';
    const ip = head.subarray(16);
    ip[0] = 0x45;
    ip.writeUInt16BE(size, 2);
    ip[8] = 64;
    ip[9] = 6;
    ip.set(fromClient ? CLIENT_HOST : SERVER_HOST, 12);
    ip.set(fromClient ? SERVER_HOST : CLIENT_HOST, 16);
    const port = FIRST_PORT + this.#connection;
    const tcp = ip.subarray(IP_SIZE);
    tcp.writeUInt16BE(fromClient ? port : SERVER_PORT, 0);
    tcp.writeUInt16BE(fromClient ? SERVER_PORT : port, 2);
    tcp.writeUInt32BE(this.#next[from] >>> 0, 4);
    if (flags & ACK) tcp.writeUInt32BE(this.#next[fromClient ? 'server' : 'client'] >>> 0, 8);
    tcp[12] = (TCP_SIZE / 4) << 4;
    tcp[13] = flags;
    tcp.writeUInt16BE(WINDOW, 14);
    this.bytes.push(head, bytes);
    this.owners.push({ connection: this.#connection, from });
    this.#next[from] += bytes.length + (flags & (SYN | FIN) ? 1 : 0);
    this.#time += 1;
  }
}
