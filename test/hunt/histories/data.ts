/** What is in the tables, and should not be, or the other way round. */
import { PLAIN_OK } from '../../../proxy/wire/ok.ts';
import { accounts, type Case, error, OK, OK_WITHIN, rows, within } from './history.ts';

export const DATA: readonly Case[] = [
  {
    name: 'committed-stays',
    what: 'a row that was committed and is gone',
    blamed: /^ada was told that row 1007 of account was committed, and it is not there$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, "INSERT INTO bank.account VALUES (1007, 'm7', 0)", OK_WITHIN);
      history.say(ada, 'COMMIT', OK);
      if (!wrong) accounts(history).put(1007n, [1007n, 'm7', 0n]);
      history.judge.quiet!();
    },
  },
  {
    name: 'committed-stays',
    what: 'a payment that was rolled back and stays',
    blamed: /^account 2 has 93, where what was committed makes 100$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', OK_WITHIN);
      history.say(ada, 'ROLLBACK', OK);
      const table = history.cluster.tenant('shop').store.find('bank')!.find('account')!;
      const [id, owner] = table.rows.get(2n)!;
      if (wrong) table.put(2n, [id!, owner!, 93n]);
      history.judge.quiet!();
    },
  },
  {
    name: 'committed-stays',
    what: 'a transaction that ends without a word',
    blamed: /^ada's transaction has ended without a word before SELECT 'm9', COUNT\(\*\) FROM bank\.account$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, "INSERT INTO bank.account VALUES (1007, 'm7', 0)", OK_WITHIN);
      if (!wrong) history.say(ada, 'ROLLBACK', OK);
      history.say(ada, "SELECT 'm9', COUNT(*) FROM bank.account", rows(['m9'], ['m9']));
    },
  },
  {
    name: 'committed-stays',
    what: 'a COMMIT that is acknowledged though its leader was lost',
    blamed: /^ada's COMMIT was answered with OK, though the leader of account was lost in its transaction$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', OK_WITHIN);
      history.disturb('crash', null, 1, () => history.cluster.tenant('shop').streams.died(1));
      history.say(ada, 'COMMIT', wrong ? OK : error(6002));
    },
  },
  {
    name: 'committed-stays',
    what: 'a COMMIT that is acknowledged behind a deadlock',
    blamed: /^ada's COMMIT was answered with OK, though it was told ERROR 1213 before$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', OK_WITHIN);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 8 WHERE id = 3', error(1213));
      history.say(ada, wrong ? 'COMMIT' : 'ROLLBACK', OK);
    },
  },
  {
    name: 'committed-stays',
    what: 'a change after the loss of what was changed before',
    blamed:
      /^ada's UPDATE .* WHERE id = 3 was answered with OK, though the leader of account was lost in its transaction$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', OK_WITHIN);
      history.disturb('crash', null, 1, () => history.cluster.tenant('shop').streams.died(1));
      history.wait(1);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 8 WHERE id = 3', wrong ? OK_WITHIN : error(6002));
    },
  },
  {
    name: 'committed-stays',
    what: 'of two rows the first, where the second was refused',
    blamed: /^row 1007 of account is there, and nobody was told that it was inserted$/,
    play(history, wrong) {
      const sql = "INSERT INTO bank.account VALUES (1007, 'm7', 0), (1007, 'm7', 0)";
      history.say(history.greet('ada', 1), sql, error(1062));
      if (wrong) accounts(history).put(1007n, [1007n, 'm7', 0n]);
      history.judge.quiet!();
    },
  },
  {
    name: 'committed-stays',
    what: 'a row that was taken back to a savepoint and stays',
    blamed: /^row 1007 of account is there, and nobody was told that it was inserted$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, "INSERT INTO bank.account VALUES (1006, 'm6', 0)", OK_WITHIN);
      history.say(ada, 'SAVEPOINT s', OK_WITHIN);
      history.say(ada, "INSERT INTO bank.account VALUES (1007, 'm7', 0)", OK_WITHIN);
      history.say(ada, 'ROLLBACK TO s', OK_WITHIN);
      history.say(ada, 'COMMIT', OK);
      accounts(history).put(1006n, [1006n, 'm6', 0n]);
      if (wrong) accounts(history).put(1007n, [1007n, 'm7', 0n]);
      history.judge.quiet!();
    },
  },
  {
    name: 'committed-stays',
    what: 'a savepoint of the transaction before',
    blamed: /^ada went back to s, which it has not set in its transaction$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'SAVEPOINT s', OK_WITHIN);
      if (wrong) history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'ROLLBACK TO s', OK_WITHIN);
    },
  },
  {
    name: 'committed-stays',
    what: 'a savepoint that is not known, though it was set, and not where a younger one has gone with an older',
    blamed: /^ada has set s, and was told that there is none$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'SAVEPOINT t', OK_WITHIN);
      history.say(ada, 'SAVEPOINT s', OK_WITHIN);
      if (!wrong) history.say(ada, 'ROLLBACK TO t', OK_WITHIN);
      history.say(ada, 'ROLLBACK TO s', error(1305));
    },
  },
  {
    name: 'committed-stays',
    what: 'a savepoint that was released, and not one that is not known any more',
    blamed: /^ada went back to s, which it has not set in its transaction$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'SAVEPOINT s', OK_WITHIN);
      history.say(ada, 'RELEASE SAVEPOINT s', OK_WITHIN);
      history.say(ada, 'ROLLBACK TO SAVEPOINT s', wrong ? OK_WITHIN : error(1305));
    },
  },
  {
    name: 'committed-stays',
    what: 'a transaction that ends where autocommit was on already',
    blamed: /^ada's transaction has ended without a word before SELECT 'm9', COUNT\(\*\) FROM bank\.account$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, "INSERT INTO bank.account VALUES (1007, 'm7', 0)", OK_WITHIN);
      history.say(ada, 'SET @@autocommit=1', wrong ? OK : OK_WITHIN);
      const counted = rows(['m9'], ['m9']);
      history.say(ada, "SELECT 'm9', COUNT(*) FROM bank.account", wrong ? counted : within(counted));
    },
  },
  {
    name: 'committed-stays',
    what: 'what autocommit has committed when it was switched on, and is gone',
    blamed: /^ada was told that row 1007 of account was committed, and it is not there$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'SET autocommit = 0', { kind: 'ok', ok: PLAIN_OK });
      history.say(ada, "INSERT INTO bank.account VALUES (1007, 'm7', 0)", OK_WITHIN);
      history.say(ada, 'SET autocommit = 1', OK);
      if (!wrong) accounts(history).put(1007n, [1007n, 'm7', 0n]);
      history.judge.quiet!();
    },
  },
];
