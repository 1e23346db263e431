/**
 * The cells of tables A, B, D, F and G of clients.md §3, and how a driver is made to fill one.
 *
 * A run is q1, the trigger, q2, q3, q4, where each q is SELECT CONNECTION_ID(), and what they came to is put into the
 * cell codes of clients.md §0. "Immediate": each statement is issued in the turn of the event loop in which the one
 * before was answered; where the trigger's FIN comes of a tick, the tick is in that turn, too, so the FIN is on its way
 * when q2 is written. "200 ms": a pause before q2, q3 and q4, in which the driver has seen the FIN.
 *
 * mariadb's pool opens nine more connections in the background and takes the idle ones in turn, so its cells say when
 * those came up, too. Left to luck, that differs from run to run; here they are let in as each cell has it (`LET_IN`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Certificate } from '../../proxy/node/tls.ts';
import { cellOf, errorCodeOf } from './cells.ts';
import { type Answer, type ClientName, type DriverClient, openClient } from './driver-clients.ts';
import { DriverLab } from './driver-lab.ts';
import { until } from './until.ts';

export const QUERY = 'SELECT CONNECTION_ID()';
const SLEEP = 'SELECT SLEEP(100)';
const MANY_ROWS = "SELECT 'row' FROM TABLE(GENERATOR(1000))";
/** Of its answer: the number of columns, one column, EOF, one row. */
const FIRST_ROW = 4;

export type Mode = 'A' | 'B' | 'D' | 'F' | 'G';
export type Pace = 'immediate' | '200 ms';

/** Milliseconds. */
const PAUSE = 200;

/** clients.md §3, word for word: trigger · q2 · q3 · q4, immediate and with pauses; `=` is "as immediate". */
const CELLS: Readonly<Record<Mode, Readonly<Record<ClientName, readonly [immediate: string, paused: string]>>>> = {
  A: {
    'mysql2 conn': ['1317 · PCL · CLOSED · CLOSED', '1317 · CLOSED · CLOSED · CLOSED'],
    'mysql2 pool': ['1317 · PCL · ok+1 · ok+1', '1317 · ok+1 · ok+1 · ok+1'],
    'mariadb conn': ['1317 · 45009 · 45013 · 45013', '1317 · 45013 · 45013 · 45013'],
    'mariadb pool': ['1317 · 45009 · ok+1 · ok+1', '1317 · ok+1 · ok+2 · ok+3'],
  },
  B: {
    'mysql2 conn': ['PCL · CLOSED · CLOSED · CLOSED', '='],
    'mysql2 pool': ['PCL · ok+1 · ok+1 · ok+1', '='],
    'mariadb conn': ['45009 · 45013 · 45013 · 45013', '='],
    'mariadb pool': ['45009 · ok+1 · ok+2 · ok+3', '='],
  },
  D: {
    'mysql2 conn': ['ok · PCL · CLOSED · CLOSED', 'ok · CLOSED · CLOSED · CLOSED'],
    'mysql2 pool': ['ok · PCL · ok+1 · ok+1', 'ok · ok+1 · ok+1 · ok+1'],
    'mariadb conn': ['ok · 45009 · 45013 · 45013', 'ok · 45013 · 45013 · 45013'],
    'mariadb pool': ['ok · 45009 · ok+1 · ok+1 / ok · 45009 · ok+1 · ok+2', 'ok · ok+1 · ok+2 · ok+3'],
  },
  F: {
    'mysql2 conn': ['1317 · ok · ok · ok', '='],
    'mysql2 pool': ['1317 · ok · ok · ok', '='],
    'mariadb conn': ['1317 · ok · ok · ok', '='],
    'mariadb pool': ['1317 · ok · ok · ok+1', '1317 · ok · ok+1 · ok+2'],
  },
  G: {
    'mysql2 conn': ['PCL · CLOSED · CLOSED · CLOSED', '='],
    'mysql2 pool': ['PCL · ok+1 · ok+1 · ok+1', '='],
    'mariadb conn': ['45009 · 45013 · 45013 · 45013', '='],
    'mariadb pool': ['45009 · ok+1 · ok+2 · ok+3', '='],
  },
};

/** The outcomes that a cell allows. */
export function outcomes(mode: Mode, client: ClientName, pace: Pace): string[] {
  const [immediate, paused] = CELLS[mode][client];
  return (pace === 'immediate' || paused === '=' ? immediate : paused).split(' / ');
}

/** When the connections that a pool opens ahead come up. */
type LetIn = 'while the trigger runs' | 'behind the trigger' | 'while q3 runs' | 'one, while q3 waits for it';

