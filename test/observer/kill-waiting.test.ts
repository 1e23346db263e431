/** Ending sessions that wait for a row, or that hold one others wait for (observer.md §3.2, §3.8, §3.11; decisions.md 35). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type TestClient } from './pair.ts';

const LOGIN = { user: 'app@shop', database: 'bank' };
const INTERRUPTED = 'ERR 1317 70100 Query execution was interrupted';
const ENDED = 'ERR 5066 HY000 Session interrupted';
const FIRST = 'UPDATE account SET balance = 0 WHERE id = 1';
const SECOND = 'UPDATE account SET balance = 0 WHERE id = 2';

interface Stage {
  readonly lab: Lab;
  /** Holds row 1. */
  readonly holder: TestClient;
  /** Holds row 2 and waits for row 1; 1 s after the observer's start. */
  readonly victim: TestClient;
  /** Waits for row 2. */
  readonly third: TestClient;
  readonly boss: TestClient;
}

function stage(options: { readonly proxy?: boolean; readonly lockKillCheck?: number } = {}): Stage {
  const { proxy = false, lockKillCheck } = options;
  const lab = new Lab(lockKillCheck === undefined ? {} : { lockKillCheck });
  const holder = lab.login(LOGIN);
  const victim = lab.login({ ...LOGIN, proxy });
  const third = lab.login(LOGIN);
  for (const client of [victim, third]) client.query('SET ob_query_timeout = 60000000');
  holder.query('BEGIN');
  holder.query(FIRST);
  victim.query('BEGIN');
  victim.query(SECOND);
  lab.world.advance(1000);
  victim.send(COM.QUERY, FIRST);
  third.send(COM.QUERY, SECOND);
  return { lab, holder, victim, third, boss: lab.login({ user: 'boss@shop' }) };
}

function idOf(client: TestClient): number {
  return client.greeting.threadId;
}

function stateOf(lab: Lab, client: TestClient): string | undefined {
  return lab.cluster.observer(1).sessions.find((it) => it.id === idOf(client))?.state;
}

