/**
 * The stage for observers that misbehave: one proxy before two clusters in memory, `obdemo` simulated and healthy with a
 * bystander on it, `bad` of scripted servers; and what its clients may see of it.
 */
import { DEFAULT_ITEMS, type TenantConfig } from '../../proxy/config.ts';
import { type Address, type Choices, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';
import { sha1 } from '../observer/pair.ts';
import { loginBytes, PROXY, queryBytes, RawClient } from '../session/raw-client.ts';
import { ScriptedObserver } from '../session/scripted-observer.ts';

const HEALTHY: Address = { host: '172.30.140.71', port: 2881 };
/** Longer than a closed connection lingers. */
const LINGERED = 2000;

export class BadStage {
  readonly world: World;
  readonly proxy: OdpProxy;
  /** Of the cluster `bad`. */
  readonly servers: ScriptedObserver[] = [];
  readonly #bystander: RawClient;
  /** What the bystander has: its connections, and the timer by which its observer looks after it. */
  readonly #connections: number;
  readonly #timers: number;

  /** `seed` 0: the plain world. `tenants`: of the bad cluster; null: it is a bare server list. */
  constructor(seed = 0, servers = 1, tenants: readonly TenantConfig[] | null = null) {
    const choices: Choices = seed === 0 ? PLAIN : new SeededChoices(seed);
    this.world = new World({ choices });
    const { network, clock } = this.world;
    const spec = TOPOLOGIES.default.clusters[0];
    const cluster = new Cluster(spec, { clock, choices: PLAIN, sha1 });
    for (const observer of cluster.observers) observer.start(network, HEALTHY, () => {});
    for (let number = 1; number <= servers; number += 1) {
      const address = { host: `172.30.141.${number}`, port: 2881 };
      this.servers.push(new ScriptedObserver(this.world, `bad${number}`, address, 0xc000_0000 + number * 1000, []));
    }
    const bad = { name: 'bad', servers: this.servers.map(({ address }) => ({ address })), tenants };
    this.proxy = new OdpProxy(
      {
        listen: PROXY,
        clusters: [clusterConfig(spec, new Map([[1, HEALTHY]])), bad],
        items: DEFAULT_ITEMS,
        localIp: PROXY.host,
        pid: 76286,
      },
      { network, clock, choices: PLAIN, sha1 },
    );
    this.proxy.start({
      listening() {},
      failed(code) {
        throw new Error(code);
      },
    });
    this.world.settle();
    this.#bystander = new RawClient(this.world, { host: '10.0.0.2', port: 7777 });
    this.world.settle();
    this.#bystander.greet();
    this.#ask(loginBytes('app@shop#obdemo'), 'OK');
    this.#ask(queryBytes('SELECT 1'), '1');
    this.#connections = this.world.openConnections;
    this.#timers = this.world.armedTimers;
  }

  get server(): ScriptedObserver {
    return this.servers[0]!;
  }

  /** A client that has sent its login to the bad cluster; what came of it is the caller's to see. */
  arrives(): RawClient {
    const client = new RawClient(this.world);
    this.world.settle();
    client.greet();
    client.send(loginBytes('app@shop#bad'));
    this.world.settle();
    return client;
  }

  /** One that is in. */
  login(): RawClient {
    const client = this.arrives();
    const said = client.read();
    if (!said[0]?.startsWith('2 OK')) throw new Error(`the login was answered ${said}`);
    return client;
  }

  /** Sends a statement; gives the bytes that came back. */
  ask(client: RawClient, text: string): Buffer {
    client.send(queryBytes(text));
    this.world.settle();
    return client.take();
  }

  /** The bystander has noticed nothing; throws if it has. */
  bystanderIsWell(): void {
    this.#ask(queryBytes('SELECT 1'), '1');
    if (this.#bystander.events.length > 0) throw new Error(`the bystander saw ${this.#bystander.events}`);
  }

  /** What the clients and servers of the bad cluster have left behind; all should be 0. Those who are there still leave. */
  left(...clients: readonly RawClient[]): Record<string, number> {
    this.bystanderIsWell();
    for (const client of clients) client.connection.end();
    for (const server of this.servers) for (const { connection } of server.connections) connection.end();
    this.world.advance(LINGERED);
    this.bystanderIsWell();
    const { clientSessions, serverSessions } = this.proxy.facts();
    return {
      clientSessions: clientSessions - 1,
      serverSessions: serverSessions - 1,
      connections: this.world.openConnections - this.#connections,
      timers: this.world.armedTimers - this.#timers,
    };
  }

  #ask(request: Buffer, answer: string): void {
    this.#bystander.send(request);
    this.world.settle();
    const said = this.#bystander.read().join(' ');
    if (!said.includes(answer)) throw new Error(`the bystander was answered '${said}'`);
  }
}

export const NOTHING_LEFT = { clientSessions: 0, serverSessions: 0, connections: 0, timers: 0 };
