/**
 * The network port on `node:net`.
 *
 * Listening and connecting; what happens on a connection stands in `connection.ts`. The numbers in comments are those of
 * "Traps on node:net" in the design. It must never know what the bytes mean. With a `Quiet` it keeps account of what is
 * under way (`odplab run` on sockets); without one, as in production, that costs nothing.
 */
import { createServer, type Server, Socket } from 'node:net';
import {
  type Address,
  type Connection,
  type ConnectionEvents,
  HIGH_WATER,
  type Listener,
  type ListenerEvents,
  type Network,
} from '../ports.ts';
import { type Failed, type House, NodeConnection, plainHost } from './connection.ts';
import type { Quiet } from './quiet.ts';
import { TlsKit, type TlsOptions } from './tls.ts';

/** Half-open because a FIN must not end our own side (2), no delay (9), the same marks on every Node (11). */
const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER };

export interface NodeNetworkOptions {
  /** Keeps account of every event under way. Both ends of every connection must then live in this network. */
  readonly quiet?: Quiet;
  /**
   * Told of an exception that a machine throws while it is handed bytes: a bug of ours. Its connection is reset, and nobody
   * else is harmed. Without it – in tests, which must see bugs – the exception goes on.
   */
  readonly failed?: Failed;
  /** Without it accepted connections cannot have TLS, and those that are asked for take any certificate. */
  readonly tls?: TlsOptions;
}

export class NodeNetwork implements Network {
  readonly #house: House;

  constructor(options: NodeNetworkOptions = {}) {
    const tls = new TlsKit(options.tls ?? { certificate: null, authorities: null });
    this.#house = { quiet: options.quiet, failed: options.failed, tls };
  }

  get acceptsTls(): boolean {
    return this.#house.tls.accepts;
  }

  listen(address: Address, events: ListenerEvents): Listener {
    return new NodeListener(address, events, this.#house);
  }

  connect(address: Address, events: ConnectionEvents, from?: Address): Connection {
    const socket = new Socket(SOCKET_OPTIONS);
    const connection = new NodeConnection(socket, events, address, this.#house.quiet?.connecting(), this.#house);
    // Only now: an error of `connect` itself must find us listening.
    socket.connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      ...(from === undefined ? {} : { localAddress: from.host }),
    });
    return connection;
  }
}

class NodeListener implements Listener {
  readonly #server: Server;
  readonly #events: ListenerEvents;
  readonly #house: House;
  readonly #quiet: Quiet | undefined;
  #state: 'opening' | 'listening' | 'over' = 'opening';
  #port = 0;

  constructor(address: Address, events: ListenerEvents, house: House) {
    this.#house = house;
    this.#events = events;
    this.#quiet = house.quiet;
    this.#quiet?.begin();
    this.#server = createServer(SOCKET_OPTIONS);
    this.#server.on('listening', () => this.#onListening(address.host));
    this.#server.on('error', (error) => this.#onError(error));
    this.#server.on('connection', (socket) => this.#onConnection(socket));
    this.#server.listen({ host: address.host, port: address.port });
  }

  close(): void {
    if (this.#state === 'over') return;
    const opening = this.#state === 'opening';
    this.#state = 'over';
    // Before it listens a server cannot be closed; `#onListening` and `#onError` see to it then.
    if (opening) return;
    this.#server.close();
    // Node's own 'close' would wait for all connections to end (11).
    this.#quiet?.begin();
    setImmediate(() => this.#onClosed());
  }

  #onListening(host: string): void {
    const bound = this.#server.address();
    this.#port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    if (this.#state === 'over') {
      this.#server.close();
      this.#onClosed();
      return;
    }
    this.#state = 'listening';
    this.#events.listening({ host, port: this.#port });
    this.#quiet?.done();
  }

  #onError(error: NodeJS.ErrnoException): void {
    // Once it listens, an error is one of `accept` (no descriptors left): that connection is lost, the listener lives on.
    if (this.#port !== 0) return;
    if (this.#state === 'opening') this.#events.failed(error.code ?? error.message);
    this.#state = 'over';
    this.#onClosed();
  }

  #onClosed(): void {
    this.#events.closed();
    this.#quiet?.listenerClosed(this.#port);
    this.#quiet?.done();
  }

  #onConnection(socket: Socket): void {
    const local = { host: plainHost(socket.localAddress), port: socket.localPort ?? this.#port };
    // Without a name if it was reset before it was accepted.
    const remote = { host: plainHost(socket.remoteAddress), port: socket.remotePort ?? 0 };
    const meter = this.#quiet?.accepted(local.port, remote.port);
    const connection = new NodeConnection(socket, undefined, remote, meter, this.#house, local);
    connection.events = this.#events.accept(connection);
  }
}
