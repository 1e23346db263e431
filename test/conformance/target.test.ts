/**
 * The scenarios against `odplab serve`, as a person runs them: a process on a port, real time, one world for all of them.
 *
 * What needs the simulator's own hand is skipped by name; everything else must pass, and it must be at least half.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../proxy/cli/run.ts';
import { readPages } from '../suite/pages.ts';
import { freePort } from './free-port.ts';
import { inTime } from './until.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What sleeps longer is left to people: two scenarios wait 105 s for an idle transaction to be ended. */
const LONGEST = '20s';
/** Measured: 96 s, of which 74 are slept. */
const PATIENCE = 240_000;

let server: ChildProcess;
let port = 0;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-target-'));
  port = await freePort();
  const args = ['--import', 'tsx', 'proxy/cli.ts', 'serve', '-p', String(port)];
  server = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const listening = new Promise<void>((resolve) => {
    server.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('the proxy listens on')) resolve();
    });
  });
  await inTime(listening, 'odplab serve to listen');
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  if (server === undefined || server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await inTime(ended, 'odplab serve to end');
});

it(
  'what is not skipped passes, and that is at least half',
  async () => {
    const report = join(folder, 'report.tap');
    let err = '';
    const code = await run(
      ['--target', `127.0.0.1:${port}`, '--longest', LONGEST, '--reporter', 'tap', '--output', report],
      {
        out() {},
        err(text) {
          err += text;
        },
        colours: false,
      },
    );
    const text = readFileSync(report, 'utf8');
    const points = text.split('\n').filter((line) => /^(?:not )?ok /.test(line));
    const failed = points.filter((line) => line.startsWith('not ok'));
    const skipped = points.filter((line) => line.includes(' # SKIP '));
    expect(failed, text).toEqual([]);
    expect(code, err).toBe(0);
    expect(err).toContain("an ODP before odplab's simulated cluster");
    const scenarios = readPages('scenarios').flatMap((page) => page.scenarios).length;
    expect(points).toHaveLength(scenarios);
    expect(points.length - skipped.length).toBeGreaterThanOrEqual(scenarios / 2);
    // A reason is a name, not a shrug.
    for (const line of skipped) expect(line).toMatch(/ # SKIP needs \S/);
  },
  PATIENCE,
);
