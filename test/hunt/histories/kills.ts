/** Kills that are late, of no effect, or not for who asks. */
import type { Kill, Request } from '../../../simulator/hunt/life.ts';
import type { OtherSession } from '../../../simulator/observer/house.ts';
import {
  type Case,
  CHANGE_USER,
  error,
  type History,
  NO_SERVERS,
  OK,
  rows,
  SECOND,
  session,
  within,
} from './history.ts';

export const KILLS: readonly Case[] = [
  {
    name: 'kill-is-final',
    what: 'an answer long after the kill',
    blamed: /^ada was killed by KILL PROXYSESSION 1, and SELECT 'm1' was answered 949 ms after the last sweep$/,
    play(history, wrong) {
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      history.kill(root, 'KILL PROXYSESSION 1', ada);
      history.wait(wrong ? 2 * SECOND - 1 : SECOND);
      history.say(ada, "SELECT 'm1'", rows(['m1'], ['m1']));
    },
  },
  {
    name: 'kill-is-prompt',
    what: 'a killed session that stays',
    blamed: /^ada was killed by KILL PROXYSESSION 1 and is still there$/,
    play(history, wrong) {
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      history.sessions.push({ csId: 1, proxySessid: 1n, servers: NO_SERVERS });
      history.kill(root, 'KILL PROXYSESSION 1', ada);
      if (!wrong) history.sessions.pop();
      history.wait(5 * SECOND);
      history.judge.step!();
    },
  },
  {
    name: 'kill-query-works',
    what: 'a refusal to somebody of the same tenant, and not one to somebody of another',
    blamed: /^ada's SELECT SLEEP\(9\) was to be stopped by KILL QUERY 1, and nobody was found to be stopped$/,
    play(history, wrong) {
      const { kill } = stopsSleep(history, 'root', wrong ? 'shop' : 'sys');
      history.answer(kill.request, error(1094));
    },
  },
  {
    name: 'kill-query-works',
    what: 'a refusal while the one to be stopped is there, and not behind its FIN',
    blamed: /^ada's SELECT SLEEP\(9\) was to be stopped by KILL QUERY 1, and nobody was found to be stopped$/,
    play(history, wrong) {
      const { kill } = stopsSleep(history, 'boss');
      history.disturb('half-close', wrong ? 'bob' : 'ada');
      history.answer(kill.request, error(1094));
    },
  },
  {
    name: 'kill-query-works',
    what: 'a refusal while the one to be stopped is there, and not behind a wire that broke',
    blamed: /^ada's SELECT SLEEP\(9\) was to be stopped by KILL QUERY 1, and nobody was found to be stopped$/,
    play(history, wrong) {
      const { kill } = stopsSleep(history, 'boss');
      history.disturb('sever', wrong ? 'bob' : 'ada');
      history.answer(kill.request, error(1094));
    },
  },
  {
    name: 'kill-query-works',
    what: 'a statement that goes on',
    blamed: /^ada's SELECT SLEEP\(9\) was to be stopped by KILL QUERY 1, and it still runs$/,
    play(history, wrong) {
      const { statement, kill } = stopsSleep(history, 'boss');
      history.answer(kill.request, OK);
      kill.acknowledged = history.now();
      if (!wrong) history.answer(statement, error(1317));
      history.wait(SECOND);
      history.judge.step!();
    },
  },
  {
    name: 'kill-query-works',
    what: 'a statement that was stopped and comes to its end',
    blamed: /^ada's SELECT SLEEP\(9\) was to be stopped by KILL QUERY 1, and it was answered with OK$/,
    play(history, wrong) {
      const { statement, kill } = stopsSleep(history, 'boss');
      history.answer(kill.request, OK);
      kill.acknowledged = history.now();
      history.answer(statement, wrong ? OK : error(1317));
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a kill with the rights of whom the killer was before',
    blamed: /^ada asked KILL 2 and got ERROR 1095, where OK .*was due$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'), session(2, 'secret'));
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      if (wrong) history.answer(history.command(ada, CHANGE_USER), OK);
      const kill = history.asksToKill(ada, 'KILL 2', bob, 'session');
      history.answer(kill.request, error(1095));
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a kill for somebody who may not',
    blamed: /^ada asked KILL PROXYSESSION 2 and got OK, where ERROR 5010 was due$/,
    play(history, wrong) {
      const identity = { name: { user: 'app', tenant: 'shop' }, cluster: { name: 'obdemo' } };
      history.sessions.push({ csId: 1, proxySessid: 1n, servers: NO_SERVERS, identity });
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      if (wrong) history.kill(ada, 'KILL PROXYSESSION 2', root);
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a refusal of KILL QUERY to who is in no transaction, and not to who is in one',
    blamed: /^bob asked KILL QUERY 1 and got ERROR 1235, where OK or .* was due$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'), session(2, 'app'));
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      history.say(bob, "SELECT 'm1'", wrong ? rows(['m1'], ['m1']) : within(rows(['m1'], ['m1'])));
      const kill = history.asksToKill(bob, 'KILL QUERY 1', ada, 'query');
      history.answer(kill.request, error(1235));
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a server session that is there and is not found',
    blamed: /^root asked KILL PROXYSESSION 1 5 and got ERROR 1094, where OK was due$/,
    play(history, wrong) {
      const servers = { ...NO_SERVERS, current: { serverSessid: 77, ssId: wrong ? 5 : 6 } };
      history.sessions.push({ ...session(1, 'app'), servers }, session(2, 'root', 'sys'));
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      const kill = history.asksToKill(root, 'KILL PROXYSESSION 1 5', ada, 'server session', 5);
      history.answer(kill.request, error(1094));
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a kill that is done for who may not',
    blamed: /^bob asked KILL 1 and got OK, where ERROR 1095 .*was due$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'), session(2, wrong ? 'secret' : 'app'));
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      history.kill(bob, 'KILL 1', ada);
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a kill of another user, and not one of who became that only while it was under way',
    blamed: /^bob asked KILL 1 and got OK, where ERROR 1095 .*was due$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'), session(2, 'app'));
      const [ada, bob] = [history.greet('ada', 1), history.greet('bob', 2)];
      if (wrong) history.answer(history.command(ada, CHANGE_USER), OK);
      const kill = history.asksToKill(bob, 'KILL 1', ada, 'session');
      if (!wrong) history.answer(history.command(ada, CHANGE_USER), OK);
      history.answer(kill.request, OK);
    },
  },
  {
    name: 'kill-is-for-who-may',
    what: 'a KILL QUERY of the tenant sys in another tenant',
    blamed: /^root asked KILL QUERY 1 and got OK, where ERROR 1094 or ERROR 1235 was due$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'), session(2, 'root', 'sys'));
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      const kill = history.asksToKill(root, 'KILL QUERY 1', ada, 'query');
      history.answer(kill.request, wrong ? OK : error(1094));
    },
  },
];

/** ada sleeps at an observer, and somebody asks for the end of it. */
function stopsSleep(
  history: History,
  user: string,
  tenant?: string,
): { readonly statement: Request; readonly kill: Kill } {
  history.sessions.push({ ...session(1, 'app'), servers: { ...NO_SERVERS, current: { serverSessid: 77 } } });
  history.sessions.push(session(2, user, tenant));
  const [ada, other] = [history.greet('ada', 1), history.greet(user, 2)];
  const statement = history.ask(ada, 'SELECT SLEEP(9)');
  history.cluster.findSession = () => ({ processRow: { info: statement.sql } }) as unknown as OtherSession;
  return { statement, kill: history.asksToKill(other, 'KILL QUERY 1', ada, 'query') };
}
