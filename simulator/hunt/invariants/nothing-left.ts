/** Nothing leaks. */
import type { Invariant, Judge, Sight } from '../judge.ts';

export const NOTHING_LEFT: Invariant = {
  name: 'nothing-left',
  why: 'Who has gone leaves nothing behind: a session, socket, timer, lock or prepared statement that stays is lost for ever.',
  judge: (sight) => new NothingLeft(sight),
};

class NothingLeft implements Judge {
  readonly #sight: Sight;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  gone(left: readonly string[]): void {
    if (left.length > 0) {
      this.#sight.blame(`all clients have gone, and ${left.join(', ')}`);
      return;
    }
    for (const { tenants } of this.#sight.inside.clusters) {
      for (const { name, store, preparedCount, locks } of tenants) {
        if (preparedCount > 0) this.#sight.blame(`tenant ${name} still has ${preparedCount} prepared statements`);
        if (locks.count > 0) this.#sight.blame(`${locks.count} statements of tenant ${name} still wait for a row`);
        for (const database of store.databases) {
          for (const table of database.tables) {
            if (table.locks.size > 0) this.#sight.blame(`${table.locks.size} rows of ${table.name} are still locked`);
          }
        }
      }
    }
  }
}
