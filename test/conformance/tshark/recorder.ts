/**
 * A relay that keeps what passes through it: for each connection the bytes of both sides in the order they came, as a
 * sniffer between the two would. Sniffing itself needs rights that a test does not have.
 *
 * Knows nothing of what the bytes mean.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';
const OPTIONS = { allowHalfOpen: true, noDelay: true, highWaterMark: 64 * 1024 };

/** One chunk that passed. */
export interface Said {
  readonly from: 'client' | 'server';
  readonly bytes: Buffer;
}

/** Of one connection, in the order they passed. */
export type Recording = readonly Said[];

export class Recorder {
  readonly port: number;
  /** In the order in which the connections were made. */
  readonly recordings: Said[][];
  readonly #server: Server;

  private constructor(server: Server, port: number, recordings: Said[][]) {
    this.#server = server;
    this.port = port;
    this.recordings = recordings;
  }

  /** Before a server on this port of loopback. */
  static async before(port: number): Promise<Recorder> {
    const recordings: Said[][] = [];
    const server = createServer(OPTIONS, (client) => {
      const said: Said[] = [];
      recordings.push(said);
      const upstream = connect({ ...OPTIONS, host: LOOPBACK, port });
      pass('client', client, upstream, said);
      pass('server', upstream, client, said);
    });
    const own = await new Promise<number>((resolve) => {
      server.listen(0, LOOPBACK, () => resolve((server.address() as { port: number }).port));
    });
    return new Recorder(server, own, recordings);
  }

  /** Takes no more connections; those there are end with their sides. */
  stop(): void {
    this.#server.close();
  }
}

function pass(from: Said['from'], source: Socket, to: Socket, said: Said[]): void {
  source.on('data', (bytes) => {
    said.push({ from, bytes });
    if (!to.write(bytes)) source.pause();
  });
  to.on('drain', () => source.resume());
  source.on('end', () => to.end());
  source.on('error', () => to.resetAndDestroy());
}
