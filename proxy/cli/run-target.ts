/**
 * `odplab run --target`: finds out what answers there, and says so; or why nothing can be run.
 *
 * The edge of `simulator/scenario/target.ts`: passwords out of the environment, sockets, exit codes.
 */
import { createHash } from 'node:crypto';
import { Refused, Unreachable } from '../../simulator/scenario/administrator.ts';
import { Casting, type Rule } from '../../simulator/scenario/casting.ts';
import { missing } from '../../simulator/scenario/needs.ts';
import { counted } from '../../simulator/scenario/report-spec.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import { Target } from '../../simulator/scenario/target.ts';
import type { ConfigItems } from '../config.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeNetwork } from '../node/net.ts';
import { parseUserName } from '../session/user-name.ts';
import { Farewells } from './farewells.ts';
import type { TargetFlags } from './run-flags.ts';
import type { TerminalIo } from './terminal.ts';

/** The exit code for a target that does not answer (conventions.md §2). */
export const UNREACHABLE = 3;

/** The target, or the exit code; what is wrong has been told then. */
export async function reachTarget(
  flags: TargetFlags,
  scenarios: readonly Scenario[],
  io: TerminalIo,
): Promise<Target | number> {
  const unset = flags.passwords.find(({ value }) => process.env[value] === undefined);
  if (unset !== undefined) {
    io.err(
      `odplab run: there is no ${unset.value} in the environment; put the password there: export ${unset.value}=…\n`,
    );
    return 2;
  }
  for (const [flag, who] of idle(flags, scenarios)) {
    io.err(`odplab run: ${flag} ${who}=…: no client and no login of these pages is called '${who}'\n`);
  }
  const { address, users, dialect, cluster, remake, longest } = flags;
  const where = `${address.host}:${address.port}`;
  const clock = new NodeClock();
  const network = new Farewells(new NodeNetwork(), clock);
  const items = { ...ownItems(address.host), ...flags.items };
  const casting = new Casting(users, flags.passwords.map(passwordOf));
  try {
    const ports = { network, clock, sha1 };
    const settle = () => network.said();
    const options = { address, casting, dialect, cluster, items, remake, longest, ports, settle };
    const target = await Target.probe(options, scenarios);
    announce(target, scenarios, where, io);
    return target;
  } catch (error) {
    if (error instanceof Unreachable) {
      io.err(`odplab run: ${error.message}; start a server there (npm start is one), or give another --target\n`);
      return UNREACHABLE;
    }
    if (!(error instanceof Refused)) throw error;
    io.err(`odplab run: nobody of the pages may log in on ${where}: ${error.message}\n`);
    io.err('--user USER says who does, and --password-env VARIABLE where the password is\n');
    return 2;
  }
}

/** Rules that are for nobody: most likely a slip. */
function idle({ users, passwords }: TargetFlags, scenarios: readonly Scenario[]): [flag: string, who: string][] {
  const known = new Set(users.map(({ value }) => value));
  for (const { name, user } of scenarios.flatMap(({ front }) => front.clients)) {
    known.add(name).add(user);
    // Before a server without tenants she goes by that name.
    known.add(parseUserName(user)?.user ?? user);
  }
  const flagged = [
    ...users.map((rule) => ['--user', rule] as const),
    ...passwords.map((rule) => ['--password-env', rule] as const),
  ];
  return flagged.flatMap(([flag, { who }]): [string, string][] => {
    // Who administers a tenant plays no part in the pages, and makes their tables.
    if (who === null || known.has(who) || known.has(who.toLowerCase()) || /^root(?:@|$)/.test(who)) return [];
    return [[flag, who]];
  });
}

/** Above the report, and beside it: standard output may be somebody's input. */
function announce(target: Target, scenarios: readonly Scenario[], where: string, io: TerminalIo): void {
  const run = scenarios.filter((scenario) => missing(scenario, target.ground) === null);
  const slept = run
    .flatMap(({ steps }) => steps)
    .map(({ action }) => (action.kind === 'advance' ? action.milliseconds : 0));
  const seconds = Math.round(slept.reduce((sum, time) => sum + time, 0) / 1000);
  io.err(`${where}: ${target.what}\n`);
  io.err(
    `runs ${run.length} of ${counted(scenarios.length, 'scenario')}, one after the other; \`! advance\` sleeps ${seconds} s in all\n\n`,
  );
}

function passwordOf({ who, value }: Rule): Rule {
  return { who, value: process.env[value] ?? '' };
}

/** Who comes from this machine is let in as root@proxysys, whatever the item says (odp-relay.md §1). */
function ownItems(host: string): Partial<ConfigItems> {
  return /^(?:127\.|localhost$|::1$)/.test(host) ? { skip_proxy_sys_private_check: true } : {};
}

export function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
