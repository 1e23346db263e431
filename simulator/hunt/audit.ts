/**
 * What must be true when a fleet has gone home, whatever was killed: asked of the database itself, by somebody new.
 *
 * The sum of all accounts is what it was; every acknowledged COMMIT is there, whole; no change of which the client was told
 * that it failed is there, not even a part (an unanswered COMMIT may be either, but all of it); no lock is held; nothing is
 * left of sessions, connections and timers.
 */
import { FIRST_BALANCE } from '../client/fleet/people.ts';
import type { Town } from './town.ts';

export interface Audit {
  /** A line for each thing that is not as it must be; empty if all is well. */
  readonly wrong: readonly string[];
  readonly accounts: number;
  /** The sum of all balances. */
  readonly sum: number;
  /** Rows of the table `transfer`. */
  readonly transfers: number;
}

/** Asks the database; the fleet must have gone home. */
export function audit(town: Town): Audit {
  const wrong: string[] = [];
  const accounts = numbers(town, 'SELECT id, balance FROM account', wrong);
  const transfers = numbers(town, 'SELECT id, source, target, amount FROM transfer', wrong);
  // Who was told nothing judges nothing.
  if (wrong.length > 0) return { wrong, accounts: accounts.length, sum: 0, transfers: transfers.length };
  const sum = accounts.reduce((total, [, balance]) => total + balance!, 0);
  const due = accounts.length * FIRST_BALANCE;
  if (sum !== due) wrong.push(`all accounts together have ${sum}, where it was ${due}`);
  wrong.push(...town.fleet.ledger.audit(transfers, accounts, FIRST_BALANCE));
  const touched = town.ask('UPDATE account SET visits = visits + 1');
  if (touched?.kind !== 'ok' || touched.affectedRows !== accounts.length) {
    const why = touched?.kind === 'error' ? touched.error.message : 'no answer';
    wrong.push(`not every account can be changed, a lock is held: ${why}`);
  }
  for (const [what, count] of Object.entries(town.remains())) {
    if (count > 0) wrong.push(`${count} ${what} are left`);
  }
  return { wrong, accounts: accounts.length, sum, transfers: transfers.length };
}

function numbers(town: Town, sql: string, wrong: string[]): number[][] {
  const outcome = town.ask(sql);
  if (outcome?.kind === 'rows') return outcome.rows.map((row) => row.map(Number));
  const why = outcome?.kind === 'error' ? outcome.error.message : 'no answer';
  wrong.push(`the auditor asked ${sql}, and got ${why}`);
  return [];
}
