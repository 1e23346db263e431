/** A login that fails, in each way of the sheet (clients.md §5: H, J, never answered, reconnect refused). */
import { describe, expect, it } from 'vitest';
import type { Choices } from '../../proxy/ports.ts';
import { ASK, allOutcomes, cell, DriverBench, TRIGGER } from './driver-bench.ts';
import { type FakeSession, FIRST_ID, type Script, SERVER } from './fake-server.ts';
import { handshakeRows, type Place, POOL, type Refusal, refusedRows } from './sheet-logins.ts';

/** `[SQLSTATE or code] number text`, without what depends on the address. */
function told(name: string, script: Script, choices?: Choices): string {
  const bench = new DriverBench(name, () => script, choices, 'x');
  const outcome = bench.ask('DO 1');
  bench.client.close();
  bench.world.advance(60_000);
  expect(bench.world.idle).toBe(true);
  if (outcome === null) return 'waits';
  if (outcome.kind !== 'error') return outcome.kind;
  const { errno, code, sqlState, message } = outcome.error;
  return [errno, code, sqlState, message].filter((it) => it !== null && it !== '').join(' ');
}

const FIN_FIRST: Script = { accepted: (session) => session.fin() };
const CLOSE_FIRST: Script = { accepted: (session) => session.close() };
const RST_FIRST: Script = { accepted: (session) => session.rst() };
const FIN_LOGIN: Script = { login: (session) => session.fin() };
const RST_LOGIN: Script = { login: (session) => session.rst() };

/** FakeServer's first session. */
const PLACE: Place = { ...SERVER, session: FIRST_ID };

describe('H: before or during the handshake', () => {
  const rows = handshakeRows(PLACE).flatMap(([names, cells]) => names.map((name) => [name, cells] as const));

  it.each(rows)('%s', (name, cells) => {
    const scripts = [FIN_FIRST, RST_FIRST, FIN_LOGIN, RST_LOGIN];
    for (const [index, script] of scripts.entries()) {
      // The pool of ten tries for ten seconds: its choices are too many to try all lists, and change nothing.
      const found =
        name === 'mariadb pool' ? [told(name, script)] : allOutcomes((choices) => told(name, script, choices));
      expect(found, `column ${index + 1}`).toEqual(cells[index]);
    }
    expect(told(name, CLOSE_FIRST)).toBe(cells[0]![0]);
  });

  it('how often they try', () => {
    const tries = (name: string) => {
      const bench = new DriverBench(name, () => FIN_FIRST);
      bench.ask('DO 1');
      return bench.server.sessions.length;
    };
    expect(tries('go DB')).toBe(3);
    expect(tries('go Conn')).toBe(1);
    expect(tries('mysql2 pool')).toBe(1);
    expect(tries('mariadb pool')).toBe(20);
  });

  it('the greeting or the answer to the login never comes', () => {
    const mute: Script = { accepted() {} };
    const deaf: Script = { login() {} };
    for (const script of [mute, deaf]) {
      for (const name of ['mysql2 conn', 'mysql2 pool', 'knex'])
        expect(told(name, script)).toBe('ETIMEDOUT connect ETIMEDOUT');
      expect(told('mysql pool', script)).toBe('PROTOCOL_SEQUENCE_TIMEOUT Handshake inactivity timeout');
      expect(told('mariadb conn', script)).toMatch(
        /^45012 ER_CONNECTION_TIMEOUT 08S01 .* failed to create socket after 1000ms$/,
      );
      expect(told('mariadb pool', script)).toBe(POOL);
      const waiting = [
        'mysql conn',
        'mariadb CLI',
        'obclient',
        'MySQLdb',
        'DBD::mysql ar=1',
        'DBD::MariaDB',
        'ruby',
        'PyMySQL',
        'mysqli',
        'PDO',
        'C/J',
        'go DB',
        'go Conn',
      ];
      for (const name of waiting) expect(told(name, script), name).toBe('waits');
    }
  });
});

/** `Too many connections`, with and without `#08004`. */
const WITHOUT = Buffer.from('17000000ff1004546f6f206d616e7920636f6e6e656374696f6e73', 'hex');
const WITH = Buffer.from('1d000000ff1004233038303034546f6f206d616e7920636f6e6e656374696f6e73', 'hex');
const TEXT = 'Too many connections';
const REFUSAL: Refusal = { errno: 1040, sqlState: '08004', name: 'ER_CON_COUNT_ERROR', text: TEXT };

describe('J: ERR 1040', () => {
  const rows = refusedRows(PLACE, REFUSAL).flatMap(([names, cells]) => names.map((name) => [name, cells] as const));

  it.each(rows)('%s', (name, cells) => {
    const instead = (bytes: Buffer, stop: (session: FakeSession) => void): Script => ({
      accepted: (session) => stop(session.raw(bytes)),
    });
    const behind: Script = { login: (session) => session.err(1040, '08004', TEXT).fin() };
    for (const stop of [(session: FakeSession) => session.fin(), () => {}]) {
      expect([told(name, instead(WITHOUT, stop)), told(name, instead(WITH, stop)), told(name, behind)]).toEqual(cells);
    }
  });

  it.each([
    ['PyMySQL', '1045 28000'],
    ['mysqli', '1045 HY000'],
    ['PDO', '1045 HY000'],
    ['MySQLdb', '1045 28000'],
  ])('ERR 1045 behind the login: %s', (name, start) => {
    const denied: Script = { login: (session) => session.err(1045, '28000', 'Access denied').fin() };
    expect(told(name, denied).startsWith(start)).toBe(true);
  });
});

describe('a reconnect that is refused', () => {
  /** Mode A, then ERR 1040 in place of every further greeting. */
  const script: Script = {
    accepted(session) {
      if (session.id === FIRST_ID) session.greet();
      else session.raw(WITH).fin();
    },
    command(session, text) {
      if (text === TRIGGER) session.err(1317, '70100', 'Query execution was interrupted').fin();
      else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
    },
  };

  it.each([
    ['DBD::mysql ar=1', '1317 · 2013 · 1040'],
    ['ruby rc', '1317 · 1040 · 1040'],
    ['mysql2 pool', '1317 · 1040 · 1040'],
    ['mysql pool', '1317 · 1040 · 1040'],
    ['knex', '1317 · 1040 · 1040'],
    ['go DB', '1317 · 1040 · 1040'],
    ['C/J aR', '1317ᵗ · EOS · JCLOSED'],
  ])('%s', (name, expected) => {
    const bench = new DriverBench(name, () => script);
    bench.ask(ASK);
    expect([TRIGGER, ASK, ASK].map((sql) => cell(bench.ask(sql)!, [])).join(' · ')).toBe(expected);
  });
});
