/**
 * The flags of `odplab run`, read into plain data; what is wrong is said with its mend. Must never know what a run does.
 */
import { parseArgs } from 'node:util';
import { DIALECTS, type DialectName, isDialect } from '../../simulator/client/dialects.ts';
import { MOST_RUNS } from '../../simulator/hunt/orders/pieces.ts';
import type { ArmKind } from '../../simulator/scenario/arm.ts';
import type { Rule } from '../../simulator/scenario/casting.ts';
import { readDuration } from '../../simulator/scenario/duration.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { JUnitReporter } from '../../simulator/scenario/report-junit.ts';
import { type Paint, SpecReporter } from '../../simulator/scenario/report-spec.ts';
import { TapReporter } from '../../simulator/scenario/report-tap.ts';
import type { Reporter } from '../../simulator/scenario/suite.ts';
import { TOPOLOGIES, type TopologyName } from '../../simulator/world/topology.ts';
import type { ConfigItems } from '../config.ts';
import { ITEM_NAMES, isItemName, readItem } from '../config-items.ts';
import type { Address } from '../ports.ts';
import { UsageError } from './flags.ts';
import { joinedFlags } from './joined-flags.ts';
import { SOCKETS } from './sockets-arm.ts';
import { targetArm } from './target-arm.ts';

/** Where a hunt writes its findings, too. */
const FINDINGS = 'findings';

export const HELP = `odplab run – runs scenario pages against the proxy and a simulated cluster

Usage: odplab run [PATH…] [OPTIONS]

  PATH                    pages (.md) or folders of pages; default: scenarios
  --arm memory|sockets|both
                          in memory, on real sockets, or each scenario on both (default)
  --grep TEXT             only scenarios whose file and name contain TEXT
  --list                  say which scenarios there are, and run none
  --bless                 write what is printed into the pages, where it is not what they expect
  --permute               every order of the labelled steps ([name] client> …), in memory; see below
  --max N                 with --permute: so many runs of a scenario at most (${MOST_RUNS})
  --findings DIR          with --permute: where an order that violates an invariant is written as a page (${FINDINGS})
  --trace                 a line for every packet, FIN and RST, with its time
  --reporter spec|junit|tap
                          the form of the report; default: spec
  --output FILE           write the report there; a short one still goes to the terminal
  -h, --help              this text

Against a server of your own – ODP, OceanBase, MariaDB, MySQL – in real time; what needs the simulator is skipped:

  --target HOST:PORT      run the same pages there
  --user [WHO=]USER       log in as USER in place of WHO, a client or a login of the pages; without WHO= of everybody.
                          Without it MariaDB and MySQL have the user app for app@shop#obdemo, root for root@sys#obdemo
  --password-env [WHO=]VARIABLE
                          the password stands in this environment variable; never on the command line
  --remake                make the tables that pages assume anew before each scenario: the databases bank and test of the
                          tenants' roots LOSE WHAT STANDS IN THEM. Only odplab's own cluster is remade without asking.
                          On MariaDB and MySQL also the users of the pages, for as long as the run takes
  --cluster NAME          the target has the tenants and observers of this topology: ${Object.keys(TOPOLOGIES).join(', ')}; default: default
  --config NAME=VALUE     the target's proxy is configured so
  --dialect NAME          obclient (ODP, OceanBase), mariadb or mysql: whose own lines of a page hold (@mariadb …);
                          default: as the server greets
  --longest TIME          skip scenarios whose "! advance" lines together sleep longer than this (1m); some wait for
                          eight hours, as wait_timeout does

  odplab run --target 127.0.0.1:2883
  PW=… odplab run --target db:3306 --password-env root=PW --remake
  PW=… odplab run --target odp:2883 --user 'root@sys#obdemo=root@sys#mine' --user 'app@shop#obdemo=app@test#mine' \\
      --password-env 'app@shop#obdemo=PW'

A page is Markdown; what stands between \`\`\`odplab and \`\`\` is a transcript as a terminal shows it:

  ---
  clients:
    alice: root@sys#obdemo
  ---
  \`\`\`odplab
  alice> SELECT 1;
  \`\`\`

Run it with --bless and read what was written. The clock stands but for a line "! advance 1s".

What is labelled is put in every order by --permute, each client's own order kept:

  [pay]    alice> UPDATE account SET balance = balance - 10 WHERE id = 1;
  [kill]   admin> KILL PROXYSESSION {alice};
  [commit] alice> COMMIT;

Steps above the first label come first in every order, unlabelled ones below a labelled one go along with it. In between fall
the proxy's next sweep, (sweep), while a kill waits for it, and the FIN of an observer, (fin), which may be late. A client that
still waits does its next step when it has its answer. All invariants of the hunt judge every order; one in which one does not
hold is written as a page that fails in the same way. What comes of the orders is told, and compared with the page where it has
a block \`\`\`odplab outcomes: a row for each different list of results – OK, 2 rows, an error's number –, with how many orders
gave it and the first of them. --permute --bless writes that block. States that were seen are not run from again. At most three clients beside those of the tenant sys.

Exit codes: 0 all passed, 1 a scenario failed, 2 wrong usage or a broken page, 3 the target cannot be reached
`;

