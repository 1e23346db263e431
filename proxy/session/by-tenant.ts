/**
 * Items that say something of tenants: `shop#obdemo=VALUE;sys#obdemo=VALUE`. ODP keeps such things in tables of its own
 * (odp-sessions.md §9: `white_list`, `resource_unit`) by cluster and tenant; here each is an item (≠ODP).
 *
 * Names are compared without regard to case: a list must not be passed by by who types `SHOP`.
 */

/** By the names of tenant and cluster. */
export type ByTenant<Value> = ReadonlyMap<string, Value>;

const ENTRY = /^([^\s@#;=,]+)#([^\s@#;=,]+)=(.*)$/;

function keyOf(tenant: string, cluster: string): string {
  return `${tenant}#${cluster}`.toLowerCase();
}

/** What `read` makes of a value is null if it is none. Null: the text, or a value in it, cannot be read. */
export function parseByTenant<Value>(text: string, read: (value: string) => Value | null): ByTenant<Value> | null {
  const entries = new Map<string, Value>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const match = ENTRY.exec(part.trim());
    const value = match === null ? null : read(match[3]!.trim());
    if (match === null || value === null) return null;
    entries.set(keyOf(match[1]!, match[2]!), value);
  }
  return entries;
}

/** An item of this kind, read anew only when its text is another one: who changes it changes it for the next login. */
export class TenantItem<Value> {
  readonly #read: (value: string) => Value | null;
  #text = '';
  #entries: ByTenant<Value> = new Map();

  constructor(read: (value: string) => Value | null) {
    this.#read = read;
  }

  /** Undefined: the item says nothing of this tenant. `text` has been found right where it was set (`config-items.ts`). */
  of(text: string, tenant: string, cluster: string): Value | undefined {
    if (text === '') return undefined;
    if (text !== this.#text) {
      this.#entries = parseByTenant(text, this.#read) ?? new Map();
      this.#text = text;
    }
    return this.#entries.get(keyOf(tenant, cluster));
  }
}

/** How many sessions each tenant has. */
export class TenantCounts {
  readonly #counts = new Map<string, number>();

  of(tenant: string, cluster: string): number {
    return this.#counts.get(keyOf(tenant, cluster)) ?? 0;
  }

  enter(tenant: string, cluster: string): void {
    this.#counts.set(keyOf(tenant, cluster), this.of(tenant, cluster) + 1);
  }

  leave(tenant: string, cluster: string): void {
    const left = this.of(tenant, cluster) - 1;
    if (left > 0) this.#counts.set(keyOf(tenant, cluster), left);
    else this.#counts.delete(keyOf(tenant, cluster));
  }
}
