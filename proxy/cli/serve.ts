/**
 * `odplab serve`: the proxy on a real port, before a simulated cluster on loopback or before real observers.
 */
import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { Cluster } from '../../simulator/observer/cluster.ts';
import type { Observer } from '../../simulator/observer/observer.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import {
  type ClusterSpec,
  clusterConfig,
  LOCATOR,
  TOPOLOGIES,
  type Topology,
  type TopologyName,
} from '../../simulator/world/topology.ts';
import type { ClusterConfig } from '../config.ts';
import { NodeClock } from '../node/clock.ts';
import { expectBulk } from '../node/memory.ts';
import { NodeNetwork } from '../node/net.ts';
import { stopSignal } from '../node/signals.ts';
import { type Address, PLAIN } from '../ports.ts';
import { OdpProxy } from '../proxy.ts';
import { causeText } from '../session/cause.ts';
import type { SeenSession } from '../session/seen.ts';
import type { Journal } from '../session/services.ts';
import { canonicalName } from '../session/user-name.ts';
import type { Hashes } from '../wire/proof.ts';
import { backendPasswords, PASSWORDS_VARIABLE } from './backend-passwords.ts';
import { DEFAULT_PORT, parseServeFlags, type ServeFlags, UsageError } from './flags.ts';
import { type ServeTls, serveTls } from './tls.ts';
import { version } from './version.ts';

const LOOPBACK = '127.0.0.1';
/** The first observer's SQL port, as everywhere; the others follow it. */
const OBSERVER_PORT = 2881;
/** Between the ports of two observers of one machine: 2882 is the first one's RPC port, 2883 the proxy's. */
const OBSERVER_PORT_STEP = 10;
/** How long sessions may take to end after we were told to stop: FIN and its answer (decisions.md 34), and a little. */
const STOP_TIME = 1500;

const HELP = `odplab serve [OPTIONS] – the proxy, before a simulated OceanBase cluster or before real servers

  npm start                       the proxy on ${LOOPBACK}:${DEFAULT_PORT} before a simulated cluster
  npm start -- -p 3306            on another port
  npm start -- --topology three   three observers, two tenants, and a second cluster
  npm start -- --seed 7           made-up customers, products and orders in the tenants, to look around in
  npm start -- -r 'ip:2881;ip:2881' -c NAME    before real observers of the cluster NAME
  npm start -- --backend mysql -r ip:3306      before a MariaDB or MySQL server

ODP's flags:
  -p, --listen_port PORT     client port (${DEFAULT_PORT})
  -r, --rs_list LIST         servers as ip:port;ip:port; without it the cluster is simulated
  -c, --cluster_name NAME    name of the cluster behind -r (obdemo)
  -o, --optstr k=v,k=v       configuration items, may be repeated:
                               mysql_version=5.6.25          version in the greeting
                               kill_sweep_interval=1s        a KILL takes effect at the next such tick
                               client_max_connections=8192   0 is no limit
                               proxy_id=0                    0 to 255, part of every cs_id
                               obproxy_sys_password=SHA1HEX  password of root@proxysys, as SHA-1 in hex
                               inspector_password=SHA1HEX    of inspector@proxysys, who may PING PROXY; empty: there is none
                               skip_proxy_sys_private_check=false  let these two come from any address
                               skip_proxyro_check=false      let proxyro@sys, the proxy's own account, log in from outside
                               username_separator=:;-;.      what divides cluster:tenant:user, in the order tried
                               enable_full_username=false    turn away who does not name tenant and cluster
                               proxy_tenant_name=NAME        the tenant of who names neither, in
                               rootservice_cluster_name=NAME (the cluster of -c)
                               'white_list=shop#obdemo=10.0.0.0/8|192.168.1.7;sys#obdemo=127.0.0.1'
                                                             from where a tenant's clients may come; others are cut off
                               'resource_max_connections=shop#obdemo=200;sys#obdemo=20'   most clients of a tenant: 1040
                               observer_sys_password=SHA1HEX password of proxyro@sys, which asks a cluster where tables are
                               enable_client_ssl=false       offer TLS to clients; true if a certificate is given
                               enable_server_ssl=false       TLS to observers that offer it, simulated ones included
                               ssl_attributes={"using_ssl":"ENABLE_FORCE"}   turn clients without TLS away
                               short_async_task_timeout=5s       for a connection to an observer
                               observer_query_timeout_delta=20s  added to ob_query_timeout: then the proxy gives up
                               default_inactivity_timeout=180000s    the longest wait of all
                               connect_observer_max_retries=3    attempts at the least, 2 to 5
                               enable_congestion=true        skip observers that fail, with
                               congestion_failure_threshold=5, congestion_fail_window=120s,
                               congestion_retry_interval=20s, min_keep_congestion_interval=20s,
                               min_congested_connect_timeout=100ms, server_detect_mode=0 (no probes; ODP: 1),
                               server_detect_fail_threshold=3, server_detect_refresh_interval=1s,
                               detect_server_timeout=5s
  -N, --nodaemon             stay in the foreground (always so)
  -n, -l, -s                 accepted and ignored, with a word of why
  -V, --version   -h, --help
Ours:
  --backend KIND             what -r names: oceanbase (observers), or mysql: MariaDB or MySQL servers, the first that
                               answers for each client; its greeting, logins and answers pass as they are, KILL and
                               SHOW PROCESSLIST too. The proxy answers SHOW PROXYSESSION and KILL PROXYSESSION cs_id
                               (for the server's root, and for root@proxysys)
  --backend-passwords FILE   of users of such a server, in lines user=password: their server sessions are replaced
                               unseen if they are lost while idle. Also from the environment, as the text of
                               ${PASSWORDS_VARIABLE}; never on the command line
  --topology NAME            which simulated cluster:
                               default   one observer, tenants sys and shop
                               three     three observers, tenants sys, shop and warehouse; and a second cluster
                               spread    four observers; shop's tables are led by different ones, warehouse is not on
                                         the first, though the proxy looks for it there
                               bare      the same, of which the proxy is told the addresses alone, as by -r
  --seed N                   fill a database "sample" in every user tenant; the same N, the same data (its dates count
                               back from today)
  -o 'proxy_protocol_networks=10.0.0.0/8|192.168.1.7'
                             load balancers: who may say by the PROXY protocol (version 2) for whom it connects; * is
                             everybody, and nobody unless it is set. White list, logs and observers have that address then
  --tls-self-signed          make a certificate for localhost, for this run, and offer TLS to clients
  --tls-key FILE             the same with a certificate of yours: its private key, and itself, with those that have signed
  --tls-cert FILE            it behind it, both as PEM
  --tls-ca FILE              observers must show a certificate signed by one in this file; without it any will do

Ctrl-C or SIGTERM ends every session and stops. Exit codes: 0 stopped, 1 could not listen, 2 wrong usage.
`;

