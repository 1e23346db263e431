/**
 * Each client of the table does each of its jobs before a real MariaDB server: straight, through an empty relay, and through
 * `odplab serve`. Only the difference counts, and there is none: in answers, errors, and the events of the sockets.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../driver-clients.ts';
import { allowed, type MatrixName, matrixCell, openMatrixClient } from '../matrix-clients.ts';
import { Programs } from '../program-clients.ts';
import { describeWith, testWith } from '../skip.ts';
import { MARIADB_SERVER } from '../sql/mariadb-server.ts';
import { until } from '../until.ts';
import type { JobLogin, Variant } from './caller.ts';
import { CLIENTS } from './clients.ts';
import { DUMP_JOBS, DUMPED, dumpedAndLoaded, hasOption, killedDump, prepareDump } from './dump.ts';
import { JOBS, type Job, LARGE, LARGE_SEEN, LINES, OTHER, ROWS, SLEEP, type Stage, USER } from './jobs.ts';
import { Lab, type Way } from './lab.ts';
import { openStalled } from './node-callers.ts';
import { EVENTS, oltp, PS_MODES } from './oltp.ts';
import { CLIENT_NAMES, type ClientName, cell, JOB_NAMES, type JobName, printedTable } from './table.ts';

/** Beside `straight`. */
const OTHERS: readonly Way[] = ['relay', 'proxy'];
/** What the proxy may take for results of 100 MB in rows of 1 MB; bytes. */
const MEMORY = 64 * 1024 * 1024;
const START = 60_000;
const ASK = 'SELECT CONNECTION_ID()';
/** It sends a statement whose session was lost before it was answered a second time, on a new session (clients.md §3 B). */
const SENDS_AGAIN = 'DBD::mysql ar=1';

test('the table of the README is the one that is run', () => {
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(`\n${printedTable()}\n`);
});

