/**
 * A simulated observer: listens, hands out session ids, keeps its sessions.
 *
 * Its data belong to the cluster's tenants. Knows no SQL.
 */
import type {
  Address,
  Clock,
  Connection,
  ConnectionEvents,
  Listener,
  ListenerEvents,
  Network,
  Timer,
} from '../../proxy/ports.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { SessionChecker } from './checker.ts';
import { Faults } from './faults.ts';
import { scrambleOf } from './greeting.ts';
import type { House, ServerFacts } from './house.ts';
import type { LogStream } from './log-streams.ts';
import type { LoginPlace } from './login.ts';
import { type ServerState, STARTING_TIME, STOPPING_TIME } from './server-state.ts';
import { Session } from './session.ts';
import type { SessionHost } from './session-host.ts';
import type { Tenant } from './tenant.ts';

/** Bits 31 and 30 of every id; the server's number from bit 18 on (observer.md §2.1). */
const ID_MARK = 0xc000_0000;
const SERVER_SHIFT = 2 ** 18;
const MOST_SEQUENCE = SERVER_SHIFT - 1;

/** What an observer is given by its cluster. */
export interface ObserverSetting {
  readonly serverId: number;
  readonly zone: string;
  readonly clusterName: string;
  readonly clock: Clock;
  readonly sha1: Sha1;
  readonly house: House;
  readonly claimChecksum: boolean;
  readonly withholdPrivilege: boolean;
  readonly acceptClusterSuffix: boolean;
  readonly lockKillCheck: number;
  readonly offersTls: boolean;
  findTenant(name: string): Tenant | null;
}

/** Facts of a session, for tests and invariants. */
export interface SessionFacts {
  readonly id: number;
  readonly user: string;
  readonly tenant: string;
  /** As in SHOW PROCESSLIST. */
  readonly state: string;
  readonly inTransaction: boolean;
  readonly database: string | null;
  readonly proxySessid: bigint | null;
}

/** The others miss an observer that has died only when its lease has run out, in milliseconds (observer.md §9.1). */
const LEASE = 10_000;

export class Observer implements ListenerEvents, ServerFacts {
  readonly id: number;
  readonly zone: string;
  readonly #setting: ObserverSetting;
  /** All connections, from their greeting until the last of their work is done, by session id. */
  readonly #sessions = new Map<number, Session>();
  #checker: SessionChecker;
  #sequence = 0;
  #state: ServerState = 'DOWN';
  /** When its state changed last, in milliseconds since 1970. */
  #since: number;
  #servesSince = 0;
  stoppedAt: number | null = null;
  /** What it is to get wrong. */
  readonly faults = new Faults();
  /** The end of STARTING, or of STOPPING. */
  #timer: Timer | null = null;
  #network: Network | null = null;
  #listener: Listener | null = null;
  #address: Address = { host: '', port: 0 };
  #onListening: ((address: Address) => void) | null = null;
  #onFailed: ((code: string) => void) | null = null;

  constructor(setting: ObserverSetting) {
    this.id = setting.serverId;
    this.zone = setting.zone;
    this.#setting = setting;
    this.#checker = new SessionChecker(setting.clock, this.#sessions);
    this.#since = setting.clock.now();
  }

  get state(): ServerState {
    return this.#state;
  }

  get since(): number {
    return this.#since;
  }

  get servesSince(): number {
    return this.#servesSince;
  }

  get status(): 'ACTIVE' | 'INACTIVE' {
    return this.#state === 'DOWN' && this.#setting.clock.now() - this.#since >= LEASE ? 'INACTIVE' : 'ACTIVE';
  }

