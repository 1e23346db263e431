/** What drivers do between statements: pings, kills, time-outs, events (clients.md §3 M, §4, §6, §7, §8.2). */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../simulator/client/driver/driver-client.ts';
import { ASK, cell, DriverBench } from './driver-bench.ts';
import { type FakeSession, FIRST_ID, type Script } from './fake-server.ts';

const PING = '0e';

/** Answers pings and statements; `SLEEP` waits until it is killed from elsewhere, `SELECT 7` is answered with that ERR. */
function patient(errno = 0, sleepers: FakeSession[] = []): Script {
  return {
    command(session, text) {
      if (text.includes('SLEEP')) sleepers.push(session);
      else if (text === 'SELECT 7') session.err(errno, 'HY000', 'from the server');
      else if (text.startsWith('KILL')) {
        session.ok();
        if (text.startsWith('KILL QUERY')) sleepers.pop()?.err(1317, '70100', 'Query execution was interrupted');
      } else if (text === PING || text.startsWith('0c')) session.ok();
      else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
    },
  };
}

function told(outcome: Outcome | null): string {
  return outcome === null ? 'waits' : cell(outcome, []);
}

describe('a ping 200 ms after FIN or RST, then a statement', () => {
  const CELLS: readonly (readonly [name: string, fin: string, rst: string])[] = [
    ['PyMySQL', '2013 → IE0', '2006 → IE0'],
    ['MySQLdb', '2013 → 2006', '2006 → 2006'],
    ['mysqli', '2006 → 2006', '2006 → 2006'],
    ['DBD::mysql ar=1', 'OK → ok+1', 'OK → ok+1'],
    ['ruby', '2013 → NOTCONN', '2006 → NOTCONN'],
    ['ruby rc', 'OK → ok+1', 'OK → ok+1'],
    ['C/J', 'EOS → JCLOSED', 'JRESET → JCLOSED'],
    ['mysql2 conn', 'CLOSED → CLOSED', 'CLOSED → CLOSED'],
    ['mysql conn', 'AFTER → AFTER', 'AFTER → AFTER'],
    ['mariadb conn', '45013 → 45013', '45013 → 45013'],
    ['mysql2 pool', 'OK → ok+1', 'OK → ok+1'],
    ['mysql pool', 'OK → ok+1', 'OK → ok+1'],
    ['go Conn', 'INV → BAD', 'BAD → SQLC'],
  ];

  it.each(CELLS)('%s', (name, fin, rst) => {
    const run = (stop: 'fin' | 'rst') => {
      const bench = new DriverBench(name, () => patient());
      bench.ask(ASK);
      bench.server.sessions[0]![stop]();
      bench.world.advance(200);
      let first: Outcome | null = null;
      bench.client.ping((outcome) => {
        first = outcome;
      });
      bench.world.settle();
      return `${told(first)} → ${told(bench.ask(ASK))}`;
    };
    expect(run('fin')).toBe(fin);
    expect(run('rst')).toBe(rst);
  });
});

describe('M: ERR 2006 and 2013 sent by the server', () => {
  it.each([
    ['obclient', '2013'],
    ['obclient -skip', '2006'],
    ['PyMySQL', '2006'],
    ['mysqli', '2006'],
    ['go Conn', '2006'],
    ['mysql2 conn', '2006'],
    ['mysql conn', '2006'],
    ['mariadb conn', '2006'],
    ['C/J', '2006'],
    ['mariadb CLI', '2027'],
    ['MySQLdb', '2027'],
    ['DBD::MariaDB', '2027'],
    ['ruby', '2027'],
  ])('%s: %s, and the connection goes on', (name, expected) => {
    const bench = new DriverBench(name, () => patient(name === 'obclient' ? 2013 : 2006));
    expect([told(bench.ask('SELECT 7')), told(bench.ask(ASK))]).toEqual([expected, 'ok']);
  });

  it('obclient runs the statement three times on three sessions', () => {
    const bench = new DriverBench('obclient', () => patient(2006));
    expect(told(bench.ask('SELECT 7'))).toBe('2006');
    expect(bench.server.commands.filter((text) => text === 'SELECT 7')).toHaveLength(3);
    expect(told(bench.ask(ASK))).toMatch(/^ok\+/);
  });

  it('their codes where the driver has names', () => {
    const error = (name: string) => {
      const outcome = new DriverBench(name, () => patient(2006)).ask('SELECT 7');
      return outcome?.kind === 'error' ? [outcome.error.code, outcome.error.thrown] : null;
    };
    expect(error('mysql2 conn')).toEqual(['', '']);
    expect(error('mysql conn')).toEqual(['UNKNOWN_CODE_PLEASE_REPORT', '']);
    expect(error('mariadb conn')).toEqual(['UNKNOWN', 'SqlError']);
    expect(error('C/J')).toEqual(['', 'SQLTransientConnectionException']);
  });

  it.each(['mariadb CLI', 'ruby', 'obclient', 'PyMySQL'])("ODP's own 5010: %s", (name) => {
    const bench = new DriverBench(name, () => patient(5010));
    expect(told(bench.ask('SELECT 7'))).toBe(/^(?:mariadb|ruby)/.test(name) ? '2027' : '5010');
  });
});

