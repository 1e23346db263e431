/**
 * What the contract of the ports is run on: an arm gives the ports, and can wait. And what it is seen through: ends that
 * write down every event, and notice one that comes from inside a call.
 *
 * It must never know which expectation it serves.
 */
import { expect } from 'vitest';
import type {
  Address,
  Clock,
  Connection,
  ConnectionEvents,
  Listener,
  ListenerEvents,
  Network,
} from '../../proxy/ports.ts';

export interface Arm {
  readonly network: Network;
  readonly clock: Clock & { readonly armed: number };
  /** Where to listen. */
  readonly host: string;
  /** Waits until `condition` holds; fails when it never does. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Waits until nothing is under way. */
  quiet(): Promise<void>;
  /** Lets time pass, on a clock that stands by itself. */
  advance(milliseconds: number): Promise<void>;
  /** After each event. */
  happened(): void;
}

/** Watches one arm: makes ends, and keeps what must not happen. */
export class Lab {
  readonly arm: Arm;
  readonly violations: string[] = [];
  readonly ends: End[] = [];
  readonly listeners: Ear[] = [];
  inside: string | undefined;
  readonly #secure: boolean;

  /** `secure`: every pair has gone over to TLS. */
  constructor(arm: Arm, secure = false) {
    this.arm = arm;
    this.#secure = secure;
  }

  /** Calls into a port; every event before it returns is a violation. */
  call<T>(what: string, task: () => T): T {
    this.inside = what;
    try {
      return task();
    } finally {
      this.inside = undefined;
    }
  }

  /** Runs what an event does: it may call ports again, but is itself called by none. */
  event(what: string, task: () => void): void {
    if (this.inside !== undefined) this.violations.push(`${what} came from inside ${this.inside}`);
    task();
    this.arm.happened();
  }

  until(what: string, condition: () => boolean): Promise<void> {
    return this.arm.until(what, condition);
  }

  async listen(address: Address = { host: this.arm.host, port: 0 }): Promise<Ear> {
    const ear = this.ear(address);
    await this.until('listening', () => ear.log.length > 0);
    return ear;
  }

  /** Begins to listen, and does not wait. */
  ear(address: Address): Ear {
    const ear = new Ear(this);
    this.listeners.push(ear);
    ear.listener = this.call('listen', () => this.arm.network.listen(address, ear));
    return ear;
  }

  connect(address: Address): End {
    const end = new End(this, 'client');
    end.connection = this.call('connect', () => this.arm.network.connect(address, end));
    return end;
  }

  /** A connection that is up at both ends. */
  pair(): Promise<{ client: End; server: End }> {
    return this.#secure ? this.securePair() : this.#plainPair();
  }

  /** One that has gone over to TLS. */
  async securePair(): Promise<{ client: End; server: End }> {
    const pair = await this.#plainPair();
    const { client, server } = pair;
    server.startTls();
    client.startTls();
    await this.until('secured', () => client.log.includes('secured') && server.log.includes('secured'));
    // TLS has words of its own behind the handshake; whoever closes with them unread resets. Behind a word of ours they are read.
    server.write('x');
    client.write('x');
    await this.until('words', () => client.received + server.received === 2);
    await this.until('flushed', () => client.log.includes('flushed') && server.log.includes('flushed'));
    client.forget();
    server.forget();
    return pair;
  }

  async #plainPair(): Promise<{ client: End; server: End }> {
    const ear = await this.listen();
    const client = this.connect(ear.address);
    await this.until('opened and accepted', () => client.log.includes('opened') && ear.accepted.length > 0);
    client.log.length = 0;
    return { client, server: ear.accepted[0]! };
  }

  /** Stops what is still open, and waits for it; a second `closed`, and events behind it, show here. */
  async dispose(): Promise<void> {
    for (const ear of this.listeners) if (!ear.log.includes('closed')) ear.close();
    for (const end of this.ends) if (!end.over) end.kill();
    await this.until('all closed', () => this.ends.every(({ over }) => over));
    await this.until('nobody listens', () => this.listeners.every(({ log }) => log.includes('closed')));
    await this.arm.quiet();
  }
}

