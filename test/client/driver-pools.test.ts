/** Pools beyond the sheet: Hikari over Connector/J, leases, limits, and that nothing is left behind. */
import { describe, expect, it } from 'vitest';
import type { Lease, Outcome } from '../../simulator/client/driver/driver-client.ts';
import { DRIVERS } from '../../simulator/client/driver/drivers.ts';
import { ASK, cell, DriverBench } from './driver-bench.ts';
import { type FakeSession, FIRST_ID, type Script } from './fake-server.ts';

const PING = '0e';

/** Answers pings and statements; what is asked on a deaf session is never answered. */
const FRIENDLY: Script = {
  command(session, text) {
    if (text === PING) session.ok();
    else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
  },
};

function told(outcome: Outcome | null): string {
  return outcome === null ? 'waits' : cell(outcome, []);
}

function leaseOf(bench: DriverBench): Lease {
  let got: Lease | null = null;
  bench.client.lease(
    (lease) => {
      got = lease;
    },
    () => {},
  );
  bench.world.settle();
  return got!;
}

describe('C/J Hikari', () => {
  it('fills up to ten, and keeps a connection ten deep', () => {
    const bench = new DriverBench('C/J Hikari', () => FRIENDLY);
    bench.world.settle();
    expect(bench.server.sessions).toHaveLength(10);
    expect(told(bench.ask(ASK))).toMatch(/^ok/);
  });

  it('asks isValid of a connection idle for more than 500 ms, and drops what fails', () => {
    const bench = new DriverBench('C/J Hikari', () => FRIENDLY);
    bench.ask(ASK);
    bench.world.advance(400);
    bench.ask(ASK);
    const id = bench.client.threadId - FIRST_ID;
    expect(bench.server.commands).not.toContain(PING);
    bench.world.advance(600);
    bench.server.sessions[id]!.fin();
    bench.world.settle();
    expect(told(bench.ask(ASK))).toMatch(/^ok/);
    expect(bench.server.sessions[id]!.commands).toContain(PING);
    expect(bench.server.sessions).toHaveLength(11);
  });

  it('evicts on 08xxx, and on nothing else', () => {
    const killed = (stop: (session: FakeSession) => void) => {
      const script: Script = {
        command(session, text) {
          if (text === 'KILL ME') stop(session);
          else FRIENDLY.command!(session, text);
        },
      };
      const bench = new DriverBench('C/J Hikari', () => script);
      bench.world.settle();
      const first = told(bench.ask('KILL ME'));
      bench.world.settle();
      return [first, bench.server.sessions.length];
    };
    expect(killed((session) => session.err(1317, '70100', 'Query execution was interrupted'))).toEqual(['1317ᵗ', 10]);
    expect(killed((session) => session.err(1053, '08S01', 'Server shutdown in progress'))).toEqual(['1053', 11]);
    expect(killed((session) => session.fin())).toEqual(['EOS', 11]);
  });

  it('replaces a connection after maxLifetime, by the virtual clock', () => {
    const bench = new DriverBench('C/J Hikari', () => FRIENDLY);
    bench.world.settle();
    const lease = leaseOf(bench);
    bench.world.advance(1_800_000);
    // Nine were idle; the one in use goes when it is given back.
    expect(bench.server.sessions).toHaveLength(19);
    lease.release();
    bench.world.settle();
    expect(bench.server.commands.filter((text) => text === '01')).toHaveLength(10);
  });

  it('gives up after 30 s while no connection can be had', () => {
    const bench = new DriverBench('C/J Hikari', () => ({ accepted: (session) => session.fin() }));
    let outcome: Outcome | null = null;
    bench.client.query(ASK, (it) => {
      outcome = it;
    });
    bench.world.advance(29_999);
    expect(outcome).toBeNull();
    bench.world.advance(1);
    expect(outcome).toMatchObject({ error: { thrown: 'SQLTransientConnectionException' } });
  });
});

describe('leases', () => {
  it.each(['mysql2 pool', 'mysql pool', 'mariadb pool', 'go DB', 'C/J Hikari'])(
    '%s: a session is one caller’s',
    (name) => {
      const bench = new DriverBench(name, () => FRIENDLY);
      const one = leaseOf(bench);
      const two = leaseOf(bench);
      expect(one.threadId).not.toBe(two.threadId);
      one.release();
      two.release();
      two.release();
      expect(leaseOf(bench).threadId).not.toBe(leaseOf(bench).threadId);
    },
  );

  it('the eleventh caller waits for the first to be done', () => {
    const bench = new DriverBench('mysql2 pool', () => FRIENDLY);
    const leases = Array.from({ length: 10 }, () => leaseOf(bench));
    const late: Outcome[] = [];
    bench.client.query(ASK, (outcome) => late.push(outcome));
    bench.world.advance(60_000);
    expect(late).toEqual([]);
    leases[3]!.release();
    bench.world.settle();
    expect(told(late[0]!)).toBe('ok+3');
  });

  it('Go keeps two idle connections', () => {
    const bench = new DriverBench('go DB', () => FRIENDLY);
    const leases = Array.from({ length: 5 }, () => leaseOf(bench));
    for (const lease of leases) lease.release();
    bench.world.settle();
    expect(bench.server.commands).toEqual(['01', '01', '01']);
  });
});

describe('afterwards nothing is left', () => {
  it.each(DRIVERS.map(({ name }) => name))('%s', (name) => {
    for (const end of ['close', 'destroy'] as const) {
      const bench = new DriverBench(name, () => FRIENDLY);
      bench.ask(ASK);
      bench.client.query('SELECT 1', () => {});
      bench.client[end]();
      bench.world.settle();
      expect(bench.world.idle, end).toBe(true);
    }
  });
});
