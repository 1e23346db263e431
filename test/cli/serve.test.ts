/**
 * `npm start` and `odplab serve` as processes: what they print, how they stop, and what they say when they cannot start.
 *
 * Some stand before an observer of this process (`-r`), some before their own simulated cluster. None needs a port of its
 * own: another instance may be running.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createConnection } from 'mysql2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serve } from '../../proxy/cli/serve.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { type Address, PLAIN } from '../../proxy/ports.ts';
import { writeProxyHeader } from '../../proxy/wire/proxy-header.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { loginBytes } from '../session/raw-client.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Far above what a start or a stop takes, also on a busy machine; milliseconds. */
const PATIENCE = 15_000;
/** Sessions have this long to end (`STOP_TIME` of serve.ts), and a process some more to go. */
const STOPPED_WITHIN = 5000;
const READY = 'odplab: the proxy listens on';

/** What must be ended when a test is over, whatever came of it. */
const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A process that was started, in a group of its own. */
class Started {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly exit: Promise<number | null>;
  out = '';
  errors = '';
  #over = false;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, npm_config_loglevel: 'silent' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.exit = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        this.#over = true;
        resolve(code);
      });
    });
    cleanups.push(() => this.#killGroup());
  }

  /** Waits until it has printed this; false if it ended before. */
  async prints(text: string): Promise<boolean> {
    await until(
      () => this.#over || this.out.includes(text),
      () => `to see ${text} in:\n${this.out}${this.errors}`,
    );
    return this.out.includes(text);
  }

  async ended(): Promise<number | null> {
    await until(
      () => this.#over,
      () => `the process to end; it has printed:\n${this.out}${this.errors}`,
      STOPPED_WITHIN,
    );
    return this.exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** As a terminal does with Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.#child.pid!, signal);
  }

  /** Whether anything of the group still runs. */
  get isRunning(): boolean {
    try {
      process.kill(-this.#child.pid!, 0);
      return true;
    } catch {
      return false;
    }
  }

  #killGroup(): void {
    if (this.isRunning) this.signalGroup('SIGKILL');
  }
}

function npmStart(...args: string[]): Started {
  return new Started('npm', ['start', '--', ...args]);
}

function odplab(...args: string[]): Started {
  return new Started(process.execPath, ['--import', 'tsx', 'proxy/cli.ts', ...args]);
}

async function until(condition: () => boolean, what: () => string, patience = PATIENCE): Promise<void> {
  const deadline = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${patience} ms in vain for ${what()}`);
    await sleep(5);
  }
}

/** Listens; resolves with the server, or null if the port is in use. */
function listen(port: number, host: string): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

async function freePort(): Promise<number> {
  const server = await listen(0, '0.0.0.0');
  const { port } = server!.address() as AddressInfo;
  await close(server!);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port, '0.0.0.0');
  if (server === null) return false;
  await close(server);
  return true;
}

let observer: Address;

beforeEach(async () => {
  const cluster = new Cluster(TOPOLOGIES.default.clusters[0], { clock: new NodeClock(), choices: PLAIN, sha1 });
  const it = cluster.observer(1);
  observer = await new Promise((resolve) => it.start(new NodeNetwork(), { host: '127.0.0.1', port: 0 }, resolve));
  cleanups.push(() => it.stop());
});

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

/** The flags for a proxy on this port before the observer of this process. */
function before(port: number): string[] {
  return ['-p', String(port), '-r', `${observer.host}:${observer.port}`, '-c', 'obdemo'];
}

/** A client that is logged in and idle; resolves with its own session's id once it has answered. */
async function loggedIn(port: number): Promise<{ id: number; lost: Promise<string> }> {
  const connection = createConnection({ host: '127.0.0.1', port, user: 'root@sys#obdemo' });
  cleanups.push(() => connection.destroy());
  const lost = new Promise<string>((resolve) => {
    connection.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  const rows = await new Promise<unknown>((resolve, reject) => {
    connection.query('SHOW PROXYSESSION', (error, found) => (error === null ? resolve(found) : reject(error)));
  });
  return { id: (rows as { Id: number }[])[0]!.Id, lost };
}

async function expectGone(started: Started, port: number): Promise<void> {
  expect(await started.ended()).toBe(0);
  expect(started.out).toContain('stopping …');
  await until(
    () => !started.isRunning,
    () => 'the process group to be gone',
    STOPPED_WITHIN,
  );
  expect(await isFree(port)).toBe(true);
}

test('npm start prints the line to connect with and the users; SIGTERM to npm alone stops it', async () => {
  const port = await freePort();
  const started = npmStart('-p', String(port));
  expect(await started.prints('Ctrl-C stops.')).toBe(true);
  expect(started.out).toContain(`${READY} 127.0.0.1:${port}\n`);
  expect(started.out).toMatch(/^cluster obdemo, simulated; observers on 127\.0\.0\.1:\d+$/m);
  expect(started.out).toMatch(/^ {2}tenant sys +users root, dba$/m);
  expect(started.out).toMatch(/^ {2}tenant shop +users root, app, boss, secret \(password s3cret\)$/m);
  expect(started.out).toContain(`  npm run sql -- -P ${port}\n`);
  expect(started.out).toContain(`  mariadb -h 127.0.0.1 -P ${port} -u root@sys#obdemo\n`);
  const { id, lost } = await loggedIn(port);
  expect(id).toBe(1);
  started.signal('SIGTERM');
  // A connection that is cut off would show ECONNRESET.
  expect(await lost).toBe('PROTOCOL_CONNECTION_LOST');
  await expectGone(started, port);
  expect(started.errors).toBe('');
});

