/**
 * What is tried again on another server, and how often (odp-relay.md §2.6, §5.5, §5.6).
 *
 * Numbers and a walk over candidates; who asks for the next one and what is sent to it is `server-side.ts`' business.
 */
import { COM } from '../wire/constants.ts';
import { HEADER_SIZE } from '../wire/framing.ts';
import { HEAD_LIMIT } from '../wire/request.ts';

/** ERRs to a login that mean "try another observer": 8001, 8002, 5150, 4124, 4666, 4661 (odp-relay.md §2.6). */
const LOGIN_RETRIED: ReadonlySet<number> = new Set([8001, 8002, 5150, 4124, 4666, 4661]);
/**
 * The same of a statement: 5150 TENANT_NOT_IN_SERVER, 8001 SERVER_IS_INIT, 8002 SERVER_IS_STOPPING, 4124 CONNECT_ERROR,
 * 5081 READ_ONLY. Not 4038 NOT_MASTER, which the client gets. (odp-relay.md §5.5; 5727, 6279, 4780 and 4782 belong to what is
 * not built: rerouting, coordinators, service names.)
 */
const STATEMENT_RETRIED: ReadonlySet<number> = new Set([5150, 8001, 8002, 4124, 5081]);
/** ERRs that speak against their server: 8001, 8002, 8003 and 4013, out of memory (odp-relay.md §5.6). */
const FAILURES: ReadonlySet<number> = new Set([8001, 8002, 8003, 4013]);

export function isRetriedAtLogin(code: number): boolean {
  return LOGIN_RETRIED.has(code);
}

export function isRetried(code: number): boolean {
  return STATEMENT_RETRIED.has(code);
}

export function speaksAgainstServer(code: number): boolean {
  return FAILURES.has(code);
}

/**
 * A request that can be sent again: not longer than what ODP keeps (`request_buffer_length`), and so whole; and no piece of a
 * parameter (odp-relay.md §5.5).
 */
export function isKept(packet: Buffer): boolean {
  return packet.length <= HEAD_LIMIT && packet[HEADER_SIZE] !== COM.STMT_SEND_PIECE_DATA;
}

/** The first attempt counts (odp-relay.md §5.5). `retries`: `connect_observer_max_retries`. */
export function mostAttempts(retries: number, servers: number): number {
  return Math.max(retries, 2 * servers + 1);
}

/** The servers that a request may go to, in their order; after the last the first comes again. */
export class Attempts {
  readonly #servers: readonly number[];
  #left: number;
  #next = 0;

  constructor(servers: readonly number[], most: number) {
    this.#servers = servers;
    this.#left = servers.length === 0 ? 0 : most;
  }

  /** The server whose turn it is; undefined when no attempt is left. */
  get server(): number | undefined {
    return this.#left > 0 ? this.#servers[this.#next] : undefined;
  }

  /** An attempt on it is made. */
  take(): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    this.#next = (this.#next + 1) % this.#servers.length;
  }
}

export const NO_ATTEMPTS = new Attempts([], 0);
