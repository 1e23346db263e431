/**
 * Whatever a client sets, and wherever its statements go: the server session that serves has exactly its state
 * (odp-relay.md §4). The model is a session that never goes anywhere (`twins.ts`).
 */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { SessionState, type Versions } from '../../proxy/session/state.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { type Step, Twins } from './twins.ts';

const VALUES = [
  '1',
  "'it''s'",
  'NULL',
  '1.50',
  "'\\\\ä\\''",
  '-7',
  "x'00ff'",
  '@a',
  "''",
  '18446744073709551615',
] as const;
const STATEMENTS = [
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'USE bank',
  'USE test',
  'USE nothing',
  'SET autocommit = 0',
  'SET autocommit = 1',
  "SET sql_mode = ''",
  "SET sql_mode = 'ANSI,STRICT_TRANS_TABLES'",
  "SET time_zone = '+00:00'",
  'SET NAMES latin1',
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  'SET character_set_results = NULL',
  'SET group_concat_max_len = 7',
  'SET group_concat_max_len = DEFAULT',
  'SET ob_query_timeout = 77000000',
  'SET ob_trx_timeout = 88000000, net_write_timeout = 99, @c = 3',
  'SET tx_isolation = "SERIALIZABLE"',
  'SET no_such_variable = 1',
  'SELECT LAST_INSERT_ID(41)',
  'INSERT INTO bank.ledger (account, amount) VALUES (1, 2)',
  'INSERT INTO bank.ledger (account, amount) VALUES (1, 2), (3, 4)',
  'UPDATE bank.account SET balance = balance + 1 WHERE id = 1',
  'SELECT @b := 5',
] as const;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...STATEMENTS).map((sql): Step => ({ kind: 'say', sql })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...VALUES))
      .map(([name, value]): Step => ({ kind: 'say', sql: `SET @${name} = ${value}` })),
  },
  { weight: 4, arbitrary: fc.nat(2).map((table): Step => ({ kind: 'visit', table })) },
  { weight: 1, arbitrary: fc.nat(3).map((which): Step => ({ kind: 'kill', which })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(2), fc.nat(2)).map(([table, server]): Step => ({ kind: 'lead', table, server })),
  },
);

const plans = fc.tuple(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), fc.nat(1_000_000));

/** Runs the steps, as far as all is well. */
function lived([steps, seed]: readonly [readonly Step[], number]): Twins {
  const twins = new Twins(new SeededChoices(seed));
  for (const it of steps) if (!twins.step(it)) break;
  return twins;
}

test('the state of a client is wherever its statements go', () => {
  let kills = 0;
  let switches = 0;
  fc.assert(
    fc.property(plans, (plan) => {
      const twins = lived(plan);
      kills += twins.kills;
      switches += twins.served.size - 1;
      expect(twins.wrong).toBeNull();
    }),
    { numRuns: 150 },
  );
  // It has not been true for want of anything that could go wrong.
  expect(kills).toBeGreaterThan(50);
  expect(switches).toBeGreaterThan(150);
}, 60_000);

const MOST_RUNS = 1000;

describe.each<keyof Versions>(['database', 'system', 'hotSystem', 'user', 'lastInsertId'])(
  'a counter that does not count: %s',
  (counter) => {
    test(`is noticed within ${MOST_RUNS} runs`, () => {
      const { learn } = SessionState.prototype;
      const spy = vi.spyOn(SessionState.prototype, 'learn').mockImplementation(function (this: SessionState, ...args) {
        const before = this.versions[counter];
        learn.apply(this, args);
        this.versions[counter] = before;
      });
      try {
        const { failed } = fc.check(
          fc.property(plans, (plan) => lived(plan).wrong === null),
          { numRuns: MOST_RUNS, seed: 1, endOnFailure: true },
        );
        expect(failed).toBe(true);
      } finally {
        spy.mockRestore();
      }
    });
  },
);
