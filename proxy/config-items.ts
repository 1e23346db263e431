/**
 * How the values of ODP's configuration items are written, wherever somebody writes one: `serve -o`, a page's `config:`.
 *
 * What is wrong with a value is said in words for its author; who throws or prints is the caller's business.
 */
import { type ConfigItems, DEFAULT_ITEMS } from './config.ts';
import { MAX_PROXY_ID } from './session/ids.ts';

export type ItemName = keyof ConfigItems;
type ItemValue = string | number | boolean;

export type ItemReading =
  | { readonly kind: 'value'; readonly value: ItemValue }
  /** `right`: what would be right. */
  | { readonly kind: 'wrong'; readonly right: string };

type Reader = (text: string) => ItemReading;

const READERS: { readonly [K in ItemName]: Reader } = {
  mysql_version: (text) => matching(text, /^\d+(\.\d+)*$/, 'digits and dots, like 5.6.25'),
  kill_sweep_interval: duration,
  client_max_connections: wholeNumber,
  proxy_id(text) {
    const read = wholeNumber(text);
    const tooLarge = read.kind === 'value' && Number(read.value) > MAX_PROXY_ID;
    return tooLarge ? { kind: 'wrong', right: `at most ${MAX_PROXY_ID} with version 1 ids` } : read;
  },
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
  observer_sys_password: stage1,
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
