/**
 * An arm: the ground a scenario stands on – networks, clock, choices, and what moves them.
 *
 * There are two for the simulator, and the same page must say the same on both: `memory-arm.ts`, and
 * `proxy/cli/sockets-arm.ts`, which is handed in because this room knows no sockets. A third, `proxy/cli/target-arm.ts`,
 * leads to somebody else's server in real time. An arm knows nothing of proxies, observers or clients but their names.
 */
import type { Address, Choices, Clock, Network } from '../../proxy/ports.ts';
import type { Gates, Tap } from '../world/gates.ts';
import type { LateEnds } from '../world/late-ends.ts';

export type ArmName = 'memory' | 'sockets' | 'target';

/** Where everybody is. A port 0 asks for any free one; the real one is told when it listens. */
export interface AddressPlan {
  readonly proxy: Address;
  /** From where clients come; null leaves it to the network. */
  readonly clients: Address | null;
  /** The IPv4 that goes into every proxy_sessid. */
  readonly localIp: string;
  /** Shown as `pid` and `tid` of the proxy. */
  readonly pid: number;
  /** The address of observer `number`, counted from 1 through all clusters. */
  observer(number: number): Address;
}

/** Worlds that differ in every address, port, id and pid. Only blessing needs a second. */
export type WorldNumber = 1 | 2;

export interface ArmOptions {
  readonly choices: Choices;
  readonly world: WorldNumber;
  readonly tap?: Tap;
  /** What is sent takes at most so many whole milliseconds, where the arm decides that; 0 unless said. */
  readonly latency?: number;
  /** Whose ends come late, where the arm can do that: in memory. */
  readonly ends?: LateEnds;
}

/** What a page says will come now, for an arm on which quiet cannot be seen. */
export interface Hope {
  /** It has come. */
  arrived(): boolean;
  /** False: the page says that it will not come yet. */
  readonly expected: boolean;
}

export interface Arm {
  readonly name: ArmName;
  /** Time stands still between the steps; else an answer may come just before a sleep, or in it. */
  readonly standsStill: boolean;
  readonly world: WorldNumber;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly plan: AddressPlan;

  /** The network of a host: a client by its name, `proxy`, `observer 1`. */
  network(host: string): Network;

  /** Around all hosts: what may pass from one to another, who is parted, who does not read. */
  readonly gates: Gates;

  /** Until nothing is left to deliver now; the clock stands. Where that cannot be seen, until what is hoped for has come or is late. */
  settle(hope?: Hope): void | Promise<void>;
  /** Moves the clock, stopping at every timer on the way. */
  advance(milliseconds: number): void | Promise<void>;

  /** What is still open or armed, in words; empty if nothing. */
  left(): readonly string[];
}

/** Makes a fresh world. */
export interface ArmKind {
  readonly name: ArmName;
  make(options: ArmOptions): Arm;
}

/** `left` of both arms. */
export function leftOver(connections: number, timers: number): string[] {
  const words: string[] = [];
  if (connections > 0) words.push(`${connections} ends of connections are open`);
  if (timers > 0) words.push(`${timers} timers are armed`);
  return words;
}
