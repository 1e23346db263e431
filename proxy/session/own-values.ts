/**
 * What the proxy answers itself to a SELECT (odp-relay.md §3.2): its version and status, whether transactions are read-only,
 * and which observer served last.
 */
import type { Address } from '../ports.ts';
import type { OwnSelect, OwnValue } from '../sql/own-variables.ts';
import { CHARSET, COLUMN, TYPE } from '../wire/constants.ts';
import { errorOf } from '../wire/errors.ts';
import { column } from '../wire/result-set.ts';
import { errorAnswer, oneCellAnswer } from './answers.ts';

/** What `SELECT proxy_version()` answers. */
const PROXY_VERSION = '4.3.1.0';

/** Of the session. */
export interface OwnFacts {
  /** Changed system variables. */
  readonly system: ReadonlyMap<string, string>;
  /** The observer of the server session used last; null: there is none. */
  readonly lastServer: Address | null;
  /** The status flags as they are (decisions.md 22). */
  readonly status: number;
}

const TEXT = { type: TYPE.VARCHAR, more: {} };
const NUMBER = { type: TYPE.LONGLONG, more: { charset: CHARSET.BINARY, flags: COLUMN.BINARY } };

const FORM: Record<OwnValue, typeof TEXT | typeof NUMBER> = {
  version: TEXT,
  status: TEXT,
  'read only': NUMBER,
  'route address': NUMBER,
};

/** `sequence` is the request's. */
export function ownAnswer(sequence: number, select: OwnSelect, facts: OwnFacts): Buffer {
  const value = cellOf(select.value, facts);
  if (value === null) return errorAnswer(sequence, errorOf('LAST_SESSION_INVALID'));
  const { type, more } = FORM[select.value];
  // The name is the client's bytes.
  const name = Buffer.from(select.column, 'latin1').toString('utf8');
  return oneCellAnswer(sequence, column(name, type, more), value, facts.status);
}

function cellOf(value: OwnValue, { system, lastServer }: OwnFacts): string | null {
  switch (value) {
    case 'version':
      return PROXY_VERSION;
    case 'status':
      return 'ACTIVE';
    case 'read only':
      return system.get('tx_read_only') ?? system.get('transaction_read_only') ?? '0';
    case 'route address':
      return lastServer === null ? null : String(routeAddress(lastServer));
  }
}

/** IPv4 in the lower 32 bits, its first number the highest; the port above it. ODP says no more than "an integer". */
export function routeAddress({ host, port }: Address): bigint {
  const numbers = host.split('.').map(Number);
  const ip = numbers.reduce((sum, it) => sum * 256 + it, 0);
  return (BigInt(port) << 32n) | BigInt(numbers.length === 4 && ip >= 0 ? ip : 0);
}
