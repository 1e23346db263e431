/**
 * The three ports through which everything that thinks reaches the world: network, clock, choices.
 *
 * The core (proxy, simulated observers, scripted clients) is made of synchronous machines that know these types and
 * nothing else of the outside. `proxy/node/` implements them on `node:net` and real time, `simulator/world/` in memory
 * on a virtual clock; `test/ports/` holds one list of expectations that both must meet.
 *
 * The rule above all others: **no event is ever delivered from inside a call into a port.** A machine that calls
 * `write`, `end`, `connect`, `after` … is never entered again before it returns.
 *
 * This file imports nothing and must never do so.
 */

/** A TCP address: IPv4 text (or a name the network can resolve) and a port, 1–65535; port 0 asks for any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * One TCP connection, as its owner sees it. Whoever holds it gives it a `ConnectionEvents` when it is made
 * (`Network.connect`, `ListenerEvents.accept`).
 *
 * `write` and `writeAll` keep the buffers they are given: their bytes must not change until `flushed`.
 */
export interface Connection {
  readonly local: Address;
  readonly remote: Address;

  /** Bytes handed to `write` that have not left us yet (they stand in our own queue, not in the peer's or the system's). */
  readonly unsent: number;

  /**
   * Sends bytes, after all written before. False when more than `HIGH_WATER` bytes are unsent: stop writing until
   * `drain`. After `end`, `close`, `reset` or the end of the connection it does nothing, which is no error, and gives true.
   */
  write(chunk: Buffer): boolean;

  /** The same for several views, in one system call. */
  writeAll(chunks: readonly Buffer[]): boolean;

  /** No more `data` until `resume`; the peer's FIN waits behind the unread data. Once the buffers are full the peer must wait. */
  pause(): void;
  resume(): void;

  /** What was written goes out, then FIN. Reading goes on. Towards a peer that never reads, the FIN is never sent. */
  end(): void;

  /** FIN now; what is unsent is dropped, and nothing more is read. The peer may see RST if bytes of its own lay unread. */
  close(): void;

  /** RST now; what is unsent is dropped. */
  reset(): void;

  /** TLS protects it: from `secured` on. */
  readonly secure: boolean;

  /**
   * Goes on in TLS; whoever accepted the connection is TLS' server. Both ends call it, each when its protocol says so. What
   * was written before still goes out as it is. `early` are bytes that `data` has handed over already although they belong
   * to the handshake: they came right behind the request for it.
   *
   * Nothing may be written until `secured` (it throws: a bug), and `end` is `close` until then. Afterwards all is as without
   * TLS: `end` is close_notify and FIN, `close` FIN, `reset` RST. After any of them this call does nothing.
   *
   * Whoever is paused may be stuck in the handshake until it resumes, and hears no data before.
   *
   * In memory TLS is a mark without cryptography: a hello of a few bytes each way, then the bytes as they are. So all that
   * can go wrong before and around a handshake goes wrong there too.
   */
  startTls(early: Buffer): void;
}

/** More than this many unsent bytes make `write` answer false; Node 20's default is 16 KiB, later ones' 64 KiB: we set it. */
export const HIGH_WATER = 64 * 1024;

/** What can happen to a connection. `closed` comes exactly once, and last. */
export interface ConnectionEvents {
  /** A connection asked for with `Network.connect` is up. (An accepted one is up from the start and gets no `opened`.) */
  opened?(): void;
  /** A connection asked for could not be made; only `closed` follows. */
  refused?(): void;
  /** Bytes from the peer. The view keeps its whole chunk alive: copy what outlives the event. */
  data(chunk: Buffer): void;
  /** After a `write` that gave false: there is room again. */
  drain(): void;
  /** All that was written has left us. Comes once after each stretch of writing, at the latest before `closed`, and not if it failed. */
  flushed(): void;
  /** The peer's FIN: no more `data`. Our side stays open until we stop it. */
  end(): void;
  /** The peer's RST, or a write that failed. It may swallow bytes not yet handed over. Only `closed` follows. */
  reset(): void;
  /** After `startTls`: the handshake is done. */
  secured?(): void;
  /**
   * After `startTls`: there will be no TLS, for the peer has sent something else, is not trusted or does not trust us, or
   * has gone: its FIN and RST are told so, too. Only `closed` follows; the peer hears FIN, or RST.
   */
  tlsFailed?(why: string): void;
  /** Nothing more will come: both directions have ended, or `close` / `reset` was called here, or the peer reset, or it was refused. */
  closed(): void;
}

/** A listening socket. */
export interface Listener {
  /** Stop accepting. Connections already accepted live on. */
  close(): void;
}

export interface ListenerEvents {
  /** Listening; `address` holds the port that was given where 0 was asked for. */
  listening(address: Address): void;
  /** Could not listen; `code` is the system's (`EADDRINUSE`, `EACCES`, …). Only `closed` follows. */
  failed(code: string): void;
  /** A new connection; the answer is who gets its events. */
  accept(connection: Connection): ConnectionEvents;
  /** Once, and last. */
  closed(): void;
}

export interface Network {
  /** It has a key and a certificate: connections that are accepted here can `startTls`. Those that are asked for always can. */
  readonly acceptsTls: boolean;
  listen(address: Address, events: ListenerEvents): Listener;
  /** `from` asks for a local address where the network can give one (memory: always; sockets: the host only). */
  connect(address: Address, events: ConnectionEvents, from?: Address): Connection;
}

/** A one-shot timer that has been armed. */
export interface Timer {
  /** It will not fire any more. After it has fired, or twice, this does nothing. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, with a fraction where the clock is that fine. Never goes back. */
  now(): number;
  /** Calls `task` once, `delay` milliseconds from now (never from inside this call, not even with 0). */
  after(delay: number, task: () => void): Timer;
}

export interface Choices {
  /**
   * One free decision: a whole number from 0 to `n` − 1. `site` says in a few words what is decided (`route.login`,
   * `world.next`); 0 is always the plain case. `n` ≤ 1 gives 0 and is no decision.
   */
  choose(site: string, n: number): number;
}

/** The choices of a plain run: every decision is the plain case. */
export const PLAIN: Choices = {
  choose() {
    return 0;
  },
};