const ARMS: Readonly<Record<string, readonly ArmKind[]>> = {
  memory: [MEMORY],
  sockets: [SOCKETS],
  both: [MEMORY, SOCKETS],
};

type ReporterMaker = (paint: Paint, arms: number) => Reporter;

const REPORTERS: Readonly<Record<string, ReporterMaker>> = {
  spec: (paint) => new SpecReporter(paint),
  junit: () => new JUnitReporter(new Date().toISOString().slice(0, 19)),
  tap: (_paint, arms) => new TapReporter(arms),
};

const DEFAULT_PATH = 'scenarios';

export interface RunFlags {
  readonly paths: readonly string[];
  readonly arms: readonly ArmKind[];
  readonly reporter: ReporterMaker;
  readonly output: string | null;
  readonly grep: string;
  readonly action: 'run' | 'list' | 'bless';
  readonly trace: boolean;
  /** Null: the written order alone. */
  readonly permute: { readonly mostRuns: number; readonly findings: string } | null;
  /** Null: the simulator. */
  readonly target: TargetFlags | null;
}

/** `--target`, and what goes with it. */
export interface TargetFlags {
  readonly address: Address;
  readonly users: readonly Rule[];
  /** The value is the name of an environment variable. */
  readonly passwords: readonly Rule[];
  readonly dialect: DialectName | null;
  readonly cluster: TopologyName;
  readonly items: Partial<ConfigItems>;
  readonly remake: boolean;
  readonly longest: number;
}

const OPTIONS = {
  arm: { type: 'string' },
  grep: { type: 'string', default: '' },
  list: { type: 'boolean', default: false },
  bless: { type: 'boolean', default: false },
  trace: { type: 'boolean', default: false },
  permute: { type: 'boolean', default: false },
  max: { type: 'string' },
  findings: { type: 'string' },
  reporter: { type: 'string', default: 'spec' },
  output: { type: 'string' },
  target: { type: 'string' },
  user: { type: 'string', multiple: true },
  'password-env': { type: 'string', multiple: true },
  remake: { type: 'boolean' },
  cluster: { type: 'string' },
  config: { type: 'string', multiple: true },
  dialect: { type: 'string' },
  longest: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Unless `--longest` says otherwise: nobody means to wait for hours who has not said so. */
const DEFAULT_LONGEST = '1m';

const TARGET_ONLY = ['user', 'password-env', 'remake', 'cluster', 'config', 'dialect', 'longest'] as const;
const MAX_PORT = 65_535;

/** The flags, or that help was asked for. Throws a `UsageError`. */
export function readRunFlags(args: readonly string[]): RunFlags | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const target = readTarget(values);
  const arms = target === null ? armsOf(values.arm ?? 'both') : [targetArm(target.address)];
  const reporter = Object.hasOwn(REPORTERS, values.reporter) ? REPORTERS[values.reporter] : undefined;
  if (reporter === undefined) {
    throw new UsageError(`--reporter ${values.reporter}: there are ${Object.keys(REPORTERS).join(', ')}`);
  }
  return {
    paths: positionals.length === 0 ? [DEFAULT_PATH] : positionals,
    arms,
    reporter,
    output: values.output ?? null,
    grep: values.grep,
    action: values.list ? 'list' : values.bless ? 'bless' : 'run',
    trace: values.trace,
    permute: readPermute(values),
    target,
  };
}