interface Output {
  out(text: string): void;
  error(text: string): void;
}

const TERMINAL: Output = {
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
};

/** Runs until it is told to stop; the exit code. */
export async function serve(args: readonly string[], output: Output = TERMINAL): Promise<number> {
  let flags: ServeFlags;
  let tls: ServeTls;
  let passwords: ReadonlyMap<string, string> | undefined;
  try {
    flags = parseServeFlags(args);
    if (flags.show !== null) {
      output.out(flags.show === 'help' ? HELP.trimEnd() : `odplab ${version()}, behaves as ODP 4.3.1`);
      return 0;
    }
    if (!Object.hasOwn(TOPOLOGIES, flags.topology)) {
      throw new UsageError(`--topology ${flags.topology}: there are ${listed(Object.keys(TOPOLOGIES))}`);
    }
    tls = serveTls(flags);
    passwords = backendPasswords(flags.backendPasswords, process.env[PASSWORDS_VARIABLE]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.error(`odplab serve: ${error.message} (odplab serve --help)`);
    return 2;
  }
  for (const warning of flags.warnings) output.error(`odplab serve: ${warning}`);
  try {
    await new Server(flags, tls, passwords, output).run();
    return 0;
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error;
    output.error(`odplab serve: ${error.message}`);
    return 1;
  }
}

class CannotListen extends Error {
  constructor(what: string, { host, port }: Address, code: string) {
    const why = code === 'EADDRINUSE' ? 'the port is in use' : code;
    const mend = what === 'the proxy' ? 'choose another with -p' : 'stop what listens there';
    super(`${what} cannot listen on ${host}:${port}: ${why}; ${mend}`);
  }
}

class Server {
  readonly #flags: ServeFlags;
  readonly #tls: ServeTls;
  readonly #output: Output;
  readonly #network: NodeNetwork;
  readonly #clock = new NodeClock();
  readonly #clusters: Cluster[] = [];
  /** Of users of a MySQL server. */
  readonly #passwords: ReadonlyMap<string, string> | undefined;

  constructor(flags: ServeFlags, tls: ServeTls, passwords: ReadonlyMap<string, string> | undefined, output: Output) {
    this.#flags = flags;
    this.#tls = tls;
    this.#passwords = passwords;
    this.#output = output;
    this.#network = new NodeNetwork({
      tls: tls.options,
      failed: (error) =>
        output.error(`an internal error, whose connection is reset; please report it\n${stackOf(error)}`),
    });
  }

  async run(): Promise<void> {
    const stop = stopSignal();
    expectBulk();
    try {
      const specs = this.#flags.servers === null ? await this.#simulated() : [];
      const proxy = await this.#startProxy(await this.#clusterConfigs(specs));
      this.#announce(proxy.address, specs);
      await stop;
      this.#output.out('stopping …');
      proxy.proxy.stop();
    } finally {
      for (const cluster of this.#clusters) for (const observer of cluster.observers) observer.stop();
    }
    // Sessions end by themselves when both FINs are through; a client that never answers is not waited for.
    setTimeout(() => process.exit(), STOP_TIME).unref();
  }

  async #simulated(): Promise<readonly ClusterSpec[]> {
    const { topology, seed } = this.#flags;
    const ready: Topology = TOPOLOGIES[topology as TopologyName];
    if (seed === null) return ready.clusters;
    // Loading faker takes a while, which nobody else shall pay for.
    const { withSampleData } = await import('../../simulator/world/sample-data.ts');
    return withSampleData(ready, new SeededChoices(seed), this.#clock.now()).clusters;
  }

  async #clusterConfigs(specs: readonly ClusterSpec[]): Promise<ClusterConfig[]> {
    const { servers, cluster, backend } = this.#flags;
    if (servers !== null) {
      return [{ name: cluster, type: backend, servers: servers.map((address) => ({ address })), tenants: null }];
    }
    const configs: ClusterConfig[] = [];
    let port = OBSERVER_PORT;
    const ports = { clock: this.#clock, choices: PLAIN, sha1 };
    for (const spec of specs) {
      const made = new Cluster(spec, ports, { offersTls: this.#flags.items.enable_server_ssl });
      this.#clusters.push(made);
      const addresses = new Map<number, Address>();
      for (const observer of made.observers) {
        const wanted = { host: LOOPBACK, port };
        port += OBSERVER_PORT_STEP;
        addresses.set(observer.id, await this.#startObserver(observer, wanted));
      }
      configs.push(clusterConfig(spec, addresses));
    }
    return configs;
  }

  /** Nobody asked for an observer's port: if the usual one is taken, any free one will do. */
  async #startObserver(observer: Observer, wanted: Address): Promise<Address> {
    return new Promise<Address>((resolve, reject) => {
      observer.start(this.#network, wanted, resolve, (code) => {
        if (code !== 'EADDRINUSE' || wanted.port === 0) {
          reject(new CannotListen(`the simulated observer ${observer.id}`, wanted, code));
        } else {
          resolve(this.#startObserver(observer, { host: wanted.host, port: 0 }));
        }
      });
    });
  }

  async #startProxy(clusters: readonly ClusterConfig[]): Promise<{ proxy: OdpProxy; address: Address }> {
    const { port, items } = this.#flags;
    const listen = { host: this.#flags.servers === null ? LOOPBACK : '0.0.0.0', port };
    const journal: Journal<SeenSession> = {
      disconnected: (session, cause) => {
        const { client, connection } = session;
        const from = addressText(client);
        const where = client === connection.remote ? from : `${from} through ${addressText(connection.remote)}`;
        const who = session.identity === null ? 'not logged in' : canonicalName(session.identity.name);
        this.#output.out(`cs ${session.csId} (${who}, ${where}) ended: ${causeText(cause, session.csId)}`);
      },
    };
    const proxy = new OdpProxy(
      {
        listen,
        clusters,
        items,
        localIp: localIp(),
        pid: process.pid,
        ...(this.#passwords === undefined ? {} : { passwords: this.#passwords }),
      },
      { network: this.#network, clock: this.#clock, choices: PLAIN, sha1, hashes: HASHES, journal },
    );
    const address = await new Promise<Address>((resolve, reject) => {
      proxy.start({
        listening: resolve,
        failed: (code) => reject(new CannotListen('the proxy', listen, code)),
      });
    });
    return { proxy, address };
  }

  #announce(address: Address, specs: readonly ClusterSpec[]): void {
    const lines = [`odplab: the proxy listens on ${address.host}:${address.port}`, ...this.#tls.lines];
    for (const [index, spec] of specs.entries()) {
      const observers = this.#clusters[index]!.observers.map((it) => `${it.address.host}:${it.address.port}`);
      lines.push('', `cluster ${spec.name}, simulated; observers on ${observers.join(', ')}`);
      for (const tenant of spec.tenants) {
        const people = tenant.users.filter((it) => it.name !== LOCATOR);
        const users = people.map((it) => it.name + (it.password === '' ? '' : ` (password ${it.password})`));
        lines.push(`  tenant ${tenant.name.padEnd(10)} users ${users.join(', ')}`);
      }
    }
    if (this.#flags.seed !== null) {
      lines.push(
        '',
        `seed ${this.#flags.seed}: customer, product and orders in the database sample of every user tenant`,
      );
    }
    if (specs.length > 0) {
      const name = specs[0]!.name;
      lines.push(
        '',
        'Connect with',
        `  npm run sql${address.port === DEFAULT_PORT ? '' : ` -- -P ${address.port}`}`,
        `  mariadb -h ${address.host} -P ${address.port} -u root@sys#${name}`,
        `root@proxysys administers the proxy itself. Ctrl-C stops.`,
      );
    }
    this.#output.out(lines.join('\n'));
  }
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

const HASHES: Hashes = {
  sha1,
  sha256: (data) => createHash('sha256').update(data).digest(),
  sha512: (data) => createHash('sha512').update(data).digest(),
};

/** The first IPv4 that is not loopback (decisions.md 3). */
function localIp(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const it of addresses ?? []) if (it.family === 'IPv4' && !it.internal) return it.address;
  }
  return LOOPBACK;
}

/** `a, b and c` */
function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function addressText({ host, port }: Address): string {
  return `${host}:${port}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