describeWith(['mariadb', ...MARIADB_SERVER], 'the jobs of the table', () => {
  let lab: Lab;
  const programs = new Programs();
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'odplab-jobs-'));
    file = join(folder, 'fruit.csv');
    const lines = Array.from({ length: LINES }, (_, index) => `${index},fruit ${index * 7}\n`);
    writeFileSync(file, lines.join(''));
    lab = await Lab.start();
    await lab.server.query(`CREATE USER ${OTHER.user} IDENTIFIED BY '${OTHER.password}'`);
    await lab.server.query(`GRANT ALL ON *.* TO ${OTHER.user}`);
    await prepareDump(lab);
  }, START);

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await programs.stop().finally(() => lab?.stop());
  }, START);

  /** Of a test that has failed. */
  const left: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    await Promise.allSettled(left.splice(0).map((caller) => caller.close()));
    await lab?.sweep(USER.user);
  });

  /** The database is empty, and what was told before is forgotten. */
  async function stage(client: ClientName, way: Way): Promise<Stage> {
    await lab.quiet();
    await lab.server.query(`DROP DATABASE IF EXISTS ${USER.database}`);
    await lab.server.query(`CREATE DATABASE ${USER.database}`);
    lab.told(way);
    const known = client === '`mariadb-dump`' ? null : CLIENTS[client];
    return {
      lab,
      way,
      file,
      reconnects: known?.reconnects ?? false,
      // It ends with a segmentation fault, whoever has refused.
      survivesWrong: client !== '`sysbench`',
      async open(other: Partial<JobLogin> = {}, variant: Variant = 'plain') {
        const caller = await known!.open({ port: lab.ports[way], ...USER, ...other }, variant, programs);
        left.push(caller);
        return caller;
      },
    };
  }

  async function expectSame(client: ClientName, { run, proofs }: Job): Promise<readonly string[]> {
    const straight = await run(await stage(client, 'straight'));
    // What all of them fail at proves nothing.
    for (const proof of proofs) expect(straight.join('\n')).toMatch(proof);
    for (const way of OTHERS) expect(await run(await stage(client, way)), way).toEqual(straight);
    await lab.quiet();
    return straight;
  }

  for (const client of CLIENT_NAMES) {
    const known = client === '`mariadb-dump`' ? null : CLIENTS[client];
    const jobs: Readonly<Partial<Record<JobName, Job>>> = known === null ? DUMP_JOBS : JOBS;
    const needs = known?.needs ?? ['mariadb-dump'];
    describe(client, () => {
      for (const name of JOB_NAMES) {
        const what = cell(client, name);
        if (what === 'does') {
          testWith(needs, name, {}, async () => {
            const seen = await expectSame(client, jobs[name]!);
            expect(lab.growth).toBeLessThan(MEMORY);
            if (name === '100 MB result' && known !== null) expect(LARGE_SEEN).toContainEqual(JSON.parse(seen[0]!));
          });
        } else {
          testWith(needs, `${name}: has no ${what.call}`, {}, async () => {
            if (known === null) {
              expect(Object.hasOwn(DUMP_JOBS, name)).toBe(false);
              expect([await hasOption('--single-transaction'), await hasOption(what.call)]).toEqual([true, false]);
              return;
            }
            const caller = await (await stage(client, 'proxy')).open();
            expect([await caller.has(known.call), await caller.has(what.call)]).toEqual([true, false]);
            expect(name === 'prepared' ? caller.execute : caller.changeUser).toBeNull();
            await caller.close();
          });
        }
      }

      if (known !== null) {
        testWith(needs, 'the events of the sockets when it is killed', {}, async () => {
          const plain = await killed(client, 'relay');
          expect(await killed(client, 'relay, proxy')).toEqual(plain);
          expect(plain.told.length).toBeGreaterThanOrEqual(3);
        });
      }

      for (const name of known?.inSheet ?? []) {
        for (const mode of ['B', 'D'] as const) {
          testWith(needs, `KILL PROXYSESSION, table ${mode}: ${name}`, {}, async () => {
            await stage(client, 'proxy');
            const cells = await killedByCsId(name, mode);
            expect(allowed(mode, name, '200 ms'), cells).toContain(cells);
          });
        }
      }
    });
  }

  async function killed(client: ClientName, way: Way) {
    const seen = await JOBS.kill.run(await stage(client, way));
    await lab.quiet();
    return { seen, told: lab.told(way) };
  }

  /** What its caller sees, in the words of clients.md §3: B, while a statement runs, or D, while it is idle. */
  async function killedByCsId(name: MatrixName, mode: 'B' | 'D'): Promise<string> {
    const client = await openMatrixClient(name, { host: '127.0.0.1', port: lab.ports.proxy, ...USER }, programs);
    left.push(client);
    const first = (await client.query(ASK)).session;
    const answers: Answer[] = [];
    if (mode === 'D') {
      answers.push(await client.query(ASK));
      await lab.killSeen(USER.user);
    } else {
      const lost = client.query(SLEEP);
      const once = await lab.running(USER.user, SLEEP);
      await lab.killSeen(USER.user);
      if (name === SENDS_AGAIN) {
        await lab.running(USER.user, SLEEP, [once]);
        await lab.killSeen(USER.user);
      }
      answers.push(await lost);
    }
    await until(() => client.ended?.has(first) ?? true, 'the driver to see the FIN');
    for (let asked = 0; asked < 3; asked += 1) answers.push(await client.query(ASK));
    return answers.map((answer) => matrixCell(name, answer, first)).join(' · ');
  }

  test('a client that does not read holds the server back, not the memory of the proxy', async () => {
    await stage('mysql2', 'proxy');
    const { sent, caller } = await openStalled({ port: lab.ports.proxy, ...USER });
    left.push(caller);
    const before = lab.read;
    const asked = caller.query(LARGE);
    await sent;
    const read = await lab.readSince(before);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(MEMORY);
    expect(lab.growth).toBeLessThan(MEMORY);
    caller.goOn();
    expect(await asked).toBe(ROWS);
  });

  testWith(['mariadb-dump'], 'KILL PROXYSESSION: `mariadb-dump`', {}, async () => {
    const said = await killedDump(await stage('`mariadb-dump`', 'proxy'), () => lab.killSeen(USER.user));
    expect(said).toContain('Lost connection to server during query');
  });

  testWith(['sysbench'], 'KILL PROXYSESSION: `sysbench`', {}, async () => {
    const caller = await (await stage('`sysbench`', 'proxy')).open();
    const lost = caller.query(SLEEP);
    await lab.running(USER.user, SLEEP);
    await lab.killSeen(USER.user);
    expect(JSON.parse(await lost)).toMatchObject({ error: { errno: 2013, sqlState: 'HY000' } });
    expect(JSON.parse(await caller.query(ASK))).toMatchObject({ error: { errno: 2006, sqlState: 'HY000' } });
  });

  testWith(['mariadb-dump'], 'a database is dumped, loaded, and dumped again', {}, async () => {
    const [straight, again] = await dumpedAndLoaded(await stage('`mariadb-dump`', 'straight'));
    expect(again).toBe(straight);
    for (const proof of DUMPED) {
      expect(straight).toContain(proof);
    }
    for (const way of OTHERS) {
      expect(await dumpedAndLoaded(await stage('`mariadb-dump`', way)), way).toEqual([straight, again]);
    }
  });

  for (const mode of PS_MODES) {
    testWith(['sysbench'], `sysbench oltp_read_write, --db-ps-mode=${mode}`, {}, async () => {
      const straight = await oltp(await stage('`sysbench`', 'straight'), mode);
      expect(straight).toMatchObject({ transactions: EVENTS, 'ignored errors': 0, reconnects: 0 });
      expect(straight.prepared! > 0).toBe(mode === 'auto');
      for (const way of OTHERS) expect(await oltp(await stage('`sysbench`', way), mode), way).toEqual(straight);
    });
  }
});
