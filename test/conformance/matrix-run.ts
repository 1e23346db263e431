/**
 * One run of the matrix: a client before the proxy and a simulated observer, and what happens to its session in each of
 * the modes A, B, D, F and G of clients.md §3.
 *
 * The clock stands until the test moves it, so a KILL takes effect exactly when the test says so. Where the trigger's FIN
 * comes of a tick, the tick is in the turn of the trigger's answer, so the FIN is on its way when q2 is written.
 */
import { expect } from 'vitest';
import type { Certificate } from '../../proxy/node/tls.ts';
import { askedOf, type Pace, QUERY } from './asked.ts';
import { errorCodeOf } from './cells.ts';
import { isCli } from './cli-client.ts';
import type { Answer, ClientName, DriverClient } from './driver-clients.ts';
import { DriverLab } from './driver-lab.ts';
import { type MatrixName, matrixCell, openMatrixClient } from './matrix-clients.ts';
import { askedWhileLetIn, type LetIn, openedAhead } from './opened-ahead.ts';
import { isProgram, type Programs } from './program-clients.ts';
import { until } from './until.ts';

const SLEEP = 'SELECT SLEEP(100)';
const MANY_ROWS = "SELECT 'row' FROM TABLE(GENERATOR(1000))";
/** Of its answer: the number of columns, one column, EOF, one row. */
const FIRST_ROW = 4;

export type Mode = 'A' | 'B' | 'D' | 'F' | 'G';

/** In the measurements A, D and F were answered at once, B and G had waited for a while. */
const LET_IN: Readonly<Record<Mode, Readonly<Record<Pace, LetIn>>>> = {
  A: { immediate: 'one, while q3 waits for it', '200 ms': 'behind the trigger' },
  B: { immediate: 'while the trigger runs', '200 ms': 'while the trigger runs' },
  D: { immediate: 'one, while q3 waits for it', '200 ms': 'behind the trigger' },
  F: { immediate: 'while q3 runs', '200 ms': 'behind the trigger' },
  G: { immediate: 'while the trigger runs', '200 ms': 'while the trigger runs' },
};

/** It sends a statement whose session was lost before it was answered a second time, on a new session (clients.md §3 B). */
const SENDS_AGAIN = 'DBD::mysql ar=1';

interface Run {
  readonly lab: DriverLab;
  readonly client: DriverClient;
  readonly pace: Pace;
  readonly letIn: LetIn;
  /** The session that served q1. */
  readonly first: number;
  /** Its number at the door. */
  readonly place: number;
}

/** What happens to the session. */
const TRIGGERS: Readonly<Record<Mode, (run: Run) => Promise<Answer>>> = {
  A({ client, first }) {
    return client.query(`KILL ${first}`);
  },
  async B(run) {
    const { lab, client, first } = run;
    const answer = client.query(SLEEP);
    const once = await lab.running(SLEEP);
    await openedAhead(run.lab.door, run.client);
    await lab.kill(first);
    lab.tick();
    if (client.name === SENDS_AGAIN) {
      await lab.running(SLEEP, once);
      await lab.kill(first + 1);
      lab.tick();
    }
    return answer;
  },
  async D({ lab, client, pace, first }) {
    // Until the tick a killed session is served. So the FIN can come in the turn in which it was answered.
    if (pace === 'immediate') await lab.kill(first);
    const answer = await client.query('SELECT 1');
    if (pace === '200 ms') await lab.kill(first);
    lab.tick();
    return answer;
  },
  async F({ lab, client, first }) {
    const answer = client.query(SLEEP);
    await lab.running(SLEEP);
    await lab.killQuery(first);
    lab.poll();
    return answer;
  },
  async G(run) {
    const { lab, client, first } = run;
    // They log in before anything is held.
    await openedAhead(run.lab.door, run.client);
    lab.holdResults(FIRST_ROW);
    const answer = client.query(MANY_ROWS);
    await lab.resultsHeld();
    await lab.kill(first);
    lab.tick();
    lab.releaseResults();
    return answer;
  },
};

/** The pause is not less than it takes the driver to see the FIN, on a machine that is busy with something else, too. */
async function noticed(run: Run, mode: Mode): Promise<void> {
  const { client, first, letIn } = run;
  const { ended } = client;
  if (mode !== 'F' && ended !== null) await until(() => ended.has(first), 'the driver to see the FIN');
  if (letIn === 'behind the trigger') await openedAhead(run.lab.door, run.client);
}

export interface MatrixOutcome {
  /** Of the trigger, q2, q3 and q4. */
  readonly cells: string;
  /** q1's is the first. */
  readonly answers: readonly Answer[];
  /** What the listener for errors was told, of a driver of Node. */
  readonly told: readonly string[];
}

/** `tls`: over TLS, with this certificate; only the drivers of Node can. */
export async function runMatrix(
  mode: Mode,
  name: MatrixName,
  pace: Pace,
  programs: Programs,
  tls: Certificate | null = null,
): Promise<MatrixOutcome> {
  const lab = await DriverLab.open(tls);
  let client: DriverClient | null = null;
  try {
    const place = lab.door.count;
    if (name === 'mariadb pool') lab.door.shutAfter(1);
    client = await openMatrixClient(name, lab.login, programs);
    const q1 = await client.query(QUERY);
    const first = q1.session;
    const it: Run = { lab, client, pace, letIn: LET_IN[mode][pace], first, place };
    const answers = await askedOf(client, pace, {
      trigger: () => TRIGGERS[mode](it),
      endsBehindAnswer: mode === 'D',
      noticed: () => noticed(it, mode),
      q3: () => askedWhileLetIn(lab.door, it.client, it.letIn, place),
    });
    const all = [q1, ...answers];
    const [cell, ...cells] = all.map((answer) => matrixCell(name, answer, first));
    expect(cell, 'q1').toBe('ok');
    const told = isProgram(name) || isCli(name) ? [] : toldTo(name, client, first);
    return { cells: cells.join(' · '), answers: all, told };
  } finally {
    await lab.close(client);
  }
}

function toldTo(name: ClientName, client: DriverClient, first: number): string[] {
  return client.told.map((error) => errorCodeOf(name, error, first));
}

/** Two sessions of the proxy are two sessions of the observer, and one is one. */
export function expectOwnObserverSessions(answers: readonly Answer[]): void {
  const observers = new Map<number, number>();
  for (const answer of answers) {
    if (answer.kind !== 'rows' || answer.sql !== QUERY) continue;
    const [row] = answer.rows as [object];
    const id = Number(Object.values(row)[0]);
    expect(observers.get(answer.session) ?? id).toBe(id);
    observers.set(answer.session, id);
  }
  expect(new Set(observers.values()).size).toBe(observers.size);
}
