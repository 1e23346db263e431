/**
 * One connection to an observer: greeting, login, then requests, one at a time; and the four ways it ends.
 *
 * | stage   | a packet                 | the peer's FIN or RST          | KILL CONNECTION      |
 * |---------|--------------------------|--------------------------------|----------------------|
 * | greeted | the login: idle, or over | over                           | (nobody sees it yet) |
 * | idle    | a request: running       | rolled back, over              | rolled back, FIN     |
 * | running | waits                    | noticed at the next look       | the same, ERR 5066   |
 * | leaving | dropped                  | over                           | –                    |
 * | over    | –                        | –                              | –                    |
 *
 * A running request looks every 100 ms, counted from its start, whether it was killed; one that waits for a row only at
 * `lockKillCheck` of the observer's clock, or when it gets the row. Until then a deserted session keeps its locks, while
 * that of a killed one are free at once (observer.md §3.2, §3.8, decisions.md 35). The timer is armed only if it was
 * killed. Knows no SQL.
 */
import type { Clock, Connection, ConnectionEvents, Timer } from '../../proxy/ports.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import { type Packet, PacketReader, PacketTooLarge } from '../../proxy/wire/framing.ts';
import { isSslRequest } from '../../proxy/wire/login.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import { type Checked, tickAfter } from './checker.ts';
import { type Command, commandOf, requestText } from './commands.ts';
import type { Identity, SessionContext } from './context.ts';
import { type Entered, Entrance, refusedLogin } from './entry.ts';
import { faultErr, GARBAGE } from './faults.ts';
import { observerGreeting } from './greeting.ts';
import type { House, OtherSession, ProcessRow } from './house.ts';
import type { LogStream } from './log-streams.ts';
import type { VictimWaiter } from './outcome.ts';
import { executeWork } from './prepared-commands.ts';
import { type Bench, QueryRun, type Work } from './query-run.ts';
import { Refusal } from './refusal.ts';
import { Reply } from './reply.ts';
import type { SessionHost } from './session-host.ts';
import { nextState, type StateEvent, type StateWord } from './state.ts';

type Stage =
  | { readonly kind: 'greeted' }
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'running';
      readonly run: QueryRun;
      readonly startedAt: number;
      /** For the process list. */
      readonly word: string;
      readonly text: string;
    }
  | { readonly kind: 'leaving' }
  | { readonly kind: 'over' };

const GREETED: Stage = { kind: 'greeted' };
const IDLE: Stage = { kind: 'idle' };
const LEAVING: Stage = { kind: 'leaving' };
const OVER: Stage = { kind: 'over' };

/** A running statement looks for a kill this often, in milliseconds (observer.md §3.2). */
const POLL = 100;
/** The largest login, in bytes; max_allowed_packet of the session is for requests (observer.md §8). */
const MAX_LOGIN = 16_777_216;
/** How long a connection that we have ended may stay half open, in milliseconds. */
const LINGER = 1000;

export class Session implements ConnectionEvents, Bench, OtherSession, Checked {
  readonly id: number;
  readonly #host: SessionHost;
  readonly #connection: Connection;
  readonly #reader = new PacketReader(MAX_LOGIN);
  readonly #waiters: VictimWaiter[] = [];
  readonly #entrance: Entrance;
  #context: SessionContext | null = null;
  #stage: Stage = GREETED;
  #state: StateWord = 'INIT';
  #stateSince: number;
  /** The peer's FIN or RST has come while a request was running. */
  #deserted = false;
  #poll: Timer | null = null;
  #linger: Timer | null = null;
  /** The connection has been told `closed`: nothing is left to end. */
  #isClosed = false;
  /** `#serveNext` is on the stack: its loop will take the next request. */
  #isServing = false;

  constructor(id: number, connection: Connection, host: SessionHost) {
    this.id = id;
    this.#host = host;
    this.#connection = connection;
    this.#stateSince = host.clock.now();
    this.#entrance = new Entrance(id, host.place, host.clock, connection.remote.host);
    connection.write(observerGreeting(id, host.place.scramble, host.offersTls));
  }

