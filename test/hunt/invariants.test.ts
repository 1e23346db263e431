/** Every invariant says why it must hold, lives in a file of its name, and blames a small history that is wrong. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { PLAIN_OK } from '../../proxy/wire/ok.ts';
import { column } from '../../proxy/wire/result-set.ts';
import type { Result } from '../../simulator/client/answer.ts';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import type { Judge, Sight } from '../../simulator/hunt/judge.ts';
import { kindOfPayload, readKill } from '../../simulator/hunt/kinds.ts';
import type { Disturbance, Kill, Life, Request } from '../../simulator/hunt/life.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import type { OtherSession } from '../../simulator/observer/house.ts';
import type { Inside } from '../../simulator/scenario/lab.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { sha1 } from '../suite/pages.ts';

/** EXECUTE of the statement 1, without values. */
const EXECUTE = Buffer.of(COM.STMT_EXECUTE, 1, 0, 0, 0, 0, 1, 0, 0, 0);
/** To boss, without a password, in the database test. */
const CHANGE_USER = Buffer.from([COM.CHANGE_USER, ...Buffer.from('boss\0\0test\0')]);
const SECOND = 1000;

/** A run by hand: a clock, machines that are idle, and one judge that is told what the test says. */
class History implements Sight {
  readonly lives: Life[] = [];
  readonly kills: Kill[] = [];
  readonly disturbances: Disturbance[] = [];
  readonly blames: string[] = [];
  /** Client sessions of the proxy: what a judge sees of them. */
  readonly sessions: Record<string, unknown>[] = [];
  readonly cluster: Cluster;
  readonly inside: Inside;
  readonly judge: Judge;
  #now = 0;

  constructor(name: string) {
    const clock = { now: () => this.#now, after: () => ({ cancel() {} }) };
    this.cluster = new Cluster(TOPOLOGIES.default.clusters[0], { clock, choices: new SeededChoices(1), sha1 });
    // Of the proxy no judge sees more than its sessions.
    this.inside = { proxy: { sessions: () => this.sessions }, clusters: [this.cluster] } as unknown as Inside;
    this.judge = INVARIANTS.find((it) => it.name === name)!.judge(this);
  }

  now(): number {
    return this.#now;
  }

  blame(what: string): void {
    this.blames.push(what);
  }

  wait(milliseconds: number): void {
    this.#now += milliseconds;
  }

  greet(client: string, csId: number): Life {
    const life: Life = {
      client,
      number: this.lives.length + 1,
      link: csId,
      csId,
      greeted: this.#now,
      database: 'bank',
      ready: null,
      request: null,
      cut: null,
      end: null,
    };
    this.lives.push(life);
    this.judge.greeted?.(life);
    life.ready = this.#now;
    this.judge.ready?.(life);
    this.wait(1);
    return life;
  }

  ask(life: Life, sql: string): Request {
    return this.command(life, Buffer.concat([Buffer.of(COM.QUERY), Buffer.from(sql)]), sql);
  }

  command(life: Life, payload: Buffer, sql = ''): Request {
    const request: Request = { life, step: 0, sql, kind: kindOfPayload(payload, sql), payload, asked: this.#now };
    life.request = request;
    this.judge.asks?.(request);
    return request;
  }

  answer(request: Request, ...results: Result[]): void {
    request.life.request = null;
    this.judge.answered?.(request, results);
    this.wait(1);
  }

  /** About a table; the proxy sends it to this observer. */
  asksAt(
    life: Life,
    observer: number,
    sql = "SELECT 'm1', COUNT(*) FROM bank.account",
    answer = rows(['m1'], ['m1']),
  ): void {
    const request = this.ask(life, sql);
    const packet = Buffer.concat([Buffer.of(sql.length + 1, 0, 0, 0, COM.QUERY), Buffer.from(sql)]);
    this.judge.data!({ id: 7, from: 'proxy', to: `observer ${observer}` }, packet);
    this.answer(request, answer);
  }

  /** A question and its answer. */
  say(life: Life, sql: string, ...results: Result[]): void {
    this.answer(this.ask(life, sql), ...results);
  }

  kill(
    killer: Life,
    sql: string,
    target: Life | null,
    scope: Kill['scope'] = 'session',
    ssId: number | null = null,
  ): void {
    const request = this.ask(killer, sql);
    const kill: Kill = { request, id: readKill(sql)?.id ?? 0, target, scope, ssId, acknowledged: null };
    this.kills.push(kill);
    this.answer(request, OK);
    kill.acknowledged = this.#now;
    this.judge.killed?.(kill);
  }

  /** A KILL that has not been answered. */
  asksToKill(killer: Life, sql: string, target: Life | null, scope: Kill['scope'], ssId: number | null = null): Kill {
    const payload = Buffer.concat([Buffer.of(COM.QUERY), Buffer.from(sql)]);
    const request: Request = {
      life: killer,
      step: 0,
      sql,
      kind: kindOfPayload(payload, sql),
      payload,
      asked: this.#now,
    };
    const kill: Kill = { request, id: readKill(sql)?.id ?? 0, target, scope, ssId, acknowledged: null };
    this.kills.push(kill);
    this.judge.asks?.(request);
    return kill;
  }

  /** `act` is what it does to the cluster. */
  disturb(kind: string, client: string | null = null, observer: number | null = null, act?: () => void): void {
    const disturbance = { kind, client, observer, at: this.#now };
    this.disturbances.push(disturbance);
    this.judge.disturbed?.(disturbance);
    act?.();
    this.judge.struck?.(disturbance);
  }
}

const OK: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT } };
const OK_WITHIN: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT | STATUS.IN_TRANS } };
const ONE_ROW: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, affectedRows: 1 } };
const ONE_CHANGED: Result = {
  kind: 'ok',
  ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, affectedRows: 1, message: 'Rows matched: 1  Changed: 1  Warnings: 0' },
};
const LOST = { code: 2013, sqlState: 'HY000', message: 'Lost connection to MySQL server during query' };

