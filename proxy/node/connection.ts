/**
 * A connection of the network port, on `node:net` and `node:tls`.
 *
 * Everything odd about Node's sockets is put right here, so that the core meets the same port as in memory; the numbers
 * in comments are those of "Traps on node:net" in the design. It must never know what the bytes mean.
 *
 * Per packet it allocates nothing and makes no function: callbacks are made once for each connection. One that goes over
 * to TLS changes its stream, and all else is as before.
 */
import type { Socket } from 'node:net';
import { type Address, type Connection, type ConnectionEvents, HIGH_WATER } from '../ports.ts';
import type { Meter, Quiet } from './quiet.ts';
import { type TlsKit, tlsErrorText } from './tls.ts';

const NOTHING = Buffer.alloc(0);

/** Told of an exception that a machine throws while it is handed bytes. */
export type Failed = (error: unknown) => void;

/** What all connections of a network have in common. */
export interface House {
  readonly quiet: Quiet | undefined;
  readonly failed: Failed | undefined;
  readonly tls: TlsKit;
}

/** IPv4 that came through a socket of both kinds is written as IPv4. */
export function plainHost(host: string | undefined): string {
  if (host === undefined) return '0.0.0.0';
  return host.startsWith('::ffff:') ? host.slice(7) : host;
}

/** Where a connection stands; `securing` from `startTls` to `secured`, `stopped` once nothing but `closed` may come. */
type Stage = 'connecting' | 'up' | 'securing' | 'stopped';

/** What has been heard of the peer's end of sending; `asking` while RST is told from FIN. */
type Hearing = 'bytes' | 'asking' | 'fin';

export class NodeConnection implements Connection {
  /** Set by the listener when its owner has said who gets the events. */
  events: ConnectionEvents | undefined;
  local: Address;
  readonly remote: Address;
  /** The TCP socket; only it can be reset (8). */
  readonly #raw: Socket;
  /** What is read and written: the TCP socket, or the TLS that has taken it over. */
  #socket: Socket;
  readonly #house: House;
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
  /** It was accepted: TLS' server. */
  readonly #accepted: boolean;
  /** Bytes for the handshake that waits until what was written plainly has left us. */
  #early: Buffer | undefined;
  secure = false;
  #paused = false;

