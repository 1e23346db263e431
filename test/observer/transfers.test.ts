/** Whatever happens to sessions, money is conserved, and a transaction is all or nothing (fast-check). */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Transaction } from '../../simulator/observer/store.ts';
import { ACCOUNTS, type Step, Transfers } from './transfers.ts';

const ACTORS = 4;

const actor = fc.nat({ max: ACTORS - 1 });
const account = fc.integer({ min: 1, max: ACCOUNTS });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('go' as const),
      actor,
      from: account,
      to: account,
      amount: fc.integer({ min: 1, max: 50 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      milliseconds: fc.constantFrom(1, 40, 100, 500, 3000, 10_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), actor, query: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('leave' as const),
      actor,
      how: fc.constantFrom('end' as const, 'close' as const, 'reset' as const),
    }),
  },
);

const choices = fc.array(
  fc.record({ site: fc.constant('locks.next'), index: fc.nat({ max: 30 }), value: fc.nat({ max: 3 }) }),
  { maxLength: 5 },
);

describe('transfers with kills, disconnects and lock waits', () => {
  it('conserve the sum, leave nothing behind, and are all or nothing', () => {
    const seen = new Map<string, number>();
    let committed = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
        choices,
        fc.constantFrom(500, 10_000),
        (steps, recorded, lockKillCheck) => {
          const { history, wrong } = new Transfers(ACTORS, recorded, { lockKillCheck }).run(steps);
          for (const [code, count] of history.errors) seen.set(code, (seen.get(code) ?? 0) + count);
          committed += history.committed.length;
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 150, seed: 20_231_114 },
    );
    // The plans are worth something: every way for a transaction to fail has been met.
    expect(committed).toBeGreaterThan(100);
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['1205', '1213', '1317', '5066']));
  });

  it('would be noticed not to: a rollback that commits, and one that keeps its locks', () => {
    const plan: Step[] = [];
    for (let i = 0; i < 4; i += 1) plan.push({ kind: 'go', actor: 0, from: 1, to: 2, amount: 4 });
    plan.push({ kind: 'leave', actor: 0, how: 'close' });
    expect(new Transfers(1, []).run(plan).wrong).toEqual([]);
    const rollback = vi.spyOn(Transaction.prototype, 'rollback');
    rollback.mockImplementation(function (this: Transaction) {
      this.commit();
    });
    expect(new Transfers(1, []).run(plan.slice(0, 3).concat(plan.slice(4))).wrong).not.toEqual([]);
    rollback.mockImplementation(() => {});
    expect(new Transfers(1, []).run(plan).wrong).not.toEqual([]);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});
