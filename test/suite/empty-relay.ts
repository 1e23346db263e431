/**
 * An empty relay in the proxy's place: every client connection is joined to the first observer, bytes and FINs pass, and
 * nothing is understood. What a scenario expects of the proxy it must fail to give.
 */
import type { Address, Connection, ConnectionEvents, ListenerEvents, Network } from '../../proxy/ports.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import type { Arm } from '../../simulator/scenario/arm.ts';
import type { FrontMatter } from '../../simulator/scenario/front-matter.ts';
import type { Deployment } from '../../simulator/scenario/lab.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';

/** One end of a joined pair; the other is its `peer`. */
class End implements ConnectionEvents {
  connection!: Connection;
  peer!: End;

  data(chunk: Buffer): void {
    this.peer.connection.write(chunk);
  }
  drain(): void {}
  flushed(): void {}
  end(): void {
    this.peer.connection.end();
  }
  refused(): void {
    this.peer.connection.close();
  }
  reset(): void {
    this.peer.connection.reset();
  }
  closed(): void {
    this.peer.connection.end();
  }
}

class Relay implements ListenerEvents {
  address: Address | null = null;
  readonly #network: Network;
  readonly #target: Address;

  constructor(network: Network, target: Address) {
    this.#network = network;
    this.#target = target;
  }

  accept(connection: Connection): ConnectionEvents {
    const client = new End();
    const server = new End();
    client.peer = server;
    server.peer = client;
    client.connection = connection;
    server.connection = this.#network.connect(this.#target, server);
    return client;
  }
  listening(address: Address): void {
    this.address = address;
  }
  failed(code: string): void {
    throw new Error(code);
  }
  closed(): void {}
}

/** The observers take user names with `#cluster`, so that logging in is not what fails. */
export async function deployRelay(arm: Arm, front: FrontMatter, sha1: Sha1): Promise<Deployment> {
  const observers: Cluster['observers'][number][] = [];
  for (const spec of TOPOLOGIES[front.cluster].clusters) {
    const cluster = new Cluster(spec, { clock: arm.clock, choices: arm.choices, sha1 }, { acceptClusterSuffix: true });
    for (const observer of cluster.observers) {
      observers.push(observer);
      observer.start(arm.network(`observer ${observers.length}`), arm.plan.observer(observers.length), () => {});
    }
  }
  await arm.settle();
  const network = arm.network('proxy');
  const relay = new Relay(network, observers[0]!.address);
  const listener = network.listen(arm.plan.proxy, relay);
  await arm.settle();
  return {
    entry: relay.address!,
    control: null,
    left: () => [],
    stop() {
      listener.close();
      for (const observer of observers) observer.stop();
    },
  };
}
