/**
 * How the values of ODP's configuration items are written, wherever somebody writes one: `serve -o`, a page's `config:`.
 *
 * What is wrong with a value is said in words for its author; who throws or prints is the caller's business.
 */
import { type ConfigItems, DEFAULT_ITEMS } from './config.ts';
import { parseLimit } from './session/admission.ts';
import { parseByTenant } from './session/by-tenant.ts';
import { MAX_PROXY_ID } from './session/ids.ts';
import { parseNetworks } from './session/networks.ts';

export type ItemName = keyof ConfigItems;
type ItemValue = string | number | boolean;

export type ItemReading =
  | { readonly kind: 'value'; readonly value: ItemValue }
  /** `right`: what would be right. */
  | { readonly kind: 'wrong'; readonly right: string };

type Reader = (text: string) => ItemReading;

/** As many times of failures are kept for a server. */
const MOST_FAILURES = 1000;

const READERS: { readonly [K in ItemName]: Reader } = {
  mysql_version: (text) => matching(text, /^\d+(\.\d+)*$/, 'digits and dots, like 5.6.25'),
  kill_sweep_interval: duration,
  client_max_connections: wholeNumber,
  proxy_id: (text) => within(wholeNumber(text), 0, MAX_PROXY_ID, `at most ${MAX_PROXY_ID} with version 1 ids`),
  username_separator: (text) =>
    matching(text, /^[^\s\w@#;](;[^\s\w@#;])*$/, 'characters with ; between them, like :;-;. (none of @ # ;)'),
  enable_full_username: truth,
  proxy_tenant_name: name,
  rootservice_cluster_name: name,
  skip_proxyro_check: truth,
  white_list: (text) => byTenant(text, parseNetworks, WHITE_LIST),
  resource_max_connections: (text) => byTenant(text, parseLimit, 'tenant#cluster=200, several with ; between them'),
  proxy_protocol_networks: (text) =>
    text === '' || parseNetworks(text) !== null
      ? { kind: 'value', value: text }
      : { kind: 'wrong', right: 'addresses and networks, like 10.0.0.0/8|fd00::/8; * is everybody, empty nobody' },
  skip_proxy_sys_private_check: truth,
  enable_client_ssl: truth,
  enable_server_ssl: truth,
  ssl_attributes: (text) =>
    matching(
      text,
      /^(\{\s*"using_ssl"\s*:\s*"(ENABLE|DISABLE)_FORCE"\s*\})?$/i,
      '{"using_ssl":"ENABLE_FORCE"}, or DISABLE_FORCE in its place',
    ),
  obproxy_sys_password: stage1,
  inspector_password: stage1,
  observer_sys_password: stage1,
  short_async_task_timeout: (text) => within(duration(text), 1000, 3_600_000, 'from 1s to 1h'),
  observer_query_timeout_delta: (text) => within(duration(text), 1000, 30_000, 'from 1s to 30s'),
  default_inactivity_timeout: (text) => within(duration(text), 1000, 30 * 86_400_000, 'from 1s to 720h'),
  connect_observer_max_retries: (text) => within(wholeNumber(text), 2, 5, 'from 2 to 5'),
  enable_congestion: truth,
  congestion_failure_threshold: (text) => within(wholeNumber(text), 1, MOST_FAILURES, `from 1 to ${MOST_FAILURES}`),
  congestion_fail_window: duration,
  congestion_retry_interval: duration,
  min_keep_congestion_interval: duration,
  min_congested_connect_timeout: duration,
  server_detect_mode: (text) =>
    within(wholeNumber(text), 0, 2, '0 (off), 1 (servers with server sessions) or 2 (all servers)'),
  server_detect_fail_threshold: (text) => within(wholeNumber(text), 1, MOST_FAILURES, `from 1 to ${MOST_FAILURES}`),
  server_detect_refresh_interval: duration,
  detect_server_timeout: duration,
};

export const ITEM_NAMES = Object.keys(DEFAULT_ITEMS) as readonly ItemName[];

export function isItemName(name: string): name is ItemName {
  return Object.hasOwn(READERS, name);
}

export function readItem(name: ItemName, text: string): ItemReading {
  return READERS[name](text);
}

function matching(text: string, form: RegExp, right: string): ItemReading {
  return form.test(text) ? { kind: 'value', value: text } : { kind: 'wrong', right };
}

function stage1(text: string): ItemReading {
  return matching(text, /^([0-9a-fA-F]{40})?$/, 'the SHA-1 of the password in 40 hex digits');
}

const WHITE_LIST =
  'tenant#cluster=NETWORKS, several with ; between them, the networks like 10.0.0.0/8|192.168.1.7; 0.0.0.0 is everybody';

function byTenant<Value>(text: string, read: (value: string) => Value | null, right: string): ItemReading {
  return parseByTenant(text, read) === null ? { kind: 'wrong', right } : { kind: 'value', value: text };
}

/** Of a tenant or a cluster. */
function name(text: string): ItemReading {
  return matching(text, /^[^\s@#;=,]*$/, 'a name, without blanks and without @ # ; = ,');
}

/** ODP's range of the item, ends included (odp-relay.md §9.1). */
function within(read: ItemReading, least: number, most: number, right: string): ItemReading {
  const outside = read.kind === 'value' && (Number(read.value) < least || Number(read.value) > most);
  return outside ? { kind: 'wrong', right } : read;
}

function wholeNumber(text: string): ItemReading {
  return /^\d{1,9}$/.test(text) ? { kind: 'value', value: Number(text) } : { kind: 'wrong', right: 'a whole number' };
}

function truth(text: string): ItemReading {
  const word = text.toLowerCase();
  if (!['true', 'false', '1', '0'].includes(word)) return { kind: 'wrong', right: 'true or false' };
  return { kind: 'value', value: word === 'true' || word === '1' };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `1s`, `500ms`: milliseconds. */
function duration(text: string): ItemReading {
  const parts = /^(\d{1,6})(ms|s|m|h)$/.exec(text);
  const time = parts === null ? 0 : Number(parts[1]) * UNITS[parts[2]!]!;
  if (time < 1) return { kind: 'wrong', right: 'a time with its unit, like 500ms or 1s, above 0' };
  return { kind: 'value', value: time };
}
