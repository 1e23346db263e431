/**
 * A MariaDB server and the ways to it: straight, through an empty relay, and through `odplab serve` in a process of its own,
 * also with such a relay before it, which notes what the proxy's clients are told.
 *
 * Who administers the server goes straight to it, who administers the proxy through it. It must never know the clients.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as mysql2 from 'mysql2/promise';
import { freePort } from '../free-port.ts';
import { prepareServer } from '../mysql-clients.ts';
import { Relay } from '../relay.ts';
import { MariadbServer } from '../sql/mariadb-server.ts';
import { inTime, PATIENCE, until } from '../until.ts';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const LOOPBACK = '127.0.0.1';
/** A KILL PROXYSESSION of another session takes effect at the next tick; milliseconds. */
const SWEEP = 50;
/** In it a result of 100 MB would have been read; milliseconds. */
const STANDSTILL = 200;
/** ER_NO_SUCH_THREAD: it has gone meanwhile. */
const NO_SUCH_THREAD = 1094;

export const WAYS = ['straight', 'relay', 'proxy', 'relay, proxy'] as const;
export type Way = (typeof WAYS)[number];

export class Lab {
  readonly ports: Readonly<Record<Way, number>>;
  readonly server: mysql2.Connection;
  readonly #mariadb: MariadbServer;
  readonly #relays: Readonly<Partial<Record<Way, Relay>>>;
  readonly #process: ChildProcess;
  readonly #ready: number;
  readonly #proxy: mysql2.Connection;

  private constructor(
    mariadb: MariadbServer,
    server: mysql2.Connection,
    process: ChildProcess,
    port: number,
    proxy: mysql2.Connection,
    relays: Readonly<Record<'relay' | 'relay, proxy', Relay>>,
  ) {
    this.#mariadb = mariadb;
    this.server = server;
    this.#process = process;
    this.#ready = peak(process);
    this.#proxy = proxy;
    this.#relays = relays;
    this.ports = {
      straight: mariadb.port,
      relay: relays.relay.port,
      proxy: port,
      'relay, proxy': relays['relay, proxy'].port,
    };
  }

