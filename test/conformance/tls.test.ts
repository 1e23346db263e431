/**
 * Real clients over TLS, and TLS between proxy and observer behind it: log in, ask, and be killed as clients.md §3 has it in
 * tables A and D – TLS must change nothing of that. And the proxy's TLS towards a real server's (Debian's MariaDB).
 *
 * The certificate is self-made, and every client checks it: none has been told to take whatever comes.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { selfMadeCertificate } from '../../proxy/node/certificate.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { type Address, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { QUERY } from './asked.ts';
import { CLIENT_NAMES, type DriverClient, openClient } from './driver-clients.ts';
import { DriverLab } from './driver-lab.ts';
import { allowed } from './matrix-clients.ts';
import { expectOwnObserverSessions, runMatrix } from './matrix-run.ts';
import { Programs } from './program-clients.ts';
import { isDeserted, type SimulatedOdp, startOdp } from './simulated-odp.ts';
import { describeWith } from './skip.ts';
import { MARIADB_SERVER, MariadbServer } from './sql/mariadb-server.ts';
import { rowsOf, Terminal } from './terminal.ts';
import { until } from './until.ts';

const CERTIFICATE = selfMadeCertificate();
/** None is started. */
const programs = new Programs();

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

describe.each([
  ['A', 'it ends itself: 1317, then FIN'],
  ['D', 'an administrator ends it while it is idle'],
] as const)('over TLS, table %s: %s', (mode, _what) => {
  test.each(CLIENT_NAMES)('%s, immediate', async (name) => {
    const { cells, answers } = await runMatrix(mode, name, 'immediate', programs, CERTIFICATE);
    expect(allowed(mode, name, 'immediate')).toContain(cells);
    expectOwnObserverSessions(answers);
  });

  // Together, for they mostly wait.
  test.concurrent.each(CLIENT_NAMES)('%s, 200 ms', async (name) => {
    const { cells, answers } = await runMatrix(mode, name, '200 ms', programs, CERTIFICATE);
    expect(allowed(mode, name, '200 ms')).toContain(cells);
    expectOwnObserverSessions(answers);
  });
});

describe('over TLS', () => {
  /** A driver that is logged in, in a lab of its own. */
  async function withClient(
    name: (typeof CLIENT_NAMES)[number],
    work: (client: DriverClient, lab: DriverLab) => Promise<void>,
  ): Promise<void> {
    const lab = await DriverLab.open(CERTIFICATE);
    let client: DriverClient | null = null;
    try {
      client = await openClient(name, lab.login);
      await work(client, lab);
    } finally {
      await lab.close(client);
    }
  }

  test.each(CLIENT_NAMES)('%s asks, and gets a result of many records whole', async (name) => {
    await withClient(name, async (client) => {
      expect(await client.query(QUERY)).toMatchObject({ kind: 'rows' });
      const answer = await client.query("SELECT 'a row, many times over' AS r FROM TABLE(GENERATOR(100000))");
      if (answer.kind === 'error') throw answer.error;
      expect(answer.rows).toHaveLength(100_000);
    });
  });

  test.each(['mysql2 conn', 'mariadb conn'] as const)('%s is shown with using_ssl 1', async (name) => {
    await withClient(name, async (client) => {
      const answer = await client.query('SHOW PROXYSESSION');
      if (answer.kind === 'error') throw answer.error;
      expect((answer.rows as Record<string, unknown>[]).map((it) => it.using_ssl)).toEqual([1]);
    });
  });

  test.each(['mysql2 conn', 'mariadb conn'] as const)(
    '%s does not take a certificate it does not know',
    async (name) => {
      const lab = await DriverLab.open(CERTIFICATE);
      try {
        const stranger = { ca: selfMadeCertificate().cert };
        await expect(openClient(name, { ...lab.login, ssl: stranger })).rejects.toThrow();
        // It harms nobody.
        const other = await openClient(name, lab.login);
        expect(await other.query(QUERY)).toMatchObject({ kind: 'rows' });
        await other.close();
      } finally {
        await lab.close(null);
      }
    },
  );
});

/**
 * As an observer a MariaDB lacks the OK behind results, but it greets, goes over to TLS and lets in as an observer does. Its
 * user may come over TLS only, so that being let in is the proof.
 */
