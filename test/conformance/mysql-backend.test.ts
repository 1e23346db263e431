/**
 * Real clients before a real MariaDB server: straight, through an empty relay, and through the proxy. Only the difference
 * counts, and there is none: in answers, errors, and the events of the clients' sockets.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLIENTS, prepareServer } from './mysql-clients.ts';
import { type MysqlLab, startMysqlLab } from './mysql-lab.ts';
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