describe('a session that waits for a row', () => {
  it('is ACTIVE, with its statement', () => {
    const { boss, victim } = stage();
    const row = boss.query('SHOW PROCESSLIST').rows.find(([id]) => id === String(idOf(victim)));
    expect(row?.slice(4)).toEqual(['Query', '0', 'ACTIVE', FIRST]);
  });

  for (const proxy of [false, true]) {
    it(`notices KILL QUERY at the next 10 s of the observer's clock, ${proxy ? 'through a proxy' : 'directly'}`, () => {
      const { lab, victim, third, boss } = stage({ proxy });
      expect(boss.query(`KILL QUERY ${idOf(victim)}`).kind).toBe('ok');
      expect(stateOf(lab, victim)).toBe('QUERY_KILLED');
      lab.world.advance(8999);
      expect([victim.take().kind, third.take().kind]).toEqual(['nothing', 'nothing']);
      lab.world.advance(1);
      expect(victim.take()).toMatchObject({ kind: INTERRUPTED, extraOk: proxy });
      // The statement is taken back, the transaction stays.
      expect(third.take().kind).toBe('nothing');
      expect(victim.query('SELECT balance FROM account WHERE id = 2')).toMatchObject({ rows: [['0']], status: 3 });
      victim.query('COMMIT');
      expect(third.take().kind).toBe('ok');
    });

    it(`hears of KILL CONNECTION as late, ${proxy ? 'through a proxy' : 'directly'}; but its locks are free at once`, () => {
      const { lab, holder, victim, third, boss } = stage({ proxy });
      // The killer does not wait: the victim's thread is free.
      expect(boss.query(`KILL ${idOf(victim)}`).kind).toBe('ok');
      expect(third.take().kind).toBe('ok');
      expect(stateOf(lab, victim)).toBe('SESSION_KILLED');
      lab.world.advance(8999);
      expect([victim.take().kind, victim.ended]).toEqual(['nothing', false]);
      lab.world.advance(1);
      expect(victim.take()).toMatchObject({ kind: ENDED, extraOk: proxy });
      expect(victim.ended).toBe(true);
      expect(stateOf(lab, victim)).toBeUndefined();
      holder.query('ROLLBACK');
      expect(holder.query('SELECT balance FROM account WHERE id < 3').rows).toEqual([['100'], ['0']]);
    });
  }

  it('hears of either when it gets the row, if that is sooner', () => {
    for (const [kill, answer] of [
      ['KILL QUERY', INTERRUPTED],
      ['KILL', ENDED],
    ] as const) {
      const { holder, victim, boss } = stage();
      boss.query(`${kill} ${idOf(victim)}`);
      expect(victim.take().kind).toBe('nothing');
      holder.query('COMMIT');
      expect(victim.take().kind).toBe(answer);
    }
  });

  it('hears of it when its time is over, if that is sooner', () => {
    const { lab, victim, boss } = stage();
    boss.query('SELECT 1');
    const late = lab.login(LOGIN);
    late.query('SET ob_query_timeout = 3000000');
    late.send(COM.QUERY, FIRST);
    boss.query(`KILL QUERY ${idOf(late)}`);
    lab.world.advance(3000);
    expect([late.take().kind, victim.take().kind]).toEqual([INTERRUPTED, 'nothing']);
  });

  it('looks as often as the cluster is told', () => {
    const { lab, victim, boss } = stage({ lockKillCheck: 500 });
    lab.world.advance(100);
    boss.query(`KILL QUERY ${idOf(victim)}`);
    lab.world.advance(399);
    expect(victim.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(victim.take().kind).toBe(INTERRUPTED);
  });

  for (const how of ['end', 'close', 'reset'] as const) {
    it(`keeps its locks after ${how} of its client, until the next 10 s`, () => {
      const { lab, victim, third } = stage();
      victim.connection[how]();
      lab.world.settle();
      // Its row is gone at once, its locks are not.
      expect(stateOf(lab, victim)).toBeUndefined();
      lab.world.advance(8999);
      expect(third.take().kind).toBe('nothing');
      lab.world.advance(1);
      expect(third.take().kind).toBe('ok');
      expect(victim.take().kind).toBe('nothing');
      lab.world.advance(1000);
      expect(lab.timers).toBe(0);
    });
  }

  it('notices that its client has gone when it gets the row, if that is sooner', () => {
    const { lab, holder, victim, third } = stage();
    victim.connection.close();
    lab.world.settle();
    holder.query('COMMIT');
    expect(third.take().kind).toBe('ok');
    expect(lab.cluster.tenant('shop').locks.count).toBe(0);
  });

  it('can be killed twice, and by its own client going', () => {
    const { lab, victim, third, boss } = stage();
    boss.query(`KILL QUERY ${idOf(victim)}`);
    expect(boss.query(`KILL ${idOf(victim)}`).kind).toBe('ok');
    expect(boss.query(`KILL ${idOf(victim)}`).kind).toBe('ok');
    expect(third.take().kind).toBe('ok');
    victim.connection.close();
    lab.world.settle();
    expect(boss.query(`KILL ${idOf(victim)}`).kind).toMatch(/^ERR 1094/);
    lab.world.advance(10_000);
    expect(lab.timers).toBe(0);
  });

  it('is in no deadlock any more once its transaction is gone', () => {
    const { lab, holder, victim, boss } = stage();
    boss.query(`KILL ${idOf(victim)}`);
    holder.send(COM.QUERY, SECOND);
    expect(holder.take().kind).toBe('ok');
    expect(lab.cluster.tenant('shop').locks.count).toBe(1);
  });
});

describe('a session that others wait for', () => {
  it('idle: KILL frees its rows at once', () => {
    const { holder, victim, boss } = stage();
    expect(boss.query(`KILL ${idOf(holder)}`).kind).toBe('ok');
    expect(victim.take().kind).toBe('ok');
    expect(holder.ended).toBe(true);
  });

  it('idle: KILL QUERY does not', () => {
    const { lab, holder, victim, boss } = stage();
    boss.query(`KILL QUERY ${idOf(holder)}`);
    lab.world.advance(20_000);
    expect(victim.take().kind).toBe('nothing');
    holder.query('COMMIT');
    expect(victim.take().kind).toBe('ok');
  });

  it('running: KILL frees its rows at its next 100 ms, before the killer is answered', () => {
    const { lab, holder, victim, boss } = stage();
    holder.send(COM.QUERY, 'SELECT SLEEP(5)');
    lab.world.advance(30);
    boss.send(COM.QUERY, `KILL ${idOf(holder)}`);
    lab.world.advance(69);
    expect([victim.take().kind, boss.take().kind]).toEqual(['nothing', 'nothing']);
    lab.world.advance(1);
    expect([holder.take().kind, victim.take().kind, boss.take().kind]).toEqual([ENDED, 'ok', 'ok']);
  });

  it('idle: its client going frees them at once; running: at its next 100 ms', () => {
    const idle = stage();
    idle.holder.connection.reset();
    idle.lab.world.settle();
    expect(idle.victim.take().kind).toBe('ok');
    const running = stage();
    running.holder.send(COM.QUERY, 'SELECT SLEEP(5)');
    running.holder.connection.reset();
    running.lab.world.advance(99);
    expect(running.victim.take().kind).toBe('nothing');
    running.lab.world.advance(1);
    expect(running.victim.take().kind).toBe('ok');
  });

  it('at an observer that stops: those at another get them', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    const [holder, here, there] = [lab.login(LOGIN, 1), lab.login(LOGIN, 1), lab.login(LOGIN, 2)];
    holder.query('BEGIN');
    holder.query(FIRST);
    for (const client of [here, there]) client.send(COM.QUERY, FIRST);
    here.connection.close();
    lab.cluster.observer(1).stop();
    lab.world.settle();
    expect(there.take().kind).toBe('ok');
    expect(lab.cluster.tenant('shop').locks.count).toBe(0);
    lab.world.advance(1000);
    expect(lab.timers).toBe(0);
  });

  it('at another observer: a remote KILL', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    const [holder, waiter] = [lab.login(LOGIN, 3), lab.login(LOGIN, 2)];
    holder.query('BEGIN');
    holder.query(FIRST);
    holder.send(COM.QUERY, 'SELECT SLEEP(9)');
    waiter.send(COM.QUERY, FIRST);
    const boss = lab.login({ user: 'boss@shop' }, 1);
    boss.query('SET ob_query_timeout = 50000');
    boss.send(COM.QUERY, `KILL ${idOf(holder)}`);
    lab.world.advance(50);
    expect(boss.take().kind).toMatch(/^ERR 4012 HY000/);
    lab.world.advance(50);
    expect([holder.take().kind, waiter.take().kind]).toEqual([ENDED, 'ok']);
  });
});
