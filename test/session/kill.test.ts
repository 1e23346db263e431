/**
 * The end by KILL: one's own session, another's in each state, and the ticks that execute it.
 */
import { describe, expect, test } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { WINDOW } from '../../simulator/world/lane.ts';
import { KILL_ERR, KILL_OK } from '../wire/fixtures.ts';
import { queryBytes, requestBytes } from './raw-client.ts';
import { rowsBytes } from './scripted-observer.ts';
import { inEveryWorld, Stage } from './stage.ts';
import { expectSilentEnd, STATES } from './victims.ts';

const OK = ['1 OK 0 0x0'];

describe("one's own session", () => {
  for (const text of ['KILL 1', 'kill connection 1', 'KILL PROXYSESSION 1', 'KILL 3221487617']) {
    inEveryWorld(
      `${text}: ERR 1317, the server sessions' FIN, then the client's`,
      {},
      (stage) => {
        const client = stage.login('root@sys');
        client.send(Buffer.concat([queryBytes(text), queryBytes('select 1')]));
        stage.settle();
        expect(client.take()).toEqual(KILL_ERR);
        expect(client.events).toEqual(['FIN', 'closed']);
        expect(stage.log).toEqual(['ob0/3221487617 FIN']);
        expect(stage.causes).toEqual(['1: connection was killed by user self, cs_id: 1']);
        stage.expectNothingLeft();
      },
      10,
    );
  }

  test('all server sessions are closed before the client is (odp-sessions.md §4.1, 3)', () => {
    const stage = new Stage();
    const client = stage.login('root@sys');
    const { end } = client;
    client.end = () => {
      stage.log.push('client FIN');
      end.call(client);
    };
    client.send(queryBytes('KILL 1'));
    stage.settle();
    expect(stage.log).toEqual(['ob0/3221487617 FIN', 'client FIN']);
    stage.expectNothingLeft();
  });

  inEveryWorld(
    'it stays in the list until the ERR has left',
    {},
    (stage) => {
      const admin = stage.administrator();
      const victim = stage.login('root@sys');
      const big = rowsBytes(
        'a',
        Array.from({ length: 4 }, () => 'x'.repeat(60_000)),
      );
      stage.observer.answers['QUERY select a'] = big.subarray(0, 20 + 60_008 * 2);
      victim.connection.pause();
      // Its answers fill up what the client's system takes; the 1317 waits behind them.
      const show = queryBytes('SHOW PROXYSESSION STAT');
      victim.send(Buffer.concat(Array.from({ length: 30 }, () => show)), queryBytes('KILL 2'));
      stage.settle();
      expect(stage.ask(admin, 'SHOW PROXYSESSION ATTRIBUTE 2').length).toBeGreaterThan(10);
      expect(stage.observer.last.ended).toBe('');
      victim.connection.resume();
      stage.settle();
      expect(victim.take().subarray(-KILL_ERR.length)).toEqual(KILL_ERR);
      expect(victim.events).toEqual(['FIN', 'closed']);
      expect(stage.ask(admin, 'SHOW PROXYSESSION ATTRIBUTE 2')).toEqual(['1 ERR 1094/HY000 Unknown thread id: 2']);
      stage.leave();
    },
    3,
  );

  inEveryWorld(
    'a client that never takes the ERR is gone after a second',
    {},
    (stage) => {
      const victim = stage.login('root@sys');
      victim.connection.pause();
      const show = queryBytes('SHOW PROXYSESSION STAT');
      victim.send(Buffer.concat(Array.from({ length: 30 }, () => show)), queryBytes('KILL 1'));
      stage.advance(999);
      expect(stage.proxy.facts().clientSessions).toBe(1);
      stage.advance(1);
      expect(stage.proxy.facts()).toEqual({ clientSessions: 0, serverSessions: 0 });
      expect(stage.causes).toEqual(['1: connection was killed by user self, cs_id: 1']);
      victim.connection.reset();
      stage.settle();
      stage.expectNothingLeft();
    },
    3,
  );
});

