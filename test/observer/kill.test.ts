/** KILL, SLEEP, disconnects: who hears what, and when (observer.md §3, decisions.md 35–36). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type LoginOptions, type TestClient } from './pair.ts';

const INTERRUPTED = 'ERR 1317 70100 Query execution was interrupted';
const ENDED = 'ERR 5066 HY000 Session interrupted';

function idOf(client: TestClient): number {
  return client.greeting.threadId;
}

function victimAndBoss(proxy = false): readonly [Lab, TestClient, TestClient] {
  const lab = new Lab();
  return [lab, lab.login({ user: 'app@shop', database: 'bank', proxy }), lab.login({ user: 'boss@shop' })];
}

describe('SLEEP', () => {
  it('takes its time, and other sessions do not wait', () => {
    const [lab, client, other] = victimAndBoss();
    client.send(COM.QUERY, 'SELECT SLEEP(2)');
    lab.world.advance(1999);
    expect(client.take().kind).toBe('nothing');
    expect(other.query('SELECT 1').kind).toBe('rows');
    lab.world.advance(1);
    expect(client.take()).toMatchObject({ kind: 'rows', names: ['SLEEP(2)'], rows: [['0']] });
  });

  it('ends with ob_query_timeout', () => {
    const [lab, client] = victimAndBoss();
    client.query('SET ob_query_timeout = 1500000');
    client.send(COM.QUERY, 'SELECT SLEEP(60)');
    lab.world.advance(1500);
    expect(client.take().kind).toBe(
      'ERR 4012 HY000 Timeout, query has reached the maximum query timeout: 1500000(us), maybe you can adjust the session variable ob_query_timeout or query_timeout hint, and try again.',
    );
    expect(client.query('SELECT 1').kind).toBe('rows');
  });

  it('in a row sends it when it is over', () => {
    const [lab, client] = victimAndBoss();
    client.send(COM.QUERY, 'SELECT SLEEP(1) FROM TABLE(GENERATOR(3))');
    lab.world.advance(2900);
    expect(client.take().kind).toBe('nothing');
    lab.world.advance(100);
    expect(client.take().rows).toHaveLength(3);
  });
});

describe('KILL QUERY', () => {
  for (const proxy of [false, true]) {
    it(`of a running statement is noticed at its next 100 ms, ${proxy ? 'through a proxy' : 'directly'}`, () => {
      const [lab, victim, boss] = victimAndBoss(proxy);
      victim.send(COM.QUERY, 'SELECT SLEEP(5)');
      lab.world.advance(250);
      expect(boss.query(`KILL QUERY ${idOf(victim)}`).kind).toBe('ok');
      lab.world.advance(49);
      expect(victim.take().kind).toBe('nothing');
      lab.world.advance(1);
      expect(victim.take()).toMatchObject({ kind: INTERRUPTED, extraOk: proxy, rest: [] });
      expect(victim.query('SELECT 1').kind).toBe('rows');
      expect(lab.timers).toBe(0);
    });
  }

  it('takes back the statement and keeps the transaction', () => {
    const [lab, victim, boss] = victimAndBoss();
    victim.query('BEGIN');
    victim.query('UPDATE account SET balance = 90 WHERE id = 1');
    victim.send(COM.QUERY, 'UPDATE account SET balance = 0 WHERE SLEEP(3) = 0');
    boss.query(`KILL QUERY ${idOf(victim)}`);
    lab.world.advance(100);
    expect(victim.take().kind).toBe(INTERRUPTED);
    expect(victim.query('SELECT SUM(balance) FROM account')).toMatchObject({ rows: [['390']], status: 3 });
    expect(boss.query('UPDATE bank.account SET balance = 1 WHERE id = 2').kind).toBe('ok');
  });

  it('of an autocommit statement leaves nothing of it', () => {
    const [lab, victim, boss] = victimAndBoss();
    victim.send(COM.QUERY, 'UPDATE account SET balance = SLEEP(1)');
    boss.query(`KILL QUERY ${idOf(victim)}`);
    lab.world.advance(100);
    expect(victim.take().kind).toBe(INTERRUPTED);
    expect(victim.query('SELECT SUM(balance) FROM account')).toMatchObject({ rows: [['400']], status: 2 });
  });

  it('of an idle session shows in its state only', () => {
    const [lab, victim, boss] = victimAndBoss();
    expect(boss.query(`KILL QUERY ${idOf(victim)}`).kind).toBe('ok');
    expect(lab.cluster.observer(1).sessions[0]?.state).toBe('QUERY_KILLED');
    expect(victim.query('SELECT 1').kind).toBe('rows');
    expect(lab.cluster.observer(1).sessions[0]?.state).toBe('SLEEP');
  });

  it('of oneself is OK', () => {
    const [lab, , boss] = victimAndBoss();
    expect(boss.query(`KILL QUERY ${idOf(boss)}`).kind).toBe('ok');
    expect(boss.query('SELECT 1').kind).toBe('rows');
    expect(lab.timers).toBe(0);
  });
});

describe('KILL CONNECTION', () => {
  it('of an idle session rolls back and says FIN, without an ERR', () => {
    const [lab, victim, boss] = victimAndBoss();
    victim.query('BEGIN');
    victim.query('UPDATE account SET balance = 0');
    expect(boss.query(`KILL ${idOf(victim)}`).kind).toBe('ok');
    expect(victim.take().kind).toBe('nothing');
    expect(victim.ended).toBe(true);
    expect(boss.query('SELECT SUM(balance) FROM bank.account').rows).toEqual([['400']]);
    expect(lab.cluster.observer(1).sessions.map((it) => it.id)).toEqual([idOf(boss)]);
    expect(boss.query(`KILL ${idOf(victim)}`).kind).toBe(`ERR 1094 HY000 Unknown thread id: ${idOf(victim)}`);
    // The half-open connection does not stay for ever.
    lab.world.advance(1000);
    victim.connection.end();
    lab.world.settle();
    expect(lab.timers).toBe(0);
  });

  for (const proxy of [false, true]) {
    it(`of a running session waits for it, ${proxy ? 'through a proxy' : 'directly'}`, () => {
      const [lab, victim, boss] = victimAndBoss(proxy);
      victim.query('BEGIN');
      victim.query('UPDATE account SET balance = 0');
      victim.send(COM.QUERY, 'SELECT SLEEP(5)');
      lab.world.advance(30);
      boss.send(COM.QUERY, `KILL CONNECTION ${idOf(victim)}`);
      expect(boss.take().kind).toBe('nothing');
      expect(lab.cluster.observer(1).sessions[0]?.state).toBe('SESSION_KILLED');
      lab.world.advance(69);
      expect(boss.take().kind).toBe('nothing');
      lab.world.advance(1);
      expect(boss.take().kind).toBe('ok');
      const packets = victim.takeBytes();
      expect(packets[0]?.subarray(13).toString()).toBe('Session interrupted');
      expect(packets.slice(1).map((it) => it.toString('hex'))).toEqual(proxy ? ['080000020000002200000000'] : []);
      expect(victim.ended).toBe(true);
      expect(boss.query('SELECT SUM(balance) FROM bank.account').rows).toEqual([['400']]);
    });
  }

  it('of oneself has no answer but FIN', () => {
    const [, , boss] = victimAndBoss();
    expect(boss.query(`KILL ${idOf(boss)}`).kind).toBe('nothing');
    expect(boss.ended).toBe(true);
  });

  it('of two sessions by each other ends both', () => {
    const lab = new Lab();
    const [a, b] = [lab.login({ user: 'boss@shop' }), lab.login({ user: 'boss@shop' })];
    b.send(COM.QUERY, 'SELECT SLEEP(1)');
    a.send(COM.QUERY, `KILL ${idOf(b)}`);
    lab.login({ user: 'boss@shop' }).query(`KILL QUERY ${idOf(a)}`);
    lab.world.advance(100);
    expect(b.take().kind).toBe(ENDED);
    expect(a.take().kind).toBe(INTERRUPTED);
    expect(lab.cluster.observer(1).sessions.map((it) => it.id)).not.toContain(idOf(b));
  });

  it('works from another observer of the cluster', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    const victim = lab.login({ user: 'app@shop' }, 3);
    const boss = lab.login({ user: 'boss@shop' }, 1);
    expect(boss.query(`KILL ${idOf(victim)}`).kind).toBe('ok');
    expect(victim.ended).toBe(true);
    expect(lab.cluster.observer(3).sessions).toEqual([]);
  });
});

describe('the id of a KILL', () => {
  const cases: readonly (readonly [sql: string, answer: string])[] = [
    ['KILL 5', 'ERR 1094 HY000 Unknown thread id: 5'],
    ["KILL 'abc'", 'ERR 1094 HY000 Unknown thread id: 0'],
    ['KILL 2 + 3', 'ERR 1094 HY000 Unknown thread id: 5'],
    ['KILL QUERY 4294967301', 'ERR 1094 HY000 Unknown thread id: 5'],
    ['KILL -1', 'ERR 1094 HY000 Unknown thread id: 4294967295'],
    ['KILL QUERY CONNECTION_ID()', 'ok'],
  ];
  for (const [sql, answer] of cases) {
    it(sql, () => {
      expect(new Lab().login().query(sql).kind).toBe(answer);
    });
  }

  it('may stand in quotes', () => {
    const [, victim, boss] = victimAndBoss();
    expect(boss.query(`KILL '${idOf(victim)}'`).kind).toBe('ok');
    expect(victim.ended).toBe(true);
  });
});

describe('who may kill whom', () => {
  const cases: readonly (readonly [killer: string, victim: string, allowed: boolean])[] = [
    ['root@sys', 'app@shop', true],
    ['dba@sys', 'root@shop', true],
    ['root@shop', 'app@shop', true],
    ['app@shop', 'app@shop', true],
    ['app@shop', 'boss@shop', false],
    ['root@shop', 'root@sys', false],
    ['root@shop', 'root@warehouse', false],
  ];
  for (const [killer, victim, allowed] of cases) {
    it(`${killer} ${allowed ? 'may' : 'may not'} kill ${victim}`, () => {
      const lab = new Lab({}, TOPOLOGIES.three);
      const target = lab.login({ user: victim });
      const by = lab.login({ user: killer });
      const denied = `ERR 1095 HY000 You are not owner of thread ${idOf(target)}`;
      expect(by.query(`KILL QUERY ${idOf(target)}`).kind).toBe(allowed ? 'ok' : denied);
      expect(by.query(`KILL ${idOf(target)}`).kind).toBe(allowed ? 'ok' : denied);
      expect(target.ended).toBe(allowed);
    });
  }
});

describe('a client that goes', () => {
  for (const how of ['end', 'close', 'reset'] as const) {
    it(`with ${how} while it is idle is rolled back at once`, () => {
      const [lab, victim, boss] = victimAndBoss();
      victim.query('BEGIN');
      victim.query('UPDATE account SET balance = 0');
      victim.connection[how]();
      lab.world.settle();
      expect(boss.query('UPDATE bank.account SET balance = 1').kind).toBe('ok');
      lab.world.advance(1000);
      expect(lab.timers).toBe(0);
    });

    it(`with ${how} while its statement runs is noticed at the next 100 ms`, () => {
      const [lab, victim, boss] = victimAndBoss();
      victim.send(COM.QUERY, 'UPDATE account SET balance = SLEEP(1)');
      lab.world.advance(120);
      victim.connection[how]();
      lab.world.settle();
      expect(lab.cluster.observer(1).sessions.map((it) => it.id)).toEqual([idOf(boss)]);
      boss.send(COM.QUERY, 'UPDATE bank.account SET balance = 1');
      lab.world.advance(79);
      expect(boss.take().kind).toBe('nothing');
      lab.world.advance(1);
      expect(boss.take().kind).toBe('ok');
      expect(victim.take().kind).toBe('nothing');
      lab.world.advance(1000);
      expect(lab.timers).toBe(0);
    });
  }

  it('has done what it sent before its FIN', () => {
    const [lab, victim, boss] = victimAndBoss();
    const sql = Buffer.from('\x03UPDATE account SET balance = 1');
    victim.connection.write(Buffer.concat([Buffer.of(sql.length, 0, 0, 0), sql]));
    victim.connection.close();
    lab.world.settle();
    expect(boss.query('SELECT SUM(balance) FROM bank.account').rows).toEqual([['4']]);
  });
});

describe('SHOW PROCESSLIST', () => {
  function list(lab: Lab, options: LoginOptions): string[] {
    return lab
      .login(options)
      .query('SHOW PROCESSLIST')
      .rows.map((row) => `${row[1]} ${row[4]} ${row[6]}`);
  }

  it('shows what one may see', () => {
    const lab = new Lab();
    lab.login({ user: 'root@sys' });
    lab.login({ user: 'boss@shop' });
    lab.login({ user: 'app@shop' }).send(COM.QUERY, 'SELECT SLEEP(9)');
    expect(list(lab, { user: 'app@shop' })).toEqual(['app Query ACTIVE', 'app Query ACTIVE']);
    expect(list(lab, { user: 'root@shop' })).toEqual([
      'boss Sleep SLEEP',
      'app Query ACTIVE',
      'app Sleep SLEEP',
      'root Query ACTIVE',
    ]);
    expect(list(lab, { user: 'root@sys' })).toHaveLength(6);
  });

  it('has its cells', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop', proxy: true });
    lab.world.advance(3500);
    const rows = lab.login({ user: 'root@sys' }).query('SHOW FULL PROCESSLIST');
    expect(rows.names.join(' ')).toBe('Id User Tenant Host db Command Time State Info Ip Port Proxy_sessid');
    const [first, second] = rows.rows;
    expect(first).toMatchObject([
      String(idOf(client)),
      'app',
      'shop',
      expect.stringMatching(/^[\d.]+:\d+$/),
      'NULL',
      'Sleep',
      '3',
      'SLEEP',
      null,
      '10.0.0.1',
      '2881',
      '12402504630519660553',
    ]);
    expect(second?.slice(8)).toEqual(['SHOW FULL PROCESSLIST', '10.0.0.1', '2881', null]);
  });
});

describe('an observer that stops', () => {
  it('says FIN to all and refuses who comes', () => {
    const [lab, victim, boss] = victimAndBoss();
    victim.query('BEGIN');
    victim.query('UPDATE account SET balance = 0');
    boss.send(COM.QUERY, 'SELECT SLEEP(5)');
    lab.cluster.observer(1).stop();
    lab.world.settle();
    expect([victim.ended, boss.ended, boss.take().kind]).toEqual([true, true, 'nothing']);
    expect(lab.cluster.observer(1).sessions).toEqual([]);
    expect(lab.timers).toBe(0);
    const table = lab.cluster.tenant('shop').store.find('bank')?.find('account');
    expect(table?.locks.size).toBe(0);
  });
});
