/**
 * ODP's own flags for `odplab serve` (conventions.md §1.1), read into plain data. What is wrong is said with its mend.
 */
import { parseArgs } from 'node:util';
import { type ConfigItems, DEFAULT_ITEMS } from '../config.ts';
import { ITEM_NAMES, isItemName, readItem } from '../config-items.ts';
import type { Address } from '../ports.ts';
import { forcesTls } from '../session/admission.ts';
import { joinedFlags } from './joined-flags.ts';

/** A usage error: printed as it is, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const BACKENDS = ['oceanbase', 'mysql'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface TlsFlags {
  /** Files; both or none. */
  readonly key: string | null;
  readonly cert: string | null;
  /** Certificates that an observer's must be signed by; null: any will do. */
  readonly ca: string | null;
  readonly selfSigned: boolean;
}

export interface ServeFlags {
  readonly port: number;
  /** Real servers; null: a simulated cluster. */
  readonly servers: readonly Address[] | null;
  /** What they are. */
  readonly backend: Backend;
  /** A file of passwords of a MySQL server's users. */
  readonly backendPasswords: string | null;
  readonly cluster: string;
  readonly topology: string;
  /** Of the sample data in the simulated tenants; null: none. */
  readonly seed: number | null;
  readonly items: ConfigItems;
  readonly tls: TlsFlags;
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
  'backend-passwords': { type: 'string' },
  topology: { type: 'string' },
  seed: { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-ca': { type: 'string' },
  'tls-self-signed': { type: 'boolean' },
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
  if (backend !== 'mysql' && values['backend-passwords'] !== undefined) {
    throw new UsageError('--backend-passwords is for --backend mysql: an observer takes what the client has proved');
  }
  if (servers === null && values.cluster_name !== undefined) {
    warnings.push('-c is ignored without -r: the simulated cluster has a name of its own');
  }
  const tls: TlsFlags = {
    key: values['tls-key'] ?? null,
    cert: values['tls-cert'] ?? null,
    ca: values['tls-ca'] ?? null,
    selfSigned: values['tls-self-signed'] ?? false,
  };
  // Who gives a certificate wants it to be used.
  const hasCertificate = tls.cert !== null || tls.selfSigned;
  const cluster = values.cluster_name ?? (backend === 'mysql' ? backend : DEFAULT_CLUSTER);
  const unless = { ...DEFAULT_ITEMS, enable_client_ssl: hasCertificate, rootservice_cluster_name: cluster };
  const items = parseItems(values.optstr ?? [], unless, warnings);
  checkTls(tls, items, warnings);
  return {
    port: values.listen_port === undefined ? DEFAULT_PORT : parsePort(values.listen_port, `-p ${values.listen_port}`),
    servers,
    backend,
    backendPasswords: values['backend-passwords'] ?? null,
    cluster,
    topology: values.topology ?? 'default',
    seed: values.seed === undefined ? null : parseSeed(values.seed),
    items,
    tls,
    warnings,
    show: values.help ? 'help' : values.version ? 'version' : null,
  };
}

function checkTls({ key, cert, ca, selfSigned }: TlsFlags, items: ConfigItems, warnings: string[]): void {
  if (selfSigned && (key !== null || cert !== null)) {
    throw new UsageError(
      '--tls-self-signed makes a certificate, and --tls-key and --tls-cert name one: give one of them',
    );
  }
  if ((key === null) !== (cert === null)) {
    const [given, missing] = key === null ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert'];
    throw new UsageError(`${given} without ${missing}: a certificate and its private key are given together`);
  }
  if (items.enable_client_ssl && cert === null && !selfSigned) {
    throw new UsageError(
      '-o enable_client_ssl=true: there is no certificate to show; give --tls-key FILE and --tls-cert FILE, or --tls-self-signed',
    );
  }
  if (forcesTls(items) && !items.enable_client_ssl) {
    throw new UsageError(
      '-o ssl_attributes forces TLS, which is not offered: nobody could log in; give a certificate, too',
    );
  }
  if (ca !== null && !items.enable_server_ssl) {
    warnings.push('--tls-ca is for observers, and has no effect without -o enable_server_ssl=true');
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinedFlags(args, OPTIONS), options: OPTIONS, strict: true });
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

/** `k=v,k=v`, in every -o; `unless`: the values of items that are not named. */
function parseItems(texts: readonly string[], unless: ConfigItems, warnings: string[]): ConfigItems {
  const items: Record<string, string | number | boolean> = { ...unless };
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
