/**
 * A driver before a scripted server in memory: asks four statements as the sheet did (clients.md §0), and says what came
 * back in the sheet's own codes.
 *
 * Every list of the driver's own choices is tried, so what a test sees is all that can happen.
 */
import type { Choices } from '../../proxy/ports.ts';
import {
  DriverClient,
  type DriverError,
  type DriverEvent,
  type Outcome,
} from '../../simulator/client/driver/driver-client.ts';
import { driverNamed } from '../../simulator/client/driver/drivers.ts';
import { World } from '../../simulator/world/world.ts';
import { FakeServer, FIRST_ID, type Script, SERVER, sha1 } from './fake-server.ts';

export const ASK = 'SELECT CONNECTION_ID()';
export const TRIGGER = 'KILL ME';

/** The sheet's pause, and longer than any pool keeps trying. */
const PAUSE = 200;
const PATIENCE = 40_000;

export class DriverBench {
  readonly world = new World();
  readonly server: FakeServer;
  readonly client: DriverClient;
  readonly events: DriverEvent[] = [];

  constructor(name: string, script: (world: World) => Script, choices?: Choices, password = '') {
    this.server = new FakeServer(this.world.network, script(this.world), SERVER);
    const { network, clock } = this.world;
    this.client = new DriverClient(
      driverNamed(name),
      { target: SERVER, user: 'root', password, database: null },
      { network, clock, choices: choices ?? this.world.choices, sha1 },
      (event) => this.events.push(event),
    );
  }

  /** The outcome of one statement, however long it takes; null if it never comes. */
  ask(sql: string): Outcome | null {
    let told: Outcome | null = null;
    this.client.query(sql, (outcome) => {
      told = outcome;
    });
    this.world.settle();
    if (told === null) this.world.advance(PATIENCE);
    return told;
  }

  /** q1, trigger, q2, q3, q4; what the last four gave. */
  cells(pauses: boolean): string {
    const cells: string[] = [];
    const ask = (index: number) => {
      const before = this.events.length;
      this.client.query(index === 1 ? TRIGGER : ASK, (outcome) => {
        cells.push(cell(outcome, this.events.slice(before)));
        if (index === 4) return;
        if (pauses && index > 0) this.world.clock.after(PAUSE, () => ask(index + 1));
        else ask(index + 1);
      });
    };
    ask(0);
    this.world.advance(PATIENCE);
    return cells.slice(1).join(' · ');
  }
}

/** Tries every list of choices: what `run` gave for any of them, sorted. */
export function allOutcomes(run: (choices: Choices) => string): string[] {
  const found = new Set<string>();
  let list: number[] = [];
  for (;;) {
    const choices = new ListedChoices(list);
    found.add(run(choices));
    const next = choices.successor();
    if (next === null) return [...found].sort();
    list = next;
  }
}

class ListedChoices implements Choices {
  readonly #list: readonly number[];
  readonly #taken: (readonly [value: number, n: number])[] = [];

  constructor(list: readonly number[]) {
    this.#list = list;
  }

  choose(_site: string, n: number): number {
    const value = this.#list[this.#taken.length] ?? 0;
    this.#taken.push([value, n]);
    return value;
  }

  /** The next list in order; null behind the last. */
  successor(): number[] | null {
    while (this.#taken.length > 0) {
      const [value, n] = this.#taken.pop()!;
      if (value + 1 < n) return [...this.#taken.map(([it]) => it), value + 1];
    }
    return null;
  }
}

/** The sheet's code of an outcome. */
export function cell(outcome: Outcome, events: readonly DriverEvent[]): string {
  const said = events.filter((event) => event.name === 'reconnecting').map(() => '2006⟳');
  const what = outcome.kind === 'error' ? errorCell(outcome.error) : outcome.kind === 'rows' ? okCell(outcome) : 'OK';
  return said.join('') + what;
}

function okCell(outcome: Outcome & { kind: 'rows' }): string {
  const later = Number(outcome.rows[0]?.[0]) - FIRST_ID;
  return later === 0 ? 'ok' : `ok+${later}`;
}

const BY_CODE: Readonly<Record<string, string>> = {
  PROTOCOL_CONNECTION_LOST: 'PCL',
  ECONNRESET: 'RESET',
  EPIPE: 'EPIPE',
  PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: 'AFTER',
  PROTOCOL_PACKETS_OUT_OF_ORDER: 'OOO',
};

const BY_MESSAGE: readonly (readonly [text: string, code: string])[] = [
  ["Can't add new command when connection is in closed state", 'CLOSED'],
  ['MySQL client is not connected', 'NOTCONN'],
  ['unexpected end of stream', 'EOS'],
  ['Connection reset', 'JRESET'],
  ['Connection is closed', 'JCLOSED'],
  ['invalid connection', 'INV'],
  ['driver: bad connection', 'BAD'],
  ['sql: connection is already closed', 'SQLC'],
];

function errorCell(error: DriverError): string {
  const byCode = BY_CODE[error.code];
  if (byCode !== undefined) return byCode;
  if (error.thrown === 'InterfaceError') return 'IE0';
  if (error.errno === 1317) return error.thrown === 'SQLTimeoutException' ? '1317ᵗ' : '1317';
  if (error.errno !== null && error.errno > 0 && error.errno !== 1220) return String(error.errno);
  return BY_MESSAGE.find(([text]) => error.message.includes(text))?.[1] ?? error.message;
}
