/**
 * The cells of tables C and E of clients.md §3, a session that is reset while its statement runs and while it is idle:
 * each client straight at a scripted MySQL server that resets, and through the proxy before it. A RST stays one.
 */
import { afterAll, describe, expect } from 'vitest';
import { askedOf, PACES, type Pace, QUERY } from './asked.ts';
import type { DriverClient } from './driver-clients.ts';
import { allowed, MATRIX_NAMES, type MatrixName, matrixCell, neededBy, openMatrixClient } from './matrix-clients.ts';
import { startMysqlProxy, type Way } from './mysql-lab.ts';
import { askedWhileLetIn, type LetIn, openedAhead } from './opened-ahead.ts';
import { Programs } from './program-clients.ts';
import { RESET_ME, ResetServer } from './reset-server.ts';
import { testWith } from './skip.ts';
import { until } from './until.ts';

type Mode = 'C' | 'E';

const TABLES: readonly (readonly [Mode, what: string])[] = [
  ['C', 'reset while its statement runs'],
  ['E', 'reset while it is idle'],
];

/** E was answered at once, C had waited for a while. */
const LET_IN: Readonly<Record<Mode, Readonly<Record<Pace, LetIn>>>> = {
  C: { immediate: 'while the trigger runs', '200 ms': 'while the trigger runs' },
  E: { immediate: 'one, while q3 waits for it', '200 ms': 'behind the trigger' },
};

const programs = new Programs();
afterAll(() => programs.stop());

async function run(mode: Mode, name: MatrixName, pace: Pace, way: Way): Promise<string> {
  const server = await ResetServer.start();
  const proxied = way === 'straight' ? null : await startMysqlProxy(server.address.port);
  const { address } = proxied ?? server;
  let client: DriverClient | null = null;
  try {
    const letIn = LET_IN[mode][pace];
    if (name === 'mariadb pool') server.shutAfter(1);
    client = await openMatrixClient(name, { ...address, user: 'app' }, programs);
    const q1 = await client.query(QUERY);
    const it = client;
    const first = q1.session;
    // The server's own; PDO is told the proxy's.
    const id = q1.kind === 'rows' ? Number(Object.values((q1.rows as object[])[0]!)[0]) : 0;
    const answers = await askedOf(it, pace, {
      async trigger() {
        if (letIn === 'while the trigger runs') await openedAhead(server, it);
        if (mode === 'C') return it.query(RESET_ME);
        const answer = await it.query('SELECT 1');
        server.reset(id);
        return answer;
      },
      endsBehindAnswer: mode === 'E',
      async noticed() {
        const { ended } = it;
        // In C the answer has told it.
        if (mode === 'E' && ended !== null) await until(() => ended.has(first), 'the driver to see the RST');
        if (letIn === 'behind the trigger') await openedAhead(server, it);
      },
      q3: () => askedWhileLetIn(server, it, letIn, 0),
    });
    return answers.map((answer) => matrixCell(name, answer, first)).join(' · ');
  } finally {
    server.open();
    await client?.close();
    proxied?.proxy.stop();
    server.stop();
  }
}

/**
 * Who are by chance told 2013 in place of 2006 if they ask at once (clients.md §11), though six runs of the measurement
 * had none. Straight, the RST has gone when q2 is asked; through the proxy it has another hop to go.
 */
const BY_CHANCE: readonly MatrixName[] = ['mariadb CLI -skip', 'DBD::mysql ar=0', 'PyMySQL'];

function allowedHere(mode: Mode, name: MatrixName, pace: Pace, way: Way): readonly string[] {
  const cells = [...allowed(mode, name, pace)];
  if (mode === 'E' && pace === 'immediate' && way === 'proxy' && BY_CHANCE.includes(name)) {
    cells.push(...cells.map((it) => it.replace('2006', '2013')));
  }
  // Its text says that it was a reset (clients.md §4).
  return name === 'PyMySQL' ? cells.map((it) => it.replace('2013', '2013 reset')) : cells;
}

const RUNS = TABLES.flatMap(([mode, what]) =>
  (['straight', 'proxy'] as const).map((way) => [mode, way, what] as const),
);

describe.each(RUNS)('table %s, %s: %s', (mode, way) => {
  for (const pace of PACES) {
    for (const name of MATRIX_NAMES) {
      // Not measured.
      if (allowedHere(mode, name, pace, way).length === 0) continue;
      // With pauses together, for they mostly wait.
      testWith(neededBy(name), `${name}, ${pace}`, { concurrent: pace === '200 ms' }, async () => {
        const cells = await run(mode, name, pace, way);
        expect(allowedHere(mode, name, pace, way), cells).toContain(cells);
      });
    }
  }
});
