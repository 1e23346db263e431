/**
 * The network port on `node:net`.
 *
 * Everything odd about Node's sockets is put right here, so that the core meets the same port as in memory; the numbers
 * in comments are those of "Traps on node:net" in the design. It must never know what the bytes mean. With a `Quiet` it
 * keeps account of what is under way (`odplab run` on sockets); without one, as in production, that costs nothing.
 *
 * Per packet it allocates nothing and makes no function: callbacks are made once for each connection.
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
import type { Meter, Quiet } from './quiet.ts';

/** Half-open because a FIN must not end our own side (2), no delay (9), the same marks on every Node (11). */
const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER };

const NOTHING = Buffer.alloc(0);

export interface NodeNetworkOptions {
  /** Keeps account of every event under way. Both ends of every connection must then live in this network. */
  readonly quiet?: Quiet;
  /**
   * Told of an exception that a machine throws while it is handed bytes: a bug of ours. Its connection is reset, and nobody
   * else is harmed. Without it – in tests, which must see bugs – the exception goes on.
   */
  readonly failed?: Failed;
}

type Failed = (error: unknown) => void;

export class NodeNetwork implements Network {
  readonly #quiet: Quiet | undefined;
  readonly #failed: Failed | undefined;

  constructor(options: NodeNetworkOptions = {}) {
    this.#quiet = options.quiet;
    this.#failed = options.failed;
  }

