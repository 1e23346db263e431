/**
 * Who may end whom: the matrix of odp-sessions.md §4.2 for KILL, §6 for KILL QUERY, §1.3 and decisions.md 24 for KILL
 * PROXYSESSION.
 */
import { describe, expect, test } from 'vitest';
import type { RawClient } from '../session/raw-client.ts';
import { okBytes } from '../session/scripted-observer.ts';
import { Stage } from '../session/stage.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';

/** An ordinary user's login OK: no SUPER, no PROCESS. */
const ORDINARY = Buffer.from(OBSERVER_LOGIN_OK);
ORDINARY.write('32766', ORDINARY.indexOf('65534'));
ORDINARY.write('01974', ORDINARY.indexOf('32766'));

/** The callers and targets, by name; `boss` and `root` have SUPER. */
const PEOPLE: Record<string, string> = {
  'root@sys': 'root@sys#obdemo',
  'dba@sys': 'dba@sys#obdemo',
  'root@sys of another cluster': 'root@sys#obother',
  'app@shop': 'app@shop#obdemo',
  'app@shop again': 'app@shop#obdemo',
  'web@shop': 'web@shop#obdemo',
  'boss@shop': 'boss@shop#obdemo',
  'app@shop of another cluster': 'app@shop#obother',
  'app@ware': 'app@ware#obdemo',
};

const TENANTS = ['sys', 'shop', 'ware', 'SYS'].map((name) => ({ name, servers: [0], leader: 0 }));

function enter(stage: Stage, who: string): RawClient {
  if (who === 'nobody yet') return stage.connect();
  if (who === 'root@proxysys') return stage.administrator();
  const user = PEOPLE[who] ?? who;
  stage.observer.loginAnswer = () => (/^(root|boss)/.test(user) ? OBSERVER_LOGIN_OK : ORDINARY);
  return stage.login(user);
}

/** The answer to the statement with the target's id in it: `OK`, or the number of the ERR. */
function outcome(caller: string, target: string, statement: string): string {
  const stage = new Stage({ tenants: TENANTS });
  const victim = enter(stage, target);
  const killer = enter(stage, caller);
  const said = stage.ask(killer, `${statement} ${victim.csId}`);
  expect(said).toHaveLength(1);
  const [, word, code] = said[0]!.split(/[ /]/);
  if (word === 'ERR' && code === '1094') expect(said[0]).toBe('1 ERR 1094/HY000 Unknown thread id: 1');
  if (word === 'ERR' && code === '1095') expect(said[0]).toBe('1 ERR 1095/HY000 You are not owner of thread 1');
  stage.advance(1000);
  expect(victim.events).toEqual(word === 'OK' && !statement.includes('QUERY') ? ['FIN', 'closed'] : []);
  stage.leave();
  return word === 'OK' ? 'OK' : code!;
}

describe('KILL', () => {
  test.each([
    ['root@proxysys', 'app@shop', 'OK'],
    ['root@proxysys', 'root@proxysys', 'OK'],
    ['root@proxysys', 'nobody yet', 'OK'],
    ['root@sys', 'app@shop', 'OK'],
    ['dba@sys', 'app@shop', 'OK'],
    ['dba@sys', 'root@sys', 'OK'],
    ['dba@SYS#obdemo', 'app@shop', 'OK'],
    ['root@sys', 'app@shop of another cluster', '1095'],
    ['root@sys', 'nobody yet', '1095'],
    ['app@shop', 'app@shop again', 'OK'],
    ['boss@shop', 'app@shop', 'OK'],
    ['boss@shop', 'web@shop', 'OK'],
    ['app@shop', 'web@shop', '1095'],
    ['app@shop', 'boss@shop', '1095'],
    ['app@shop', 'app@ware', '1094'],
    ['boss@shop', 'app@ware', '1094'],
    ['app@shop', 'app@shop of another cluster', '1094'],
    ['app@shop', 'root@sys', '1094'],
    ['app@shop', 'nobody yet', '1094'],
    ['app@shop', 'root@proxysys', '1094'],
  ])('%s kills %s: %s', (caller, target, result) => {
    expect(outcome(caller, target, 'KILL')).toBe(result);
    expect(outcome(caller, target, 'KILL CONNECTION')).toBe(result);
  });
});

