/**
 * Knows when nothing is under way between sockets, where both ends of every connection live in this process.
 *
 * It counts and never guesses: every byte written has been read by its peer or can no longer be, every FIN and RST has
 * been heard, every connect was accepted and opened, every write called back, every end told `closed`. Only towards a
 * reader that is paused this cannot be counted; there "quiet" is `STILL` milliseconds without any event.
 *
 * Ends find each other by their two ports. For labs and tests; production has no ledger. It must never know what the
 * connections carry, nor act on them (but for `probe`, which makes an end look whether it was reset).
 */

/** Where a reader is paused: this long without an event is quiet, in milliseconds. */
export const STILL = 50;

/** What is under way this long is not going to end: `settled` fails and says what it waits for. Milliseconds. */
export const SETTLE_TIMEOUT = 15_000;

/** What the ledger can ask an end to do. */
export interface Probed {
  /** Look whether a RST has come, if that cannot be seen otherwise. */
  probe(): void;
}

/** What one end still awaits: nothing, something that is sure to come, or something nobody can tell. */
type Verdict = 'quiet' | 'awaits' | 'unknown';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class Quiet {
  /** Meters that have changed since they were last found quiet. */
  readonly #changed = new Set<Meter>();
  /** Ends that are up and whose peer has not shown itself, by `client port>server port`. */
  readonly #single = new Map<string, Meter>();
  #waiters: Waiter[] = [];
  #looking = false;
  #stillness: NodeJS.Timeout | undefined;
  /** Beginnings and ends of listeners under way. */
  #due = 0;
  #open = 0;

  /** Ends of connections that have not been told `closed`. */
  get openConnections(): number {
    return this.#open;
  }

  /** Resolves as soon as no event can come any more unless somebody acts. */
  settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(), SETTLE_TIMEOUT);
      this.#waiters.push({ resolve, reject, timer });
      this.#look();
    });
  }

  // What follows is for the network and its meters only.

  /** An end that connects. */
  connecting(): Meter {
    return this.#meter();
  }

  /** An end that was accepted. */
  accepted(port: number, peerPort: number): Meter {
    const meter = this.#meter();
    meter.state = 'up';
    meter.port = port;
    this.#pair(meter, peerPort === 0 ? this.#nameless(port, true) : `${peerPort}>${port}`);
    return meter;
  }

  /** It was reset before it could be found to be up, and so does not know its own port. */
  openedLate(meter: Meter, peerPort: number): void {
    meter.port = peerPort;
    this.#pair(meter, this.#nameless(peerPort, false));
  }

  opened(meter: Meter, port: number, peerPort: number): void {
    meter.port = peerPort;
    this.#pair(meter, `${port}>${peerPort}`);
  }

  /** Something begins that ends with an event of its own. */
  begin(): void {
    this.#due++;
  }

  done(): void {
    this.#due--;
    this.event();
  }

  /** Nobody accepts any more what came to this port and was not accepted: the system resets it. */
  listenerClosed(port: number): void {
    for (const [key, meter] of this.#single) {
      if (meter.port !== port || !key.endsWith(`>${port}`)) continue;
      meter.orphan = true;
      this.#single.delete(key);
      this.#changed.add(meter);
    }
  }

  changed(meter: Meter): void {
    this.#changed.add(meter);
    if (meter.peer !== undefined) this.#changed.add(meter.peer);
    this.event();
  }

  gone(): void {
    this.#open--;
  }

  /** Something happened: whoever waits looks again when this turn of the loop is over. */
  event(): void {
    if (this.#waiters.length === 0) return;
    clearTimeout(this.#stillness);
    this.#stillness = undefined;
    this.#lookSoon();
  }

  #meter(): Meter {
    const meter = new Meter(this);
    this.#open++;
    this.#changed.add(meter);
    return meter;
  }

  #pair(meter: Meter, key: string): void {
    const peer = this.#single.get(key);
    if (peer === undefined) {
      this.#single.set(key, meter);
    } else {
      this.#single.delete(key);
      meter.peer = peer;
      peer.peer = meter;
    }
    this.changed(meter);
  }

  /** What was reset that early is not named by the system any more: any end that has sent such a RST may be its peer. */
  #nameless(port: number, connected: boolean): string {
    for (const [key, meter] of this.#single) {
      if (meter.resetIsOut && meter.connected === connected && key.endsWith(`>${port}`)) return key;
    }
    return `?>${port}`;
  }

  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    setImmediate(() => {
      this.#looking = false;
      this.#look();
    });
  }

  #look(): void {
    if (this.#waiters.length === 0) return;
    let sure = this.#due > 0;
    let unknown = false;
    for (const meter of this.#changed) {
      const verdict = meter.verdict();
      if (verdict === 'quiet') this.#changed.delete(meter);
      else if (verdict === 'unknown') unknown = true;
      else sure = true;
      // An answer that only a probe can see is asked for in every turn until it is there.
      if (verdict === 'awaits' && meter.mustProbe && meter.probed !== undefined) {
        meter.probed.probe();
        this.#lookSoon();
      }
    }
    if (sure) return;
    if (!unknown) this.#finish();
    else if (this.#stillness === undefined) this.#stillness = setTimeout(() => this.#finish(), STILL);
  }

  #finish(): void {
    clearTimeout(this.#stillness);
    this.#stillness = undefined;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { timer, resolve } of waiters) {
      clearTimeout(timer);
      resolve();
    }
  }

  #giveUp(): void {
    const what = [...this.#changed].filter((meter) => meter.verdict() !== 'quiet').map((meter) => meter.toString());
    const error = new Error(
      `not quiet after ${SETTLE_TIMEOUT} ms; listeners under way: ${this.#due}; ends: ${what.join('; ') || 'none'}`,
    );
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { timer, reject } of waiters) {
      clearTimeout(timer);
      reject(error);
    }
  }
}

