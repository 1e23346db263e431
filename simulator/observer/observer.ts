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
} from '../../proxy/ports.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { SessionChecker } from './checker.ts';
import { scrambleOf } from './greeting.ts';
import type { House } from './house.ts';
import type { LoginPlace } from './login.ts';
import { Session, type SessionHost } from './session.ts';
import type { Tenant } from './tenant.ts';

/** Bits 31 and 30 of every id; the server's number from bit 18 on (observer.md §2.1). */
const ID_MARK = 0xc000_0000;
const SERVER_SHIFT = 2 ** 18;
const MOST_SEQUENCE = SERVER_SHIFT - 1;

/** What an observer is given by its cluster. */
export interface ObserverSetting {
  readonly serverId: number;
  readonly clusterName: string;
  readonly clock: Clock;
  readonly sha1: Sha1;
  readonly house: House;
  readonly claimChecksum: boolean;
  readonly withholdPrivilege: boolean;
  readonly acceptClusterSuffix: boolean;
  readonly lockKillCheck: number;
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

export class Observer implements ListenerEvents {
  readonly id: number;
  readonly #setting: ObserverSetting;
  /** All connections, from their greeting until the last of their work is done, by session id. */
  readonly #sessions = new Map<number, Session>();
  #checker: SessionChecker;
  #sequence = 0;
  #listener: Listener | null = null;
  #address: Address = { host: '', port: 0 };
  #onListening: ((address: Address) => void) | null = null;
  #onFailed: ((code: string) => void) | null = null;

  constructor(setting: ObserverSetting) {
    this.id = setting.serverId;
    this.#setting = setting;
    this.#checker = new SessionChecker(setting.clock, this.#sessions);
  }

  /** Where it listens, once it does. */
  get address(): Address {
    return this.#address;
  }

  /**
   * Begins to listen; `listening` hears the address, with the port given where 0 was asked for. `failed` hears the
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
    this.#checker = new SessionChecker(this.#setting.clock, this.#sessions);
    this.#listener = network.listen(address, this);
  }

  /** As if its process had died: FIN on every connection, transactions rolled back, connects refused. */
  stop(): void {
    this.#listener?.close();
    this.#listener = null;
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#checker.left();
    for (const session of sessions) session.crash();
    for (const session of sessions) session.tellWaiters();
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
    const place: LoginPlace = {
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
      ip: this.#address.host,
      port: this.#address.port,
      gone: (session) => {
        this.#sessions.delete(session.id);
        this.#checker.left();
      },
    };
  }
}
