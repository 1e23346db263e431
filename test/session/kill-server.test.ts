/**
 * KILL PROXYSESSION of one server session, in each state of its client, and KILL QUERY.
 */
import { describe, expect } from 'vitest';
import { queryBytes } from './raw-client.ts';
import { IN_TRANS, okBytes, rowsBytes } from './scripted-observer.ts';
import { inEveryWorld } from './stage.ts';
import { expectSilentEnd, STATES } from './victims.ts';

const OK = ['1 OK 0 0x0'];

describe('one server session', () => {
  inEveryWorld('idle: the client notices nothing, and gets a new one', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    expect(stage.ask(admin, 'KILL PROXYSESSION 2 1')).toEqual(OK);
    stage.advance(999);
    expect(stage.observer.last.ended).toBe('');
    stage.advance(1);
    expect(stage.observer.last.ended).toBe('FIN');
    expect(victim.events).toEqual([]);
    expect(stage.ask(victim, 'select 1')).toEqual(['1 OK 0 0x22']);
    const row = stage.ask(admin, "SHOW PROXYSESSION ATTRIBUTE 2 LIKE 'ss_id'");
    expect(row[3]).toBe('ss_id|2|last used ss');
    stage.leave();
  });

  inEveryWorld('idle, and then a statement that needs it: FIN without a word', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    stage.ask(admin, 'KILL PROXYSESSION 2 1');
    stage.advance(1000);
    expect(stage.ask(victim, 'SELECT CONNECTION_ID()')).toEqual([]);
    expectSilentEnd(victim);
    stage.leave();
  });

  inEveryWorld('idle in a transaction: nothing yet, the COMMIT gets FIN', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
    stage.ask(victim, 'update t');
    stage.ask(admin, 'KILL PROXYSESSION 2 1');
    stage.advance(1000);
    expect(victim.events).toEqual([]);
    expect(stage.ask(victim, 'commit')).toEqual([]);
    expectSilentEnd(victim);
    stage.leave();
  });

  inEveryWorld('after a bare BEGIN: transparent', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    stage.ask(victim, 'begin');
    stage.ask(admin, 'KILL PROXYSESSION 2 1');
    stage.advance(1000);
    expect(stage.ask(victim, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.observer.last.requests.slice(-2)).toEqual(['QUERY begin', 'QUERY select 1']);
    stage.leave();
  });

  inEveryWorld(
    'in the pool: nobody notices',
    { observers: 2, tenants: [{ name: 'shop', servers: [1, 0], leader: 0 }] },
    (stage) => {
      const admin = stage.administrator();
      const victim = stage.login('app@shop');
      stage.ask(victim, 'select 1');
      stage.ask(admin, 'KILL PROXYSESSION 2 1');
      stage.advance(1000);
      expect(stage.observers.map((it) => it.last.ended)).toEqual(['', 'FIN']);
      expect(stage.ask(victim, 'select connection_id()')).toEqual(['1 OK 0 0x22']);
      stage.leave();
    },
  );

  for (const [name, enter] of STATES.slice(3)) {
    inEveryWorld(
      `${name}: FIN, no word, no other server`,
      { observers: 2 },
      (stage) => {
        const admin = stage.administrator();
        const victim = enter(stage);
        const ss = stage.observer.connections.length;
        expect(stage.ask(admin, `KILL PROXYSESSION 2 ${ss}`)).toEqual(OK);
        stage.advance(1000);
        expectSilentEnd(victim);
        expect(stage.observer.last.ended).toBe('FIN');
        expect(stage.observers[1]!.connections).toHaveLength(0);
        expect(stage.causes).toEqual(['2: its server session was lost: it was killed by session 1']);
        stage.leave();
      },
      10,
    );
  }

  inEveryWorld(
    'in the middle of a result: what has come goes out first',
    {},
    (stage) => {
      const admin = stage.administrator();
      const victim = stage.login('app@shop');
      const rows = Array.from({ length: 4 }, () => 'r'.repeat(60_000));
      const half = rowsBytes('a', rows).subarray(0, -30_000);
      stage.observer.answers['QUERY select a'] = half;
      stage.ask(admin, 'KILL PROXYSESSION 2 1');
      victim.send(queryBytes('select a'));
      stage.advance(1000);
      expect(victim.take().equals(half)).toBe(true);
      expect(victim.events).toEqual(['FIN', 'closed']);
      stage.leave();
    },
    5,
  );

  inEveryWorld('gone by itself before the tick: the mark is void, and no timer is left for it', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    stage.ask(admin, 'KILL PROXYSESSION 2 1');
    expect(stage.nextTimer).toBeLessThanOrEqual(1000);
    stage.observer.last.connection.end();
    stage.settle();
    expect(stage.nextTimer).toBeGreaterThan(1000);
    stage.ask(victim, 'select 1');
    stage.advance(3000);
    expect(stage.observer.last.ended).toBe('');
    stage.leave();
  });

  inEveryWorld("one's own: OK, and the session lives on", {}, (stage) => {
    const caller = stage.login('root@sys');
    expect(stage.ask(caller, 'KILL PROXYSESSION 1 1')).toEqual(OK);
    stage.advance(1000);
    expect(stage.observer.last.ended).toBe('FIN');
    expect(stage.ask(caller, 'select 1')).toEqual(['1 OK 0 0x22']);
    stage.leave();
  });

  inEveryWorld('unknown: 1094 with the id that is unknown, unsigned', {}, (stage) => {
    const admin = stage.administrator();
    const unknown = (id: string) => [`1 ERR 1094/HY000 Unknown thread id: ${id}`];
    expect(stage.ask(admin, 'KILL PROXYSESSION 5-6')).toEqual(unknown('5'));
    expect(stage.ask(admin, 'KILL PROXYSESSION 1-6')).toEqual(unknown('18446744073709551610'));
    expect(stage.ask(admin, 'KILL PROXYSESSION 1 77')).toEqual(unknown('77'));
    stage.leave();
  });
});

