/**
 * An empty relay on `node:net`: hands on what comes, FIN and RST too, and knows nothing of it. It notes how the far end of
 * each connection went, which is what its client is told.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';
const OPTIONS = { allowHalfOpen: true, noDelay: true, highWaterMark: 64 * 1024 };

export class Relay {
  readonly port: number;
  readonly #server: Server;
  readonly #told: string[][];
  readonly #live: Set<Socket>;
  readonly #open: Set<Socket>;

  private constructor(server: Server, told: string[][], live: Set<Socket>, open: Set<Socket>) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#told = told;
    this.#live = live;
    this.#open = open;
  }

  /** To this port of the loopback. */
  static start(to: number): Promise<Relay> {
    const told: string[][] = [];
    const live = new Set<Socket>();
    const open = new Set<Socket>();
    const server = createServer(OPTIONS, (client) => {
      const upstream = connect({ ...OPTIONS, host: LOOPBACK, port: to });
      live.add(client);
      open.add(client);
      client.on('finish', () => open.delete(client));
      client.on('close', () => {
        open.delete(client);
        live.delete(client);
      });
      const events: string[] = [];
      told.push(events);
      upstream.once('end', () => events.push('end'));
      upstream.on('error', (error: NodeJS.ErrnoException) => events.push(String(error.code)));
      join(client, upstream);
      join(upstream, client);
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, LOOPBACK, () => resolve(new Relay(server, told, live, open)));
    });
  }

  /** Clients that were not yet told that their far end has gone. */
  get open(): number {
    return this.#open.size;
  }

  /** Of each connection since the last time, in the order in which they came: how the far end went, `end` or an error. */
  takeTold(): string[] {
    return this.#told.splice(0).map(([first]) => first ?? 'nothing');
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#live) socket.destroy();
  }
}

function join(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.resetAndDestroy());
}
