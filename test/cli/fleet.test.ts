/**
 * `odplab fleet` as a process: the big run of two hundred, twice in fresh processes that differ in all that must not count;
 * what it prints, and what it says of wrong flags.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleet } from '../../proxy/cli/fleet.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PATIENCE = 300_000;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function started(args: readonly string[], flags: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const all = [...flags, '--import', 'tsx', 'proxy/cli.ts', 'fleet', ...args];
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 2 ** 24 };
    execFile(process.execPath, all, options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

async function inProcess(...args: string[]): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await fleet(args, {
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    colours: false,
  });
  return { code, out, err };
}

/** The number before or behind some words of the report. */
function number(out: string, pattern: RegExp): number {
  return Number(pattern.exec(out)?.[1]?.replaceAll(',', '') ?? Number.NaN);
}

/** What must be the same: all but real time. */
function withoutSeconds(out: string): string {
  return out.replace(/in \d+\.\d s, [\d,]+ per second/, 'in …');
}

describe('two hundred clients, ten minutes', () => {
  const args = ['--size', '200', '--time', '10m', '--behaviours', 'transfer,administrator', '--seed', '7'];
  const folder = mkdtempSync(join(tmpdir(), 'odplab-fleet-'));
  let first: Ended;
  let second: Ended;

  beforeAll(async () => {
    [first, second] = await Promise.all([
      started(args, [], { TZ: 'UTC', LANG: 'C' }),
      started([...args, '--history', join(folder, 'history')], ['--hash-seed=4711'], {
        TZ: 'Pacific/Kiritimati',
        LANG: 'tr_TR.UTF-8',
      }),
    ]);
  }, PATIENCE);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('much happens', () => {
    const { out } = first;
    expect(number(out, /^statements +([\d,]+)/m)).toBeGreaterThanOrEqual(100_000);
    expect(number(out, /^transfers +([\d,]+) committed/m)).toBeGreaterThanOrEqual(10_000);
    expect(number(out, /^kills +([\d,]+) live/m)).toBeGreaterThanOrEqual(200);
    expect(number(out, /; ([\d,]+) lost in a transaction/)).toBeGreaterThanOrEqual(50);
    expect(number(out, /^rollbacks +([\d,]+) by lock or deadlock/m)).toBeGreaterThanOrEqual(20);
  });

  test('and all is as it must be', () => {
    expect(first.out).toMatch(/✓ 400 accounts together have 400,000, as before; [\d,]+ transfers are there, whole/);
    expect(first.code).toBe(0);
  });

  test('the same history in another process, time zone, language and order of hashes', () => {
    expect(first.out).toMatch(/^history +[0-9a-f]{40} /m);
    expect(withoutSeconds(second.out)).toBe(withoutSeconds(first.out));
    expect(second.code).toBe(0);
  });

  test('the history has a line for each statement', () => {
    const lines = readFileSync(join(folder, 'history'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBe(number(second.out, /^statements +([\d,]+)/m));
    expect(lines.find((line) => line.includes('KILL PROXYSESSION'))).toMatch(/^\d+(?: \+\d+)? \w+@\d+ KILL .* → ok 0$/);
  });

  // The numbers are those of the day: every change of a byte changes them.
  test('the README shows this run', () => {
    const block = readFileSync(join(ROOT, 'README.md'), 'utf8').match(
      /^```\n\$ npm run -s fleet -- (.*)\n([^`]*)^```$/m,
    )!;
    expect(block[1]).toBe(args.join(' '));
    const shape = (text: string) => text.replaceAll(/[\d,]*\d/g, '#').split('\n');
    const lines = shape(first.out);
    const shown = shape(block[2]!).filter((line) => line !== '…');
    expect(shown.length).toBeGreaterThan(4);
    for (const line of shown) expect(lines).toContain(line);
  });

  test('progress is told beside, not in, what is printed', () => {
    expect(first.err.trimEnd().split('\n')).toHaveLength(10);
    expect(first.err).toMatch(/^ {2}60\.0 s lived in [\d.]+ s: [\d,]+ statements, \d+ kills$/m);
    expect(first.out).not.toContain('lived');
  });
});

describe('a small fleet', () => {
  test(
    'of all behaviours, on each topology: everything that was chosen is printed first',
    async () => {
      for (const topology of ['default', 'three', 'spread']) {
        const { code, out } = await inProcess('--time', '20s', '--topology', topology, '--size', '15');
        expect(out).toMatch(
          new RegExp(
            `^seed 1: 15 clients \\(OLTP mix, .*, administrator; drivers of each kind\\), 20.0 s, topology ${topology}, latency 2 ms, ease 1, 40 accounts\n`,
          ),
        );
        expect(out).toContain('✓ 40 accounts together have 40,000, as before');
        expect(code).toBe(0);
      }
    },
    PATIENCE,
  );

  test.each(['0', '1s', '2s'])(
    'on links of %s: the auditor has the patience for it',
    async (latency) => {
      const { code, out } = await inProcess('--time', '60s', '--latency', latency, '--seed', '3');
      expect(out).toContain('✓ 40 accounts together have 40,000, as before');
      expect(code).toBe(0);
    },
    PATIENCE,
  );

  test('with drivers and behaviours that are named', async () => {
    const { code, out } = await inProcess(
      '--time',
      '5s',
      '--drivers',
      'mysql2-pool, go DB',
      '--behaviours',
      'Transfer',
    );
    expect(out).toMatch(/^seed 1: 20 clients \(transfer; mysql2 pool, go DB\)/);
    expect(out).toMatch(/^behaviours {4}transfer \d+/m);
    expect(out).toMatch(/^errors {8}/m);
    expect(code).toBe(0);
  });
});

test('--help', async () => {
  const { code, out } = await inProcess('-h');
  expect(code).toBe(0);
  for (const word of ['--size', 'prepared loop', 'C/J Hikari', 'Exit codes']) expect(out).toContain(word);
});

test.each([
  [['--size', '0'], '--size 0: a whole number from 1 to 8192'],
  [['--size', '1'], '--size 1: for these behaviours it takes 3 or more'],
  [['--time', 'soon'], '--time soon: a time such as 500ms, 90s or 10m'],
  [['--latency', '3s'], '--latency 3s: a time such as 500ms, 90s or 10m, from 0 ms to 2000 ms'],
  [['--latency', '0.5ms'], '--latency 0.5ms: a time such as'],
  [['--seed', '-1'], '--seed -1: a seed is a whole number from 0 on'],
  [['--seed', 'x'], '--seed x: a seed is a whole number from 0 on'],
  [['--behaviours', 'loitering'], '--behaviours loitering: there are OLTP mix, transfer,'],
  [['--behaviours', ','], '--behaviours ,: there are OLTP mix'],
  [['--drivers', 'mysql9'], '--drivers mysql9: there are obclient,'],
  [['--drivers', 'ruby rc', '--behaviours', 'transfer'], 'transfer needs a driver that does not reconnect'],
  [['--topology', 'flat'], '--topology flat: there are default, three, spread, bare'],
  [['--history', '/no/such/folder/x'], 'cannot write /no/such/folder/x: there is no folder'],
  [['--ease', '0'], '--ease 0: a whole number from 1'],
  [['extra'], "Unexpected argument 'extra'"],
])('%j is wrong usage', async (args, words) => {
  const { code, out, err } = await inProcess(...args);
  expect(err).toContain(words);
  expect(err).toMatch(/^odplab fleet: /);
  expect(out).toBe('');
  expect(code).toBe(2);
});
