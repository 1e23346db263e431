/**
 * What integers a system variable may have, and what becomes of one beyond that.
 *
 * Ranges are MySQL's for its own variables (an observer's table has the same ones), and observer.md §6 and §8 for
 * OceanBase's. Who is strict hears 1231; who is not, and who sets a time limit longer than an observer's longest, gets the
 * nearest value and a warning.
 */

interface Range {
  readonly least: bigint;
  readonly most: bigint;
  /** Values are multiples of it. */
  readonly step?: bigint;
  /** Beyond it the nearest value is taken, strict or not. */
  readonly isBent?: boolean;
}

const YEAR_OF_SECONDS = 31_536_000n;
const MOST_32 = (1n << 32n) - 1n;
const MOST_63 = (1n << 63n) - 1n;
const MOST_64 = (1n << 64n) - 1n;
/** 102 years in microseconds, the default of ob_pl_block_timeout (observer.md §6.1): no observer waits longer. */
const LONGEST = 3_216_672_000_000_000n;

const SECONDS: Range = { least: 1n, most: YEAR_OF_SECONDS };
const ANY_32: Range = { least: 0n, most: MOST_32 };
const ANY_64: Range = { least: 0n, most: MOST_64 };

const RANGES: Readonly<Record<string, Range>> = {
  auto_increment_increment: { least: 1n, most: 65_535n },
  auto_increment_offset: { least: 1n, most: 65_535n },
  auto_increment_cache_size: { least: 1n, most: 100_000_000n },
  interactive_timeout: SECONDS,
  // 0 is no limit to an observer (observer.md §6.1); MySQL begins at 1.
  wait_timeout: { least: 0n, most: YEAR_OF_SECONDS },
  net_read_timeout: SECONDS,
  net_write_timeout: SECONDS,
  connect_timeout: { least: 2n, most: YEAR_OF_SECONDS },
  lock_wait_timeout: SECONDS,
  max_allowed_packet: { least: 1024n, most: 1_073_741_824n, step: 1024n },
  net_buffer_length: { least: 1024n, most: 1_048_576n, step: 1024n },
  query_cache_size: ANY_64,
  max_connections: { least: 1n, most: 2_147_483_647n },
  max_user_connections: ANY_32,
  max_prepared_stmt_count: { least: 0n, most: 1_048_576n },
  max_execution_time: ANY_32,
  sql_select_limit: { least: 0n, most: MOST_63, isBent: true },
  group_concat_max_len: { least: 4n, most: MOST_64 },
  div_precision_increment: { least: 0n, most: 30n },
  tmp_table_size: { least: 1024n, most: MOST_64 },
  server_id: ANY_32,
  cte_max_recursion_depth: ANY_32,
  last_insert_id: ANY_64,
  identity: ANY_64,
  ob_query_timeout: { least: 1n, most: LONGEST },
  ob_trx_timeout: { least: 1n, most: LONGEST },
  // Shorter ones are this long (observer.md §6.1).
  ob_trx_idle_timeout: { least: 100_000_000n, most: LONGEST, isBent: true },
  ob_trx_lock_timeout: { least: -1n, most: LONGEST },
  ob_last_schema_version: { least: 0n, most: MOST_63 },
};

const TIME_LIMITS: ReadonlySet<string> = new Set(['ob_query_timeout', 'ob_trx_timeout', 'ob_trx_lock_timeout']);

/** A value in its range. */
export interface Fitted {
  readonly value: bigint;
  /** It is another than was wanted; `isWrong`: who is strict is to be refused. */
  readonly isOther: boolean;
  readonly isWrong: boolean;
}

export function fitted(name: string, wanted: bigint): Fitted {
  const range = RANGES[name];
  if (range === undefined) return { value: wanted, isOther: false, isWrong: false };
  const { least, most, step = 1n } = range;
  const inside = wanted < least ? least : wanted > most ? most : wanted;
  const value = inside - (inside % step);
  const isBent = range.isBent === true || (wanted > most && TIME_LIMITS.has(name));
  return { value, isOther: value !== wanted, isWrong: value !== wanted && !isBent };
}
