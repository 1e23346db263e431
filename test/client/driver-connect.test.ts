/** A login that fails, in each way of the sheet (clients.md §5: H, J, never answered, reconnect refused). */
import { describe, expect, it } from 'vitest';
import type { Choices } from '../../proxy/ports.ts';
import { ASK, allOutcomes, cell, DriverBench, TRIGGER } from './driver-bench.ts';
import type { FakeSession, Script } from './fake-server.ts';

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

const FAMILY = {
  libmariadb: [
    'mariadb CLI',
    'mariadb CLI -skip',
    'MySQLdb',
    'DBD::mysql ar=0',
    'DBD::mysql ar=1',
    'DBD::MariaDB',
    'ruby',
    'ruby rc',
  ],
  node: ['mysql2 conn', 'mysql2 pool', 'knex', 'mysql conn', 'mysql pool'],
} as const;

const LOST = 'PROTOCOL_CONNECTION_LOST Connection lost: The server closed the connection.';
const RESET = '-104 ECONNRESET read ECONNRESET';
const POOL =
  '45028 ER_GET_CONNECTION_TIMEOUT HY000 (conn:-1, no: 45028, SQLState: HY000) pool failed to retrieve a connection from pool (pool connections: active=0 idle=0 limit=10)';
const SOCKET =
  '45009 ER_SOCKET_UNEXPECTED_CLOSE 08S01 (conn:0, no: 45009, SQLState: 08S01) socket has unexpectedly been closed';
const SOCKET_AT_LOGIN = SOCKET.replace('conn:0', 'conn:56932');
const JAVA =
  '-1 08000 Could not connect to address=(host=10.0.0.1)(port=2883)(type=master) : Could not connect to 10.0.0.1:2883 : ';
const JAVA_EOS = `${JAVA}unexpected end of stream, read 0 bytes from 4 (socket was closed by server)`;
const PY = '2013 HY000 Lost connection to MySQL server during query';

function library(to: string): readonly string[][] {
  const at = `2013 HY000 Lost connection to ${to} at`;
  const greeting = `${at} 'handshake: reading initial communication packet', system error:`;
  const login = `${at} 'reading authorization packet', system error:`;
  const server = to === 'server' ? 'server' : 'OceanBase server';
  return [
    [`${greeting} 115`],
    [`2002 HY000 Can't connect to ${server} on '10.0.0.1' (115)`, `${greeting} 104`],
    [`${login} 11`],
    [`${login} 104`],
  ];
}

/** H: FIN, RST in the greeting's place; FIN, RST behind the login. All that may be told, in alphabetical order. */
const HANDSHAKE: readonly (readonly [names: readonly string[], cells: readonly (readonly string[])[]])[] = [
  [['obclient', 'obclient -skip'], library('MySQL server')],
  [FAMILY.libmariadb, library('server')],
  [
    ['PyMySQL'],
    [
      [PY],
      [
        "2003 HY000 Can't connect to MySQL server on '10.0.0.1' ([Errno 104] Connection reset by peer)",
        `${PY} ([Errno 104] Connection reset by peer)`,
      ].sort(),
      [PY],
      [`${PY} ([Errno 104] Connection reset by peer)`],
    ],
  ],
  [
    ['mysqli'],
    [
      ['2006 HY000 MySQL server has gone away'],
      ['2002 HY000 Connection reset by peer', '2006 HY000 MySQL server has gone away'],
      ['2006 HY000 MySQL server has gone away'],
      ['2006 HY000 MySQL server has gone away'],
    ],
  ],
  [FAMILY.node, [[LOST], [RESET], [LOST], [RESET]]],
  [
    ['mariadb conn'],
    [[SOCKET], ['-104 ECONNRESET HY000 read ECONNRESET'], [SOCKET_AT_LOGIN], ['-104 ECONNRESET HY000 read ECONNRESET']],
  ],
  [['mariadb pool'], [[POOL], [POOL], [POOL], [POOL]]],
  [
    ['C/J', 'C/J aR'],
    [[JAVA_EOS], [`${JAVA}Connection reset`], [JAVA_EOS], [`${JAVA}Connection reset`]],
  ],
  [
    ['go DB', 'go Conn'],
    [
      ['driver: bad connection'],
      ['dial tcp 10.0.0.1:2883: connect: connection reset by peer', 'driver: bad connection'],
      ['invalid connection'],
      ['invalid connection'],
    ],
  ],
];

