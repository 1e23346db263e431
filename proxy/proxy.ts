/**
 * The proxy: puts the rooms together on the three ports. The same object runs on sockets and in memory.
 */
import { OwnCommands } from './command/commands.ts';
import type { ProxyConfig } from './config.ts';
import type {
  Address,
  Choices,
  Clock,
  Connection,
  ConnectionEvents,
  Listener,
  ListenerEvents,
  Network,
} from './ports.ts';
import { BlackList } from './route/black-list.ts';
import { ProbingDetector } from './route/detector.ts';
import { TenantRouter } from './route/router.ts';
import type { Cause } from './session/cause.ts';
import { withItsAddress } from './session/client-address.ts';
import { ClientSession } from './session/client-session.ts';
import { CsIds, ProxySessids } from './session/ids.ts';
import type { MysqlServices } from './session/mysql-entrance.ts';
import { MysqlSession } from './session/mysql-session.ts';
import { Registry } from './session/registry.ts';
import type { SeenSession } from './session/seen.ts';
import type { Journal, Services } from './session/services.ts';
import { Sweep } from './session/sweep.ts';
import type { Hashes } from './wire/proof.ts';
import type { Sha1 } from './wire/scramble.ts';

export interface ProxyPorts {
  readonly network: Network;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly sha1: Sha1;
  /** For the plugins of a MySQL server, where passwords are configured. */
  readonly hashes?: Hashes;
  /** Told when a client session ends; for logs. */
  readonly journal?: Journal<SeenSession>;
}

export interface ProxyEvents {
  /** Clients may come; `address` has the real port. */
  listening(address: Address): void;
  /** It cannot listen; `code` is the system's (`EADDRINUSE`, …). */
  failed(code: string): void;
}

/** How many of each there are, for checks that nothing is left. */
export interface ProxyFacts {
  readonly clientSessions: number;
  readonly serverSessions: number;
}

const SILENT: Journal<SeenSession> = {
  disconnected() {},
};

/** Events of a connection that is closed at once: no id was left for it. */
const NOBODY: ConnectionEvents = {
  data() {},
  drain() {},
  flushed() {},
  end() {},
  reset() {},
  closed() {},
};

export class OdpProxy implements ListenerEvents {
  readonly #config: ProxyConfig;
  readonly #ports: ProxyPorts;
  readonly #registry = new Registry<SeenSession>();
  readonly #ids: CsIds;
  readonly #blackList: BlackList;
  readonly #router: TenantRouter;
  #services: (Services<ClientSession> & MysqlServices) | null = null;
  #listener: Listener | null = null;
  #events: ProxyEvents | null = null;
  #lastSsId = 0;

  constructor(config: ProxyConfig, ports: ProxyPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#ids = new CsIds(config.items.proxy_id);
    const { network, clock, choices, sha1 } = ports;
    const { observer_sys_password: passwordStage1, enable_server_ssl: tls } = config.items;
    this.#blackList = new BlackList(config.items, clock);
    this.#router = new TenantRouter(choices, this.#blackList, { network, clock, sha1, passwordStage1, tls });
  }

  start(events: ProxyEvents): void {
    this.#events = events;
    this.#listener = this.#ports.network.listen(this.#config.listen, this);
  }

  /** Stops listening and ends every session. */
  stop(): void {
    this.#listener?.close();
    const cause: Cause = { kind: 'proxy stops' };
    for (const session of this.#registry.all()) session.stop(cause);
    this.#router.stop();
  }

  facts(): ProxyFacts {
    return { clientSessions: this.#registry.size, serverSessions: this.#registry.serverSessions };
  }

  /** The client sessions, by cs_id; for who judges a run. */
  sessions(): readonly SeenSession[] {
    return this.#registry.all();
  }

  /** When the sweep ends what a KILL has marked, by the clock; null if nothing is marked. For who judges a run. */
  get sweepDue(): number | null {
    return this.#services?.sweep.due ?? null;
  }

  listening(address: Address): void {
    const { items, clusters, localIp, pid } = this.#config;
    const { network, clock, choices, sha1, hashes, journal } = this.#ports;
    const { passwords } = this.#config;
    const sweep = new Sweep(clock, items.kill_sweep_interval);
    this.#services = {
      network,
      clock,
      choices,
      sha1,
      items,
      clusters,
      sweep,
      registry: this.#registry,
      proxySessids: new ProxySessids(localIp, address.port),
      router: this.#router,
      health: this.#blackList,
      ...(items.server_detect_mode === 0
        ? {}
        : { detector: new ProbingDetector(items, { network, clock, sweep }, this.#blackList) }),
      commands: new OwnCommands(this.#registry, sweep, this.#ids, { pid, tid: pid }),
      accounts: passwords === undefined || hashes === undefined ? null : { ...hashes, passwords },
      journal: journal ?? SILENT,
      nextSsId: () => {
        this.#lastSsId += 1;
        return this.#lastSsId;
      },
    };
    this.#events?.listening(address);
  }

  failed(code: string): void {
    this.#events?.failed(code);
  }

  accept(connection: Connection): ConnectionEvents {
    const csId = this.#ids.next(this.#registry);
    if (csId === null || this.#services === null) {
      connection.close();
      return NOBODY;
    }
    // A MySQL server's greeting comes first: which kind it is cannot wait for the login.
    const session =
      this.#config.clusters[0]?.type === 'mysql'
        ? new MysqlSession(connection, csId, this.#services)
        : new ClientSession(connection, csId, this.#services);
    return withItsAddress(session, this.#services.items);
  }

  closed(): void {}
}
