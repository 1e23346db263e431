/**
 * What a scenario needs of the ground it is run on, told from the page alone, before anything runs.
 *
 * The simulator has all of it. Somebody else's server (`--target`) may not: then the scenario is skipped, by the name of
 * what is missing. Knows no servers: what one has is handed in.
 */
import type { ConfigItems } from '../../proxy/config.ts';
import type { DialectName } from '../client/dialects.ts';
import type { TopologyName } from '../world/topology.ts';
import type { ClientSpec } from './front-matter.ts';
import { NEEDS, type NeedName } from './need-names.ts';
import { type Action, placeName, type Scenario } from './scenario.ts';

/** What there is. */
export interface Ground {
  /** The dialect of the server; `obclient` is that of ODP and OceanBase. */
  readonly dialect: DialectName;
  /** There is an ODP before it. */
  readonly odp: boolean;
  /** Tenants, users and observers are those of this topology. */
  readonly cluster: TopologyName;
  /** Configuration items of the proxy, as far as they are known. */
  readonly items: Partial<ConfigItems>;
  /** The tables that pages assume may be made anew. */
  readonly tables: boolean;
  /** The client may log in as whom the page, or a rule, names; as far as that can be told. */
  hasUser(client: ClientSpec): boolean;
  /** The longest sum of `! advance` that is slept, in milliseconds. */
  readonly longest: number;
}

/** Timers of real servers are no finer, and what a page tells of a millisecond no two of them agree on. */
const FINEST = 100;

/** Why the scenario cannot be run there: `needs …`; null if it can. */
export function missing(scenario: Scenario, ground: Ground): string | null {
  const needs = [...needsOf(scenario, ground)];
  return needs.length === 0 ? null : `needs ${[...new Set(needs)].join(', ')}`;
}

function* needsOf(scenario: Scenario, ground: Ground): Generator<string> {
  const { front, steps } = scenario;
  yield* named(front.needs, ground);
  if (front.cluster !== ground.cluster) yield `\`cluster: ${front.cluster}\``;
  for (const name of Object.keys(front.observer)) yield `\`config: observer.${name}\``;
  for (const [name, value] of Object.entries(front.items)) {
    if (ground.items[name as keyof ConfigItems] !== value) yield `\`config: ${name}=${value}\``;
  }
  if (front.choices.length > 0) yield '`choices`';
  if (front.invariants.length > 0) yield '`invariants`';
  let slept = 0;
  for (const { action } of steps) {
    if (action.kind === 'needs') yield* named(action.what, ground);
    if (action.kind === 'advance') slept += action.milliseconds;
    yield* verbs(action);
    if (!ground.odp && ofOdp(action)) yield NEEDS.odp;
    if (ground.dialect !== 'obclient' && ofOceanBase(action)) yield NEEDS.oceanbase;
  }
  if (!ground.odp && cast(scenario).some(({ user }) => /@proxysys\b/.test(user))) yield NEEDS.odp;
  for (const client of cast(scenario)) {
    if (!ground.hasUser(client)) yield `the user ${client.user} (\`--remake\`, or \`--user\`)`;
  }
  if (!ground.tables && usesTables(scenario)) yield 'its tables as new (`--remake`)';
  if (slept > ground.longest) yield `${slept / 1000} s of sleep (\`--longest\`)`;
}

function* named(names: readonly NeedName[], ground: Ground): Generator<string> {
  for (const name of names) {
    const there = (name === 'odp' && ground.odp) || (name === 'oceanbase' && ground.dialect === 'obclient');
    if (!there) yield NEEDS[name];
  }
}

/** Verbs that reach behind the server, or into its clock. */
function* verbs(action: Action): Generator<string> {
  switch (action.kind) {
    case 'crash':
    case 'stop':
    case 'restart':
    case 'fail':
    case 'leader':
    case 'partition':
    case 'repair':
    case 'sever':
    case 'restart proxy':
      yield `\`! ${action.kind}\``;
      break;
    case 'hold':
    case 'release':
      // What a client does not read yet is its own business; everything else is held at the server.
      if (action.to.kind !== 'client') {
        yield `\`! ${action.kind} ${placeName(action.from)} -> ${placeName(action.to)}\``;
      }
      break;
    case 'advance':
      if (action.milliseconds < FINEST) yield `\`! advance ${action.milliseconds}ms\``;
      break;
  }
}

/** What is typed, with names left out; empty for anything but a statement. */
function typed(action: Action): string {
  if (action.kind !== 'input') return '';
  const { command } = action;
  if (command.kind !== 'statement' && command.kind !== 'prepare') return '';
  return command.sql.map((part) => (typeof part === 'string' ? part : '0')).join('');
}

function ofOdp(action: Action): boolean {
  return /\b(?:KILL|SHOW|ALTER)\s*(?:\/\*.*?\*\/\s*)?PROXY|\bproxy_/i.test(typed(action));
}

function ofOceanBase(action: Action): boolean {
  return /\bob_\w+|\boceanbase\b|\bGENERATOR\b/i.test(typed(action));
}

/** The clients that take part. */
export function cast({ front, steps }: Scenario): readonly ClientSpec[] {
  const names = new Set(steps.flatMap(({ action }) => ('client' in action ? [action.client] : [])));
  return front.clients.filter(({ name }) => names.has(name));
}

/** Somebody who takes part has a database, or chooses or names one. */
export function usesTables(scenario: Scenario): boolean {
  return (
    cast(scenario).some(({ database }) => database !== null) ||
    scenario.steps.some(({ action }) => {
      if (action.kind === 'input' && action.command.kind === 'use') return true;
      return /\b(?:bank|test)\.\w|\b(?:CREATE|DROP|USE)\b/i.test(typed(action));
    })
  );
}