function readPermute(values: Values): RunFlags['permute'] {
  if (!values.permute) {
    const alone = (['max', 'findings'] as const).find((flag) => values[flag] !== undefined);
    if (alone !== undefined) throw new UsageError(`--${alone} goes with --permute, which is missing`);
    return null;
  }
  if (values.target !== undefined || (values.arm !== undefined && values.arm !== 'memory')) {
    const where = values.target === undefined ? `--arm ${values.arm}` : '--target';
    throw new UsageError(
      `--permute runs in memory alone, where the same order is the same run and states can be told apart: take ${where} away`,
    );
  }
  const other = values.trace ? '--trace' : values.output !== undefined ? '--output' : null;
  if (other !== null || values.reporter !== 'spec') {
    throw new UsageError(`--permute has a report of its own: take ${other ?? '--reporter'} away`);
  }
  const most = values.max ?? String(MOST_RUNS);
  if (!/^[1-9]\d{0,8}$/.test(most)) throw new UsageError(`--max ${most}: a whole number of runs from 1 on`);
  return { mostRuns: Number(most), findings: values.findings ?? FINDINGS };
}

function armsOf(name: string): readonly ArmKind[] {
  const arms = Object.hasOwn(ARMS, name) ? ARMS[name] : undefined;
  if (arms === undefined) throw new UsageError(`--arm ${name}: there are ${Object.keys(ARMS).join(', ')}`);
  return arms;
}

type Values = ReturnType<typeof parse>['values'];

function readTarget(values: Values): TargetFlags | null {
  if (values.target === undefined) {
    const alone = TARGET_ONLY.find((flag) => values[flag] !== undefined);
    if (alone !== undefined) throw new UsageError(`--${alone} goes with --target, which is missing`);
    return null;
  }
  if (values.arm !== undefined)
    throw new UsageError('--arm names an arm of the simulator, --target another server: give one');
  if (values.bless) {
    throw new UsageError('--bless compares two worlds of the simulator; for the lines of a dialect write them by hand');
  }
  const dialect = values.dialect ?? null;
  if (dialect !== null && !isDialect(dialect)) {
    throw new UsageError(`--dialect ${dialect}: there are ${Object.keys(DIALECTS).join(', ')}`);
  }
  const cluster = values.cluster ?? 'default';
  if (!Object.hasOwn(TOPOLOGIES, cluster)) {
    throw new UsageError(`--cluster ${cluster}: there are ${Object.keys(TOPOLOGIES).join(', ')}`);
  }
  const longest = readDuration(values.longest ?? DEFAULT_LONGEST);
  if (longest === null) throw new UsageError(`--longest ${values.longest}: a time is written 500ms, 30s or 2m`);
  return {
    address: readAddress(values.target),
    users: (values.user ?? []).map((text) => readRule(text, '--user', 'app@shop#obdemo=me@mine#ob')),
    passwords: (values['password-env'] ?? []).map(readVariable),
    dialect,
    cluster: cluster as TopologyName,
    items: readItems(values.config ?? []),
    remake: values.remake ?? false,
    longest,
  };
}

/** `host:port`, `[::1]:port` */
function readAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > MAX_PORT) {
    throw new UsageError(`--target ${text}: a server is written host:port, such as 127.0.0.1:2883`);
  }
  return { host: match[1] ?? match[2]!, port };
}

/** `WHO=VALUE`, or a value for everybody. */
function readRule(text: string, flag: string, example: string): Rule {
  const equals = text.indexOf('=');
  const who = equals < 0 ? null : text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (who === '' || value === '') throw new UsageError(`${flag} '${text}': it is written ${flag} '${example}'`);
  return { who, value };
}

function readVariable(text: string): Rule {
  const rule = readRule(text, '--password-env', 'app@shop#obdemo=MY_VARIABLE');
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(rule.value)) return rule;
  // What stands there may be the password itself: it is not repeated.
  throw new UsageError('--password-env takes the name of an environment variable, not what stands in it');
}

function readItems(texts: readonly string[]): Partial<ConfigItems> {
  const items: Record<string, string | number | boolean> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0));
    if (!isItemName(name)) {
      throw new UsageError(`--config ${text}: it is written name=value; there are ${ITEM_NAMES.join(', ')}`);
    }
    const read = readItem(name, text.slice(equals + 1));
    if (read.kind === 'wrong') throw new UsageError(`--config ${text}: ${read.right}`);
    items[name] = read.value;
  }
  return items as Partial<ConfigItems>;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinedFlags(args, OPTIONS), allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
