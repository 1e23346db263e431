/**
 * The few statements about variables and functions that ODP answers by itself (odp-relay.md §3.2).
 *
 * Each is the whole statement or none of ours: with a second column, a FROM or a LIMIT it goes to an observer.
 */

/** What is asked for. */
export type OwnValue = 'version' | 'status' | 'read only' | 'route address';

export interface OwnSelect {
  readonly kind: 'own select';
  readonly value: OwnValue;
  /** The name of the column: its alias, else as ODP names it. */
  readonly column: string;
}

/** `SET @obproxy_route_addr = 5`: where the next statement goes; 0: nowhere in particular. */
export interface SetRoute {
  readonly kind: 'set route';
  readonly address: bigint;
}

const READ_ONLY = '@@(?:(?:session|local)\\s*\\.\\s*)?(?:tx|transaction)_read_only';
const ALIAS = '(?:\\s*\\bas\\s+|\\s+)(?:([A-Za-z_]\\w*)|`([^`]+)`|\'([^\']+)\'|"([^"]+)")';
const SELECT = new RegExp(
  `^\\s*select\\s+(proxy_version\\(\\s*\\)|proxy_status\\(\\s*\\)|@obproxy_route_addr|${READ_ONLY})(?:${ALIAS})?\\s*;?\\s*$`,
  'i',
);
const SET_ROUTE = /^\s*set\s+@obproxy_route_addr\s*:?=\s*([+-]?\d{1,17})\s*;?\s*$/i;

/** By the first letters of what is selected. */
const VALUES: readonly (readonly [start: string, value: OwnValue, column: string | null])[] = [
  ['proxy_v', 'version', null],
  ['proxy_s', 'status', 'proxy_status'],
  ['@ob', 'route address', '@obproxy_route_addr'],
  ['@@', 'read only', null],
];

export function parseOwnSelect(text: string): OwnSelect | null {
  const found = SELECT.exec(text);
  if (found === null) return null;
  const asked = found[1]!;
  const lower = asked.toLowerCase();
  const [, value, named] = VALUES.find(([start]) => lower.startsWith(start))!;
  const alias = found[2] ?? found[3] ?? found[4] ?? found[5];
  return { kind: 'own select', value, column: alias ?? named ?? asked };
}

export function parseSetRoute(text: string): SetRoute | null {
  const found = SET_ROUTE.exec(text);
  return found === null ? null : { kind: 'set route', address: BigInt(found[1]!.replace('+', '')) };
}