  #enter(state: ServerState): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#state = state;
    this.#since = this.#setting.clock.now();
    if (state === 'SERVING') this.#servesSince = this.#since;
  }

  /** Where it listens, once it does. */
  get address(): Address {
    return this.#address;
  }

  /**
   * Begins to listen, and serves; `listening` hears the address, with the port given where 0 was asked for. `failed` hears the
   * system's code if it cannot; without it that throws.
   */
  start(
    network: Network,
    address: Address,
    listening: (address: Address) => void,
    failed?: (code: string) => void,
  ): void {
    this.#address = address;
    this.#onListening = listening;
    this.#onFailed = failed ?? null;
    this.#network = network;
    this.#enter('SERVING');
    this.#listen(network);
  }

  /** What an observer counts from its start begins with every process anew. */
  #listen(network: Network): void {
    this.#checker = new SessionChecker(this.#setting.clock, this.#sessions);
    this.#listener = network.listen(this.#address, this);
  }

  /** Its process starts again, where it was: it is not ready for a while. */
  restart(): void {
    if (this.#state !== 'DOWN' || this.#network === null) throw new Error(`observer ${this.id} is not down`);
    this.#enter('INIT');
    this.#listen(this.#network);
  }

  /** It is told to stop: new logins are refused; when it has gone, `gone` is called. */
  leave(gone: () => void): void {
    if (this.#state === 'DOWN') throw new Error(`observer ${this.id} is down already`);
    this.#enter('STOPPING');
    this.#timer = this.#setting.clock.after(STOPPING_TIME, () => {
      this.stop();
      gone();
    });
  }

  /** As if its process had died: FIN on every connection, transactions rolled back, connects refused. */
  stop(): void {
    this.#enter('DOWN');
    this.#listener?.close();
    this.#listener = null;
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#checker.left();
    for (const session of sessions) session.crash();
    for (const session of sessions) session.tellWaiters();
  }

  /** Open transactions that have changed something in this log stream are aborted. */
  leaderLost(stream: LogStream, cause: Err): void {
    for (const session of [...this.#sessions.values()]) session.leaderLost(stream, cause);
  }

  /** The sessions in its process list, by id. */
  get sessions(): readonly SessionFacts[] {
    return this.listed().map((session) => {
      const row = session.processRow;
      return {
        id: row.id,
        user: row.user,
        tenant: row.tenant,
        state: row.state,
        inTransaction: session.context.transaction.isOpen,
        database: row.database,
        proxySessid: row.proxySessid,
      };
    });
  }

  /** The sessions themselves, by id: ids only go up, so the order of making is that order. */
  listed(): readonly Session[] {
    return [...this.#sessions.values()].filter((session) => session.isListed);
  }

  findSession(id: number): Session | null {
    const found = this.#sessions.get(id);
    return found?.isListed === true ? found : null;
  }

  // What the listener says.

  listening(address: Address): void {
    this.#address = address;
    if (this.#state === 'INIT') {
      this.#enter('STARTING');
      this.#timer = this.#setting.clock.after(STARTING_TIME, () => this.#enter('SERVING'));
    }
    this.#onListening?.(address);
  }

  failed(code: string): void {
    if (this.#onFailed !== null) {
      this.#onFailed(code);
      return;
    }
    throw new Error(`observer ${this.id} cannot listen on ${this.#address.host}:${this.#address.port}: ${code}`);
  }

  accept(connection: Connection): ConnectionEvents {
    this.#sequence = (this.#sequence % MOST_SEQUENCE) + 1;
    const id = (ID_MARK + this.id * SERVER_SHIFT + this.#sequence) >>> 0;
    const session = new Session(id, connection, this.#hostOf(id));
    this.#sessions.set(id, session);
    return session;
  }

  closed(): void {}

  #hostOf(id: number): SessionHost {
    const setting = this.#setting;
    // No getter in the literal: V8 gives each such object a hidden class of its own, and by it the whole world is kept
    // until a full collection. A hunt had a fifth fewer runs.
    const place: LoginPlace = {
      server: this,
      serverId: this.id,
      clusterName: setting.clusterName,
      scramble: scrambleOf(id),
      sha1: setting.sha1,
      claimChecksum: setting.claimChecksum,
      withholdPrivilege: setting.withholdPrivilege,
      acceptClusterSuffix: setting.acceptClusterSuffix,
      findTenant: setting.findTenant,
    };
    return {
      house: setting.house,
      clock: setting.clock,
      place,
      checker: this.#checker,
      lockKillCheck: setting.lockKillCheck,
      offersTls: setting.offersTls,
      ip: this.#address.host,
      port: this.#address.port,
      faults: this.faults,
      gone: (it) => {
        this.#sessions.delete(it);
        this.#checker.left();
      },
    };
  }
}