/** What a server with this seed says of its first customers. */
async function customersOf(seed: string): Promise<unknown> {
  const port = await freePort();
  const started = odplab('serve', '-p', String(port), '--topology', 'spread', '--seed', seed);
  expect(await started.prints('Ctrl-C stops.')).toBe(true);
  expect(started.out).toMatch(/^seed \d+: customer, product and orders in the database sample/m);
  expect(started.out).toMatch(/observers on( 127\.0\.0\.1:\d+,?){4}$/m);
  const connection = createConnection({ host: '127.0.0.1', port, user: 'app@warehouse#obdemo', database: 'sample' });
  cleanups.push(() => connection.destroy());
  connection.on('error', () => {});
  const rows = await new Promise<unknown>((resolve, reject) => {
    const sql = 'SELECT id, name, email, city FROM customer ORDER BY id LIMIT 3';
    connection.query(sql, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
  started.signal('SIGTERM');
  await expectGone(started, port);
  return rows;
}

test('--seed fills the tenants, each time with the same; --topology spread has four observers', async () => {
  const rows = await customersOf('7');
  expect(rows).toHaveLength(3);
  expect(await customersOf('7')).toEqual(rows);
  expect(await customersOf('8')).not.toEqual(rows);
});

test("an observer's usual port is in use: it takes another", async () => {
  // Null if somebody has it already, which is as well.
  const taken = await listen(2881, '127.0.0.1');
  if (taken !== null) cleanups.push(() => close(taken));
  const port = await freePort();
  const started = odplab('serve', '-p', String(port));
  expect(await started.prints('Ctrl-C stops.')).toBe(true);
  expect(started.out).not.toContain(':2881');
  expect((await loggedIn(port)).id).toBe(1);
  started.signal('SIGTERM');
  await expectGone(started, port);
});

test('Ctrl-C at npm start stops it: the signal comes twice and counts once', async () => {
  const port = await freePort();
  const started = npmStart(...before(port));
  expect(await started.prints(READY)).toBe(true);
  const { lost } = await loggedIn(port);
  started.signalGroup('SIGINT');
  expect(await lost).toBe('PROTOCOL_CONNECTION_LOST');
  await expectGone(started, port);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops odplab serve: exit code 0', async (signal) => {
  const port = await freePort();
  const started = odplab('serve', ...before(port));
  expect(await started.prints(READY)).toBe(true);
  started.signal(signal);
  await expectGone(started, port);
  expect(started.errors).toBe('');
});

test('the log says who was cut off, and who comes through a load balancer', async () => {
  const port = await freePort();
  const items = ['-o', 'proxy_protocol_networks=127.0.0.1', '-o', 'white_list=shop#obdemo=10.0.0.0/8|192.168.1.7'];
  const started = odplab('serve', ...before(port), ...items);
  expect(await started.prints(READY)).toBe(true);
  const balancers: number[] = [];
  for (const [host, user] of [
    ['203.0.113.9', 'app@shop'],
    ['192.168.1.7', 'stranger@shop'],
  ] as const) {
    const socket = connect(port, '127.0.0.1');
    cleanups.push(() => void socket.destroy());
    const over = new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
    socket.resume();
    socket.write(
      Buffer.concat([writeProxyHeader({ host, port: 51_234 }, { host: '127.0.0.1', port }), loginBytes(user)]),
    );
    socket.on('connect', () => balancers.push(socket.localPort!));
    await over;
  }
  const [first, second] = balancers.map((it) => `51234 through 127.0.0.1:${it}`);
  await started.prints('cs 2 (');
  expect(started.out).toContain(
    `cs 1 (not logged in, 203.0.113.9:${first}) ended: 203.0.113.9 is not on the white list of shop#obdemo\n`,
  );
  expect(started.out).toContain(`cs 2 (stranger@shop, 192.168.1.7:${second}) ended: login refused`);
  started.signalGroup('SIGTERM');
  await expectGone(started, port);
});

test('a client that never answers is not waited for', async () => {
  const port = await freePort();
  const started = odplab('serve', ...before(port));
  expect(await started.prints(READY)).toBe(true);
  // It reads its greeting, and keeps its own half open.
  const client: Socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  cleanups.push(() => void client.destroy());
  client.on('error', () => {});
  await new Promise<void>((resolve) => client.once('data', () => resolve()));
  started.signal('SIGTERM');
  await expectGone(started, port);
});

test.each([
  ['127.0.0.1', 'its own simulated cluster', () => []],
  ['0.0.0.0', 'real observers', () => ['-r', `${observer.host}:${observer.port}`]],
] as const)('a port of %s in use, before %s: one line, exit code 1', async (host, _what, flags) => {
  const taken = await listen(0, host);
  cleanups.push(() => close(taken!));
  const { port } = taken!.address() as AddressInfo;
  const started = odplab('serve', '-p', String(port), ...flags());
  expect(await started.ended()).toBe(1);
  expect(started.out).toBe('');
  expect(started.errors).toBe(
    `odplab serve: the proxy cannot listen on ${host}:${port}: the port is in use; choose another with -p\n`,
  );
});

test('a wrong flag: one line, exit code 2', async () => {
  const started = odplab('serve', '--listen-port', '2883');
  expect(await started.ended()).toBe(2);
  expect(started.out).toBe('');
  expect(started.errors).toMatch(/^odplab serve: Unknown option '--listen-port'.* \(odplab serve --help\)\n$/);
});

test('-h explains, exit code 0', async () => {
  const started = npmStart('-h');
  expect(await started.ended()).toBe(0);
  expect(started.out).toContain('odplab serve [OPTIONS]');
  expect(started.errors).toBe('');
});

/** Everything that goes before the first port is opened runs in this process. */
async function served(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  let out = '';
  let errors = '';
  const code = await serve(args, {
    out(text) {
      out += `${text}\n`;
    },
    error(text) {
      errors += `${text}\n`;
    },
  });
  return { code, out, errors };
}

test.each<[args: string[], says: string]>([
  [['-p', 'x'], '-p x: a port is a number from 1025 to 65535'],
  [['-p', '80'], '-p 80: a port is a number from 1025 to 65535'],
  [['-p', '65536'], '-p 65536: a port is a number from 1025 to 65535'],
  [['-r', '127.0.0.1'], '-r 127.0.0.1: a server is written ip:port, several with ; between them'],
  [['-r', '127.0.0.1:2881', '--topology', 'three'], 'give one of them'],
  [['--topology', 'four'], '--topology four: there are default, three, spread and bare'],
  [['-r', '127.0.0.1:2881', '--seed', '7'], 'give one of them'],
  [['--seed', 'seven'], '--seed seven: a seed is a whole number from 0 on'],
  [['--seed', '9007199254740993'], 'a seed is a whole number from 0 on'],
  [['-o', 'kill_sweep_interval'], 'name=value'],
  [['-o', 'kill_sweep_interval=1'], '-o kill_sweep_interval=1: a time with its unit'],
  [['-o', 'proxy_id=256'], '-o proxy_id=256: at most 255'],
  [['-o', 'client_max_connections=many'], 'a whole number'],
  [['-o', 'obproxy_sys_password=secret'], 'the SHA-1 of the password in 40 hex digits'],
  [['-o', 'white_list=10.0.0.0/8'], '-o white_list=10.0.0.0/8: tenant#cluster=NETWORKS'],
  [['-o', 'white_list=shop#obdemo=10.0.0.0/8,10.1.1.1'], '-o 10.1.1.1: configuration items are written name=value'],
  [['-o', 'resource_max_connections=shop#obdemo=x'], 'tenant#cluster=200'],
  [['-o', 'proxy_protocol_networks=localhost'], 'addresses and networks, like 10.0.0.0/8|fd00::/8'],
  [['-o', 'username_separator=ab'], 'characters with ; between them'],
  [['-o', 'inspector_password=secret'], 'the SHA-1 of the password in 40 hex digits'],
  [['--backend', 'postgres'], '--backend postgres: there are oceanbase and mysql'],
  [['--backend', 'mysql'], '--backend mysql needs -r host:port'],
  [['--backend-passwords', 'x'], '--backend-passwords is for --backend mysql'],
  [['--backend', 'mysql', '-r', '127.0.0.1:3306', '--backend-passwords', '/no/such'], 'there is no such file'],
  [['extra'], 'extra'],
])('%j is refused: exit code 2', async (args, says) => {
  const { code, out, errors } = await served(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(errors).toContain(says);
  expect(errors.trimEnd().split('\n')).toHaveLength(1);
});

test.each([['-h'], ['--help']])('%s names every flag', async (flag) => {
  const { code, out, errors } = await served(flag);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  for (const word of ['-p,', '-r,', '-c,', '-o,', '--topology', 'spread ', '--seed', 'kill_sweep_interval', 'Ctrl-C']) {
    expect(out).toContain(word);
  }
});

test('-V', async () => {
  expect(await served('-V')).toMatchObject({
    code: 0,
    errors: '',
    out: expect.stringMatching(/^odplab \d+\.\d+\.\d+/),
  });
});
