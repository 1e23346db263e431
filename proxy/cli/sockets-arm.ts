/**
 * The arm on real sockets: `node:net` on loopback, with the simulator's clock, and a ledger that knows when all is quiet.
 *
 * Both ends of every connection live in this process, so "quiet" is counted; the clock stands still but for `advance`.
 */

import {
  type AddressPlan,
  type Arm,
  type ArmKind,
  type ArmOptions,
  leftOver,
  type WorldNumber,
} from '../../simulator/scenario/arm.ts';
import { Gates } from '../../simulator/world/gates.ts';
import { START, VirtualClock } from '../../simulator/world/virtual-clock.ts';
import { NodeNetwork } from '../node/net.ts';
import { Quiet } from '../node/quiet.ts';
import type { Choices, Clock, Network } from '../ports.ts';
import { selfMade } from './tls.ts';

const LOOPBACK = '127.0.0.1';
/** For all runs of this process; made if a page has TLS in it. */
const TLS = { certificate: selfMade(), authorities: null };
/** Any free port: several runs may stand side by side. */
const ANYWHERE = { host: LOOPBACK, port: 0 };

interface SocketsPlan extends AddressPlan {
  readonly start: number;
}

function plan(localIp: string, pid: number, start: number): SocketsPlan {
  return {
    proxy: ANYWHERE,
    clients: null,
    localIp,
    pid,
    start,
    observer() {
      return ANYWHERE;
    },
  };
}

const PLANS: Readonly<Record<WorldNumber, SocketsPlan>> = {
  1: plan('172.30.140.64', 76_286, START),
  2: plan('172.31.7.19', 51_907, START + 987_654_321),
};

export const SOCKETS: ArmKind = {
  name: 'sockets',
  make(options) {
    return new SocketsArm(options);
  },
};

class SocketsArm implements Arm {
  readonly name = 'sockets';
  readonly standsStill = true;
  readonly world: WorldNumber;
  readonly plan: AddressPlan;
  readonly choices: Choices;
  readonly #clock: VirtualClock;
  readonly #quiet = new Quiet();
  readonly gates: Gates;

  constructor(options: ArmOptions) {
    const { start, ...addresses } = PLANS[options.world];
    this.world = options.world;
    this.plan = addresses;
    this.choices = options.choices;
    this.#clock = new VirtualClock(start);
    const network = new NodeNetwork({ quiet: this.#quiet, tls: TLS });
    this.gates = new Gates(network, this.#clock, options.tap === undefined ? {} : { tap: options.tap });
  }

  get clock(): Clock {
    return this.#clock;
  }

  network(host: string): Network {
    return this.gates.host(host);
  }

  async settle(): Promise<void> {
    do await this.#quiet.settled();
    while (this.#clock.runDue());
  }

  async advance(milliseconds: number): Promise<void> {
    const until = this.#clock.now() + milliseconds;
    await this.settle();
    for (;;) {
      const next = this.#clock.next();
      if (next === undefined || next > until) break;
      this.#clock.advanceTo(next);
      await this.settle();
    }
    this.#clock.advanceTo(until);
  }

  left(): readonly string[] {
    return leftOver(this.#quiet.openConnections, this.#clock.armed);
  }
}
