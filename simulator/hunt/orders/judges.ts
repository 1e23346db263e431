/**
 * Who judges the orders of a scenario: all invariants, unless the page names some.
 *
 * One of them counts money, and understands the statements of a hunt only (`statements.ts`). Where a page changes data by
 * others it would find fault with what is right, so it is left out, and that is said.
 */
import type { Scenario } from '../../scenario/scenario.ts';
import { INVARIANTS } from '../invariants/all.ts';
import { COMMITTED_STAYS } from '../invariants/committed-stays.ts';
import type { Invariant } from '../judge.ts';
import { effectsOf } from '../statements.ts';

const CHANGES = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|DROP|ALTER|CREATE)\b/i;

export interface Judges {
  readonly invariants: readonly Invariant[];
  /** The statement for which `committed-stays` does not judge; null: it does, or was not asked for. */
  readonly uncounted: string | null;
}

export function judgesOf({ front, steps }: Scenario): Judges {
  if (front.invariants.length > 0) {
    const named = INVARIANTS.filter(({ name }) => front.invariants.includes(name) || front.invariants.includes('all'));
    return { invariants: named, uncounted: null };
  }
  for (const { action } of steps) {
    if (action.kind !== 'input') continue;
    const { command } = action;
    if (command.kind !== 'statement' && command.kind !== 'prepare') continue;
    const sql = command.sql.map((part) => (typeof part === 'string' ? part : '0')).join('');
    // A prepared one is known when its values are.
    const known = command.kind === 'statement' ? sql : sql.replaceAll('?', '0');
    if (CHANGES.test(sql) && effectsOf(known).length === 0) {
      return { invariants: INVARIANTS.filter((it) => it !== COMMITTED_STAYS), uncounted: sql };
    }
  }
  return { invariants: INVARIANTS, uncounted: null };
}
