/**
 * The keys of a table's rows in order, kept so that many rows may come and go at a low price.
 *
 * What goes, and what comes out of order, is only noted; the next one who asks for all keys pays for putting them in
 * order, which is no more than reading them. Knows no row.
 */
import { orderOfKeys, type RowKey } from './indexes.ts';

export class KeyOrder {
  #sorted: RowKey[] = [];
  readonly #come = new Set<RowKey>();
  readonly #gone = new Set<RowKey>();

  add(key: RowKey): void {
    if (this.#gone.delete(key)) return;
    const last = this.#sorted.length - 1;
    if (last < 0 || this.#sorted[last]! < key) this.#sorted.push(key);
    else this.#come.add(key);
  }

  remove(key: RowKey): void {
    if (!this.#come.delete(key)) this.#gone.add(key);
  }

  /** Whoever has them keeps them as they are, but for keys that come at the end. */
  all(): readonly RowKey[] {
    if (this.#gone.size > 0) this.#sorted = this.#sorted.filter((key) => !this.#gone.has(key));
    this.#gone.clear();
    if (this.#come.size > 0) this.#sorted = merged(this.#sorted, [...this.#come].sort(orderOfKeys));
    this.#come.clear();
    return this.#sorted;
  }
}

function merged(a: readonly RowKey[], b: readonly RowKey[]): RowKey[] {
  const all: RowKey[] = [];
  let at = 0;
  for (const key of a) {
    while (at < b.length && b[at]! < key) {
      all.push(b[at]!);
      at += 1;
    }
    all.push(key);
  }
  for (; at < b.length; at += 1) all.push(b[at]!);
  return all;
}