  constructor(
    socket: Socket,
    events: ConnectionEvents | undefined,
    remote: Address,
    meter: Meter | undefined,
    house: House,
    local?: Address,
  ) {
    this.#house = house;
    this.#failed = house.failed;
    this.#raw = socket;
    this.#socket = socket;
    this.#accepted = local !== undefined;
    this.events = events;
    this.remote = remote;
    this.local = local ?? { host: '0.0.0.0', port: 0 };
    this.#stage = local === undefined ? 'connecting' : 'up';
    this.#meter = meter;
    meter?.watch(this);
    this.#onWrite = (error) => this.#written(error);
    if (local === undefined) socket.on('connect', () => this.#onConnect());
    this.#hear(socket);
    socket.on('data', (chunk) => this.#onData(chunk));
  }

  /** What a socket says once TLS has taken it over is the TLS' business. */
  #hear(socket: Socket): void {
    socket.on('drain', () => {
      if (socket === this.#socket) this.#onDrain();
    });
    socket.on('end', () => {
      if (socket === this.#socket) this.#onEnd();
    });
    // A question put to the TCP socket is answered there.
    socket.on('error', (error) => this.#onError(error));
    socket.on('close', () => {
      if (socket === this.#socket) this.#onClose();
    });
  }

  get unsent(): number {
    return this.#stage === 'stopped' ? 0 : this.#socket.writableLength;
  }

  write(chunk: Buffer): boolean {
    // Node would destroy a socket that is written to after its end (7).
    if (!this.#sending || chunk.length === 0) return this.#unsendable();
    this.#send(chunk);
    return this.#room();
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    if (!this.#sending) return this.#unsendable();
    this.#socket.cork();
    for (const chunk of chunks) if (chunk.length > 0) this.#send(chunk);
    this.#socket.uncork();
    return this.#room();
  }

  #unsendable(): true {
    if (this.#stage === 'securing') throw new Error('something was written in the midst of a TLS handshake');
    return true;
  }

  pause(): void {
    if (this.#stage === 'stopped') return;
    this.#paused = true;
    if (this.#stage !== 'securing') this.#socket.pause();
    this.#meter?.pause(true);
  }

  resume(): void {
    if (this.#stage === 'stopped') return;
    this.#paused = false;
    // What comes in a handshake is not for us, and the TCP socket must not flow while it waits to be taken over.
    if (this.#stage !== 'securing') this.#socket.resume();
    this.#meter?.pause(false);
  }

  end(): void {
    if (this.#stage === 'securing') this.close();
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

  startTls(early: Buffer): void {
    if (this.#stage !== 'up' || !this.#sending) return;
    this.#stage = 'securing';
    this.#sending = false;
    this.#meter?.securing(early.length);
    this.#early = early;
    // From now on what comes is for the handshake, and lies in the socket until that begins.
    this.#raw.removeAllListeners('data');
    this.#raw.pause();
    if (this.#writes === 0) this.#shakeHands();
  }

  #shakeHands(): void {
    const early = this.#early!;
    this.#early = undefined;
    const { tls } = this.#house;
    const socket = this.#accepted ? tls.server(this.#raw, early) : tls.client(this.#raw, early);
    this.#socket = socket;
    this.#hear(socket);
    // The side that connects looks at the certificate first. The other one writes a last word of the handshake after it
    // has said that it is done; a RST would be lost on that write, and then taken for FIN.
    if (this.#accepted) socket.on('secure', () => setImmediate(() => this.#onSecured()));
    else socket.on('secureConnect', () => this.#onSecured());
  }

  #onSecured(): void {
    if (this.#stage !== 'securing') return;
    if (this.#paused) this.#socket.pause();
    // Only now: what came right behind the handshake has waited.
    this.#socket.on('data', (chunk) => this.#onData(chunk));
    this.#stage = 'up';
    this.#sending = true;
    this.secure = true;
    this.#meter?.secured();
    this.events!.secured?.();
  }

  #tlsFailed(why: string): void {
    this.#meter?.tlsFailed();
    this.#stage = 'stopped';
    this.#socket.destroy();
    this.events!.tlsFailed?.(why);
  }

  /**
   * For the meter: asks for a RST that an end which has heard FIN does not see by itself, for it no longer reads.
   */
  probe(): void {
    if (this.#stage === 'up' && this.#sending && this.#hearing === 'fin') this.#raw.write(NOTHING);
  }

  #stop(how: 'close' | 'reset'): void {
    const connecting = this.#stage === 'connecting';
    this.#stage = 'stopped';
    this.#sending = false;
    this.#meter?.stopped(how);
    // Whether its peer will ever see a connection given up half-way is the system's secret; what is counted waits.
    if (connecting && this.#meter !== undefined) this.#stopWhenUp = how;
    else if (how === 'reset' && !connecting) this.#abort();
    // TLS passes on what it has been given a turn of the loop later; the TCP socket would have had it at once.
    else if (this.#writes > 0 && this.#socket !== this.#raw) setImmediate(() => this.#socket.destroy());
    else this.#socket.destroy();
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
    this.#raw.resetAndDestroy();
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
    if (this.#early !== undefined && this.#writes === 0 && this.#stage === 'securing' && !error) this.#shakeHands();
    // After an error 'error' follows, and tells.
    if (error || this.#writes > 0 || (this.#stage !== 'up' && this.#stage !== 'securing')) return;
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
   * TLS would answer for itself, so the TCP socket is asked.
   */
  #onEnd(): void {
    if (this.#stage === 'securing') this.#tlsFailed('the peer has ended in the midst of the handshake');
    if (this.#stage !== 'up') return;
    if (this.#sending && this.#socket.writableLength === 0) {
      this.#hearing = 'asking';
      this.#raw.write(NOTHING, (error) => this.#onAnswer(error));
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
    if (stage === 'securing') {
      this.#tlsFailed(tlsErrorText(error));
      return;
    }
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
    if (this.#stage === 'securing') this.#tlsFailed('the peer has gone in the midst of the handshake');
    this.#stage = 'stopped';
    this.#sending = false;
    this.events!.closed();
    this.#meter?.closed();
  }
}
