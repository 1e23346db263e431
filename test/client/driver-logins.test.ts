/** What drivers send before anybody asks them anything: login packets byte for byte, and start-up statements (clients.md §8). */
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../proxy/ports.ts';
import { type Account, DriverClient } from '../../simulator/client/driver/driver-client.ts';
import { DRIVERS, driverNamed } from '../../simulator/client/driver/drivers.ts';
import { World } from '../../simulator/world/world.ts';
import { FakeServer, type Script, sha1 } from './fake-server.ts';
import { LOGIN_PACKETS } from './login-packets.ts';

const TARGET = { host: '127.0.0.1', port: 2883 };

function connected(name: string, script: Script, more: Partial<Account> = {}): FakeServer {
  const world = new World();
  const server = new FakeServer(world.network, script, TARGET);
  const account = {
    target: TARGET,
    from: { host: '127.0.0.1', port: 46_174 },
    user: 'root',
    password: 'x',
    database: null,
    ...more,
  };
  const ports = { network: world.network, clock: world.clock, choices: PLAIN, sha1 };
  const client = new DriverClient(driverNamed(name), account, ports);
  client.query('DO 1', () => client.close());
  world.settle();
  expect(world.openConnections).toBe(0);
  return server;
}

describe('the login packet', () => {
  const scramble = Buffer.from('abcdefghijklmnopqrst');

  it.each(LOGIN_PACKETS)('%s', (name, user, hex) => {
    const server = connected(name, { accepted: (session) => session.greet({ scramble }) }, { user });
    expect(server.sessions[0]!.loginBytes).toBe(hex);
  });

  it.each(DRIVERS.map(({ name }) => name))('%s: a database is named, or the field says nothing', (name) => {
    const always = /^(?:mysql2?|knex)(?: |$)/.test(name);
    const from = { host: '127.0.0.1', port: 0 };
    expect(connected(name, {}, { from }).sessions[0]!.login!.database).toBe(always ? '' : null);
    expect(connected(name, {}, { from, database: 'bank' }).sessions[0]!.login!.database).toBe('bank');
  });
});

/** Behind them comes the caller's own statement, then COM_QUIT. */
const START_UP: Readonly<Record<string, readonly string[]>> = {
  obclient: ['select @@version_comment, @@version limit 1'],
  'mariadb CLI': [],
  MySQLdb: ['SET autocommit=0'],
  PyMySQL: [],
  'DBD::mysql ar=0': [],
  'DBD::mysql ar=1': [],
  'DBD::MariaDB': [
    "SET NAMES 'utf8mb4'",
    "SET character_set_server = 'utf8mb4'",
    "SET collation_connection = 'utf8mb4_unicode_ci'",
    "SET collation_server = 'utf8mb4_unicode_ci'",
  ],
  ruby: [],
  mysqli: [],
  PDO: [],
  'mysql2 conn': [],
  'mysql2 pool': [],
  'mysql conn': [],
  'mysql pool': [],
  'mariadb conn': [],
  knex: ['select version() as version'],
  'C/J': [
    "set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')",
    'SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment',
  ],
  'go DB': [],
  'go Conn': [],
};

describe('start-up statements', () => {
  it.each(Object.entries(START_UP))('%s', (name, statements) => {
    expect(connected(name, {}).sessions[0]!.commands).toEqual([...statements, 'DO 1', '01']);
  });

  it('PyMySQL asks for autocommit off only if the greeting says it is on', () => {
    const server = connected('PyMySQL', { accepted: (session) => session.greet({ status: 2 }) });
    expect(server.sessions[0]!.commands).toEqual(['SET AUTOCOMMIT = 0', 'DO 1', '01']);
  });

  it('Connector/J sends both in one segment, the second before the first is answered', () => {
    const chunks: number[] = [];
    const script: Script = {
      accepted(session) {
        const { data } = session;
        session.data = (chunk) => {
          chunks.push(chunk.length);
          data.call(session, chunk);
        };
        session.greet();
      },
    };
    const [first, second] = connected('C/J', script).sessions[0]!.commands;
    expect(chunks[1]).toBe(first!.length + second!.length + 2 * 5);
  });

  it('the mariadb pool opens ten connections, one after the other', () => {
    const world = new World();
    const server = new FakeServer(world.network, {}, TARGET);
    const ports = { network: world.network, clock: world.clock, choices: PLAIN, sha1 };
    const account = { target: TARGET, user: 'root', password: '', database: null };
    const client = new DriverClient(driverNamed('mariadb pool'), account, ports);
    world.settle();
    expect(server.sessions).toHaveLength(10);
    client.close();
    world.settle();
    expect(server.commands).toEqual(Array(10).fill('01'));
    expect(world.openConnections).toBe(0);
  });
});