function rows(names: readonly string[], ...list: (readonly (string | null)[])[]): Result {
  const columns = names.map((name) => column(name, TYPE.VAR_STRING, {}));
  return { kind: 'rows', columns, rows: list, warnings: 0, status: STATUS.AUTOCOMMIT };
}

/** The same, inside a transaction. */
function within(result: Result): Result {
  return result.kind === 'rows' ? { ...result, status: result.status | STATUS.IN_TRANS } : result;
}

function error(code: number): Result {
  return { kind: 'error', error: { code, sqlState: 'HY000', message: 'it went wrong' } };
}

/** An invariant, a history that is well, and what it blames if one thing in it is wrong. */
interface Case {
  readonly name: string;
  readonly what: string;
  readonly blamed: RegExp;
  play(history: History, wrong: boolean): void;
}

const CASES: readonly Case[] = [
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
    what: 'a login that is refused in front of an open door',
    blamed: /^ada could not log in: ERROR 2013 /,
    play(history, wrong) {
      if (!wrong) history.disturb('reset', 'ada');
      history.judge.refused!('ada', null, LOST);
    },
  },
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
      history.say(ada, "SELECT 'm1', LAST_INSERT_ID(5)", rows(['', ''], ['m1', '5']));
      const sql = "SELECT 'm2', @@autocommit, LAST_INSERT_ID(), COUNT(*) FROM bank.account";
      history.say(ada, sql, rows(['', '', '', ''], ['m2', '1', wrong ? '0' : '5', '4']));
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
      const ada = history.greet('ada', 1);
      const { streams } = history.cluster.tenant('shop');
      history.disturb('leader', null, 2, () => streams.died(1));
      history.wait(1);
      history.asksAt(ada, 1);
      history.wait(wrong ? 5 * SECOND : 3 * SECOND);
      history.asksAt(ada, 1);
      history.wait(SECOND);
      history.asksAt(ada, 1);
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
    name: 'liveness',
    what: 'who waits for ever',
    blamed: /^ada still has no answer to COMMIT, 60 s after the last fault$/,
    play(history, wrong) {
      const request = history.ask(history.greet('ada', 1), 'COMMIT');
      if (wrong) history.judge.starving!(['ada'], 60);
      else history.answer(request, OK);
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

function accounts(history: History) {
  return history.cluster.tenant('shop').store.find('bank')!.find('account')!;
}

const NO_SERVERS = { bound: null, current: null, pool: [], count: 0, bySsId: () => undefined };

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

/** A client session of somebody of the tenant shop. */
function session(csId: number, user: string, tenant = 'shop') {
  const identity = { name: { user, tenant }, cluster: { name: 'obdemo' } };
  return { csId, proxySessid: BigInt(csId), identity, servers: NO_SERVERS };
}

describe.each(INVARIANTS.map((it) => [it.name, it] as const))('%s', (name, { why }) => {
  it('says in a sentence why it must hold', () => {
    expect(why).toMatch(/^[A-Z].{40,}[.]$/);
    expect(why).not.toContain('\n');
  });

  it('lives in a file of its name', () => {
    const file = FILES[name] ?? name;
    expect(existsSync(join(import.meta.dirname, '../../simulator/hunt/invariants', `${file}.ts`))).toBe(true);
  });

  it.each(CASES.filter((it) => it.name === name).map((it) => [it.what, it] as const))('blames %s', (_what, it) => {
    const well = new History(name);
    it.play(well, false);
    expect(well.blames).toEqual([]);
    const wrong = new History(name);
    it.play(wrong, true);
    expect(wrong.blames[0]).toMatch(it.blamed);
  });

  it('has a history here that it blames', () => {
    expect(CASES.some((it) => it.name === name)).toBe(true);
  });
});

/** Whose file has a shorter name. */
const FILES: Readonly<Record<string, string>> = { 'ids-are-unique': 'ids' };

it('no two invariants have one name', () => {
  expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
});
