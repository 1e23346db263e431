/**
 * Real clients before a real MariaDB server: straight, through an empty relay, and through the proxy. Only the difference
 * counts, and there is none: in answers, errors, and the events of the clients' sockets.
 */

import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLIENTS, prepareServer } from './mysql-clients.ts';
import { type MysqlLab, startMysqlLab, startMysqlProxy } from './mysql-lab.ts';
import { describeWith } from './skip.ts';
import { MARIADB_SERVER } from './sql/mariadb-server.ts';
import { until } from './until.ts';

describeWith(['mariadb', ...MARIADB_SERVER], 'before a MariaDB server', () => {
  let lab: MysqlLab;

  beforeAll(async () => {
    lab = await startMysqlLab();
    await prepareServer(lab.ports.straight);
  }, 60_000);

  afterAll(async () => {
    await lab.stop();
  });

  test('KILL PROXYSESSION by cs_id, and a session whose server has killed it while its password is known', async () => {
    const { proxy, address } = await startMysqlProxy(lab.ports.straight, { native: 'secret' });
    const login = { host: address.host, port: address.port };
    const root = await mysql2.createConnection({ ...login, user: 'root' });
    const native = await mysql2.createConnection({ ...login, user: 'native', password: 'secret', database: 'shop' });
    const lost: unknown[] = [];
    native.on('error', (error) => lost.push(error));
    await native.query("SET @a = 5, time_zone = '+03:00'");
    await root.query(`KILL ${native.threadId}`);
    await until(() => proxy.facts().serverSessions === 1, 'the server to end it');
    const [rows] = await native.query('SELECT @a AS a, @@time_zone AS z, DATABASE() AS d, CURRENT_USER() AS u');
    expect(rows).toEqual([{ a: 5, z: '+03:00', d: 'shop', u: 'native@%' }]);
    const [listed] = await root.query('SHOW PROXYSESSION');
    expect(listed).toMatchObject([
      { Id: 1, User: 'root', svr_session_count: 1 },
      { Id: 2, User: 'native', svr_session_count: 1 },
    ]);
    expect(lost).toEqual([]);
    await root.query('KILL PROXYSESSION 2');
    await expect(native.query('SELECT SLEEP(30)')).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    await root.end();
    await until(() => proxy.facts().clientSessions === 0, 'every session to end');
    proxy.stop();
  });

  test('so is one of an ed25519 user', async () => {
    const { proxy, address } = await startMysqlProxy(lab.ports.straight, { edward: 'secret' });
    const login = { host: address.host, port: address.port };
    const root = await mysql2.createConnection({ ...login, user: 'root' });
    const edward = await mariadb.createConnection({ ...login, user: 'edward', password: 'secret', database: 'shop' });
    await root.query(`KILL ${edward.threadId}`);
    await until(() => proxy.facts().serverSessions === 1, 'the server to end it');
    expect(await edward.query('SELECT CURRENT_USER() AS u, DATABASE() AS d')).toMatchObject([
      { u: 'edward@%', d: 'shop' },
    ]);
    await edward.end();
    await root.end();
    await until(() => proxy.facts().clientSessions === 0, 'every session to end');
    proxy.stop();
  });

  for (const client of CLIENTS) {
    test(`${client.name} sees the same on every way`, async () => {
      const straight = await client.run(lab.ports.straight);
      expect(await client.run(lab.ports.relay)).toEqual(straight);
      expect(await client.run(lab.ports.proxy)).toEqual(straight);
      await until(() => lab.proxy.facts().clientSessions === 0, 'every session to end');
      expect(lab.proxy.facts()).toEqual({ clientSessions: 0, serverSessions: 0 });
      // What all of them fail at proves nothing.
      for (const proof of client.proofs) expect(straight.join('\n')).toContain(proof);
    });
  }
});
