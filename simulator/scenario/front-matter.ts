/**
 * The head of a scenario page: who the clients are, which cluster they meet, what else the page says of itself.
 *
 * A table of keys; any other key is a mistake. Knows the names of things, never how they work.
 */
import type { ConfigItems } from '../../proxy/config.ts';
import { ITEM_NAMES, type ItemName, isItemName, readItem } from '../../proxy/config-items.ts';
import type { Address } from '../../proxy/ports.ts';
import { parseIp } from '../../proxy/wire/ip.ts';
import { DIALECTS, type DialectName, isDialect } from '../client/dialects.ts';
import { type Choice, parseChoices } from '../world/choices.ts';
import { TOPOLOGIES, type TopologyName } from '../world/topology.ts';
import { readDuration } from './duration.ts';
import { listed, type Mistakes } from './mistakes.ts';
import { isNeed, type NeedName, noNeed } from './need-names.ts';
import type { Entry, Item, Value } from './yaml.ts';

export interface ClientSpec {
  /** In small letters: case does not count in prompts. */
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  readonly dialect: DialectName;
  readonly reconnect: boolean;
  /** It logs in over TLS, or not at all. */
  readonly tls: boolean;
  /** Through a load balancer, which says by the PROXY protocol that it comes from here. */
  readonly comesFrom: Address | null;
  /** After so many milliseconds of its own clock without a byte of what it waits for it gives up; null: it waits for ever. */
  readonly readTimeout: number | null;
}

/** Switches of the simulated observers, written `observer.NAME` under `config:`, with the kind of their values. */
export const OBSERVER_SWITCHES = {
  /** The login OK claims the checksum capability (decisions.md 30). */
  claim_checksum: 'yes or no',
  /** The login OK does not tell the user's privileges (odp-sessions.md §10, 15). */
  withhold_privilege: 'yes or no',
  /** A statement at an observer that does not lead its table gets ERROR 4038 (observer.md §9.4). */
  not_master_escapes: 'yes or no',
  /** Each COMMIT of changes gets ERROR 4012, its result is unknown, and the end of its session; the changes are there (observer.md §6.4). */
  commit_unknown_kept: 'yes or no',
  /** The same, and the changes are not there. */
  commit_unknown_lost: 'yes or no',
  /** The first observer of each cluster says that it belongs to another one: ERROR 4666. */
  foreign_first: 'yes or no',
  /** TLS is offered (observer.md §1.1). */
  offers_tls: 'yes or no',
} as const satisfies Record<string, 'yes or no'>;

export type ObserverSwitch = keyof typeof OBSERVER_SWITCHES;

export interface FrontMatter {
  /** In the order in which they are declared, which is the order of completions. */
  readonly clients: readonly ClientSpec[];
  readonly cluster: TopologyName;
  readonly items: Partial<ConfigItems>;
  readonly observer: Readonly<Partial<Record<ObserverSwitch, boolean>>>;
  readonly needs: readonly NeedName[];
  readonly tags: readonly string[];
  readonly since: string;
  readonly covers: readonly string[];
  readonly choices: readonly Choice[];
  /** Names of invariants, or `all`: the page says what must hold, and nothing that is printed is compared. */
  readonly invariants: readonly string[];
}

interface Draft {
  clients: ClientSpec[];
  cluster: TopologyName;
  items: Partial<Record<ItemName, string | number | boolean>>;
  observer: Partial<Record<ObserverSwitch, boolean>>;
  needs: readonly NeedName[];
  tags: readonly string[];
  since: string;
  covers: readonly string[];
  choices: readonly Choice[];
  invariants: readonly string[];
}

type Reader = (draft: Draft, entry: Entry, mistakes: Mistakes) => void;

const KEYS: Readonly<Record<string, Reader>> = {
  clients: readClients,
  cluster: readCluster,
  config: readConfig,
  needs: readNeeds,
  tags(draft, entry, mistakes) {
    draft.tags = readTexts(entry, mistakes);
  },
  since(draft, entry, mistakes) {
    draft.since = readText(entry, mistakes) ?? '';
  },
  covers: readCovers,
  choices: readChoices,
  invariants(draft, entry, mistakes) {
    draft.invariants = readTexts(entry, mistakes);
    const wrong = draft.invariants.find((name) => !/^[a-z][a-z-]*$/.test(name));
    if (wrong !== undefined || draft.invariants.length === 0) {
      mistakes.add(entry.line, '`invariants` takes `all`, or names of invariants: `[kill-is-final, ids-are-unique]`');
    }
  },
};