describeWith(MARIADB_SERVER, 'TLS towards a real server', () => {
  const THERE = selfMadeCertificate();
  let folder = '';
  let server: MariadbServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'odplab-tls-'));
    writeFileSync(join(folder, 'key.pem'), THERE.key);
    writeFileSync(join(folder, 'cert.pem'), THERE.cert);
    server = await MariadbServer.start([
      `--ssl-key=${join(folder, 'key.pem')}`,
      `--ssl-cert=${join(folder, 'cert.pem')}`,
    ]);
    const root = await createConnection({ host: '127.0.0.1', port: server.port, user: 'root' });
    await root.query("CREATE USER 'app@shop'@'%' REQUIRE SSL");
    await root.end();
  });

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** What a login through the proxy comes to; `authorities`: whom the proxy trusts. */
  async function login(enable_server_ssl: boolean, authorities: string | null): Promise<string> {
    const servers = [{ address: { host: '127.0.0.1', port: server.port } }];
    const proxy = new OdpProxy(
      {
        listen: { host: '127.0.0.1', port: 0 },
        clusters: [{ name: 'real', servers, tenants: null }],
        items: { ...DEFAULT_ITEMS, enable_server_ssl },
        localIp: '127.0.0.1',
        pid: process.pid,
      },
      {
        network: new NodeNetwork({ tls: { certificate: null, authorities } }),
        clock: new NodeClock(),
        choices: PLAIN,
        sha1,
      },
    );
    try {
      const address = await new Promise<Address>((resolve, reject) => {
        proxy.start({ listening: resolve, failed: reject });
      });
      const client = await createConnection({ ...address, user: 'app@shop#real' });
      await client.query('SET @a = 1');
      await client.end();
      return 'let in';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      proxy.stop();
    }
  }

  test('it is asked for, and the login goes over it', async () => {
    expect(await login(true, null)).toBe('let in');
    expect(await login(true, THERE.cert)).toBe('let in');
  });

  test('without it the server turns the user away', async () => {
    expect(await login(false, null)).toBe('ER_ACCESS_DENIED_ERROR');
  });

  test('a server whose certificate nobody we trust has signed is not spoken to', async () => {
    expect(await login(true, CERTIFICATE.cert)).toBe('PROTOCOL_CONNECTION_LOST');
  });
});

describeWith(['mariadb', 'script'], 'mariadb over TLS', () => {
  const INTERRUPTED = 'ERROR 1317 (70100): Query execution was interrupted';
  const LOST = 'ERROR 2013 (HY000): Lost connection to server during query';
  const GONE = 'ERROR 2006 (HY000): Server has gone away';
  const NO_CONNECTION = 'No connection. Trying to reconnect...';
  /** The second of the default would only make us wait. */
  const SWEEP = 100;

  let folder = '';
  let odp: SimulatedOdp;
  let terminals: Terminal[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'odplab-tls-'));
    writeFileSync(join(folder, 'ca.pem'), CERTIFICATE.cert);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  beforeEach(async () => {
    terminals = [];
    odp = await startOdp(new NodeClock(), { items: { kill_sweep_interval: SWEEP }, tls: CERTIFICATE });
  });

  afterEach(async () => {
    for (const terminal of terminals) await terminal.close();
    odp.stop();
    await until(() => isDeserted(odp), 'every session to end');
  });

  async function open(): Promise<Terminal> {
    const { host, port } = odp.address;
    const tls = [`--ssl-ca=${join(folder, 'ca.pem')}`, '--ssl-verify-server-cert'];
    const terminal = new Terminal('mariadb', [
      '--no-defaults',
      `--host=${host}`,
      `--port=${port}`,
      '--user=root@sys#obdemo',
      ...tls,
    ]);
    terminals.push(terminal);
    await terminal.greeting();
    return terminal;
  }

  /** Lines of a reconnect, its number left out, and the heads of the table that follows. */
  function reconnected(lines: readonly string[]): string[] {
    return lines.slice(0, 4).map((line) => line.replace(/\d+$/, 'N'));
  }
  const RECONNECT = [GONE, NO_CONNECTION, 'Connection id:    N', 'Current database: *** NONE ***'];

  test('is shown with its cipher and with using_ssl 1', async () => {
    const cli = await open();
    expect((await cli.ask('\\s')).find((line) => line.startsWith('SSL:'))).toMatch(/Cipher in use is TLS_/);
    const rows = rowsOf(await cli.ask('SHOW PROXYSESSION;'));
    expect(rows.map((row) => row.using_ssl)).toEqual(['1']);
  });

  test('table A: 1317, 2013, 2006 and a new session, over TLS again', async () => {
    const cli = await open();
    const own = rowsOf(await cli.ask('SHOW PROXYSESSION;'))[0]!.Id!;
    expect(await cli.ask(`KILL PROXYSESSION ${own};`)).toEqual([INTERRUPTED]);
    expect(await cli.ask('SHOW PROXYSESSION;')).toEqual([LOST]);
    const answer = await cli.ask('SHOW PROXYSESSION;');
    expect(reconnected(answer)).toEqual(RECONNECT);
    expect(rowsOf(answer.slice(5)).map((row) => row.using_ssl)).toEqual(['1']);
  });

  test('table D: killed while idle: 2013, 2006 and a new session', async () => {
    const victim = await open();
    const own = rowsOf(await victim.ask('SHOW PROXYSESSION;'))[0]!.Id!;
    const admin = await open();
    expect(await admin.ask(`KILL PROXYSESSION ${own};`)).toEqual(['Query OK, 0 rows affected']);
    await until(() => odp.proxy.facts().clientSessions === 1, 'the session to end');
    expect(await victim.ask('SELECT 1;')).toEqual([LOST]);
    const answer = await victim.ask('SELECT 1;');
    expect(reconnected(answer)).toEqual(RECONNECT);
    expect(answer.at(-1)).toBe('1 row in set');
  });
});