  get context(): SessionContext {
    return this.#context!;
  }

  get house(): House {
    return this.#host.house;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  get identity(): Identity {
    return this.context.identity;
  }

  /** It has logged in and is not gone: it is in the process list. */
  get isListed(): boolean {
    return this.#context !== null && !this.#deserted && (this.#stage.kind === 'idle' || this.#stage.kind === 'running');
  }

  get proxySessid(): bigint | null {
    const { peer } = this.identity;
    return peer.kind === 'proxy' ? peer.proxySessid : null;
  }

  get processRow(): ProcessRow {
    const { user, tenant } = this.identity;
    const { remote } = this.#connection;
    const running = this.#stage.kind === 'running' ? this.#stage : null;
    return {
      id: this.id,
      user: user.name,
      tenant: tenant.name,
      host: `${remote.host}:${remote.port}`,
      database: this.context.database,
      command: running === null ? 'Sleep' : running.word,
      seconds: Math.floor((this.clock.now() - this.#stateSince) / 1000),
      state: this.#state,
      info: running === null ? null : running.text,
      ip: this.#host.ip,
      port: this.#host.port,
      inTransaction: this.context.transaction.isOpen,
      proxySessid: this.proxySessid,
    };
  }

  #enter(event: StateEvent): void {
    const next = nextState(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#stateSince = this.clock.now();
  }

  // What the connection says.

  data(chunk: Buffer): void {
    if (this.#stage.kind === 'leaving' || this.#stage.kind === 'over') return;
    this.#reader.push(chunk);
    this.#serveNext();
    // A running statement lets the rest wait: with its peer, once it is more than any request may be.
    if (this.#stage.kind === 'running' && this.#reader.pending > this.#reader.limit) this.#connection.pause();
  }

  drain(): void {
    if (this.#stage.kind === 'running') this.#stage.run.drained();
  }
  flushed(): void {}
  end(): void {
    this.#desert();
  }
  reset(): void {
    this.#desert();
  }

  closed(): void {
    this.#isClosed = true;
    this.#desert();
    this.#linger?.cancel();
    this.#linger = null;
    if (this.#stage.kind !== 'running') this.#stage = OVER;
  }

  /** The peer is gone: at once from the list; a running request notices later (decisions.md 35). */
  #desert(): void {
    const { kind } = this.#stage;
    if (kind === 'over' || this.#deserted) return;
    this.#deserted = true;
    if (kind === 'leaving') return;
    if (kind === 'running') {
      this.#enter('kill session');
      this.#armPoll();
      return;
    }
    this.#depart();
  }

  // Requests.

  #serveNext(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#stage.kind === 'greeted' || this.#stage.kind === 'idle') {
        const packet = this.#reader.next();
        if (packet === null) return;
        if (this.#isFaulty(packet)) continue;
        if (this.#stage.kind === 'greeted') this.#logIn(packet);
        else this.#serve(packet);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (error instanceof PacketTooLarge && this.#context !== null) {
        const reply = new Reply(this.#context, 1);
        reply.err(errorOf('PACKET_TOO_LARGE'));
        this.#connection.write(reply.out.view());
      }
      this.#depart();
    } finally {
      this.#isServing = false;
    }
  }

  #logIn({ payload, sequence }: Packet): void {
    const asksForTls = this.#host.offersTls && !this.#connection.secure && isSslRequest(payload);
    if (asksForTls) this.#connection.startTls(this.#reader.drain());
    else this.#enterWith(this.#entrance.logIn(payload, sequence + 1));
  }

  /** It was told to get this one wrong, and does. */
  #isFaulty({ payload, sequence }: Packet): boolean {
    const context = this.#context;
    const fault = this.#host.faults.take(payload, context?.identity.user.name ?? null);
    if (fault === 'garbage') this.#connection.write(GARBAGE);
    else if (fault !== null && context === null) this.#enterWith(refusedLogin(faultErr(fault), true, sequence + 1));
    else if (fault !== null) this.#send(new Reply(this.context, sequence + 1), faultErr(fault));
    return fault !== null;
  }

  #serve({ payload, sequence }: Packet): void {
    const command = commandOf(payload.length === 0 ? -1 : payload[0]!);
    switch (command.kind) {
      case 'quit':
        this.#depart();
        return;
      case 'silent':
        command.take(payload, this.context);
        return;
      case 'answer':
        this.#answer(command, payload, sequence);
        return;
      case 'query':
        this.#run({ kind: 'text', text: requestText(payload) }, command.word, sequence);
        return;
      case 'execute': {
        const work = executeWork(payload, this.context);
        if ('kind' in work) this.#run(work, command.word, sequence);
        else this.#send(new Reply(this.context, sequence + 1), work);
        return;
      }
      case 'change user':
        this.#enterWith(this.#entrance.changeUser(payload, this.identity, sequence + 1));
        return;
      case 'reset connection':
        this.#enterWith(this.#entrance.reset(this.context, sequence + 1));
    }
  }

  /** The session begins, or begins anew; what was open is rolled back. Who is refused is out. */
  #enterWith({ answer, context }: Entered): void {
    this.#connection.write(answer);
    if (context === null) {
      this.#depart();
      return;
    }
    this.#context?.end();
    this.#context = context;
    this.#reader.limit = context.maxAllowedPacket;
    this.#stage = IDLE;
    this.#enter('login');
    this.#enter('start');
    this.#enter('end');
    this.#expectCheck();
  }

  #answer(command: Extract<Command, { readonly kind: 'answer' }>, payload: Buffer, sequence: number): void {
    this.#enter('start');
    this.context.startStatement();
    this.context.warnings.begin(true);
    const reply = new Reply(this.context, sequence + 1);
    try {
      command.answer(payload, this.context, reply, this.house);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.context.warnings.begin(false);
      this.context.warnings.add('Error', error.err);
      this.#send(new Reply(this.context, sequence + 1), error.err);
      return;
    }
    this.#send(reply, null);
  }

  #send(reply: Reply, err: Err | null): void {
    if (err !== null) reply.err(err);
    this.#enter('end');
    this.#connection.write(reply.out.view());
    this.#expectCheck();
  }

