/**
 * Plays a script of bad clients against the proxy before two simulated clusters, all in memory; afterwards everybody has
 * left, a minute has passed, and what is left is counted.
 */
import { type ClusterConfig, DEFAULT_ITEMS } from '../../proxy/config.ts';
import { type Address, type Connection, type ConnectionEvents, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import type { Observer } from '../../simulator/observer/observer.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';
import { sha1 } from '../observer/pair.ts';
import { loginBytes, PROXY, queryBytes } from '../session/raw-client.ts';
import { Hearing } from './hearing.ts';
import { ABOUT, type Act, CLIENTS, LOGINS, type Script, spoiled } from './scripts.ts';

/** After the last has gone: longer than a login may take, and than anything lingers. */
const MINUTE = 60_000;

export interface Left {
  readonly clientSessions: number;
  readonly serverSessions: number;
  readonly observerSessions: number;
  /** Row locks in the table that the scripts write to. */
  readonly locks: number;
  readonly connections: number;
  readonly timers: number;
  /** What a client hears who comes then, logs in and asks. */
  readonly newcomer: string;
}

export const NOTHING_LEFT: Left = {
  clientSessions: 0,
  serverSessions: 0,
  observerSessions: 0,
  locks: 0,
  connections: 0,
  timers: 0,
  newcomer: 'greeting, OK, rows 1',
};

/** Throws what is thrown out of an event. */
export function play(script: Script): Left {
  const stage = new MemoryStage(script);
  for (const act of script.acts) stage.act(act);
  stage.everybodyLeaves(script.farewell);
  stage.world.advance(MINUTE);
  const left = stage.left();
  stage.restart();
  return { ...left, newcomer: stage.newcomer() };
}

class MemoryStage {
  readonly world: World;
  readonly #proxy: OdpProxy;
  readonly #clusters: Cluster[] = [];
  /** Of all clusters. */
  readonly #observers: Observer[] = [];
  readonly #clients: (BadClient | null)[] = Array<BadClient | null>(CLIENTS).fill(null);

  readonly #habits: Script['habits'];
  readonly #door: Address;

  constructor({ world: seed, habits, door }: Script) {
    this.#habits = habits;
    this.world = new World({ choices: seed === 0 ? PLAIN : new SeededChoices(seed) });
    const { network, clock, choices } = this.world;
    const configs: ClusterConfig[] = [];
    for (const [number, spec] of TOPOLOGIES.three.clusters.entries()) {
      const cluster = new Cluster(spec, { clock, choices, sha1 });
      const addresses = new Map<number, Address>();
      for (const observer of cluster.observers) {
        const address = { host: `172.30.14${number}.${70 + observer.id}`, port: 2881 };
        addresses.set(observer.id, address);
        observer.start(network, address, () => {});
        this.#observers.push(observer);
      }
      this.#clusters.push(cluster);
      configs.push(clusterConfig(spec, addresses));
    }
    this.#proxy = new OdpProxy(
      { listen: PROXY, clusters: configs, items: DEFAULT_ITEMS, localIp: PROXY.host, pid: 76286 },
      { network, clock, choices, sha1 },
    );
    this.#proxy.start({
      listening() {},
      failed(code) {
        throw new Error(code);
      },
    });
    this.world.settle();
    this.#door = door === 'proxy' ? PROXY : this.#observers[0]!.address;
  }

  act({ client: number, action }: Act): void {
    if (action.kind === 'settle') {
      this.world.settle();
      return;
    }
    if (action.kind === 'advance') {
      this.world.advance(action.milliseconds);
      return;
    }
    if (action.kind === 'crash') {
      this.#observers[action.observer]!.stop();
      return;
    }
    const client = this.#client(number);
    switch (action.kind) {
      case 'packet':
        client.send(spoiled(action.packet, action.spoilings));
        break;
      case 'about':
        client.send(queryBytes(ABOUT[action.text]!(this.#sessionId(action.session))));
        break;
      case 'bytes':
        client.send(Buffer.from(action.bytes));
        break;
      case 'many':
        client.send(Buffer.alloc(action.count, action.byte));
        break;
      case 'stop reading':
        client.stopReading();
        break;
      case 'read on':
        client.connection.resume();
        break;
      case 'leave':
        client.leave(action.how);
        this.#clients[number] = null;
    }
  }

  everybodyLeaves(how: 'FIN' | 'RST' | 'close'): void {
    for (const client of this.#clients) client?.leave(how);
  }

  /** Those that are alive begin anew, too, which nobody is there to notice. */
  restart(): void {
    for (const observer of this.#observers) {
      observer.stop();
      observer.start(this.world.network, observer.address, () => {});
    }
    this.world.settle();
  }

  newcomer(): string {
    const client = new BadClient(this.world, PROXY, { host: '10.0.0.9', port: 5555 });
    client.send(loginBytes('app@warehouse#obdemo'));
    this.world.settle();
    client.send(queryBytes('SELECT 1'));
    this.world.settle();
    client.leave('FIN');
    this.world.settle();
    return client.said.join(', ').replace(/ \d+/, '');
  }

  left(): Omit<Left, 'newcomer'> {
    return {
      ...this.#proxy.facts(),
      observerSessions: this.#observers.reduce((sum, observer) => sum + observer.sessions.length, 0),
      locks: this.#clusters.reduce((sum, cluster) => sum + locksOf(cluster), 0),
      connections: this.world.openConnections,
      timers: this.world.armedTimers,
    };
  }

  #client(number: number): BadClient {
    let client = this.#clients[number] ?? null;
    if (client === null || client.isClosed) {
      client = new BadClient(this.world, this.#door);
      this.#clients[number] = client;
      const habit = this.#habits[number] ?? null;
      if (habit !== null) client.send(LOGINS[habit]!);
    }
    return client;
  }

  /** cs_ids are counted from 1; then the observers' own ids, as far as there are sessions. */
  #sessionId(number: number): number {
    if (number <= 2 * CLIENTS) return number;
    const ids = this.#observers.flatMap((it) => it.sessions.map(({ id }) => id));
    return ids[number % Math.max(1, ids.length)] ?? 0xc000_0001;
  }
}

/** None where the table was dropped. */
function locksOf(cluster: Cluster): number {
  return cluster.tenant('shop').store.find('bank')?.find('account')?.locks.size ?? 0;
}

/** What a client that does not read may send: less than makes the proxy stop reading, too. */
const UNREADING_LIMIT = 1_000_000;

/**
 * It answers the FIN it is sent, as long as it reads at all.
 *
 * It either does not read or sends more than the proxy reads ahead, but not both: on sockets the proxy hears the RST of such
 * a one, because its own write fails; the network in memory does not know that yet.
 */
class BadClient implements ConnectionEvents {
  readonly connection: Connection;
  readonly #hearing = new Hearing();
  #sent = 0;
  #hasStopped = false;
  isClosed = false;

  constructor(world: World, to: Address, from?: Address) {
    this.connection = world.network.connect(to, this, from);
  }

  get said(): readonly string[] {
    return this.#hearing.said;
  }

  send(bytes: Buffer): void {
    if (this.#hasStopped && this.#sent + bytes.length > UNREADING_LIMIT) return;
    this.#sent += bytes.length;
    this.connection.write(bytes);
  }

  stopReading(): void {
    if (this.#sent > UNREADING_LIMIT) return;
    this.#hasStopped = true;
    this.connection.pause();
  }

  leave(how: 'FIN' | 'RST' | 'close'): void {
    if (how === 'FIN') {
      this.connection.resume();
      this.connection.end();
    } else if (how === 'RST') {
      this.connection.reset();
    } else {
      this.connection.close();
    }
  }

  data(chunk: Buffer): void {
    this.#hearing.hear(chunk);
  }

  drain(): void {}
  flushed(): void {}

  end(): void {
    this.connection.end();
  }

  reset(): void {}

  closed(): void {
    this.isClosed = true;
  }
}
