/**
 * States of orders are told apart: what comes of all orders is the same whether a state that was seen is met or run from again.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgesOf } from '../../simulator/hunt/orders/judges.ts';
import { piecesOf } from '../../simulator/hunt/orders/pieces.ts';
import { type Search, search } from '../../simulator/hunt/orders/search.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';
import { readPages, sha1 } from '../suite/pages.ts';

async function searched(scenario: Scenario, meets: boolean): Promise<Search> {
  const pieces = piecesOf(scenario);
  if ('mistakes' in pieces) throw new Error(pieces.mistakes.map(({ what }) => what).join('\n'));
  const { invariants } = judgesOf(scenario);
  return search({ scenario, pieces, invariants, sha1, mostRuns: 100_000, meets });
}

async function expectSame(scenario: Scenario): Promise<Search> {
  const short = await searched(scenario, true);
  const long = await searched(scenario, false);
  if (short.kind !== 'searched' || long.kind !== 'searched') {
    expect(short).toEqual(long);
  } else {
    expect(short.outcomes).toEqual(long.outcomes);
    expect(BigInt(long.ended)).toBe(long.orders);
  }
  return short;
}

test.each(readPages('scenarios/orders').flatMap((page) => page.scenarios.map((it) => [it.name, it] as const)))(
  'the pages: %s',
  async (_name, scenario) => {
    const found = await expectSame(scenario);
    if (found.kind !== 'searched') throw new Error(JSON.stringify(found));
    expect(BigInt(found.ended + found.met)).toBeLessThan(found.orders);
  },
);

const HEAD = `---
cluster: spread
clients:
  admin: root@sys#obdemo
  boss: boss@shop#obdemo
  ada: { login: app@shop#obdemo, database: bank }
  bob: { login: app@shop#obdemo, database: bank }
invariants: all
---
\`\`\`odplab
admin> SELECT 1;
boss> SELECT 1;
ada> SELECT COUNT(*) FROM branch;
bob> SELECT COUNT(*) FROM account;
`;

const OF_CLIENTS = [
  'BEGIN;',
  'COMMIT;',
  'UPDATE bank.account SET balance = balance - 3 WHERE id = 1;',
  'UPDATE bank.account SET balance = balance + 3 WHERE id = 2;',
  'INSERT INTO bank.ledger VALUES (KEY, 1, 0);',
  'SELECT COUNT(*), SLEEP(2) FROM branch;',
  'SELECT COUNT(*) FROM bank.account WHERE balance < 100;',
  'SET @a = 1;',
  'ROLLBACK;',
];
const OF_OTHERS = [
  'admin> KILL PROXYSESSION {ada.cs};',
  'admin> KILL PROXYSESSION {bob.cs} {bob.ss};',
  'boss> KILL QUERY {ada.cs};',
  'boss> KILL {bob.cs};',
  '! crash observer 1',
  '! advance 300ms',
  '! close ada',
  '! leader shop.bank.account observer 2',
  '! partition proxy observer 2',
];

/** A page of random steps. */
function pageOf(ada: readonly number[], bob: readonly number[], others: readonly number[]): Scenario {
  const steps = [
    ...ada.map((it) => `ada> ${OF_CLIENTS[it]}`),
    ...bob.map((it) => `bob> ${OF_CLIENTS[it]}`),
    ...others.map((it) => OF_OTHERS[it]!),
  ].map((step, index) => `[s${index + 1}] ${step.replace('KEY', String(1000 + index))}`);
  const read = readPage('page.md', `${HEAD}${steps.join('\n')}\n\`\`\`\n`);
  if (read.kind === 'mistakes') throw new Error(read.mistakes.map(({ what }) => what).join('\n'));
  return read.page.scenarios[0]!;
}

const RUNS = Number(process.env.ORDERS_RUNS ?? 12);

test('random steps', async () => {
  const clients = fc.array(fc.nat(OF_CLIENTS.length - 1), { minLength: 1, maxLength: 2 });
  const others = fc.uniqueArray(fc.nat(OF_OTHERS.length - 1), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(clients, clients, others, async (ada, bob, rest) => {
      await expectSame(pageOf(ada, bob, rest));
    }),
    { numRuns: RUNS, seed: 5, endOnFailure: true },
  );
}, 120_000);
