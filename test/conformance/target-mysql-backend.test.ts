/**
 * The scenarios against `odplab serve --backend mysql` before a real MariaDB server, as a person runs them: what the proxy
 * answers is ODP's, what the server answers stands beside it (`@mariadb`), and the rest is skipped by name.
 */
import { connect } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPages } from '../suite/pages.ts';
import { ServeProcess } from './serve-process.ts';
import { describeWith } from './skip.ts';
import { MARIADB_SERVER, MariadbServer } from './sql/mariadb-server.ts';
import { reportOf } from './target-report.ts';

const START = 60_000;
/** What sleeps longer is left to people. */
const LONGEST = '20s';
/** Measured: 110 s, of which 80 are slept. */
const PATIENCE = 300_000;
/** Before the proxy comes: so an id of the proxy's is never, by chance, the server's for the same session. */
const STRANGERS = 500;

describeWith(MARIADB_SERVER, 'the scenarios against the proxy before MariaDB', () => {
  let server: MariadbServer;
  let served: ServeProcess;

  beforeAll(async () => {
    server = await MariadbServer.start();
    for (let i = 0; i < STRANGERS; i += 1) await greeted(server.port);
    served = await ServeProcess.start(['--backend', 'mysql', '-r', `127.0.0.1:${server.port}`]);
  }, START);

  afterAll(async () => {
    await served?.stop();
    await server?.stop();
  });

  it(
    'pass, or are skipped by name; the users that were made for them are gone',
    async () => {
      const report = await reportOf('--target', `127.0.0.1:${served.port}`, '--remake', '--longest', LONGEST);
      expect(report.failed, report.text).toEqual([]);
      expect(report.code, report.err).toBe(0);
      expect(report.err).toMatch(/: an ODP before MariaDB, which greets as \S*MariaDB/);
      const scenarios = readPages('scenarios').flatMap((page) => page.scenarios).length;
      expect(report.passed.length + report.skipped.length).toBe(scenarios);
      expect(report.passed.length).toBeGreaterThanOrEqual(115);
      for (const line of report.skipped) expect(line).toMatch(/ # SKIP needs \S/);
      const root = await createConnection({ host: '127.0.0.1', port: server.port, user: 'root' });
      const [users] = await root.query("SELECT User FROM mysql.user WHERE User NOT IN ('root', 'mariadb.sys')");
      await root.end();
      expect(users).toEqual([]);
    },
    PATIENCE,
  );
});

/** Somebody who connects, is greeted, and leaves. */
function greeted(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => socket.destroy());
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
}