describe('H: before or during the handshake', () => {
  const rows = HANDSHAKE.flatMap(([names, cells]) => names.map((name) => [name, cells] as const));

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
const TLS = `2002 HY000 Received error packet before completion of TLS handshake. The authenticity of the following error cannot be verified: 1040 - ${TEXT}`;
const NODE = '1040 ER_CON_COUNT_ERROR';

/** J: without SQLSTATE, with, behind the login. */
const REFUSED: readonly (readonly [names: readonly string[], cells: readonly [string, string, string]])[] = [
  [['obclient'], [`1040 HY000 ${TEXT}`, `1040 08004 ${TEXT}`, `1040 08004 ${TEXT}`]],
  [['mariadb CLI'], [TLS, TLS, `1040 08004 ${TEXT}`]],
  [
    ['MySQLdb', 'DBD::mysql ar=0', 'DBD::mysql ar=1', 'DBD::MariaDB', 'ruby', 'ruby rc'],
    [`1040 HY000 ${TEXT}`, `1040 08004 ${TEXT}`, `1040 08004 ${TEXT}`],
  ],
  [['PyMySQL'], ['1040 HY000 ny connections', `1040 08004 ${TEXT}`, `1040 08004 ${TEXT}`]],
  [['mysqli'], [`1040 08004 ${TEXT}`, `1040 08004 ${TEXT}`, `1040 HY000 ${TEXT}`]],
  [
    ['mysql2 conn', 'mysql2 pool', 'knex'],
    [`${NODE} ${TEXT}`, `${NODE} 08004 ${TEXT}`, `${NODE} 08004 ${TEXT}`],
  ],
  [
    ['mysql conn', 'mysql pool'],
    [
      `${NODE} ER_CON_COUNT_ERROR: ${TEXT}`,
      `${NODE} 08004 ER_CON_COUNT_ERROR: ${TEXT}`,
      `${NODE} 08004 ER_CON_COUNT_ERROR: ${TEXT}`,
    ],
  ],
  [
    ['mariadb conn'],
    [
      `${NODE} HY000 (conn:0, no: 1040, SQLState: HY000) ${TEXT}`,
      `${NODE} 08004 (conn:0, no: 1040, SQLState: 08004) ${TEXT}`,
      `${NODE} 08004 (conn:56932, no: 1040, SQLState: 08004) ${TEXT}`,
    ],
  ],
  [['mariadb pool'], [POOL, POOL, POOL]],
  [
    ['C/J', 'C/J aR'],
    [
      `-1 08000 Could not connect to HostAddress{host='10.0.0.1', port=2883, type='master'}. ${TEXT}`,
      `-1 08000 Could not connect to HostAddress{host='10.0.0.1', port=2883, type='master'}. ${TEXT}`,
      `1040 08004 Could not connect to address=(host=10.0.0.1)(port=2883)(type=master) : (conn=56932) ${TEXT}`,
    ],
  ],
  [
    ['go DB', 'go Conn'],
    [`1040 HY000 Error 1040: ${TEXT}`, `1040 08004 Error 1040: ${TEXT}`, `1040 08004 Error 1040: ${TEXT}`],
  ],
];

describe('J: ERR 1040', () => {
  const rows = REFUSED.flatMap(([names, cells]) => names.map((name) => [name, cells] as const));

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
      if (session.id === 56_932) session.greet();
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