/** The account of one end. */
export class Meter {
  readonly #quiet: Quiet;
  peer: Meter | undefined;
  probed: Probed | undefined;
  /** The listener's port, once it is known. */
  port = 0;
  /** `stopping`: closed, reset or broken; nothing but `closed` is to come. */
  state: 'connecting' | 'up' | 'stopping' | 'closed' = 'connecting';
  /** The strongest thing it has sent: `gone` is a FIN with nobody behind it. */
  sent: 'bytes' | 'fin' | 'gone' | 'rst' = 'bytes';
  /** The RST has really been sent; it may wait for a FIN under way. */
  resetIsOut = false;
  /** Nobody will accept it any more. */
  orphan = false;
  /** It asked for the connection, and got it. */
  connected = false;
  tls: 'plain' | 'securing' | 'secure' = 'plain';
  #heardFin = false;
  #paused = false;
  #written = 0;
  #read = 0;
  #writes = 0;

  constructor(quiet: Quiet) {
    this.#quiet = quiet;
  }

  watch(probed: Probed): void {
    this.probed = probed;
  }

  opened(port: number, peerPort: number): void {
    this.connected = true;
    if (this.state === 'connecting') this.state = 'up';
    this.#quiet.opened(this, port, peerPort);
  }

  openedLate(peerPort: number): void {
    this.connected = true;
    this.state = 'up';
    this.#quiet.openedLate(this, peerPort);
  }

  wrote(bytes: number): void {
    this.#written += bytes;
    this.#writes++;
    this.#quiet.changed(this);
  }

  written(): void {
    this.#writes--;
    this.#quiet.changed(this);
  }

  got(bytes: number): void {
    this.#read += bytes;
    this.#quiet.changed(this);
  }

  /** It begins TLS. What was read of the handshake was written by nobody. */
  securing(early: number): void {
    this.tls = 'securing';
    this.#read -= early;
    this.#quiet.changed(this);
  }

  secured(): void {
    this.tls = 'secure';
    this.#quiet.changed(this);
  }

  /** The handshake has read all that came, and it was in vain. */
  tlsFailed(): void {
    this.#read = Number.POSITIVE_INFINITY;
    this.broke();
  }

  pause(on: boolean): void {
    this.#paused = on;
    this.#quiet.changed(this);
  }

  ended(): void {
    this.sent = 'fin';
    this.#quiet.changed(this);
  }

  /** Closed or reset by its owner. */
  stopped(how: 'close' | 'reset'): void {
    this.sent = how === 'reset' ? 'rst' : 'gone';
    this.state = 'stopping';
    this.#quiet.changed(this);
  }

  heardFin(): void {
    this.#heardFin = true;
    this.#quiet.changed(this);
  }

  /** It could not be made, its peer has reset it, or a write has failed. */
  broke(): void {
    // TLS tells of a write that was cut off when all is over.
    if (this.state === 'closed') return;
    if (this.sent !== 'rst') this.sent = 'gone';
    this.orphan = true;
    this.state = 'stopping';
    this.#quiet.changed(this);
  }

  closed(): void {
    this.state = 'closed';
    this.#quiet.gone();
    this.#quiet.changed(this);
  }

  /** It has heard FIN, so that Node does not read, and a RST is on its way. */
  get mustProbe(): boolean {
    return this.state === 'up' && this.#heardFin && this.sent === 'bytes';
  }

  verdict(): Verdict {
    const { peer } = this;
    // What has been up will be accepted, even if it is long over.
    if (this.state === 'closed') return this.connected && peer === undefined && !this.orphan ? 'awaits' : 'quiet';
    if (this.state !== 'up' || peer === undefined) return 'awaits';
    // As long as the peer has not begun, nobody can tell whether it will.
    if (this.tls === 'securing') return peer.tls === 'plain' && peer.sent === 'bytes' ? 'unknown' : 'awaits';
    if (peer.sent === 'rst' || (peer.sent === 'gone' && this.#written > peer.#read)) {
      return this.#paused ? 'unknown' : 'awaits';
    }
    if (this.#heardFin) {
      if (this.sent === 'fin') return peer.#deafTo(this) ? 'unknown' : 'awaits';
    } else if (peer.sent !== 'bytes' || this.#read < peer.#written) {
      return this.#deafTo(peer) ? 'unknown' : 'awaits';
    }
    if (this.#writes > 0) return peer.#deafTo(this) ? 'unknown' : 'awaits';
    return 'quiet';
  }

  toString(): string {
    const peer = this.peer === undefined ? 'no peer' : `peer ${this.peer.state}, sent ${this.peer.sent}`;
    return (
      `to port ${this.port}: ${this.state}, sent ${this.sent}, written ${this.#written}, read ${this.#read}, ` +
      `${this.#writes} writes, ${this.#paused ? 'paused, ' : ''}${this.#heardFin ? 'FIN heard, ' : ''}${peer}`
    );
  }

  /** Bytes lie unread before a paused end. */
  #deafTo(peer: Meter): boolean {
    return this.#paused && this.state === 'up' && this.#read < peer.#written;
  }
}
