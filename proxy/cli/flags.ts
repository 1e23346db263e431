/**
 * ODP's own flags for `odplab serve` (conventions.md §1.1), read into plain data. What is wrong is said with its mend.
 */
import { parseArgs } from 'node:util';
import { type ConfigItems, DEFAULT_ITEMS } from '../config.ts';
import { ITEM_NAMES, isItemName, readItem } from '../config-items.ts';
import type { Address } from '../ports.ts';

/** A usage error: printed as it is, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const BACKENDS = ['oceanbase', 'mysql'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface ServeFlags {
  readonly port: number;
  /** Real servers; null: a simulated cluster. */
  readonly servers: readonly Address[] | null;
  /** What they are. */
  readonly backend: Backend;
  readonly cluster: string;
  readonly topology: string;
  /** Of the sample data in the simulated tenants; null: none. */
  readonly seed: number | null;
  readonly items: ConfigItems;
  /** What was understood but has no effect here. */
  readonly warnings: readonly string[];
  readonly show: 'help' | 'version' | null;
}

export const DEFAULT_PORT = 2883;
const DEFAULT_CLUSTER = 'obdemo';
/** ODP takes ports from this range only. */
const MIN_PORT = 1025;
const MAX_PORT = 65535;

const OPTIONS = {
  listen_port: { type: 'string', short: 'p' },
  rs_list: { type: 'string', short: 'r' },
  cluster_name: { type: 'string', short: 'c' },
  optstr: { type: 'string', short: 'o', multiple: true },
  appname: { type: 'string', short: 'n' },
  prometheus_listen_port: { type: 'string', short: 'l' },
  promethues_listen_port: { type: 'string' },
  rpc_listen_port: { type: 'string', short: 's' },
  nodaemon: { type: 'boolean', short: 'N' },
  backend: { type: 'string' },
  topology: { type: 'string' },
  seed: { type: 'string' },
  version: { type: 'boolean', short: 'V' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Flags of ODP that mean nothing here, and why. */
const WITHOUT_EFFECT: readonly (readonly [flag: keyof typeof OPTIONS, why: string])[] = [
  ['prometheus_listen_port', 'there is no exporter yet'],
  ['promethues_listen_port', 'there is no exporter yet'],
  ['rpc_listen_port', 'OBKV is not spoken'],
  ['appname', 'log lines do not carry it yet'],
];

export function parseServeFlags(args: readonly string[]): ServeFlags {
  const { values } = parse(args);
  const servers = values.rs_list === undefined ? null : parseServers(values.rs_list);
  const backend = parseBackend(values.backend ?? 'oceanbase');
  const warnings: string[] = [];
  for (const [flag, why] of WITHOUT_EFFECT) {
    if (values[flag] !== undefined) warnings.push(`--${flag} is accepted and ignored: ${why}`);
  }
  if (servers !== null && values.topology !== undefined) {
    throw new UsageError('-r names real servers and --topology a simulated cluster: give one of them');
  }
  if (servers !== null && values.seed !== undefined) {
    throw new UsageError('-r names real servers and --seed fills simulated ones: give one of them');
  }
  if (backend === 'mysql' && servers === null) {
    throw new UsageError('--backend mysql needs -r host:port, for there is no simulated MySQL server');
  }
  if (servers === null && values.cluster_name !== undefined) {
    warnings.push('-c is ignored without -r: the simulated cluster has a name of its own');
  }
  return {
    port: values.listen_port === undefined ? DEFAULT_PORT : parsePort(values.listen_port, `-p ${values.listen_port}`),
    servers,
    backend,
    cluster: values.cluster_name ?? (backend === 'mysql' ? backend : DEFAULT_CLUSTER),
    topology: values.topology ?? 'default',
    seed: values.seed === undefined ? null : parseSeed(values.seed),
    items: parseItems(values.optstr ?? [], warnings),
    warnings,
    show: values.help ? 'help' : values.version ? 'version' : null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** `shown`: what was typed, for the message. */
function parsePort(text: string, shown: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < MIN_PORT || port > MAX_PORT) {
    throw new UsageError(`${shown}: a port is a number from ${MIN_PORT} to ${MAX_PORT}`);
  }
  return port;
}

/** The number behind `--seed`; throws a `UsageError`. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new UsageError(`--seed ${text}: a seed is a whole number from 0 on`);
  }
  return seed;
}

function parseBackend(text: string): Backend {
  const found = BACKENDS.find((it) => it === text);
  if (found === undefined) throw new UsageError(`--backend ${text}: there are ${BACKENDS.join(' and ')}`);
  return found;
}

/** `ip:port;ip:port` */
function parseServers(text: string): Address[] {
  return text
    .split(';')
    .filter((part) => part !== '')
    .map((part) => {
      const colon = part.lastIndexOf(':');
      const host = part.slice(0, colon);
      if (colon < 1) throw new UsageError(`-r ${part}: a server is written ip:port, several with ; between them`);
      return { host, port: parsePort(part.slice(colon + 1), `-r ${part}`) };
    });
}

/** `k=v,k=v`, in every -o. */
function parseItems(texts: readonly string[], warnings: string[]): ConfigItems {
  const items: Record<string, string | number | boolean> = { ...DEFAULT_ITEMS };
  for (const pair of texts.join(',').split(',')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`-o ${pair}: configuration items are written name=value,name=value`);
    const name = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    if (!isItemName(name)) {
      warnings.push(`-o ${name} is ignored: this proxy has no such item (${ITEM_NAMES.join(', ')})`);
      continue;
    }
    const read = readItem(name, value);
    if (read.kind === 'wrong') throw new UsageError(`-o ${pair}: ${read.right}`);
    items[name] = read.value;
  }
  return items as unknown as ConfigItems;
}
