/** The CLI rows of tables A to G, D/E and M of clients.md: what is printed for q1, the trigger, q2, q3, q4. */
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../simulator/client/dialects.ts';
import type { FakeSession, Script } from './fake-server.ts';
import { Bench } from './lab-bench.ts';

const QUERY = 'SELECT CONNECTION_ID();';
const TRIGGER = 'KILL ME;';

type Verb = (session: FakeSession) => void;

/** `trigger` is what the server does with the statement TRIGGER, on the first session only. */
function on(trigger: Verb): Script {
  return {
    command(session, text) {
      if (text === 'KILL ME' && session.id === 56_932) trigger(session);
      else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
    },
  };
}

/** `1317`, `2013`, `ok`, `ok+1`, and `2006⟳ok+1`, as in the tables. */
function cell(lines: readonly string[] | null): string {
  if (lines === null) return 'waits';
  const words: string[] = [];
  for (const line of lines) {
    const error = /^ERROR (\d+)/.exec(line)?.[1];
    const id = /^\| +(\d+) +\|$/.exec(line)?.[1];
    if (error !== undefined) words.push(error);
    else if (line.startsWith('No connection')) words.push('⟳');
    else if (id !== undefined) words.push(id === '56932' ? 'ok' : `ok+${Number(id) - 56_932}`);
  }
  return words.join('');
}

function cells(script: Script, dialect: DialectName, reconnect: boolean): string {
  const bench = new Bench(script, { dialect, reconnect });
  bench.run(QUERY);
  return bench.all(TRIGGER, QUERY, QUERY, QUERY).map(cell).join(' · ');
}

const INTERRUPTED = [1317, '70100', 'Query execution was interrupted'] as const;

const MODES: readonly (readonly [mode: string, trigger: Verb, cli: string, skip: string])[] = [
  [
    'A: ERR 1317, FIN',
    (s) => s.err(...INTERRUPTED).fin(),
    '1317 · 2013 · 2006⟳ok+1 · ok+1',
    '1317 · 2013 · 2006 · 2006',
  ],
  [
    'A: ERR 1317, close',
    (s) => s.err(...INTERRUPTED).close(),
    '1317 · 2013 · 2006⟳ok+1 · ok+1',
    '1317 · 2013 · 2006 · 2006',
  ],
  [
    "A'': ERR 1317, RST",
    (s) => s.err(...INTERRUPTED).rst(),
    '1317 · 2006⟳ok+1 · ok+1 · ok+1',
    '1317 · 2006 · 2006 · 2006',
  ],
  ['B: FIN, no answer', (s) => s.fin(), '2013 · 2006⟳ok+1 · ok+1 · ok+1', '2013 · 2006 · 2006 · 2006'],
  ['B: close, no answer', (s) => s.close(), '2013 · 2006⟳ok+1 · ok+1 · ok+1', '2013 · 2006 · 2006 · 2006'],
  ['C: RST, no answer', (s) => s.rst(), '2013 · 2006⟳ok+1 · ok+1 · ok+1', '2013 · 2006 · 2006 · 2006'],
  ['F: ERR 1317, connection kept', (s) => s.err(...INTERRUPTED), '1317 · ok · ok · ok', '1317 · ok · ok · ok'],
  ['G: FIN in a result', (s) => s.halfOfRows().fin(), '2013 · 2006⟳ok+1 · ok+1 · ok+1', '2013 · 2006 · 2006 · 2006'],
  ['G: RST in a result', (s) => s.halfOfRows().rst(), '2013 · 2006⟳ok+1 · ok+1 · ok+1', '2013 · 2006 · 2006 · 2006'],
  ['G: ERR after a row', (s) => s.halfOfRows().err(...INTERRUPTED), '1317 · ok · ok · ok', '1317 · ok · ok · ok'],
];

describe.each(['obclient', 'mariadb', 'mysql'] as const)('%s', (dialect) => {
  it.each(MODES)('%s', (_mode, trigger, cli, skip) => {
    expect(cells(on(trigger), dialect, true)).toBe(cli);
    expect(cells(on(trigger), dialect, false)).toBe(skip);
  });

  it('A‴: ERR 1317, FIN when the next command arrives', () => {
    let killed = false;
    const script: Script = {
      command(session, text) {
        if (killed && session.id === 56_932) session.fin();
        else if (text === 'KILL ME') session.err(...INTERRUPTED);
        else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
        killed ||= text === 'KILL ME';
      },
    };
    expect(cells(script, dialect, true)).toBe('1317 · 2013 · 2006⟳ok+1 · ok+1');
  });

  it.each([
    ['D: FIN while idle', (s: FakeSession) => s.fin(), 'ok · 2013 · 2006⟳ok+1 · ok+1'],
    ['E: RST while idle', (s: FakeSession) => s.rst(), 'ok · 2006⟳ok+1 · ok+1 · ok+1'],
    [
      'I: ERR 4031 while idle, then FIN',
      (s: FakeSession) => s.err(4031, 'HY000', 'inactivity').fin(),
      'ok · 4031 · 2013 · 2006⟳ok+1',
    ],
  ])('%s', (_mode, verb, expected) => {
    const bench = new Bench({}, { dialect });
    const first = cell(bench.run(QUERY));
    verb(bench.server.sessions[0]!);
    bench.world.settle();
    const rest = bench.all(QUERY, QUERY, QUERY).map(cell);
    expect([first, ...rest].join(' · ')).toBe(expected);
  });
});

describe('M: ERR 2006 and 2013 sent by the server', () => {
  const always = (code: number): Script => ({
    command(session, text) {
      if (text === 'KILL ME') session.err(code, 'HY000', 'from the server');
      else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
    },
  });

  it('obclient runs the statement three times on three sessions', () => {
    const bench = new Bench(always(2006));
    bench.run(QUERY);
    expect(cell(bench.run(TRIGGER))).toBe('2006⟳2006⟳2006');
    expect(bench.server.commands.filter((text) => text === 'KILL ME')).toHaveLength(3);
    expect(bench.server.sessions).toHaveLength(3);
  });

  it('obclient -skip and mysql pass 2013 through', () => {
    expect(cells(always(2013), 'obclient', true)).toBe('2013 · ok · ok · ok');
    expect(cells(always(2006), 'obclient', false)).toMatch(/^2006 · /);
  });

  it.each([2006, 2013, 5010])('mariadb shows 2027 for %i', (code) => {
    const bench = new Bench(always(code), { dialect: 'mariadb' });
    expect(bench.all(TRIGGER, QUERY)[0]).toEqual(['ERROR 2027 (HY000): Received malformed packet']);
    expect(bench.server.sessions).toHaveLength(1);
  });
});