describe('KILL QUERY', () => {
  inEveryWorld("goes to the victim's observer with its id there, on a server session of the caller", {}, (stage) => {
    const victim = stage.login('app@shop');
    const caller = stage.login('app@shop');
    stage.observer.answers['QUERY sleep'] = null;
    victim.send(queryBytes('sleep'));
    stage.settle();
    const [hers, mine] = stage.observer.connections;
    expect(stage.ask(caller, 'kill query 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.ask(caller, `KILL /* it */ QUERY ${hers!.threadId};`)).toEqual(['1 OK 0 0x22']);
    expect(mine!.requests).toEqual([
      `QUERY KILL QUERY ${hers!.threadId}`,
      `QUERY KILL /* it */ QUERY ${hers!.threadId};`,
    ]);
    expect(victim.size).toBe(0);
    stage.leave();
  });

  inEveryWorld('OK and nothing sent if the victim is idle or oneself; 1235 in a transaction', {}, (stage) => {
    stage.login('app@shop');
    const caller = stage.login('app@shop');
    expect(stage.ask(caller, 'KILL QUERY 1')).toEqual(OK);
    expect(stage.ask(caller, 'KILL QUERY 2')).toEqual(OK);
    expect(stage.ask(caller, 'KILL QUERY 9')).toEqual(['1 ERR 1094/HY000 Unknown thread id: 9']);
    expect(stage.observer.last.requests).toEqual([]);
    stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
    stage.ask(caller, 'update t');
    expect(stage.ask(caller, 'KILL QUERY 1')).toEqual(['1 ERR 1235/0A000 Not supported feature or function']);
    stage.leave();
  });

  inEveryWorld('a held BEGIN stays held: the next statement takes it along', {}, (stage) => {
    const victim = stage.login('app@shop');
    const caller = stage.login('app@shop');
    stage.observer.answers['QUERY sleep'] = null;
    victim.send(queryBytes('sleep'));
    stage.ask(caller, 'begin');
    expect(stage.ask(caller, 'KILL QUERY 1')).toEqual(['1 OK 0 0x22']);
    const { requests } = stage.observer.last;
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatch(/^QUERY KILL QUERY \d+$/);
    stage.ask(caller, 'select 1');
    expect(requests.slice(1)).toEqual(['QUERY begin', 'QUERY select 1']);
    stage.leave();
  });

  inEveryWorld(
    'no other server is tried',
    { observers: 2, tenants: [{ name: 'shop', servers: [1, 0], leader: 0 }] },
    (stage) => {
      const victim = stage.login('app@shop');
      const caller = stage.login('app@shop');
      const [leader] = stage.observers;
      leader!.answers['QUERY sleep'] = null;
      victim.send(queryBytes('sleep'));
      stage.settle();
      leader!.down();
      expect(stage.ask(caller, 'KILL QUERY 1')).toEqual([]);
      expect(caller.events).toEqual(['FIN', 'closed']);
      expect(victim.events).toEqual([]);
      stage.leave();
    },
  );
});