describe('asking for a kill', () => {
  it.each([
    ['MySQLdb', 'KILL 4242'],
    ['mysql2 conn', 'KILL 4242'],
    ['PyMySQL', '0c92100000'],
    ['mysqli', '0c92100000'],
  ])('%s', (name, command) => {
    const bench = new DriverBench(name, () => patient());
    let outcome: Outcome | null = null;
    bench.client.kill(4242, (it) => {
      outcome = it;
    });
    bench.world.settle();
    expect(outcome).toMatchObject({ kind: 'ok' });
    expect(bench.server.commands.at(-1)).toBe(command);
  });
});

describe('a time-out of the caller', () => {
  function timedOut(name: string) {
    const bench = new DriverBench(name, () => patient());
    const outcomes: Outcome[] = [];
    bench.ask(ASK);
    bench.client.query('SELECT SLEEP(9)', (outcome) => outcomes.push(outcome), 1000);
    bench.world.advance(999);
    expect(outcomes).toEqual([]);
    bench.world.advance(1);
    return { bench, outcome: outcomes[0]! };
  }

  it('Connector/J kills the query on another connection, without start-up statements', () => {
    const { bench, outcome } = timedOut('C/J');
    expect(outcome).toMatchObject({
      error: { thrown: 'SQLTimeoutException', message: `(conn=${FIRST_ID}) Query timed out` },
    });
    expect(bench.server.sessions[1]!.commands).toEqual([`KILL QUERY ${FIRST_ID}`, '01']);
    expect(told(bench.ask(ASK))).toBe('ok');
  });

  it('mysql2 tells the caller and swallows the late answer', () => {
    const { bench, outcome } = timedOut('mysql2 conn');
    expect(outcome).toMatchObject({ error: { code: 'PROTOCOL_SEQUENCE_TIMEOUT' } });
    bench.server.sessions[0]!.err(1317, '70100', 'late');
    expect(told(bench.ask(ASK))).toBe('ok');
    expect(bench.server.sessions).toHaveLength(1);
  });

  it('mysql closes the connection', () => {
    const { bench, outcome } = timedOut('mysql conn');
    expect(outcome).toMatchObject({ error: { code: 'PROTOCOL_SEQUENCE_TIMEOUT' } });
    expect(bench.server.sessions[0]!.heard).toBe('fin ');
    expect(told(bench.ask(ASK))).toBe('AFTER');
  });

  it('a Go context closes the connection, and the next statement has a new one', () => {
    const { bench, outcome } = timedOut('go DB');
    expect(outcome).toMatchObject({ error: { message: 'context deadline exceeded' } });
    expect(bench.server.sessions[0]!.heard).toBe('fin ');
    expect(told(bench.ask(ASK))).toBe('ok+1');
  });
});

describe('events', () => {
  it('a Node connection that loses an idle session: error, end; the CLI types say nothing', () => {
    const names = (name: string) => {
      const bench = new DriverBench(name, () => patient());
      bench.ask(ASK);
      bench.server.sessions[0]!.fin();
      bench.world.settle();
      return bench.events.map((event) => event.name);
    };
    expect(names('mysql2 conn')).toEqual(['connected', 'error', 'end']);
    expect(names('MySQLdb')).toEqual(['connected']);
  });

  it('three statements queued when the session is killed', () => {
    const script: Script = {
      command: (session) => session.err(1317, '70100', 'Query execution was interrupted').fin(),
    };
    const run = (name: string) => {
      const bench = new DriverBench(name, () => script);
      const cells: string[] = [];
      for (let i = 0; i < 3; i += 1) bench.client.query('KILL ME', (outcome) => cells.push(told(outcome)));
      bench.world.settle();
      return [cells.join(' · '), bench.server.commands.length];
    };
    expect(run('mariadb conn')[0]).toBe('1317 · 45009 · 45009');
    expect(run('mysql2 conn')).toEqual(['1317 · PCL · PCL', 2]);
    expect(run('mysql conn')).toEqual(['1317 · PCL · PCL', 2]);
  });
});
