/**
 * mysql2 and mariadb from npm before the proxy, beside their cells of the matrix (`matrix.test.ts`): who hears of a lost
 * connection, statements that are queued, ODP's own error, and logins that are refused.
 */
import { afterAll, expect, test } from 'vitest';
import { QUERY } from './asked.ts';
import { cellOf } from './cells.ts';
import { CLIENT_NAMES, type ClientName, type DriverClient, openClient } from './driver-clients.ts';
import { DriverLab } from './driver-lab.ts';
import { type Mode, runMatrix } from './matrix-run.ts';
import { Programs } from './program-clients.ts';

/** None is started. */
const programs = new Programs();
afterAll(() => programs.stop());

/** clients.md §4: who hears of a lost connection, if a statement waits on it (B) and if none does (D). */
test.each<[ClientName, Mode, told: string[]]>([
  ['mysql2 conn', 'B', []],
  ['mysql2 conn', 'D', ['PCL']],
  ['mariadb conn', 'B', ['45009']],
  ['mariadb conn', 'D', ['45009']],
])('%s, table %s: its listener for errors is told %j', async (name, mode, told) => {
  expect((await runMatrix(mode, name, '200 ms', programs)).told).toEqual(told);
});

/** One client on a lab of its own. */
async function withClient<T>(name: ClientName, work: (client: DriverClient) => Promise<T>): Promise<T> {
  const lab = await DriverLab.open();
  let client: DriverClient | null = null;
  try {
    client = await openClient(name, lab.login);
    return await work(client);
  } finally {
    await lab.close(client);
  }
}

/** clients.md §8.2: mariadb sends all at once, mysql2 one at a time. */
test.each<[ClientName, string]>([
  ['mysql2 conn', '1317 · PCL · PCL'],
  ['mariadb conn', '1317 · 45009 · 45009'],
])('%s ends itself with two more statements queued: %s', async (name, cells) => {
  await withClient(name, async (client) => {
    const { session } = client;
    const answers = await Promise.all([client.query(`KILL ${session}`), client.query(QUERY), client.query(QUERY)]);
    expect(answers.map((answer) => cellOf(name, answer, session)).join(' · ')).toBe(cells);
  });
});

test.each(CLIENT_NAMES)("%s passes ODP's 5010 on, and the session goes on", async (name) => {
  await withClient(name, async (client) => {
    const q1 = await client.query(QUERY);
    const answers = [await client.query('KILL PROXYSESSION 1'), await client.query('KILL CONNECTION_ID()')];
    // A pool may take another of its sessions for each.
    expect(answers.map((answer) => cellOf(name, answer, q1.session))).toEqual(['5010', '5010']);
    expect(cellOf(name, await client.query(QUERY), q1.session)).toMatch(name === 'mariadb pool' ? /^ok/ : /^ok$/);
  });
});

/** SQLSTATE 42000 is OceanBase's (MySQL: 28000). */
test.each<[what: string, user: string, expected: object]>([
  ['a wrong password', 'secret@shop#obdemo', { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '42000' }],
  ['an unknown tenant', 'root@nowhere#obdemo', { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '42000' }],
  ['an unknown cluster', 'root@sys#nowhere', { errno: 4669, sqlState: 'HY000' }],
])('%s, at a login of either driver', async (_what, user, expected) => {
  const lab = await DriverLab.open();
  try {
    const login = { ...lab.login, user, password: 'wrong' };
    await expect(openClient('mysql2 conn', login)).rejects.toMatchObject(expected);
    await expect(openClient('mariadb conn', login)).rejects.toMatchObject(expected);
  } finally {
    await lab.close(null);
  }
});