describe('KILL PROXYSESSION', () => {
  test.each([
    ['root@proxysys', 'app@shop', 'OK'],
    ['root@sys', 'app@shop', 'OK'],
    ['root@sys', 'app@shop of another cluster', '1095'],
    ['dba@sys', 'app@shop', '5010'],
    ['root@SYS#obdemo', 'app@shop', '5010'],
    ['boss@shop', 'app@shop', '5010'],
    ['app@shop', 'app@shop again', '5010'],
  ])('%s kills %s: %s', (caller, target, result) => {
    expect(outcome(caller, target, 'KILL PROXYSESSION')).toBe(result);
  });

  test('without the right even an unknown id is 5010', () => {
    const stage = new Stage();
    const client = stage.login('app@shop');
    const bad = ['1 ERR 5010/21000 Unknown operator, bad internal cmd'];
    for (const text of [
      'KILL PROXYSESSION 99',
      'KILL PROXYSESSION 1',
      'KILL PROXYSESSION 1 1',
      'KILL PROXYSESSION x',
    ]) {
      expect(stage.ask(client, text)).toEqual(bad);
    }
    expect(stage.observer.last.requests).toEqual([]);
    stage.leave();
  });

  test('of a server session: no cluster is asked for', () => {
    const stage = new Stage();
    stage.login('app@shop#obother');
    const killer = stage.login('root@sys#obdemo');
    expect(stage.ask(killer, 'KILL PROXYSESSION 1 1')).toEqual(['1 OK 0 0x0']);
    stage.advance(1000);
    expect(stage.observer.connections[0]!.ended).toBe('FIN');
    stage.leave();
  });
});

describe('KILL QUERY', () => {
  test.each([
    ['root@sys', 'app@shop', '1094'],
    ['root@sys', 'dba@sys', 'OK'],
    ['dba@sys', 'root@sys', '1095'],
    ['app@shop', 'app@shop again', 'OK'],
    ['boss@shop', 'web@shop', 'OK'],
    ['app@shop', 'web@shop', '1095'],
    ['app@shop', 'app@ware', '1094'],
    ['app@shop', 'nobody yet', '1094'],
    ['root@proxysys', 'app@shop', '5010'],
  ])('%s stops %s: %s', (caller, target, result) => {
    expect(outcome(caller, target, 'KILL QUERY')).toBe(result);
  });
});

describe('ids', () => {
  test.each([
    ['KILL 99', '1 ERR 1094/HY000 Unknown thread id: 99'],
    ['KILL -1', '1 ERR 1094/HY000 Unknown thread id: 18446744073709551615'],
    ['KILL 4294967296', '1 ERR 1094/HY000 Unknown thread id: 4294967296'],
    ['KILL 3221999999', '1 ERR 1094/HY000 Unknown thread id: 3221999999'],
    ['KILL 0', '1 ERR 1094/HY000 Unknown thread id: 0'],
    ['KILL 4194304', '1 ERR 1094/HY000 Unknown thread id: 4194304'],
    ['KILL x', '1 ERR 5010/21000 Unknown operator, bad internal cmd'],
    ["SHOW PROXYSESSION STAT LIKE 'it''s'", '1 ERR 5010/21000 Unknown operator, bad internal cmd'],
    [`SHOW PROXYSESSION STAT LIKE '${'x'.repeat(512)}'`, '1 ERR 8007/HY000 internal cmd value is too long'],
  ])('%s', (text, answer) => {
    const stage = new Stage();
    const client = stage.login('root@sys');
    stage.observer.answers['QUERY select 1'] = okBytes();
    expect(stage.ask(client, text)).toEqual([answer]);
    expect(client.events).toEqual([]);
    expect(stage.observer.last.requests).toEqual([]);
    stage.leave();
  });

  test("a cs_id whose upgrade bit is not this process's is an internal error", () => {
    const stage = new Stage({ items: { proxy_id: 1 } });
    const client = stage.login('root@sys');
    expect(client.csId).toBe(8388609);
    expect(stage.ask(client, 'KILL 4194305')).toEqual(['1 ERR 4016/HY000 Internal error']);
    stage.leave();
  });
});