describe('another session', () => {
  for (const [name, enter] of STATES) {
    inEveryWorld(
      `${name}: OK at once, nothing until the tick, then FIN without a word`,
      {},
      (stage) => {
        stage.advance(400);
        const admin = stage.administrator();
        const victim = enter(stage);
        const connections = stage.observer.connections.length;
        admin.send(queryBytes('KILL PROXYSESSION 2'));
        stage.settle();
        expect(admin.take()).toEqual(KILL_OK);
        // A second one is OK as well, and changes nothing.
        stage.advance(300);
        expect(stage.ask(admin, 'KILL 2')).toEqual(OK);
        stage.advance(299);
        expect(victim.events).toEqual([]);
        expect(stage.ask(admin, 'SHOW PROXYSESSION').filter((row) => row.includes('MCS_'))).toHaveLength(2);
        stage.advance(1);
        expectSilentEnd(victim);
        expect(stage.observer.connections.map((it) => it.ended)).toEqual(Array(connections).fill('FIN'));
        // No QUIT, no KILL QUERY, no ROLLBACK.
        expect(stage.log.filter((line) => / (QUIT|QUERY (KILL|ROLL))/i.test(line))).toEqual([]);
        expect(stage.causes).toEqual(['2: connection was killed by user session 1']);
        expect(stage.ask(admin, 'KILL 2')).toEqual(['1 ERR 1094/HY000 Unknown thread id: 2']);
        stage.leave();
      },
      10,
    );
  }

  inEveryWorld('until the tick it is served: a COMMIT in that second commits', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    expect(stage.ask(admin, 'KILL 2')).toEqual(OK);
    stage.advance(999);
    expect(stage.ask(victim, 'commit')).toEqual(['1 OK 0 0x22']);
    stage.advance(1);
    expectSilentEnd(victim);
    stage.leave();
  });

  inEveryWorld(
    'ticks are on a grid from the start of the proxy, the first one after the KILL',
    {},
    (stage) => {
      const admin = stage.administrator();
      for (const [wait, end] of [
        [0, 1000],
        [250, 750],
        [999, 1],
        [1000, 1000],
      ] as const) {
        const victim = stage.login('app@shop');
        stage.advance(wait);
        expect(stage.ask(admin, `KILL ${victim.csId}`)).toEqual(OK);
        stage.advance(end - 1);
        expect(victim.events).toEqual([]);
        stage.advance(1);
        expectSilentEnd(victim);
        expect((stage.world.clock.now() - stage.start) % 1000).toBe(0);
      }
      stage.leave();
    },
    5,
  );

  inEveryWorld('a victim that leaves by itself: the mark is void, and no timer is left for it', {}, (stage) => {
    const admin = stage.administrator();
    const victim = stage.login('app@shop');
    stage.ask(admin, 'KILL 2');
    expect(stage.world.armedTimers).toBe(1);
    victim.connection.end();
    stage.settle();
    expect(stage.world.armedTimers).toBe(0);
    const next = stage.login('app@shop');
    stage.advance(5000);
    expect(next.events).toEqual([]);
    expect(stage.causes).toEqual(['2: the client has gone (FIN)']);
    stage.leave();
  });

  inEveryWorld('several in one tick, in the order of marking', {}, (stage) => {
    const admin = stage.administrator();
    for (let i = 0; i < 3; i++) stage.login('app@shop');
    for (const id of [4, 2, 3]) stage.ask(admin, `KILL ${id}`);
    stage.advance(1000);
    expect(stage.causes.map((it) => it[0])).toEqual(['4', '2', '3']);
    stage.leave();
  });

  inEveryWorld(
    'what a killed client has not taken is dropped',
    {},
    (stage) => {
      const admin = stage.administrator();
      const victim = stage.login('app@shop');
      stage.observer.answers['QUERY select a'] = rowsBytes(
        'a',
        Array.from({ length: 20 }, () => 'z'.repeat(60_000)),
      );
      victim.connection.pause();
      victim.send(queryBytes('select a'));
      stage.settle();
      stage.ask(admin, 'KILL 2');
      stage.advance(1000);
      expect(stage.observer.last.ended).not.toBe('');
      victim.connection.resume();
      stage.settle();
      // Only what its system had already.
      expect(victim.size).toBeLessThanOrEqual(WINDOW);
      stage.leave();
    },
    3,
  );

  inEveryWorld('COM_PROCESS_KILL is KILL CONNECTION, if it is exactly 9 bytes', {}, (stage) => {
    const caller = stage.login('root@sys');
    const victim = stage.login('app@shop');
    for (const size of [0, 3, 5, 8]) {
      const id = Buffer.alloc(size, 0);
      id[0] = 2;
      caller.send(requestBytes(COM.PROCESS_KILL, id));
      stage.settle();
      expect(caller.read()).toEqual(['1 ERR 5010/21000 Unknown operator, bad internal cmd']);
    }
    caller.send(requestBytes(COM.PROCESS_KILL, Buffer.of(2, 0, 0, 0)));
    stage.settle();
    expect(caller.read()).toEqual(OK);
    stage.advance(1000);
    expectSilentEnd(victim);
    caller.send(requestBytes(COM.PROCESS_KILL, Buffer.of(0xff, 0xff, 0xff, 0xff)));
    stage.settle();
    expect(caller.read()).toEqual(['1 ERR 1094/HY000 Unknown thread id: 4294967295']);
    stage.leave();
  });
});
