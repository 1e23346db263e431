/** Errors and losses for which there is no reason. */
import { type Case, error, LOST, OK, OK_WITHIN, SECOND } from './history.ts';

export const CAUSES: readonly Case[] = [
  {
    name: 'errors-have-a-cause',
    what: 'an error that nobody knows',
    blamed: /^ada asked COMMIT and got ERROR 1105 \(it went wrong\) for no reason in sight$/,
    play(history, wrong) {
      history.say(history.greet('ada', 1), 'COMMIT', wrong ? error(1105) : OK);
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a statement that is stopped by nobody',
    blamed: /^ada asked SELECT 'm1' and got ERROR 1317 /,
    play(history, wrong) {
      const [ada, boss] = [history.greet('ada', 1), history.greet('boss', 2)];
      const request = history.ask(ada, "SELECT 'm1'");
      if (!wrong) history.kill(boss, 'KILL QUERY 1', ada, 'query');
      history.answer(request, error(1317));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a wait for a row that nobody has',
    blamed: /^ada asked UPDATE bank\.account .* and got ERROR 1205 /,
    play(history, wrong) {
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      if (!wrong) {
        history.say(bob, 'BEGIN', OK_WITHIN);
        history.say(bob, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', OK_WITHIN);
      }
      const request = history.ask(ada, 'UPDATE bank.account SET balance = balance - 8 WHERE id = 2');
      history.wait(10 * SECOND);
      history.answer(request, error(1205));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a wait for a leader that was there, and not one that began as a wait for a row',
    blamed: /^ada asked UPDATE bank\.account .* and got ERROR 4012 /,
    play(history, wrong) {
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      history.say(bob, 'BEGIN', OK_WITHIN);
      history.say(bob, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', OK_WITHIN);
      const request = history.ask(ada, 'UPDATE bank.account SET balance = balance - 8 WHERE id = 2');
      history.wait(3 * SECOND);
      if (!wrong) history.disturb('crash', null, 1);
      history.wait(7 * SECOND);
      history.answer(request, error(4012));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a deadlock of one',
    blamed: /^ada asked UPDATE bank\.account .* and got ERROR 1213 /,
    play(history, wrong) {
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      history.say(ada, 'BEGIN', OK_WITHIN);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 1', OK_WITHIN);
      const request = history.ask(ada, 'UPDATE bank.account SET balance = balance - 8 WHERE id = 2');
      if (!wrong) history.ask(bob, 'UPDATE bank.account SET balance = balance - 9 WHERE id = 1');
      history.answer(request, error(1213));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a transaction that has changed nothing, and is lost',
    blamed: /^ada asked SELECT 'm1', COUNT\(\*\) FROM bank\.account and got ERROR 6002 /,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'BEGIN', OK_WITHIN);
      if (!wrong) history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 1', OK_WITHIN);
      history.disturb('leader', null, 2);
      history.say(ada, "SELECT 'm1', COUNT(*) FROM bank.account", error(6002));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a loss that nobody has caused',
    blamed: /^ada lost its connection at SELECT 'm1' \(ERROR 2013\), and nobody has done anything to it$/,
    play(history, wrong) {
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      history.kill(root, 'KILL PROXYSESSION 1', wrong ? null : ada);
      history.judge.lost!(history.ask(ada, "SELECT 'm1'"), LOST);
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a loss that nobody has caused, and not by a KILL that was on its way while the proxy gave its id once more',
    blamed: /^ada lost its connection at SELECT 'm1' \(ERROR 2013\), and nobody has done anything to it$/,
    play(history, wrong) {
      const root = history.greet('root', 2);
      history.wait(SECOND);
      history.disturb('restart proxy');
      history.wait(SECOND);
      const kill = history.asksToKill(root, wrong ? 'KILL 3' : 'KILL 1', null, 'session');
      const ada = history.greet('ada', 1);
      history.answer(kill.request, OK);
      kill.acknowledged = history.now();
      history.wait(SECOND);
      history.judge.lost!(history.ask(ada, "SELECT 'm1'"), LOST);
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'an end that nobody has asked for, and not by a KILL QUERY that was on its way while the proxy gave its id once more',
    blamed: /^ada asked SELECT SLEEP\(1\) and got ERROR 1317 .* for no reason in sight$/,
    play(history, wrong) {
      const boss = history.greet('boss', 2);
      history.wait(SECOND);
      history.disturb('restart proxy');
      history.wait(SECOND);
      const kill = history.asksToKill(boss, wrong ? 'KILL QUERY 3' : 'KILL QUERY 1', null, 'query');
      const asleep = history.ask(history.greet('ada', 1), 'SELECT SLEEP(1)');
      history.answer(kill.request, OK);
      kill.acknowledged = history.now();
      history.answer(asleep, error(1317));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a login that is refused in front of an open door',
    blamed: /^ada could not log in: ERROR 2013 /,
    play(history, wrong) {
      if (!wrong) history.disturb('reset', 'ada');
      history.judge.refused!('ada', null, LOST);
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a row that is there already, where no key stands twice',
    blamed: /^ada asked INSERT .* and got ERROR 1062 .* for no reason in sight$/,
    play(history, wrong) {
      const sql = `INSERT INTO bank.branch VALUES (1007, 'm7'), (${wrong ? 1507 : 1007}, 'm507')`;
      history.say(history.greet('ada', 1), sql, error(1062));
    },
  },
  {
    name: 'errors-have-a-cause',
    what: 'a savepoint that is not known to who sets it',
    blamed: /^ada asked SAVEPOINT s and got ERROR 1305 .* for no reason in sight$/,
    play(history, wrong) {
      history.say(history.greet('ada', 1), wrong ? 'SAVEPOINT s' : 'ROLLBACK TO s', error(1305));
    },
  },
];
