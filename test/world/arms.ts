/** Both arms for tests of what stands on the ports: memory, and sockets whose events are counted; virtual time on both. */
import { NodeNetwork } from '../../proxy/node/net.ts';
import { Quiet } from '../../proxy/node/quiet.ts';
import type { Address, Network } from '../../proxy/ports.ts';
import { VirtualClock } from '../../simulator/world/virtual-clock.ts';
import { World } from '../../simulator/world/world.ts';

export interface TwoArmed {
  readonly name: string;
  readonly network: Network;
  readonly clock: VirtualClock;
  readonly address: Address;
  settle(): Promise<void>;
  readonly openConnections: number;
}

export function memoryArm(): TwoArmed {
  const world = new World();
  return {
    name: 'memory',
    network: world.network,
    clock: world.clock,
    address: { host: '192.0.2.1', port: 0 },
    async settle() {
      world.settle();
    },
    get openConnections() {
      return world.openConnections;
    },
  };
}

export function socketArm(): TwoArmed {
  const quiet = new Quiet();
  const clock = new VirtualClock();
  return {
    name: 'sockets',
    network: new NodeNetwork({ quiet }),
    clock,
    address: { host: '127.0.0.1', port: 0 },
    async settle() {
      do await quiet.settled();
      while (clock.runDue());
    },
    get openConnections() {
      return quiet.openConnections;
    },
  };
}

export const ARMS: readonly (() => TwoArmed)[] = [memoryArm, socketArm];
