/** Routing, memory, what is left, and who starves. */
import { type Case, type History, NO_SERVERS, OK, ONE_CHANGED, SECOND } from './history.ts';

export const UPKEEP: readonly Case[] = [
  {
    name: 'leaders-are-asked',
    what: 'a statement at an observer that does not lead its table',
    blamed: /was sent to observer 2, and account is led by 1$/,
    play(history, wrong) {
      history.asksAt(history.greet('ada', 1), wrong ? 2 : 1);
    },
  },
  {
    name: 'leaders-are-asked',
    what: 'a statement whose table is found by its database, at an observer that does not lead it',
    blamed: /^ada's UPDATE account .* was sent to observer 2, and account is led by 1$/,
    play(history, wrong) {
      const sql = 'UPDATE account SET balance = balance + 1 WHERE id = 1';
      history.asksAt(history.greet('ada', 1), wrong ? 2 : 1, sql, ONE_CHANGED);
    },
  },
  {
    name: 'leaders-are-asked',
    what: 'a proxy that never hears of a new leader, and not one that hears of it after five seconds',
    blamed: /was sent to observer 1, and account is led by null$/,
    play(history, wrong) {
      missesThrice(history, () => history.wait(wrong ? 5 * SECOND : 3 * SECOND));
    },
  },
  {
    name: 'leaders-are-asked',
    what: 'a proxy that has not heard of a leader for long, and not where leaders were switched, and back, meanwhile',
    blamed: /was sent to observer 1, and account is led by null$/,
    play(history, wrong) {
      missesThrice(history, () => {
        history.wait(3 * SECOND);
        // To another one and back at once: the proxy may have asked between the two.
        if (!wrong) history.disturb('leader', null, 1);
        history.wait(3 * SECOND);
      });
    },
  },
  {
    name: 'memory-is-bounded',
    what: 'a proxy that keeps what its client does not take',
    blamed: /^the proxy keeps 10000000 bytes that ada has not taken$/,
    play(history, wrong) {
      history.greet('ada', 1);
      const connection = { unsent: wrong ? 10_000_000 : 1000 };
      history.sessions.push({ csId: 1, proxySessid: 1n, servers: NO_SERVERS, connection });
      history.judge.step!();
    },
  },
  {
    name: 'nothing-left',
    what: 'a session that is left',
    blamed: /^all clients have gone, and the proxy has 1 client sessions$/,
    play(history, wrong) {
      history.judge.gone!(wrong ? ['the proxy has 1 client sessions'] : []);
    },
  },
  {
    name: 'nothing-left',
    what: 'a prepared statement that is left',
    blamed: /^tenant shop still has 1 prepared statements$/,
    play(history, wrong) {
      if (wrong) history.cluster.tenant('shop').preparedCount = 1;
      history.judge.gone!([]);
    },
  },
  {
    name: 'liveness',
    what: 'who waits for ever',
    blamed: /^ada still has no answer to COMMIT, 60 s after the last fault$/,
    play(history, wrong) {
      const request = history.ask(history.greet('ada', 1), 'COMMIT');
      if (wrong) history.judge.starving!(['ada'], 60);
      else history.answer(request, OK);
    },
  },
];

/** A leader is lost, and who led goes on being asked: at once, after `meanwhile`, and a second later. */
function missesThrice(history: History, meanwhile: () => void): void {
  const ada = history.greet('ada', 1);
  const { streams } = history.cluster.tenant('shop');
  history.disturb('leader', null, 2, () => streams.died(1));
  history.wait(1);
  history.asksAt(ada, 1);
  meanwhile();
  history.asksAt(ada, 1);
  history.wait(SECOND);
  history.asksAt(ada, 1);
}
