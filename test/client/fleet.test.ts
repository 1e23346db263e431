/** Fleets before the proxy, in memory: same seed, same history; money is conserved; nothing is left. */
import { describe, expect, it } from 'vitest';
import { DRIVERS } from '../../simulator/client/driver/drivers.ts';
import { FIRST_BALANCE, fleetDatabase, people, SIZES } from '../../simulator/client/fleet/people.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { START } from '../../simulator/world/virtual-clock.ts';
import { Town } from './town.ts';

const MINUTE = 60_000;
const NOTHING = { clientSessions: 0, serverSessions: 0, observers: 0, openConnections: 0, armedTimers: 0 };

function numbers(town: Town, sql: string): number[][] {
  const outcome = town.ask(sql);
  if (outcome?.kind !== 'rows') throw new Error(`${sql}: ${JSON.stringify(outcome)}`);
  return outcome.rows.map((row) => row.map(Number));
}

function sum(town: Town): number | undefined {
  return numbers(town, 'SELECT SUM(balance) FROM account')[0]?.[0];
}

/** What the tables say that the fleet knows better. */
function audit(town: Town): string[] {
  const transfers = numbers(town, 'SELECT id, source, target, amount FROM transfer');
  const accounts = numbers(town, 'SELECT id, balance FROM account');
  expect(accounts).toHaveLength(SIZES.accounts);
  return town.fleet.ledger.audit(transfers, accounts, FIRST_BALANCE);
}

describe('a fleet of twenty, one minute', () => {
  const town = new Town({ size: 20, seed: 7 }).run(MINUTE);
  const { statements, done, kills, byError, lostInTransaction } = town.fleet.facts();

  it('does what its behaviours say', () => {
    expect(statements).toBeGreaterThan(5000);
    expect(Object.keys(done).sort()).toEqual([
      'OLTP mix',
      'administrator',
      'bulk insert',
      'idle in transaction',
      'long query',
      'prepared loop',
      'storm',
      'supervisor',
      'transfer',
    ]);
    expect(done.transfer).toBeGreaterThan(100);
    expect(done['prepared loop']).toBeGreaterThan(20);
    expect(done.administrator).toBeGreaterThan(20);
    expect(kills).toBeGreaterThan(15);
    expect(byError['1317']).toBeGreaterThan(5);
    expect(lostInTransaction).toBeGreaterThan(0);
  });

  it('every acknowledged transfer is there, no other but those of which nobody knows', () => {
    expect(audit(town)).toEqual([]);
    expect(town.fleet.facts().transfers.committed).toBe(done.transfer);
  });

  it('the audit notices what is missing, what is too much, and what is half', () => {
    const { ledger } = town.fleet;
    const transfers = numbers(town, 'SELECT id, source, target, amount FROM transfer');
    const accounts = numbers(town, 'SELECT id, balance FROM account');
    const [[id, source, target, amount] = []] = transfers;
    expect(ledger.audit(transfers.slice(1), accounts, FIRST_BALANCE)).toHaveLength(3);
    expect(ledger.audit([...transfers, [99_999_999, 1, 2, 3]], accounts, FIRST_BALANCE)).toHaveLength(3);
    const half = accounts.map(([it, balance]) => [it!, it === source ? balance! + 1 : balance!]);
    expect(ledger.audit(transfers, half, FIRST_BALANCE)).toHaveLength(1);
    expect([id, source, target, amount].every((it) => it! > 0)).toBe(true);
  });

  it('conserves the money, and leaves nothing behind', () => {
    expect(town.remains()).toEqual(NOTHING);
    expect(sum(town)).toBe(SIZES.accounts * FIRST_BALANCE);
    expect(town.remains()).toEqual(NOTHING);
  });

  it('has the same history again, and another for another seed', () => {
    const again = new Town({ size: 20, seed: 7 }).run(MINUTE);
    expect(again.fleet.history.hash()).toBe(town.fleet.history.hash());
    expect(again.fleet.history.last).toEqual(town.fleet.history.last);
    const other = new Town({ size: 20, seed: 8 }).run(MINUTE);
    expect(other.fleet.history.hash()).not.toBe(town.fleet.history.hash());
    expect(sum(other)).toBe(SIZES.accounts * FIRST_BALANCE);
    expect(audit(other)).toEqual([]);
    expect(other.remains()).toEqual(NOTHING);
  });
});