  static async start(): Promise<Lab> {
    const mariadb = await MariadbServer.start();
    const port = await freePort();
    let child: ChildProcess | undefined;
    try {
      await prepareServer(mariadb.port);
      child = await startProxy(port, mariadb.port);
      const relays = { relay: await Relay.start(mariadb.port), 'relay, proxy': await Relay.start(port) };
      const [server, proxy] = await Promise.all([asRoot(mariadb.port), asRoot(port)]);
      return new Lab(mariadb, server, child, port, proxy, relays);
    } catch (error) {
      child?.kill('SIGKILL');
      await mariadb.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.server.destroy();
    this.#proxy.destroy();
    for (const relay of Object.values(this.#relays)) relay.stop();
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.kill('SIGTERM');
    await inTime(ended, 'odplab serve to end').finally(() => this.#mariadb.stop());
  }

  /** By how much the proxy's process has grown at the most since it was ready for clients; bytes. */
  get growth(): number {
    return peak(this.#process) - this.#ready;
  }

  /** How the far ends of this relay's connections went, see `Relay.takeTold`. */
  told(way: Way): string[] {
    return this.#relays[way]?.takeTold() ?? [];
  }

  /** What the proxy's process has read from its sockets since `before`, once it reads no more; bytes. */
  async readSince(before: number): Promise<number> {
    let last = before;
    await met(async () => {
      const seen = this.read;
      await new Promise((resolve) => setTimeout(resolve, STANDSTILL));
      last = this.read;
      return seen === last;
    }, 'the proxy to stand still');
    return last - before;
  }

  /** What the proxy's process has read since its start; bytes. */
  get read(): number {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${this.#process.pid}/io`, 'utf8'))![1]);
  }

  /**
   * The server's ids of this user's sessions that sleep in a statement with this text in it, or of all. A KILL that comes
   * before the sleep begins would be seen five seconds later.
   */
  async sessions(user: string, sql?: string): Promise<number[]> {
    const text = 'SELECT ID AS id FROM information_schema.processlist WHERE USER = ?';
    const [rows] = await this.server.query(
      sql === undefined ? text : `${text} AND INSTR(INFO, ?) AND STATE = 'User sleep'`,
      [user, sql],
    );
    return (rows as { id: number }[]).map(({ id }) => Number(id));
  }

  /** Resolves with the id of one that is none of these, once it sleeps in a statement with this text in it. */
  async running(user: string, sql: string, others: readonly number[] = []): Promise<number> {
    let found: number | undefined;
    await met(async () => {
      found = (await this.sessions(user, sql)).find((id) => !others.includes(id));
      return found !== undefined;
    }, `${user} to run ${sql}`);
    return found!;
  }

  /** Resolves once the server has no session of this id, and the client has been told on this way. */
  async gone(way: Way, user: string, id: number): Promise<void> {
    let left: number[] = [];
    await met(async () => {
      left = await this.sessions(user);
      return !left.includes(id);
    }, `session ${id} to end`);
    if (way.endsWith('proxy'))
      await met(async () => (await this.seen(user)).length === left.length, 'the proxy to see it');
    const relay = this.#relays[way];
    if (relay !== undefined) await until(() => relay.open === left.length, 'the relay to hand it on');
  }

  /** Resolves once nobody but us is there. */
  async quiet(): Promise<void> {
    const all =
      "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE USER NOT IN ('system user', 'event_scheduler')";
    await met(async () => {
      const [rows] = await this.server.query(all);
      // Ourselves at the server, and behind the proxy.
      return Number((rows as { n: number }[])[0]!.n) === 2 && (await this.seen()).length === 1;
    }, 'every session to end');
    for (const relay of Object.values(this.#relays)) await until(() => relay.open === 0, 'the relays to hand it on');
  }

  /** The proxy's ids of this user's sessions, or of all. */
  async seen(user?: string): Promise<number[]> {
    const [rows] = await this.#proxy.query('SHOW PROXYSESSION');
    return (rows as { Id: number; User: string }[])
      .filter((row) => user === undefined || row.User === user)
      .map(({ Id }) => Number(Id));
  }

  /** KILL PROXYSESSION of this user's only session, by its cs_id; resolves once it is over for the proxy. */
  async killSeen(user: string): Promise<void> {
    const [id] = await this.seen(user);
    await this.#proxy.query(`KILL PROXYSESSION ${id}`);
    await met(async () => !(await this.seen(user)).includes(id!), 'a killed session to end');
  }

  /** Sessions of this user that the server has not yet missed its client for; it looks every five seconds. */
  async sweep(user: string): Promise<void> {
    for (const id of await this.sessions(user)) {
      await this.server.query(`KILL ${id}`).catch((error: { errno?: number }) => {
        if (error.errno !== NO_SUCH_THREAD) throw error;
      });
    }
  }
}

function peak(process: ChildProcess): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)![1]) * 1024;
}

function asRoot(port: number): Promise<mysql2.Connection> {
  return mysql2.createConnection({ host: LOOPBACK, port, user: 'root', database: 'shop', multipleStatements: true });
}

async function startProxy(port: number, server: number): Promise<ChildProcess> {
  const options = ['--backend', 'mysql', '-r', `${LOOPBACK}:${server}`, '-p', String(port)];
  const items = ['-o', `kill_sweep_interval=${SWEEP}ms`];
  const child = spawn(process.execPath, ['--import', 'tsx', 'proxy/cli.ts', 'serve', ...options, ...items], {
    cwd: ROOT,
  });
  let printed = '';
  const listens = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('the proxy listens on')) resolve();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('close', (code) => reject(new Error(`odplab serve has ended with ${code}: ${printed}`)));
  });
  await inTime(listens, 'odplab serve to listen').catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return child;
}

/** Asks again and again; every question is a round trip, so it costs the machine little. */
async function met(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE} ms in vain: ${what}`);
  }
}
