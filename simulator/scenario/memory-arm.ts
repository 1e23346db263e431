/**
 * The arm in memory: the simulator's world, with a gate before every host.
 *
 * The addresses of world 1 are those of decisions.md §9, so that its bytes are those printed there.
 */
import type { Choices, Clock, Network } from '../../proxy/ports.ts';
import { Gates } from '../world/gates.ts';
import { START } from '../world/virtual-clock.ts';
import { World } from '../world/world.ts';
import { type AddressPlan, type Arm, type ArmKind, type ArmOptions, leftOver, type WorldNumber } from './arm.ts';

interface MemoryPlan extends AddressPlan {
  readonly start: number;
}

const PLANS: Readonly<Record<WorldNumber, MemoryPlan>> = {
  1: {
    proxy: { host: '172.30.140.64', port: 2883 },
    clients: null,
    localIp: '172.30.140.64',
    pid: 76_286,
    start: START,
    observer(number) {
      return { host: `10.0.0.${number}`, port: 2881 };
    },
  },
  2: {
    proxy: { host: '172.31.7.19', port: 3993 },
    clients: { host: '198.51.100.77', port: 0 },
    localIp: '172.31.7.19',
    pid: 51_907,
    // Days later, at an odd time of the day.
    start: START + 987_654_321,
    observer(number) {
      return { host: `10.9.8.${100 + number}`, port: 3991 };
    },
  },
};

export const MEMORY: ArmKind = {
  name: 'memory',
  make(options) {
    return new MemoryArm(options);
  },
};

class MemoryArm implements Arm {
  readonly name = 'memory';
  readonly standsStill = true;
  readonly world: WorldNumber;
  readonly plan: AddressPlan;
  readonly #world: World;
  readonly gates: Gates;

  constructor(options: ArmOptions) {
    const plan = PLANS[options.world];
    this.world = options.world;
    this.plan = plan;
    this.#world = new World({ choices: options.choices, start: plan.start, latency: options.latency ?? 0 });
    const { tap, ends } = options;
    this.gates = new Gates(this.#world.network, this.#world.clock, {
      ...(tap === undefined ? {} : { tap }),
      ...(ends === undefined ? {} : { ends }),
    });
  }

  get clock(): Clock {
    return this.#world.clock;
  }

  get choices(): Choices {
    return this.#world.choices;
  }

  network(host: string): Network {
    return this.gates.host(host);
  }

  settle(): void {
    this.#world.settle();
  }

  advance(milliseconds: number): void {
    this.#world.advance(milliseconds);
  }

  left(): readonly string[] {
    return leftOver(this.#world.openConnections, this.#world.armedTimers);
  }
}
