/**
 * How long a server session waits for its observer (odp-relay.md §6.3).
 *
 * | it waits for                            | limit                                                         |
 * |-----------------------------------------|---------------------------------------------------------------|
 * | a connection                            | `short_async_task_timeout`                                    |
 * | an answer                               | `ob_query_timeout`, or the statement's hint `query_timeout`,  |
 * |                                         | + `observer_query_timeout_delta`: so the observer's ERR wins  |
 * | the answer to a definition (CREATE, …)  | `default_inactivity_timeout`                                  |
 * | the answer to a CALL, in a transaction  | `ob_trx_timeout` + `observer_query_timeout_delta`             |
 * | the answer to a CALL, else              | `default_inactivity_timeout`                                  |
 *
 * A pure function of the request and the session's variables. (ODP has no limit at all for some of these; that any
 * connection without one ends after `default_inactivity_timeout` comes to the same.)
 */
import type { ConfigItems } from '../config.ts';
import type { StatementTime } from '../sql/time.ts';
import type { TimeLimits } from './time-limits.ts';

const MICROSECONDS = 1000;

/** In milliseconds. `time`: what the statement says; null: the request has none. */
export function answerLimit(
  time: StatementTime | null,
  inTransaction: boolean,
  limits: TimeLimits,
  items: ConfigItems,
): number {
  const delta = items.observer_query_timeout_delta;
  switch (time?.kind) {
    case 'hint':
      return time.microseconds / MICROSECONDS + delta;
    case 'definition':
      return items.default_inactivity_timeout;
    case 'call':
      return inTransaction ? limits.transaction + delta : items.default_inactivity_timeout;
    default:
      return limits.query + delta;
  }
}