describe('every driver in a fleet of its own', () => {
  it.each(DRIVERS.map(({ name }) => name))('%s', (name) => {
    const safe = !/ar=1|ruby rc|^obclient$|^mariadb CLI$/.test(name);
    const behaviours = [
      'OLTP mix',
      ...(safe ? (['transfer'] as const) : []),
      'bulk insert',
      'prepared loop',
      'supervisor',
      'administrator',
    ] as const;
    const town = new Town({ size: 6, dialects: [name], behaviours, seed: 3 }).run(MINUTE / 4);
    expect(town.fleet.facts().statements).toBeGreaterThan(100);
    expect(audit(town)).toEqual([]);
    expect(town.remains()).toEqual(NOTHING);
  });

  it('a driver that would lose half a transfer is given none', () => {
    const dialects = ['DBD::mysql ar=1', 'ruby rc'];
    expect(() => new Town({ size: 2, dialects, behaviours: ['transfer'], seed: 1 })).toThrow(/does not reconnect/);
  });
});

describe('a prepared loop', () => {
  /** Questions that were asked, without their values, and the first answer of each. */
  function asked(dialect: string): Map<string, string> {
    const town = new Town({ size: 1, dialects: [dialect], behaviours: ['prepared loop'], seed: 1 }).run(MINUTE / 4);
    expect(town.remains()).toEqual(NOTHING);
    const lines = town.fleet.history.last.map((line) => /@\d+ (.*) → (.*)$/.exec(line)!);
    return new Map(lines.reverse().map(([, what, answer]) => [what!.replaceAll(/\d+/g, '#'), answer!]));
  }

  it('is binary where the driver is', () => {
    const seen = asked('mysql2 conn');
    expect([...seen.keys()].sort()).toEqual([
      'close #',
      'execute # (#)',
      'execute # (#, #)',
      'prepare SELECT id, owner, balance, opened FROM account WHERE id = ?',
      'prepare UPDATE account SET visits = visits + ? WHERE id = ?',
    ]);
    expect(seen.get('execute # (#)')).toMatch(/^rows \["\d+","[A-Z].*","1000","20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"\]$/);
    expect(seen.get('execute # (#, #)')).toMatch(/^ok [01]$/);
  });

  it('is in text where it is not', () => {
    const seen = asked('PyMySQL');
    expect(seen.get('EXECUTE again USING @v#')).toMatch(/^rows \["\d+","[A-Z].*","1000","20/);
    expect(seen.get('DEALLOCATE PREPARE again')).toBe('ok 0');
    expect([...seen.keys()].filter((it) => /^(?:prepare|execute)/.test(it))).toEqual([]);
  });
});

describe('people', () => {
  it('are the same for a seed, whoever was there before', () => {
    const draw = (seed: number) => [
      people(new SeededChoices(seed), START, 5),
      fleetDatabase(new SeededChoices(seed), START, 'bank', { accounts: 3, items: 2 }),
    ];
    const first = draw(1);
    expect(draw(2)).not.toEqual(first);
    expect(draw(1)).toEqual(first);
  });

  it('open their accounts before the world begins', () => {
    const { tables } = fleetDatabase(new SeededChoices(1), START);
    for (const row of tables[0]!.rows) {
      expect(row[4]).toMatch(/^20(?:18|19|2[0-3])-\d\d-\d\d \d\d:\d\d:\d\d$/);
    }
  });
});
