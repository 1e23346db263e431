/**
 * The flags of `odplab fleet`, read into plain data. What is wrong is said with its mend. Starts nothing.
 */
import { parseArgs } from 'node:util';
import { DRIVERS } from '../../simulator/client/driver/drivers.ts';
import { BEHAVIOURS, type BehaviourName } from '../../simulator/client/fleet/behaviours.ts';
import { keepsTransactions } from '../../simulator/client/fleet/member.ts';
import { readDuration } from '../../simulator/scenario/duration.ts';
import { TOPOLOGIES, type TopologyName } from '../../simulator/world/topology.ts';
import { parseSeed, UsageError } from './flags.ts';
import { joinedFlags } from './joined-flags.ts';

export interface FleetFlags {
  readonly size: number;
  /** Simulated milliseconds. */
  readonly time: number;
  readonly seed: number;
  readonly behaviours: readonly BehaviourName[];
  /** null: one of each kind. */
  readonly drivers: readonly string[] | null;
  readonly topology: TopologyName;
  readonly latency: number;
  readonly ease: number;
  readonly accounts: number;
  readonly history: string | null;
}

/** As many clients as ODP lets in unless told otherwise (`client_max_connections`), if none has a pool. */
const MOST_CLIENTS = 8192;
/** In milliseconds: on slower links logins fail at the proxy's 10 s (odp-relay.md §2.1), the auditor's too. */
const MOST_LATENCY = 2000;
const MOST_EASE = 10_000;
const MOST_ACCOUNTS = 1_000_000;
const MOST_TIME = 7 * 86_400_000;

/** Accounts for each client, so that they meet now and then, and not always. */
const ACCOUNTS_EACH = 2;
const LEAST_ACCOUNTS = 40;

const OPTIONS = {
  size: { type: 'string', default: '20' },
  time: { type: 'string', default: '1m' },
  seed: { type: 'string', default: '1' },
  behaviours: { type: 'string' },
  drivers: { type: 'string' },
  topology: { type: 'string', default: 'default' },
  latency: { type: 'string', default: '2ms' },
  ease: { type: 'string', default: '1' },
  accounts: { type: 'string' },
  history: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Throws a `UsageError`. */
export function parseFleetFlags(args: readonly string[]): FleetFlags | 'help' {
  const { values } = parse(args);
  if (values.help) return 'help';
  const behaviours = parseBehaviours(values.behaviours);
  const size = whole('--size', values.size, 1, MOST_CLIENTS);
  const special = behaviours.filter((name) => BEHAVIOURS[name].role !== 'application').length;
  const least = special === behaviours.length ? special : special + 1;
  if (size < least) throw new UsageError(`--size ${size}: for these behaviours it takes ${least} or more`);
  if (!Object.hasOwn(TOPOLOGIES, values.topology)) {
    throw new UsageError(`--topology ${values.topology}: there are ${Object.keys(TOPOLOGIES).join(', ')}`);
  }
  const accounts = Math.max(LEAST_ACCOUNTS, ACCOUNTS_EACH * size);
  return {
    size,
    time: duration('--time', values.time, 1, MOST_TIME),
    seed: parseSeed(values.seed),
    behaviours,
    drivers: values.drivers === undefined ? null : parseDrivers(values.drivers, behaviours),
    topology: values.topology as TopologyName,
    latency: duration('--latency', values.latency, 0, MOST_LATENCY),
    ease: whole('--ease', values.ease, 1, MOST_EASE),
    accounts: values.accounts === undefined ? accounts : whole('--accounts', values.accounts, 2, MOST_ACCOUNTS),
    history: values.history ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinedFlags(args, OPTIONS), options: OPTIONS, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${flag} ${text}: a whole number from ${least} to ${most}`);
}

/** Whole milliseconds. */
function duration(flag: string, text: string, least: number, most: number): number {
  const time = text === '0' ? 0 : readDuration(text);
  if (time !== null && Number.isInteger(time) && time >= least && time <= most) return time;
  throw new UsageError(`${flag} ${text}: a time such as 500ms, 90s or 10m, from ${least} ms to ${most} ms`);
}

/** `transfer,long query`; a blank may be written `-`. One that is named twice is dealt twice as often. */
function parseBehaviours(text: string | undefined): readonly BehaviourName[] {
  const all = Object.keys(BEHAVIOURS) as BehaviourName[];
  if (text === undefined) return all;
  const names = listed(text);
  if (names.length === 0) throw new UsageError(`--behaviours ${text}: there are ${all.join(', ')}`);
  return names.map((name) => {
    const found = all.find((it) => sameName(it, name));
    if (found === undefined) throw new UsageError(`--behaviours ${name}: there are ${all.join(', ')}`);
    return found;
  });
}

function parseDrivers(text: string, behaviours: readonly BehaviourName[]): readonly string[] {
  const names = listed(text);
  const all = DRIVERS.map((it) => it.name).join(', ');
  if (names.length === 0) throw new UsageError(`--drivers ${text}: there are ${all}`);
  const drivers = names.map((name) => {
    const found = DRIVERS.find((it) => sameName(it.name, name));
    if (found === undefined) throw new UsageError(`--drivers ${name}: there are ${all}`);
    return found;
  });
  const behaviour = behaviours.find((name) => BEHAVIOURS[name].transactions);
  if (behaviour !== undefined && !drivers.some(keepsTransactions)) {
    throw new UsageError(
      `--drivers ${text}: ${behaviour} needs a driver that does not reconnect in the middle of a transaction, ` +
        `such as ${DRIVERS.filter(keepsTransactions)[0]!.name}; or leave it out of --behaviours`,
    );
  }
  return drivers.map((it) => it.name);
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase().replaceAll('-', ' ') === other.toLowerCase().replaceAll('-', ' ');
}