export function readFrontMatter(entries: readonly Entry[], mistakes: Mistakes): FrontMatter {
  const draft: Draft = {
    clients: [],
    cluster: 'default',
    items: {},
    observer: {},
    needs: [],
    tags: [],
    since: '',
    covers: [],
    choices: [],
    invariants: [],
  };
  for (const entry of entries) {
    const reader = Object.hasOwn(KEYS, entry.key) ? KEYS[entry.key] : undefined;
    if (reader === undefined) {
      mistakes.add(entry.line, `\`${entry.key}\` is no key of front matter; there are ${listed(Object.keys(KEYS))}`);
    } else {
      reader(draft, entry, mistakes);
    }
  }
  // Each item has been read as its name says.
  return { ...draft, items: draft.items as Partial<ConfigItems> };
}

/** Null if it is none, which has been told then. */
function readText(entry: Entry, mistakes: Mistakes): string | null {
  if (entry.value.kind === 'text') return entry.value.text;
  if (entry.value.kind !== 'broken') mistakes.add(entry.line, `\`${entry.key}\` takes one text`);
  return null;
}

/** A list, or one text for a list of one. */
function readList(entry: Entry, mistakes: Mistakes): readonly Item[] {
  const { value, line } = entry;
  if (value.kind === 'list') return value.items;
  if (value.kind === 'text') return value.text === '' ? [] : [{ text: value.text, line }];
  if (value.kind === 'map') mistakes.add(line, `\`${entry.key}\` takes a list: \`[one, two]\``);
  return [];
}

function readTexts(entry: Entry, mistakes: Mistakes): readonly string[] {
  return readList(entry, mistakes).map(({ text }) => text);
}

function readNeeds(draft: Draft, entry: Entry, mistakes: Mistakes): void {
  const items = readList(entry, mistakes);
  for (const { text, line } of items) if (!isNeed(text)) mistakes.add(line, noNeed(text));
  draft.needs = items.map(({ text }) => text).filter(isNeed);
}

/** A document, a section of it, a row of its table. */
const ROW = /^[a-z][a-z0-9-]* \d+(?:\.\d+)*\/\d+$/;

function readCovers(draft: Draft, entry: Entry, mistakes: Mistakes): void {
  const items = readList(entry, mistakes);
  for (const { text, line } of items) {
    if (ROW.test(text)) continue;
    mistakes.add(line, `\`${text}\` names no row; write the document, the section and the row: \`odp-sessions 4.3/3\``);
  }
  draft.covers = items.map(({ text }) => text);
}

/** Names that mean something else in a verb, or at a client's prompt. */
const RESERVED: ReadonlySet<string> = new Set(['proxy', 'observer', 'after', 'packets', 'packet']);

function readClients(draft: Draft, entry: Entry, mistakes: Mistakes): void {
  if (entry.value.kind === 'broken') return;
  if (entry.value.kind !== 'map') {
    mistakes.add(entry.line, '`clients` takes a map: a line `name: user@tenant#cluster` for each');
    return;
  }
  for (const { key, line, value } of entry.value.entries) {
    const name = key.toLowerCase();
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      mistakes.add(line, `\`${key}\` is no name of a client: a letter, then letters, digits and _`);
    } else if (RESERVED.has(name)) {
      mistakes.add(line, `a client cannot be called \`${key}\`: the word is used in verbs`);
    } else if (draft.clients.some((client) => client.name === name)) {
      mistakes.add(line, `the client \`${key}\` is declared twice; case does not count`);
    } else {
      draft.clients.push(readClient(name, line, value, mistakes));
    }
  }
}

const MAX_PORT = 65_535;
const CLIENT_KEYS = ['login', 'password', 'database', 'dialect', 'reconnect', 'tls', 'comes_from', 'read_timeout'];

