/** The audit of a fleet has teeth: one rollback left out, one COMMIT lost, one change too few, and it says so. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { audit } from '../../simulator/hunt/audit.ts';
import { Transaction } from '../../simulator/observer/store.ts';
import { TransactionState } from '../../simulator/observer/transaction-state.ts';
import { Town } from '../client/town.ts';

const MINUTE = 60_000;

afterEach(() => {
  vi.restoreAllMocks();
});

function wrongOf(seed: number): readonly string[] {
  const behaviours = ['transfer', 'administrator'] as const;
  return audit(new Town({ size: 12, seed, behaviours, latency: 2 }).run(MINUTE)).wrong;
}

/** Where a transaction stands behind its first UPDATE of two: a row locked, and written. */
const ONE_UPDATE = 2;

/** Kinds of complaint, each once, without their numbers. */
function kinds(wrong: readonly string[]): string[] {
  return [...new Set(wrong.map((it) => it.replaceAll(/\d+/g, '#')))].sort();
}

const BALANCE = 'account # has #, where its transfers make #';
const SUM = 'all accounts together have #, where it was #';
const GONE = 'transfer # was acknowledged, and is gone';
const LOCKED = expect.stringMatching(/^not every account can be changed, a lock is held: /);

test('an auditor who gets no answer says so, and judges nothing', () => {
  const town = new Town({ size: 4, seed: 1, behaviours: ['transfer'] }).run(MINUTE);
  vi.spyOn(town, 'ask').mockReturnValue(null);
  expect(audit(town).wrong).toEqual([
    'the auditor asked SELECT id, balance FROM account, and got no answer',
    'the auditor asked SELECT id, source, target, amount FROM transfer, and got no answer',
  ]);
});

describe.each([1, 2, 3])('seed %i', (seed) => {
  test('nothing is wrong', () => {
    expect(wrongOf(seed)).toEqual([]);
  });

  test('a rollback that is left out: what was changed stays, half a transfer', () => {
    const { rollback } = Transaction.prototype;
    let left = 0;
    vi.spyOn(Transaction.prototype, 'rollback').mockImplementation(function (this: Transaction) {
      if (left > 0 || this.savepoint !== ONE_UPDATE) return rollback.call(this);
      left += 1;
      this.commit();
    });
    const wrong = kinds(wrongOf(seed));
    expect(left).toBe(1);
    expect(wrong).toEqual([BALANCE, SUM]);
  });

  test('a rollback that is forgotten: its locks stay', () => {
    const { rollback } = TransactionState.prototype;
    let left = 0;
    vi.spyOn(TransactionState.prototype, 'rollback').mockImplementation(function (this: TransactionState) {
      if (left > 0 || (this.holder?.savepoint ?? 0) === 0) return rollback.call(this);
      left += 1;
    });
    const wrong = kinds(wrongOf(seed));
    expect(left).toBe(1);
    expect(wrong).toContainEqual(LOCKED);
  });

  test('a COMMIT that is acknowledged and lost', () => {
    const { commit } = Transaction.prototype;
    let left = 0;
    vi.spyOn(Transaction.prototype, 'commit').mockImplementation(function (this: Transaction) {
      if (left > 0 || this.savepoint <= ONE_UPDATE) return commit.call(this);
      left += 1;
      this.rollback();
    });
    const wrong = kinds(wrongOf(seed));
    expect(left).toBe(1);
    expect(wrong).toContain(GONE);
  });

  test('a COMMIT that brings only a part', () => {
    const { commit } = Transaction.prototype;
    let left = 0;
    vi.spyOn(Transaction.prototype, 'commit').mockImplementation(function (this: Transaction) {
      if (left === 0 && this.savepoint > ONE_UPDATE) {
        left += 1;
        this.rollbackTo(ONE_UPDATE);
      }
      commit.call(this);
    });
    const wrong = kinds(wrongOf(seed));
    expect(left).toBe(1);
    expect(wrong).toEqual([BALANCE, SUM, GONE]);
  });
});