/** As the cells tell: in the measurements A, D and F were answered at once, B and G had waited for a while. */
const LET_IN: Readonly<Record<Mode, Readonly<Record<Pace, LetIn>>>> = {
  A: { immediate: 'one, while q3 waits for it', '200 ms': 'behind the trigger' },
  B: { immediate: 'while the trigger runs', '200 ms': 'while the trigger runs' },
  D: { immediate: 'one, while q3 waits for it', '200 ms': 'behind the trigger' },
  F: { immediate: 'while q3 runs', '200 ms': 'behind the trigger' },
  G: { immediate: 'while the trigger runs', '200 ms': 'while the trigger runs' },
};

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

/** What happens to the session; each ends in the turn in which the trigger was answered. */
const TRIGGERS: Readonly<Record<Mode, (run: Run) => Promise<Answer>>> = {
  A({ client, first }) {
    return client.query(`KILL ${first}`);
  },
  async B(run) {
    const { lab, client, first } = run;
    const answer = client.query(SLEEP);
    await lab.running(SLEEP);
    await openedAhead(run);
    await lab.kill(first);
    lab.tick();
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
    await openedAhead(run);
    lab.holdResults(FIRST_ROW);
    const answer = client.query(MANY_ROWS);
    await lab.resultsHeld();
    await lab.kill(first);
    lab.tick();
    lab.releaseResults();
    return answer;
  },
};

/** Lets in what a pool opens ahead, and waits until it is idle; the first connection is not counted. */
async function openedAhead({ lab, client }: Run): Promise<void> {
  if (client.opensAhead === 0) return;
  const before = client.idle;
  lab.door.open();
  await until(() => client.idle >= before + client.opensAhead, 'the pool to open all its connections');
}

async function q3({ lab, client, letIn, place }: Run): Promise<Answer> {
  if (client.opensAhead === 0) return client.query(QUERY);
  if (letIn === 'one, while q3 waits for it') {
    const answer = client.query(QUERY);
    lab.door.letOneIn();
    return answer;
  }
  if (letIn === 'while q3 runs') {
    lab.door.holdRequests(place);
    const answer = client.query(QUERY);
    lab.door.open();
    await until(() => client.idle === client.opensAhead, 'the pool to open all its connections');
    lab.door.releaseRequests(place);
    return answer;
  }
  return client.query(QUERY);
}

/** 200 ms, but not less than it takes the driver to see the FIN, on a machine that is busy with something else, too. */
async function pause(run: Run, mode: Mode): Promise<void> {
  const { client, first, letIn } = run;
  if (mode !== 'F') await until(() => client.ended.has(first), 'the driver to see the FIN');
  if (letIn === 'behind the trigger') await openedAhead(run);
  await sleep(PAUSE);
}

export interface Outcome {
  /** Of the trigger, q2, q3 and q4. */
  readonly cells: string;
  /** q1's is the first. */
  readonly answers: readonly Answer[];
  /** What the listener for errors was told. */
  readonly told: readonly string[];
}

/** `tls`: over TLS, with this certificate. */
export async function run(mode: Mode, name: ClientName, pace: Pace, tls: Certificate | null = null): Promise<Outcome> {
  const lab = await DriverLab.open(tls);
  let client: DriverClient | null = null;
  try {
    const place = lab.door.count;
    if (name === 'mariadb pool') lab.door.shutAfter(1);
    client = await openClient(name, lab.login);
    const q1 = await client.query(QUERY);
    const first = q1.session;
    const it: Run = { lab, client, pace, letIn: LET_IN[mode][pace], first, place };
    const answers = [q1, await TRIGGERS[mode](it)];
    if (pace === '200 ms') await pause(it, mode);
    answers.push(await client.query(QUERY));
    if (pace === '200 ms') await sleep(PAUSE);
    answers.push(await q3(it));
    if (pace === '200 ms') await sleep(PAUSE);
    answers.push(await client.query(QUERY));
    const cells = answers.map((answer) => cellOf(name, answer, first));
    expect(cells[0]).toBe('ok');
    const told = client.told.map((error) => errorCodeOf(name, error, first));
    return { cells: cells.slice(1).join(' · '), answers, told };
  } finally {
    await lab.close(client);
  }
}

/** Two sessions of the proxy are two sessions of the observer, and one is one. */
export function expectOwnObserverSessions(answers: readonly Answer[]): void {
  const observers = new Map<number, unknown>();
  for (const answer of answers) {
    if (answer.kind !== 'rows' || answer.sql !== QUERY) continue;
    const [row] = answer.rows as [Record<string, unknown>];
    const id = Number(row['CONNECTION_ID()']);
    expect(observers.get(answer.session) ?? id).toBe(id);
    observers.set(answer.session, id);
  }
  expect(new Set(observers.values()).size).toBe(observers.size);
}
