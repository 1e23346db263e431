/**
 * KILL at the observer, generation 4.2: server session ids only (observer.md §3.3–3.8).
 *
 * The session may be on any observer of the cluster: there is no way between them here, so a remote one answers at once.
 */
import { Binder } from './bind.ts';
import type { Identity, SessionContext } from './context.ts';
import type { House } from './house.ts';
import { Names } from './names.ts';
import { DONE, type Outcome } from './outcome.ts';
import { QueryPlanner } from './query-planner.ts';
import { refuse } from './refusal.ts';
import { frameFor } from './select-plan.ts';
import type { Expression, Statement } from './sql/syntax.ts';
import { toInteger } from './sql/value.ts';
import { isSuper } from './tenant.ts';

export function runKill(
  it: Extract<Statement, { readonly kind: 'kill' }>,
  context: SessionContext,
  house: House,
): Outcome {
  const id = wantedId(it.id, context, house);
  const victim = house.findSession(id);
  if (victim === null) throw refuse('UNKNOWN_THREAD', id);
  if (!mayKill(context.identity, victim.identity)) throw refuse('NOT_OWNER', id);
  if (it.what === 'query') {
    // On oneself: the KILL itself is the running query, and ends with OK (observer.md §3.7).
    victim.killQuery();
    return DONE;
  }
  if (victim.identity === context.identity) return { kind: 'leave' };
  victim.killConnection();
  return { kind: 'join', victim };
}

/** Any constant expression, as a whole number, cut to 32 bits; a text that is no number is 0 (observer.md §3.5). */
function wantedId(id: Expression, context: SessionContext, house: House): number {
  const binder = new Binder(context, new Names([], null), 'field list', new QueryPlanner(context, house));
  const value = binder.bind(id).value(frameFor(context));
  return value === null ? 0 : Number(BigInt.asUintN(32, toInteger(value)));
}

/** sys any; else the same tenant, and SUPER or the same user (observer.md §3.4). */
function mayKill(killer: Identity, victim: Identity): boolean {
  if (killer.tenant.isSys) return true;
  if (killer.tenant !== victim.tenant) return false;
  return isSuper(killer.user) || killer.user === victim.user;
}
