/** Sessions that lose what they have, or are not shown as they are. */
import type { OtherSession } from '../../../simulator/observer/house.ts';
import {
  type Case,
  CHANGE_USER,
  EXECUTE,
  error,
  NO_SERVERS,
  OK,
  ONE_CHANGED,
  rows,
  SECOND,
  session,
} from './history.ts';

export const SESSIONS: readonly Case[] = [
  {
    name: 'state-follows',
    what: 'a user variable that is forgotten',
    blamed: /^ada has @a = null, where 5 was due$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'SET @a = 5', OK);
      history.say(ada, "SELECT 'm2', @a FROM bank.account", rows(['m2', '@a'], ['m2', wrong ? null : '5']));
    },
  },
  {
    name: 'state-follows',
    what: 'a LAST_INSERT_ID that is forgotten',
    blamed: /^ada has last_insert_id\(\) = 0, where 5 was due$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'SET @@last_insert_id = 4', OK);
      const sql = "SELECT 'm2', @@autocommit, LAST_INSERT_ID(), COUNT(*) FROM bank.account";
      history.say(ada, sql, rows(['', '', '', ''], ['m2', '1', '4', '4']));
      history.say(ada, "SELECT 'm1', LAST_INSERT_ID(5)", rows(['', ''], ['m1', '5']));
      history.say(ada, sql, rows(['', '', '', ''], ['m2', '1', wrong ? '0' : '5', '4']));
    },
  },
  {
    name: 'state-follows',
    what: 'an autocommit that nobody has switched off, and not one that is switched in other words',
    blamed: /^ada has @@autocommit = 0, where 1 was due$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, wrong ? 'SET @a = 1' : 'SET autocommit = OFF', OK);
      const sql = "SELECT 'm2', @@autocommit, LAST_INSERT_ID(), COUNT(*) FROM bank.account";
      history.say(ada, sql, rows(['', '', '', ''], ['m2', '0', '0', '4']));
    },
  },
  {
    name: 'state-follows',
    what: 'a table that is found in a database that does not have it',
    blamed: /^ada is in test, and with UPDATE account .* a table was found$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.answer(history.command(ada, CHANGE_USER), OK);
      history.say(ada, 'UPDATE account SET balance = balance + 1 WHERE id = 1', wrong ? ONE_CHANGED : error(1146));
    },
  },
  {
    name: 'state-follows',
    what: 'a statement that was deallocated and can be once more',
    blamed: /^ada's statement p is forgotten, though nobody has prepared it$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, "PREPARE p FROM 'SELECT ''m1'', @a FROM bank.account'", OK);
      history.say(ada, 'DEALLOCATE PREPARE p', OK);
      history.say(ada, 'DEALLOCATE PREPARE p', wrong ? OK : error(1243));
    },
  },
  {
    name: 'state-follows',
    what: 'a prepared statement that is another',
    blamed: /^ada executed p, which is m1, and got m2$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, "PREPARE p FROM 'SELECT ''m1'', @a FROM bank.account'", OK);
      history.say(ada, 'EXECUTE p', rows(['m', '@a'], [wrong ? 'm2' : 'm1', null]));
    },
  },
  {
    name: 'state-follows',
    what: 'a value of an EXECUTE that comes back as another',
    blamed: /^ada has 7 = 8, where 7 was due$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      const request = history.command(ada, EXECUTE, "SELECT 'm1', @a, 7 FROM bank.account");
      history.answer(request, rows(['m', '@a', '?'], ['m1', null, wrong ? '8' : '7']));
    },
  },
  {
    name: 'state-follows',
    what: 'a statement that is not known, though it was prepared',
    blamed: /^ada has prepared SELECT 1, and was told that it is not known$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.answer(history.command(ada, EXECUTE, wrong ? 'SELECT 1' : ''), error(1243));
    },
  },
  {
    name: 'state-follows',
    what: 'a statement that nobody has prepared, and runs',
    blamed: /^ada executed what nobody has prepared$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.answer(history.command(ada, EXECUTE), wrong ? OK : error(1243));
    },
  },
  {
    name: 'state-follows',
    what: 'a variable of whom the client was before',
    blamed: /^ada has @a = 5, where null was due$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'SET @a = 5', OK);
      history.answer(history.command(ada, CHANGE_USER), OK);
      history.say(
        ada,
        "SELECT 'm2', @a, DATABASE() FROM bank.account",
        rows(['', '', ''], ['m2', wrong ? '5' : null, 'test']),
      );
    },
  },
  {
    name: 'state-follows',
    what: 'a database that is left',
    blamed: /^ada has database\(\) = test, where bank was due$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(
        ada,
        "SELECT 'm2', @a, DATABASE() FROM bank.account",
        rows(['', '', ''], ['m2', null, wrong ? 'test' : 'bank']),
      );
    },
  },
  {
    name: 'ids-are-unique',
    what: 'one id for two',
    blamed: /^bob was greeted with the id 1, which ada has$/,
    play(history, wrong) {
      history.greet('ada', 1);
      history.greet('bob', wrong ? 1 : 2);
      history.judge.step!();
    },
  },
  {
    name: 'ids-are-unique',
    what: 'one connection id for two sessions',
    blamed: /^the connection id 77 belongs to the client sessions 1 and 2$/,
    play(history, wrong) {
      const servers = (serverSessid: number) => ({ ...NO_SERVERS, bound: { serverSessid } });
      history.sessions.push({ csId: 1, proxySessid: 1n, servers: servers(77) });
      history.sessions.push({ csId: 2, proxySessid: 2n, servers: servers(wrong ? 77 : 78) });
      history.judge.step!();
    },
  },
  {
    name: 'show-is-true',
    what: 'somebody who is not listed',
    blamed: /^ada with the id 1 was not in SHOW PROXYSESSION$/,
    play(history, wrong) {
      const [, root] = [history.greet('ada', 1), history.greet('root', 2)];
      const listed = wrong
        ? [['2', 'sys']]
        : [
            ['1', 'shop'],
            ['2', 'sys'],
          ];
      history.say(root, 'SHOW PROXYSESSION', rows(['Id', 'Tenant'], ...listed));
      history.wait(SECOND);
      history.judge.step!();
    },
  },
  {
    name: 'show-is-true',
    what: 'somebody who is not there',
    blamed: /^SHOW PROXYSESSION listed 9, and nobody had that id$/,
    play(history, wrong) {
      const root = history.greet('root', 2);
      const listed = wrong
        ? [
            ['2', 'sys'],
            ['9', 'shop'],
          ]
        : [['2', 'sys']];
      history.say(root, 'SHOW PROXYSESSION', rows(['Id', 'Tenant'], ...listed));
      history.judge.quiet!();
    },
  },
  {
    name: 'show-is-true',
    what: 'a session that is shown to who may not see it',
    blamed: /^ada was shown the session 2, which is not its own$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'));
      const ada = history.greet('ada', 1);
      history.greet('bob', 2);
      history.say(ada, 'SHOW PROXYSESSION', rows(['Id'], ['1'], ...(wrong ? [['2']] : [])));
    },
  },
  {
    name: 'show-is-true',
    what: 'server sessions that nobody has',
    blamed: /^ada is shown with 1 server sessions, and has 0$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'));
      history.greet('ada', 1);
      const root = history.greet('root', 2);
      history.wait(SECOND);
      const columns = ['Id', 'svr_session_count', 'db'];
      history.say(root, 'SHOW PROCESSLIST', rows(columns, ['1', wrong ? '1' : '0', 'bank'], ['2', '0', 'NULL']));
    },
  },
  {
    name: 'show-is-true',
    what: 'a database that no observer has, and not one that a killed server session had',
    blamed: /^ada is shown with the database test, which no observer has for it$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'));
      history.cluster.sessions = () =>
        [{ processRow: { proxySessid: 1n, database: 'bank' } }] as unknown as OtherSession[];
      const [ada, root] = [history.greet('ada', 1), history.greet('root', 2)];
      if (!wrong) history.kill(root, 'KILL PROXYSESSION 1 3', ada, 'server session');
      history.wait(10 * SECOND);
      const columns = ['Id', 'svr_session_count', 'db'];
      history.say(root, 'SHOW PROCESSLIST', rows(columns, ['1', '1', 'test'], ['2', '0', 'NULL']));
    },
  },
  {
    name: 'show-is-true',
    what: 'a session that is shown as somebody else’s',
    blamed: /^1 is shown with the User shop, and has app$/,
    play(history, wrong) {
      history.sessions.push(session(1, 'app'));
      const [, root] = [history.greet('ada', 1), history.greet('root', 2)];
      history.wait(SECOND);
      const names = wrong ? ['shop', 'shop'] : ['shop', 'app'];
      const columns = ['Id', 'Tenant', 'User', 'svr_session_count', 'db'];
      history.say(
        root,
        'SHOW PROXYSESSION',
        rows(columns, ['1', ...names, '0', 'bank'], ['2', 'sys', 'root', '0', 'NULL']),
      );
    },
  },
  {
    name: 'show-is-true',
    what: 'an ss_id that is another number of the server session',
    blamed: /^1 is shown with the ss_ids 77, and has 5$/,
    play(history, wrong) {
      const servers = { ...NO_SERVERS, bound: { serverSessid: 77, ssId: 5 } };
      history.sessions.push({ ...session(1, 'app'), servers });
      const seen = { processRow: { proxySessid: 1n, id: 77, database: 'bank' } };
      history.cluster.sessions = () => [seen] as unknown as OtherSession[];
      const [, root] = [history.greet('ada', 1), history.greet('root', 2)];
      history.wait(SECOND);
      const attributes = [
        ['cs_id', '1'],
        ['svr_session_cnt', '1'],
        ['db', 'bank'],
        ['server_sessid', '77'],
      ];
      const ssId = ['ss_id', wrong ? '77' : '5'];
      history.say(root, 'SHOW PROXYSESSION ATTRIBUTE 1', rows(['attribute_name', 'value'], ...attributes, ssId));
    },
  },
];
