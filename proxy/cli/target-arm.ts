/**
 * The arm that leads to somebody else's server: real sockets, real time, and only our own ends of the connections.
 *
 * Quiet cannot be seen from here. So an answer is awaited, `<waiting …>` means that none came for a while, and `! advance`
 * sleeps. It must never know what stands at the other end; what only a simulator could do, `needs.ts` has left out before.
 */
import {
  type AddressPlan,
  type Arm,
  type ArmKind,
  type ArmOptions,
  type Hope,
  leftOver,
  type WorldNumber,
} from '../../simulator/scenario/arm.ts';
import { Gates } from '../../simulator/world/gates.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeNetwork } from '../node/net.ts';
import type { Address, Choices, Clock, Network } from '../ports.ts';
import { Farewells } from './farewells.ts';

/** An answer that has not come after this is none. */
const PATIENCE = 30_000;
/** `<waiting …>`: none came for so long. */
const SILENCE = 300;
/** `! advance` sleeps so much longer: timers of the other side fire a little late, and what they do must reach us. */
const MARGIN = 250;

/** An arm of which there is one for each scenario, all of them to this address. */
export function targetArm(target: Address): ArmKind {
  return {
    name: 'target',
    make(options) {
      return new TargetArm(target, options);
    },
  };
}

class TargetArm implements Arm {
  readonly name = 'target';
  readonly standsStill = false;
  readonly world: WorldNumber = 1;
  readonly plan: AddressPlan;
  readonly choices: Choices;
  readonly clock: Clock;
  readonly #farewells: Farewells;
  readonly gates: Gates;

  constructor(target: Address, options: ArmOptions) {
    this.choices = options.choices;
    this.clock = new NodeClock();
    this.plan = {
      proxy: target,
      clients: null,
      localIp: target.host,
      pid: 0,
      observer() {
        throw new Error('the observers behind a target are not known');
      },
    };
    this.#farewells = new Farewells(new NodeNetwork(), this.clock);
    this.gates = new Gates(this.#farewells, this.clock, { tap: options.tap ?? {}, lone: true });
    // Holds and traces name it as pages do, though it is not ours and never listens here.
    this.gates.listening(target, 'proxy');
  }

  network(host: string): Network {
    return this.gates.host(host);
  }

  async settle(hope?: Hope): Promise<void> {
    await this.#farewells.said();
    if (hope === undefined) return;
    const deadline = this.clock.now() + (hope.expected ? PATIENCE : SILENCE);
    while (!hope.arrived() && this.clock.now() < deadline) await turn();
  }

  async advance(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.clock.after(milliseconds + MARGIN, resolve);
    });
  }

  left(): readonly string[] {
    return leftOver(this.#farewells.open, 0);
  }
}

/** What an answer is looked for in between; a millisecond is far below what anybody could tell. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
}