/** A listener that keeps what it accepts. */
export class Ear implements ListenerEvents {
  readonly log: string[] = [];
  readonly accepted: End[] = [];
  address: Address = { host: '', port: 0 };
  listener!: Listener;
  /** What to do with a connection as soon as it is accepted. */
  greet: ((end: End) => void) | undefined;
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  close(): void {
    this.#lab.call('listener.close', () => this.listener.close());
  }

  listening(address: Address): void {
    this.#lab.event('listening', () => {
      this.address = address;
      this.log.push('listening');
    });
  }

  failed(code: string): void {
    this.#lab.event('failed', () => this.log.push(`failed ${code}`));
  }

  accept(connection: Connection): ConnectionEvents {
    const end = new End(this.#lab, 'server');
    end.connection = connection;
    this.#lab.event('accept', () => {
      this.accepted.push(end);
      this.greet?.(end);
    });
    return end;
  }

  closed(): void {
    this.#lab.event('listener closed', () => this.log.push('closed'));
  }
}

/** One end of a connection: writes down its events, and keeps what it receives. */
export class End implements ConnectionEvents {
  /** Events by name; `data` once for each unbroken run of chunks. */
  readonly log: string[] = [];
  readonly chunks: Buffer[] = [];
  received = 0;
  connection!: Connection;
  /** What to do besides, on an event. */
  onData: ((chunk: Buffer) => void) | undefined;
  onDrain: (() => void) | undefined;
  onEnd: (() => void) | undefined;
  readonly #lab: Lab;
  readonly #name: string;

  constructor(lab: Lab, name: string) {
    this.#lab = lab;
    this.#name = name;
    lab.ends.push(this);
  }

  /** As if nothing had happened yet. */
  forget(): void {
    this.log.length = 0;
    this.chunks.length = 0;
    this.received = 0;
  }

  get over(): boolean {
    return this.log.includes('closed');
  }

  /** The bytes received, as text. */
  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  count(event: string): number {
    return this.log.filter((other) => other === event).length;
  }

  /** Events that tell of the peer and of the end: neither data nor what concerns our own writing. */
  get signs(): string[] {
    return this.log.filter((event) => event !== 'data' && event !== 'flushed' && event !== 'drain');
  }

  write(what: string | Buffer): boolean {
    const chunk = typeof what === 'string' ? Buffer.from(what, 'latin1') : what;
    return this.#lab.call('write', () => this.connection.write(chunk));
  }

  writeAll(what: readonly string[]): boolean {
    const chunks = what.map((text) => Buffer.from(text, 'latin1'));
    return this.#lab.call('writeAll', () => this.connection.writeAll(chunks));
  }

  pause(): void {
    this.#lab.call('pause', () => this.connection.pause());
  }

  resume(): void {
    this.#lab.call('resume', () => this.connection.resume());
  }

  finish(): void {
    this.#lab.call('end', () => this.connection.end());
  }

  shut(): void {
    this.#lab.call('close', () => this.connection.close());
  }

  /** `Connection.reset`; like `finish` and `shut` under another name than the event's. */
  kill(): void {
    this.#lab.call('reset', () => this.connection.reset());
  }

  startTls(early: Buffer = Buffer.alloc(0)): void {
    this.#lab.call('startTls', () => this.connection.startTls(early));
  }

  opened(): void {
    this.#event('opened');
  }

  secured(): void {
    this.#event('secured');
  }

  tlsFailed(why: string): void {
    expect(why).not.toBe('');
    this.#event('tlsFailed');
  }

  refused(): void {
    this.#event('refused');
  }

  data(chunk: Buffer): void {
    this.#event('data', () => {
      this.chunks.push(chunk);
      this.received += chunk.length;
      this.onData?.(chunk);
    });
  }

  drain(): void {
    this.#event('drain', this.onDrain);
  }

  flushed(): void {
    this.#event('flushed');
  }

  end(): void {
    this.#event('end', this.onEnd);
  }

  reset(): void {
    this.#event('reset');
  }

  closed(): void {
    this.#event('closed');
  }

  #event(name: string, task?: () => void): void {
    this.#lab.event(`${name} at the ${this.#name}`, () => {
      if (this.log.includes('closed')) this.#lab.violations.push(`${name} at the ${this.#name} after closed`);
      if (name !== 'data' || this.log.at(-1) !== 'data') this.log.push(name);
      task?.();
    });
  }
}
