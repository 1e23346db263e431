/**
 * The proxy before a simulated cluster, in this process, on free ports of loopback: what real clients connect to.
 *
 * The clock is handed in. On real time (`NodeClock`) it serves programs that run beside us; on the simulator's it stands
 * until the test moves it, so that a KILL takes effect exactly when the test says so.
 */
import { createHash } from 'node:crypto';
import { type ConfigItems, DEFAULT_ITEMS } from '../../proxy/config.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import type { Certificate } from '../../proxy/node/tls.ts';
import {
  type Address,
  type Clock,
  type Connection,
  type ConnectionEvents,
  type Listener,
  type ListenerEvents,
  type Network,
  PLAIN,
} from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { Gates, type Tap } from '../../simulator/world/gates.ts';
import { clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
/** The hosts' names for `Gates`; a client is called by its address, `127.0.0.1:50000`. */
export const PROXY = 'proxy';
export const OBSERVER = 'observer 1';

export interface OdpOptions {
  readonly items?: Partial<ConfigItems>;
  readonly tap?: Tap;
  /** TLS for clients and between proxy and observer, which show this certificate and trust it alone. */
  readonly tls?: Certificate;
  /** A client has connected; nothing of it has been read yet. */
  readonly arrived?: (client: string) => void;
}

export interface SimulatedOdp {
  readonly address: Address;
  /** The observer's own. */
  readonly observer: Address;
  readonly proxy: OdpProxy;
  readonly cluster: Cluster;
  readonly gates: Gates;
  /** Stops listening, and ends every session. */
  stop(): void;
}

/** The default topology: cluster obdemo, one observer, tenants sys and shop. */
export async function startOdp(clock: Clock, options: OdpOptions = {}): Promise<SimulatedOdp> {
  const { tls } = options;
  const wires = new NodeNetwork(tls === undefined ? {} : { tls: { certificate: () => tls, authorities: tls.cert } });
  const gates = new Gates(wires, clock, { tap: options.tap ?? {} });
  const secure = { enable_client_ssl: tls !== undefined, enable_server_ssl: tls !== undefined };
  const spec = TOPOLOGIES.default.clusters[0];
  const cluster = new Cluster(spec, { clock, choices: PLAIN, sha1 }, { offersTls: tls !== undefined });
  const observer = cluster.observer(1);
  const listening = await new Promise<Address>((resolve, reject) => {
    observer.start(gates.host(OBSERVER), ANY_PORT, resolve, (code) => reject(new Error(`the observer: ${code}`)));
  });
  const clusters = [clusterConfig(spec, new Map([[1, listening]]))];
  const items = { ...DEFAULT_ITEMS, ...secure, ...options.items };
  const network = new Reception(gates.host(PROXY), options.arrived ?? (() => {}));
  const proxy = new OdpProxy(
    { listen: ANY_PORT, clusters, items, localIp: '127.0.0.1', pid: process.pid },
    { network, clock, choices: PLAIN, sha1 },
  );
  const address = await new Promise<Address>((resolve, reject) => {
    proxy.start({ listening: resolve, failed: (code) => reject(new Error(`the proxy: ${code}`)) });
  });
  return {
    address,
    observer: listening,
    proxy,
    cluster,
    gates,
    stop() {
      proxy.stop();
      for (const it of cluster.observers) it.stop();
    },
  };
}

/** True once neither the proxy nor the observer has a session any more. */
export function isDeserted({ proxy, cluster }: SimulatedOdp): boolean {
  const { clientSessions, serverSessions } = proxy.facts();
  return clientSessions + serverSessions + cluster.observer(1).sessions.length === 0;
}

/** The proxy's network, told of each client before the proxy is. */
class Reception implements Network {
  readonly #inner: Network;
  readonly #arrived: (client: string) => void;

  constructor(inner: Network, arrived: (client: string) => void) {
    this.#inner = inner;
    this.#arrived = arrived;
  }

  get acceptsTls(): boolean {
    return this.#inner.acceptsTls;
  }

  listen(address: Address, events: ListenerEvents): Listener {
    const arrived = this.#arrived;
    return this.#inner.listen(address, {
      listening(bound) {
        events.listening(bound);
      },
      failed(code) {
        events.failed(code);
      },
      accept(connection) {
        arrived(`${connection.remote.host}:${connection.remote.port}`);
        return events.accept(connection);
      },
      closed() {
        events.closed();
      },
    });
  }

  connect(address: Address, events: ConnectionEvents, from?: Address): Connection {
    return this.#inner.connect(address, events, from);
  }
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
