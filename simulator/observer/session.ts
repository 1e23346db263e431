/**
 * One connection to an observer: greeting, login, then requests, one at a time; and the four ways it ends.
 *
 * | stage   | a packet                 | the peer's FIN or RST          | KILL CONNECTION      |
 * |---------|--------------------------|--------------------------------|----------------------|
 * | greeted | the login: idle, or over | over                           | (nobody sees it yet) |
 * | idle    | a request: running       | rolled back, over              | rolled back, FIN     |
 * | running | waits                    | noticed at the next 100 ms     | the same, ERR 5066   |
 * | leaving | dropped                  | over                           | –                    |
 * | over    | –                        | –                              | –                    |
 *
 * A running request looks every 100 ms, counted from its start, whether it was killed (observer.md §3.2, decisions.md
 * 35); the timer for that is armed only when it was. Knows no SQL.
 */
import type { Clock, Connection, ConnectionEvents, Timer } from '../../proxy/ports.ts';
import { WireError } from '../../proxy/wire/bytes.ts';
import { CAP, OBSERVER_OK_STATUS, STATUS } from '../../proxy/wire/constants.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import { type Packet, PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { isSslRequest, type Login, readLogin } from '../../proxy/wire/login.ts';
import { type Err, PLAIN_OK, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { applyLoginCharset } from './charset-login.ts';
import { commandOf, requestText } from './commands.ts';
import { type Identity, SessionContext } from './context.ts';
import { observerGreeting } from './greeting.ts';
import type { House, OtherSession, ProcessRow } from './house.ts';
import type { LogStream } from './log-streams.ts';
import { checkLogin, type LoginPlace, type LoginResult } from './login.ts';
import type { VictimWaiter } from './outcome.ts';
import { type Bench, QueryRun } from './query-run.ts';
import { Reply } from './reply.ts';
import { nextState, type StateEvent, type StateWord } from './state.ts';

/** What a session must know of its observer. */
export interface SessionHost {
  readonly house: House;
  readonly clock: Clock;
  readonly place: LoginPlace;
  /** The observer's address, for the process list. */
  readonly ip: string;
  readonly port: number;
  /** The session is no more in any list. */
  gone(session: Session): void;
}

type Stage =
  | { readonly kind: 'greeted' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly run: QueryRun; readonly startedAt: number; readonly text: string }
  | { readonly kind: 'leaving' }
  | { readonly kind: 'over' };

const GREETED: Stage = { kind: 'greeted' };
const IDLE: Stage = { kind: 'idle' };
const LEAVING: Stage = { kind: 'leaving' };
const OVER: Stage = { kind: 'over' };

/** A running statement looks for a kill this often, in milliseconds (observer.md §3.2). */
const POLL = 100;
/** How long a connection that we have ended may stay half open, in milliseconds. */
const LINGER = 1000;

export class Session implements ConnectionEvents, Bench, OtherSession {
  readonly id: number;
  readonly #host: SessionHost;
  readonly #connection: Connection;
  readonly #reader = new PacketReader();
  readonly #waiters: VictimWaiter[] = [];
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
    connection.write(observerGreeting(id, host.place.scramble));
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

  get processRow(): ProcessRow {
    const { user, tenant, peer } = this.identity;
    const { remote } = this.#connection;
    const running = this.#stage.kind === 'running' ? this.#stage : null;
    return {
      id: this.id,
      user: user.name,
      tenant: tenant.name,
      host: `${remote.host}:${remote.port}`,
      database: this.context.database,
      command: running === null ? 'Sleep' : 'Query',
      seconds: Math.floor((this.clock.now() - this.#stateSince) / 1000),
      state: this.#state,
      info: running === null ? null : running.text,
      ip: this.#host.ip,
      port: this.#host.port,
      proxySessid: peer.kind === 'proxy' ? peer.proxySessid : null,
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
    this.#host.gone(this);
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
        if (this.#stage.kind === 'greeted') this.#logIn(packet);
        else this.#serve(packet);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#depart();
    } finally {
      this.#isServing = false;
    }
  }

  #serve({ payload, sequence }: Packet): void {
    const command = commandOf(payload.length === 0 ? -1 : payload[0]!);
    switch (command.kind) {
      case 'quit':
        this.#depart();
        return;
      case 'silent':
        return;
      case 'answer': {
        this.#enter('start');
        this.context.startStatement();
        const reply = new Reply(this.context, sequence + 1);
        command.answer(payload, this.context, reply);
        this.#enter('end');
        this.#connection.write(reply.out.view());
        return;
      }
      case 'query': {
        const text = requestText(payload);
        const run = new QueryRun(this, text, sequence + 1);
        this.#enter('start');
        this.#stage = { kind: 'running', run, startedAt: this.clock.now(), text };
        run.run();
      }
    }
  }

  send(chunks: readonly Buffer[]): boolean {
    return this.#connection.writeAll(chunks);
  }

  finished(): void {
    if (this.#stage.kind !== 'running') return;
    this.#stage = IDLE;
    this.#poll?.cancel();
    this.#poll = null;
    if (this.#deserted || this.#state === 'SESSION_KILLED') {
      this.#depart();
      return;
    }
    this.#enter('end');
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
    if (this.#stage.kind === 'running') this.#armPoll();
  }

  /** What its transaction has changed in this log stream is lost: a statement that runs in it fails now, others later. */
  leaderLost(stream: LogStream, cause: Err): void {
    if (this.#context?.leaderLost(stream, cause) !== true) return;
    if (this.#stage.kind === 'running') this.#stage.run.interrupt(cause);
  }

  join(waiter: VictimWaiter): boolean {
    if (this.#stage.kind !== 'running') return false;
    this.#waiters.push(waiter);
    return true;
  }

  forget(waiter: VictimWaiter): void {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
  }

  /** The next of the looks that a running request takes every 100 ms. */
  #armPoll(): void {
    if (this.#poll !== null || this.#stage.kind !== 'running') return;
    const since = this.clock.now() - this.#stage.startedAt;
    const delay = (Math.floor(since / POLL) + 1) * POLL - since;
    this.#poll = this.clock.after(delay, () => this.#look());
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

  // The end.

  /** Rolls back, says FIN, and drops what still comes. */
  #depart(): void {
    if (this.#stage.kind === 'leaving' || this.#stage.kind === 'over') return;
    this.#stage = LEAVING;
    this.#poll?.cancel();
    this.#poll = null;
    this.#context?.rollback();
    this.#host.gone(this);
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
    this.#context?.rollback();
    this.#connection.close();
  }

  // Login.

  #logIn({ payload, sequence }: Packet): void {
    if (isSslRequest(payload)) throw new WireError('TLS was not offered');
    const login = readLogin(payload);
    const result = checkLogin(login, this.#host.place);
    if (result.kind === 'refused') this.#refuseLogin(result.err, result.fromProxy, sequence + 1);
    else this.#acceptLogin(result, login, sequence + 1);
  }

  /** ERR, for a proxy a bare OK behind it, FIN (observer.md §1.4). */
  #refuseLogin(err: Err, fromProxy: boolean, sequence: number): void {
    const out = new PacketWriter(sequence);
    writeErr(out, err);
    if (fromProxy) writeObserverOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS });
    this.#connection.write(out.view());
    this.#depart();
  }

  #acceptLogin(result: Extract<LoginResult, { readonly kind: 'accepted' }>, login: Login, sequence: number): void {
    const { tenant, user, peer, database } = result;
    const identity: Identity = {
      connectionId: this.id,
      serverId: this.#host.place.serverId,
      user,
      tenant,
      peer,
      countsFound: (login.capabilities & CAP.FOUND_ROWS) !== 0,
      severalStatements: (login.capabilities & CAP.MULTI_STATEMENTS) !== 0,
      clientIp: result.clientIp ?? this.#connection.remote.host,
    };
    const context = new SessionContext(identity, database, this.clock);
    this.#context = context;
    applyLoginCharset(login.charset, context.variables);
    const capability = peer.kind === 'proxy' ? peer.capability : 0;
    context.variables.start('ob_capability_flag', String(capability));
    context.variables.start('ob_proxy_global_variables_version', String(tenant.globalVersion));
    context.variables.start('ob_proxy_user_privilege', String(user.privilege));
    const out = new PacketWriter(sequence, 8192);
    if (peer.kind === 'proxy') {
      const key = `${login.charset} ${capability} ${user.privilege} ${database ?? ''}`;
      const withheld = this.#host.place.withholdPrivilege ? 'ob_proxy_user_privilege' : null;
      const state = tenant.loginBlock(key, context.variables.values, database, withheld);
      writeObserverOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS | STATUS.SESSION_STATE_CHANGED, state });
    } else {
      writeOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS }, peer.tracks);
    }
    this.#stage = IDLE;
    this.#enter('login');
    this.#connection.write(out.view());
  }
}
