/**
 * How long a session may wait for what: the session variables of time that the proxy itself obeys (odp-relay.md §6.3), in
 * milliseconds, as the observers' OKs have reported them.
 *
 * Numbers only. What happens when one has passed is said where it is waited.
 */
import { DEFAULTS } from './variables.ts';

export interface TimeLimits {
  /** Between two commands. 0 is no limit, here and below. */
  readonly idle: number;
  /** For more of a request that has begun. */
  readonly read: number;
  /** For the client to take more of an answer. */
  readonly write: number;
  /** For a statement, as its observer sees it. */
  readonly query: number;
  /** For a transaction. */
  readonly transaction: number;
}

const SECOND = 1000;
/** The variables of observers whose names begin with `ob_` count microseconds. */
const MICROSECOND = 1 / 1000;

export function timeLimitsOf(variables: ReadonlyMap<string, string>): TimeLimits {
  return {
    idle: limitIn('wait_timeout', variables) * SECOND,
    read: limitIn('net_read_timeout', variables) * SECOND,
    write: limitIn('net_write_timeout', variables) * SECOND,
    query: limitIn('ob_query_timeout', variables) * MICROSECOND,
    transaction: limitIn('ob_trx_timeout', variables) * MICROSECOND,
  };
}

/** What is no number is not obeyed. */
function limitIn(name: string, variables: ReadonlyMap<string, string>): number {
  const value = Number(variables.get(name) ?? DEFAULTS.get(name)!.value);
  return Number.isFinite(value) && value > 0 ? value : 0;
}