  listen(address: Address, events: ListenerEvents): Listener {
    return new NodeListener(address, events, this.#quiet, this.#failed);
  }

  connect(address: Address, events: ConnectionEvents, from?: Address): Connection {
    const socket = new Socket(SOCKET_OPTIONS);
    const connection = new NodeConnection(socket, events, address, this.#quiet?.connecting(), this.#failed);
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
  readonly #failed: Failed | undefined;
  readonly #quiet: Quiet | undefined;
  #state: 'opening' | 'listening' | 'over' = 'opening';
  #port = 0;

  constructor(address: Address, events: ListenerEvents, quiet: Quiet | undefined, failed: Failed | undefined) {
    this.#failed = failed;
    this.#events = events;
    this.#quiet = quiet;
    quiet?.begin();
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
    const connection = new NodeConnection(socket, undefined, remote, meter, this.#failed, local);
    connection.events = this.#events.accept(connection);
  }
}

/** IPv4 that came through a socket of both kinds is written as IPv4. */
function plainHost(host: string | undefined): string {
  if (host === undefined) return '0.0.0.0';
  return host.startsWith('::ffff:') ? host.slice(7) : host;
}

/** Where a connection stands; `stopped` once nothing but `closed` may come. */
type Stage = 'connecting' | 'up' | 'stopped';

/** What has been heard of the peer's end of sending; `asking` while RST is told from FIN. */
type Hearing = 'bytes' | 'asking' | 'fin';

class NodeConnection implements Connection {
  /** Set by the listener when its owner has said who gets the events. */
  events: ConnectionEvents | undefined;
  local: Address;
  readonly remote: Address;
  readonly #socket: Socket;
  readonly #failed: Failed | undefined;
  readonly #meter: Meter | undefined;
  readonly #onWrite: (error?: Error | null) => void;
  #stage: Stage;
  #hearing: Hearing = 'bytes';
  #sending = true;
  /** Writes that Node has not called back; 0 is "all has left us". */
  #writes = 0;
  /** `write` has given false, and `drain` has not come. */
  #full = false;
  /** How to stop once a connection that is counted is up. */
  #stopWhenUp: 'close' | 'reset' | undefined;

  constructor(
    socket: Socket,
    events: ConnectionEvents | undefined,
    remote: Address,
    meter: Meter | undefined,
    failed: Failed | undefined,
    local?: Address,
  ) {
    this.#failed = failed;
    this.#socket = socket;
    this.events = events;
    this.remote = remote;
    this.local = local ?? { host: '0.0.0.0', port: 0 };
    this.#stage = local === undefined ? 'connecting' : 'up';
    this.#meter = meter;
    meter?.watch(this);
    this.#onWrite = (error) => this.#written(error);
    if (local === undefined) socket.on('connect', () => this.#onConnect());
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#onError(error));
    socket.on('close', () => this.#onClose());
  }

  get unsent(): number {
    return this.#stage === 'stopped' ? 0 : this.#socket.writableLength;
  }

  write(chunk: Buffer): boolean {
    // Node would destroy a socket that is written to after its end (7).
    if (!this.#sending || chunk.length === 0) return true;
    this.#send(chunk);
    return this.#room();
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    if (!this.#sending) return true;
    this.#socket.cork();
    for (const chunk of chunks) if (chunk.length > 0) this.#send(chunk);
    this.#socket.uncork();
    return this.#room();
  }

  pause(): void {
    if (this.#stage === 'stopped') return;
    this.#socket.pause();
    this.#meter?.pause(true);
  }

  resume(): void {
    if (this.#stage === 'stopped') return;
    this.#socket.resume();
    this.#meter?.pause(false);
  }

  end(): void {
    if (!this.#sending) return;
    this.#sending = false;
    this.#meter?.ended();
    this.#socket.end();
  }

  close(): void {
    if (this.#stage === 'stopped') return;
    // What Node has read for us and we have not is unread, too: the system would have answered it with RST.
    this.#stop(this.#socket.readableLength > 0 ? 'reset' : 'close');
  }

  reset(): void {
    if (this.#stage === 'stopped') return;
    this.#stop('reset');
  }

  /**
   * For the meter: asks for a RST that an end which has heard FIN does not see by itself, for it no longer reads.
   */
  probe(): void {
    if (this.#stage === 'up' && this.#sending && this.#hearing === 'fin') this.#socket.write(NOTHING);
  }

  #stop(how: 'close' | 'reset'): void {
    const connecting = this.#stage === 'connecting';
    this.#stage = 'stopped';
    this.#sending = false;
    this.#meter?.stopped(how);
    // Whether its peer will ever see a connection given up half-way is the system's secret; what is counted waits.
    if (connecting && this.#meter !== undefined) this.#stopWhenUp = how;
    else if (connecting || how === 'close') this.#socket.destroy();
    else this.#abort();
  }

  #abort(): void {
    const socket = this.#socket;
    // While the system is being asked to send our FIN it refuses to reset (EINVAL, and no 'close' would ever come).
    if (socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished) {
      socket.once('finish', () => this.#abortNow());
    } else {
      this.#abortNow();
    }
  }

  #abortNow(): void {
    if (this.#meter !== undefined) this.#meter.resetIsOut = true;
    this.#socket.resetAndDestroy();
  }

  #send(chunk: Buffer): void {
    this.#writes++;
    this.#meter?.wrote(chunk.length);
    this.#socket.write(chunk, this.#onWrite);
  }

  /** Node's own answer counts what the system has just taken in some versions and not in others. */
  #room(): boolean {
    if (this.#socket.writableLength <= HIGH_WATER) return true;
    this.#full = true;
    return false;
  }

  #onConnect(): void {
    const socket = this.#socket;
    this.local = { host: plainHost(socket.localAddress), port: socket.localPort ?? 0 };
    this.#meter?.opened(this.local.port, socket.remotePort ?? this.remote.port);
    if (this.#stopWhenUp === 'close') socket.destroy();
    else if (this.#stopWhenUp === 'reset') this.#abort();
    if (this.#stage !== 'connecting') return;
    this.#stage = 'up';
    this.events!.opened?.();
  }

  #onData(chunk: Buffer): void {
    this.#meter?.got(chunk.length);
    if (this.#stage !== 'up') return;
    if (this.#failed === undefined) {
      this.events!.data(chunk);
      return;
    }
    try {
      this.events!.data(chunk);
    } catch (error) {
      this.#failed(error);
      this.reset();
    }
  }

  #written(error: Error | null | undefined): void {
    this.#writes--;
    this.#meter?.written();
    // After an error 'error' follows, and tells.
    if (error || this.#writes > 0 || this.#stage !== 'up') return;
    this.events!.flushed();
    // A peer that has closed answers what we write with RST, which we would not see: behind a FIN Node does not read.
    this.probe();
  }

  #onDrain(): void {
    if (!this.#full || !this.#sending) return;
    this.#full = false;
    this.events!.drain();
  }

  /**
   * Data and RST in the same poll look like data and FIN (1); only a write tells: ECONNRESET after a RST alone, EPIPE after
   * FIN and RST. When our side is closed nothing can be asked; when it has bytes unsent, they will fail by themselves.
   */
  #onEnd(): void {
    if (this.#stage !== 'up') return;
    if (this.#sending && this.#socket.writableLength === 0) {
      this.#hearing = 'asking';
      this.#socket.write(NOTHING, (error) => this.#onAnswer(error));
    } else {
      this.#tellFin();
    }
  }

  #onAnswer(error: NodeJS.ErrnoException | null | undefined): void {
    if (this.#stage !== 'up') return;
    // 'error' follows, and tells.
    if (error && error.code !== 'EPIPE') return;
    this.#tellFin();
  }

  #tellFin(): void {
    this.#hearing = 'fin';
    this.#meter?.heardFin();
    this.events!.end();
  }

  #onError(error: NodeJS.ErrnoException): void {
    const stage = this.#stage;
    this.#sending = false;
    // Its peer accepted it and reset it, before we came round to look: it was up all the same.
    const wasUp = error.syscall === 'connect' && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
    if (wasUp) this.#meter?.openedLate(this.remote.port);
    this.#meter?.broke();
    if (stage === 'stopped') return;
    if (stage === 'connecting') {
      if (!wasUp) {
        this.#stage = 'stopped';
        this.events!.refused?.();
        return;
      }
      this.#stage = 'up';
      this.events!.opened?.();
      // As `stop` would have left it, if that was called just now.
      if ((this.#stage as Stage) === 'stopped') return;
    }
    this.#stage = 'stopped';
    this.events!.reset();
  }

  #onClose(): void {
    this.#stage = 'stopped';
    this.#sending = false;
    this.events!.closed();
    this.#meter?.closed();
  }
}
