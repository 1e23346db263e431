/**
 * Which servers have failed so often that requests go elsewhere for a while: ODP's "alive" list (odp-relay.md §5.6). And
 * which are dead, as probes have found (its "detect" list; `detector.ts`): those are skipped until a probe finds otherwise.
 *
 * | what                                              | then                                                       |
 * |---------------------------------------------------|------------------------------------------------------------|
 * | `congestion_failure_threshold` failures within    | black: skipped for `congestion_retry_interval`             |
 * | `congestion_fail_window`                          |                                                            |
 * | that time is over                                 | tried again, but black still                               |
 * | a failure while black                             | skipped for `congestion_retry_interval` from now           |
 * | an answer `min_keep_congestion_interval` or later | not black any more, its failures forgotten                 |
 * | an answer earlier                                 | nothing                                                    |
 *
 * No timer runs: what time has changed is seen when somebody asks. ODP does not skip servers on
 * loopback addresses; here they are like all others (≠ODP), or a scenario on sockets would differ from one in memory.
 * Knows servers by their addresses, which are objects of the configuration, one for each server of each cluster.
 */
import type { ConfigItems } from '../config.ts';
import type { Address, Clock } from '../ports.ts';
import type { Health } from '../session/services.ts';

interface Record {
  /** When it failed last, the oldest first: as many as it takes to be black. */
  readonly failures: number[];
  /** Since when it is black; null: it is not. */
  blackSince: number | null;
  /** Black, it is not to be tried before. */
  skippedUntil: number;
}

export class BlackList implements Health {
  readonly #items: ConfigItems;
  readonly #clock: Clock;
  readonly #records = new Map<Address, Record>();
  /** As probes have found: whatever else is known of them, and whether failures count or not. */
  readonly #dead = new Set<Address>();
  #black = 0;

  constructor(items: ConfigItems, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  /** No server is black: nobody need ask for one. */
  get isEmpty(): boolean {
    return this.#black === 0 && this.#dead.size === 0;
  }

  failed(server: Address): void {
    if (!this.#items.enable_congestion) return;
    const now = this.#clock.now();
    let record = this.#records.get(server);
    if (record === undefined) {
      record = { failures: [], blackSince: null, skippedUntil: 0 };
      this.#records.set(server, record);
    }
    const { failures } = record;
    const { congestion_failure_threshold: threshold, congestion_fail_window: window } = this.#items;
    failures.push(now);
    if (failures.length > threshold) failures.shift();
    if (record.blackSince === null) {
      if (failures.length < threshold || now - failures[0]! > window) return;
      record.blackSince = now;
      this.#black += 1;
    }
    record.skippedUntil = now + this.#items.congestion_retry_interval;
  }

  answered(server: Address): void {
    if (this.#black === 0) return;
    const record = this.#records.get(server);
    if (record === undefined || record.blackSince === null) return;
    if (this.#clock.now() - record.blackSince < this.#items.min_keep_congestion_interval) return;
    this.#records.delete(server);
    this.#black -= 1;
  }

  /** Probes have found it dead. */
  dead(server: Address): void {
    this.#dead.add(server);
  }

  /** A probe has found that it is not. Its failures are another matter. */
  alive(server: Address): void {
    this.#dead.delete(server);
  }

  /** It is dead, or black and its time is not over. */
  skips(server: Address): boolean {
    if (this.#dead.has(server)) return true;
    const record = this.#records.get(server);
    return record !== undefined && record.blackSince !== null && this.#clock.now() < record.skippedUntil;
  }

  /** The same servers, those that are skipped behind all others: they are tried when nothing else is left. */
  sorted(order: readonly number[], addressOf: (server: number) => Address): readonly number[] {
    if (this.isEmpty) return order;
    const skipped = order.filter((it) => this.skips(addressOf(it)));
    if (skipped.length === 0) return order;
    return [...order.filter((it) => !skipped.includes(it)), ...skipped];
  }
}
