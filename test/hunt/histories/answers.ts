/** Answers that are wrong, or not the observer’s. */
import { STATUS } from '../../../proxy/wire/constants.ts';
import { PLAIN_OK } from '../../../proxy/wire/ok.ts';
import type { Result } from '../../../simulator/client/answer.ts';
import { type Case, EXECUTE, OK, ONE_CHANGED, ONE_ROW, rows } from './history.ts';

export const ANSWERS: readonly Case[] = [
  {
    name: 'right-answers',
    what: 'the answer to another question',
    blamed: /^ada asked SELECT 'm1', 2, and got \["m2","2"\]$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, "SELECT 'm1', 2", rows(['m1', '2'], [wrong ? 'm2' : 'm1', '2']));
    },
  },
  {
    name: 'right-answers',
    what: 'an OK where rows are due',
    blamed: /^ada asked SELECT 'm1', and got ok$/,
    play(history, wrong) {
      history.say(history.greet('ada', 1), "SELECT 'm1'", wrong ? OK : rows(['m1'], ['m1']));
    },
  },
  {
    name: 'right-answers',
    what: 'a change of a row of which the client hears nothing',
    blamed: /^ada asked INSERT .*, and was told of 0 rows: ""$/,
    play(history, wrong) {
      const sql = "INSERT INTO bank.account VALUES (1007, 'm7', 0)";
      history.say(history.greet('ada', 1), sql, wrong ? OK : ONE_ROW);
    },
  },
  {
    name: 'right-answers',
    what: 'an UPDATE without its message',
    blamed: /^ada asked UPDATE .*, and was told of 1 rows: ""$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'UPDATE bank.account SET balance = balance - 7 WHERE id = 2', wrong ? ONE_ROW : ONE_CHANGED);
    },
  },
  {
    name: 'right-answers',
    what: 'an OK without AUTOCOMMIT, and not where somebody has switched that off',
    blamed: /^ada's COMMIT was answered without the AUTOCOMMIT flag$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      if (!wrong) history.say(ada, 'SET autocommit = 0', OK);
      history.say(ada, 'COMMIT', { kind: 'ok', ok: PLAIN_OK });
    },
  },
  {
    name: 'right-answers',
    what: 'an OK with AUTOCOMMIT where somebody has switched that off',
    blamed: /^ada's COMMIT was answered with the AUTOCOMMIT flag$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'SET autocommit = 0', { kind: 'ok', ok: PLAIN_OK });
      if (!wrong) history.say(ada, 'SET autocommit = 1', OK);
      history.say(ada, 'COMMIT', OK);
    },
  },
  {
    name: 'right-answers',
    what: 'a change that begins no transaction though autocommit is off',
    blamed: /^ada's INSERT has begun no transaction, though autocommit is off$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.say(ada, 'SET autocommit = 0', { kind: 'ok', ok: PLAIN_OK });
      const ok = { ...PLAIN_OK, affectedRows: 1, status: wrong ? 0 : STATUS.IN_TRANS };
      history.say(ada, "INSERT INTO bank.branch VALUES (1007, 'm7')", { kind: 'ok', ok });
    },
  },
  {
    name: 'right-answers',
    what: 'an INSERT of two rows that counts one',
    blamed: /^ada asked INSERT .*, and was told of 1 rows: ""$/,
    play(history, wrong) {
      const both = { affectedRows: 2, message: 'Records: 2  Duplicates: 0  Warnings: 0' };
      const two: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, ...both } };
      const sql = "INSERT INTO bank.account VALUES (1007, 'm7', 0), (1507, 'm507', 0)";
      history.say(history.greet('ada', 1), sql, wrong ? ONE_ROW : two);
    },
  },
  {
    name: 'relayed-unchanged',
    what: 'an error that no observer has sent, where it is one of observers',
    blamed: /^ada got a packet that no observer has sent: ff7a046f68$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.ask(ada, 'SELECT 1 FROM bank.nowhere');
      const refusal = Buffer.from([5, 0, 0, 1, 0xff, 0x7a, 0x04, 0x6f, 0x68]);
      if (!wrong) history.judge.data!({ id: 7, from: 'observer 1', to: 'proxy' }, refusal);
      history.judge.data!({ id: ada.link, from: 'proxy', to: 'ada' }, refusal);
    },
  },
  {
    name: 'relayed-unchanged',
    what: 'a packet that no observer has sent',
    blamed: /^ada got a packet that no observer has sent: 026d31$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.ask(ada, "SELECT 'm1'");
      const row = Buffer.from([3, 0, 0, 4, 2, 0x6d, 0x31]);
      const sent = wrong ? Buffer.from([3, 0, 0, 4, 2, 0x6d, 0x32]) : row;
      history.judge.data!({ id: 7, from: 'observer 1', to: 'proxy' }, sent);
      history.judge.data!({ id: ada.link, from: 'proxy', to: 'ada' }, row);
    },
  },
  {
    name: 'relayed-unchanged',
    what: 'a row of the binary protocol that no observer has sent: it begins as an OK does',
    blamed: /^ada got a packet that no observer has sent: 00006d31$/,
    play(history, wrong) {
      const ada = history.greet('ada', 1);
      history.command(ada, EXECUTE, "SELECT 'm1'");
      const row = Buffer.from([4, 0, 0, 4, 0, 0, 0x6d, 0x31]);
      const sent = wrong ? Buffer.from([4, 0, 0, 4, 0, 0, 0x6d, 0x32]) : row;
      history.judge.data!({ id: 7, from: 'observer 1', to: 'proxy' }, sent);
      history.judge.data!({ id: ada.link, from: 'proxy', to: 'ada' }, row);
    },
  },
];