/** Who has no login is declared all the same: the prompts below are right. */
function readClient(name: string, line: number, value: Value, mistakes: Mistakes): ClientSpec {
  const client = {
    name,
    user: '',
    password: '',
    database: null as string | null,
    dialect: 'obclient' as DialectName,
    reconnect: true,
    tls: false,
    comesFrom: null as Address | null,
    readTimeout: null as number | null,
  };
  if (value.kind === 'broken') return client;
  if (value.kind === 'list') {
    mistakes.add(line, `\`${name}\` takes a login or a map with ${listed(CLIENT_KEYS)}`);
    return client;
  }
  if (value.kind === 'text') client.user = value.text;
  else {
    for (const entry of value.entries) {
      const text = readText(entry, mistakes);
      if (text === null) continue;
      if (entry.key === 'login') client.user = text;
      else if (entry.key === 'password') client.password = text;
      else if (entry.key === 'database') client.database = text;
      else if (entry.key === 'reconnect') client.reconnect = readSwitch(entry, text, mistakes);
      else if (entry.key === 'tls') client.tls = readSwitch(entry, text, mistakes);
      else if (entry.key === 'comes_from') client.comesFrom = readAddress(entry, text, mistakes);
      else if (entry.key === 'read_timeout') client.readTimeout = readTime(entry, text, mistakes);
      else if (entry.key !== 'dialect') {
        mistakes.add(entry.line, `\`${entry.key}\` is no key of a client; there are ${listed(CLIENT_KEYS)}`);
      } else if (isDialect(text)) client.dialect = text;
      else mistakes.add(entry.line, `\`${text}\` is no dialect; there are ${listed(Object.keys(DIALECTS))}`);
    }
  }
  const told =
    value.kind === 'map' && value.entries.some(({ key, value: it }) => key === 'login' && it.kind !== 'text');
  if (client.user === '' && !told) {
    mistakes.add(line, `the client \`${name}\` has no login; write \`${name}: user@tenant#cluster\``);
  }
  return client;
}

/** Null if it is none, which has been told then. */
function readTime({ key, line }: Entry, text: string, mistakes: Mistakes): number | null {
  const milliseconds = readDuration(text);
  if (milliseconds !== null && milliseconds > 0) return milliseconds;
  mistakes.add(line, `\`${key}\` is a time above 0, like 500ms or 30s, not \`${text}\``);
  return null;
}

function readSwitch(entry: Entry, text: string, mistakes: Mistakes): boolean {
  if (!['true', 'false'].includes(text))
    mistakes.add(entry.line, `\`${entry.key}\` is \`true\` or \`false\`, not \`${text}\``);
  return text === 'true';
}

function readAddress(entry: Entry, text: string, mistakes: Mistakes): Address | null {
  const colon = text.lastIndexOf(':');
  const address = { host: text.slice(0, Math.max(colon, 0)), port: Number(text.slice(colon + 1)) };
  if (parseIp(address.host) !== null && /:\d{1,5}$/.test(text) && address.port <= MAX_PORT) return address;
  mistakes.add(entry.line, `\`${entry.key}\` is an IP address and a port, like \`203.0.113.9:51234\``);
  return null;
}

function readCluster(draft: Draft, entry: Entry, mistakes: Mistakes): void {
  const name = readText(entry, mistakes);
  if (name === null) return;
  if (Object.hasOwn(TOPOLOGIES, name)) draft.cluster = name as TopologyName;
  else mistakes.add(entry.line, `there is no cluster \`${name}\`; there are ${listed(Object.keys(TOPOLOGIES))}`);
}

function readConfig(draft: Draft, entry: Entry, mistakes: Mistakes): void {
  if (entry.value.kind === 'broken') return;
  if (entry.value.kind !== 'map') {
    mistakes.add(entry.line, '`config` takes a map: a line `item: value` for each');
    return;
  }
  for (const item of entry.value.entries) {
    const text = readText(item, mistakes);
    if (text === null) continue;
    const toggle = item.key.startsWith('observer.') ? item.key.slice('observer.'.length) : '';
    if (Object.hasOwn(OBSERVER_SWITCHES, toggle)) {
      draft.observer[toggle as ObserverSwitch] = readSwitch(item, text, mistakes);
    } else if (isItemName(item.key)) {
      const read = readItem(item.key, text);
      if (read.kind === 'value') draft.items[item.key] = read.value;
      else mistakes.add(item.line, `\`${item.key}: ${text}\`: ${read.right}`);
    } else {
      const known = [...ITEM_NAMES, ...Object.keys(OBSERVER_SWITCHES).map((name) => `observer.${name}`)];
      mistakes.add(item.line, `there is no configuration item \`${item.key}\`; there are ${listed(known)}`);
    }
  }
}

function readChoices(draft: Draft, entry: Entry, mistakes: Mistakes): void {
  try {
    draft.choices = parseChoices(readTexts(entry, mistakes).join(' '));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    mistakes.add(entry.line, error.message);
  }
}
