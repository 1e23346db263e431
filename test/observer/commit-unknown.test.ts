/** A COMMIT whose result is unknown (observer.md §6.3, §6.4): ERR 4012, SQLSTATE 25000, and the end of the session. */
import { expect, it } from 'vitest';
import { Lab } from './pair.ts';

it.each([
  ['kept', '90'],
  ['lost', '100'],
] as const)('its changes may be %s; its client is told the same, and is out', (unknownCommit, balance) => {
  for (const proxy of [false, true]) {
    const lab = new Lab({ unknownCommit });
    const alice = lab.login({ user: 'app@shop', database: 'bank', proxy });
    const bob = lab.login({ user: 'app@shop', database: 'bank' });
    alice.query('BEGIN');
    alice.query('UPDATE account SET balance = 90 WHERE id = 1');
    const answer = alice.query('COMMIT');
    expect(answer.kind).toBe('ERR 4012 25000 Transaction result is unknown');
    expect(answer.extraOk).toBe(proxy);
    expect(alice.ended).toBe(true);
    expect(bob.query('SELECT balance FROM account WHERE id = 1').rows).toEqual([[balance]]);
    // Its locks are free, and what has nothing to commit has a result.
    expect(bob.query('UPDATE account SET balance = 1 WHERE id = 1').kind).toBe('ok');
    bob.query('BEGIN');
    expect(bob.query('COMMIT').kind).toBe('ok');
  }
});