  #run(work: Work, word: string, sequence: number): void {
    const text = work.kind === 'text' ? work.text : work.prepared.text;
    const run = new QueryRun(this, work, sequence + 1);
    this.#enter('start');
    this.#stage = { kind: 'running', run, startedAt: this.clock.now(), word, text };
    run.run();
  }

  send(chunks: readonly Buffer[]): boolean {
    return this.#connection.writeAll(chunks);
  }

  finished(): void {
    if (this.#stage.kind !== 'running') return;
    this.#stage = IDLE;
    this.#poll?.cancel();
    this.#poll = null;
    this.#connection.resume();
    if (this.#deserted || this.#state === 'SESSION_KILLED' || this.context.mustLeave) {
      this.#depart();
      return;
    }
    this.#enter('end');
    this.#expectCheck();
    this.#serveNext();
  }

  /** The session has killed itself: no answer, FIN; its client sees 2013 (observer.md §3.8). */
  leave(): void {
    this.#depart();
  }

  // Being killed.

  get interrupted(): boolean {
    return this.#stage.kind === 'running' && (this.#state === 'QUERY_KILLED' || this.#state === 'SESSION_KILLED');
  }

  killQuery(): void {
    this.#enter('kill query');
    if (this.#stage.kind === 'running') this.#armPoll();
  }

  killConnection(): void {
    if (this.#stage.kind === 'idle') {
      this.#depart();
      return;
    }
    this.#enter('kill session');
    if (this.#stage.kind !== 'running') return;
    // Its thread is free: the transaction ends at once, the client hears of it later (observer.md §3.8).
    if (this.#stage.run.isLocking) this.context.rollback();
    this.#armPoll();
  }

  /** What its transaction has changed in this log stream is lost: a statement that runs in it fails now, others later. */
  leaderLost(stream: LogStream, cause: Err): void {
    if (this.#context?.leaderLost(stream, cause) !== true) return;
    if (this.#stage.kind === 'running') this.#stage.run.interrupt(cause);
  }

  join(waiter: VictimWaiter): boolean {
    if (this.#stage.kind !== 'running' || this.#stage.run.isLocking) return false;
    this.#waiters.push(waiter);
    return true;
  }

  forget(waiter: VictimWaiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
  }

  /** The next of the looks that a running request takes. */
  #armPoll(): void {
    if (this.#poll !== null || this.#stage.kind !== 'running') return;
    const now = this.clock.now();
    const { run, startedAt } = this.#stage;
    const { checker, lockKillCheck } = this.#host;
    const at = run.isLocking ? tickAfter(checker.origin, lockKillCheck, now) : tickAfter(startedAt, POLL, now);
    this.#poll = this.clock.after(at - now, () => this.#look());
  }

  #look(): void {
    this.#poll = null;
    if (this.interrupted) this.notice();
  }

  notice(): void {
    if (this.#stage.kind !== 'running') return;
    const { run } = this.#stage;
    this.#poll?.cancel();
    this.#poll = null;
    if (this.#deserted) {
      run.abandon();
      this.#depart();
      return;
    }
    if (this.#state === 'SESSION_KILLED') {
      // Its locks are free and it is in no transaction before its client hears of it (observer.md §3.8).
      this.context.rollback();
      run.interrupt(errorOf('SESSION_INTERRUPTED'));
      return;
    }
    run.interrupt(errorOf('QUERY_INTERRUPTED'));
  }

  // Being idle for too long.

  get due(): number {
    if (this.#stage.kind !== 'idle') return Number.POSITIVE_INFINITY;
    return Math.min(this.context.transaction.deadline, this.#host.checker.tickFrom(this.#idleDue));
  }

  /** When it has been idle for too long: outside a transaction, or in one. Killed, it does not sleep (observer.md §3.7). */
  get #idleDue(): number {
    const { context } = this;
    const limit = this.#state === 'SLEEP' ? context.times.idleLimit : Number.POSITIVE_INFINITY;
    return (
      this.#stateSince + Math.min(limit, context.transaction.isIdling ? context.times.transactionIdleLimit : limit)
    );
  }

  check(): void {
    const now = this.clock.now();
    const { context } = this;
    if (this.#state === 'SLEEP' && this.#stateSince + context.times.idleLimit <= now) this.#depart();
    else if (context.transaction.deadline <= now) context.transaction.expire();
    else context.transaction.abort(errorOf('TRANSACTION_IDLE_TIMEOUT'));
  }

  #expectCheck(): void {
    this.#host.checker.expect(this.due);
  }

  // The end.

  /** Rolls back, says FIN, and drops what still comes. */
  #depart(): void {
    if (this.#stage.kind === 'leaving' || this.#stage.kind === 'over') return;
    this.#stage = LEAVING;
    this.#poll?.cancel();
    this.#poll = null;
    this.#context?.end();
    this.#host.gone(this.id);
    this.#connection.resume();
    if (!this.#isClosed) {
      this.#connection.end();
      // Towards a peer that never reads or never ends, the connection would stay for ever.
      this.#linger = this.clock.after(LINGER, () => this.#connection.close());
    }
    this.tellWaiters();
  }

  /** Whoever killed it and waits hears that it is no more. */
  tellWaiters(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.victimStopped();
  }

  /** The observer dies: FIN, nothing is answered. The waiters are told when all of its sessions have ended. */
  crash(): void {
    if (this.#stage.kind === 'running') this.#stage.run.abandon();
    this.#stage = OVER;
    this.#poll?.cancel();
    this.#linger?.cancel();
    this.#context?.end();
    this.#connection.close();
  }
}
