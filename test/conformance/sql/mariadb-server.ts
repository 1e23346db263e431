/**
 * A MariaDB server in a temporary folder: started on a free port of the loopback, stopped by its process id.
 *
 * It runs with an observer's settings where it has them: sql_mode, time zone, isolation, character set.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';

const SERVER = '/usr/sbin/mariadbd';
const INSTALL = '/usr/bin/mariadb-install-db';
/** What must be there for `start`, for `describeWith`. */
export const MARIADB_SERVER: readonly string[] = [SERVER, INSTALL];
const PATIENCE = 30_000;
const STEP = 50;

const SETTINGS: readonly string[] = [
  '--sql-mode=STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_general_ci',
  '--default-time-zone=+08:00',
  '--transaction-isolation=READ-COMMITTED',
  '--lower-case-table-names=1',
  '--explicit-defaults-for-timestamp=ON',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-buffer-pool-size=16M',
  '--innodb-log-file-size=4M',
  '--skip-log-bin',
  '--skip-name-resolve',
  '--bind-address=127.0.0.1',
];

export class MariadbServer {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  /** `more`: options beside the usual. */
  static async start(more: readonly string[] = []): Promise<MariadbServer> {
    const folder = mkdtempSync(join(tmpdir(), 'odplab-mariadb-'));
    const data = join(folder, 'data');
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    execFileSync(
      INSTALL,
      ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user],
      { stdio: 'ignore' },
    );
    const port = await freePort();
    const options = [`--datadir=${data}`, `--socket=${join(folder, 's')}`, `--pid-file=${join(folder, 'pid')}`];
    const child = spawn(SERVER, ['--no-defaults', ...options, `--port=${port}`, ...SETTINGS, ...more, ...user], {
      stdio: 'ignore',
    });
    const server = new MariadbServer(port, folder, child);
    await server.#listening();
    return server;
  }

  async #listening(): Promise<void> {
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      if (this.#process.exitCode !== null) throw new Error(`mariadbd ended with ${this.#process.exitCode}`);
      if (await answers(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, STEP));
    }
    throw new Error('mariadbd does not listen');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
