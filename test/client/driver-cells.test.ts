/** Every driver in every mode of the sheet (clients.md §3, A to G and I): its cell, and where the sheet has two both and no third. */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { DRIVERS } from '../../simulator/client/driver/drivers.ts';
import type { World } from '../../simulator/world/world.ts';
import { ASK, allOutcomes, DriverBench, TRIGGER } from './driver-bench.ts';
import type { FakeSession, Script } from './fake-server.ts';
import { type Mode, sheetRow } from './sheet.ts';

/** Half of the time that "in the middle of a query" may mean: long after the statement, long before anybody else's turn. */
const MIDDLE = 20;

type Verb = (session: FakeSession, world: World) => void;
type Stop = 'fin' | 'close' | 'rst';

function interrupted(session: FakeSession): FakeSession {
  return session.err(1317, '70100', 'Query execution was interrupted');
}

function rows(session: FakeSession): FakeSession {
  return session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
}

const PING = COM.PING.toString(16).padStart(2, '0');

/** `after` is what the server does with every statement behind the trigger on the same session; it answers pings. */
function server(trigger: Verb, after: Verb = rows): (world: World) => Script {
  return (world) => {
    const triggered = new Set<number>();
    return {
      command(session, text) {
        if (text === TRIGGER) {
          triggered.add(session.id);
          trigger(session, world);
        } else if (triggered.has(session.id) && text === ASK) {
          after(session, world);
        } else if (text === PING) {
          session.ok();
        } else {
          rows(session);
        }
      },
    };
  };
}

function silence(): void {}

/** Stops in the middle of the statement, after what `first` has sent of its answer. */
function inTheMiddle(stop: Stop, first: Verb = silence): (world: World) => Script {
  return server((session, world) => {
    first(session, world);
    world.clock.after(MIDDLE, () => session[stop]());
  });
}

const CASES: readonly (readonly [mode: Mode, what: string, script: (world: World) => Script])[] = [
  ['A', 'ERR 1317, FIN', server((session) => interrupted(session).fin())],
  ['A', 'ERR 1317, close', server((session) => interrupted(session).close())],
  [
    "A'",
    'ERR 1317, FIN 50 ms later',
    (world) => {
      const killed = new Set<FakeSession>();
      return {
        command(session, text) {
          if (killed.has(session)) return;
          if (text !== TRIGGER) {
            rows(session);
            return;
          }
          killed.add(interrupted(session));
          world.clock.after(50, () => session.fin());
        },
      };
    },
  ],
  ["A''", 'ERR 1317, RST', server((session) => interrupted(session).rst())],
  ['A‴', 'ERR 1317, FIN at the next statement', server(interrupted, (session) => session.fin())],
  ['A‴', 'ERR 1317, close at the next statement', server(interrupted, (session) => session.close())],
  ['B', 'FIN in the middle of a statement', inTheMiddle('fin')],
  ['B', 'close in the middle of a statement', inTheMiddle('close')],
  ['C', 'RST in the middle of a statement', inTheMiddle('rst')],
  ['D', 'FIN while idle', server((session) => rows(session).fin())],
  ['D', 'close while idle', server((session) => rows(session).close())],
  ['E', 'RST while idle', server((session) => rows(session).rst())],
  ['F', 'ERR 1317, nothing more', server(interrupted)],
  ['G', 'FIN in the middle of a result', inTheMiddle('fin', (session) => session.halfOfRows())],
  ['G', 'close in the middle of a result', inTheMiddle('close', (session) => session.halfOfRows())],
];

/** With RST in place of FIN the Node and Java rows say so, and nobody else (the sheet's notes to A‴ and G). */
const RESET_CASES: readonly (readonly [mode: Mode, what: string, script: (world: World) => Script])[] = [
  ['A‴', 'ERR 1317, RST at the next statement', server(interrupted, (session) => session.rst())],
  ['G', 'RST in the middle of a result', inTheMiddle('rst', (session) => session.halfOfRows())],
];

function reset(outcome: string): string {
  return outcome.replaceAll(/PCL|45009/g, 'RESET').replaceAll('EOS', 'JRESET');
}

/** Not on the sheet; tested in `driver-pools.test.ts`. */
const MEASURED = DRIVERS.map(({ name }) => name).filter((name) => name !== 'C/J Hikari');

describe.each(CASES)('%s: %s', (mode, _what, script) => {
  it.each(MEASURED)('%s', (name) => {
    const row = sheetRow(mode, name);
    const outcomes = (pauses: boolean) =>
      allOutcomes((choices) => new DriverBench(name, script, choices).cells(pauses));
    if (row.immediate.length > 0) expect(outcomes(false)).toEqual([...row.immediate].sort());
    expect(outcomes(true)).toEqual([...row.paused].sort());
  });
});

describe.each(RESET_CASES)('%s: %s', (mode, _what, script) => {
  it.each(MEASURED)('%s', (name) => {
    const row = sheetRow(mode, name);
    const outcomes = (pauses: boolean) =>
      allOutcomes((choices) => new DriverBench(name, script, choices).cells(pauses));
    if (row.immediate.length > 0) expect(outcomes(false)).toEqual(row.immediate.map(reset).sort());
    expect(outcomes(true)).toEqual(row.paused.map(reset).sort());
  });
});

/**
 * Those that act on what comes out of turn, before or after the next command by chance (and `ruby rc`, whose second look
 * may come in time too): not modelled, ODP never sends it.
 */
const ACT_ON_IT = /^(?:mysql2?|mariadb) (?:conn|pool)$|^knex$|^go |^ruby rc$/;

describe('I: ERR 4031 while idle, then FIN', () => {
  const script = server((session) => {
    rows(session);
    session.raw(Buffer.from('0d000000ffbf0f23485930303069646c65', 'hex')).fin();
  });

  it.each(MEASURED.filter((name) => !ACT_ON_IT.test(name)))('%s', (name) => {
    const row = sheetRow('I', name);
    const outcomes = (pauses: boolean) =>
      allOutcomes((choices) => new DriverBench(name, script, choices).cells(pauses));
    expect(outcomes(false)).toEqual([...row.immediate].sort());
    expect(outcomes(true)).toEqual([...row.paused].sort());
  });
});
